//! Transactions: the payments of an order.

use std::collections::BTreeSet;

use super::replay_creation;
use crate::account::Account;
use crate::command::{CreateTransaction, NewPayment};
use crate::connector::Connector;
use crate::decision::{Context, Decision, Reply};
use crate::event::EventKind;
use crate::order::{Order, Transaction, TransactionState};
use crate::payment::{Mode, Payment};
use crate::plan::plan;
use crate::rejection::{Rejection, Resource, Violation};
use crate::state::State;
use crate::work::Work;

/// Brings the payments of an order.
///
/// Checks: replay, the order exists, the ids are free, connectors exist, currencies and distinct authorizations, the
/// order is open, modes are possible, authorizations are free, and the payments cover the order.
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
    let connectors = connectors(state, command)?;
    check_payments(order, &command.payments)?;
    if order.is_ended() {
        return Err(Rejection::OrderNotOpen { order_id: key.order_id.clone(), state: order.state });
    }
    let account_id = &key.account_id;
    let account =
        state.accounts.get(account_id).cloned().unwrap_or_else(|| Account::unseen(account_id.clone()));
    let mut payments = Vec::new();
    for ((position, payment), connector) in (0..).zip(&command.payments).zip(connectors) {
        let mode = mode(&account, connector, payment)?;
        check_is_free(state, command, payment)?;
        payments.push(new_payment(command, payment, connector, mode, position, context));
    }
    let authorized: i64 = payments.iter().map(|payment| payment.authorized).sum();
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
        work.close(|order, payments, _, _| Reply::Transaction(order.clone(), payments.to_vec()));
    decision.record = Some((request, command.content.clone()));
    Ok(decision)
}

/// The connectors of the payments, all of which must exist.
fn connectors<'a>(state: &'a State, command: &CreateTransaction) -> Result<Vec<&'a Connector>, Rejection> {
    let find = |payment: &NewPayment| {
        let id = (command.key.account_id.clone(), payment.connector_id.clone());
        state.connectors.get(&id).ok_or_else(|| Rejection::ConnectorNotFound(payment.connector_id.clone()))
    };
    command.payments.iter().map(find).collect()
}

/// Refuses payments in another currency and authorizations that are named twice.
fn check_payments(order: &Order, payments: &[NewPayment]) -> Result<(), Rejection> {
    let mut violations = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, payment) in payments.iter().enumerate() {
        if payment.currency != order.currency {
            let description =
                format!("is {}; the order is in {}", payment.currency.code(), order.currency.code());
            violations.push(Violation::new(format!("payments[{index}].amount.currency_code"), description));
        }
        if !seen.insert((&payment.connector_id, &payment.authorization.provider_payment_id)) {
            let field = format!("payments[{index}].adopted.provider_payment_id");
            violations.push(Violation::new(field, "is named twice; each authorization is one payment"));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(Rejection::Invalid(violations)) }
}

/// The payment's mode: its own, else the connector's, else what the connector can do.
///
/// What the account forbids comes before what the connector cannot do.
fn mode(account: &Account, connector: &Connector, payment: &NewPayment) -> Result<Mode, Rejection> {
    let in_parts = connector.capabilities.settles_in_parts();
    let default = if in_parts { Mode::Partial } else { account.legacy_mode };
    let mode = match (account.partial_settlement, payment.mode) {
        (true, explicit) => explicit.or(connector.default_mode).unwrap_or(default),
        (false, explicit) => explicit.unwrap_or(Mode::Total),
    };
    let connector_id = connector.connector_id.clone();
    match mode {
        Mode::Partial | Mode::Hold if !account.partial_settlement => {
            Err(Rejection::PartialSettlementDisabled { connector_id, mode })
        }
        Mode::Partial if !in_parts => {
            let partial_settlement = connector.capabilities.partial_settlement;
            Err(Rejection::ModeNotSupported { connector_id, mode, partial_settlement })
        }
        Mode::Partial | Mode::Hold | Mode::Total => Ok(mode),
    }
}

/// Refuses an authorization that belongs to a payment already: two orders would settle it twice.
fn check_is_free(state: &State, command: &CreateTransaction, payment: &NewPayment) -> Result<(), Rejection> {
    let connector_id = payment.connector_id.clone();
    let provider_payment_id = payment.authorization.provider_payment_id.clone();
    let adoption = (command.key.account_id.clone(), connector_id.clone(), provider_payment_id.clone());
    if state.adoptions.contains(&adoption) {
        return Err(Rejection::PaymentAlreadyAdopted { connector_id, provider_payment_id });
    }
    Ok(())
}

fn new_payment(
    command: &CreateTransaction,
    payment: &NewPayment,
    connector: &Connector,
    mode: Mode,
    position: i32,
    context: &Context,
) -> Payment {
    Payment {
        order: command.key.clone(),
        payment_id: payment.payment_id.clone(),
        position,
        connector_id: payment.connector_id.clone(),
        mode,
        capabilities: connector.capabilities,
        authorization: payment.authorization.clone(),
        authorized: payment.authorized,
        asked: 0,
        given_up: 0,
        settling: 0,
        settled: 0,
        canceling: 0,
        canceled: 0,
        excess_refunding: 0,
        excess_refunded: 0,
        returned: 0,
        return_refunding: 0,
        return_refunded: 0,
        return_given_up: 0,
        lacking: 0,
        excess_lacking: 0,
        return_lacking: 0,
        release_lacking: 0,
        surplus: 0,
        settlements: 0,
        shortfalls: 0,
        operations: 0,
        sent: 0,
        wire: None,
        turn: None,
        create_time: context.now,
        update_time: context.now,
    }
}
