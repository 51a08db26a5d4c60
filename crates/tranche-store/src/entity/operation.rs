//! Operations: what is asked of providers.

use sea_orm::entity::prelude::*;
use tranche_core::id::{ConnectorId, InvoiceNumber, OperationId, PaymentId};
use tranche_core::operation::{Lease, Operation, OperationState, RefundTarget, Waiting};
use tranche_core::time::Timestamp;

use super::name::Named;
use super::value::{count, micros, named, order_key, time};
use super::{Stored, Unreadable, layout};
use crate::{OperationStateName, StoreError};

/// An operation's row. The columns of a state are empty in every other state.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation_id: String,
    pub order_id: String,
    pub payment_id: String,
    pub connector_id: String,
    pub ordinal: i64,
    pub kind: String,
    pub cause: String,
    pub invoice_number: Option<String>,
    pub value: i64,
    pub is_final: bool,
    pub refund_operation_id: Option<String>,
    pub refund_settle_id: Option<String>,
    pub refund_purpose: Option<String>,
    pub state: String,
    pub waited_as: Option<String>,
    pub lease_attempt: Option<i64>,
    pub lease_until: Option<i64>,
    pub done_value: i64,
    pub provider_id: Option<String>,
    pub refusal_code: Option<String>,
    pub refusal_message: Option<String>,
    pub is_unclear: bool,
    pub due_time: Option<i64>,
    pub attempts: i64,
    pub recorded_attempts: i64,
    pub attempts_before: i64,
    pub callbacks: i64,
    pub contradiction: Option<String>,
    pub first_send_time: Option<i64>,
    pub retry_time: Option<i64>,
    pub refund_taken: i64,
    pub lacking: i64,
    pub surplus: i64,
    pub attention_time: Option<i64>,
    pub create_time: i64,
    pub update_time: i64,
    pub end_time: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The name of a state, without its data.
fn state_name(state: &OperationState) -> OperationStateName {
    match state {
        OperationState::Waiting(Waiting::Pending) => OperationStateName::Pending,
        OperationState::Waiting(Waiting::AtProvider) => OperationStateName::PendingAtProvider,
        OperationState::Waiting(Waiting::Unknown) => OperationStateName::Unknown,
        OperationState::Sent { .. } => OperationStateName::Sent,
        OperationState::Manual => OperationStateName::Manual,
        OperationState::Stuck { .. } => OperationStateName::Stuck,
        OperationState::Done { .. } => OperationStateName::Done,
        OperationState::Refused { .. } => OperationStateName::Refused,
        OperationState::Withdrawn => OperationStateName::Withdrawn,
    }
}

fn sent(row: &Model) -> Result<OperationState, Unreadable> {
    let (Some(attempt), Some(until)) = (row.lease_attempt, row.lease_until) else {
        return Err(Unreadable("it is sent without a lease".to_owned()));
    };
    Ok(OperationState::Sent {
        lease: Lease { attempt: count("lease_attempt", attempt)?, until: Timestamp::from_micros(until) },
        from: waited(row)?,
    })
}

/// Where an operation waited that is on the wire or stuck.
fn waited(row: &Model) -> Result<Waiting, Unreadable> {
    let from = row.waited_as.as_ref();
    named("waited_as", from.ok_or_else(|| Unreadable("it waited nowhere before".to_owned()))?)
}

fn state(row: &Model) -> Result<OperationState, Unreadable> {
    Ok(match named("state", &row.state)? {
        OperationStateName::Pending => OperationState::Waiting(Waiting::Pending),
        OperationStateName::PendingAtProvider => OperationState::Waiting(Waiting::AtProvider),
        OperationStateName::Unknown => OperationState::Waiting(Waiting::Unknown),
        OperationStateName::Sent => sent(row)?,
        OperationStateName::Manual => OperationState::Manual,
        OperationStateName::Stuck => OperationState::Stuck { from: waited(row)? },
        OperationStateName::Done => OperationState::Done {
            value: row.done_value,
            provider_id: row
                .provider_id
                .clone()
                .ok_or_else(|| Unreadable("it is done without the provider's id".to_owned()))?,
        },
        OperationStateName::Refused => match (&row.refusal_code, &row.refusal_message) {
            (Some(code), Some(message)) => {
                OperationState::Refused { code: code.clone(), message: message.clone() }
            }
            _ => return Err(Unreadable("it is refused without a reason".to_owned())),
        },
        OperationStateName::Withdrawn => OperationState::Withdrawn,
    })
}

