//! The auditor: compares what we believe with what the provider's books say, payment by payment and movement by movement.

use std::collections::{BTreeMap, HashMap};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rust_decimal::Decimal;
use tonic::Status;
use tranche_sandbox::books::{Books, PaymentBooks};
use tranche_sdk::Client;
use tranche_sdk::v1::{
    GetTransactionRequest, ListOperationsRequest, Money, Operation, Payment, Transaction, operation,
};
use tranche_server::bounds::PAGE_SIZE_MAX;

/// Transactions that are read at once.
const READ_AT_ONCE: usize = 16;
/// One movement of money, as either side tells it: kind, our id and value.
type Movements = BTreeMap<(&'static str, String), Vec<Decimal>>;

/// The differences between our books of these transactions and the provider's, as sentences that name the payment.
pub async fn differences(
    client: &Client,
    transactions: &[String],
    books: &Books,
) -> Result<Vec<String>, Status> {
    let books: HashMap<&str, &PaymentBooks> =
        books.payments.iter().map(|theirs| (theirs.payment_id.as_str(), theirs)).collect();
    let differences = stream::iter(transactions)
        .map(|transaction_id| differences_of(client, transaction_id, &books))
        .buffered(READ_AT_ONCE);
    differences.try_concat().await
}

async fn differences_of(
    client: &Client,
    transaction_id: &str,
    books: &HashMap<&str, &PaymentBooks>,
) -> Result<Vec<String>, Status> {
    let request = GetTransactionRequest { transaction_id: transaction_id.to_owned() };
    let response = client.transactions().get_transaction(request).await?;
    let transaction = response.into_inner().transaction.unwrap_or_default();
    let operations = operations(client, transaction_id).await?;
    let of_payment = |payment: &Payment| {
        let id =
            payment.authorization.as_ref().map(|authorization| authorization.provider_payment_id.as_str());
        let theirs = id.and_then(|id| books.get(id).copied());
        compare(&transaction, payment, &operations, theirs)
    };
    Ok(transaction.payments.iter().flat_map(of_payment).collect())
}

/// All operations of a transaction.
pub async fn operations(client: &Client, transaction_id: &str) -> Result<Vec<Operation>, Status> {
    let mut operations = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListOperationsRequest {
            transaction_id: transaction_id.to_owned(),
            page_size: i32::try_from(PAGE_SIZE_MAX).unwrap_or(i32::MAX),
            page_token,
            ..ListOperationsRequest::default()
        };
        let page = client.transactions().list_operations(request).await?.into_inner();
        operations.extend(page.operations);
        if page.next_page_token.is_empty() {
            return Ok(operations);
        }
        page_token = page.next_page_token;
    }
}

fn decimal(money: Option<&Money>) -> Decimal {
    money.and_then(|money| money.amount.parse().ok()).unwrap_or_default()
}

fn compare(
    transaction: &Transaction,
    payment: &Payment,
    operations: &[Operation],
    theirs: Option<&PaymentBooks>,
) -> Vec<String> {
    let who = format!("payment {} of {}", payment.payment_id, transaction.transaction_id);
    let Some(theirs) = theirs else { return vec![format!("{who}: the provider does not know it")] };
    let done = payment.done.clone().unwrap_or_default();
    let mut differences = Vec::new();
    for (what, ours, theirs) in [
        ("authorized", decimal(payment.authorized.as_ref()), theirs.authorized),
        ("settled", decimal(done.settled.as_ref()) + decimal(done.surplus.as_ref()), theirs.settled),
        ("refunded", decimal(done.refunded.as_ref()), theirs.refunded),
        ("canceled", decimal(done.canceled.as_ref()), theirs.canceled + theirs.released),
    ] {
        if ours != theirs {
            differences.push(format!("{who}: we have {ours} {what}, the provider {theirs}"));
        }
    }
    let (ours, theirs) = (our_movements(payment, operations), their_movements(theirs));
    for ((kind, id), values) in &ours {
        let booked = theirs.get(&(*kind, id.clone())).map_or(&[][..], Vec::as_slice);
        if booked != values.as_slice() {
            differences.push(format!("{who}: {kind} {id} is {values:?} here and {booked:?} at the provider"));
        }
    }
    for ((kind, id), values) in theirs.iter().filter(|(key, _)| !ours.contains_key(*key)) {
        differences.push(format!("{who}: {kind} {id} of {values:?} is not known here"));
    }
    differences
}

fn our_movements(payment: &Payment, operations: &[Operation]) -> Movements {
    let of_payment = operations.iter().filter(|row| row.payment_id == payment.payment_id);
    let mut movements = Movements::new();
    for row in of_payment.filter(|row| row.state() == operation::State::Done) {
        let kind = match row.kind() {
            operation::Kind::Settlement => "settlement",
            operation::Kind::Refund => "refund",
            operation::Kind::Cancellation => "cancellation",
            operation::Kind::Authorization | operation::Kind::Unspecified => continue,
        };
        let value = decimal(row.amount_done.as_ref()) + decimal(row.surplus.as_ref());
        movements.entry((kind, row.operation_id.clone())).or_default().push(value);
    }
    movements
}

fn their_movements(books: &PaymentBooks) -> Movements {
    let mut movements = Movements::new();
    let settlements = books.settlements.iter().map(|row| ("settlement", &row.request_id, row.value));
    let refunds = books.refunds.iter().map(|row| ("refund", &row.request_id, row.value));
    let cancellations = books.cancellations.iter().map(|row| ("cancellation", &row.request_id, row.value));
    let all = settlements.chain(refunds).chain(cancellations);
    // Where nothing moved there is nothing to compare, however it was booked.
    for (kind, id, value) in all.filter(|(_, _, value)| !value.is_zero()) {
        movements.entry((kind, id.clone())).or_default().push(value);
    }
    movements
}
