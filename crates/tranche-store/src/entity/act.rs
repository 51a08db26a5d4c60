//! Acts of operators; rows are only ever added, and kept for good.

use sea_orm::entity::prelude::*;
use tranche_core::id::{OperationId, PaymentId, RequestId, TransactionId};
use tranche_core::operator::{Act, Actor};
use tranche_core::time::Timestamp;

use super::name::Named;
use super::value::{named, order_key};
use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// An act's row. With the request id, what it is about is its key, as it is of the request.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "acts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub request_id: String,
    pub act: String,
    pub actor: String,
    pub reason: String,
    pub transaction_id: String,
    pub payment_id: Option<String>,
    pub operation_id: Option<String>,
    pub create_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What the act is about.
fn resource(act: &Act) -> String {
    match &act.operation_id {
        Some(id) => format!("operation/{id}"),
        None => format!("transaction/{}", act.transaction_id),
    }
}

impl Stored for Entity {
    type Domain = Act;

    fn row(act: &Act) -> Result<Model, StoreError> {
        Ok(Model {
            account_id: act.order.account_id.to_string(),
            order_id: act.order.order_id.to_string(),
            resource: resource(act),
            request_id: act.request_id.to_string(),
            act: act.kind.name().to_owned(),
            actor: act.by.name.clone(),
            reason: act.by.reason.clone(),
            transaction_id: act.transaction_id.to_string(),
            payment_id: act.payment_id.as_ref().map(ToString::to_string),
            operation_id: act.operation_id.as_ref().map(ToString::to_string),
            create_time: act.create_time.micros(),
        })
    }

    fn domain(row: &Model) -> Result<Act, Unreadable> {
        Ok(Act {
            order: order_key(&row.account_id, &row.order_id),
            request_id: RequestId::trusted(&row.request_id),
            kind: named("act", &row.act)?,
            by: Actor { name: row.actor.clone(), reason: row.reason.clone() },
            transaction_id: TransactionId::trusted(&row.transaction_id),
            payment_id: row.payment_id.as_deref().map(PaymentId::trusted),
            operation_id: row.operation_id.as_deref().map(OperationId::trusted),
            create_time: Timestamp::from_micros(row.create_time),
        })
    }

    layout!();
}
