//! What an honest provider would do with a request.

use rust_decimal::Decimal;

use super::Payment;
use crate::amount;
use crate::books::PaymentStatus;
use crate::protocol::{Ask, Operation};
use crate::refusal::Refusal;
use crate::terms::{CancellationValue, Multiplicity};

impl Payment {
    /// What an honest provider would book for a new request, with the currency's decimals.
    pub(in crate::ledger) fn check(&self, operation: &Operation) -> Result<Decimal, Refusal> {
        match (self.status, &operation.ask) {
            (PaymentStatus::Approved, _) => {}
            (PaymentStatus::Undefined, Ask::Cancel { value }) => return self.check_withdrawal(*value),
            (PaymentStatus::Undefined, _) => return Err(Refusal::PaymentUndefined),
            (PaymentStatus::Denied, _) => return Err(Refusal::PaymentDenied),
            (PaymentStatus::Canceled, _) => return Err(Refusal::PaymentCanceled),
        }
        match &operation.ask {
            Ask::Settle { value } => self.check_settlement(self.payable(*value)?),
            Ask::Refund { settle_id, value } => self.check_refund(settle_id, self.payable(*value)?),
            Ask::Cancel { value } => self.check_cancellation(*value),
        }
    }

    fn check_settlement(&self, asked: Decimal) -> Result<Decimal, Refusal> {
        let once = matches!(
            self.asked.terms.settlements,
            Multiplicity::OnceKeeps | Multiplicity::OnceReleases | Multiplicity::None
        );
        let left = self.left() + self.headroom();
        if once && !self.settlements.is_empty() {
            Err(Refusal::SettledBefore)
        } else if self.asked.terms.settlements == Multiplicity::None && asked < self.authorized {
            Err(Refusal::FullValueOnly(self.authorized))
        } else if asked > left {
            Err(Refusal::AboveAuthorized { asked, left })
        } else {
            Ok(asked)
        }
    }

    fn check_refund(&self, settle_id: &str, asked: Decimal) -> Result<Decimal, Refusal> {
        let settlement = self.settlements.iter().find(|settlement| settlement.settle_id == settle_id);
        let settlement = settlement.ok_or_else(|| Refusal::SettlementUnknown(settle_id.to_owned()))?;
        let left = settlement.value - settlement.refunded;
        if asked > left { Err(Refusal::AboveSettled { asked, left }) } else { Ok(asked) }
    }

    fn check_cancellation(&self, value: Option<Decimal>) -> Result<Decimal, Refusal> {
        let left = self.left();
        let asked = self.cancelable(value)?.unwrap_or(left);
        if left <= Decimal::ZERO {
            Err(Refusal::NothingToCancel)
        } else if asked > left {
            Err(Refusal::AboveAuthorized { asked, left })
        } else if self.asked.terms.settlements == Multiplicity::None && asked != left {
            Err(Refusal::PartialCancellation)
        } else {
            Ok(asked)
        }
    }

    /// The value of a cancellation in major units; `None` where all is to be canceled.
    pub(super) fn cancelable(&self, value: Option<Decimal>) -> Result<Option<Decimal>, Refusal> {
        match (self.asked.terms.cancellations, value) {
            (CancellationValue::Ignored, _) | (_, None) => Ok(None),
            (CancellationValue::MajorUnits, Some(value)) => self.payable(value).map(Some),
            (CancellationValue::MinorUnits, Some(value)) => self.payable(self.major(value)?).map(Some),
        }
    }

    /// Authorized and neither settled nor given up. Below 0 only after a fault.
    pub(super) fn left(&self) -> Decimal {
        self.authorized - self.settled - self.canceled - self.released
    }

    /// A value above 0 that the currency can pay.
    fn payable(&self, value: Decimal) -> Result<Decimal, Refusal> {
        if value <= Decimal::ZERO {
            return Err(Refusal::ValueInvalid(format!("{value} is not above 0")));
        }
        amount::in_currency(value, self.exponent).ok_or_else(|| {
            Refusal::ValueInvalid(format!("{value} has more decimals than {} pays", self.asked.currency))
        })
    }

    /// Minor units as major units.
    fn major(&self, minor: Decimal) -> Result<Decimal, Refusal> {
        let invalid = || Refusal::ValueInvalid(format!("{minor} is no integer in minor units"));
        let mut major = amount::in_currency(minor, 0).ok_or_else(invalid)?;
        major.set_scale(self.exponent).map_err(|_| invalid())?;
        Ok(major)
    }
}
