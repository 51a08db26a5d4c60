//! Plays the scenarios: each step over gRPC, what it does to the provider, and both sides' books at the end.

use std::collections::BTreeMap;

use tonic::Status;
use tranche_sdk::v1::event::Payload;
use tranche_sdk::v1::resolve_operation_request::Resolution;
use tranche_sdk::v1::resolved_not_done::FollowUp;
use tranche_sdk::v1::{
    Allocation, Event, Money, NotifyInvoiceRequest, Operation, PaymentAmount, RefundOrder, ReleasePolicy,
    ResolveOperationRequest, ResolvedNotDone, operation,
};
use tranche_tests::audit;
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms, has_ended, input, money, order, output, provider_payment_id};
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use super::table::{Refusal, Row, Table, fields};
use crate::PROGRAM;

/// How long a call may take where the provider is told to misbehave; elsewhere as long as by default.
const TIMEOUT_MS_WITH_FAULTS: u32 = 500;
const TIMEOUT_MS: u32 = 20_000;
/// Every kind of terms.
const TERMS: [&str; 6] = ["PARTIAL", "PARTIAL/PARTS", "TOTAL", "HOLD", "TOTAL/NONE", "HOLD/NONE"];

/// Plays every column of a table on a world of its own: two replicas on Postgres, two clients of one server on SQLite.
pub(super) async fn check(database: DatabaseKind, text: &str) {
    let table = Table::parse(text);
    let world = World::with(WorldOptions { replicas: 2, ..WorldOptions::new(PROGRAM, database) }).await;
    let timeout_ms = if table.has_faults() { TIMEOUT_MS_WITH_FAULTS } else { TIMEOUT_MS };
    for name in TERMS {
        if text.contains(name) {
            world.shop().connect(Terms::parse(name).unwrap(), timeout_ms).await.unwrap();
        }
    }
    for (index, column) in table.columns.iter().enumerate() {
        let order_id = format!("order-{}", index + 1);
        let mut play = Play { world: &world, column, order_id, started: 0 };
        for row in &table.rows {
            play.row(row, &row.cells[index]).await;
        }
        let differences = audit::differences(&world.shop(), &play.order_id).await;
        assert!(differences.is_empty(), "{column}: the books differ:\n{}", differences.join("\n"));
    }
}

/// One column.
struct Play<'w> {
    world: &'w World,
    column: &'w str,
    order_id: String,
    /// Operations that earlier steps have started.
    started: usize,
}

