//! Payments at the provider: authorized elsewhere and adopted, or asked for by the replicas; decided at once or later, and
//! told by callbacks, some of which nobody sent who may.

use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tranche_cli::server::core::authorization::Authorization;
use tranche_cli::server::core::id::{AccountId, OrderId, OrderKey, PaymentId};
use tranche_cli::server::core::time::{Clock as _, Timestamp};
use tranche_sandbox::PaymentStatus;
use tranche_sdk::v1::{
    AdoptedAuthorization, GetTransactionRequest, Money, NewPayment, RequestedAuthorization, new_payment,
    payment,
};

use super::ACCOUNT;
use super::network::Asked;
use super::player::Player;
use super::replica::CALLBACK_URL;
use super::terms::{TERMS, Terms};
use crate::patience::must;
use crate::shop::adopt;

/// How long authorizations live that are adopted.
const LIVES: [Option<Duration>; 4] =
    [None, None, Some(Duration::from_mins(15)), Some(Duration::from_hours(30))];
/// What the sandbox is told, by the payment method, of payments that it is asked for.
const METHODS: [&str; 6] = [
    "sandbox-approved",
    "sandbox-approved",
    "sandbox-undefined",
    "sandbox-undefined",
    "sandbox-undefined-once",
    "sandbox-denied",
];
/// Bytes of a callback that no provider sends.
const HUGE: usize = 200_000;

/// A payment at the provider.
#[derive(Clone, Debug)]
pub(super) struct Paid {
    pub(super) order_id: String,
    pub(super) payment_id: String,
    pub(super) terms: Terms,
    /// When the authorization ends, if it does.
    pub(super) end: Option<Timestamp>,
}

/// What somebody says who calls back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// The provider says where the payment stands.
    Standing,
    /// It says so twice.
    Twice,
    /// It says that it can be asked again.
    AskAgain,
    /// Somebody approves without the signature, or with another payment's.
    Forged,
    Unsigned,
    Borrowed,
    /// A word about another payment at this one's address.
    Foreign,
    /// The body breaks off, or is far too large.
    Truncated,
    Huge,
}

fn word(how: u32) -> Word {
    match how % 16 {
        0..5 => Word::Standing,
        5 | 6 => Word::Twice,
        7 | 8 => Word::AskAgain,
        9 => Word::Forged,
        10 => Word::Unsigned,
        11 | 12 => Word::Borrowed,
        13 => Word::Foreign,
        14 => Word::Truncated,
        _ => Word::Huge,
    }
}

impl Word {
    /// Whether only the provider can say it.
    fn is_honest(self) -> bool {
        matches!(self, Self::Standing | Self::Twice | Self::AskAgain)
    }
}

impl Player {
    /// A payment of an order: one that the provider has authorized, or one that it is to be asked for.
    pub(super) async fn authorize(&mut self, index: usize, minor: i64, which: u32) -> NewPayment {
        let which = usize::try_from(which).unwrap_or_default();
        let terms = TERMS[which % TERMS.len()];
        if self.connectors.insert(terms.connector) {
            let request = terms.connector(&self.network.url);
            let replica = self.live(0).await;
            let client = self.replicas[replica].as_ref().map(|replica| replica.client.clone());
            // The connector is there before anything goes wrong: it is not what is looked at.
            let client = must("a replica", client.ok_or("none lives"));
            self.undisturbed(replica);
            must(terms.connector, client.connectors().create_connector(request).await);
        }
        let tale = &mut self.tales[index];
        tale.payments += 1;
        let paid = Paid {
            order_id: tale.order_id.clone(),
            payment_id: format!("p{}", tale.payments),
            terms,
            end: None,
        };
        let money = tale.money(minor);
        let round = which / TERMS.len();
        if round % 3 == 1 {
            self.request(paid, money, METHODS[round % METHODS.len()])
        } else {
            self.adopt(paid, money, LIVES[round % LIVES.len()]).await
        }
    }

