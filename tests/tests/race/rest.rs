//! What holds after a race, when every operation has ended.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use tranche_sandbox::books::PaymentBooks;
use tranche_sdk::v1::{
    Event, Order, event::Payload, invoice, operation, operation_ended, order, transaction,
};
use tranche_tests::audit::decimal;
use tranche_tests::shop::{provider_payment_id, transaction_id};

use super::act::Sums;
use super::field::Field;

/// Checks that what was accepted is what the order says, what its events tell, and what was done at the provider. Answers
/// what the events told of all orders.
pub(super) async fn check(field: &Field) -> Seen {
    let [shop, other] = &field.shops;
    let order_ids: Vec<String> = field.accepted.keys().cloned().collect();
    field.rest(&order_ids).await;

    let books = shop.provider.books().await;
    let transactions: Vec<String> = order_ids.iter().map(|order_id| transaction_id(order_id)).collect();
    let differences = tranche_cli::audit::differences(&shop.client, &transactions, &books).await;
    assert_eq!(differences.unwrap(), Vec::<String>::new());

    let events = shop.events("").await.unwrap();
    let told = tell(&events);
    let theirs: HashMap<&str, &PaymentBooks> =
        books.payments.iter().map(|payment| (payment.payment_id.as_str(), payment)).collect();
    let orders = field.see().await;
    let mut seen = Seen::default();
    for (order_id, accepted) in &field.accepted {
        let (order, told) = (&orders[order_id], &told[order_id.as_str()]);
        assert_eq!(Sums::of(order), *accepted, "{order_id}: the order, and what was accepted");
        assert_eq!(told.sums, *accepted, "{order_id}: the events, and what was accepted");
        let books = field.paid_by.iter().map(|(payment, _)| provider_payment_id(order_id, payment));
        let books: Vec<&PaymentBooks> = books.map(|id| theirs[id.as_str()]).collect();
        check_refunds(order_id, &books);
        if accepted.is_canceled || accepted.invoiced == accepted.value {
            check_end(order, told, &books);
        } else {
            let payments = other.see_transaction(order_id).await.unwrap().payments;
            let ahead: Decimal = payments.iter().map(|payment| decimal(payment.ahead.as_ref())).sum();
            let settled: Decimal = books.iter().map(|books| books.settled).sum();
            assert_eq!(settled, accepted.invoiced + ahead, "{order_id}: settled, with {ahead} ahead");
        }
        let refunded: Decimal = books.iter().map(|books| books.refunded).sum();
        assert_eq!(refunded, accepted.returned, "{order_id}: refunded and returned");
        seen.add(told.seen);
    }
    seen
}

/// Every refund is of a settlement of its payment that has so much.
fn check_refunds(order_id: &str, books: &[&PaymentBooks]) {
    for books in books {
        let mut left: HashMap<&str, Decimal> =
            books.settlements.iter().map(|row| (row.settle_id.as_str(), row.value)).collect();
        for refund in &books.refunds {
            let left = left.get_mut(refund.settle_id.as_str());
            let left = left.unwrap_or_else(|| panic!("{order_id}: {refund:?} is of no settlement"));
            *left -= refund.value;
            assert!(*left >= Decimal::ZERO, "{order_id}: {refund:?} is above its settlement");
        }
    }
}

/// Nothing is held for an order that has ended: what is invoiced is settled, and the rest is released.
fn check_end(order: &Order, told: &Told, books: &[&PaymentBooks]) {
    let (order_id, sums) = (&order.order_id, told.sums);
    let ends = if sums.is_canceled {
        (order::State::Canceled, transaction::State::Canceled)
    } else {
        (order::State::Invoiced, transaction::State::Finished)
    };
    assert_eq!((order.state(), told.transaction), ends, "{order_id}: {sums:?}");
    for books in books {
        assert_eq!(books.settled + books.canceled, books.authorized, "{order_id}: {books:?}");
    }
    let settled: Decimal = books.iter().map(|books| books.settled).sum();
    assert_eq!(settled, sums.invoiced, "{order_id}: settled and invoiced");
}