impl Play<'_> {
    async fn row(&mut self, row: &Row, cell: &str) {
        let place = format!("{}: {}", self.column, row.text);
        let step = row.step.replace("MODE", self.column);
        let (verb, rest) = step.split_once(' ').unwrap_or((&step, ""));
        match verb {
            "see" => self.see(rest, cell, &place).await,
            "fault" => {
                let (payment, fault) = rest.split_once(' ').unwrap();
                let id = provider_payment_id(&self.order_id, payment);
                match fault.strip_suffix('*') {
                    Some(fault) => self.world.provider().fault_always(&id, fault).await,
                    None => self.world.provider().fault(&id, fault).await,
                }
            }
            _ => {
                if let Some(refusal) = Refusal::parse(cell) {
                    return self.refused(verb, rest, &refusal, &place).await;
                }
                self.act(verb, rest).await.unwrap_or_else(|status| panic!("{place}: {status:?}"));
                self.starts(cell, &place).await;
            }
        }
    }

    async fn act(&self, verb: &str, rest: &str) -> Result<(), Status> {
        let shop = self.world.shop();
        let words: Vec<&str> = rest.split_whitespace().collect();
        match (verb, words.as_slice()) {
            ("order", [value, rest @ ..]) => self.order(&shop, value, rest).await,
            ("invoice", [number, value, currency]) if !currency.contains(':') => {
                self.invoice(&shop, number, money(value, currency)).await
            }
            ("invoice", [number, value, legs @ ..]) => {
                let request = output(&self.order_id, number, money(value, "BRL"));
                self.notify(&shop, request, legs).await
            }
            ("return", [number, value, legs @ ..]) => {
                let request = input(&self.order_id, number, money(value, "BRL"));
                self.notify(&shop, request, legs).await
            }
            ("change", [request_id, by]) => {
                shop.change(&self.order_id, request_id, money(by, "BRL")).await.map(drop)
            }
            ("void", [number]) => shop.void(&self.order_id, number).await.map(drop),
            ("cancel", []) => shop.cancel(&self.order_id).await.map(drop),
            ("add", [id, amount, terms]) => {
                shop.add(&self.order_id, "BRL", (id, amount, parse_terms(terms))).await.map(drop)
            }
            ("release", words) => {
                let payment = words.iter().find(|word| word.parse::<f32>().is_err()).copied();
                let amount = words.iter().find(|word| word.parse::<f32>().is_ok());
                let amount = amount.map(|amount| money(amount, "BRL"));
                shop.release(&self.order_id, payment.unwrap_or_default(), amount).await.map(drop)
            }
            ("at", ["once", a, a_value, "+", b, b_value]) => {
                let other = self.world.shop_of(1);
                let (one, two) = tokio::join!(
                    self.invoice(&shop, a, money(a_value, "BRL")),
                    self.invoice(&other, b, money(b_value, "BRL"))
                );
                one.and(two)
            }
            ("pay", _) => self.pay(&shop, rest).await,
            ("behave", []) => {
                self.world.provider().behave().await;
                Ok(())
            }
            ("resolve", [operation, "not-done"]) => {
                self.resolve_not_done(&shop, operation).await;
                Ok(())
            }
            _ => panic!("no such step: {verb} {rest}"),
        }
    }

    async fn pay(&self, shop: &Shop, payments: &str) -> Result<(), Status> {
        let mut currency = "BRL";
        let mut paid_by = Vec::new();
        for payment in payments.split(" + ") {
            let words: Vec<&str> = payment.split_whitespace().collect();
            let [id, amount, terms] = words.as_slice() else { panic!("no payment: {payment}") };
            let amount = match amount.split_once(':') {
                Some((amount, other)) => {
                    currency = other;
                    amount
                }
                None => amount,
            };
            paid_by.push((*id, amount, parse_terms(terms)));
        }
        // A foreign payment is authorized under another id, so that the right one can follow.
        if currency != "BRL" {
            let foreign = format!("{}-{currency}", self.order_id);
            let request = shop.payments(&foreign, currency, &paid_by).await;
            return shop.create_transaction(&self.order_id, request).await.map(drop);
        }
        shop.pay(&self.order_id, currency, &paid_by).await.map(drop)
    }

    async fn order(&self, shop: &Shop, value: &str, words: &[&str]) -> Result<(), Status> {
        let mut request = order(&self.order_id, value, "BRL");
        for word in words {
            match *word {
                "PROPORTIONAL" => request.allocation = Allocation::Proportional.into(),
                "CREATED_FIRST" => request.allocation = Allocation::CreatedFirst.into(),
                "REFUND_CREATED_FIRST" => request.refund_order = RefundOrder::CreatedFirst.into(),
                "REFUND_PROPORTIONAL" => request.refund_order = RefundOrder::Proportional.into(),
                "IMMEDIATELY" => request.release_policy = ReleasePolicy::Immediately.into(),
                "MANUAL" => request.release_policy = ReleasePolicy::Manual.into(),
                currency => request = order(&self.order_id, value, currency),
            }
        }
        shop.client.orders().create_order(request).await.map(drop)
    }

    /// Notifies an invoice, with the split that `legs` name as `payment:amount`.
    async fn notify(
        &self,
        shop: &Shop,
        mut request: NotifyInvoiceRequest,
        legs: &[&str],
    ) -> Result<(), Status> {
        for leg in legs {
            let (payment_id, amount) = leg.split_once(':').unwrap_or_else(|| panic!("no leg: {leg}"));
            let amount = Some(money(amount, "BRL"));
            request.payments.push(PaymentAmount { payment_id: payment_id.to_owned(), amount });
        }
        shop.client.invoices().notify_invoice(request).await.map(drop)
    }

    /// Says of an operation that it was not done, and that nobody is to be asked instead; as soon as it is not on the wire.
    async fn resolve_not_done(&self, shop: &Shop, name: &str) {
        let (payment_id, ordinal) = name.split_once('#').unwrap_or_else(|| panic!("no operation: {name}"));
        let operations = shop.operations(&self.order_id).await.unwrap();
        let is_it = |row: &&Operation| row.payment_id == payment_id && row.ordinal.to_string() == ordinal;
        let operation_id = operations.iter().find(is_it).unwrap().operation_id.clone();
        let not_done = ResolvedNotDone { follow_up: FollowUp::GiveUp.into(), ..ResolvedNotDone::default() };
        let request = ResolveOperationRequest {
            request_id: name.to_owned(),
            operation_id,
            actor: "an operator".to_owned(),
            reason: "the provider's books do not have it".to_owned(),
            resolution: Some(Resolution::NotDone(not_done)),
        };
        eventually(name, async || {
            let answer = shop.client.operators().resolve_operation(request.clone()).await;
            answer.map(drop).map_err(|status| status.to_string())
        })
        .await;
    }

    async fn invoice(&self, shop: &Shop, number: &str, value: Money) -> Result<(), Status> {
        shop.invoice(&self.order_id, number, value).await.map(drop)
    }

    /// The step is refused as the table says, and nothing is written.
    async fn refused(&self, verb: &str, rest: &str, expected: &Refusal, place: &str) {
        let shop = self.world.shop();
        let before = shop.events("").await.unwrap().len();
        let status = self.act(verb, rest).await.expect_err(place);
        let metadata = tranche_sdk::metadata(&status);
        let is_expected = |(key, _): &(String, String)| expected.metadata.iter().any(|(name, _)| name == key);
        let mut metadata: Vec<(String, String)> = metadata.into_iter().filter(is_expected).collect();
        metadata.sort_by_key(|(key, _)| expected.metadata.iter().position(|(name, _)| name == key));
        let seen = Refusal {
            reason: tranche_sdk::reason(&status).map_or_else(String::new, |reason| {
                reason.as_str_name().trim_start_matches("ERROR_REASON_").to_owned()
            }),
            metadata,
            violations: tranche_sdk::violations(&status).into_iter().map(|(field, _)| field).collect(),
        };
        assert_eq!(seen, *expected, "{place}: {status:?}");
        assert_eq!(shop.events("").await.unwrap().len(), before, "{place}: something was written");
    }

    /// The operations that the step has started are the expected ones, and they come to their expected states.
    async fn starts(&mut self, cell: &str, place: &str) {
        // Both sides by payment; of one payment in the order in which they are sent.
        let mut expected: Vec<String> = cell.split(',').map(|part| part.trim().to_owned()).collect();
        expected.retain(|part| !matches!(part.as_str(), "" | "-"));
        expected.sort_by_key(|part| payment_of(part).to_owned());
        if !self.has_transaction().await {
            assert!(expected.is_empty(), "{place}: there is no transaction");
            return;
        }
        let attempts = cell.split_once(" after ").map_or(0, |(_, count)| count.trim().parse().unwrap());
        let started = eventually(place, async || {
            let mut operations = self.world.shop().operations(&self.order_id).await.unwrap();
            operations.sort_by_key(|operation| operation.create_time.map(|time| (time.seconds, time.nanos)));
            let mut new = operations.split_off(self.started);
            new.sort_by(|a, b| (&a.payment_id, a.ordinal).cmp(&(&b.payment_id, b.ordinal)));
            let all = self.world.shop().operations(&self.order_id).await.unwrap();
            let seen: Vec<String> = new.iter().map(|operation| describe(operation, &all, attempts)).collect();
            if seen == expected { Ok(new.len()) } else { Err(format!("{seen:?} instead of {expected:?}")) }
        });
        self.started += started.await;
    }

    async fn has_transaction(&self) -> bool {
        self.world.shop().see_order(&self.order_id).await.unwrap().transaction_id.is_some()
    }

    async fn see(&self, what: &str, cell: &str, place: &str) {
        let expected = fields(cell);
        eventually(place, async || {
            let seen = self.look(what).await;
            let wrong: Vec<String> = expected
                .iter()
                .filter(|(key, value)| seen.get(key.as_str()) != Some(value))
                .map(|(key, value)| format!("{key} is {:?}, not {value}", seen.get(key.as_str())))
                .collect();
            if wrong.is_empty() { Ok(()) } else { Err(wrong.join(", ")) }
        })
        .await;
    }

    async fn look(&self, what: &str) -> BTreeMap<&'static str, String> {
        let shop = self.world.shop();
        let state = |name: &str| name.trim_start_matches("STATE_").to_owned();
        let amount = |money: &Option<Money>| money.clone().unwrap_or_default().amount;
        match what.split_once(' ').unwrap_or((what, "")) {
            ("order", _) => {
                let order = shop.see_order(&self.order_id).await.unwrap();
                BTreeMap::from([
                    ("state", state(order.state().as_str_name())),
                    ("value", amount(&order.value)),
                    ("invoiced", amount(&order.invoiced)),
                    ("remaining", amount(&order.remaining_to_invoice)),
                    ("returned", amount(&order.returned)),
                ])
            }
            ("transaction", _) => {
                let transaction = shop.see_transaction(&self.order_id).await.unwrap();
                BTreeMap::from([("state", state(transaction.state().as_str_name()))])
            }
            ("payment", id) => {
                let transaction = shop.see_transaction(&self.order_id).await.unwrap();
                let payment =
                    transaction.payments.into_iter().find(|payment| payment.payment_id == id).unwrap();
                let requested = payment.requested.clone().unwrap();
                let done = payment.done.clone().unwrap();
                BTreeMap::from([
                    ("state", state(payment.state().as_str_name())),
                    ("authorized", amount(&payment.authorized)),
                    ("room", amount(&payment.room)),
                    ("ahead", amount(&payment.ahead)),
                    ("returned", amount(&requested.returned)),
                    ("waiting", amount(&done.return_waiting)),
                    ("canceling", amount(&done.canceling)),
                    ("refunding", amount(&done.refunding)),
                    ("requested", amount(&requested.requested)),
                    ("asked", amount(&requested.asked)),
                    ("settling", amount(&done.settling)),
                    ("settled", amount(&done.settled)),
                    ("canceled", amount(&done.canceled)),
                    ("refunded", amount(&done.refunded)),
                    ("held", amount(&done.held)),
                    ("lacking", amount(&done.lacking)),
                ])
            }
            ("told", _) => {
                let missing = |event: Event| match event.payload {
                    Some(Payload::CoverageMissing(told)) if event.order_id == self.order_id => {
                        Some(told.missing)
                    }
                    _ => None,
                };
                let told = shop.events("").await.unwrap().into_iter().filter_map(missing).next_back();
                BTreeMap::from([("missing", amount(&told.flatten()))])
            }
            ("books", id) => {
                let books = shop.provider.payment(&provider_payment_id(&self.order_id, id)).await;
                BTreeMap::from([
                    ("settlements", books.settlements.len().to_string()),
                    ("settled", books.settled.to_string()),
                    ("canceled", books.canceled.to_string()),
                    ("refunds", books.refunds.len().to_string()),
                    ("refunded", books.refunded.to_string()),
                    ("calls", books.calls.settlement.to_string()),
                ])
            }
            _ => panic!("nothing to see: {what}"),
        }
    }
}

