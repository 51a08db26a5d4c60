//! Weather: every call draws a fault, or none.
//!
//! The draw is a hash of the seed, the payment, the kind, the request and the attempt, and of nothing else: two equal
//! runs meet the same faults, whatever the order in which their calls arrive, and a request meets another draw when it
//! is repeated. The weather's provider keeps honest books: it moves less or more than asked and says so, but it never
//! books twice, forgets what it has answered, or refuses what it has booked.

use sha2::{Digest, Sha256};

use crate::bounds::{
    WEATHER_ATTEMPTS_MAX, WEATHER_LATENCY_MS_MAX, WEATHER_LATENCY_MS_MIN, WEATHER_RETRY_AFTER_SECONDS,
};
use crate::fault::{CallbackFault, Fault};
use crate::protocol::{CallKind, Verdict};

/// What a hundred draws bring, on average, in this order; the rest is fair. A draw of what cannot hit a call is fair too.
const MIXTURE: &[(u64, Sky)] = &[
    (5, Sky::Slow),
    (6, Sky::Pending),
    (4, Sky::LostAnswer),
    (3, Sky::LostRequest),
    (3, Sky::ServerError),
    (3, Sky::ServerErrorAfterBooking),
    (3, Sky::TooManyRequests),
    (1, Sky::Unauthorized),
    (1, Sky::Forbidden),
    (2, Sky::Refused),
    (1, Sky::Manual),
    (1, Sky::ValueZero),
    (3, Sky::Less),
    (1, Sky::More),
    (1, Sky::TooManyDecimals),
    (1, Sky::Unreadable),
    (1, Sky::Empty),
    (1, Sky::ForeignPaymentId),
    (1, Sky::ForeignRequestId),
];

/// What may come; the kind of call says which fault that is.
#[derive(Clone, Copy, Debug)]
enum Sky {
    Slow,
    Pending,
    LostAnswer,
    LostRequest,
    ServerError,
    ServerErrorAfterBooking,
    TooManyRequests,
    Unauthorized,
    Forbidden,
    Refused,
    Manual,
    ValueZero,
    Less,
    More,
    TooManyDecimals,
    Unreadable,
    Empty,
    ForeignPaymentId,
    ForeignRequestId,
}

/// The fault that an attempt of a request draws; `None` if the weather is fair. Attempts are counted from 0, and from
/// [`WEATHER_ATTEMPTS_MAX`] on the weather is always fair, so that who repeats is served.
pub(crate) fn draw(
    seed: u64,
    payment_id: &str,
    kind: CallKind,
    request_id: &str,
    attempt: u32,
) -> Option<Fault> {
    if attempt >= WEATHER_ATTEMPTS_MAX {
        return None;
    }
    let [mut drawn, detail] = hash(seed, payment_id, kind, request_id, attempt);
    drawn %= 100;
    for (share, sky) in MIXTURE {
        if drawn < *share {
            return fault(*sky, kind, detail).filter(|fault| fault.can_hit(kind));
        }
        drawn -= share;
    }
    None
}

/// What a hundred callbacks meet, on average, in this order; the rest is as it should be.
const CALLBACKS: &[(u64, CallbackFault)] = &[
    (8, CallbackFault::Lost),
    (8, CallbackFault::Duplicated),
    (5, CallbackFault::Late),
    (5, CallbackFault::Reordered),
    (5, CallbackFault::Retry),
    (2, CallbackFault::BrokenOff),
    (2, CallbackFault::Truncated),
    (1, CallbackFault::Forged),
    (1, CallbackFault::OfAnotherPayment),
];

/// What becomes of a payment's callback; `None` if the weather is fair.
pub(crate) fn draw_callback(seed: u64, payment_id: &str) -> Option<CallbackFault> {
    let [mut drawn, _] = hash(seed, payment_id, CallKind::Callback, payment_id, 0);
    drawn %= 100;
    for (share, fault) in CALLBACKS {
        if drawn < *share {
            return Some(*fault);
        }
        drawn -= share;
    }
    None
}

/// Two numbers. Texts go in behind their lengths, so that no two different calls are the same input.
fn hash(seed: u64, payment_id: &str, kind: CallKind, request_id: &str, attempt: u32) -> [u64; 2] {
    let mut hasher = Sha256::new();
    hasher.update(seed.to_be_bytes());
    for text in [payment_id, name(kind), request_id] {
        hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(text);
    }
    hasher.update(attempt.to_be_bytes());
    let digest = hasher.finalize();
    let number = |bytes: &[u8]| bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    let (left, right) = digest.split_at(8);
    [number(left), number(right)]
}