/// How often invoices were returned or voided at which moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// While a settlement was decided and had not ended.
    pub(super) amid: usize,
    /// While none was.
    pub(super) after: usize,
    /// Settlements that a void came before.
    withdrawn: usize,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.amid += other.amid;
        self.after += other.after;
        self.withdrawn += other.withdrawn;
    }
}

/// An order as its events tell it.
#[derive(Default)]
struct Told {
    sums: Sums,
    transaction: transaction::State,
    seen: Seen,
    /// Operations that were started, and whether they have ended.
    operations: BTreeMap<String, (operation::Kind, bool)>,
}

/// Retells the account's events. Each must follow from those before it, or they are not in the order in which things
/// happened.
fn tell(events: &[Event]) -> HashMap<&str, Told> {
    let numbers = events.iter().map(|event| event.number);
    assert!(numbers.eq((1..).take(events.len())), "a gap in the account's events, or another order");
    let mut orders: HashMap<&str, Told> = HashMap::new();
    for event in events {
        orders.entry(event.order_id.as_str()).or_default().hear(event);
    }
    for (order_id, told) in &orders {
        let open: Vec<_> = told.operations.iter().filter(|(_, (_, has_ended))| !has_ended).collect();
        assert!(open.is_empty(), "{order_id}: no event tells the end of {open:?}");
    }
    orders
}

impl Told {
    /// Notes whether a settlement is under way.
    fn take_back(&mut self) {
        let is_amid = self.operations.values().any(|state| *state == (operation::Kind::Settlement, false));
        self.seen.add(Seen { amid: is_amid.into(), after: (!is_amid).into(), withdrawn: 0 });
    }

    fn hear(&mut self, event: &Event) {
        let before = self.sums;
        match event.payload.as_ref().unwrap() {
            Payload::OrderCreated(created) => self.sums.value = decimal(created.value.as_ref()),
            Payload::OrderChanged(changed) => {
                assert_eq!(decimal(changed.value_before.as_ref()), before.value, "{event:?}");
                self.sums.value = decimal(changed.value_after.as_ref());
            }
            Payload::InvoiceAccepted(accepted) => {
                let value = decimal(accepted.value.as_ref());
                if accepted.r#type() == invoice::Type::Input {
                    self.take_back();
                    self.sums += Sums::of_return(value);
                } else {
                    self.sums += Sums::of_invoice(value);
                }
                let remaining = decimal(accepted.remaining_to_invoice.as_ref());
                assert_eq!(remaining, self.sums.value - self.sums.invoiced, "{event:?} after {before:?}");
            }
            Payload::InvoiceVoided(voided) => {
                self.take_back();
                self.sums += Sums::of_invoice(-decimal(voided.value.as_ref()));
            }
            Payload::OperationStarted(started) => {
                let operation = started.operation.as_ref().unwrap();
                let was = self.operations.insert(operation.operation_id.clone(), (operation.kind(), false));
                assert_eq!(was, None, "started twice: {event:?}");
            }
            Payload::OperationEnded(ended) => {
                let operation = ended.operation.as_ref().unwrap();
                let was = self.operations.insert(operation.operation_id.clone(), (operation.kind(), true));
                let started = Some((operation.kind(), false));
                assert_eq!(was, started, "ended twice, or without a start: {event:?}");
                self.seen.withdrawn += usize::from(ended.outcome() == operation_ended::Outcome::Withdrawn);
            }
            Payload::TransactionStateChanged(changed) => self.transaction = changed.state(),
            Payload::OrderStateChanged(changed) if changed.state() == order::State::Canceled => {
                self.sums += Sums::canceled();
            }
            _ => {}
        }
        let Sums { value, invoiced, returned, .. } = self.sums;
        assert!(returned <= invoiced && invoiced <= value, "{:?} after {event:?}", self.sums);
    }
}
