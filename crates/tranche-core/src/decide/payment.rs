//! New payments, of a new transaction or of one that is open.

use std::collections::BTreeSet;

use crate::account::Account;
use crate::command::NewPayment;
use crate::connector::Connector;
use crate::decision::Context;
use crate::id::OrderKey;
use crate::order::Order;
use crate::payment::{Mode, Payment};
use crate::rejection::{Rejection, Violation};
use crate::state::State;

/// The connector of a new payment, which must exist.
pub(super) fn connector<'a>(
    state: &'a State,
    key: &OrderKey,
    payment: &NewPayment,
) -> Result<&'a Connector, Rejection> {
    let id = (key.account_id.clone(), payment.connector_id.clone());
    state.connectors.get(&id).ok_or_else(|| Rejection::ConnectorNotFound(payment.connector_id.clone()))
}

/// Refuses payments in another currency and authorizations that are named twice. `path` is where in the request the
/// payment of an index stands.
pub(super) fn check(
    order: &Order,
    payments: &[NewPayment],
    path: impl Fn(usize) -> String,
) -> Result<(), Rejection> {
    let mut violations = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, payment) in payments.iter().enumerate() {
        let path = path(index);
        if payment.currency != order.currency {
            let description =
                format!("is {}; the order is in {}", payment.currency.code(), order.currency.code());
            violations.push(Violation::new(format!("{path}.amount.currency_code"), description));
        }
        if !seen.insert((&payment.connector_id, &payment.authorization.provider_payment_id)) {
            let field = format!("{path}.adopted.provider_payment_id");
            violations.push(Violation::new(field, "is named twice; each authorization is one payment"));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(Rejection::Invalid(violations)) }
}

/// A new payment at a position, if its mode is possible and its authorization is free. Checks: mode, authorization.
pub(super) fn open(
    state: &State,
    key: &OrderKey,
    payment: &NewPayment,
    connector: &Connector,
    position: i32,
    context: &Context,
) -> Result<Payment, Rejection> {
    let account_id = &key.account_id;
    let account =
        state.accounts.get(account_id).cloned().unwrap_or_else(|| Account::unseen(account_id.clone()));
    let mode = mode(&account, connector, payment)?;
    check_is_free(state, key, payment)?;
    Ok(new_payment(key, payment, connector, mode, position, context))
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
fn check_is_free(state: &State, key: &OrderKey, payment: &NewPayment) -> Result<(), Rejection> {
    let connector_id = payment.connector_id.clone();
    let provider_payment_id = payment.authorization.provider_payment_id.clone();
    let adoption = (key.account_id.clone(), connector_id.clone(), provider_payment_id.clone());
    if state.adoptions.contains(&adoption) {
        return Err(Rejection::PaymentAlreadyAdopted { connector_id, provider_payment_id });
    }
    Ok(())
}

fn new_payment(
    key: &OrderKey,
    payment: &NewPayment,
    connector: &Connector,
    mode: Mode,
    position: i32,
    context: &Context,
) -> Payment {
    Payment {
        order: key.clone(),
        payment_id: payment.payment_id.clone(),
        position,
        connector_id: payment.connector_id.clone(),
        mode,
        capabilities: connector.capabilities,
        minimum: connector.minimum(payment.currency),
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
