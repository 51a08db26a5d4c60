//! Orders.

use super::replay_creation;
use crate::account::Account;
use crate::command::{CreateOrder, NewLine};
use crate::decision::{Context, Decision, Reply, Rows};
use crate::event::{Event, EventKind};
use crate::order::{Line, Order, OrderState};
use crate::rejection::{Rejection, Resource};
use crate::state::State;

/// Creates an order. Checks: replay, existence. The account's policies are copied unless the order has its own.
pub(super) fn create(state: &State, command: &CreateOrder, context: &Context) -> Result<Decision, Rejection> {
    let key = command.request_key();
    let order_id = &command.key.order_id;
    if let Some(decision) =
        replay_creation(state, &key, &command.content, Resource::Order, order_id.as_str())?
    {
        return Ok(decision);
    }
    if state.orders.get(&command.key).is_some() {
        let id = order_id.as_str().to_owned();
        return Err(Rejection::AlreadyExists { resource: Resource::Order, id, differences: Vec::new() });
    }
    let account_id = &command.key.account_id;
    let account =
        state.accounts.get(account_id).cloned().unwrap_or_else(|| Account::unseen(account_id.clone()));
    let order = Order {
        key: command.key.clone(),
        currency: command.currency,
        state: OrderState::Open,
        totals: command.totals,
        value: command.totals.value(),
        invoiced: 0,
        returned: 0,
        missing: 0,
        allocation: command.allocation.unwrap_or(account.allocation),
        refund_order: command.refund_order.unwrap_or(account.refund_order),
        release_policy: command.release_policy.unwrap_or(account.release_policy),
        transaction: None,
        version: 1,
        create_time: context.now,
        update_time: context.now,
    };
    let line = |(position, line): (i32, &NewLine)| Line {
        order: command.key.clone(),
        line_id: line.line_id.clone(),
        position,
        sku_id: line.sku_id.clone(),
        description: line.description.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
        removed: 0,
        invoiced: 0,
        returned: 0,
    };
    let lines: Vec<Line> = (0..).zip(&command.lines).map(line).collect();
    let kind = EventKind::OrderCreated { value: order.money(order.value) };
    let event = Event { account_id: account_id.clone(), order_id: Some(order_id.clone()), kind };
    let rows =
        Rows { orders: vec![order.clone()], lines: lines.clone(), events: vec![event], ..Rows::default() };
    let record = Some((key, command.content.clone()));
    Ok(Decision { rows, calls: Vec::new(), record, reply: Reply::Order(order, lines) })
}
