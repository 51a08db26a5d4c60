//! Idempotency keys of accepted requests, and what was answered.

use sea_orm::entity::prelude::*;
use tranche_core::command::RequestKey;
use tranche_core::content::Content;
use tranche_core::id::AccountId;
use tranche_core::state::RecordedRequest;
use tranche_core::time::Timestamp;

use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// A request's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub request_id: String,
    pub content: String,
    pub reply: Vec<u8>,
    pub create_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Stored for Entity {
    type Domain = RecordedRequest;

    fn row(request: &RecordedRequest) -> Result<Model, StoreError> {
        Ok(Model {
            account_id: request.key.account_id.to_string(),
            resource: request.key.resource.clone(),
            request_id: request.key.request_id.clone(),
            content: request.content.to_text(),
            reply: request.reply.clone(),
            create_time: request.create_time.micros(),
        })
    }

    fn domain(row: &Model) -> Result<RecordedRequest, Unreadable> {
        Ok(RecordedRequest {
            key: RequestKey {
                account_id: AccountId::trusted(&row.account_id),
                resource: row.resource.clone(),
                request_id: row.request_id.clone(),
            },
            content: Content::from_text(&row.content),
            reply: row.reply.clone(),
            create_time: Timestamp::from_micros(row.create_time),
        })
    }

    layout!();
}
