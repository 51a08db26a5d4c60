//! What each kind of event carries, as JSON. Amounts are minor units with their currency.
//!
//! One type with optional fields, rather than an enumeration: rows outlive the program, and a field that a later
//! version adds must not make the older rows unreadable.

use serde::{Deserialize, Serialize};
use tranche_core::event::{EventKind, OperationSummary};
use tranche_core::id::{ConnectorId, InvoiceNumber, OperationId, PaymentId, RequestId, TransactionId};
use tranche_core::money::Money;
use tranche_core::operator::Actor;
use tranche_core::time::Timestamp;

use crate::StoreError;
use crate::entity::name::Named;
use crate::entity::value::{Unreadable, currency, from_json, named, to_json};

#[derive(Serialize, Deserialize)]
struct Amount {
    minor: i64,
    currency: String,
}

#[derive(Serialize, Deserialize)]
struct Operation {
    #[serde(rename = "operation_id")]
    id: String,
    payment_id: String,
    kind: String,
    value: Amount,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Payload {
    #[serde(skip_serializing_if = "Option::is_none")]
    connector_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_done: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_before: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Microseconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_time: Option<i64>,
}

fn amount(money: Money) -> Amount {
    Amount { minor: money.minor, currency: money.currency.code().to_owned() }
}

fn operation(summary: &OperationSummary) -> Payload {
    let operation = Operation {
        id: summary.operation_id.to_string(),
        payment_id: summary.payment_id.to_string(),
        kind: Named::name(summary.kind).to_owned(),
        value: amount(summary.value),
    };
    Payload { operation: Some(operation), ..Payload::default() }
}

fn of_amount(money: Money) -> Payload {
    Payload { amount: Some(amount(money)), ..Payload::default() }
}

fn of_state(state: &str) -> Payload {
    Payload { state: Some(state.to_owned()), ..Payload::default() }
}

fn of_connector(id: &ConnectorId) -> Payload {
    Payload { connector_id: Some(id.to_string()), ..Payload::default() }
}

fn of_end(payment_id: &PaymentId, expire_time: Timestamp, room: Money) -> Payload {
    let (payment_id, expire_time) = (Some(payment_id.to_string()), Some(expire_time.micros()));
    Payload { payment_id, expire_time, ..of_amount(room) }
}

/// The name of an event's kind, and its data.
pub(super) fn write(kind: &EventKind) -> Result<(&'static str, String), StoreError> {
    let (name, payload) = match kind {
        EventKind::AccountUpdated => ("account_updated", Payload::default()),
        EventKind::ConnectorCreated { connector_id } => ("connector_created", of_connector(connector_id)),
        EventKind::ConnectorUpdated { connector_id } => ("connector_updated", of_connector(connector_id)),
        EventKind::OrderCreated { value } => ("order_created", of_amount(*value)),
        EventKind::TransactionCreated { transaction_id, authorized } => {
            let transaction_id = Some(transaction_id.to_string());
            let payload = Payload { transaction_id, ..of_amount(*authorized) };
            ("transaction_created", payload)
        }
        EventKind::OrderChanged { request_id, reason, value_before, value_after } => {
            let payload = Payload {
                request_id: Some(request_id.to_string()),
                reason: Some(reason.clone()),
                value_before: Some(amount(*value_before)),
                ..of_amount(*value_after)
            };
            ("order_changed", payload)
        }
        EventKind::PaymentAdded { payment_id, authorized } => {
            let payment_id = Some(payment_id.to_string());
            ("payment_added", Payload { payment_id, ..of_amount(*authorized) })
        }
        EventKind::AuthorizationEnding { payment_id, expire_time, room } => {
            ("authorization_ending", of_end(payment_id, *expire_time, *room))
        }
        EventKind::AuthorizationEnded { payment_id, expire_time, room } => {
            ("authorization_ended", of_end(payment_id, *expire_time, *room))
        }
        EventKind::PaymentStateChanged { payment_id, state } => {
            let payment_id = Some(payment_id.to_string());
            ("payment_state_changed", Payload { payment_id, ..of_state(state.name()) })
        }
        EventKind::InvoiceVoided { invoice_number, value, reason } => {
            let payload = Payload {
                invoice_number: Some(invoice_number.to_string()),
                reason: Some(reason.clone()),
                ..of_amount(*value)
            };
            ("invoice_voided", payload)
        }
        EventKind::OperatorActed { act, by, transaction_id, payment_id, operation_id } => {
            let payload = Payload {
                act: Some(act.name().to_owned()),
                actor: Some(by.name.clone()),
                reason: Some(by.reason.clone()),
                transaction_id: Some(transaction_id.to_string()),
                payment_id: payment_id.as_ref().map(ToString::to_string),
                operation_id: operation_id.as_ref().map(ToString::to_string),
                ..Payload::default()
            };
            ("operator_acted", payload)
        }
        EventKind::OperationWithdrawn { operation: summary } => ("operation_withdrawn", operation(summary)),
        EventKind::InvoiceAccepted { invoice_number, invoice_type, value, remaining } => {
            let payload = Payload {
                invoice_number: Some(invoice_number.to_string()),
                invoice_type: Some(invoice_type.name().to_owned()),
                remaining: Some(amount(*remaining)),
                ..of_amount(*value)
            };
            ("invoice_accepted", payload)
        }
        EventKind::TrackingUpdated { invoice_number } => {
            let invoice_number = Some(invoice_number.to_string());
            ("tracking_updated", Payload { invoice_number, ..Payload::default() })
        }
        EventKind::OperationStarted { operation: summary } => ("operation_started", operation(summary)),
        EventKind::OperationEnded { operation: summary, done, is_done } => {
            let payload =
                Payload { amount: Some(amount(*done)), is_done: Some(*is_done), ..operation(summary) };
            ("operation_ended", payload)
        }
        EventKind::OperationUnresolved { operation: summary, state } => {
            let state = Some(state.clone());
            ("operation_unresolved", Payload { state, ..operation(summary) })
        }
        EventKind::SurplusFound { operation: summary, surplus } => {
            let amount = Some(amount(*surplus));
            ("surplus_found", Payload { amount, ..operation(summary) })
        }
        EventKind::AnswerContradicted { operation: summary, meaning } => {
            let state = Some(meaning.clone());
            ("answer_contradicted", Payload { state, ..operation(summary) })
        }
        EventKind::CoverageChanged { missing } => ("coverage_changed", of_amount(*missing)),
        EventKind::OrderStateChanged { state, reason } => {
            let reason = Some(reason.clone()).filter(|reason| !reason.is_empty());
            ("order_state_changed", Payload { reason, ..of_state(state.name()) })
        }
        EventKind::TransactionStateChanged { state } => ("transaction_state_changed", of_state(state.name())),
    };
    Ok((name, to_json(&payload)?))
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T, Unreadable> {
    value.ok_or_else(|| Unreadable(format!("payload has no {field}")))
}

fn money(field: &str, value: Option<Amount>) -> Result<Money, Unreadable> {
    let amount = needed(field, value)?;
    Ok(Money { currency: currency(&amount.currency)?, minor: amount.minor })
}

fn summary(value: Option<Operation>) -> Result<OperationSummary, Unreadable> {
    let operation = needed("operation", value)?;
    Ok(OperationSummary {
        operation_id: OperationId::trusted(&operation.id),
        payment_id: PaymentId::trusted(&operation.payment_id),
        kind: named("payload", &operation.kind)?,
        value: money("operation.value", Some(operation.value))?,
    })
}

/// The kind of an event, with its data.
pub(super) fn read(kind: &str, payload: &str) -> Result<EventKind, Unreadable> {
    let payload: Payload = from_json("payload", payload)?;
    let connector = |id: Option<String>| Ok(ConnectorId::trusted(&needed("connector_id", id)?));
    let invoice = |id: Option<String>| Ok(InvoiceNumber::trusted(&needed("invoice_number", id)?));
    let payment = |id: Option<String>| Ok(PaymentId::trusted(&needed("payment_id", id)?));
    let time = |micros: Option<i64>| Ok(Timestamp::from_micros(needed("expire_time", micros)?));
    Ok(match kind {
        "account_updated" => EventKind::AccountUpdated,
        "connector_created" => EventKind::ConnectorCreated { connector_id: connector(payload.connector_id)? },
        "connector_updated" => EventKind::ConnectorUpdated { connector_id: connector(payload.connector_id)? },
        "order_created" => EventKind::OrderCreated { value: money("amount", payload.amount)? },
        "transaction_created" => EventKind::TransactionCreated {
            transaction_id: TransactionId::trusted(&needed("transaction_id", payload.transaction_id)?),
            authorized: money("amount", payload.amount)?,
        },
        "order_changed" => EventKind::OrderChanged {
            request_id: RequestId::trusted(&needed("request_id", payload.request_id)?),
            reason: needed("reason", payload.reason)?,
            value_before: money("value_before", payload.value_before)?,
            value_after: money("amount", payload.amount)?,
        },
        "payment_added" => EventKind::PaymentAdded {
            payment_id: payment(payload.payment_id)?,
            authorized: money("amount", payload.amount)?,
        },
        "authorization_ending" => EventKind::AuthorizationEnding {
            payment_id: payment(payload.payment_id)?,
            expire_time: time(payload.expire_time)?,
            room: money("amount", payload.amount)?,
        },
        "authorization_ended" => EventKind::AuthorizationEnded {
            payment_id: payment(payload.payment_id)?,
            expire_time: time(payload.expire_time)?,
            room: money("amount", payload.amount)?,
        },
        "payment_state_changed" => EventKind::PaymentStateChanged {
            payment_id: PaymentId::trusted(&needed("payment_id", payload.payment_id)?),
            state: named("payload", &needed("state", payload.state)?)?,
        },
        "invoice_voided" => EventKind::InvoiceVoided {
            invoice_number: invoice(payload.invoice_number)?,
            value: money("amount", payload.amount)?,
            reason: needed("reason", payload.reason)?,
        },
        "operator_acted" => EventKind::OperatorActed {
            act: named("payload", &needed("act", payload.act)?)?,
            by: Actor { name: needed("actor", payload.actor)?, reason: needed("reason", payload.reason)? },
            transaction_id: TransactionId::trusted(&needed("transaction_id", payload.transaction_id)?),
            payment_id: payload.payment_id.as_deref().map(PaymentId::trusted),
            operation_id: payload.operation_id.as_deref().map(OperationId::trusted),
        },
        "operation_withdrawn" => EventKind::OperationWithdrawn { operation: summary(payload.operation)? },
        "invoice_accepted" => EventKind::InvoiceAccepted {
            invoice_number: invoice(payload.invoice_number)?,
            invoice_type: named("payload", &needed("invoice_type", payload.invoice_type)?)?,
            value: money("amount", payload.amount)?,
            remaining: money("remaining", payload.remaining)?,
        },
        "tracking_updated" => EventKind::TrackingUpdated { invoice_number: invoice(payload.invoice_number)? },
        "operation_started" => EventKind::OperationStarted { operation: summary(payload.operation)? },
        "operation_ended" => EventKind::OperationEnded {
            operation: summary(payload.operation)?,
            done: money("amount", payload.amount)?,
            is_done: needed("is_done", payload.is_done)?,
        },
        "operation_unresolved" => EventKind::OperationUnresolved {
            operation: summary(payload.operation)?,
            state: needed("state", payload.state)?,
        },
        "surplus_found" => EventKind::SurplusFound {
            operation: summary(payload.operation)?,
            surplus: money("amount", payload.amount)?,
        },
        "answer_contradicted" => EventKind::AnswerContradicted {
            operation: summary(payload.operation)?,
            meaning: needed("state", payload.state)?,
        },
        "coverage_changed" => EventKind::CoverageChanged { missing: money("amount", payload.amount)? },
        "order_state_changed" => {
            let state = named("payload", &needed("state", payload.state)?)?;
            EventKind::OrderStateChanged { state, reason: payload.reason.unwrap_or_default() }
        }
        "transaction_state_changed" => {
            EventKind::TransactionStateChanged { state: named("payload", &needed("state", payload.state)?)? }
        }
        other => return Err(Unreadable::column("kind", other)),
    })
}
