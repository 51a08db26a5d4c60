//! Both sides' books, compared: what we believe of a transaction, and what its provider really moved.

use rust_decimal::Decimal;
use tranche_sandbox::books::PaymentBooks;
use tranche_sdk::v1::{Money, Operation, Payment, operation};

use crate::patience::must;
use crate::shop::{Shop, provider_payment_id};

/// Every difference between both sides of an order's payments, as sentences; none if the books agree.
///
/// # Panics
///
/// When one of the sides cannot be read.
pub async fn differences(shop: &Shop, order_id: &str) -> Vec<String> {
    let transaction = must(order_id, shop.see_transaction(order_id).await);
    let operations = must(order_id, shop.operations(order_id).await);
    let mut differences = Vec::new();
    for payment in &transaction.payments {
        let books = shop.provider.payment(&provider_payment_id(order_id, &payment.payment_id)).await;
        let of_payment: Vec<&Operation> =
            operations.iter().filter(|operation| operation.payment_id == payment.payment_id).collect();
        let found = sums(payment, &books).into_iter().chain(movements(&of_payment, &books));
        differences.extend(found.map(|text| format!("{order_id}, payment {}: {text}", payment.payment_id)));
    }
    differences
}

/// Compares what is settled, refunded and released.
fn sums(payment: &Payment, books: &PaymentBooks) -> Vec<String> {
    let done = payment.done.clone().unwrap_or_default();
    [
        ("authorized", decimal(payment.authorized.as_ref()), books.authorized),
        ("settled", decimal(done.settled.as_ref()) + decimal(done.surplus.as_ref()), books.settled),
        ("refunded", decimal(done.refunded.as_ref()), books.refunded),
        ("canceled", decimal(done.canceled.as_ref()), books.canceled + books.released),
    ]
    .into_iter()
    .filter(|(_, ours, theirs)| ours != theirs)
    .map(|(what, ours, theirs)| format!("{what} {ours} here, {theirs} at the provider"))
    .collect()
}

/// Compares every movement by the id that went out with it.
fn movements(operations: &[&Operation], books: &PaymentBooks) -> Vec<String> {
    let settlements = books.settlements.iter().map(|row| (&row.request_id, row.value));
    let refunds = books.refunds.iter().map(|row| (&row.request_id, row.value));
    let cancellations = books.cancellations.iter().map(|row| (&row.request_id, row.value));
    let theirs: Vec<(&String, Decimal)> = settlements.chain(refunds).chain(cancellations).collect();
    let mut differences = Vec::new();
    for operation in operations {
        let id = &operation.operation_id;
        let booked: Vec<Decimal> =
            theirs.iter().filter(|(key, _)| *key == id).map(|(_, value)| *value).collect();
        let ours = decimal(operation.amount_done.as_ref()) + decimal(operation.surplus.as_ref());
        // A release that the provider's last settlement implied was never asked for.
        let is_silent = operation.kind() == operation::Kind::Cancellation && operation.attempts == 0;
        let agree = match operation.state() {
            operation::State::Done => booked == [ours] || (is_silent && booked.is_empty()),
            _ => booked.is_empty(),
        };
        if !agree {
            let state = operation.state().as_str_name();
            differences
                .push(format!("{id} is {state} for {ours} here, and booked as {booked:?} at the provider"));
        }
    }
    let unknown = theirs.iter().filter(|(key, _)| !operations.iter().any(|row| row.operation_id == **key));
    differences.extend(unknown.map(|(key, value)| format!("{key} is unknown here, {value} at the provider")));
    differences
}

/// The decimal of an amount; 0 if there is none.
///
/// # Panics
///
/// When the server answered something else than a decimal.
pub fn decimal(money: Option<&Money>) -> Decimal {
    money.map_or(Decimal::ZERO, |money| must(&money.amount, Decimal::from_str_exact(&money.amount)))
}
