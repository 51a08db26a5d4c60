//! Faults on request: what goes wrong, for which calls, how often.

mod callback;
mod hits;
mod name;
mod rule;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::amount::optional_text;
use crate::bounds::{FAULT_DELAY_MS_DEFAULT, FAULT_DELAY_MS_MAX, RETRY_AFTER_SECONDS_MAX, VALUE_MAX};
use crate::protocol::Verdict;
pub use callback::CallbackFault;
pub use name::FaultError;
pub use rule::FaultRule;
pub(crate) use rule::Faults;

/// The status of a refusal that does not say which.
const REFUSAL_STATUS_DEFAULT: u16 = 400;
/// The status of a server error that does not say which.
const SERVER_ERROR_STATUS_DEFAULT: u16 = 500;

/// What goes wrong.
///
/// Most faults hit a request only when it would be booked: a replay of a request that was booked before is answered as
/// usual, and so is one that an honest provider refuses. The ones that stand before the books hit every call, replays
/// too: [`Answer`](Self::Answer), [`LatencyMs`](Self::LatencyMs), [`LoseRequest`](Self::LoseRequest),
/// [`RefuseConnectionsMs`](Self::RefuseConnectionsMs),
/// [`ServerError`](Self::ServerError), [`Unauthorized`](Self::Unauthorized), [`Forbidden`](Self::Forbidden) and
/// [`TooManyRequests`](Self::TooManyRequests).
///
/// In JSON the name alone (`"forget"`, `"refuse=409"`) or an object with the name and its details
/// (`{"latency_ms": 200}`, `{"settle_less": {"less_by": "0.05"}}`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Drops the connection as if the request had never arrived. Books nothing.
    LoseRequest,
    /// Drops every connection as if the process had ended, and refuses new ones for so many milliseconds, those of
    /// controls too. Books nothing.
    RefuseConnectionsMs(u64),
    /// Books, then drops the connection without an answer.
    LoseAnswerAfterBooking,
    /// Does not book, holds the call, drops the connection; every later attempt of the same request is refused with 400.
    TimeoutThenRefuse {
        /// How long the call is held, in milliseconds.
        #[serde(default = "delay_ms_default")]
        delay_ms: u64,
    },
    /// Refuses. Books nothing, and decides anew when the request is repeated.
    Refuse {
        /// HTTP status: 400, 404, 409 or 422.
        #[serde(default = "refusal_status_default")]
        status: u16,
    },
    /// Says that a person must settle: 501. Books nothing. The protocol has no code for this; `settle-manually` is ours.
    SettleManually,
    /// Says that a person must refund: 501 with the code `refund-manually`. Books nothing.
    RefundManually,
    /// Says that a person must cancel: 501 with the code `cancel-manually`. Books nothing.
    CancelManually,
    /// Does not know the caller: 401. Books nothing.
    Unauthorized {
        /// The header `Retry-After`, in seconds; none when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_seconds: Option<u32>,
    },
    /// Does not let the caller in: 403. Books nothing.
    Forbidden {
        /// The header `Retry-After`, in seconds; none when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_seconds: Option<u32>,
    },
    /// Has had enough for now: 429. Books nothing.
    TooManyRequests {
        /// The header `Retry-After`, in seconds; none when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_seconds: Option<u32>,
    },
    /// Breaks down.
    ServerError {
        /// HTTP status, 500 to 599 without 501, which says that a person must act.
        #[serde(default = "server_error_status_default")]
        status: u16,
        /// Whether it books before; it does not when absent.
        #[serde(default)]
        booked: bool,
    },
    /// Answers 200 with a body that is no JSON.
    UnreadableAnswer {
        /// Whether it books before; it does when absent.
        #[serde(default = "booked_default")]
        booked: bool,
    },
    /// Answers 200 without a body.
    EmptyAnswer {
        /// Whether it books before; it does when absent.
        #[serde(default = "booked_default")]
        booked: bool,
    },
    /// Answers success with another payment's `paymentId`.
    ForeignPaymentId {
        /// Whether it books before; it does when absent.
        #[serde(default = "booked_default")]
        booked: bool,
    },
    /// Answers success with another request's `requestId`.
    ForeignRequestId {
        /// Whether it books before; it does when absent.
        #[serde(default = "booked_default")]
        booked: bool,
    },
    /// Answers a settlement or refund with an id and the value 0, replays too. Books nothing.
    ValueZero,
    /// Answers a settlement or refund with a value of one decimal more than the currency pays.
    TooManyDecimals {
        /// Whether it books before, exactly what was asked; it does when absent.
        #[serde(default = "booked_default")]
        booked: bool,
    },
    /// Denies an authorization.
    Deny,
    /// Leaves an authorization undefined.
    Undefined {
        /// What it comes to by itself, after the configured delay; it waits to be told when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        then: Option<Verdict>,
    },
    /// Answers an authorization with the status null.
    NullStatus {
        /// Whether it books before; it does when absent.
        #[serde(default = "booked_default")]
        booked: bool,
    },
    /// Answers an authorization with a status that the protocol does not have.
    UnknownStatus {
        /// Whether it books before; it does when absent.
        #[serde(default = "booked_default")]
        booked: bool,
    },
    /// Approves an authorization and does not say under which id.
    NullAuthorizationId {
        /// Whether it books before; it does when absent.
        #[serde(default = "booked_default")]
        booked: bool,
    },
    /// Does something else than calling back, once.
    Callback(CallbackFault),
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
    /// Refunds less than asked, but not less than 0, and answers so.
    RefundLess {
        /// How much less, in major units; one minor unit of the currency when absent.
        #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
        less_by: Option<Decimal>,
    },
    /// Refunds more than asked, even beyond the settlement, and answers so.
    RefundMore {
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
    /// Answers success with a null id: ask again. Books nothing until then.
    Pending {
        /// So many times for each request; as long as the rule lasts when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calls: Option<u32>,
    },
    /// Behaves, and answers so many milliseconds late.
    LatencyMs(u64),
    /// Lets every attempt of every request draw one of the other faults, or none, from a documented mixture.
    ///
    /// The draw depends on the seed, the payment, the kind, the request and the attempt only, and counts towards a
    /// rule's `times` when it is a fault.
    Weather {
        /// Which weather: equal seeds give equal draws.
        seed: u64,
    },
}

