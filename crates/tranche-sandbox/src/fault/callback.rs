//! What the sandbox does instead of calling back once.

use serde::{Deserialize, Serialize};

/// How a callback goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackFault {
    /// It is never sent.
    Lost,
    /// It is sent twice.
    Duplicated,
    /// It is sent after a repeated `POST /payments` has told the outcome.
    Late,
    /// It is sent after the next callback of any payment.
    Reordered,
    /// It is sent without a body: the caller is to ask again.
    Retry,
    /// It is sent once, with a signature that was changed.
    Forged,
    /// It is sent once, with the body of another payment.
    OfAnotherPayment,
    /// Half of its body is sent, once, as if that were all.
    Truncated,
    /// The connection breaks off in the middle of its body, once.
    BrokenOff,
    /// It is sent once, with a body of [`CALLBACK_HUGE_BYTES`](crate::bounds::CALLBACK_HUGE_BYTES).
    Huge,
    /// It is sent, and then the opposite of it.
    Contradicting,
}

impl CallbackFault {
    const NAMES: [(&str, Self); 11] = [
        ("lost", Self::Lost),
        ("duplicated", Self::Duplicated),
        ("late", Self::Late),
        ("reordered", Self::Reordered),
        ("retry", Self::Retry),
        ("forged", Self::Forged),
        ("of-another-payment", Self::OfAnotherPayment),
        ("truncated", Self::Truncated),
        ("broken-off", Self::BrokenOff),
        ("huge", Self::Huge),
        ("contradicting", Self::Contradicting),
    ];

    /// Reads what stands behind `callback-` in a fault's name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, fault)| *fault)
    }

    /// What stands behind `callback-` in the fault's name.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, fault)| *fault == self).map_or("", |(name, _)| name)
    }
}