/// `detail` chooses among the forms that a fault has.
fn fault(sky: Sky, kind: CallKind, detail: u64) -> Option<Fault> {
    use CallKind::{Authorization, Callback, Cancellation, Refund, Settlement};
    let fault = match (sky, kind) {
        (Sky::Slow, _) => {
            let spread_ms = WEATHER_LATENCY_MS_MAX - WEATHER_LATENCY_MS_MIN + 1;
            Fault::LatencyMs(WEATHER_LATENCY_MS_MIN + detail % spread_ms)
        }
        (_, Callback) | (Sky::Less | Sky::More, Authorization | Cancellation) => return None,
        // An authorization waits for its verdict, and its answer has a status where others have a value.
        (Sky::Pending, Authorization) => Fault::Undefined { then: Some(verdict(detail)) },
        (Sky::Manual, Authorization) => Fault::Deny,
        (Sky::ValueZero, Authorization) => Fault::NullStatus { booked: is_booked(detail) },
        (Sky::TooManyDecimals, Authorization) => Fault::UnknownStatus { booked: is_booked(detail) },
        (Sky::ForeignRequestId, Authorization) => Fault::NullAuthorizationId { booked: is_booked(detail) },
        // Pending for this attempt: the next one draws again.
        (Sky::Pending, _) => Fault::Pending { calls: None },
        (Sky::LostAnswer, _) => Fault::LoseAnswerAfterBooking,
        (Sky::LostRequest, _) => Fault::LoseRequest,
        (Sky::ServerError, _) => Fault::ServerError { status: server_error(detail), booked: false },
        (Sky::ServerErrorAfterBooking, _) => {
            Fault::ServerError { status: server_error(detail), booked: true }
        }
        (Sky::TooManyRequests, _) => {
            let seconds = detail.is_multiple_of(2).then_some(WEATHER_RETRY_AFTER_SECONDS);
            Fault::TooManyRequests { retry_after_seconds: seconds }
        }
        (Sky::Unauthorized, _) => Fault::Unauthorized { retry_after_seconds: None },
        (Sky::Forbidden, _) => Fault::Forbidden { retry_after_seconds: None },
        (Sky::Refused, _) => {
            let status = match detail % 4 {
                0 => 400,
                1 => 404,
                2 => 409,
                _ => 422,
            };
            Fault::Refuse { status }
        }
        (Sky::Manual, Settlement) => Fault::SettleManually,
        (Sky::Manual, Refund) => Fault::RefundManually,
        (Sky::Manual, Cancellation) => Fault::CancelManually,
        (Sky::ValueZero, _) => Fault::ValueZero,
        (Sky::Less, Settlement) => Fault::SettleLess { less_by: None },
        (Sky::Less, Refund) => Fault::RefundLess { less_by: None },
        (Sky::More, Settlement) => Fault::SettleMore { more_by: None },
        (Sky::More, Refund) => Fault::RefundMore { more_by: None },
        (Sky::TooManyDecimals, _) => Fault::TooManyDecimals { booked: is_booked(detail) },
        (Sky::Unreadable, _) => Fault::UnreadableAnswer { booked: is_booked(detail) },
        (Sky::Empty, _) => Fault::EmptyAnswer { booked: is_booked(detail) },
        (Sky::ForeignPaymentId, _) => Fault::ForeignPaymentId { booked: is_booked(detail) },
        (Sky::ForeignRequestId, _) => Fault::ForeignRequestId { booked: is_booked(detail) },
    };
    Some(fault)
}

/// How a kind of call is named in the hash. The names never change, so that a seed keeps its meaning.
fn name(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Authorization => "authorizationId",
        CallKind::Settlement => "settleId",
        CallKind::Refund => "refundId",
        CallKind::Cancellation => "cancellationId",
        CallKind::Callback => "callback",
    }
}

/// Three of four payments are approved in the end.
fn verdict(detail: u64) -> Verdict {
    if detail.is_multiple_of(4) { Verdict::Denied } else { Verdict::Approved }
}

fn is_booked(detail: u64) -> bool {
    detail.is_multiple_of(2)
}

fn server_error(detail: u64) -> u16 {
    match detail % 4 {
        0 => 500,
        1 => 502,
        2 => 503,
        _ => 504,
    }
}

#[cfg(test)]
mod tests;
