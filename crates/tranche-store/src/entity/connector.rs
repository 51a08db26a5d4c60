//! Connectors.

use sea_orm::entity::prelude::*;
use tranche_core::connector::Connector;
use tranche_core::id::{AccountId, ConnectorId};
use tranche_core::time::Timestamp;

use super::capability::Columns;
use super::name::Named;
use super::value::{amounts, amounts_json, from_json, named, to_json};
use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// A connector's row. The settings are a JSON object of texts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connectors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub connector_id: String,
    pub kind: String,
    pub settings: String,
    pub default_mode: Option<String>,
    pub settlement_parts: String,
    pub settlements_max: Option<i64>,
    pub remainder: String,
    pub partial_cancellation: bool,
    pub refunds: String,
    pub replay_safe: bool,
    pub replay_window: i64,
    pub authorization_lifetime: Option<i64>,
    pub minimum_amounts: String,
    pub manifest: String,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Stored for Entity {
    type Domain = Connector;

    fn row(connector: &Connector) -> Result<Model, StoreError> {
        let capabilities = Columns::of(&connector.capabilities);
        Ok(Model {
            account_id: connector.account_id.to_string(),
            connector_id: connector.connector_id.to_string(),
            kind: connector.kind.clone(),
            settings: to_json(&connector.settings)?,
            default_mode: connector.default_mode.map(|mode| mode.name().to_owned()),
            settlement_parts: capabilities.settlement_parts.to_owned(),
            settlements_max: capabilities.settlements_max,
            remainder: capabilities.remainder.to_owned(),
            partial_cancellation: capabilities.partial_cancellation,
            refunds: capabilities.refunds.to_owned(),
            replay_safe: capabilities.replay_safe,
            replay_window: capabilities.replay_window,
            authorization_lifetime: capabilities.authorization_lifetime,
            minimum_amounts: amounts_json(&connector.minimum_amounts)?,
            manifest: connector.manifest.clone(),
            version: connector.version,
            create_time: connector.create_time.micros(),
            update_time: connector.update_time.micros(),
        })
    }

    fn domain(row: &Model) -> Result<Connector, Unreadable> {
        let default_mode = row.default_mode.as_deref();
        let capabilities = Columns {
            settlement_parts: &row.settlement_parts,
            settlements_max: row.settlements_max,
            remainder: &row.remainder,
            partial_cancellation: row.partial_cancellation,
            refunds: &row.refunds,
            replay_safe: row.replay_safe,
            replay_window: row.replay_window,
            authorization_lifetime: row.authorization_lifetime,
        };
        Ok(Connector {
            account_id: AccountId::trusted(&row.account_id),
            connector_id: ConnectorId::trusted(&row.connector_id),
            kind: row.kind.clone(),
            settings: from_json("settings", &row.settings)?,
            default_mode: default_mode.map(|mode| named("default_mode", mode)).transpose()?,
            capabilities: capabilities.read()?,
            minimum_amounts: amounts("minimum_amounts", &row.minimum_amounts)?,
            manifest: row.manifest.clone(),
            version: row.version,
            create_time: Timestamp::from_micros(row.create_time),
            update_time: Timestamp::from_micros(row.update_time),
        })
    }

    layout!();
}
