//! What a benchmark is given: copies that are as good as the original, and a conventional design that does its work.

use tranche_core::event::{Event, EventKind};
use tranche_core::id::{AccountId, InvoiceNumber, LineId, OrderId, OrderKey, PaymentId};
use tranche_core::operation::OperationState;
use tranche_core::order::{Order, Totals};
use tranche_core::payment::Payment;
use tranche_store::bench::{Conventional, log_bytes, multiply, quiesce};
use tranche_store::{OperationFilter, Store, StoreError};

use crate::database::{check, empty, texts};
use crate::rows::*;

const COPIES: u64 = 501;
/// Events of the order that is copied.
const EVENTS: usize = 3;

fn event(order: &str, number: usize) -> Event {
    let invoice_number = InvoiceNumber::trusted(&number.to_string());
    Event {
        account_id: AccountId::trusted("acme"),
        order_id: Some(OrderId::trusted(order)),
        kind: EventKind::TrackingUpdated { invoice_number },
    }
}

/// An order with one row of everything, and another one that is none of its business.
async fn write_past(store: &Store) {
    let mut batch = empty(store).await;
    for id in ["past", "other"] {
        batch.state.orders.write(key(id), with_transaction(order(id), &format!("{id}-payments")));
        batch.state.lines.write((key(id), LineId::trusted("1")), line(id, "1", 0));
        batch.state.payments.write((key(id), 0), payment(id, "p", 0));
        batch.state.invoices.write((key(id), InvoiceNumber::trusted("1")), invoice(id, "1"));
        let row = done(id, 1, 0);
        batch.state.operations.write((key(id), row.payment_id.clone(), 1), row);
        batch.state.interactions.push(interaction(id, 1, 1));
        let mut row = request("");
        row.key.resource = format!("order/{id}");
        batch.state.requests.write(row.key.clone(), row);
        batch.state.events.extend((0..EVENTS).map(|number| event(id, number)));
    }
    batch.commit().await.unwrap();
}

#[test]
fn copies_are_as_good_as_the_original() {
    check(async |place| {
        let store = place.store().await;
        write_past(&store).await;
        let (_, original, operations) =
            store.invoice(&key("past"), &InvoiceNumber::trusted("1")).await.unwrap().unwrap();
        store.close().await.unwrap();
        drop(store);
        let made = std::sync::Mutex::new(Vec::new());
        multiply(&place.url, &key("past"), COPIES, |copies| made.lock().unwrap().push(copies)).await.unwrap();
        quiesce(&place.url).await.unwrap();
        assert_eq!(made.into_inner().unwrap(), [500, COPIES]);
        assert_eq!(log_bytes(&place.url).await.unwrap().is_none(), place.is_sqlite());

        let store = place.store().await;
        let account = AccountId::trusted("acme");
        for copy in [1, 250, COPIES] {
            let key = key(&format!("past-{copy}"));
            let (order, invoice, of_copy) =
                store.invoice(&key, &InvoiceNumber::trusted("1")).await.unwrap().unwrap();
            assert_eq!((order.value, &invoice.legs), (1300, &original.legs));
            assert_eq!((of_copy.len(), &of_copy[0].state), (1, &operations[0].state));
            assert_ne!(of_copy[0].operation_id, operations[0].operation_id);
            let found = store.interactions(&account, &of_copy[0].operation_id, (0, 0), 10).await.unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!(store.order(&key).await.unwrap().unwrap().1.len(), 1);
            let events = store.events(&account, 0, Some(&key.order_id), 10).await.unwrap().events;
            let kinds: Vec<_> = events.iter().map(|numbered| numbered.event.kind.clone()).collect();
            assert_eq!(kinds, (0..EVENTS).map(|number| event("past", number).kind).collect::<Vec<_>>());
        }
        let other = store.operations(&key("other-1"), &OperationFilter::default(), None, 10).await.unwrap();
        assert_eq!(other, []);

        // The numbers of the events have no gap, and the next one follows.
        let all = usize::try_from(COPIES + 2).unwrap() * EVENTS;
        let events = store.events(&account, 0, None, 10_000).await.unwrap().events;
        let numbers: Vec<i64> = events.iter().map(|numbered| numbered.number).collect();
        assert_eq!(numbers, (1..=i64::try_from(all).unwrap()).collect::<Vec<_>>());
        assert_eq!(store.last_event_number(&account).await.unwrap(), *numbers.last().unwrap());
        let raw = place.raw().await;
        let requests =
            texts(&raw, "SELECT resource FROM requests WHERE resource LIKE 'order/past%'", "resource");
        assert_eq!(requests.await.len(), usize::try_from(COPIES + 1).unwrap());
    });
}