/// The payment that an expected operation is of.
fn payment_of(text: &str) -> &str {
    let payment = text.split(' ').nth(1).unwrap_or_default();
    payment.split('#').next().unwrap_or_default()
}

fn parse_terms(terms: &str) -> Terms {
    Terms::parse(terms).unwrap_or_else(|| panic!("no terms: {terms}"))
}

/// An operation as tables write it; one that is done without its state, unless less was done than asked. A refund says which operation of its payment
/// settled what it gives back.
fn describe(operation: &Operation, all: &[Operation], attempts: i32) -> String {
    let kind = match operation.kind() {
        operation::Kind::Settlement => "settle",
        operation::Kind::Refund => "refund",
        operation::Kind::Cancellation => "cancel",
        other => other.as_str_name(),
    };
    let amount = operation.amount.clone().unwrap_or_default().amount;
    let settlement = all.iter().find(|row| {
        row.payment_id == operation.payment_id
            && !row.provider_id.is_empty()
            && row.provider_id == operation.refunded_settle_id
    });
    let settlement = settlement.map_or_else(String::new, |row| format!("#{}", row.ordinal));
    let text = format!("{kind} {}{settlement} {amount}", operation.payment_id);
    if operation.state() == operation::State::Done {
        let done = operation.amount_done.clone().unwrap_or_default().amount;
        return if done == amount { text } else { format!("{text} DONE {done}") };
    }
    let state = operation.state().as_str_name().trim_start_matches("STATE_").to_owned();
    if !has_ended(operation) && attempts > 0 && operation.attempts >= attempts {
        return format!("{text} {state} after {attempts}");
    }
    format!("{text} {state}")
}
