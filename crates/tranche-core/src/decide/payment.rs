//! New payments, of a new transaction or of one that is open.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::account::Account;
use crate::authorization::AuthorizationState;
use crate::command::NewPayment;
use crate::connector::Connector;
use crate::decision::Context;
use crate::id::{ConnectorId, OrderKey};
use crate::operation::Authorization;
use crate::order::Order;
use crate::payment::{Mode, Payment};
use crate::rejection::{RefusedMode, Rejection, TakenAuthorization, Violation};
use crate::state::State;
use crate::time::Timestamp;
use crate::validity::{Validity, ending_time};

/// The connectors of new payments, which must exist.
pub(super) fn connectors<'a>(
    state: &'a State,
    key: &OrderKey,
    payments: &[NewPayment],
) -> Result<Vec<&'a Connector>, Rejection> {
    let find =
        |payment: &NewPayment| state.connectors.get(&(key.account_id.clone(), payment.connector_id.clone()));
    let unknown: BTreeSet<&ConnectorId> = payments
        .iter()
        .filter(|payment| find(payment).is_none())
        .map(|payment| &payment.connector_id)
        .collect();
    if !unknown.is_empty() {
        return Err(Rejection::ConnectorNotFound(unknown.into_iter().cloned().collect()));
    }
    Ok(payments.iter().filter_map(find).collect())
}

/// Refuses payments in another currency, and authorizations that are named twice or have ended. `path` is where in the
/// request the payment of an index stands.
pub(super) fn check(
    order: &Order,
    payments: &[NewPayment],
    now: Timestamp,
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
        let provider_payment_id = payment.authorization(&order.key).provider_payment_id;
        if !seen.insert((&payment.connector_id, provider_payment_id)) {
            let field = format!("{path}.adopted.provider_payment_id");
            violations.push(Violation::new(field, "is named twice; each authorization is one payment"));
        }
        if payment.expire_time().is_some_and(|end| end <= now) {
            let field = format!("{path}.adopted.expire_time");
            let description = "has passed: nothing can be settled of an authorization that has ended";
            violations.push(Violation::new(field, description));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(Rejection::Invalid(violations)) }
}

/// New payments from a position on, if their modes are possible and their authorizations are free. Checks: what the
/// account forbids, what the connectors cannot do, authorizations.
pub(super) fn open(
    state: &State,
    key: &OrderKey,
    payments: &[NewPayment],
    connectors: &[&Connector],
    position: i32,
    context: &Context,
) -> Result<Vec<Payment>, Rejection> {
    let account_id = &key.account_id;
    let account =
        state.accounts.get(account_id).cloned().unwrap_or_else(|| Account::unseen(account_id.clone()));
    let both = || payments.iter().zip(connectors);
    let modes: Vec<Mode> = both().map(|(payment, connector)| mode(&account, connector, payment)).collect();
    let refused = |is_refused: &dyn Fn(&Connector, Mode) -> bool| -> Vec<RefusedMode> {
        let pairs = connectors.iter().zip(&modes).filter(|(connector, mode)| is_refused(connector, **mode));
        pairs.map(|(connector, mode)| refused_mode(connector, *mode)).collect()
    };
    let forbidden = refused(&|_, mode| mode != Mode::Total && !account.partial_settlement);
    if !forbidden.is_empty() {
        return Err(Rejection::PartialSettlementDisabled(forbidden));
    }
    let unsupported =
        refused(&|connector, mode| mode == Mode::Partial && !connector.capabilities.settles_in_parts());
    if !unsupported.is_empty() {
        return Err(Rejection::ModeNotSupported(unsupported));
    }
    check_are_free(state, key, payments)?;
    let new = |(((payment, connector), mode), position): (((&NewPayment, &&Connector), Mode), i32)| {
        new_payment(key, payment, connector, mode, position, account.authorization_lead_time, context)
    };
    Ok(both().zip(modes).zip(position..).map(new).collect())
}

/// A mode that a payment on the connector cannot have.
fn refused_mode(connector: &Connector, mode: Mode) -> RefusedMode {
    let partial_settlement = connector.capabilities.partial_settlement;
    RefusedMode { connector_id: connector.connector_id.clone(), mode, partial_settlement }
}

/// The payment's mode: its own, else the connector's, else what the connector can do.
fn mode(account: &Account, connector: &Connector, payment: &NewPayment) -> Mode {
    let in_parts = connector.capabilities.settles_in_parts();
    let default = if in_parts { Mode::Partial } else { account.legacy_mode };
    match (account.partial_settlement, payment.mode) {
        (true, explicit) => explicit.or(connector.default_mode).unwrap_or(default),
        (false, explicit) => explicit.unwrap_or(Mode::Total),
    }
}

/// Refuses authorizations that belong to a payment already: two orders would settle them twice.
fn check_are_free(state: &State, key: &OrderKey, payments: &[NewPayment]) -> Result<(), Rejection> {
    let taken = |payment: &NewPayment| {
        let connector_id = payment.connector_id.clone();
        let provider_payment_id = payment.authorization(key).provider_payment_id;
        let adoption = (key.account_id.clone(), connector_id.clone(), provider_payment_id.clone());
        let taken = TakenAuthorization { connector_id, provider_payment_id };
        state.adoptions.contains(&adoption).then_some(taken)
    };
    let taken: Vec<TakenAuthorization> = payments.iter().filter_map(taken).collect();
    if taken.is_empty() { Ok(()) } else { Err(Rejection::PaymentAlreadyAdopted(taken)) }
}

fn new_payment(
    key: &OrderKey,
    payment: &NewPayment,
    connector: &Connector,
    mode: Mode,
    position: i32,
    lead_time: Duration,
    context: &Context,
) -> Payment {
    let lifetime = connector.capabilities.authorization_lifetime;
    let expire_time = payment.expire_time().or_else(|| lifetime.map(|life| context.now.after(life)));
    Payment {
        order: key.clone(),
        payment_id: payment.payment_id.clone(),
        position,
        connector_id: payment.connector_id.clone(),
        mode,
        capabilities: connector.capabilities,
        minimum: connector.minimum(payment.currency),
        authorization: Authorization { expire_time, ..payment.authorization(key) },
        validity: Validity::Lasting,
        observe_time: expire_time.map(|end| ending_time(context.now, end, lead_time)),
        attention_time: None,
        authorization_state: if payment.request().is_some() {
            AuthorizationState::Authorizing { value: payment.authorized, until: None }
        } else {
            AuthorizationState::Authorized
        },
        request: payment.request().cloned(),
        max_value: None,
        lapse: None,
        authorized: if payment.request().is_some() { 0 } else { payment.authorized },
        asked: 0,
        given_up: 0,
        settling: 0,
        settled: 0,
        canceling: 0,
        canceled: 0,
        excess_refunding: 0,
        excess_refunded: 0,
        excess_given_up: 0,
        release_given_up: 0,
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
