//! Plays a table of answers: each row an order and a connector of its own, all rows of a table at once.

use futures_util::future::join_all;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tranche_cli::audit;
use tranche_cli::server::core::id::{AccountId, OrderId, OrderKey, PaymentId};
use tranche_cli::server::core::operation::Authorization;
use tranche_sdk::v1::{
    CreateConnectorRequest, InvoiceSettlement, ListInteractionsRequest, ListStuckOperationsRequest,
    Operation, RetryOperationRequest, interaction, operation, payment,
};
use tranche_tests::audit::decimal;
use tranche_tests::patience::{eventually, must};
use tranche_tests::shop::{Shop, Terms, money, provider_payment_id, transaction_id};
use tranche_tests::world::{ACCOUNT, DatabaseKind, World};

use super::Kind;
use super::door::Door;
use super::row::{Row, Told};
use crate::PROGRAM;
use crate::authorizations::fixture::requested;

/// How long a call may take: longer than any answer takes, also on a busy machine.
const TIMEOUT_MS: u32 = 20_000;
/// The same where the provider is told to answer too late.
const TIMEOUT_MS_OF_LATE_ANSWERS: u32 = 500;

/// A row that is played.
struct Play<'w> {
    world: &'w World,
    shop: Shop,
    kind: Kind,
    row: Row,
    order_id: String,
}

/// Plays every row of the table, then has the provider behave and compares the books.
pub(super) async fn check(database: DatabaseKind, kind: Kind, table: &str) {
    let world = World::new(PROGRAM, database).await;
    let plays: Vec<Play<'_>> = Row::parse_all(table)
        .into_iter()
        .enumerate()
        .map(|(index, row)| Play {
            world: &world,
            shop: world.shop(),
            kind,
            row,
            order_id: format!("row-{}", index + 1),
        })
        .collect();
    let doors = join_all(plays.iter().map(Play::play)).await;
    world.provider().behave().await;
    // What it has not decided it approves now.
    world.provider().ask("/decisions", Some(&json!({}))).await;
    join_all(plays.iter().map(Play::end)).await;
    drop(doors);
    let transactions: Vec<String> = plays.iter().map(|play| transaction_id(&play.order_id)).collect();
    let books = world.provider().books().await;
    let differences = must("the audit", audit::differences(&world.client(), &transactions, &books).await);
    assert!(differences.is_empty(), "the books differ:\n{}", differences.join("\n"));
}

