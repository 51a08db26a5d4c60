//! Operations, their calls, and what is due.

use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tranche_core::id::{AccountId, OperationId, OrderKey};
use tranche_core::operation::{Interaction, Operation};
use tranche_core::order::Order;
use tranche_core::payment::Payment;

use super::{OperationFilter, PagePoint, all, one, order, page};
use crate::entity::{Named, interaction, operation, payment};
use crate::{Store, StoreError};

impl Store {
    /// An operation, with its order and payment.
    pub async fn operation(
        &self,
        account: &AccountId,
        id: &OperationId,
    ) -> Result<Option<(Order, Payment, Operation)>, StoreError> {
        let moment = self.snapshot().await?;
        let rows = operation::Entity::find()
            .filter(operation::Column::AccountId.eq(account.as_str()))
            .filter(operation::Column::OperationId.eq(id.as_str()));
        let Some(operation) = one(&moment, rows).await? else {
            return Ok(None);
        };
        let key = &operation.order;
        let rows = payment::Entity::find()
            .filter(payment::Column::AccountId.eq(account.as_str()))
            .filter(payment::Column::OrderId.eq(key.order_id.as_str()))
            .filter(payment::Column::PaymentId.eq(operation.payment_id.as_str()));
        let payment = one(&moment, rows).await?;
        let order = one(&moment, order::find(key)).await?;
        moment.commit().await?;
        Ok(order.zip(payment).map(|(order, payment)| (order, payment, operation)))
    }

    /// An order's operations.
    pub async fn operations(
        &self,
        key: &OrderKey,
        filter: &OperationFilter,
        after: Option<&PagePoint>,
        limit: u64,
    ) -> Result<Vec<Operation>, StoreError> {
        let mut rows = operation::Entity::find()
            .filter(operation::Column::AccountId.eq(key.account_id.as_str()))
            .filter(operation::Column::OrderId.eq(key.order_id.as_str()));
        if let Some(payment_id) = &filter.payment_id {
            rows = rows.filter(operation::Column::PaymentId.eq(payment_id.as_str()));
        }
        if !filter.states.is_empty() {
            rows =
                rows.filter(operation::Column::State.is_in(filter.states.iter().map(|state| state.name())));
        }
        let by = (operation::Column::CreateTime, operation::Column::OperationId);
        all(&self.reads, page(rows, by, after, limit)).await
    }

    /// An operation's calls and the provider's callbacks about it, by attempt and callback, after this one of both.
    pub async fn interactions(
        &self,
        account: &AccountId,
        operation: &OperationId,
        after: (u32, u32),
        limit: u64,
    ) -> Result<Vec<Interaction>, StoreError> {
        let rows = interaction::Entity::find()
            .filter(interaction::Column::AccountId.eq(account.as_str()))
            .filter(interaction::Column::OperationId.eq(operation.as_str()))
            .filter(
                interaction::Column::Attempt.gt(i64::from(after.0)).or(interaction::Column::Attempt
                    .eq(i64::from(after.0))
                    .and(interaction::Column::Callback.gt(i64::from(after.1)))),
            )
            .order_by_asc(interaction::Column::Attempt)
            .order_by_asc(interaction::Column::Callback)
            .limit(limit);
        all(&self.reads, rows).await
    }
}
