//! What waits for operators: operations, and authorizations that end while something is at stake.
//!
//! Both are listed in one order: since when, operations first of one moment, then by their ids. Each is found by an index
//! that has little else in it: of operations also those whose providers want to be asked again, and what lacked until
//! another act covered it.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use tranche_core::id::{AccountId, ConnectorId, OrderId};
use tranche_core::operation::{BELOW_MINIMUM, Operation};
use tranche_core::order::Order;
use tranche_core::payment::Payment;
use tranche_core::stake::stakes;
use tranche_core::time::Timestamp;

use super::operator::{Places, of_connector};
use super::{PagePoint, Placed, all};
use crate::entity::{operation, payment};
use crate::{Store, StoreError};

/// Why something waits for an operator.
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
    /// An authorization ends soon, and something is at stake.
    AuthorizationEnding,
}

/// Which cases that wait for an operator are asked for.
#[derive(Clone, Debug)]
pub struct StuckFilter {
    /// For one of these causes.
    pub causes: Vec<StuckCause>,
    /// What is unclear is listed if it is so since this time or longer.
    pub unclear_before: Timestamp,
    /// An authorization is listed until it ends, whether anybody has observed that or not.
    pub now: Timestamp,
    /// On payments of this connector.
    pub connector_id: Option<ConnectorId>,
    /// Of this order.
    pub order_id: Option<OrderId>,
}

/// An authorization that ends soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndingAuthorization {
    /// Its order.
    pub order: Order,
    /// Its payment.
    pub payment: Payment,
    /// What is at stake, in minor units of the order's currency; more than 0.
    pub stake: i64,
}

/// Something that waits for an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Case {
    /// An operation, with its payment and order.
    Operation(Box<Placed>),
    /// An authorization that ends soon.
    Ending(Box<EndingAuthorization>),
}

impl Case {
    /// Where a page ends that this case is the last of. Cases are in the order of these points.
    pub fn point(&self) -> PagePoint {
        match self {
            Self::Operation(placed) => {
                let row = &placed.2;
                PagePoint {
                    create_time: row.attention_time.unwrap_or(row.update_time),
                    id: row.operation_id.to_string(),
                }
            }
            Self::Ending(ending) => {
                let row = &ending.payment;
                let create_time = row.attention_time.unwrap_or(row.update_time);
                PagePoint::within(create_time, &row.order.order_id, row.payment_id.as_str())
            }
        }
    }
}

/// That the payment lacks something of the operation's kind.
const LACKS_NOW: &str = "lacking > 0 AND end_time IS NOT NULL AND EXISTS (SELECT 1 FROM payments AS p \
    WHERE p.account_id = operations.account_id AND p.order_id = operations.order_id \
    AND p.payment_id = operations.payment_id AND CASE WHEN operations.kind = 'settlement' THEN p.lacking \
    WHEN operations.kind = 'cancellation' THEN p.release_lacking \
    WHEN operations.refund_purpose = 'return' THEN p.return_lacking ELSE p.excess_lacking END > 0)";

/// Of an operation that waits for this cause; `None` if no operation waits for it.
fn waits(cause: StuckCause, unclear_before: Timestamp) -> Option<Condition> {
    use operation::Column;
    let lacks = || Expr::cust(LACKS_NOW);
    let all = Condition::all();
    Some(match cause {
        StuckCause::Unknown => all
            .add(Column::IsUnclear.eq(true))
            .add(Column::EndTime.is_null())
            // What its provider said last was to ask again, and it is.
            .add(Column::State.is_not_in(["manual", "stuck", "pending_at_provider"]))
            .add(
                Condition::any()
                    .add(Column::WaitedAs.is_null())
                    .add(Column::WaitedAs.ne("pending_at_provider")),
            )
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
        StuckCause::AuthorizationEnding => return None,
    })
}

/// The operations among the cases; `None` if only other cases are asked for.
fn operations(
    account: &AccountId,
    filter: &StuckFilter,
    after: Option<&PagePoint>,
    limit: u64,
) -> Option<Select<operation::Entity>> {
    use operation::Column;
    let causes = filter.causes.iter().filter_map(|cause| waits(*cause, filter.unclear_before));
    let any = causes.fold(Condition::any(), Condition::add);
    if any.is_empty() {
        return None;
    }
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
        let time = point.create_time.micros();
        let by = [Column::AttentionTime.into_expr(), Column::OperationId.into_expr()];
        let last = [Expr::value(time), Expr::value(point.id.as_str())];
        // An authorization comes after all operations of its moment.
        let is_ending = point.parts().is_some();
        rows = rows.filter(if is_ending {
            Column::AttentionTime.gt(time)
        } else {
            Expr::tuple(by).gt(Expr::tuple(last))
        });
    }
    Some(rows.order_by_asc(Column::AttentionTime).order_by_asc(Column::OperationId).limit(limit))
}

