//! Events: the kind as a column, its data as JSON.

mod payload;

use sea_orm::entity::prelude::*;
use tranche_core::event::Event;
use tranche_core::id::{AccountId, OrderId};
use tranche_core::time::Timestamp;

use super::{Stored, Unreadable, layout};
use crate::{NumberedEvent, StoreError};

/// An event's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub order_id: Option<String>,
    pub kind: String,
    pub payload: String,
    pub create_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Stored for Entity {
    type Domain = NumberedEvent;

    fn row(numbered: &NumberedEvent) -> Result<Model, StoreError> {
        let (kind, payload) = payload::write(&numbered.event.kind)?;
        Ok(Model {
            account_id: numbered.event.account_id.to_string(),
            number: numbered.number,
            order_id: numbered.event.order_id.as_ref().map(ToString::to_string),
            kind: kind.to_owned(),
            payload,
            create_time: numbered.create_time.micros(),
        })
    }

    fn domain(row: &Model) -> Result<NumberedEvent, Unreadable> {
        Ok(NumberedEvent {
            number: row.number,
            create_time: Timestamp::from_micros(row.create_time),
            event: Event {
                account_id: AccountId::trusted(&row.account_id),
                order_id: row.order_id.as_deref().map(OrderId::trusted),
                kind: payload::read(&row.kind, &row.payload)?,
            },
        })
    }

    layout!();
}
