//! What holds after a race, when every operation has ended.

use std::collections::{BTreeMap, HashMap};

use futures_util::future::join_all;
use rust_decimal::Decimal;
use tranche_sandbox::books::PaymentBooks;
use tranche_sdk::v1::{Event, Order, Transaction, event::Payload, invoice, order, transaction};
use tranche_tests::audit::decimal;
use tranche_tests::shop::transaction_id;

use super::act::Sums;
use super::field::Field;

/// Orders that are looked at at once: a look is work too.
const LOOKS_AT_ONCE: usize = 8;

/// Checks that what was accepted is what the order says, what its events tell, and what was done at the provider.
pub(super) async fn check(field: &Field) {
    let [shop, other] = &field.shops;
    let order_ids: Vec<&String> = field.accepted.keys().collect();
    for some in order_ids.chunks(LOOKS_AT_ONCE) {
        join_all(some.iter().map(|order_id| shop.at_rest(order_id))).await;
    }

    let books = shop.provider.books().await;
    let transactions: Vec<String> = order_ids.iter().map(|order_id| transaction_id(order_id)).collect();
    let differences = tranche_cli::audit::differences(&shop.client, &transactions, &books).await;
    assert_eq!(differences.unwrap(), Vec::<String>::new());

    let told = tell(&shop.events("").await.unwrap());
    let theirs: HashMap<&str, &PaymentBooks> =
        books.payments.iter().map(|payment| (payment.payment_id.as_str(), payment)).collect();
    for some in order_ids.chunks(LOOKS_AT_ONCE) {
        let seen = some.iter().map(async |order_id| {
            let seen = (other.see_order(order_id).await, other.see_transaction(order_id).await);
            (*order_id, seen.0.unwrap(), seen.1.unwrap())
        });
        for (order_id, order, transaction) in join_all(seen).await {
            let accepted = field.accepted[order_id];
            assert_eq!(Sums::of(&order), accepted, "{order_id}: the order, and what was accepted");
            assert_eq!(
                told[order_id.as_str()].sums,
                accepted,
                "{order_id}: the events, and what was accepted"
            );
            check_money(&order, &transaction, &theirs);
        }
    }
}

/// Compares an order's sums with what its provider moved.
fn check_money(order: &Order, transaction: &Transaction, theirs: &HashMap<&str, &PaymentBooks>) {
    let order_id = &order.order_id;
    let sums = Sums::of(order);
    let [mut ahead, mut authorized, mut settled, mut refunded, mut canceled] = [Decimal::ZERO; 5];
    for payment in &transaction.payments {
        let books = theirs[payment.authorization.as_ref().unwrap().provider_payment_id.as_str()];
        ahead += decimal(payment.ahead.as_ref());
        authorized += books.authorized;
        settled += books.settled;
        refunded += books.refunded;
        canceled += books.canceled;
        for settlement in &books.settlements {
            let of_it = books.refunds.iter().filter(|refund| refund.settle_id == settlement.settle_id);
            let of_it: Decimal = of_it.map(|refund| refund.value).sum();
            assert!(of_it <= settlement.value, "{order_id}: {of_it} went back of {settlement:?}");
        }
        let settlements = books.settlements.iter().map(|settlement| settlement.settle_id.as_str());
        let known: Vec<&str> = settlements.collect();
        let foreign = books.refunds.iter().find(|refund| !known.contains(&refund.settle_id.as_str()));
        assert_eq!(foreign, None, "{order_id}: a refund of no settlement of its payment");
    }
    assert_eq!(settled, sums.invoiced + ahead, "{order_id}: settled and invoiced, with {ahead} ahead");
    assert_eq!(refunded, sums.returned, "{order_id}: refunded and returned");
    let ends = match order.state() {
        order::State::Canceled => Some(transaction::State::Canceled),
        order::State::Invoiced => Some(transaction::State::Finished),
        _ => None,
    };
    if let Some(ends) = ends {
        assert_eq!(transaction.state(), ends, "{order_id}");
        assert_eq!(canceled, authorized - sums.invoiced, "{order_id}: what was not invoiced is released");
    }
}

/// An order as its events tell it.
#[derive(Default)]
struct Told {
    sums: Sums,
    /// Operations that were started, and whether they have ended.
    operations: BTreeMap<String, bool>,
}

/// Retells the account's events. Each must follow from those before it, or they are not in the order in which things
/// happened.
fn tell(events: &[Event]) -> HashMap<&str, Told> {
    let numbers = events.iter().map(|event| event.number);
    assert!(
        numbers.eq((1..).take(events.len())),
        "the account's events have a gap, or their order is another"
    );
    let mut orders: HashMap<&str, Told> = HashMap::new();
    for event in events {
        let told = orders.entry(event.order_id.as_str()).or_default();
        told.hear(event);
    }
    for (order_id, told) in &orders {
        let open: Vec<&String> =
            told.operations.iter().filter(|(_, ended)| !**ended).map(|(id, _)| id).collect();
        assert!(open.is_empty(), "{order_id}: no event tells the end of {open:?}");
    }
    orders
}

impl Told {
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
                self.sums += match accepted.r#type() {
                    invoice::Type::Input => Sums::of_return(value),
                    _ => Sums::of_invoice(value),
                };
                let remaining = decimal(accepted.remaining_to_invoice.as_ref());
                assert_eq!(remaining, self.sums.value - self.sums.invoiced, "{event:?} after {before:?}");
            }
            Payload::InvoiceVoided(voided) => {
                self.sums += Sums::of_invoice(-decimal(voided.value.as_ref()));
            }
            Payload::OperationStarted(started) => {
                let operation = started.operation.as_ref().unwrap();
                let is_new = self.operations.insert(operation.operation_id.clone(), false).is_none();
                assert!(is_new, "started twice: {event:?}");
            }
            Payload::OperationEnded(ended) => {
                let operation = ended.operation.as_ref().unwrap();
                let was = self.operations.insert(operation.operation_id.clone(), true);
                assert_eq!(was, Some(false), "ended twice, or without a start: {event:?}");
            }
            _ => {}
        }
        let Sums { value, invoiced, returned } = self.sums;
        assert!(returned <= invoiced && invoiced <= value, "{:?} after {event:?}", self.sums);
    }
}
