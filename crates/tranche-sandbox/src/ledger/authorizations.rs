//! Payments come into the books, and are decided.

use super::Ledger;
use super::payment::{Payment, Standing};
use crate::books::PaymentStatus;
use crate::bounds::PAYMENTS_MAX;
use crate::protocol::{Authorization, Decision, Verdict};
use crate::refusal::Refusal;
use crate::terms::Callbacks;

impl Ledger {
    /// Counts a readable call of `POST /payments`.
    pub(crate) fn count_authorization(&mut self, payment_id: &str) {
        self.calls.payment += 1;
        if let Some(payment) = self.payments.get_mut(payment_id) {
            payment.calls.payment += 1;
        }
    }

    /// Whether the payment would come into the books now, rather than be found again or refused.
    pub(crate) fn would_authorize(&self, asked: &Authorization) -> bool {
        !self.payments.contains_key(&asked.payment_id) && self.judge(asked, asked.decision).is_ok()
    }

    /// Authorizes a payment as `decision` says, or finds it again as it stands now; the repeat may be what decides it.
    pub(crate) fn authorize(
        &mut self,
        asked: &Authorization,
        decision: Decision,
    ) -> Result<Standing, Refusal> {
        if let Some(payment) = self.payments.get_mut(&asked.payment_id) {
            if !payment.asked.is_same(asked) {
                return Err(Refusal::PaymentReused(asked.payment_id.clone()));
            }
            payment.asked.callback_url.clone_from(&asked.callback_url);
            payment.come_to_repeat();
            return Ok(payment.standing());
        }
        let payment = self.judge(asked, decision)?;
        let standing = payment.standing();
        self.authorizations = payment.ordinal;
        self.payments.insert(asked.payment_id.clone(), payment);
        self.news.payments.push(asked.payment_id.clone());
        Ok(standing)
    }

    /// What would be answered to a payment that is not kept.
    pub(crate) fn imagine(&self, asked: &Authorization, decision: Decision) -> Result<Standing, Refusal> {
        self.judge(asked, decision).map(|payment| payment.standing())
    }

    /// A new payment, not in the books yet.
    fn judge(&self, asked: &Authorization, decision: Decision) -> Result<Payment, Refusal> {
        if self.refused.contains(&asked.payment_id) {
            return Err(Refusal::AfterTimeout);
        }
        if self.payments.len() >= PAYMENTS_MAX {
            return Err(Refusal::Full(PAYMENTS_MAX));
        }
        Payment::new(asked.clone(), decision, self.authorizations + 1)
    }

    /// Refuses a payment for good, as far as there is room to remember that.
    pub(crate) fn refuse_authorization(&mut self, payment_id: &str) {
        if self.refused.len() < PAYMENTS_MAX {
            self.refused.insert(payment_id.to_owned());
        }
    }

    /// Counts an attempt to authorize that the weather is asked about. Says how many came before.
    pub(crate) fn authorization_attempt(&mut self, payment_id: &str) -> u32 {
        if self.attempts.len() >= PAYMENTS_MAX && !self.attempts.contains_key(payment_id) {
            return u32::MAX;
        }
        let attempts = self.attempts.entry(payment_id.to_owned()).or_insert(0);
        let before = *attempts;
        *attempts = before.saturating_add(1);
        before
    }

    /// Decides a payment that is undefined; one of which nothing was booked also anew, if `is_forced`.
    pub(crate) fn decide(
        &mut self,
        payment_id: &str,
        verdict: Verdict,
        is_forced: bool,
    ) -> Result<(), Refusal> {
        let payment = self
            .payments
            .get_mut(payment_id)
            .ok_or_else(|| Refusal::PaymentUnknown(payment_id.to_owned()))?;
        let can_be = payment.status == PaymentStatus::Undefined || (is_forced && payment.is_untouched());
        if !can_be {
            return Err(Refusal::PaymentDecided(payment_id.to_owned()));
        }
        payment.decide(verdict);
        Ok(())
    }

    /// The payments that are undefined, each with the verdict that it comes to by itself.
    pub(crate) fn undefined(&self) -> Vec<(String, Option<Verdict>)> {
        let undefined =
            self.payments.iter().filter(|(_, payment)| payment.status == PaymentStatus::Undefined);
        undefined.map(|(id, payment)| (id.clone(), payment.verdict())).collect()
    }

    /// The verdict that an undefined payment comes to by itself.
    pub(crate) fn verdict(&self, payment_id: &str) -> Option<Verdict> {
        self.payments.get(payment_id).and_then(Payment::verdict)
    }

    /// What a callback tells, where to, and how; `None` for a payment whose caller waits for none.
    pub(crate) fn callback(&self, payment_id: &str) -> Option<(Standing, String, Callbacks)> {
        let payment = self.payments.get(payment_id)?;
        let url = payment.asked.callback_url.clone()?;
        Some((payment.standing(), url, payment.asked.terms.callbacks))
    }

    /// Where a payment stands.
    pub(crate) fn standing(&self, payment_id: &str) -> Option<Standing> {
        self.payments.get(payment_id).map(Payment::standing)
    }
}
