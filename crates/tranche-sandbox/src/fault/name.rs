//! Faults by name, for a command line and for JSON.

use std::str::FromStr;

use super::{CallbackFault, Fault, REFUSAL_STATUS_DEFAULT, SERVER_ERROR_STATUS_DEFAULT};
use crate::bounds::{FAULT_DELAY_MS_DEFAULT, PENDING_CALLS_DEFAULT};
use crate::protocol::Verdict;

/// Why a fault or a rule is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No fault has this name.
    #[error("there is no fault '{0}'; there are {names}", names = names())]
    UnknownName(String),
    /// A rule cannot be; says why.
    #[error("{0}")]
    Invalid(String),
    /// There would be more rules than the sandbox keeps.
    #[error("there can be at most {0} rules")]
    TooMany(usize),
}

/// The names as they are listed to people: `settle-less`, `refuse[=STATUS]`.
fn names() -> String {
    Fault::NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

impl Fault {
    /// Every name that a fault is read from, with what may follow it, and what the sandbox then does.
    pub const NAMES: &[(&str, &str)] = &[
        ("lose-request", "drops the connection as if nothing had arrived; books nothing"),
        (
            "refuse-connections-ms=N",
            "drops every connection and takes none for so many milliseconds; books nothing",
        ),
        ("lose-answer", "books, and drops the connection without an answer"),
        (
            "timeout-then-refuse",
            "books nothing, holds the call for 30 seconds, drops it, refuses every repeat",
        ),
        ("refuse[=STATUS]", "refuses with 400, 404, 409 or 422; books nothing"),
        ("settle-manually", "says that a person must settle, with 501; books nothing"),
        ("refund-manually", "says that a person must refund, with 501; books nothing"),
        ("cancel-manually", "says that a person must cancel, with 501; books nothing"),
        ("unauthorized[=SECONDS]", "answers 401, with Retry-After if seconds are given; books nothing"),
        ("forbidden[=SECONDS]", "answers 403, with Retry-After if seconds are given; books nothing"),
        ("too-many-requests[=SECONDS]", "answers 429, with Retry-After if seconds are given; books nothing"),
        ("server-error[=STATUS]", "answers 500, or another 5xx; books nothing"),
        ("unreadable-answer", "books, and answers 200 with a body that is no JSON"),
        ("empty-answer", "books, and answers 200 without a body"),
        ("foreign-payment-id", "books, and answers with the paymentId of somebody else"),
        ("foreign-request-id", "books, and answers with the requestId of somebody else"),
        ("value-zero", "answers a settlement or refund with an id and the value 0; books nothing"),
        (
            "too-many-decimals",
            "books, and answers a settlement or refund with a value that its currency cannot pay",
        ),
        ("settle-less", "settles one minor unit less than asked"),
        ("settle-more", "settles one minor unit more than asked, even beyond the authorization"),
        ("refund-less", "refunds one minor unit less than asked"),
        ("refund-more", "refunds one minor unit more than asked, even beyond the settlement"),
        ("settle-twice", "books a settlement twice and answers once"),
        ("forget", "answers success and books nothing"),
        ("pending", "says twice to ask again, with a null id, and then books"),
        ("latency-ms=N", "books, and answers so many milliseconds late"),
        ("deny", "denies an authorization"),
        ("undefined", "leaves an authorization undefined until it is told otherwise"),
        ("undefined-approved", "leaves an authorization undefined, and approves it after a while"),
        ("undefined-denied", "leaves an authorization undefined, and denies it after a while"),
        ("null-status", "books, and answers an authorization with the status null"),
        ("unknown-status", "books, and answers an authorization with a status that there is not"),
        ("null-authorization-id", "books, and approves an authorization without its id"),
        ("callback-lost", "never calls back"),
        ("callback-duplicated", "calls back twice"),
        ("callback-late", "calls back after a repeated POST /payments has told the outcome"),
        ("callback-reordered", "calls back after the next callback of any payment"),
        ("callback-retry", "calls back without a body, so that the caller asks again"),
        ("callback-forged", "calls back with a wrong signature, and never with the right one"),
        (
            "callback-of-another-payment",
            "calls back with the body of another payment, and not with the right one",
        ),
        ("callback-truncated", "calls back with half of the body, and not with the whole"),
        (
            "callback-broken-off",
            "breaks the connection off in the middle of the body, and does not call again",
        ),
        ("callback-huge", "calls back with a body of 4 MiB, and not with the right one"),
        ("callback-contradicting", "calls back, and then with the opposite"),
        ("weather=SEED", "draws one of these or none for every call, always the same for the same seed"),
    ];
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads a name such as `settle-less` or `settle_less`, a name with its detail such as `latency-ms=200`, or a JSON
    /// object such as `{"server_error": {"status": 503, "booked": true}}`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let fault = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| FaultError::Invalid(error.to_string()))?
        } else {
            named(text)?
        };
        fault.check().map_err(FaultError::Invalid)?;
        Ok(fault)
    }
}

