//! Accounts and connectors.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tranche_core::account::Account;
use tranche_core::connector::Connector;
use tranche_core::id::{AccountId, ConnectorId};

use super::{PagePoint, all, one, page};
use crate::entity::{account, connector};
use crate::{Store, StoreError};

impl Store {
    /// An account's settings; `None` if it never wrote.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        let rows = account::Entity::find().filter(account::Column::AccountId.eq(id.as_str()));
        one(&self.reads, rows).await
    }

    /// A connector.
    pub async fn connector(
        &self,
        account: &AccountId,
        id: &ConnectorId,
    ) -> Result<Option<Connector>, StoreError> {
        let rows = connector::Entity::find()
            .filter(connector::Column::AccountId.eq(account.as_str()))
            .filter(connector::Column::ConnectorId.eq(id.as_str()));
        one(&self.reads, rows).await
    }

    /// An account's connectors.
    pub async fn connectors(
        &self,
        account: &AccountId,
        after: Option<&PagePoint>,
        limit: u64,
    ) -> Result<Vec<Connector>, StoreError> {
        let rows = connector::Entity::find().filter(connector::Column::AccountId.eq(account.as_str()));
        let by = (connector::Column::CreateTime, connector::Column::ConnectorId);
        all(&self.reads, page(rows, by, after, limit)).await
    }
}