impl Play<'_> {
    /// Plays the row; where it has a door, that is to stay open for as long as the provider may be called.
    async fn play(&self) -> Option<Door> {
        let url = self.world.provider().url();
        let mut door = if self.row.told == Told::Closed { Some(Door::before(url).await) } else { None };
        self.connect(&door.as_ref().map_or_else(|| url.to_owned(), Door::url)).await;
        self.prepare().await;
        match (&self.row.told, &mut door) {
            (Told::Faults(faults), _) => {
                let rules = faults.iter().map(|(fault, times)| self.rule(fault, *times)).collect();
                self.shop.provider.ask("/faults", Some(&Value::Array(rules))).await;
                self.act().await;
            }
            (Told::Closed, Some(door)) => {
                door.close().await;
                self.act().await;
                eventually(&self.row.text, async || match self.calls().await.as_slice() {
                    [] => Err("no call".to_owned()),
                    _ => Ok(()),
                })
                .await;
                door.open().await;
            }
            (Told::Closed, None) => {}
        }
        self.becomes(&self.row.becomes, &self.row.cases).await;
        door
    }

    /// What the row comes to once the provider behaves.
    async fn end(&self) {
        if self.row.finally == self.row.becomes {
            return;
        }
        for row in self.operations().await {
            let again = RetryOperationRequest {
                request_id: "1".to_owned(),
                operation_id: row.operation_id,
                actor: "olga".to_owned(),
                reason: "the provider is well again".to_owned(),
            };
            // It may just be on its way, or done.
            let _ = self.shop.client.operators().retry_operation(again).await;
        }
        self.becomes(&self.row.finally, &[]).await;
    }

    async fn connect(&self, url: &str) {
        let is_late = self.row.text.contains("timeout") || self.row.text.contains("latency");
        let timeout_ms = if is_late { TIMEOUT_MS_OF_LATE_ANSWERS } else { TIMEOUT_MS };
        let settings =
            [("base_url".to_owned(), url.to_owned()), ("timeout_ms".to_owned(), timeout_ms.to_string())];
        let request = CreateConnectorRequest {
            connector_id: self.order_id.clone(),
            kind: "ppp".to_owned(),
            settings: settings.into(),
            ..CreateConnectorRequest::default()
        };
        must(&self.row.text, self.shop.client.connectors().create_connector(request).await);
    }

    /// The provider's id of the payment that the row is about.
    fn provider_payment_id(&self) -> String {
        if self.kind != Kind::Authorization {
            return provider_payment_id(&self.order_id, "card");
        }
        let key =
            OrderKey { account_id: AccountId::trusted(ACCOUNT), order_id: OrderId::trusted(&self.order_id) };
        Authorization::to_be_asked(&key, &PaymentId::trusted("card")).provider_payment_id
    }

    fn rule(&self, fault: &str, times: Option<u32>) -> Value {
        let fault =
            if fault.starts_with('{') { must(fault, serde_json::from_str(fault)) } else { json!(fault) };
        let kind = self.kind.name();
        let mut rule = json!({ "paymentId": self.provider_payment_id(), "kind": kind, "fault": fault });
        if let Some(times) = times {
            rule["times"] = json!(times);
        }
        rule
    }

    /// An order of 100.00, as far as it comes before the provider misbehaves.
    async fn prepare(&self) {
        let (shop, id) = (&self.shop, self.order_id.as_str());
        must(id, shop.order(id, "100.00", "BRL").await);
        if self.kind == Kind::Authorization {
            return;
        }
        let terms = must("terms", Terms::parse("PARTIAL").ok_or("none"));
        let mut payments = shop.payments(id, "BRL", &[("card", "100.00", terms)]).await;
        for payment in &mut payments {
            payment.connector_id.clone_from(&self.order_id);
        }
        must(id, shop.create_transaction(id, payments).await);
        if self.kind == Kind::Refund {
            must(id, shop.invoice(id, "A", money("20.00", "BRL")).await);
            shop.at_rest(id).await;
        }
    }

    async fn act(&self) {
        let (shop, id) = (&self.shop, self.order_id.as_str());
        let value = money("20.00", "BRL");
        match self.kind {
            Kind::Settlement => must(id, shop.invoice(id, "A", value).await.map(drop)),
            Kind::Refund => must(id, shop.give_back(id, "R", value).await.map(drop)),
            Kind::Cancellation => must(id, shop.cancel(id).await.map(drop)),
            Kind::Authorization => {
                let payment = requested("card", id, "100.00");
                must(id, shop.create_transaction(id, vec![payment]).await.map(drop));
            }
        }
    }

    /// The operations that the row is about, in the order in which they are sent.
    async fn operations(&self) -> Vec<Operation> {
        let mut rows = must(&self.row.text, self.shop.operations(&self.order_id).await);
        rows.retain(|row| row.kind() == self.kind.of_operation());
        rows
    }

    /// What the calls of the first of them said.
    async fn calls(&self) -> Vec<String> {
        let Some(first) = self.operations().await.into_iter().next() else { return Vec::new() };
        let request = ListInteractionsRequest {
            operation_id: first.operation_id,
            page_size: 100,
            ..ListInteractionsRequest::default()
        };
        let answer = self.shop.client.transactions().list_interactions(request).await;
        let word = |row: &interaction::Outcome| {
            row.as_str_name().trim_start_matches("OUTCOME_").replace('_', "-").to_lowercase()
        };
        must(&self.row.text, answer)
            .into_inner()
            .interactions
            .iter()
            .map(|row| word(&row.outcome()))
            .collect()
    }

    async fn cases(&self) -> Vec<String> {
        let request = ListStuckOperationsRequest {
            order_id: self.order_id.clone(),
            unknown_for: Some(prost_types::Duration { seconds: 0, nanos: 1_000 }),
            ..ListStuckOperationsRequest::default()
        };
        let answer = self.shop.client.operators().list_stuck_operations(request).await;
        let cases = must(&self.row.text, answer).into_inner().stuck_operations;
        let word = |case: &tranche_sdk::v1::StuckOperation| {
            let cause = case.cause().as_str_name().trim_start_matches("CAUSE_");
            format!("{cause} {}", case.amount.clone().unwrap_or_default().amount)
        };
        cases.iter().map(word).collect()
    }

    /// Waits until the operations, their calls, what waits for operators and what is told are as expected, all in one look:
    /// one that nobody can tell of is on the wire now and then.
    async fn becomes(&self, operations: &[String], cases: &[String]) {
        let is_end = self.row.becomes != operations;
        eventually(&self.row.text, async || {
            let (rows, calls, waiting) = (self.operations().await, self.calls().await, self.cases().await);
            let seen: Vec<String> = rows.iter().map(describe).collect();
            if seen != operations || waiting != cases || !(is_end || self.row.has_calls(&calls)) {
                return Err(format!("{seen:?} after {calls:?}, and {waiting:?} waits"));
            }
            self.is_told(&rows).await
        })
        .await;
    }

    /// The invoice and the explanation say the same, and the payment stands where the answer has brought it.
    async fn is_told(&self, operations: &[Operation]) -> Result<(), String> {
        let (text, id) = (&self.row.text, self.order_id.as_str());
        if let Some(number) = self.kind.invoice() {
            let paid = must(text, self.shop.see_invoice(id, number).await).settlements;
            let done: Decimal = operations.iter().map(|row| decimal(row.amount_done.as_ref())).sum();
            let told: Decimal = paid.iter().map(|part| decimal(part.amount_done.as_ref())).sum();
            let is_own = |part: &InvoiceSettlement| {
                let own = operations.iter().find(|row| row.operation_id == part.operation_id);
                own.is_some_and(|own| (part.state(), &part.provider_id) == (own.state(), &own.provider_id))
            };
            if told != done || !paid.iter().all(is_own) {
                return Err(format!("the invoice tells of {paid:?}"));
            }
        }
        let explained = must(text, self.shop.explain(id).await).text;
        for row in operations {
            let words = self.kind.explained(row);
            let is_explained = words.is_some_and(|words| explained.contains(words));
            if !is_explained || row.surplus.is_some() != explained.contains("was moved unasked") {
                return Err(format!("{words:?} is not told: {explained}"));
            }
        }
        if self.kind == Kind::Authorization {
            let transaction = must(text, self.shop.see_transaction(id).await);
            let state = match operations[0].state() {
                operation::State::Done => payment::State::Authorized,
                operation::State::Refused => payment::State::Denied,
                _ => payment::State::Authorizing,
            };
            let seen = transaction.payments[0].state();
            return if seen == state { Ok(()) } else { Err(format!("the payment is {seen:?}")) };
        }
        Ok(())
    }
}

/// An operation as tables write it: what was done, or else what was asked. One on the wire stands where it waited.
fn describe(row: &Operation) -> String {
    let state = row.state().as_str_name().trim_start_matches("STATE_");
    let amount = if row.state() == operation::State::Done { &row.amount_done } else { &row.amount };
    format!("{state} {}", amount.clone().unwrap_or_default().amount)
}
