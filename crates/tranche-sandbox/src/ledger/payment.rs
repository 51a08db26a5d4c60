//! One payment: what is left of it, and what may still happen to it.
//!
//! Without faults, `settled + canceled + released <= authorized`, and a settlement's `refunded <= value`.

mod check;
mod standing;

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Distortion, Ids, Outcome};
use crate::amount;
use crate::books::{CallCounts, Cancellation, PaymentStatus, Refund, Settlement};
use crate::bounds::REQUESTS_PER_PAYMENT_MAX;
use crate::protocol::{Ask, Authorization, Decision, Operation, OperationKind, Verdict};
use crate::refusal::Refusal;
use crate::terms::{Multiplicity, Replays};

pub(crate) use standing::Standing;

/// What is kept of a request, to answer it the same way again.
#[derive(Debug)]
enum Kept {
    Done { ask: Ask, id: String, value: Decimal },
    RefusedForGood,
    Pending { ask: Ask, answers: u32 },
}

#[derive(Debug)]
pub(super) struct Payment {
    pub(super) asked: Authorization,
    pub(super) ordinal: u64,
    pub(super) calls: CallCounts,
    exponent: u32,
    pub(super) status: PaymentStatus,
    decision: Decision,
    /// What was asked to be authorized, with the currency's decimals.
    value: Decimal,
    /// What it may rise to, with the currency's decimals.
    pub(super) max_value: Option<Decimal>,
    pub(super) authorized: Decimal,
    pub(super) settled: Decimal,
    pub(super) refunded: Decimal,
    pub(super) canceled: Decimal,
    pub(super) released: Decimal,
    pub(super) settlements: Vec<Settlement>,
    pub(super) refunds: Vec<Refund>,
    pub(super) cancellations: Vec<Cancellation>,
    requests: HashMap<(OperationKind, String), Kept>,
    /// Attempts that met the weather.
    attempts: HashMap<(OperationKind, String), u32>,
}

impl Payment {
    /// A payment that is decided now or later. Values that its currency cannot pay are refused.
    pub(super) fn new(asked: Authorization, decision: Decision, ordinal: u64) -> Result<Self, Refusal> {
        let exponent = amount::exponent(&asked.currency).unwrap_or_default();
        let exact = |value: Decimal| {
            amount::in_currency(value, exponent).ok_or_else(|| {
                Refusal::ValueInvalid(format!("{value} has more decimals than {} pays", asked.currency))
            })
        };
        let value = exact(asked.value)?;
        let max_value = asked.max_value.map(exact).transpose()?;
        let zero = Decimal::new(0, exponent);
        let mut payment = Self {
            asked,
            ordinal,
            calls: CallCounts::default(),
            exponent,
            status: PaymentStatus::Undefined,
            decision,
            value,
            max_value,
            authorized: zero,
            settled: zero,
            refunded: zero,
            canceled: zero,
            released: zero,
            settlements: Vec::new(),
            refunds: Vec::new(),
            cancellations: Vec::new(),
            requests: HashMap::new(),
            attempts: HashMap::new(),
        };
        match decision {
            _ if value <= zero => payment.decide(Verdict::Denied),
            Decision::Now(verdict) => payment.decide(verdict),
            Decision::AtRepeat | Decision::Later(_) => {}
        }
        Ok(payment)
    }

    /// Whether the request has an answer that stands.
    pub(super) fn remembers(&self, operation: &Operation) -> bool {
        let key = (operation.ask.kind(), operation.request_id.clone());
        self.asked.terms.replays == Replays::Answered
            && matches!(self.requests.get(&key), Some(Kept::Done { .. } | Kept::RefusedForGood))
    }

    /// How many operations of the kind are booked.
    pub(super) fn booked(&self, kind: OperationKind) -> usize {
        match kind {
            OperationKind::Settlement => self.settlements.len(),
            OperationKind::Refund => self.refunds.len(),
            OperationKind::Cancellation => self.cancellations.len(),
        }
    }

    /// Counts an attempt and says how many came before. A request that there is no room for counts as often repeated.
    pub(super) fn attempt(&mut self, operation: &Operation) -> u32 {
        let key = (operation.ask.kind(), operation.request_id.clone());
        if self.attempts.len() >= REQUESTS_PER_PAYMENT_MAX && !self.attempts.contains_key(&key) {
            return u32::MAX;
        }
        let attempts = self.attempts.entry(key).or_insert(0);
        let before = *attempts;
        *attempts = before.saturating_add(1);
        before
    }

