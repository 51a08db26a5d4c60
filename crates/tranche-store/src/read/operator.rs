//! What operators did, and what they compare with a provider's statement.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use tranche_core::id::{AccountId, ConnectorId, OperationId, OrderKey};
use tranche_core::operation::Operation;
use tranche_core::operator::Act;
use tranche_core::order::Order;
use tranche_core::payment::Payment;
use tranche_core::time::Timestamp;

use super::all;
use crate::bounds::OPEN_OPERATIONS_COMPARED_MAX;
use crate::entity::{act, operation, order, payment};
use crate::{Store, StoreError};

/// An operation with its payment and order.
pub type Placed = (Order, Payment, Operation);

/// That the operation's payment is on a connector.
pub(super) fn of_connector(connector: &ConnectorId) -> Expr {
    let own = "payments.account_id = operations.account_id AND payments.order_id = operations.order_id \
               AND payments.payment_id = operations.payment_id";
    let rows = payment::Entity::find()
        .select_only()
        .column(payment::Column::PaymentId)
        .filter(Expr::cust(own))
        .filter(payment::Column::ConnectorId.eq(connector.as_str()));
    Expr::exists(rows.into_query())
}

/// That it moves money, as all but authorizations do: a statement of movements has none of those.
fn moves_money() -> Expr {
    operation::Column::Kind.ne("authorization")
}

impl Store {
    /// What operators did on an order, the oldest first.
    pub async fn acts(&self, key: &OrderKey, limit: u64) -> Result<Vec<Act>, StoreError> {
        let rows = act::Entity::find()
            .filter(act::Column::AccountId.eq(key.account_id.as_str()))
            .filter(act::Column::OrderId.eq(key.order_id.as_str()))
            .order_by_asc(act::Column::CreateTime)
            .order_by_asc(act::Column::Resource)
            .order_by_asc(act::Column::RequestId)
            .limit(limit);
        all(&self.reads, rows).await
    }

    /// Payments on a connector by the provider's ids of them.
    pub async fn payments_by_provider(
        &self,
        account: &AccountId,
        connector: &ConnectorId,
        ids: &[String],
    ) -> Result<Vec<Payment>, StoreError> {
        let rows = payment::Entity::find()
            .filter(payment::Column::AccountId.eq(account.as_str()))
            .filter(payment::Column::ConnectorId.eq(connector.as_str()))
            .filter(payment::Column::ProviderPaymentId.is_in(ids));
        all(&self.reads, rows).await
    }

    /// The operations on a connector that a statement's movements name, by our ids or the provider's, and those that
    /// have not ended and could be one of them: of these payments, or of any for one of these values.
    pub async fn compared_operations(
        &self,
        account: &AccountId,
        connector: &ConnectorId,
        named: (&[OperationId], &[String]),
        payments: &[Payment],
        values: &[i64],
    ) -> Result<Vec<Placed>, StoreError> {
        use operation::Column;
        let (ours, theirs) = named;
        let of_account = || {
            let rows = operation::Entity::find().filter(Column::AccountId.eq(account.as_str()));
            rows.filter(moves_money())
        };
        let by_ours = of_account().filter(Column::OperationId.is_in(ours.iter().map(OperationId::as_str)));
        let by_theirs = of_account().filter(Column::ProviderId.is_in(theirs)).filter(of_connector(connector));
        let of_payments = payments.iter().fold(Condition::any(), |any, row| {
            let one = Condition::all()
                .add(Column::OrderId.eq(row.order.order_id.as_str()))
                .add(Column::PaymentId.eq(row.payment_id.as_str()));
            any.add(one)
        });
        let may_be_done =
            Condition::any().add(Column::State.eq("sent")).add(Column::AttentionTime.is_not_null());
        let open = || of_account().filter(Column::EndTime.is_null()).filter(may_be_done.clone());
        let by_payment = open().filter(of_payments).limit(OPEN_OPERATIONS_COMPARED_MAX);
        let by_value = open()
            .filter(Column::AttentionTime.is_not_null())
            .filter(Column::Value.is_in(values.iter().copied()))
            .filter(of_connector(connector))
            .limit(OPEN_OPERATIONS_COMPARED_MAX);
        let mut found = Vec::new();
        let asked = [
            (by_ours.filter(of_connector(connector)), !ours.is_empty()),
            (by_theirs, !theirs.is_empty()),
            (by_payment, !payments.is_empty()),
            (by_value, !values.is_empty()),
        ];
        for (rows, is_asked) in asked {
            if is_asked {
                found.extend(self.placed(rows).await?);
            }
        }
        found.sort_by(|(_, _, row), (_, _, other)| row.operation_id.cmp(&other.operation_id));
        found.dedup_by(|(_, _, row), (_, _, other)| row.operation_id == other.operation_id);
        Ok(found)
    }

