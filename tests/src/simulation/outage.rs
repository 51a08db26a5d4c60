//! Providers that are down: for some steps of a list, or for an hour.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use tranche_cli::server::core::time::Clock;
use tranche_sdk::v1::CreateTransactionRequest;

use super::Report;
use super::ground::Ground;
use super::network::{Answered, Held};
use super::player::{Player, Tale};
use super::request::{Effect, Request};
use super::terms::TERMS;
use crate::patience::must;
use crate::shop::order;

/// The connector that is in trouble for an hour, and one that is well, by their numbers.
const TROUBLED: u32 = 0;
const WELL: u32 = 1;
/// Orders at the one in trouble.
const ORDERS: usize = 12;
/// What an order is worth, and what each of its invoices is, in minor units.
const VALUE: i64 = 100_000;
const INVOICE: i64 = 10;
/// How long the trouble lasts, and what passes between two looks.
const HOUR: Duration = Duration::from_hours(1);
const PAUSE: Duration = Duration::from_mins(1);
/// The longest that a call takes, as the connectors of simulations say.
const CALL_TIME: Duration = Duration::from_mins(1);

/// What is wrong with a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It answers that it is not well.
    Breaks,
    /// No call comes to an end before its limit.
    Hangs,
}

/// What an hour of trouble was like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Calls that the provider in trouble was sent within the hour, by each replica on average.
    pub calls: usize,
    /// The most of them at once, of all replicas.
    pub at_once: usize,
    /// Invoices that are to be settled by the provider that is well.
    pub invoices: usize,
    /// Those of them that it had settled before the next one came.
    pub settled: usize,
    /// When the provider is mended: calls at once after each look, until no more is due.
    pub returning: Vec<usize>,
    /// The whole of it, to its end.
    pub report: Report,
}

impl Player {
    pub(super) fn break_down(&mut self, which: u32, how: u32) {
        if how.is_multiple_of(3) {
            self.down.clear();
            return;
        }
        self.faults += 1;
        self.down.insert(TERMS[usize::try_from(which).unwrap_or_default() % TERMS.len()].connector);
    }

    /// Whether the provider that a call is for is down.
    pub(super) fn is_down(&self, call: &Held) -> bool {
        let paid = self.payments.get(&call.payment_id);
        paid.is_some_and(|paid| self.down.contains(paid.terms.connector))
    }

    /// Answers a call as a provider does that is down; what it had answered before is lost.
    pub(super) async fn be_down(&mut self, call: Held, luck: u32) {
        match luck % 4 {
            0 if call.kept.is_none() => call.answer(Some(Answered { status: 503, body: Bytes::new() })),
            1 if call.kept.is_none() => call.answer(Some(Answered { status: 429, body: Bytes::new() })),
            _ => call.lose_answer(),
        }
        self.quiet().await;
    }

    /// An order with one payment.
    async fn paid_order(&mut self, which: u32) -> usize {
        let index = self.tales.len();
        let order_id = format!("o{}", index + 1);
        self.tales.push(Tale {
            order_id: order_id.clone(),
            currency: "BRL",
            exponent: 2,
            value: VALUE,
            invoiced: 0,
            returned: 0,
            is_canceled: false,
            is_there: false,
            payments: 0,
        });
        let request = order(&order_id, &self.tales[index].money(VALUE).amount, "BRL");
        self.act(0, index, Request::CreateOrder(request), Effect::Created).await;
        let payments = vec![self.authorize(index, VALUE, which).await];
        let transaction_id = self.tales[index].transaction_id();
        let request = CreateTransactionRequest { transaction_id, order_id, payments };
        self.act(0, index, Request::CreateTransaction(request), Effect::None).await;
        index
    }

    /// Looks for what is due, at every replica.
    async fn look_everywhere(&mut self) {
        for index in 0..self.replicas.len() {
            self.tick(u32::try_from(index).unwrap_or_default()).await;
        }
    }

    /// The numbers of the calls that are under way, in an order that does not depend on how they came.
    fn calls(&self) -> Vec<u64> {
        let taken: Vec<Held> = std::iter::from_fn(|| self.network.take(0)).collect();
        let numbers = taken.iter().map(|call| call.number).collect();
        for call in taken {
            self.network.put(call);
        }
        numbers
    }

    /// Lets the provider do what a call asks.
    async fn do_it(&mut self, mut call: Held) {
        let answered = self.done(&mut call).await;
        call.answer(Some(answered));
        self.quiet().await;
    }

    /// Answers the calls that are there, those that hang once they have lasted as long as a call may. Gives how many there
    /// were for the provider in trouble.
    async fn answer_calls(&mut self, trouble: Trouble, began: &mut BTreeMap<u64, i64>) -> usize {
        let now = self.clock.now().micros();
        let mut held = 0;
        for number in self.calls() {
            let Some(call) = self.network.take_number(number) else { continue };
            if !self.is_down(&call) {
                self.do_it(call).await;
                continue;
            }
            held += 1;
            let began = *began.entry(number).or_insert(now);
            let age = Duration::from_micros((now - began).unsigned_abs());
            match trouble {
                Trouble::Breaks => self.be_down(call, 0).await,
                Trouble::Hangs if age >= CALL_TIME => self.be_down(call, 3).await,
                Trouble::Hangs => self.network.put(call),
            }
        }
        held
    }
}

/// An hour in which one connector's provider is in trouble, with invoices for it and for another one all the time; then
/// it is mended.
pub async fn hour(ground: &mut Ground, trouble: Trouble) -> Outage {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut player = Player::new(ground).await;
    let well = player.paid_order(WELL).await;
    let mut troubled = Vec::new();
    for _ in 0..ORDERS {
        troubled.push(player.paid_order(TROUBLED).await);
    }
    let well_id = format!("{}-p1", player.tales[well].order_id);
    player.break_down(TROUBLED, 1);
    let (mut began, mut at_once, mut invoices, mut settled) = (BTreeMap::new(), 0, 0, 0);
    let end = player.clock.now().after(HOUR);
    while player.clock.now() < end {
        for index in [well, troubled[invoices % ORDERS]] {
            player.notify(index, INVOICE, u32::try_from(invoices).unwrap_or_default()).await;
        }
        invoices += 1;
        player.look_everywhere().await;
        at_once = at_once.max(player.answer_calls(trouble, &mut began).await);
        let books = must("the books", player.network.sandbox.payment(&well_id).ok_or("there are none"));
        settled += usize::from(books.settlements.len() == invoices);
        player.clock.pass(PAUSE);
    }
    let calls = began.len() / player.replicas.len();
    player.down.clear();
    // What still hangs comes to its end; from then on the provider does what it is asked.
    while let Some(call) = player.network.take(0) {
        player.be_down(call, 3).await;
    }
    player.clock.pass(CALL_TIME);
    let mut returning = Vec::new();
    loop {
        player.tick(0).await;
        let calls = player.calls();
        if calls.is_empty() {
            break;
        }
        returning.push(calls.len());
        for number in calls {
            if let Some(call) = player.network.take_number(number) {
                player.do_it(call).await;
            }
        }
    }
    player.finish(true).await;
    let explanation = if player.failures.is_empty() { String::new() } else { player.explain().await };
    player.end().await;
    let accepted = player.accepted();
    let Player { log, failures, faults, .. } = player;
    let report = Report { log, failures, explanation, operations: 0, faults, accepted };
    Outage { calls, at_once, invoices, settled, returning, report }
}
