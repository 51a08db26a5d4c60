//! Payments whose authorizations end.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use tranche_core::id::{AccountId, OrderId, OrderKey, PaymentId};
use tranche_core::time::Timestamp;

use crate::entity::payment;
use crate::{Store, StoreError};

fn ends(now: Timestamp, limit: u64) -> Select<payment::Entity> {
    payment::Entity::find()
        .select_only()
        .column(payment::Column::AccountId)
        .column(payment::Column::OrderId)
        .column(payment::Column::PaymentId)
        .filter(payment::Column::ObserveTime.is_not_null())
        // As a literal, which the index is for: what is not approved yet does not end.
        .filter(Expr::cust("authorization_state = 'authorized'"))
        .filter(payment::Column::ObserveTime.lte(now.micros()))
        .order_by_asc(payment::Column::ObserveTime)
        .limit(limit)
}

impl Store {
    /// Payments of which there is an end to observe at `now`, the longest due first, of all accounts.
    pub async fn ends_to_observe(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<(OrderKey, PaymentId)>, StoreError> {
        let rows: Vec<(String, String, String)> = ends(now, limit).into_tuple().all(&self.reads).await?;
        let key = |(account, order, id): (String, String, String)| {
            let key =
                OrderKey { account_id: AccountId::trusted(&account), order_id: OrderId::trusted(&order) };
            (key, PaymentId::trusted(&id))
        };
        Ok(rows.into_iter().map(key).collect())
    }

    /// The statement of [`Store::ends_to_observe`], for whoever asks how it is planned.
    pub fn ends_statement(&self, now: Timestamp, limit: u64) -> String {
        ends(now, limit).build(self.reads.get_database_backend()).to_string()
    }
}