/// The payments among the cases; `None` if only other cases are asked for.
fn endings(
    account: &AccountId,
    filter: &StuckFilter,
    after: Option<&PagePoint>,
    limit: u64,
) -> Option<Select<payment::Entity>> {
    use payment::Column;
    if !filter.causes.contains(&StuckCause::AuthorizationEnding) {
        return None;
    }
    let mut rows = payment::Entity::find()
        .filter(Column::AccountId.eq(account.as_str()))
        .filter(Column::AttentionTime.is_not_null())
        .filter(Column::ExpireTime.gt(filter.now.micros()));
    if let Some(order_id) = &filter.order_id {
        rows = rows.filter(Column::OrderId.eq(order_id.as_str()));
    }
    if let Some(connector) = &filter.connector_id {
        rows = rows.filter(Column::ConnectorId.eq(connector.as_str()));
    }
    if let Some(point) = after {
        let time = point.create_time.micros();
        rows = match point.parts() {
            // An operation, which comes before all authorizations of its moment.
            None => rows.filter(Column::AttentionTime.gte(time)),
            Some((order_id, payment_id)) => {
                let by = [Column::AttentionTime, Column::OrderId, Column::PaymentId];
                let last = [Expr::value(time), Expr::value(order_id), Expr::value(payment_id)];
                rows.filter(Expr::tuple(by.map(ColumnTrait::into_expr)).gt(Expr::tuple(last)))
            }
        };
    }
    let rows = rows.order_by_asc(Column::AttentionTime).order_by_asc(Column::OrderId);
    Some(rows.order_by_asc(Column::PaymentId).limit(limit))
}

impl Store {
    /// What waits for an operator, the longest waiting first, all of one moment.
    pub async fn stuck(
        &self,
        account: &AccountId,
        filter: &StuckFilter,
        after: Option<&PagePoint>,
        limit: u64,
    ) -> Result<Vec<Case>, StoreError> {
        let moment = self.snapshot().await?;
        let operations: Vec<Operation> = match operations(account, filter, after, limit) {
            Some(rows) => all(&moment, rows).await?,
            None => Vec::new(),
        };
        let payments: Vec<Payment> = match endings(account, filter, after, limit) {
            Some(rows) => all(&moment, rows).await?,
            None => Vec::new(),
        };
        let keys = operations.iter().map(|row| &row.order).chain(payments.iter().map(|row| &row.order));
        let places = Places::read(&moment, keys).await?;
        moment.commit().await?;
        let operations = operations.into_iter().filter_map(|row| places.place(row));
        let operations = operations.map(|placed| Case::Operation(Box::new(placed)));
        let endings = payments.into_iter().filter_map(|payment| {
            let order = places.order(&payment.order)?.clone();
            let all: Vec<Payment> = places.payments_of(&payment.order).cloned().collect();
            let at = all.iter().position(|row| row.payment_id == payment.payment_id)?;
            let stake = stakes(&order, &all).get(at).copied()?;
            Some(Case::Ending(Box::new(EndingAuthorization { order, payment, stake })))
        });
        let mut cases: Vec<Case> = operations.chain(endings).collect();
        // Stable: of one moment, operations stay before authorizations, and each in the order in which they were read.
        cases.sort_by_key(|case| case.point().create_time);
        cases.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(cases)
    }

    /// The statements of [`Store::stuck`] that find cases, for whoever asks how they are planned.
    pub fn stuck_statements(
        &self,
        account: &AccountId,
        filter: &StuckFilter,
        after: Option<&PagePoint>,
        limit: u64,
    ) -> Vec<String> {
        let backend = self.reads.get_database_backend();
        let operations =
            operations(account, filter, after, limit).map(|rows| rows.build(backend).to_string());
        let endings = endings(account, filter, after, limit).map(|rows| rows.build(backend).to_string());
        operations.into_iter().chain(endings).collect()
    }
}
