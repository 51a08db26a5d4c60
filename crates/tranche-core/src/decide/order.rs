//! Orders.

use super::{check_etag, replay, replay_creation};
use crate::account::Account;
use crate::command::{CancelOrder, CreateOrder, NewLine};
use crate::decision::{Context, Decision, Reply, Rows};
use crate::event::{Event, EventKind};
use crate::id::OrderKey;
use crate::order::{Line, Order, OrderState};
use crate::plan::plan;
use crate::rejection::{Rejection, Resource};
use crate::state::State;
use crate::work::Work;

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
        given_up: 0,
        missing: 0,
        allocation: command.allocation.unwrap_or(account.allocation),
        refund_order: command.refund_order.unwrap_or(account.refund_order),
        release_policy: command.release_policy.unwrap_or(account.release_policy),
        transaction: None,
        invoices: 0,
        changes: 0,
        version: 1,
        create_time: context.now,
        update_time: context.now,
    };
    let line = |(position, line): (i32, &NewLine)| new_line(&command.key, line, position);
    let lines: Vec<Line> = (0..).zip(&command.lines).map(line).collect();
    let kind = EventKind::OrderCreated { value: order.money(order.value) };
    let event = Event { account_id: account_id.clone(), order_id: Some(order_id.clone()), kind };
    let rows =
        Rows { orders: vec![order.clone()], lines: lines.clone(), events: vec![event], ..Rows::default() };
    let record = Some((key, command.content.clone()));
    Ok(Decision { rows, calls: Vec::new(), record, reply: Reply::Order(order, lines) })
}

/// A new line of an order.
pub(super) fn new_line(order: &OrderKey, line: &NewLine, position: i32) -> Line {
    Line {
        order: order.clone(),
        line_id: line.line_id.clone(),
        position,
        sku_id: line.sku_id.clone(),
        description: line.description.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
        removed: 0,
        invoiced: 0,
        returned: 0,
    }
}

/// Cancels an order of which nothing is invoiced: what is authorized is released, what is being settled is awaited, and
/// what was settled is refunded.
///
/// Checks: replay, the order exists, the etag, it is open, nothing of it is invoiced.
pub(super) fn cancel(state: &State, command: &CancelOrder, context: &Context) -> Result<Decision, Rejection> {
    let request = command.request_key();
    if let Some(decision) = replay(state, &request, &command.content)? {
        return Ok(decision);
    }
    let key = &command.key;
    let not_found = || Rejection::OrderNotFound(key.order_id.clone());
    let mut work = Work::open(state, context, key, "cancel".to_owned()).ok_or_else(not_found)?;
    check_etag(command.etag.as_ref(), work.order.version)?;
    if work.order.is_ended() {
        return Err(Rejection::OrderNotOpen { order_id: key.order_id.clone(), state: work.order.state });
    }
    if work.order.invoiced > 0 {
        return Err(Rejection::OrderHasInvoices { invoiced: work.order.money(work.order.invoiced) });
    }
    work.order.state = OrderState::Canceled;
    let reason = command.reason.clone();
    work.event(EventKind::OrderStateChanged { state: OrderState::Canceled, reason });
    plan(&mut work);
    let lines = state.lines_of(key);
    let mut decision = work.close(|closed| Reply::Canceled(closed.order.clone(), lines));
    decision.record = Some((request, command.content.clone()));
    Ok(decision)
}
