//! Faults on request: what goes wrong, for which calls, how often.

mod name;
mod rule;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::amount::optional_text;
use crate::bounds::{FAULT_DELAY_MS_DEFAULT, FAULT_DELAY_MS_MAX};
use crate::protocol::OperationKind;
pub use name::FaultError;
pub use rule::FaultRule;
pub(crate) use rule::Faults;

/// What goes wrong.
///
/// Faults about a booking hit a request only when it would be booked: a replay of a request that was booked before is
/// answered as usual, and so is one that an honest provider refuses.
///
/// In JSON the name alone (`"forget"`) or an object with the name and its details (`{"latency_ms": 200}`,
/// `{"settle_less": {"less_by": "0.05"}}`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Books, then drops the connection without an answer.
    LoseAnswerAfterBooking,
    /// Does not book, holds the call, drops the connection; every later attempt of the same request is refused with 400.
    TimeoutThenRefuse {
        /// How long the call is held, in milliseconds.
        #[serde(default = "delay_ms_default")]
        delay_ms: u64,
    },
    /// Settles less than asked, but not less than 0, and answers so.
    SettleLess {
        /// How much less, in major units; one minor unit of the currency when absent.
        #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
        less_by: Option<Decimal>,
    },
    /// Settles more than asked, even beyond the authorization, and answers so.
    SettleMore {
        /// How much more, in major units; one minor unit of the currency when absent.
        #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
        more_by: Option<Decimal>,
    },
    /// Books a settlement twice, even beyond the authorization, and answers once.
    SettleTwice,
    /// Answers success with an id and books nothing.
    Forget,
    /// Gives this answer, to replays too, and books nothing.
    Answer {
        /// HTTP status, 200 to 599.
        status: u16,
        /// The body: a string is sent as it is, anything else as JSON.
        body: Value,
    },
    /// Answers success with a null id: ask again.
    Pending {
        /// So many times for each request; as long as the rule lasts when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calls: Option<u32>,
    },
    /// Behaves, and answers so many milliseconds late.
    LatencyMs(u64),
}

fn delay_ms_default() -> u64 {
    FAULT_DELAY_MS_DEFAULT
}

impl Fault {
    fn check(&self) -> Result<(), String> {
        match self {
            Self::TimeoutThenRefuse { delay_ms } | Self::LatencyMs(delay_ms)
                if *delay_ms > FAULT_DELAY_MS_MAX =>
            {
                Err(format!("a delay is at most {FAULT_DELAY_MS_MAX} milliseconds"))
            }
            Self::SettleLess { less_by: Some(less_by) } if *less_by <= Decimal::ZERO => {
                Err("less_by must be above 0".to_owned())
            }
            Self::SettleMore { more_by: Some(more_by) } if *more_by <= Decimal::ZERO => {
                Err("more_by must be above 0".to_owned())
            }
            Self::Answer { status, .. } if !(200..=599).contains(status) => {
                Err("status must be 200 to 599".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Whether the fault can only happen where something is booked.
    fn needs_booking(&self) -> bool {
        !matches!(self, Self::Answer { .. } | Self::LatencyMs(_))
    }

    fn can_hit(&self, kind: OperationKind) -> bool {
        kind == OperationKind::Settlement
            || !matches!(self, Self::SettleLess { .. } | Self::SettleMore { .. } | Self::SettleTwice)
    }
}