    /// The operations on a connector that were done in a period, the oldest first.
    pub async fn done_operations(
        &self,
        account: &AccountId,
        connector: &ConnectorId,
        (start, end): (Timestamp, Timestamp),
        limit: u64,
    ) -> Result<Vec<Placed>, StoreError> {
        use operation::Column;
        let rows = operation::Entity::find()
            .filter(Column::AccountId.eq(account.as_str()))
            .filter(Column::EndTime.gte(start.micros()))
            .filter(Column::EndTime.lt(end.micros()))
            .filter(Column::DoneValue.gt(0))
            .filter(moves_money())
            .filter(of_connector(connector))
            .order_by_asc(Column::EndTime)
            .order_by_asc(Column::OperationId)
            .limit(limit);
        self.placed(rows).await
    }

    /// The operations, each with its payment and its order, all of one moment.
    async fn placed(&self, rows: Select<operation::Entity>) -> Result<Vec<Placed>, StoreError> {
        let moment = self.snapshot().await?;
        let operations: Vec<Operation> = all(&moment, rows).await?;
        let places = Places::read(&moment, operations.iter().map(|row| &row.order)).await?;
        moment.commit().await?;
        Ok(operations.into_iter().filter_map(|row| places.place(row)).collect())
    }
}

/// Orders of one account with their payments.
pub(super) struct Places {
    orders: Vec<Order>,
    payments: Vec<Payment>,
}

impl Places {
    /// The orders with these keys, which are of one account.
    pub(super) async fn read(
        moment: &DatabaseTransaction,
        keys: impl Iterator<Item = &OrderKey>,
    ) -> Result<Self, StoreError> {
        let keys: BTreeSet<&OrderKey> = keys.collect();
        let Some(first) = keys.first() else {
            return Ok(Self { orders: Vec::new(), payments: Vec::new() });
        };
        let ids = || keys.iter().map(|key| key.order_id.as_str());
        let rows = order::Entity::find()
            .filter(order::Column::AccountId.eq(first.account_id.as_str()))
            .filter(order::Column::OrderId.is_in(ids()));
        let orders = all(moment, rows).await?;
        let rows = payment::Entity::find()
            .filter(payment::Column::AccountId.eq(first.account_id.as_str()))
            .filter(payment::Column::OrderId.is_in(ids()))
            .order_by_asc(payment::Column::OrderId)
            .order_by_asc(payment::Column::Position);
        Ok(Self { orders, payments: all(moment, rows).await? })
    }

    /// The operation with its order and its payment.
    pub(super) fn place(&self, row: Operation) -> Option<Placed> {
        let order = self.order(&row.order)?;
        let payment = self.payments_of(&row.order).find(|payment| payment.payment_id == row.payment_id)?;
        Some((order.clone(), payment.clone(), row))
    }

    /// The order with this key.
    pub(super) fn order(&self, key: &OrderKey) -> Option<&Order> {
        self.orders.iter().find(|order| order.key == *key)
    }

    /// The payments of an order, in the order of their creation.
    pub(super) fn payments_of(&self, key: &OrderKey) -> impl Iterator<Item = &Payment> {
        self.payments.iter().filter(move |payment| payment.order == *key)
    }
}
