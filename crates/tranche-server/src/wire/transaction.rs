//! Transactions: all payments of one order.

use tranche_core::command::{AddPayment, CreateTransaction, NewPayment, ReleaseRemainder};
use tranche_core::content::Content;
use tranche_core::id::{AccountId, OrderId, OrderKey, PaymentId, RequestId, TransactionId};
use tranche_core::money::Money;
use tranche_core::operator::Actor;
use tranche_core::order::{Order, TransactionState};
use tranche_core::payment::Payment;
use tranche_proto::v1 as pb;

use super::content::Parts;
use super::money::{Least, money, parse_money};
use super::operator;
use super::payment::{Ledger, add_to, parse_payment, parse_payments, payment};
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

/// A payment to be added to the transaction of an order.
pub(crate) fn add_payment(request: &pb::AddPaymentRequest) -> Result<Added, Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let transaction_id = violations.id("transaction_id", &request.transaction_id, TransactionId::parse);
    let payment = request.payment.as_ref();
    if payment.is_none() {
        violations.add("payment", "is required");
    }
    let payment = payment.and_then(|payment| parse_payment(&mut violations, "payment", payment));
    let build = || {
        let payment = payment?;
        let content = Content::default()
            .with("act", "add_payment")
            .with("payment", add_to(Parts::default(), &payment).text());
        Some(Added { transaction_id: transaction_id?, request_id: request_id?, content, payment })
    };
    let added = build();
    violations.finish(added)
}

/// A payment to be added; the order of its transaction is still to be found.
#[derive(Clone, Debug)]
pub(crate) struct Added {
    /// The transaction.
    pub(crate) transaction_id: TransactionId,
    request_id: RequestId,
    content: Content,
    payment: NewPayment,
}

impl Added {
    /// The command, about this order.
    pub(crate) fn to(self, key: OrderKey) -> AddPayment {
        let Self { transaction_id, request_id, content, payment } = self;
        AddPayment { key, transaction_id, request_id, content, payment }
    }
}

/// What an operator releases; the order of its transaction is still to be found.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    /// The transaction.
    pub(crate) transaction_id: TransactionId,
    request_id: RequestId,
    content: Content,
    payment_id: Option<PaymentId>,
    amount: Option<Money>,
    by: Actor,
}

impl Release {
    /// The command, about this order.
    pub(crate) fn of(self, key: OrderKey) -> ReleaseRemainder {
        let Self { transaction_id, request_id, content, payment_id, amount, by } = self;
        ReleaseRemainder { key, transaction_id, request_id, content, payment_id, amount, by }
    }
}

/// What an operator releases.
pub(crate) fn release(request: &pb::ReleaseRemainderRequest) -> Result<Release, Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let transaction_id = violations.id("transaction_id", &request.transaction_id, TransactionId::parse);
    let payment_id = match request.payment_id.as_str() {
        "" => Some(None),
        id => violations.id("payment_id", id, PaymentId::parse).map(Some),
    };
    let amount = if request.amount.is_none() {
        Some(None)
    } else {
        let amount = request.amount.as_ref();
        parse_money(&mut violations, "amount", amount, None, Least::OneMinorUnit).map(Some)
    };
    let by = operator::actor(&mut violations, &request.actor, &request.reason);
    let build = || {
        let (payment_id, amount, by) = (payment_id?, amount?, by?);
        let content = Content::default()
            .with("act", "release_remainder")
            .with("payment_id", Parts::default().with_optional(payment_id.as_ref()).text())
            .with("amount", Parts::default().with_optional(amount).text())
            .with("actor", &by.name)
            .with("reason", &by.reason);
        let (transaction_id, request_id) = (transaction_id?, request_id?);
        Some(Release { transaction_id, request_id, content, payment_id, amount, by })
    };
    let release = build();
    violations.finish(release)
}