#[test]
fn the_conventional_design_writes_what_the_product_reads() {
    check(async |place| {
        let account = AccountId::trusted("default");
        let key = OrderKey { account_id: account.clone(), order_id: OrderId::trusted("open-1") };
        let store = place.store().await;
        let mut batch = empty(&store).await;
        let row = with_transaction(order("open-1"), "open-1-payments");
        let totals = Totals { items: 1_000_000, ..Totals::default() };
        let row = Order { key: key.clone(), value: totals.items, totals, ..row };
        batch.state.orders.write(key.clone(), row.clone());
        let mut ordered = line("open-1", "1", 0);
        ordered.order = key.clone();
        batch.state.lines.write((key.clone(), ordered.line_id.clone()), ordered.clone());
        let paid = payment("open-1", "card", 0);
        let paid = Payment { order: key.clone(), authorized: 1_000_000, ..paid };
        batch.state.payments.write((key.clone(), 0), paid.clone());
        batch.commit().await.unwrap();
        store.close().await.unwrap();
        drop(store);

        let mut conventional = Conventional::connect(&place.url).await.unwrap();
        conventional.settle(1, 1, 1_800_000_000_000_000).await.unwrap();
        let again = conventional.settle(1, 1, 1_800_000_000_000_001).await;
        assert!(matches!(again, Err(StoreError::Conflict(_))), "the invoice is there: {again:?}");
        // Its transaction is open, and holds what it locked until it goes.
        conventional.close().await.unwrap();
        let mut conventional = Conventional::connect(&place.url).await.unwrap();
        let nowhere = conventional.settle(2, 1, 1_800_000_000_000_002).await;
        let is_noticed = matches!(&nowhere, Err(StoreError::Refused(text)) if text.contains("UPDATE orders"));
        assert!(is_noticed, "there is no second order: {nowhere:?}");
        conventional.close().await.unwrap();

        let store = place.store().await;
        let number = InvoiceNumber::trusted("1");
        let (found, invoice, operations) = store.invoice(&key, &number).await.unwrap().unwrap();
        assert_eq!((found.invoiced, found.version), (row.invoiced + 1_000, row.version + 1));
        assert_eq!((invoice.value, invoice.legs[0].payment_id == PaymentId::trusted("card")), (1_000, true));
        let lines = store.order(&key).await.unwrap().unwrap().1;
        assert_eq!(lines[0].invoiced, ordered.invoiced + 1);
        let transaction = row.transaction.unwrap().transaction_id;
        let (_, payments) = store.transaction(&account, &transaction).await.unwrap().unwrap();
        let expected = Payment {
            asked: paid.asked + 1_000,
            settled: paid.settled + 1_000,
            settlements: paid.settlements + 1,
            operations: paid.operations + 1,
            sent: paid.sent + 1,
            update_time: payments[0].update_time,
            ..paid
        };
        assert_eq!(payments, [expected]);
        assert_eq!(operations.len(), 1);
        assert!(matches!(operations[0].state, OperationState::Done { value: 1_000, .. }), "{operations:?}");
        let calls = store.interactions(&account, &operations[0].operation_id, (0, 0), 10).await.unwrap();
        assert_eq!(calls.len(), 1);
        let events = store.events(&account, 0, Some(&key.order_id), 10).await.unwrap().events;
        let kinds: Vec<_> = events.iter().map(|numbered| &numbered.event.kind).collect();
        assert!(
            matches!(
                kinds[..],
                [
                    EventKind::InvoiceAccepted { .. },
                    EventKind::OperationStarted { .. },
                    EventKind::OperationEnded { is_done: true, .. }
                ]
            ),
            "{kinds:?}"
        );
    });
}
