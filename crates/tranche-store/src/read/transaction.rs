//! Transactions: an order and its payments.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tranche_core::id::{AccountId, OrderKey, PaymentId, TransactionId};
use tranche_core::order::Order;
use tranche_core::payment::Payment;

use super::{all, one};
use crate::entity::{order, payment};
use crate::{Store, StoreError};

impl Store {
    /// A payment, with its order.
    pub async fn payment(
        &self,
        key: &OrderKey,
        payment_id: &PaymentId,
    ) -> Result<Option<(Order, Payment)>, StoreError> {
        let moment = self.snapshot().await?;
        let rows = payment::Entity::find()
            .filter(payment::Column::AccountId.eq(key.account_id.as_str()))
            .filter(payment::Column::OrderId.eq(key.order_id.as_str()))
            .filter(payment::Column::PaymentId.eq(payment_id.as_str()));
        let payment = one(&moment, rows).await?;
        let order = one(&moment, super::order::find(key)).await?;
        moment.commit().await?;
        Ok(order.zip(payment))
    }

    /// A transaction: its order and payments, by position.
    pub async fn transaction(
        &self,
        account: &AccountId,
        id: &TransactionId,
    ) -> Result<Option<(Order, Vec<Payment>)>, StoreError> {
        let moment = self.snapshot().await?;
        let rows = order::Entity::find()
            .filter(order::Column::AccountId.eq(account.as_str()))
            .filter(order::Column::TransactionId.eq(id.as_str()));
        let Some(order) = one(&moment, rows).await? else {
            return Ok(None);
        };
        let rows = payment::Entity::find()
            .filter(payment::Column::AccountId.eq(account.as_str()))
            .filter(payment::Column::OrderId.eq(order.key.order_id.as_str()))
            .order_by_asc(payment::Column::Position);
        let payments = all(&moment, rows).await?;
        moment.commit().await?;
        Ok(Some((order, payments)))
    }
}
