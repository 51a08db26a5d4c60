//! The auditor: compares, per payment and per settlement, what the API says of the books, the provider's own books, the
//! equations of the ledgers, and the event log.
//!
//! | what | against what | where |
//! | --- | --- | --- |
//! | the payments' amounts and every movement of money | the provider's books | `provider.rs` |
//! | each amount | the amounts, invoices and operations that it must be the sum of | `ledger.rs` |
//! | orders, invoices and operations | what the event log, read from its beginning, makes of them | `log.rs` |
//!
//! It reads an order with several calls, so that nothing may be deciding or sending meanwhile; what still waits for an
//! answer, a person or an operator is taken as open: the provider may have done it, once, or not.

mod ledger;
mod log;
mod provider;
mod reading;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rust_decimal::Decimal;
use tonic::Status;
use tranche_sandbox::books::Books;
use tranche_sdk::Client;
use tranche_sdk::v1::{Event, Invoice, Money, Operation, Order, Payment, Transaction, operation};

use self::log::Log;
use self::provider::Provider;
pub use self::reading::{invoices, operations};

/// Orders that are read at once.
const READ_AT_ONCE: usize = 16;

/// All that the API says of one order.
struct Account<'a> {
    order: Order,
    transaction: Transaction,
    invoices: Vec<Invoice>,
    operations: Vec<Operation>,
    /// Its events; none if the log does not reach back to its creation.
    events: Option<&'a [Event]>,
}

/// All differences in the books of these transactions, as sentences that name the order or the payment.
pub async fn differences(
    client: &Client,
    transactions: &[String],
    books: &Books,
) -> Result<Vec<String>, Status> {
    let provider = Provider::new(books);
    let events = reading::events(client).await?;
    let mut found = log::numbering(&events);
    let log = Log::new(events);
    let differences = stream::iter(transactions)
        .map(|transaction_id| differences_of(client, transaction_id, &provider, &log))
        .buffered(READ_AT_ONCE);
    found.extend(differences.try_concat().await?);
    Ok(found)
}

async fn differences_of(
    client: &Client,
    transaction_id: &str,
    provider: &Provider<'_>,
    log: &Log,
) -> Result<Vec<String>, Status> {
    let account = reading::account(client, transaction_id, log).await?;
    let mut found = ledger::differences(&account);
    found.extend(log::differences(&account));
    found.extend(provider.differences(&account));
    Ok(found)
}

/// The decimal of an amount; 0 if there is none.
fn decimal(money: Option<&Money>) -> Decimal {
    money.and_then(|money| money.amount.parse().ok()).unwrap_or_default()
}

/// What was booked because the provider did it unasked: done, and never sent.
fn is_adopted(operation: &Operation) -> bool {
    operation.state() == operation::State::Done && operation.attempts == 0
}

/// Whether the provider, a person or an operator still has to say what became of an operation.
fn is_open(operation: &Operation) -> bool {
    use operation::State::{Done, Refused, Withdrawn};
    !matches!(operation.state(), Done | Refused | Withdrawn)
}

/// Whether a payment's provider refused to cancel so much of it after the authorization had ended: nothing is authorized
/// then, so that it is released here, whether or not an earlier attempt had released it there.
fn has_lapsed(payment: &Payment, operation: &Operation) -> bool {
    let end = payment.expire_time.map(|end| (end.seconds, end.nanos));
    let ended = operation.end_time.map(|ended| (ended.seconds, ended.nanos));
    let is_after = end.zip(ended).is_some_and(|(end, ended)| end <= ended);
    let is_refused = operation.state() == operation::State::Refused;
    operation.kind() == operation::Kind::Cancellation && is_refused && is_after
}

/// Adds a sentence where two amounts that must be equal are not.
fn compare(found: &mut Vec<String>, who: &str, what: &str, one: Decimal, other: Decimal) {
    if one != other {
        found.push(format!("{who}: {what}: {one} is not {other}"));
    }
}
