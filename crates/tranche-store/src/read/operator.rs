//! What waits for operators, what they did, and what they compare with a provider's statement.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use tranche_core::id::{AccountId, ConnectorId, OperationId, OrderId, OrderKey};
use tranche_core::operation::{BELOW_MINIMUM, Operation};
use tranche_core::operator::Act;
use tranche_core::order::Order;
use tranche_core::payment::Payment;
use tranche_core::time::Timestamp;

use super::{PagePoint, all};
use crate::bounds::OPEN_OPERATIONS_COMPARED_MAX;
use crate::entity::{act, operation, order, payment};
use crate::{Store, StoreError};

/// Why an operation waits for an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StuckCause {
    /// Nobody can tell whether it was done, since this time or longer.
    Unknown,
    /// A person must act.
    Manual,
    /// Attempts or time ran out.
    Stuck,
    /// It was not obtained, and lacks.
    Lacking,
    /// The provider moved more than it was asked.
    Surplus,
    /// It is too little for the connector, and lacks.
    BelowMinimum,
}

/// Which operations that wait for an operator are asked for.
#[derive(Clone, Debug)]
pub struct StuckFilter {
    /// For one of these causes.
    pub causes: Vec<StuckCause>,
    /// What is unclear is listed if it is so since this time or longer.
    pub unclear_before: Timestamp,
    /// On payments of this connector.
    pub connector_id: Option<ConnectorId>,
    /// Of this order.
    pub order_id: Option<OrderId>,
}

/// An operation with its payment and order.
pub type Placed = (Order, Payment, Operation);

/// That the payment lacks something of the operation's kind.
const LACKS_NOW: &str = "lacking > 0 AND end_time IS NOT NULL AND EXISTS (SELECT 1 FROM payments AS p \
    WHERE p.account_id = operations.account_id AND p.order_id = operations.order_id \
    AND p.payment_id = operations.payment_id AND CASE WHEN operations.kind = 'settlement' THEN p.lacking \
    WHEN operations.kind = 'cancellation' THEN p.release_lacking \
    WHEN operations.refund_purpose = 'return' THEN p.return_lacking ELSE p.excess_lacking END > 0)";

fn waits(cause: StuckCause, unclear_before: Timestamp) -> Condition {
    use operation::Column;
    let lacks = || Expr::cust(LACKS_NOW);
    let all = Condition::all();
    match cause {
        StuckCause::Unknown => all
            .add(Column::IsUnclear.eq(true))
            .add(Column::EndTime.is_null())
            .add(Column::State.is_not_in(["manual", "stuck"]))
            .add(Column::AttentionTime.lte(unclear_before.micros())),
        StuckCause::Manual => all.add(Column::State.eq("manual")),
        StuckCause::Stuck => all.add(Column::State.eq("stuck")),
        StuckCause::Surplus => all.add(Column::Surplus.gt(0)),
        StuckCause::BelowMinimum => all.add(Column::RefusalCode.eq(BELOW_MINIMUM)).add(lacks()),
        StuckCause::Lacking => {
            let other = Condition::any()
                .add(Column::RefusalCode.is_null())
                .add(Column::RefusalCode.ne(BELOW_MINIMUM));
            all.add(other).add(lacks())
        }
    }
}

/// That the operation's payment is on a connector.
fn of_connector(connector: &ConnectorId) -> Expr {
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
fn moves_money() -> sea_orm::sea_query::SimpleExpr {
    operation::Column::Kind.ne("authorization")
}

impl Store {
    /// Operations that wait for an operator, the longest waiting first.
    pub async fn stuck_operations(
        &self,
        account: &AccountId,
        filter: &StuckFilter,
        after: Option<&PagePoint>,
        limit: u64,
    ) -> Result<Vec<Placed>, StoreError> {
        use operation::Column;
        let causes = filter.causes.iter();
        let any = causes.fold(Condition::any(), |any, cause| any.add(waits(*cause, filter.unclear_before)));
        let mut rows = operation::Entity::find()
            .filter(Column::AccountId.eq(account.as_str()))
            .filter(Column::AttentionTime.is_not_null())
            .filter(any);
        if let Some(order_id) = &filter.order_id {
            rows = rows.filter(Column::OrderId.eq(order_id.as_str()));
        }
        if let Some(connector) = &filter.connector_id {
            rows = rows.filter(of_connector(connector));
        }
        if let Some(point) = after {
            let by = [Column::AttentionTime.into_expr(), Column::OperationId.into_expr()];
            let last = [Expr::value(point.create_time.micros()), Expr::value(point.id.as_str())];
            rows = rows.filter(Expr::tuple(by).gt(Expr::tuple(last)));
        }
        let rows = rows.order_by_asc(Column::AttentionTime).order_by_asc(Column::OperationId).limit(limit);
        self.placed(rows).await
    }

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
        let Some(first) = operations.first() else {
            return Ok(Vec::new());
        };
        let account = first.order.account_id.clone();
        let ids: std::collections::BTreeSet<&str> =
            operations.iter().map(|row| row.order.order_id.as_str()).collect();
        let rows = order::Entity::find()
            .filter(order::Column::AccountId.eq(account.as_str()))
            .filter(order::Column::OrderId.is_in(ids.iter().copied()));
        let orders: Vec<Order> = all(&moment, rows).await?;
        let rows = payment::Entity::find()
            .filter(payment::Column::AccountId.eq(account.as_str()))
            .filter(payment::Column::OrderId.is_in(ids.iter().copied()));
        let payments: Vec<Payment> = all(&moment, rows).await?;
        moment.commit().await?;
        let place = |row: Operation| {
            let order = orders.iter().find(|order| order.key == row.order)?;
            let is_own =
                |payment: &&Payment| payment.order == row.order && payment.payment_id == row.payment_id;
            let payment = payments.iter().find(is_own)?;
            Some((order.clone(), payment.clone(), row))
        };
        Ok(operations.into_iter().filter_map(place).collect())
    }
}
