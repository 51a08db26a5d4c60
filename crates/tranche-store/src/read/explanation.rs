//! What an explanation of an order is made of.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tranche_core::id::OrderKey;
use tranche_core::operation::Operation;
use tranche_core::order::Order;
use tranche_core::payment::Payment;

use sea_orm::sea_query::Expr;

use super::{OperationStateName, all, one, order};
use crate::bounds::EXPLAINED_OPERATIONS_MAX;
use crate::entity::{Named, operation, payment};
use crate::layout::NOT_BY_KEY;
use crate::{Store, StoreError};

impl Store {
    /// An order, its payments by position, and the first of its operations that have not ended or were refused.
    pub async fn unsettled(
        &self,
        key: &OrderKey,
    ) -> Result<Option<(Order, Vec<Payment>, Vec<Operation>)>, StoreError> {
        let moment = self.snapshot().await?;
        let Some(order) = one(&moment, order::find(key)).await? else {
            return Ok(None);
        };
        let rows = payment::Entity::find()
            .filter(payment::Column::AccountId.eq(key.account_id.as_str()))
            .filter(payment::Column::OrderId.eq(key.order_id.as_str()))
            .order_by_asc(payment::Column::Position);
        let payments = all(&moment, rows).await?;
        let settled = [OperationStateName::Done, OperationStateName::Withdrawn];
        let rows = operation::Entity::find()
            .filter(operation::Column::AccountId.eq(key.account_id.as_str()))
            .filter(operation::Column::OrderId.eq(key.order_id.as_str()))
            .filter(Expr::cust(NOT_BY_KEY))
            .filter(operation::Column::State.is_not_in(settled.map(Named::name)))
            .order_by_asc(operation::Column::PaymentId)
            .order_by_asc(operation::Column::Ordinal)
            .limit(EXPLAINED_OPERATIONS_MAX);
        let operations = all(&moment, rows).await?;
        moment.commit().await?;
        Ok(Some((order, payments, operations)))
    }
}
