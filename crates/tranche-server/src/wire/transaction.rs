//! Transactions: all payments of one order.

use tranche_core::command::CreateTransaction;
use tranche_core::content::Content;
use tranche_core::id::{AccountId, OrderId, OrderKey, TransactionId};
use tranche_core::order::{Order, TransactionState};
use tranche_core::payment::Payment;
use tranche_proto::v1 as pb;

use super::content::Parts;
use super::money::money;
use super::payment::{Ledger, add_to, parse_payments, payment};
use super::time::timestamp;
use super::{Unacceptable, Violations};

/// The transaction of an order as a message; `None` if it has none.
pub(crate) fn transaction(order: &Order, payments: &[Payment]) -> Option<pb::Transaction> {
    let row = order.transaction.as_ref()?;
    let amount = |minor| Some(money(order.money(minor)));
    let ledger = payments.iter().map(Ledger::of).fold(Ledger::default(), Ledger::plus);
    let last_write = payments.iter().map(|payment| payment.update_time).max();
    Some(pb::Transaction {
        transaction_id: row.transaction_id.to_string(),
        order_id: order.key.order_id.to_string(),
        state: state(row.state).into(),
        payments: payments.iter().map(|row| payment(order, row)).collect(),
        authorized: amount(payments.iter().map(|payment| payment.authorized).sum()),
        room: amount(payments.iter().map(Payment::room).sum()),
        requested: Some(ledger.requested(order)),
        done: Some(ledger.done(order)),
        create_time: Some(timestamp(row.create_time)),
        update_time: Some(timestamp(last_write.unwrap_or(row.create_time))),
    })
}

/// The state as a message's value.
pub(crate) fn state(state: TransactionState) -> pb::transaction::State {
    match state {
        TransactionState::Open => pb::transaction::State::Open,
        TransactionState::Finished => pb::transaction::State::Finished,
        TransactionState::Canceled => pb::transaction::State::Canceled,
    }
}

/// The transaction that a request names.
pub(crate) fn id(transaction_id: &str) -> Result<TransactionId, Unacceptable> {
    let mut violations = Violations::default();
    let id = violations.id("transaction_id", transaction_id, TransactionId::parse);
    violations.finish(id)
}

/// A new transaction.
pub(crate) fn create(
    account_id: &AccountId,
    request: &pb::CreateTransactionRequest,
) -> Result<CreateTransaction, Unacceptable> {
    let mut violations = Violations::default();
    let transaction_id = violations.id("transaction_id", &request.transaction_id, TransactionId::parse);
    let order_id = violations.id("order_id", &request.order_id, OrderId::parse);
    let payments = parse_payments(&mut violations, &request.payments);
    let build = || {
        let (order_id, payments) = (order_id?, payments?);
        let parts = payments.iter().fold(Parts::default(), add_to);
        Some(CreateTransaction {
            content: Content::default().with("order_id", order_id.as_str()).with("payments", parts.text()),
            key: OrderKey { account_id: account_id.clone(), order_id },
            transaction_id: transaction_id?,
            payments,
        })
    };
    let command = build();
    violations.finish(command)
}
