//! Transactions: the payments of an order.

use super::{operator, payment, replay, replay_creation};
use crate::bounds::{AMOUNT_MAX, PAYMENTS_PER_TRANSACTION_MAX};
use crate::command::{AddPayment, CreateTransaction, ReleaseRemainder};
use crate::decision::{Context, Decision, Reply};
use crate::event::EventKind;
use crate::id::{PaymentId, TransactionId};
use crate::operator::ActKind;
use crate::order::{Order, Transaction, TransactionState};
use crate::payment::Payment;
use crate::plan::{plan, release_remainder};
use crate::rejection::{Rejection, Resource, Violation};
use crate::state::State;
use crate::work::Work;

/// Brings the payments of an order.
///
/// Checks: replay, the order exists, the ids are free, connectors exist, currencies and distinct authorizations that
/// have not ended, the order is open, modes are possible, authorizations are free, and the payments cover the order.
pub(super) fn create(
    state: &State,
    command: &CreateTransaction,
    context: &Context,
) -> Result<Decision, Rejection> {
    let request = command.request_key();
    let id = command.transaction_id.as_str();
    if let Some(decision) = replay_creation(state, &request, &command.content, Resource::Transaction, id)? {
        return Ok(decision);
    }
    let key = &command.key;
    let order = state.orders.get(key).ok_or_else(|| Rejection::OrderNotFound(key.order_id.clone()))?;
    let taken = state.transactions.get(&(key.account_id.clone(), command.transaction_id.clone()));
    if let Some(other) = taken.filter(|other| *other != key) {
        let differences = vec![format!("order_id (is {})", other.order_id)];
        return Err(Rejection::AlreadyExists {
            resource: Resource::Transaction,
            id: id.to_owned(),
            differences,
        });
    }
    if let Some(transaction) = &order.transaction {
        let transaction_id = transaction.transaction_id.clone();
        return Err(Rejection::OrderHasTransaction { order_id: key.order_id.clone(), transaction_id });
    }
    let connectors = payment::connectors(state, key, &command.payments)?;
    payment::check(order, &command.payments, context.now, |index| format!("payments[{index}]"))?;
    if order.is_ended() {
        return Err(Rejection::OrderNotOpen { order_id: key.order_id.clone(), state: order.state });
    }
    let payments = payment::open(state, key, &command.payments, &connectors, 0, context)?;
    // What is to be authorized covers the order until its provider says otherwise.
    let authorized: i64 = payments.iter().map(Payment::cover).sum();
    if authorized < order.value {
        return Err(Rejection::PaymentsBelowOrderValue {
            value: order.money(order.value),
            authorized: order.money(authorized),
            missing: order.money(order.value - authorized),
        });
    }
    let cause = format!("transaction:{id}");
    let mut work = Work::with(state, context, order.clone(), Vec::new(), cause);
    work.payments = payments;
    let transaction_id = command.transaction_id.clone();
    let create_time = context.now;
    work.order.transaction = Some(Transaction {
        transaction_id: transaction_id.clone(),
        state: TransactionState::Open,
        create_time,
    });
    work.event(EventKind::TransactionCreated { transaction_id, authorized: order.money(authorized) });
    plan(&mut work);
    let mut decision =
        work.close(|closed| Reply::Transaction(closed.order.clone(), closed.payments.to_vec()));
    decision.record = Some((request, command.content.clone()));
    Ok(decision)
}

/// The order's open transaction, if it is the one that the command names.
fn open_transaction(order: &Order, transaction_id: &TransactionId) -> Result<(), Rejection> {
    let own = order.transaction.as_ref().filter(|own| own.transaction_id == *transaction_id);
    let own = own.ok_or_else(|| Rejection::TransactionNotFound(transaction_id.clone()))?;
    if own.state != TransactionState::Open {
        let transaction_id = transaction_id.clone();
        return Err(Rejection::TransactionNotOpen { transaction_id, state: own.state });
    }
    Ok(())
}

