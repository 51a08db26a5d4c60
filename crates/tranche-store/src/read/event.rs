//! Events, by their numbers.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tranche_core::id::{AccountId, OrderId};

use super::{NumberedEvent, all};
use crate::entity::{event, event_counter};
use crate::{Store, StoreError};

impl Store {
    /// An account's events after this number, or those of one order.
    pub async fn events(
        &self,
        account: &AccountId,
        after: i64,
        order: Option<&OrderId>,
        limit: u64,
    ) -> Result<Vec<NumberedEvent>, StoreError> {
        let mut rows = event::Entity::find()
            .filter(event::Column::AccountId.eq(account.as_str()))
            .filter(event::Column::Number.gt(after));
        if let Some(order_id) = order {
            rows = rows.filter(event::Column::OrderId.eq(order_id.as_str()));
        }
        let rows = rows.order_by_asc(event::Column::Number).limit(limit);
        all(&self.reads, rows).await
    }

    /// The number of an account's last event; 0 before its first.
    pub async fn last_event_number(&self, account: &AccountId) -> Result<i64, StoreError> {
        let rows = event_counter::Entity::find_by_id(account.as_str());
        let counter = rows.one(&self.reads).await?;
        Ok(counter.map_or(0, |row| row.last_number))
    }
}
