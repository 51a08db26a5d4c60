//! Undefined payments are decided, and what is called back then.

use serde_json::Value;

use super::Desk;
use crate::books::{Callback, PaymentBooks};
use crate::callback::{Delivery, deliveries, shown};
use crate::fault::{CallbackFault, Fault};
use crate::protocol::{CallKind, Fields, Verdict};
use crate::refusal::Refusal;
use crate::weather;

/// Body of `POST /decisions` and of `POST /callbacks`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DecisionAsked {
    /// One payment, or all that it can be about.
    pub(crate) payment_id: Option<String>,
    /// What is decided; what each payment comes to by itself, else approval, when absent.
    pub(crate) verdict: Option<Verdict>,
    /// Whether a payment that was decided may be decided anew.
    pub(crate) is_forced: bool,
}

impl DecisionAsked {
    /// Reads the body; an empty one is about all payments.
    pub(crate) fn read(body: &Value) -> Result<Self, Refusal> {
        if body.is_null() {
            return Ok(Self::default());
        }
        let mut fields = Fields::new(body)?;
        let payment_id = if body.get("paymentId").is_some() { Some(fields.id("paymentId")) } else { None };
        let verdict = match body.get("status") {
            None => None,
            Some(Value::String(status)) if status == "approved" => Some(Verdict::Approved),
            Some(Value::String(status)) if status == "denied" => Some(Verdict::Denied),
            Some(_) => {
                fields.reject("status", "must be approved or denied");
                None
            }
        };
        let is_forced = match body.get("force") {
            None => false,
            Some(Value::Bool(is_forced)) => *is_forced,
            Some(_) => {
                fields.reject("force", "must be true or false");
                false
            }
        };
        if is_forced && payment_id.is_none() {
            fields.reject("paymentId", "is missing, and force is about one payment");
        }
        fields.finish()?;
        Ok(Self { payment_id, verdict, is_forced })
    }
}

impl Desk {
    /// Decides one undefined payment, or all. Says which, and the callbacks that are to be made now.
    pub(crate) fn decide(&mut self, asked: &DecisionAsked) -> Result<(Vec<String>, Vec<Delivery>), Refusal> {
        let payments = match &asked.payment_id {
            Some(payment_id) => vec![(payment_id.clone(), self.ledger.verdict(payment_id))],
            None => self.ledger.undefined(),
        };
        let mut deliveries = Vec::new();
        for (payment_id, by_itself) in &payments {
            let verdict = asked.verdict.or(*by_itself).unwrap_or(Verdict::Approved);
            self.ledger.decide(payment_id, verdict, asked.is_forced)?;
            deliveries.extend(self.call_back(payment_id));
        }
        Ok((payments.into_iter().map(|(payment_id, _)| payment_id).collect(), deliveries))
    }

    /// Lets a payment come to its verdict, if nobody decided or canceled it before.
    pub(crate) fn come_to_verdict(&mut self, payment_id: &str) -> Vec<Delivery> {
        let Some(verdict) = self.ledger.verdict(payment_id) else { return Vec::new() };
        match self.ledger.decide(payment_id, verdict, false) {
            Ok(()) => self.call_back(payment_id),
            Err(_) => Vec::new(),
        }
    }

    /// The callbacks that wait, of one payment or of all; of a payment none of whose waits, one that tells where it
    /// stands.
    pub(crate) fn call_back_now(&mut self, payment_id: Option<&str>) -> Result<Vec<Delivery>, Refusal> {
        let held = self.held.all(payment_id);
        match payment_id {
            Some(payment_id) if self.ledger.standing(payment_id).is_none() => {
                Err(Refusal::PaymentUnknown(payment_id.to_owned()))
            }
            Some(payment_id) if held.is_empty() => Ok(self.call_back(payment_id)),
            _ => Ok(held),
        }
    }

    /// The callbacks that are to be made now because of a payment: its own, unless a fault makes them wait, and those that
    /// waited for the next.
    pub(super) fn call_back(&mut self, payment_id: &str) -> Vec<Delivery> {
        let Some((standing, url, callbacks)) = self.ledger.callback(payment_id) else { return Vec::new() };
        let fault = self.callback_fault(payment_id);
        let (planned, wait) = deliveries(&standing, &url, callbacks, fault);
        let mut now = Vec::new();
        if wait != crate::callback::Wait::Next {
            now = self.held.overtaken();
        }
        let own = self.held.keep(planned, wait);
        own.into_iter().chain(now).collect()
    }

    fn callback_fault(&mut self, payment_id: &str) -> Option<CallbackFault> {
        let (source, fault) = self.faults.find(payment_id, CallKind::Callback, true)?;
        let fault = match fault {
            Fault::Callback(fault) => Some(fault),
            Fault::Weather { seed } => weather::draw_callback(seed, payment_id),
            _ => None,
        }?;
        self.faults.spend(source);
        Some(fault)
    }

    /// Keeps a callback in the books.
    pub(crate) fn called_back(&mut self, delivery: &Delivery, attempt: u32, answer: Result<u16, String>) {
        let (status, failure) = match answer {
            Ok(status) => (Some(status), None),
            Err(failure) => (None, Some(failure)),
        };
        self.sent.push(Callback {
            payment_id: delivery.payment_id.clone(),
            url: delivery.url.clone(),
            attempt,
            body: shown(&delivery.body),
            fault: delivery.fault.map(|fault| format!("callback-{}", fault.name())),
            status,
            failure,
        });
    }

    /// The callbacks that were made, of one payment or of all, oldest first.
    pub(crate) fn callbacks(&self, payment_id: Option<&str>) -> Vec<Callback> {
        self.sent.list(payment_id)
    }

    /// What is booked of these payments.
    pub(crate) fn books_of(&self, payment_ids: &[String]) -> Vec<PaymentBooks> {
        payment_ids.iter().filter_map(|payment_id| self.ledger.payment(payment_id)).collect()
    }
}
