//! Orders and their lines.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Select};
use tranche_core::id::{AccountId, OrderId, OrderKey};
use tranche_core::order::{Line, Order, OrderState};

use super::{PagePoint, all, one, page};
use crate::entity::{Named, line, order};
use crate::{Store, StoreError};

/// The row of an order.
pub(super) fn find(key: &OrderKey) -> Select<order::Entity> {
    order::Entity::find()
        .filter(order::Column::AccountId.eq(key.account_id.as_str()))
        .filter(order::Column::OrderId.eq(key.order_id.as_str()))
}

/// The lines of some of an account's orders, by order and position.
async fn lines(
    connection: &impl ConnectionTrait,
    account: &AccountId,
    orders: impl Iterator<Item = &OrderId>,
) -> Result<BTreeMap<OrderId, Vec<Line>>, StoreError> {
    let mut ids: Vec<&str> = orders.map(OrderId::as_str).collect();
    // A round number of ids, so that the statement is one of few; the last one found twice is found once.
    if let Some(last) = ids.last().copied() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    let mut lines: BTreeMap<OrderId, Vec<Line>> = BTreeMap::new();
    if ids.is_empty() {
        return Ok(lines);
    }
    let rows = line::Entity::find()
        .filter(line::Column::AccountId.eq(account.as_str()))
        .filter(line::Column::OrderId.is_in(ids));
    for line in all(connection, rows).await? {
        lines.entry(line.order.order_id.clone()).or_default().push(line);
    }
    for lines in lines.values_mut() {
        lines.sort_by_key(|line| line.position);
    }
    Ok(lines)
}

impl Store {
    /// An order with its lines, by position.
    pub async fn order(&self, key: &OrderKey) -> Result<Option<(Order, Vec<Line>)>, StoreError> {
        let moment = self.snapshot().await?;
        let Some(order) = one(&moment, find(key)).await? else {
            return Ok(None);
        };
        let mut lines = lines(&moment, &key.account_id, std::iter::once(&key.order_id)).await?;
        moment.commit().await?;
        Ok(Some((order, lines.remove(&key.order_id).unwrap_or_default())))
    }

    /// An account's orders in these states (all, if none is named), with their lines.
    pub async fn orders(
        &self,
        account: &AccountId,
        states: &[OrderState],
        after: Option<&PagePoint>,
        limit: u64,
    ) -> Result<Vec<(Order, Vec<Line>)>, StoreError> {
        let mut rows = order::Entity::find().filter(order::Column::AccountId.eq(account.as_str()));
        if !states.is_empty() {
            rows = rows.filter(order::Column::State.is_in(states.iter().map(|state| state.name())));
        }
        let by = (order::Column::CreateTime, order::Column::OrderId);
        let moment = self.snapshot().await?;
        let orders = all(&moment, page(rows, by, after, limit)).await?;
        let ids = orders.iter().map(|order| &order.key.order_id);
        let mut lines = lines(&moment, account, ids).await?;
        moment.commit().await?;
        let with_lines = |order: Order| {
            let lines = lines.remove(&order.key.order_id).unwrap_or_default();
            (order, lines)
        };
        Ok(orders.into_iter().map(with_lines).collect())
    }
}
