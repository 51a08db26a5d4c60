//! The end of a simulation: everything is mended, and the books are looked at.

use std::collections::BTreeSet;
use std::time::Duration;

use rust_decimal::Decimal;
use tonic::Code;
use tranche_cli::audit;
use tranche_cli::server::bounds::BREAKER_PAUSE_MAX;
use tranche_cli::server::core::time::Clock;
use tranche_sandbox::books::Books;
use tranche_sdk::Client;
use tranche_sdk::v1::{
    ExplainOrderRequest, GetOrderRequest, GetTransactionRequest, ListEventsRequest, Operation, Payment,
    operation::State, order,
};

use super::player::{Player, Tale};
use super::request::{Request, Told};
use super::rest::Resting;
use crate::audit::decimal;
use crate::patience::must;
use crate::shop::has_ended;

/// Rounds in which what is due is looked for and done.
const ROUNDS_MAX: u32 = 200;
/// Longer than a lease: what the dead had under way is free then.
const LEASE_OVER: Duration = Duration::from_secs(80);
/// The longest time for which a connector is not called.
const PAUSE_OVER: Duration = BREAKER_PAUSE_MAX;
/// How often operators go through everything that waits.
const SWEEPS_MAX: u32 = 20;
/// How often a request is repeated that nobody answers.
const REPEATS_MAX: u32 = 4;

impl Player {
    /// Mends everything, lets all be done, and looks.
    pub(super) async fn finish(&mut self, completes: bool) {
        self.log.push("the end".to_owned());
        for replica in self.replicas.iter().flatten() {
            replica.destiny.disarm();
        }
        self.down.clear();
        self.start_all().await;
        for _ in 0..REPEATS_MAX {
            let unknown = (0..self.entries.len()).filter(|index| self.entries[*index].told == Told::Nothing);
            for index in unknown.collect::<Vec<_>>() {
                self.ask_again(index, 0).await;
            }
        }
        if self.entries.iter().any(|entry| entry.told == Told::Nothing) {
            self.failures.push("a request is never answered".to_owned());
        }
        self.decide_all().await;
        self.let_all_be_done().await;
        if completes {
            self.complete().await;
            self.let_all_be_done().await;
        }
        // What an operator says starts something, which may go wrong no more.
        for sweep in 0..=SWEEPS_MAX {
            if !self.failures.is_empty() || !self.operate_all(sweep < SWEEPS_MAX / 2).await {
                break;
            }
            if sweep == SWEEPS_MAX {
                self.failures.push("what operators say never comes to an end".to_owned());
            }
            self.let_all_be_done().await;
        }
        // What was accepted is answered as the first time, as long as its key is kept.
        for index in 0..self.entries.len() {
            if matches!(self.entries[index].told, Told::Accepted(_)) {
                self.ask_again(index, u32::try_from(index).unwrap_or_default()).await;
            }
        }
        if self.failures.is_empty() {
            self.look_at_the_books().await;
        }
    }

    /// Invoices what remains of every order, as far as its payments have room.
    async fn complete(&mut self) {
        for index in 0..self.tales.len() {
            let tale = self.tales[index].clone();
            if tale.is_there && !tale.is_canceled && tale.remaining() > 0 {
                self.notify(index, tale.remaining(), 0).await;
            }
        }
    }

    fn client(&self) -> Client {
        let replica = self.replicas.iter().flatten().next();
        must("a replica", replica.map(|replica| replica.client.clone()).ok_or("none lives"))
    }

    async fn operations(&self) -> Vec<Operation> {
        let client = self.client();
        let mut all = Vec::new();
        for tale in &self.tales {
            match audit::operations(&client, &tale.transaction_id()).await {
                Ok(operations) => all.extend(operations),
                // An order without a transaction has none.
                Err(status) => assert_eq!(status.code(), Code::NotFound, "{status}"),
            }
        }
        all
    }

