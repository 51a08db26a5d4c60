//! Faults by name, for a command line and for JSON.

use std::str::FromStr;

use super::Fault;
use crate::bounds::{FAULT_DELAY_MS_DEFAULT, PENDING_CALLS_DEFAULT};

/// Why a fault or a rule is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No fault has this name.
    #[error(
        "there is no fault '{0}'; there are lose-answer, timeout-then-refuse, settle-less, settle-more, settle-twice, \
         forget, pending and latency-ms=N"
    )]
    UnknownName(String),
    /// A rule cannot be; says why.
    #[error("{0}")]
    Invalid(String),
    /// There would be more rules than the sandbox keeps.
    #[error("there can be at most {0} rules")]
    TooMany(usize),
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads a name such as `settle-less` or `settle_less`, or `latency-ms=200`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let unknown = || FaultError::UnknownName(text.to_owned());
        let name = text.replace('_', "-");
        match name.as_str() {
            "lose-answer" | "lose-answer-after-booking" => Ok(Self::LoseAnswerAfterBooking),
            "timeout-then-refuse" => Ok(Self::TimeoutThenRefuse { delay_ms: FAULT_DELAY_MS_DEFAULT }),
            "settle-less" => Ok(Self::SettleLess { less_by: None }),
            "settle-more" => Ok(Self::SettleMore { more_by: None }),
            "settle-twice" => Ok(Self::SettleTwice),
            "forget" => Ok(Self::Forget),
            "pending" => Ok(Self::Pending { calls: Some(PENDING_CALLS_DEFAULT) }),
            other => {
                let latency_ms = other.strip_prefix("latency-ms=").ok_or_else(unknown)?;
                let fault = Self::LatencyMs(latency_ms.parse().map_err(|_| unknown())?);
                fault.check().map_err(FaultError::Invalid)?;
                Ok(fault)
            }
        }
    }
}