fn delay_ms_default() -> u64 {
    FAULT_DELAY_MS_DEFAULT
}

fn refusal_status_default() -> u16 {
    REFUSAL_STATUS_DEFAULT
}

fn server_error_status_default() -> u16 {
    SERVER_ERROR_STATUS_DEFAULT
}

/// An answer that cannot be used teaches most where something was booked.
fn booked_default() -> bool {
    true
}

impl Fault {
    pub(crate) fn check(&self) -> Result<(), String> {
        match self {
            Self::TimeoutThenRefuse { delay_ms }
            | Self::LatencyMs(delay_ms)
            | Self::RefuseConnectionsMs(delay_ms)
                if *delay_ms > FAULT_DELAY_MS_MAX =>
            {
                Err(format!("a delay is at most {FAULT_DELAY_MS_MAX} milliseconds"))
            }
            Self::SettleLess { less_by: Some(less_by) } | Self::RefundLess { less_by: Some(less_by) }
                if *less_by <= Decimal::ZERO =>
            {
                Err("less_by must be above 0".to_owned())
            }
            Self::SettleMore { more_by: Some(more_by) } | Self::RefundMore { more_by: Some(more_by) }
                if *more_by <= Decimal::ZERO =>
            {
                Err("more_by must be above 0".to_owned())
            }
            Self::SettleMore { more_by: Some(by) }
            | Self::RefundMore { more_by: Some(by) }
            | Self::SettleLess { less_by: Some(by) }
            | Self::RefundLess { less_by: Some(by) }
                if *by > VALUE_MAX =>
            {
                Err(format!("a difference is at most {VALUE_MAX}"))
            }
            Self::Answer { status, .. } if !(200..=599).contains(status) => {
                Err("status must be 200 to 599".to_owned())
            }
            Self::Refuse { status } if !matches!(status, 400 | 404 | 409 | 422) => {
                Err("a refusal's status must be 400, 404, 409 or 422".to_owned())
            }
            Self::ServerError { status, .. } if !(500..=599).contains(status) || *status == 501 => {
                Err("a server error's status must be 500 to 599, and not 501".to_owned())
            }
            Self::Unauthorized { retry_after_seconds: Some(seconds) }
            | Self::Forbidden { retry_after_seconds: Some(seconds) }
            | Self::TooManyRequests { retry_after_seconds: Some(seconds) }
                if *seconds > RETRY_AFTER_SECONDS_MAX =>
            {
                Err(format!("Retry-After is at most {RETRY_AFTER_SECONDS_MAX} seconds"))
            }
            _ => Ok(()),
        }
    }

    /// Whether the fault can only happen where something is booked.
    fn needs_booking(&self) -> bool {
        !matches!(
            self,
            Self::Answer { .. }
                | Self::LatencyMs(_)
                | Self::LoseRequest
                | Self::RefuseConnectionsMs(_)
                | Self::ServerError { .. }
                | Self::Unauthorized { .. }
                | Self::Forbidden { .. }
                | Self::TooManyRequests { .. }
        )
    }
}
