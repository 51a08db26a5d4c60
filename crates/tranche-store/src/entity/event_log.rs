//! How far back each account's event log reaches.

use sea_orm::entity::prelude::*;
use tranche_core::event::EventLog;
use tranche_core::id::AccountId;

use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// The log of an account that forgot some of its events.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_logs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    pub forgotten_number: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Stored for Entity {
    type Domain = EventLog;

    fn row(log: &EventLog) -> Result<Model, StoreError> {
        Ok(Model {
            account_id: log.account_id.to_string(),
            forgotten_number: log.forgotten,
            version: log.version,
        })
    }

    fn domain(row: &Model) -> Result<EventLog, Unreadable> {
        Ok(EventLog {
            account_id: AccountId::trusted(&row.account_id),
            forgotten: row.forgotten_number,
            version: row.version,
        })
    }

    layout!();
}