    /// A payment that the replicas are to ask the provider for.
    fn request(&mut self, paid: Paid, money: Money, method: &str) -> NewPayment {
        let key = OrderKey {
            account_id: must(ACCOUNT, AccountId::parse(ACCOUNT)),
            order_id: must(&paid.order_id, OrderId::parse(&paid.order_id)),
        };
        let payment_id = must(&paid.payment_id, PaymentId::parse(&paid.payment_id));
        let id = Authorization::to_be_asked(&key, &payment_id).provider_payment_id;
        let requested = RequestedAuthorization {
            payment_method: method.to_owned(),
            token: format!("token of {}", paid.payment_id),
            ..RequestedAuthorization::default()
        };
        let payment = NewPayment {
            payment_id: paid.payment_id.clone(),
            connector_id: paid.terms.connector.to_owned(),
            amount: Some(money),
            authorization: Some(new_payment::Authorization::Requested(requested)),
            ..NewPayment::default()
        };
        self.payments.insert(id, paid);
        payment
    }

    /// A payment that the provider has authorized.
    async fn adopt(&mut self, mut paid: Paid, money: Money, life: Option<Duration>) -> NewPayment {
        let provider_payment_id = format!("{}-{}", paid.order_id, paid.payment_id);
        let settings = paid.terms.sandbox.map(|(name, value)| json!({ "name": name, "value": value }));
        let value: Value = must(&money.amount, serde_json::from_str(&money.amount));
        let body = json!({
            "paymentId": provider_payment_id,
            "transactionId": provider_payment_id,
            "orderId": provider_payment_id,
            "paymentMethod": "Visa",
            "value": value,
            "currency": money.currency_code,
            "merchantSettings": settings,
        });
        let answer = self.network.post("/payments", &body).await;
        let is_approved = (answer["status"] == "approved").then_some(()).ok_or(&answer);
        must("a checkout", is_approved);
        // A whole second, as the message is told.
        let end = life.map(|life| self.clock.now().after(life).micros().div_euclid(1_000_000) * 1_000_000);
        paid.end = end.map(Timestamp::from_micros);
        let mut adopted = AdoptedAuthorization {
            provider_payment_id: provider_payment_id.clone(),
            authorization_id: answer["authorizationId"].as_str().unwrap_or_default().to_owned(),
            ..AdoptedAuthorization::default()
        };
        if let Some(end) = end {
            adopted.expire_time.get_or_insert_default().seconds = end.div_euclid(1_000_000);
        }
        let payment = adopt(&paid.payment_id, paid.terms.connector, money, adopted);
        self.payments.insert(provider_payment_id, paid);
        payment
    }

    /// Lets nothing happen to a replica that was to happen.
    fn undisturbed(&self, index: usize) {
        if let Some(replica) = self.replicas[index].as_ref() {
            replica.destiny.disarm();
        }
    }

    /// Payments that the provider was asked for and has not decided.
    fn undecided(&self) -> Vec<String> {
        let books = self.network.sandbox.books().payments.into_iter();
        let mut open: Vec<_> =
            books.filter(|row| row.status == PaymentStatus::Undefined).map(|row| row.payment_id).collect();
        open.sort();
        open
    }

    /// The provider decides about one of them; nobody is told.
    pub(super) async fn decide(&mut self, which: u32, how: u32) {
        let open = self.undecided();
        let Some(at) = usize::try_from(which).ok().and_then(|which| which.checked_rem(open.len())) else {
            return;
        };
        let status = if how.is_multiple_of(4) { "denied" } else { "approved" };
        self.network.post("/decisions", &json!({ "paymentId": open[at], "status": status })).await;
        self.log.push(format!("  {} is {status}", open[at]));
    }

    /// The provider decides about all of them.
    pub(super) async fn decide_all(&mut self) {
        for how in 1.. {
            if self.undecided().is_empty() {
                return;
            }
            self.decide(0, how).await;
        }
    }

