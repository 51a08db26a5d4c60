//! Changes of orders.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tranche_core::change::Change;
use tranche_core::id::OrderKey;

use super::{PagePoint, all, page};
use crate::entity::change;
use crate::{Store, StoreError};

impl Store {
    /// An order's changes.
    pub async fn changes(
        &self,
        key: &OrderKey,
        after: Option<&PagePoint>,
        limit: u64,
    ) -> Result<Vec<Change>, StoreError> {
        let rows = change::Entity::find()
            .filter(change::Column::AccountId.eq(key.account_id.as_str()))
            .filter(change::Column::OrderId.eq(key.order_id.as_str()));
        let by = (change::Column::CreateTime, change::Column::RequestId);
        all(&self.reads, page(rows, by, after, limit)).await
    }
}