    pub(super) fn perform(
        &mut self,
        operation: &Operation,
        distortion: Distortion,
        ids: &mut Ids,
    ) -> Result<Outcome, Refusal> {
        let key = (operation.ask.kind(), operation.request_id.clone());
        let kept = self.requests.get(&key).filter(|_| self.asked.terms.replays == Replays::Answered);
        let answered = match kept {
            Some(Kept::Done { ask, id, value }) if *ask == operation.ask => {
                return Ok(Outcome::Done { id: id.clone(), value: *value });
            }
            Some(Kept::Pending { ask, answers }) if *ask == operation.ask => *answers,
            Some(Kept::Done { .. } | Kept::Pending { .. }) => {
                return Err(Refusal::RequestReused(operation.request_id.clone()));
            }
            Some(Kept::RefusedForGood) => return Err(Refusal::AfterTimeout),
            None if self.requests.len() >= REQUESTS_PER_PAYMENT_MAX => {
                return Err(Refusal::Full(REQUESTS_PER_PAYMENT_MAX));
            }
            None => 0,
        };
        let value = self.check(operation)?;
        match distortion {
            Distortion::RefusedForGood => {
                self.requests.insert(key, Kept::RefusedForGood);
                return Err(Refusal::AfterTimeout);
            }
            Distortion::Pending(most) if most.is_none_or(|most| answered < most) => {
                let kept = Kept::Pending { ask: operation.ask.clone(), answers: answered.saturating_add(1) };
                self.requests.insert(key, kept);
                return Ok(Outcome::Pending);
            }
            Distortion::Unkept => return Ok(Outcome::Done { id: ids.next(operation.ask.kind()), value }),
            _ => {}
        }
        let (id, value) = self.book(operation, value, distortion, ids);
        let kept = Kept::Done { ask: operation.ask.clone(), id: id.clone(), value };
        self.requests.insert(key, kept);
        Ok(Outcome::Done { id, value })
    }

    /// Books a checked value and says what is answered.
    fn book(
        &mut self,
        operation: &Operation,
        asked: Decimal,
        distortion: Distortion,
        ids: &mut Ids,
    ) -> (String, Decimal) {
        let kind = operation.ask.kind();
        let id = ids.next(kind);
        let zero = Decimal::new(0, self.exponent);
        let or_one = |by: Option<Decimal>| by.unwrap_or_else(|| Decimal::new(1, self.exponent));
        let value = match distortion {
            Distortion::Forgotten => return (id, asked),
            Distortion::Zero => return (id, zero),
            Distortion::Less(by) => (asked - or_one(by)).max(zero),
            Distortion::More(by) => asked + or_one(by),
            _ => asked,
        };
        match &operation.ask {
            Ask::Settle { .. } => {
                self.raise(asked);
                self.settle(&id, &operation.request_id, value);
                if distortion == Distortion::Twice {
                    self.settle(&ids.next(kind), &operation.request_id, value);
                }
                if self.asked.terms.settlements == Multiplicity::OnceReleases {
                    self.released += self.left().max(Decimal::ZERO);
                }
                (id, value)
            }
            Ask::Refund { settle_id, .. } => {
                for settlement in self.settlements.iter_mut().filter(|s| s.settle_id == *settle_id) {
                    settlement.refunded += value;
                }
                self.refunded += value;
                self.refunds.push(Refund {
                    refund_id: id.clone(),
                    request_id: operation.request_id.clone(),
                    settle_id: settle_id.clone(),
                    value,
                });
                (id, value)
            }
            Ask::Cancel { .. } => {
                if self.status == PaymentStatus::Undefined {
                    self.status = PaymentStatus::Canceled;
                }
                self.canceled += asked;
                self.cancellations.push(Cancellation {
                    cancellation_id: id.clone(),
                    request_id: operation.request_id.clone(),
                    value: asked,
                });
                (id, asked)
            }
        }
    }

    fn settle(&mut self, settle_id: &str, request_id: &str, value: Decimal) {
        self.settled += value;
        self.settlements.push(Settlement {
            settle_id: settle_id.to_owned(),
            request_id: request_id.to_owned(),
            value,
            refunded: Decimal::new(0, self.exponent),
        });
    }
}
