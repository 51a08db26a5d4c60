//! What becomes of calls to the provider.

use std::collections::BTreeSet;

use axum::body::Bytes;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tranche_sandbox::{Fault, FaultRule, PaymentStatus};

use super::network::{Answered, Held};
use super::player::Player;

/// What may become of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fortune {
    Done,
    RequestLost,
    AnswerLost,
    /// It is done now, and the answer comes later.
    Slow,
    Refused,
    Broken,
    Busy,
    Less,
    More,
    Pending,
    Manual,
    /// An authorization is denied, or left open.
    Denied,
    Undecided,
}

fn fortune(how: u32, luck: u32) -> Fortune {
    match how % 24 {
        0..12 => Fortune::Done,
        12 | 13 => Fortune::RequestLost,
        14 | 15 => Fortune::AnswerLost,
        16 | 17 => Fortune::Slow,
        18 => Fortune::Broken,
        19 => Fortune::Busy,
        20 => Fortune::Less,
        21 => Fortune::Pending,
        22 => Fortune::Refused,
        // These are for people, and nothing of the order goes on by itself.
        _ if luck.is_multiple_of(4) => Fortune::Manual,
        _ if luck % 4 == 1 => Fortune::More,
        _ => Fortune::Done,
    }
}

/// What becomes of an authorization instead: no part of it is approved, and nobody decides it by hand.
fn of_authorization(fortune: Fortune) -> Fortune {
    match fortune {
        Fortune::Refused => Fortune::Denied,
        Fortune::Less | Fortune::More | Fortune::Pending | Fortune::Manual => Fortune::Undecided,
        other => other,
    }
}

impl Player {
    pub(super) async fn deliver(&mut self, which: u32, how: u32, luck: u32) {
        let Some(call) = self.network.take(which) else { return };
        if self.is_down(&call) {
            self.log.push(format!("  {} {} of {}: down", call.kind(), call.request_id, call.path));
            self.faults += 1;
            return self.be_down(call, luck).await;
        }
        let fortune = match fortune(how, luck) {
            _ if call.kept.is_some() => Fortune::Done,
            fortune if call.kind() == "authorizations" => of_authorization(fortune),
            fortune => fortune,
        };
        self.log.push(format!("  {} {} of {}: {fortune:?}", call.kind(), call.request_id, call.path));
        self.faults += u64::from(fortune != Fortune::Done);
        self.happen(call, fortune).await;
        self.quiet().await;
    }

    async fn happen(&mut self, mut call: Held, fortune: Fortune) {
        let fault = match fortune {
            Fortune::Done => {
                let answered = self.done(&mut call).await;
                return call.answer(Some(answered));
            }
            Fortune::RequestLost => return call.lose_answer(),
            Fortune::AnswerLost => {
                self.done(&mut call).await;
                return call.lose_answer();
            }
            Fortune::Slow => {
                call.kept = Some(self.done(&mut call).await);
                return self.network.put(call);
            }
            Fortune::Refused => Fault::Answer { status: 400, body: json!({ "code": "denied" }) },
            Fortune::Broken => Fault::Answer { status: 500, body: json!("") },
            Fortune::Busy => Fault::Answer { status: 429, body: json!("") },
            Fortune::Less => Fault::SettleLess { less_by: None },
            Fortune::More => Fault::SettleMore { more_by: None },
            Fortune::Pending => Fault::Pending { calls: Some(1) },
            Fortune::Manual => Fault::Answer { status: 501, body: json!({ "code": "refund-manually" }) },
            Fortune::Denied => Fault::Deny,
            Fortune::Undecided => Fault::Undefined { then: None },
        };
        let payment = call.payment_id.as_str();
        let is_short = fortune == Fortune::Less
            && !self.payments.get(payment).is_some_and(|paid| paid.terms.may_ask_again());
        if is_short || matches!(fortune, Fortune::More | Fortune::Refused | Fortune::Manual) {
            self.wronged.insert(payment.to_owned());
        }
        let rule = FaultRule { payment_id: None, kind: None, times: Some(1), fault };
        crate::patience::must("a fault", self.network.sandbox.add_faults(vec![rule]));
        let answered = self.network.pass_on(&call).await;
        self.network.sandbox.clear_faults();
        // One unit less than one unit is nothing, which the protocol takes for a refusal.
        let body: Value = serde_json::from_slice(&answered.body).unwrap_or_default();
        if fortune == Fortune::Less && body["value"].to_string().parse() == Ok(Decimal::ZERO) {
            self.wronged.insert(call.payment_id.clone());
        }
        call.answer(Some(answered));
    }

    /// Lets an honest provider do it. It never has a reason to refuse, as long as nobody wronged the payment: what
    /// is asked is what is left.
    pub(super) async fn done(&mut self, call: &mut Held) -> Answered {
        if let Some(answered) = call.kept.take() {
            return answered;
        }
        let payment = call.payment_id.clone();
        if call.kind() == "cancellations" && self.has_ended(&payment) && !self.is_canceled_by(call) {
            // There is nothing left to cancel.
            return Answered { status: 400, body: Bytes::from_static(br#"{"code":"expired"}"#) };
        }
        let answered = self.network.pass_on(call).await;
        let is_wronged = self.wronged.contains(&call.payment_id);
        // One that it has denied since it was asked to cancel it has nothing to cancel.
        let books = self.network.sandbox.payment(&call.payment_id);
        let is_denied = books.is_some_and(|books| books.status == PaymentStatus::Denied);
        let is_late = call.kind() == "cancellations" && is_denied;
        if answered.status >= 400 && !is_wronged && !is_late {
            let body = String::from_utf8_lossy(&answered.body).into_owned();
            self.failures.push(format!("the provider had to refuse {}: {body}", call.path));
        }
        answered
    }

    /// Whether the provider has done this cancellation before, and only says so again.
    fn is_canceled_by(&self, call: &Held) -> bool {
        let books = self.network.sandbox.payment(&call.payment_id);
        let done = books.into_iter().flat_map(|books| books.cancellations);
        done.into_iter().any(|row| row.request_id == call.request_id)
    }

    /// Makes every call, one of each order at a time, and answers those together.
    pub(super) async fn deliver_all(&mut self) {
        let mut all = Vec::new();
        while let Some(call) = self.network.take(0) {
            all.push(call);
        }
        let (mut chosen, mut down) = (Vec::new(), Vec::new());
        let mut orders = BTreeSet::new();
        for mut call in all {
            if self.is_down(&call) {
                down.push(call.number);
            } else if orders.insert(self.order_of(&call)) {
                call.kept = Some(self.done(&mut call).await);
                chosen.push(call.number);
            }
            self.network.put(call);
        }
        self.log.push(format!("  {} calls, {} down", chosen.len(), down.len()));
        for number in down {
            if let Some(call) = self.network.take_number(number) {
                self.be_down(call, 0).await;
            }
        }
        // Which of them is booked first makes no difference, unless something is to happen to a batch of them, or there is
        // room for some of what follows from them.
        let is_eventful =
            self.replicas.iter().flatten().any(|replica| replica.destiny.is_armed() || replica.is_limiting());
        for number in chosen {
            let Some(mut call) = self.network.take_number(number) else { continue };
            let answered = call.kept.take();
            call.answer(answered);
            if is_eventful {
                self.quiet().await;
            }
        }
        self.quiet().await;
    }
}

impl Player {
    /// The order that a call is about.
    fn order_of(&self, call: &Held) -> String {
        self.payments.get(&call.payment_id).map(|paid| paid.order_id.clone()).unwrap_or_default()
    }
}