fn named(text: &str) -> Result<Fault, FaultError> {
    let (name, detail) = text.split_once('=').map_or((text, None), |(name, detail)| (name, Some(detail)));
    let name = name.replace('_', "-");
    if let (Some(callback), None) = (name.strip_prefix("callback-"), detail) {
        let unknown = || FaultError::UnknownName(text.to_owned());
        return CallbackFault::named(callback).map(Fault::Callback).ok_or_else(unknown);
    }
    match (name.as_str(), detail) {
        ("refuse", status) => {
            Ok(Fault::Refuse { status: number(&name, status)?.unwrap_or(REFUSAL_STATUS_DEFAULT) })
        }
        ("unauthorized", seconds) => Ok(Fault::Unauthorized { retry_after_seconds: number(&name, seconds)? }),
        ("forbidden", seconds) => Ok(Fault::Forbidden { retry_after_seconds: number(&name, seconds)? }),
        ("too-many-requests", seconds) => {
            Ok(Fault::TooManyRequests { retry_after_seconds: number(&name, seconds)? })
        }
        ("server-error", status) => {
            let status = number(&name, status)?.unwrap_or(SERVER_ERROR_STATUS_DEFAULT);
            Ok(Fault::ServerError { status, booked: false })
        }
        ("latency-ms", late_ms) => {
            let missing =
                || FaultError::Invalid("'latency-ms' needs a number, as in latency-ms=200".to_owned());
            Ok(Fault::LatencyMs(number(&name, late_ms)?.ok_or_else(missing)?))
        }
        ("refuse-connections-ms", refused_ms) => {
            let missing = || {
                FaultError::Invalid(
                    "'refuse-connections-ms' needs a number, as in refuse-connections-ms=200".to_owned(),
                )
            };
            Ok(Fault::RefuseConnectionsMs(number(&name, refused_ms)?.ok_or_else(missing)?))
        }
        ("weather", seed) => {
            let missing = || FaultError::Invalid("'weather' needs a seed, as in weather=7".to_owned());
            Ok(Fault::Weather { seed: number(&name, seed)?.ok_or_else(missing)? })
        }
        (name, None) => alone(name).ok_or_else(|| FaultError::UnknownName(text.to_owned())),
        (name, Some(_)) if alone(name).is_some() => {
            Err(FaultError::Invalid(format!("nothing follows the name '{name}'; its details are JSON")))
        }
        _ => Err(FaultError::UnknownName(text.to_owned())),
    }
}

/// The faults whose name says everything.
fn alone(name: &str) -> Option<Fault> {
    let fault = match name {
        "lose-request" => Fault::LoseRequest,
        "lose-answer" | "lose-answer-after-booking" => Fault::LoseAnswerAfterBooking,
        "timeout-then-refuse" => Fault::TimeoutThenRefuse { delay_ms: FAULT_DELAY_MS_DEFAULT },
        "settle-manually" => Fault::SettleManually,
        "refund-manually" => Fault::RefundManually,
        "cancel-manually" => Fault::CancelManually,
        "unreadable-answer" => Fault::UnreadableAnswer { booked: true },
        "empty-answer" => Fault::EmptyAnswer { booked: true },
        "foreign-payment-id" => Fault::ForeignPaymentId { booked: true },
        "foreign-request-id" => Fault::ForeignRequestId { booked: true },
        "value-zero" => Fault::ValueZero,
        "too-many-decimals" => Fault::TooManyDecimals { booked: true },
        "settle-less" => Fault::SettleLess { less_by: None },
        "settle-more" => Fault::SettleMore { more_by: None },
        "refund-less" => Fault::RefundLess { less_by: None },
        "refund-more" => Fault::RefundMore { more_by: None },
        "settle-twice" => Fault::SettleTwice,
        "forget" => Fault::Forget,
        "deny" => Fault::Deny,
        "undefined" => Fault::Undefined { then: None },
        "undefined-approved" => Fault::Undefined { then: Some(Verdict::Approved) },
        "undefined-denied" => Fault::Undefined { then: Some(Verdict::Denied) },
        "null-status" => Fault::NullStatus { booked: true },
        "unknown-status" => Fault::UnknownStatus { booked: true },
        "null-authorization-id" => Fault::NullAuthorizationId { booked: true },
        "pending" => Fault::Pending { calls: Some(PENDING_CALLS_DEFAULT) },
        _ => return None,
    };
    Some(fault)
}

fn number<N: FromStr>(name: &str, detail: Option<&str>) -> Result<Option<N>, FaultError> {
    let read = |detail: &str| {
        let invalid = |_| FaultError::Invalid(format!("'{detail}' is no number that can follow '{name}'"));
        detail.parse().map_err(invalid)
    };
    detail.map(read).transpose()
}
