//! Where a payment stands: how it is decided, how far it may rise, and what is told of it.

use rust_decimal::Decimal;

use super::Payment;
use crate::books::{PaymentBooks, PaymentStatus};
use crate::protocol::{Decision, Delays, Verdict};
use crate::refusal::Refusal;

/// What the answer of `POST /payments` and a callback say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) payment_id: String,
    /// Makes the ids of the authorization, which never change.
    pub(crate) ordinal: u64,
    pub(crate) status: PaymentStatus,
    pub(crate) max_value: Option<Decimal>,
    pub(crate) delays: Delays,
}

impl Payment {
    /// Makes the verdict true, whatever was said before: nothing is authorized any longer, or all of the value is. Nobody
    /// approves a value that is not above 0.
    pub(in crate::ledger) fn decide(&mut self, verdict: Verdict) {
        let zero = Decimal::new(0, self.exponent);
        (self.status, self.authorized) = match verdict {
            Verdict::Approved if self.value > zero => (PaymentStatus::Approved, self.value),
            _ => (PaymentStatus::Denied, zero),
        };
    }

    /// Decides a payment that waited to be asked for again.
    pub(in crate::ledger) fn come_to_repeat(&mut self) {
        if (self.status, self.decision) == (PaymentStatus::Undefined, Decision::AtRepeat) {
            self.decide(Verdict::Approved);
        }
    }

    /// What an undefined payment comes to by itself.
    pub(in crate::ledger) fn verdict(&self) -> Option<Verdict> {
        match (self.status, self.decision) {
            (PaymentStatus::Undefined, Decision::Later(verdict)) => verdict,
            _ => None,
        }
    }

    /// Whether nothing was settled, canceled or released of it.
    pub(in crate::ledger) fn is_untouched(&self) -> bool {
        let moved = [self.settled, self.canceled, self.released];
        moved.iter().all(Decimal::is_zero)
    }

    pub(in crate::ledger) fn standing(&self) -> Standing {
        Standing {
            payment_id: self.asked.payment_id.clone(),
            ordinal: self.ordinal,
            status: self.status,
            max_value: self.max_value,
            delays: self.asked.delays,
        }
    }

    /// How far the authorization may still rise. What was canceled or released is over and never comes back.
    pub(super) fn headroom(&self) -> Decimal {
        let zero = Decimal::new(0, self.exponent);
        if self.canceled > zero || self.released > zero {
            return zero;
        }
        self.max_value.map_or(zero, |most| (most - self.authorized).max(zero))
    }

    /// Raises the authorization so that it covers a settlement that was checked.
    pub(super) fn raise(&mut self, asked: Decimal) {
        let over = asked - self.left();
        if over > Decimal::ZERO {
            self.authorized += over.min(self.headroom());
        }
    }

    /// A payment that is not decided is canceled as a whole, and there is nothing of it to be booked.
    pub(super) fn check_withdrawal(&self, value: Option<Decimal>) -> Result<Decimal, Refusal> {
        match self.cancelable(value)? {
            Some(part) if part < self.value => Err(Refusal::PartialCancellation),
            Some(more) if more > self.value => {
                Err(Refusal::AboveAuthorized { asked: more, left: self.value })
            }
            _ => Ok(Decimal::new(0, self.exponent)),
        }
    }

    pub(in crate::ledger) fn books(&self) -> PaymentBooks {
        PaymentBooks {
            payment_id: self.asked.payment_id.clone(),
            currency: self.asked.currency.clone(),
            status: self.status,
            authorized: self.authorized,
            max_value: self.max_value,
            settled: self.settled,
            refunded: self.refunded,
            canceled: self.canceled,
            released: self.released,
            settlements: self.settlements.clone(),
            refunds: self.refunds.clone(),
            cancellations: self.cancellations.clone(),
            calls: self.calls,
        }
    }
}