    /// Lets everything be done that is due, now and later; what waits for a person stays.
    async fn let_all_be_done(&mut self) {
        for _ in 0..ROUNDS_MAX {
            while self.network.waiting() > 0 || self.network.has_calls() {
                self.deliver_all().await;
            }
            for index in 0..self.replicas.len() {
                self.tick(u32::try_from(index).unwrap_or_default()).await;
                self.look_for_ends(u32::try_from(index).unwrap_or_default()).await;
            }
            if self.network.has_calls() {
                continue;
            }
            let operations = self.operations().await;
            let open: Vec<&Operation> = operations.iter().filter(|row| !has_ended(row)).collect();
            let next = open.iter().filter_map(|row| row.next_attempt_time).map(|time| {
                time.seconds.saturating_mul(1_000_000).saturating_add(i64::from(time.nanos / 1_000))
            });
            if let Some(next) = next.min() {
                if next <= self.clock.now().micros() {
                    // It was looked for, and its connector is held back.
                    self.clock.pass(PAUSE_OVER);
                }
                self.clock.reach(next);
                self.clock.pass(Duration::from_micros(1));
            } else if open.iter().any(|row| matches!(row.state(), State::Sent | State::Pending)) {
                self.clock.pass(LEASE_OVER);
            } else {
                return;
            }
        }
        self.failures.push("its operations never end".to_owned());
    }

    async fn look_at_the_books(&mut self) {
        let client = self.client();
        let first = ListEventsRequest { page_size: 1, ..ListEventsRequest::default() };
        let first = must("the events", client.events().list_events(first).await).into_inner().events;
        if first.first().is_some_and(|event| event.number != 1) {
            self.failures.push(format!("the log does not begin at its beginning: {first:?}"));
        }
        let books = self.network.sandbox.books();
        let mut audited = BTreeSet::new();
        for tale in self.tales.clone() {
            audited.extend(self.look_at(&client, &tale, &books).await);
        }
        for row in &books.payments {
            let requests: BTreeSet<&str> =
                row.settlements.iter().map(|row| row.request_id.as_str()).collect();
            if requests.len() < row.settlements.len() {
                self.failures.push(format!("{} was settled twice for one request: {row:?}", row.payment_id));
            }
            let (settled, refunded) = (row.settled, row.refunded);
            let canceled = row.canceled + row.released;
            let moved = settled + refunded + canceled;
            if !audited.contains(&row.payment_id) && !moved.is_zero() {
                self.failures.push(format!("{} is nobody's, and has moved: {row:?}", row.payment_id));
            }
            self.log.push(format!(
                "  {}: {settled} settled, {refunded} refunded, {canceled} canceled",
                row.payment_id
            ));
        }
    }

    /// What a client was told of its order is what the order is, and what the provider moved for it. Gives the provider's
    /// payments that belong to it.
    async fn look_at(&mut self, client: &Client, tale: &Tale, books: &Books) -> Vec<String> {
        let request = GetTransactionRequest { transaction_id: tale.transaction_id() };
        let transaction = match client.transactions().get_transaction(request).await {
            Ok(response) => response.into_inner().transaction,
            Err(status) if status.code() == Code::NotFound => None,
            Err(status) => must("the transaction", Err(status)),
        };
        if !tale.is_there {
            if transaction.is_some() {
                self.failures.push(format!("{} was never accepted, and has a transaction", tale.order_id));
            }
            return Vec::new();
        }
        let request = GetOrderRequest { order_id: tale.order_id.clone() };
        let order = must("the order", client.orders().get_order(request).await).into_inner().order;
        let order = order.unwrap_or_default();
        let minor = |minor| Decimal::new(minor, tale.exponent);
        for (what, is, told) in [
            ("value", decimal(order.value.as_ref()), minor(tale.value)),
            ("invoiced", decimal(order.invoiced.as_ref()), minor(tale.invoiced)),
            ("returned", decimal(order.returned.as_ref()), minor(tale.returned)),
        ] {
            if is != told {
                self.failures
                    .push(format!("{}: {told} {what} was acknowledged, and it is {is}", tale.order_id));
            }
        }
        if (order.state() == order::State::Canceled) != tale.is_canceled {
            self.failures.push(format!("{}: it is {:?}", tale.order_id, order.state()));
        }
        self.log.push(format!("  {}: {:?} {:?}", tale.order_id, order.state(), order.invoiced));
        let paid: BTreeSet<&str> =
            transaction.iter().flat_map(|row| &row.payments).map(|row| row.payment_id.as_str()).collect();
        for (payment_id, request) in self.payments_accepted(tale) {
            if !paid.contains(payment_id.as_str()) {
                self.failures.push(format!("{payment_id} was accepted, and is not there: {request:?}"));
            }
        }
        let Some(transaction) = transaction else { return Vec::new() };
        let found = audit::differences(client, &[tale.transaction_id()], books).await;
        self.failures.extend(must("the audit", found));
        let operations = must("the operations", audit::operations(client, &tale.transaction_id()).await);
        let invoices = must("the invoices", audit::invoices(client, &tale.order_id).await);
        let resting = Resting {
            order: &order,
            transaction: &transaction,
            operations: &operations,
            invoices: &invoices,
        };
        self.failures.extend(self.unrest(&resting));
        let ids = transaction.payments.iter().map(|row| self.at_provider(&tale.order_id, &row.payment_id));
        let ids: Vec<String> = ids.collect();
        self.look_at_money(tale, &resting, &ids);
        ids
    }