/// Adds a payment to an open transaction.
///
/// Checks: replay, the transaction exists, the connector exists, the currency, the authorization has not ended, the
/// transaction and the order are open, the id is free, there is a place for it, its mode is possible, its authorization
/// is free.
pub(super) fn add(state: &State, command: &AddPayment, context: &Context) -> Result<Decision, Rejection> {
    let request = command.request_key();
    if let Some(decision) = replay(state, &request, &command.content)? {
        return Ok(decision);
    }
    let AddPayment { key, transaction_id, payment: new, .. } = command;
    let not_found = || Rejection::TransactionNotFound(transaction_id.clone());
    let cause = format!("payment:{}", new.payment_id);
    let mut work = Work::open(state, context, key, cause).ok_or_else(not_found)?;
    let one = std::slice::from_ref(new);
    let connectors = payment::connectors(state, key, one)?;
    payment::check(&work.order, one, context.now, |_| "payment".to_owned())?;
    open_transaction(&work.order, transaction_id)?;
    if work.order.is_ended() {
        return Err(Rejection::OrderNotOpen { order_id: key.order_id.clone(), state: work.order.state });
    }
    if work.payments.iter().any(|payment| payment.payment_id == new.payment_id) {
        return Err(Rejection::PaymentAlreadyExists(new.payment_id.clone()));
    }
    let maximum = PAYMENTS_PER_TRANSACTION_MAX;
    if work.payments.len() >= maximum {
        return Err(Rejection::TooManyPayments { transaction_id: transaction_id.clone(), maximum });
    }
    let authorized = |payment: &Payment| payment.authorized + payment.authorizing();
    let authorized: i64 = work.payments.iter().map(authorized).sum();
    if authorized + new.authorized > AMOUNT_MAX {
        let description =
            format!("takes what is authorized above the largest amount, {AMOUNT_MAX} minor units");
        return Err(Rejection::Invalid(vec![Violation::new("payment.amount.amount", description)]));
    }
    let position = work.payments.last().map_or(0, |payment| payment.position + 1);
    work.payments.extend(payment::open(state, key, one, &connectors, position, context)?);
    work.event(EventKind::PaymentAdded {
        payment_id: new.payment_id.clone(),
        authorized: work.order.money(new.authorized),
    });
    plan(&mut work);
    let mut decision =
        work.close(|closed| Reply::Transaction(closed.order.clone(), closed.payments.to_vec()));
    decision.record = Some((request, command.content.clone()));
    Ok(decision)
}

/// Releases authorized money that the order cannot need any more, because an operator says so.
///
/// Checks: replay, the transaction exists and is open, the payment exists, the currency, the order can spare as much,
/// the connectors can cancel it.
pub(super) fn release(
    state: &State,
    command: &ReleaseRemainder,
    context: &Context,
) -> Result<Decision, Rejection> {
    let request = command.request_key();
    if let Some(decision) = replay(state, &request, &command.content)? {
        return Ok(decision);
    }
    let ReleaseRemainder { key, transaction_id, payment_id, amount, .. } = command;
    let not_found = || Rejection::TransactionNotFound(transaction_id.clone());
    let cause = format!("release:{}", command.request_id);
    let mut work = Work::open(state, context, key, cause).ok_or_else(not_found)?;
    open_transaction(&work.order, transaction_id)?;
    let find = |id: &PaymentId| {
        let index = work.payments.iter().position(|payment| payment.payment_id == *id);
        index.ok_or_else(|| Rejection::PaymentNotFound(key.order_id.clone(), id.clone()))
    };
    let index = payment_id.as_ref().map(find).transpose()?;
    if let Some(amount) = amount.filter(|amount| amount.currency != work.order.currency) {
        let (given, own) = (amount.currency.code(), work.order.currency.code());
        let description = format!("is {given}; the order is in {own}");
        return Err(Rejection::Invalid(vec![Violation::new("amount.currency_code", description)]));
    }
    release_remainder(&mut work, index, amount.map(|amount| amount.minor))?;
    let act = ActKind::ReleaseRemainder;
    operator::note(&mut work, act, (&command.request_id, &command.by), payment_id.clone(), None);
    plan(&mut work);
    let mut decision =
        work.close(|closed| Reply::Released(closed.order.clone(), closed.payments.to_vec(), closed.started));
    decision.record = Some((request, command.content.clone()));
    Ok(decision)
}
