//! What a fault makes of a call.

use axum::http::StatusCode;
use rust_decimal::Decimal;
use serde_json::json;

use super::{Desk, Reply};
use crate::answer::Answer;
use crate::fault::Fault;
use crate::ledger::{Distortion, Outcome};
use crate::protocol::Operation;
use crate::refusal::Refusal;
use crate::weather;

/// A page of the kind that stands before many a provider; cut off, so that it is not even that.
pub(super) const UNREADABLE: &str = "<html><body>Bad gate";

impl Desk {
    /// The fault that comes of a rule's: weather draws one, or none.
    pub(super) fn come(&mut self, fault: Fault, payment_id: &str, operation: &Operation) -> Option<Fault> {
        let Fault::Weather { seed } = fault else { return Some(fault) };
        let attempt = self.ledger.attempt(payment_id, operation);
        weather::draw(seed, payment_id, operation.ask.kind().into(), &operation.request_id, attempt)
    }

    /// Lets a fault hit a call. Says whether it happened.
    pub(super) fn strike(&mut self, fault: Fault, payment_id: &str, operation: &Operation) -> (Reply, bool) {
        let kind = operation.ask.kind();
        let request_id = Some(operation.request_id.as_str());
        let failed = |status: u16, code: &str, message: &str| {
            Answer::failed(kind, payment_id, request_id, status_code(status), (code, message))
        };
        let mut perform = |distortion| self.perform(payment_id, operation, distortion);
        let mut book_if = |booked: bool| {
            if booked {
                perform(Distortion::Honest);
            }
        };
        let answer = match fault {
            Fault::LoseRequest => return (Reply::after(None, 0), true),
            Fault::RefuseConnectionsMs(refused_ms) => return (Reply::refusing(refused_ms), true),
            Fault::LoseAnswerAfterBooking => {
                book_if(true);
                return (Reply::after(None, 0), true);
            }
            Fault::TimeoutThenRefuse { delay_ms } => {
                perform(Distortion::RefusedForGood);
                return (Reply::after(None, delay_ms), true);
            }
            Fault::LatencyMs(late_ms) => {
                return (Reply::after(Some(perform(Distortion::Honest).0), late_ms), true);
            }
            Fault::Pending { calls } => {
                let (answer, pending) = perform(Distortion::Pending(calls));
                return (Reply::now(answer), pending);
            }
            Fault::Answer { status, body } => Answer::new(status_code(status), body),
            Fault::Refuse { status } => failed(status, "refused", "The acquirer refuses."),
            Fault::SettleManually => failed(501, "settle-manually", "A person must settle this."),
            Fault::RefundManually => failed(501, "refund-manually", "A person must refund this."),
            Fault::CancelManually => failed(501, "cancel-manually", "A person must cancel this."),
            Fault::Unauthorized { retry_after_seconds } => {
                turned_away(failed(401, "unauthorized", "The caller is not known."), retry_after_seconds)
            }
            Fault::Forbidden { retry_after_seconds } => {
                turned_away(failed(403, "forbidden", "The caller may not do this."), retry_after_seconds)
            }
            Fault::TooManyRequests { retry_after_seconds } => {
                turned_away(failed(429, "too-many-requests", "Ask later."), retry_after_seconds)
            }
            Fault::ServerError { status, booked } => {
                book_if(booked);
                failed(status, "server-error", "The provider broke down.")
            }
            Fault::UnreadableAnswer { booked } => {
                book_if(booked);
                Answer::ok(json!(UNREADABLE))
            }
            Fault::EmptyAnswer { booked } => {
                book_if(booked);
                Answer::ok(json!(""))
            }
            Fault::ForeignPaymentId { booked } => {
                perform(honest_if(booked)).0.with("paymentId", json!(foreign(payment_id)))
            }
            Fault::ForeignRequestId { booked } => {
                perform(honest_if(booked)).0.with("requestId", json!(foreign(&operation.request_id)))
            }
            Fault::TooManyDecimals { booked } => {
                let outcome = self.ledger.perform(payment_id, operation, honest_if(booked));
                answer(payment_id, operation, outcome.map(with_a_decimal_too_many))
            }
            Fault::ValueZero => perform(Distortion::Zero).0,
            Fault::SettleLess { less_by } | Fault::RefundLess { less_by } => {
                perform(Distortion::Less(less_by)).0
            }
            Fault::SettleMore { more_by } | Fault::RefundMore { more_by } => {
                perform(Distortion::More(more_by)).0
            }
            Fault::SettleTwice => perform(Distortion::Twice).0,
            Fault::Forget => perform(Distortion::Forgotten).0,
            // Weather is drawn before, and what comes of it is never weather; the others hit no operation.
            Fault::Weather { .. }
            | Fault::Deny
            | Fault::Undefined { .. }
            | Fault::NullStatus { .. }
            | Fault::UnknownStatus { .. }
            | Fault::NullAuthorizationId { .. }
            | Fault::Callback(_) => perform(Distortion::Honest).0,
        };
        (Reply::now(answer), true)
    }

    /// Makes the operation. Says the answer, and whether it is that the operation is pending.
    pub(super) fn perform(
        &mut self,
        payment_id: &str,
        operation: &Operation,
        distortion: Distortion,
    ) -> (Answer, bool) {
        let outcome = self.ledger.perform(payment_id, operation, distortion);
        let pending = matches!(outcome, Ok(Outcome::Pending));
        (answer(payment_id, operation, outcome), pending)
    }
}

fn answer(payment_id: &str, operation: &Operation, outcome: Result<Outcome, Refusal>) -> Answer {
    let kind = operation.ask.kind();
    let request_id = &operation.request_id;
    match outcome {
        Ok(Outcome::Done { id, value }) => Answer::done(kind, payment_id, request_id, &id, value),
        Ok(Outcome::Pending) => Answer::pending(kind, payment_id, request_id),
        Err(refusal) => Answer::refused(kind, payment_id, Some(request_id), &refusal),
    }
}

pub(super) fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn honest_if(booked: bool) -> Distortion {
    if booked { Distortion::Honest } else { Distortion::Unkept }
}

/// The same answer with the header `Retry-After`, if there are seconds.
pub(super) fn turned_away(answer: Answer, retry_after_seconds: Option<u32>) -> Answer {
    Answer { retry_after_seconds, ..answer }
}

/// An id that is certainly not the given one.
pub(super) fn foreign(id: &str) -> String {
    format!("{id}-of-somebody-else")
}

/// The value has its currency's decimals, so that one more of them is one too many.
fn with_a_decimal_too_many(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Done { id, value } => {
            Outcome::Done { id, value: value + Decimal::new(1, value.scale() + 1) }
        }
        Outcome::Pending => Outcome::Pending,
    }
}
