//! The audit of a run: our books, the provider's, and what the load was told.

use std::collections::HashMap;

use rust_decimal::Decimal;
use tonic::Status;
use tranche_sandbox::books::Books;
use tranche_sdk::Client;

use super::journal::Journal;
use super::orders::{INVOICE_VALUE, order_id, transaction_id};
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

/// Each order must be settled by the value of its acknowledged invoices: no cent less, and no cent more.
fn against_acknowledged(books: &Books, journal: &Journal, orders: u64) -> Vec<String> {
    let mut settled: HashMap<&str, Decimal> = HashMap::new();
    for payment in &books.payments {
        // The provider's payments are called after their order and themselves.
        if let Some((order_id, _)) = payment.payment_id.split_once("-card") {
            *settled.entry(order_id).or_default() += payment.settled;
        }
    }
    let wrong = |number: u64| {
        let order_id = order_id(number);
        let accepted = journal.accepted_of(number);
        let expected = Decimal::new(i64::try_from(accepted * INVOICE_VALUE).unwrap_or(i64::MAX), 2);
        let settled = settled.get(order_id.as_str()).copied().unwrap_or_default();
        (settled != expected).then(|| {
            format!("{order_id}: {accepted} invoices of {expected} in all were acknowledged, and {settled} settled")
        })
    };
    (0..orders).filter_map(wrong).collect()
}