fn refund(row: &Model) -> Result<Option<RefundTarget>, Unreadable> {
    match (&row.refund_operation_id, &row.refund_settle_id, &row.refund_purpose) {
        (None, None, None) => Ok(None),
        (Some(operation_id), Some(settle_id), Some(purpose)) => Ok(Some(RefundTarget {
            operation_id: OperationId::trusted(operation_id),
            settle_id: settle_id.clone(),
            purpose: named("refund_purpose", purpose)?,
        })),
        _ => Err(Unreadable("the refund's columns are half empty".to_owned())),
    }
}

impl Stored for Entity {
    type Domain = Operation;

    fn row(operation: &Operation) -> Result<Model, StoreError> {
        let refund = operation.refund.as_ref();
        let (waited_as, lease) = match &operation.state {
            OperationState::Sent { lease, from } => (Some(from.name().to_owned()), Some(*lease)),
            OperationState::Stuck { from } => (Some(from.name().to_owned()), None),
            _ => (None, None),
        };
        let (done_value, provider_id) = match &operation.state {
            OperationState::Done { value, provider_id } => (*value, Some(provider_id.clone())),
            _ => (0, None),
        };
        let (refusal_code, refusal_message) = match &operation.state {
            OperationState::Refused { code, message } => (Some(code.clone()), Some(message.clone())),
            _ => (None, None),
        };
        Ok(Model {
            account_id: operation.order.account_id.to_string(),
            operation_id: operation.operation_id.to_string(),
            order_id: operation.order.order_id.to_string(),
            payment_id: operation.payment_id.to_string(),
            connector_id: operation.connector_id.to_string(),
            ordinal: operation.ordinal,
            kind: Named::name(operation.kind).to_owned(),
            cause: operation.cause.clone(),
            invoice_number: operation.invoice_number.as_ref().map(ToString::to_string),
            value: operation.value,
            is_final: operation.is_final,
            refund_operation_id: refund.map(|target| target.operation_id.to_string()),
            refund_settle_id: refund.map(|target| target.settle_id.clone()),
            refund_purpose: refund.map(|target| target.purpose.name().to_owned()),
            state: state_name(&operation.state).name().to_owned(),
            waited_as,
            lease_attempt: lease.map(|lease| i64::from(lease.attempt)),
            lease_until: lease.map(|lease| lease.until.micros()),
            done_value,
            provider_id,
            refusal_code,
            refusal_message,
            is_unclear: operation.is_unclear,
            due_time: micros(operation.due_time),
            attempts: i64::from(operation.attempts),
            recorded_attempts: operation.recorded_attempts,
            attempts_before: i64::from(operation.attempts_before),
            callbacks: i64::from(operation.callbacks),
            contradiction: operation.contradiction.clone(),
            first_send_time: micros(operation.first_send_time),
            retry_time: micros(operation.retry_time),
            refund_taken: operation.refund_taken,
            lacking: operation.lacking,
            surplus: operation.surplus,
            attention_time: micros(operation.attention_time),
            create_time: operation.create_time.micros(),
            update_time: operation.update_time.micros(),
            end_time: micros(operation.end_time),
        })
    }

    fn domain(row: &Model) -> Result<Operation, Unreadable> {
        Ok(Operation {
            order: order_key(&row.account_id, &row.order_id),
            operation_id: OperationId::trusted(&row.operation_id),
            payment_id: PaymentId::trusted(&row.payment_id),
            connector_id: ConnectorId::trusted(&row.connector_id),
            ordinal: row.ordinal,
            kind: named("kind", &row.kind)?,
            cause: row.cause.clone(),
            invoice_number: row.invoice_number.as_deref().map(InvoiceNumber::trusted),
            value: row.value,
            is_final: row.is_final,
            refund: refund(row)?,
            state: state(row)?,
            is_unclear: row.is_unclear,
            due_time: time(row.due_time),
            attempts: count("attempts", row.attempts)?,
            recorded_attempts: row.recorded_attempts,
            attempts_before: count("attempts_before", row.attempts_before)?,
            callbacks: count("callbacks", row.callbacks)?,
            contradiction: row.contradiction.clone(),
            first_send_time: time(row.first_send_time),
            retry_time: time(row.retry_time),
            refund_taken: row.refund_taken,
            lacking: row.lacking,
            surplus: row.surplus,
            attention_time: time(row.attention_time),
            create_time: Timestamp::from_micros(row.create_time),
            update_time: Timestamp::from_micros(row.update_time),
            end_time: time(row.end_time),
        })
    }

    layout!();
}
