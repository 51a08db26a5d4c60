//! What a story found wrong, and how it looks for it.

use std::fmt::Display;

use tonic::Status;
use tranche_sdk::v1::{ErrorReason, Money, Operation, operation};
use tranche_tests::audit::differences;
use tranche_tests::shop::{Shop, provider_payment_id};

/// What was wrong, as a sentence.
#[derive(Debug)]
pub(super) struct Finding(pub(super) String);

pub(super) fn brl(amount: &str) -> Money {
    tranche_tests::shop::money(amount, "BRL")
}

/// Something is as it must be; `what` is the sentence's subject.
pub(super) fn is<T, U>(what: &str, seen: &T, expected: &U) -> Result<(), Finding>
where
    T: Display + PartialEq<U> + ?Sized,
    U: Display + ?Sized,
{
    if seen == expected {
        Ok(())
    } else {
        Err(Finding(format!("{what} is {seen}, and should be {expected}")))
    }
}

/// As [`is`] for a list, which a sentence writes as `[20.00, 80.00]`.
pub(super) fn are<T: Display>(
    what: &str,
    seen: impl IntoIterator<Item = T>,
    expected: &[&str],
) -> Result<(), Finding> {
    let seen: Vec<String> = seen.into_iter().map(|one| one.to_string()).collect();
    is(what, &format!("[{}]", seen.join(", ")), &format!("[{}]", expected.join(", ")))
}

/// What was answered to a request that must be accepted.
pub(super) fn accepted<T>(what: &str, answer: Result<T, Status>) -> Result<T, Finding> {
    answer.map_err(|status| Finding(format!("{what} was refused: {}", status.message())))
}

/// A request that must be refused for this reason was.
pub(super) fn refused<T>(
    what: &str,
    answer: Result<T, Status>,
    reason: ErrorReason,
) -> Result<Status, Finding> {
    let Err(status) = answer else { return Err(Finding(format!("{what} was accepted"))) };
    if tranche_sdk::reason(&status) != Some(reason) {
        let expected = reason.as_str_name();
        return Err(Finding(format!("{what} was refused as {status:?}, and should be as {expected}")));
    }
    Ok(status)
}

/// Both sides' books of the order say the same.
pub(super) async fn books_agree(shop: &Shop, order_id: &str) -> Result<(), Finding> {
    let differences = differences(shop, order_id).await;
    if differences.is_empty() { Ok(()) } else { Err(Finding(differences.join("; "))) }
}

/// What the provider settled of a payment, in its order.
pub(super) async fn settled(shop: &Shop, order_id: &str, payment_id: &str) -> Vec<String> {
    let books = shop.provider.payment(&provider_payment_id(order_id, payment_id)).await;
    books.settlements.iter().map(|row| row.value.to_string()).collect()
}

/// What the provider refunded of a payment, in its order.
pub(super) async fn refunded(shop: &Shop, order_id: &str, payment_id: &str) -> Vec<String> {
    let books = shop.provider.payment(&provider_payment_id(order_id, payment_id)).await;
    books.refunds.iter().map(|row| row.value.to_string()).collect()
}

/// What the provider released of a payment, in its order.
pub(super) async fn released(shop: &Shop, order_id: &str, payment_id: &str) -> Vec<String> {
    let books = shop.provider.payment(&provider_payment_id(order_id, payment_id)).await;
    books.cancellations.iter().map(|row| row.value.to_string()).collect()
}

/// Where an order's transaction stands.
pub(super) async fn transaction_state(shop: &Shop, order_id: &str) -> Result<String, Finding> {
    let transaction = accepted("to see the transaction", shop.see_transaction(order_id).await)?;
    Ok(word(transaction.state().as_str_name()))
}

/// The operations of one kind.
pub(super) fn of_kind(operations: &[Operation], kind: operation::Kind) -> Vec<&Operation> {
    operations.iter().filter(|row| row.kind() == kind).collect()
}

/// A state or a finding without the prefix that all of its kind have.
pub(super) fn word(name: &str) -> String {
    name.trim_start_matches("STATE_").trim_start_matches("FINDING_").trim_start_matches("CAUSE_").to_owned()
}
