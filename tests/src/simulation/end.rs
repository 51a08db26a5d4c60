//! The end of a simulation: everything is mended, and the books are looked at.

use std::collections::BTreeSet;
use std::time::Duration;

use rust_decimal::Decimal;
use tranche_cli::audit;
use tranche_sdk::Client;
use tranche_sdk::v1::{
    ExplainOrderRequest, GetOrderRequest, GetTransactionRequest, Operation, operation::State, order,
};

use super::player::{Player, Tale};
use super::request::Told;
use crate::audit::decimal;
use crate::patience::must;
use crate::shop::has_ended;

/// Rounds in which what is due is looked for and done.
const ROUNDS_MAX: u32 = 200;
/// Longer than a lease: what the dead had under way is free then.
const LEASE_OVER: Duration = Duration::from_secs(80);
/// How often a request is repeated that nobody answers.
const REPEATS_MAX: u32 = 4;

impl Player {
    /// Mends everything, lets all be done, and looks.
    pub(super) async fn finish(&mut self, completes: bool) {
        self.log.push("the end".to_owned());
        for replica in self.replicas.iter().flatten() {
            replica.destiny.disarm();
        }
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
        self.let_all_be_done().await;
        if completes {
            self.complete().await;
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
            // An order without a transaction has none.
            if let Ok(operations) = audit::operations(&client, &tale.transaction_id()).await {
                all.extend(operations);
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
        let paid: BTreeSet<String> = self.paid();
        let transactions: Vec<String> = paid.iter().cloned().collect();
        let books = self.network.sandbox.books();
        let found = audit::differences(&client, &transactions, &books).await;
        self.failures.extend(must("the audit", found));
        for row in &books.payments {
            let twice: BTreeSet<&str> = row.settlements.iter().map(|row| row.request_id.as_str()).collect();
            if twice.len() < row.settlements.len() {
                self.failures.push(format!("{} was settled twice for one request: {row:?}", row.payment_id));
            }
            let (settled, refunded) = (row.settled, row.refunded);
            let canceled = row.canceled + row.released;
            self.log.push(format!(
                "  {}: {settled} settled, {refunded} refunded, {canceled} canceled",
                row.payment_id
            ));
        }
        for tale in self.tales.clone() {
            if tale.is_there {
                self.look_at(&client, &tale, paid.contains(&tale.transaction_id())).await;
            }
        }
    }

    /// Orders whose payments are known.
    fn paid(&self) -> BTreeSet<String> {
        use super::request::Request::CreateTransaction;
        let accepted = self.entries.iter().filter(|entry| matches!(entry.told, Told::Accepted(_)));
        let paid = accepted.filter_map(|entry| match &entry.request {
            CreateTransaction(request) => Some(request.transaction_id.clone()),
            _ => None,
        });
        paid.collect()
    }

    /// What a client was told of its order is what the order is, and what the provider moved for it.
    async fn look_at(&mut self, client: &Client, tale: &Tale, is_paid: bool) {
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
        if is_paid {
            self.look_at_money(client, tale, order.state()).await;
        }
    }

    async fn look_at_money(&mut self, client: &Client, tale: &Tale, state: order::State) {
        let request = GetTransactionRequest { transaction_id: tale.transaction_id() };
        let transaction = must("the transaction", client.transactions().get_transaction(request).await);
        let transaction = transaction.into_inner().transaction.unwrap_or_default();
        let (mut exact, mut net) = (Decimal::ZERO, Decimal::ZERO);
        for payment in &transaction.payments {
            let id = format!("{}-{}", tale.order_id, payment.payment_id);
            let Some(books) = self.network.sandbox.payment(&id) else { continue };
            net += books.settled - books.refunded;
            exact += if self.exact.contains(&id) { books.settled } else { Decimal::ZERO };
        }
        let ever = Decimal::new(tale.ever_invoiced, tale.exponent);
        if exact > ever && !tale.is_wronged {
            let id = &tale.order_id;
            self.failures.push(format!("{id}: {exact} was settled exactly, and {ever} was ever invoiced"));
        }
        let operations = must("the operations", audit::operations(client, &tale.transaction_id()).await);
        let is_clean = operations.iter().all(has_ended) && !tale.is_wronged;
        let expected = Decimal::new(tale.invoiced - tale.returned, tale.exponent);
        let is_final = matches!(state, order::State::Invoiced | order::State::Canceled);
        if is_clean && is_final && net != expected {
            let id = &tale.order_id;
            self.failures
                .push(format!("{id}: {expected} is invoiced and not returned, and the provider has {net}"));
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
