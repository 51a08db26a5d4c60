//! `POST /payments`, and what a fault makes of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::strike::{UNREADABLE, foreign, status_code, turned_away};
use super::{Desk, Errand, Reply};
use crate::answer::Answer;
use crate::books::PaymentStatus;
use crate::bounds::CALLBACK_LATE_MS;
use crate::fault::Fault;
use crate::ledger::Standing;
use crate::protocol::{self, Authorization, CallKind, Decision, Verdict};
use crate::refusal::Refusal;
use crate::weather;

/// A status that a reader of the protocol has never heard of.
const STATUS_UNKNOWN: &str = "processing";

impl Desk {
    /// `POST /payments`
    pub(crate) fn authorize(&mut self, body: &Value) -> Reply {
        let asked = match protocol::authorization(body, self.defaults) {
            Ok(asked) => asked,
            Err(refusal) => return Reply::now(Answer::error(&refusal)),
        };
        let books = self.ledger.would_authorize(&asked);
        let found = self.faults.find(&asked.payment_id, CallKind::Authorization, books);
        let hit = found.and_then(|(source, fault)| Some((source, self.come_over(fault, &asked)?)));
        let reply = if let Some((source, fault)) = hit {
            self.faults.spend(source);
            self.strike_authorization(fault, &asked)
        } else {
            Reply::now(self.book(&asked, asked.decision))
        };
        self.ledger.count_authorization(&asked.payment_id);
        reply
    }

    /// The fault that comes of a rule's: weather draws one, or none. Only payments that would come into the books draw.
    fn come_over(&mut self, fault: Fault, asked: &Authorization) -> Option<Fault> {
        let Fault::Weather { seed } = fault else { return Some(fault) };
        let payment_id = &asked.payment_id;
        let attempt = self.ledger.authorization_attempt(payment_id);
        weather::draw(seed, payment_id, CallKind::Authorization, payment_id, attempt)
    }

    fn strike_authorization(&mut self, fault: Fault, asked: &Authorization) -> Reply {
        let failed = |status: u16, code: &str, message: &str| {
            Answer::new(
                status_code(status),
                json!({ "status": "error", "code": code, "message": message, "paymentId": asked.payment_id }),
            )
        };
        let answer = match fault {
            Fault::LoseRequest => return Reply::after(None, 0),
            Fault::RefuseConnectionsMs(refused_ms) => return Reply::refusing(refused_ms),
            Fault::LoseAnswerAfterBooking => {
                self.book(asked, asked.decision);
                return Reply::after(None, 0);
            }
            Fault::TimeoutThenRefuse { delay_ms } => {
                self.ledger.refuse_authorization(&asked.payment_id);
                return Reply::after(None, delay_ms);
            }
            Fault::LatencyMs(late_ms) => {
                return Reply::after(Some(self.book(asked, asked.decision)), late_ms);
            }
            Fault::Answer { status, body } => Answer::new(status_code(status), body),
            Fault::Refuse { status } => failed(status, "refused", "The acquirer refuses."),
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
                self.book_if(booked, asked);
                failed(status, "server-error", "The provider broke down.")
            }
            Fault::UnreadableAnswer { booked } => {
                self.book_if(booked, asked);
                Answer::ok(json!(UNREADABLE))
            }
            Fault::EmptyAnswer { booked } => {
                self.book_if(booked, asked);
                Answer::ok(json!(""))
            }
            Fault::ForeignPaymentId { booked } => {
                self.book_if(booked, asked).with("paymentId", json!(foreign(&asked.payment_id)))
            }
            Fault::NullStatus { booked } => self.book_if(booked, asked).with("status", Value::Null),
            Fault::UnknownStatus { booked } => {
                self.book_if(booked, asked).with("status", json!(STATUS_UNKNOWN))
            }
            Fault::NullAuthorizationId { booked } => {
                self.book_if(booked, asked).with("authorizationId", Value::Null)
            }
            Fault::Forget => self.book_if(false, asked),
            Fault::Deny => self.book(asked, Decision::Now(Verdict::Denied)),
            Fault::Undefined { then } => self.book(asked, Decision::Later(then)),
            // None of these hits an authorization.
            Fault::SettleManually
            | Fault::RefundManually
            | Fault::CancelManually
            | Fault::ForeignRequestId { .. }
            | Fault::ValueZero
            | Fault::TooManyDecimals { .. }
            | Fault::SettleLess { .. }
            | Fault::SettleMore { .. }
            | Fault::RefundLess { .. }
            | Fault::RefundMore { .. }
            | Fault::SettleTwice
            | Fault::Pending { .. }
            | Fault::Callback(_)
            | Fault::Weather { .. } => self.book(asked, asked.decision),
        };
        Reply::now(answer)
    }

    /// Authorizes, or says what would be answered and forgets it.
    fn book_if(&mut self, booked: bool, asked: &Authorization) -> Answer {
        if booked {
            self.book(asked, asked.decision)
        } else {
            told(self.ledger.imagine(asked, asked.decision))
        }
    }

    /// Authorizes or finds again, and sees to what follows: a new payment that is undefined is decided in time, a callback
    /// that waited for a repeat goes out, and so does that of a payment that the repeat decided.
    fn book(&mut self, asked: &Authorization, decision: Decision) -> Answer {
        let before = self.ledger.standing(&asked.payment_id).map(|standing| standing.status);
        let standing = self.ledger.authorize(asked, decision);
        if let Ok(standing) = &standing {
            if before.is_none() && self.ledger.verdict(&standing.payment_id).is_some() {
                let after_ms = asked.decides_after_ms.unwrap_or(self.decides_after_ms);
                let after = Duration::from_millis(after_ms);
                self.errands.push(Errand::Decide { payment_id: standing.payment_id.clone(), after });
            }
            if standing.status != PaymentStatus::Undefined {
                let mut deliveries = self.held.of(&standing.payment_id);
                if before == Some(PaymentStatus::Undefined) {
                    deliveries.extend(self.call_back(&standing.payment_id));
                }
                if !deliveries.is_empty() {
                    let after = Duration::from_millis(CALLBACK_LATE_MS);
                    self.errands.push(Errand::CallBack { deliveries, after });
                }
            }
        }
        told(standing)
    }
}

fn told(standing: Result<Standing, Refusal>) -> Answer {
    match standing {
        Ok(standing) => Answer::authorized(&standing),
        Err(refusal) => Answer::error(&refusal),
    }
}
