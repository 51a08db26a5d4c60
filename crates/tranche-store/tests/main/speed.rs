//! How long batches take; by hand: `cargo test --release -p tranche-store -- --ignored --nocapture speed`.

use std::time::Duration;

use tranche_core::command::Needs;
use tranche_core::event::{Event, EventKind};
use tranche_core::id::{AccountId, InvoiceNumber};
use tranche_core::operation::{Operation, OperationState, Waiting};
use tranche_store::Store;

use crate::database::{check, empty};
use crate::rows::*;

const BATCHES: usize = 100;

/// A batch like one of invoices: each locks an order, writes it and its payment, and adds an invoice, an operation and
/// two events.
async fn invoices(store: &Store, round: usize, ids: &[String]) {
    let number = InvoiceNumber::trusted(&round.to_string());
    let mut needs = Needs::default();
    for id in ids {
        needs.orders.insert(key(id));
        needs.invoices.insert((key(id), number.clone()));
    }
    let mut batch = store.begin(&needs).await.unwrap();
    for id in ids {
        let mut row = batch.state.orders.get(&key(id)).unwrap().clone();
        row.version += 1;
        batch.state.orders.write(key(id), row);
        let mut row = batch.state.payments.get(&(key(id), 0)).unwrap().clone();
        row.operations += 1;
        batch.state.payments.write((key(id), 0), row);
        let row = invoice(id, number.as_str());
        batch.state.invoices.write((key(id), number.clone()), row);
        let waiting = OperationState::Waiting(Waiting::Pending);
        let row =
            Operation { due_time: Some(at(1)), ..operation(id, i64::try_from(round).unwrap() + 1, waiting) };
        batch.state.operations.write((key(id), row.payment_id.clone(), row.ordinal), row);
        for _ in 0..2 {
            let kind = EventKind::TrackingUpdated { invoice_number: number.clone() };
            let order_id = Some(key(id).order_id);
            batch.state.events.push(Event { account_id: AccountId::trusted("acme"), order_id, kind });
        }
    }
    batch.commit().await.unwrap();
}

async fn lane(store: Store, lane: usize, size: usize) -> Duration {
    let ids: Vec<String> = (0..size).map(|index| format!("{size}-{lane}-{index:03}")).collect();
    let mut batch = empty(&store).await;
    for id in &ids {
        batch.state.orders.write(key(id), order(id));
        batch.state.payments.write((key(id), 0), {
            let mut row = payment(id, "p", 0);
            (row.returned, row.excess_refunding, row.excess_refunded, row.return_given_up) = (0, 0, 0, 0);
            (row.return_refunding, row.return_refunded) = (0, 0);
            row
        });
    }
    batch.commit().await.unwrap();
    for round in 0..10 {
        invoices(&store, round, &ids).await;
    }
    #[expect(clippy::disallowed_methods, reason = "what is measured is real time")]
    let start = std::time::Instant::now();
    for round in 10..10 + BATCHES {
        invoices(&store, round, &ids).await;
    }
    start.elapsed()
}

#[test]
#[ignore = "measures, and asserts nothing"]
fn speed() {
    check(async |place| {
        let store = place.store().await;
        for size in [1, 16, 64] {
            let lanes: Vec<_> =
                (0..store.lanes()).map(|index| tokio::spawn(lane(store.clone(), index, size))).collect();
            let (mut longest, count) = (Duration::ZERO, lanes.len());
            for lane in lanes {
                longest = longest.max(lane.await.unwrap());
            }
            let per = |count: usize| longest / u32::try_from(count).unwrap();
            let (batch, invoice) = (per(BATCHES), per(count * BATCHES * size));
            println!(
                "{}: {count} lanes, batches of {size}: {batch:?} a batch, {invoice:?} an invoice",
                if place.is_sqlite() { "sqlite" } else { "postgres" }
            );
        }
    });
}
