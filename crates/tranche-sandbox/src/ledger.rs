//! The books: pure bookkeeping, without I/O and without a clock.
//!
//! Idempotency comes before everything that depends on state: a known `requestId` is answered from what was kept,
//! whatever happened to the payment since. Done requests are kept; refused ones are decided anew each time, except
//! those that a fault refuses for good.

mod authorizations;
mod newest;
mod payment;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};

use rust_decimal::Decimal;

use crate::books::{Books, CallCounts, PaymentBooks};
use crate::protocol::{Operation, OperationKind};
use crate::refusal::Refusal;
use newest::Newest;
use payment::Payment;
pub(crate) use payment::Standing;

/// How a booking departs from what was asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Distortion {
    /// Not at all.
    Honest,
    /// A settlement or refund brings less, by this much or by one minor unit.
    Less(Option<Decimal>),
    /// A settlement or refund brings more, by this much or by one minor unit.
    More(Option<Decimal>),
    /// A settlement is booked twice and answered once.
    Twice,
    /// Answered and never booked.
    Forgotten,
    /// Answered with the value 0, and never booked.
    Zero,
    /// Answered, and neither booked nor kept: the request is new when it is repeated.
    Unkept,
    /// Refused, and refused for good.
    RefusedForGood,
    /// Pending; in every answer, or in so many answers to the same request.
    Pending(Option<u32>),
}

/// What was made of an operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Done { id: String, value: Decimal },
    Pending,
}

/// Counts the ids that the sandbox makes, so that two equal runs make equal ids.
#[derive(Debug, Default)]
struct Ids {
    settlements: u64,
    refunds: u64,
    cancellations: u64,
}

impl Ids {
    fn next(&mut self, kind: OperationKind) -> String {
        let (prefix, count) = match kind {
            OperationKind::Settlement => ("SET", &mut self.settlements),
            OperationKind::Refund => ("REF", &mut self.refunds),
            OperationKind::Cancellation => ("CAN", &mut self.cancellations),
        };
        *count += 1;
        format!("{prefix}-{count:06}")
    }
}

/// What the page shows: payments by id, bookings by their payment's id and their place in it.
#[derive(Debug, Default)]
struct News {
    payments: Newest<String>,
    settlements: Newest<(String, usize)>,
    refunds: Newest<(String, usize)>,
    cancellations: Newest<(String, usize)>,
}

impl News {
    fn of(&mut self, kind: OperationKind) -> &mut Newest<(String, usize)> {
        match kind {
            OperationKind::Settlement => &mut self.settlements,
            OperationKind::Refund => &mut self.refunds,
            OperationKind::Cancellation => &mut self.cancellations,
        }
    }
}

/// Every payment, with the ids that were made and the calls that were counted.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    payments: BTreeMap<String, Payment>,
    authorizations: u64,
    /// Payments that a fault refuses for good.
    refused: HashSet<String>,
    /// Attempts to authorize that met the weather.
    attempts: HashMap<String, u32>,
    ids: Ids,
    calls: CallCounts,
    news: News,
}

impl Ledger {
    /// Counts a call for an operation; the payment may be unknown.
    pub(crate) fn count(&mut self, payment_id: &str, kind: OperationKind) {
        let of_payment = self.payments.get_mut(payment_id).map(|payment| &mut payment.calls);
        for calls in [Some(&mut self.calls), of_payment].into_iter().flatten() {
            match kind {
                OperationKind::Settlement => calls.settlement += 1,
                OperationKind::Refund => calls.refund += 1,
                OperationKind::Cancellation => calls.cancellation += 1,
            }
        }
    }

    /// Whether the operation would be booked now, rather than be replayed or refused.
    pub(crate) fn would_book(&self, payment_id: &str, operation: &Operation) -> bool {
        let payment = self.payments.get(payment_id);
        payment.is_some_and(|payment| !payment.remembers(operation) && payment.check(operation).is_ok())
    }

    /// Counts an attempt of a request that the weather is asked about. Says how many came before.
    pub(crate) fn attempt(&mut self, payment_id: &str, operation: &Operation) -> u32 {
        self.payments.get_mut(payment_id).map_or(u32::MAX, |payment| payment.attempt(operation))
    }

    /// Makes an operation, or finds it again.
    pub(crate) fn perform(
        &mut self,
        payment_id: &str,
        operation: &Operation,
        distortion: Distortion,
    ) -> Result<Outcome, Refusal> {
        let payment = self
            .payments
            .get_mut(payment_id)
            .ok_or_else(|| Refusal::PaymentUnknown(payment_id.to_owned()))?;
        let kind = operation.ask.kind();
        let before = payment.booked(kind);
        let outcome = payment.perform(operation, distortion, &mut self.ids);
        for place in before..payment.booked(kind) {
            self.news.of(kind).push((payment_id.to_owned(), place));
        }
        outcome
    }

    /// Everything, in the order of the payments' ids.
    pub(crate) fn books(&self) -> Books {
        Books { payments: self.payments.values().map(Payment::books).collect(), calls: self.calls }
    }

    /// One payment.
    pub(crate) fn payment(&self, payment_id: &str) -> Option<PaymentBooks> {
        self.payments.get(payment_id).map(Payment::books)
    }
}
