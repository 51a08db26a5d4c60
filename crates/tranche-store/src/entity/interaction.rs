//! Calls to providers and their answers; rows are only ever added.

use sea_orm::entity::prelude::*;
use tranche_core::id::OperationId;
use tranche_core::operation::{Exchange, Interaction};
use tranche_core::time::Timestamp;

use super::value::{count, duration, duration_micros, order_key};
use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// A call's row. The latency is in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "interactions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub attempt: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub callback: i64,
    pub order_id: String,
    pub method: String,
    pub url: String,
    pub request_headers: String,
    pub request_body: String,
    pub status: Option<i64>,
    pub response_headers: String,
    pub response_body: String,
    pub latency: i64,
    pub error: Option<String>,
    pub meaning: String,
    pub create_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Stored for Entity {
    type Domain = Interaction;

    fn row(interaction: &Interaction) -> Result<Model, StoreError> {
        let exchange = &interaction.exchange;
        Ok(Model {
            account_id: interaction.order.account_id.to_string(),
            operation_id: interaction.operation_id.to_string(),
            attempt: i64::from(interaction.attempt),
            callback: i64::from(interaction.callback),
            order_id: interaction.order.order_id.to_string(),
            method: exchange.method.clone(),
            url: exchange.url.clone(),
            request_headers: exchange.request_headers.clone(),
            request_body: exchange.request_body.clone(),
            status: exchange.status.map(i64::from),
            response_headers: exchange.response_headers.clone(),
            response_body: exchange.response_body.clone(),
            latency: duration_micros(exchange.latency),
            error: exchange.error.clone(),
            meaning: interaction.meaning.clone(),
            create_time: interaction.create_time.micros(),
        })
    }

    fn domain(row: &Model) -> Result<Interaction, Unreadable> {
        let status = row.status.map(u16::try_from).transpose();
        Ok(Interaction {
            order: order_key(&row.account_id, &row.order_id),
            operation_id: OperationId::trusted(&row.operation_id),
            attempt: count("attempt", row.attempt)?,
            callback: count("callback", row.callback)?,
            exchange: Exchange {
                method: row.method.clone(),
                url: row.url.clone(),
                request_headers: row.request_headers.clone(),
                request_body: row.request_body.clone(),
                status: status.map_err(|error| Unreadable::column("status", error))?,
                response_headers: row.response_headers.clone(),
                response_body: row.response_body.clone(),
                latency: duration("latency", row.latency)?,
                error: row.error.clone(),
            },
            meaning: row.meaning.clone(),
            create_time: Timestamp::from_micros(row.create_time),
        })
    }

    layout!();
}
