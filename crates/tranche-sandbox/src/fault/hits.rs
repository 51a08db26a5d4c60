//! Which kinds of call a fault can hit.

use super::{Fault, FaultError};
use crate::protocol::CallKind;

impl Fault {
    /// The kinds of call that the fault can hit, and in words.
    fn hits(&self) -> (&'static [CallKind], &'static str) {
        use CallKind::{Authorization, Callback, Cancellation, Refund, Settlement};
        match self {
            Self::SettleManually | Self::SettleLess { .. } | Self::SettleMore { .. } | Self::SettleTwice => {
                (&[Settlement], "settlements")
            }
            Self::RefundManually | Self::RefundLess { .. } | Self::RefundMore { .. } => {
                (&[Refund], "refunds")
            }
            Self::CancelManually => (&[Cancellation], "cancellations"),
            // A cancellation's answer has no value.
            Self::ValueZero | Self::TooManyDecimals { .. } => {
                (&[Settlement, Refund], "settlements and refunds")
            }
            // An authorization that waits is undefined, and its answer has no `requestId`.
            Self::Pending { .. } | Self::ForeignRequestId { .. } => {
                (&[Settlement, Refund, Cancellation], "settlements, refunds and cancellations")
            }
            Self::Deny
            | Self::Undefined { .. }
            | Self::NullStatus { .. }
            | Self::UnknownStatus { .. }
            | Self::NullAuthorizationId { .. } => (&[Authorization], "authorizations"),
            Self::Callback(_) => (&[Callback], "callbacks"),
            Self::Weather { .. } => {
                (&[Authorization, Settlement, Refund, Cancellation, Callback], "everything")
            }
            _ => (&[Authorization, Settlement, Refund, Cancellation], "calls of the protocol"),
        }
    }

    /// Reads a fault that is to hit this kind of call, as [`FromStr`](std::str::FromStr) does; another is refused.
    pub fn hitting(kind: CallKind, text: &str) -> Result<Self, FaultError> {
        let fault: Self = text.parse()?;
        fault.check_hits(kind).map_err(FaultError::Invalid)?;
        Ok(fault)
    }

    pub(super) fn check_hits(&self, kind: CallKind) -> Result<(), String> {
        let (kinds, words) = self.hits();
        if kinds.contains(&kind) { Ok(()) } else { Err(format!("this fault hits {words} only")) }
    }

    pub(crate) fn can_hit(&self, kind: CallKind) -> bool {
        self.hits().0.contains(&kind)
    }

    /// Whether the fault hits a kind of call without being told that it shall.
    ///
    /// What can go wrong with every call leaves authorizations and callbacks alone, so that a misbehaving provider still
    /// lets payments come about.
    pub(super) fn hits_unasked(&self, kind: CallKind) -> bool {
        let (kinds, _) = self.hits();
        let is_operation = !matches!(kind, CallKind::Authorization | CallKind::Callback);
        kinds.contains(&kind) && (is_operation || kinds.len() == 1)
    }
}
