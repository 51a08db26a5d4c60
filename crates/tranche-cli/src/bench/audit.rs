//! The audit of a run: our books, the provider's, and what the load was told.

use tonic::Status;
use tranche_sandbox::books::Books;
use tranche_sdk::Client;

use super::journal::Journal;
use super::orders::{order_id, order_number, transaction_id};
use crate::CommandError;
use crate::audit;
use crate::provider::Provider;

/// Differences that are listed; the others are counted.
const LISTED_MAX: usize = 20;

/// What is not as it should be, as sentences.
pub(super) async fn differences(
    client: &Client,
    provider: &Provider,
    journal: &Journal,
    orders: u64,
) -> Result<Vec<String>, CommandError> {
    let books = provider.books().await?;
    let transactions: Vec<String> = (0..orders).map(|number| transaction_id(&order_id(number))).collect();
    let refused = |status: Status| CommandError::new("the audit", &status);
    let mut found = journal.complaints();
    found.extend(against_acknowledged(&books, journal, orders));
    found.extend(audit::differences(client, &transactions, &books).await.map_err(refused)?);
    if found.len() > LISTED_MAX {
        let more = found.len() - LISTED_MAX;
        found.truncate(LISTED_MAX);
        found.push(format!("and {more} more"));
    }
    Ok(found)
}

/// Each payment must be settled by what its acknowledged invoices asked of it: no cent less, and no cent more. Nothing is
/// ever to go back: the orders are worth what was authorized, and none is returned.
fn against_acknowledged(books: &Books, journal: &Journal, orders: u64) -> Vec<String> {
    let mut asked = journal.asked();
    let mut found = Vec::new();
    for payment in &books.payments {
        // The provider's payments are called after their order and themselves.
        let (order_id, payment_id) = payment
            .payment_id
            .split_once("-card")
            .map_or((payment.payment_id.as_str(), String::new()), |(order_id, rest)| {
                (order_id, format!("card{rest}"))
            });
        let number = order_number(order_id).filter(|number| *number < orders);
        let expected = number.and_then(|number| asked.remove(&(number, payment_id))).unwrap_or_default();
        if payment.settled != expected {
            found.push(format!(
                "{}: the acknowledged invoices ask for {expected}, and {} is settled",
                payment.payment_id, payment.settled
            ));
        }
        for (what, amount) in
            [("refunded", payment.refunded), ("canceled", payment.canceled), ("released", payment.released)]
        {
            if !amount.is_zero() {
                found.push(format!("{}: {amount} is {what}, and nobody asked for it", payment.payment_id));
            }
        }
    }
    found.extend(asked.keys().map(|(number, payment_id)| {
        format!("{}: the provider does not know its payment {payment_id}", order_id(*number))
    }));
    found
}