    /// Somebody calls back about a payment that the provider was asked for.
    pub(super) async fn call_back(&mut self, which: u32, how: u32, replica: u32) {
        // A provider speaks of what it was asked for.
        let is_known = |(id, _): &(String, Asked)| self.network.sandbox.payment(id).is_some();
        let all: Vec<(String, Asked)> = self.network.asked().into_iter().filter(is_known).collect();
        let Some(at) = usize::try_from(which).ok().and_then(|which| which.checked_rem(all.len())) else {
            return;
        };
        let other = &all[(at + 1) % all.len()];
        let (id, asked) = &all[at];
        let word = word(how);
        if matches!(word, Word::Borrowed | Word::Foreign) && other.0 == *id {
            return;
        }
        self.log.push(format!("  {id}: {word:?}"));
        let replica = self.live(replica).await;
        let before = self.standing(id).await;
        let status = self.say(word, asked, &other.1, replica).await;
        let Some(status) = status else { return };
        self.log.push(format!("  answered {status}"));
        if word.is_honest() {
            self.heard(word, id, status).await;
            return;
        }
        self.faults += 1;
        if !(400..500).contains(&status) {
            self.failures.push(format!("{word:?} for {id} was answered {status}"));
        }
        let after = self.standing(id).await;
        if before.is_some() && after.is_some() && before != after {
            self.failures.push(format!("{word:?} for {id} changed {before:?} to {after:?}"));
        }
    }

    /// Says it to a replica, and gives the status of the last answer, if there is one.
    async fn say(&mut self, word: Word, asked: &Asked, other: &Asked, replica: usize) -> Option<u16> {
        let own = self.network.say_again(asked).await;
        let approval = || {
            let mut json: Value = serde_json::from_slice(&own).unwrap_or_default();
            json["status"] = "approved".into();
            json["authorizationId"] = "AUT-FORGED".into();
            Bytes::from(json.to_string())
        };
        let address = asked.callback_url.strip_prefix(CALLBACK_URL).unwrap_or_default().to_owned();
        let (path, query) = address.split_once('?').unwrap_or_default();
        let others_query = other.callback_url.split_once('?').unwrap_or_default().1;
        let (address, body) = match word {
            Word::Standing | Word::Twice => (address.clone(), own.clone()),
            Word::AskAgain => (address.clone(), Bytes::new()),
            Word::Forged => (format!("{path}?{}", flipped(query)), approval()),
            Word::Unsigned => (path.to_owned(), approval()),
            Word::Borrowed => (format!("{path}?{others_query}"), approval()),
            Word::Foreign => (address.clone(), self.network.say_again(other).await),
            Word::Truncated => (address.clone(), own.slice(..own.len() / 2)),
            Word::Huge => (address.clone(), Bytes::from(vec![b' '; HUGE])),
        };
        let mut status = None;
        for _ in 0..if word == Word::Twice { 2 } else { 1 } {
            let Some(living) = self.replicas[replica].as_ref() else { break };
            let called = self.network.call_back(living.callbacks, &address, body.clone());
            status = living.unless_dead(called).await;
            self.quiet().await;
        }
        status
    }

    /// What the provider said itself was heard, unless the database failed, and then it would say so again.
    async fn heard(&mut self, word: Word, id: &str, status: u16) {
        if status != 200 && status != 503 {
            self.failures.push(format!("{word:?} for {id} was answered {status}"));
        }
        let approved = self.network.sandbox.payment(id).map(|row| row.status);
        let state = self.standing(id).await.map(|(state, _)| state);
        if word != Word::AskAgain
            && status == 200
            && approved == Some(PaymentStatus::Approved)
            && matches!(state, Some(payment::State::Authorizing | payment::State::Denied))
        {
            self.failures.push(format!("{id} is approved, which was told, and it is {state:?}"));
        }
    }

    /// Where a payment stands as a client sees it; nothing if no replica says so.
    async fn standing(&mut self, id: &str) -> Option<(payment::State, String)> {
        let paid = self.payments.get(id)?.clone();
        let index = self.live(0).await;
        let living = self.replicas[index].as_ref()?;
        let transaction_id = format!("{}-payments", paid.order_id);
        let mut transactions = living.client.transactions();
        let request = GetTransactionRequest { transaction_id };
        let answer = living.unless_dead(transactions.get_transaction(request)).await;
        self.quiet().await;
        let transaction = answer?.ok()?.into_inner().transaction?;
        let text = format!("{transaction:?}");
        let payment = transaction.payments.into_iter().find(|row| row.payment_id == paid.payment_id)?;
        Some((payment.state(), text))
    }
}

/// A query whose signature has another last digit.
fn flipped(query: &str) -> String {
    let mut text = query.to_owned();
    let last = text.pop();
    text.push(if last == Some('0') { '1' } else { '0' });
    text
}