    /// What was accepted of an order's payments.
    fn payments_accepted(&self, tale: &Tale) -> Vec<(String, Request)> {
        let accepted = self.entries.iter().filter(|entry| matches!(entry.told, Told::Accepted(_)));
        let payments = accepted.flat_map(|entry| {
            let payments = match &entry.request {
                Request::CreateTransaction(request) if request.order_id == tale.order_id => {
                    request.payments.clone()
                }
                Request::AddPayment(request) if request.transaction_id == tale.transaction_id() => {
                    request.payment.iter().cloned().collect()
                }
                _ => Vec::new(),
            };
            payments.into_iter().map(|payment| (payment.payment_id, entry.request.clone()))
        });
        payments.collect()
    }

    /// What the provider has of an order that has come to its end is what its client knows to be invoiced and not
    /// returned, and what operators gave up settling or giving back.
    fn look_at_money(&mut self, tale: &Tale, resting: &Resting<'_>, ids: &[String]) {
        let Resting { order, transaction, operations, .. } = resting;
        let books = ids.iter().filter_map(|id| self.network.sandbox.payment(id));
        let net: Decimal = books.map(|books| books.settled - books.refunded).sum();
        let kept = |payment: &Payment| {
            let requested = payment.requested.clone().unwrap_or_default();
            let done = payment.done.clone().unwrap_or_default();
            decimal(requested.return_given_up.as_ref()) + decimal(done.excess_given_up.as_ref())
        };
        let kept: Decimal = transaction.payments.iter().map(kept).sum();
        let given_up = decimal(order.given_up.as_ref());
        let expected = Decimal::new(tale.invoiced - tale.returned, tale.exponent) - given_up + kept;
        let is_final = matches!(order.state(), order::State::Invoiced | order::State::Canceled);
        if operations.iter().all(has_ended) && is_final && net != expected {
            let id = &tale.order_id;
            self.failures.push(format!(
                "{id}: {expected} is invoiced, and not returned or given up, and the provider has {net}"
            ));
        }
    }

    /// Where the value of every order is, for whoever has to find out what went wrong.
    pub(super) async fn explain(&self) -> String {
        let client = self.client();
        let mut text = String::new();
        for tale in &self.tales {
            let request = ExplainOrderRequest { order_id: tale.order_id.clone() };
            match client.orders().explain_order(request).await {
                Ok(response) => text.push_str(&response.into_inner().text),
                Err(status) => text.push_str(status.message()),
            }
            text.push('\n');
        }
        text
    }

    /// How many commands were accepted.
    pub(super) fn accepted(&self) -> u64 {
        let accepted = self.entries.iter().filter(|entry| matches!(entry.told, Told::Accepted(_)));
        u64::try_from(accepted.count()).unwrap_or(u64::MAX)
    }
}
