//! Changes of an order's lines or value.

use std::collections::BTreeSet;

use super::order::new_line;
use super::{check_etag, replay};
use crate::bounds::{AMOUNT_MAX, CHANGES_PER_ORDER_MAX, LINES_PER_ORDER_MAX};
use crate::change::Change;
use crate::command::ChangeOrder;
use crate::decision::{Context, Decision, Reply};
use crate::event::EventKind;
use crate::id::LineId;
use crate::order::{Line, Order, Totals};
use crate::payment::Payment;
use crate::plan::{plan, release_after_decrease};
use crate::planted::{PlantedBug, is_planted};
use crate::rejection::{LineExcess, Rejection, Violation};
use crate::state::State;
use crate::work::{Work, planned};

/// Changes an order's lines or value.
///
/// Checks, in this order: replay; the order exists; the amounts are in its currency, the lines to remove are its own and
/// every quantity and amount can be; the lines to add are new; the etag; the order is open and may have another change
/// and so many lines; lines have as many left; the value is at least 1, at least what is invoiced, what the caller
/// expects, and if it rises, covered by the payments.
pub(super) fn change(state: &State, command: &ChangeOrder, context: &Context) -> Result<Decision, Rejection> {
    let request = command.request_key();
    if let Some(decision) = replay(state, &request, &command.content)? {
        return Ok(decision);
    }
    let key = &command.key;
    let not_found = || Rejection::OrderNotFound(key.order_id.clone());
    let cause = format!("change:{}", command.request_id);
    let mut work = Work::open(state, context, key, cause).ok_or_else(not_found)?;
    check_names(&work.order, &state.lines_of(key), command)?;
    let totals = new_totals(&work.order, state, command)?;
    let added = command.added_lines.iter().map(|line| &line.line_id);
    let taken = added.filter(|id| state.lines.get(&(key.clone(), (*id).clone())).is_some());
    let taken: Vec<LineId> = taken.cloned().collect();
    if !taken.is_empty() {
        return Err(Rejection::LineAlreadyExists(taken));
    }
    check_etag(command.etag.as_ref(), work.order.version)?;
    check_order(&work.order, state, command)?;
    let changed = change_lines(state, command)?;
    let missing = check_value(&work, totals.value(), command.expected_value)?;

    let before = work.order.value;
    work.order.totals = totals;
    work.order.value = totals.value();
    work.order.changes += 1;
    work.lines = changed;
    work.changes.push(new_change(command, before, work.order.value, context));
    work.event(EventKind::OrderChanged {
        request_id: command.request_id.clone(),
        reason: command.reason.clone(),
        value_before: work.order.money(before),
        value_after: work.order.money(work.order.value),
    });
    raise(&mut work, missing);
    if work.order.value < before {
        release_after_decrease(&mut work);
    }
    plan(&mut work);
    let lines = lines_after(state.lines_of(key), &work.lines);
    let mut decision = work.close(|closed| {
        let started = if command.validate_only { planned(&closed.started) } else { Vec::new() };
        let change = closed.changes.first().cloned();
        let change = change.unwrap_or_else(|| new_change(command, before, closed.order.value, context));
        Reply::Changed(closed.order.clone(), lines, change, started)
    });
    if command.validate_only {
        return Ok(Decision::unchanged(decision.reply));
    }
    decision.record = Some((request, command.content.clone()));
    Ok(decision)
}

/// Refuses amounts in another currency, lines that are not the order's or stand twice, and what is out of range.
fn check_names(order: &Order, lines: &[Line], command: &ChangeOrder) -> Result<(), Rejection> {
    let mut violations = Vec::new();
    for (field, currency) in &command.currencies {
        if *currency != order.currency {
            let description = format!("is {}; the order is in {}", currency.code(), order.currency.code());
            violations.push(Violation::new(format!("{field}.currency_code"), description));
        }
    }
    let mut line_ids = BTreeSet::new();
    for (index, removed) in command.removed_lines.iter().enumerate() {
        let field = |name: &str| format!("removed_lines[{index}].{name}");
        if !lines.iter().any(|line| line.line_id == removed.line_id) {
            let description = format!("names '{}', which is no line of the order", removed.line_id);
            violations.push(Violation::new(field("line_id"), description));
        }
        if !line_ids.insert(&removed.line_id) {
            violations.push(Violation::new(field("line_id"), "is named before; name it once"));
        }
        if removed.quantity < 1 {
            violations.push(Violation::new(field("quantity"), "must be at least 1"));
        }
    }
    let mut line_ids = BTreeSet::new();
    for (index, added) in command.added_lines.iter().enumerate() {
        let field = |name: &str| format!("added_lines[{index}].{name}");
        if !line_ids.insert(&added.line_id) {
            violations.push(Violation::new(field("line_id"), "is named before; name it once"));
        }
        if added.quantity < 1 {
            violations.push(Violation::new(field("quantity"), "must be at least 1"));
        }
        if added.unit_price < 0 {
            violations.push(Violation::new(field("unit_price.amount"), "must not be negative"));
        }
    }
    for (name, amount) in
        [("manual_discount", command.manual_discount), ("manual_increment", command.manual_increment)]
    {
        if amount < 0 {
            violations.push(Violation::new(format!("{name}.amount"), "must not be negative"));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(Rejection::Invalid(violations)) }
}

/// The totals after the change. Only the lines' sum moves by itself; the manual amounts correct the rest.
fn new_totals(order: &Order, state: &State, command: &ChangeOrder) -> Result<Totals, Rejection> {
    let product = |quantity: i64, price: i64| i128::from(quantity) * i128::from(price);
    let added = command.added_lines.iter().map(|line| product(line.quantity, line.unit_price));
    let removed = command.removed_lines.iter().map(|removed| {
        let line = state.lines.get(&(command.key.clone(), removed.line_id.clone()));
        line.map_or(0, |line| product(removed.quantity.min(line.quantity), line.unit_price))
    });
    let items = i128::from(order.totals.items) + added.sum::<i128>() - removed.sum::<i128>();
    let items = i64::try_from(items.max(0)).ok().filter(|items| *items <= AMOUNT_MAX);
    let above = |field: &str| {
        let description = format!("takes the order above the largest amount, {AMOUNT_MAX} minor units");
        Rejection::Invalid(vec![Violation::new(field, description)])
    };
    let totals = Totals {
        items: items.ok_or_else(|| above("added_lines"))?,
        manual_discounts: order.totals.manual_discounts + command.manual_discount,
        manual_increments: order.totals.manual_increments + command.manual_increment,
        ..order.totals
    };
    if totals.manual_discounts > AMOUNT_MAX {
        return Err(above("manual_discount"));
    }
    if totals.manual_increments > AMOUNT_MAX || totals.value() > AMOUNT_MAX {
        let field = if command.manual_increment > 0 { "manual_increment" } else { "added_lines" };
        return Err(above(field));
    }
    Ok(totals)
}

fn check_order(order: &Order, state: &State, command: &ChangeOrder) -> Result<(), Rejection> {
    if order.is_ended() {
        let order_id = order.key.order_id.clone();
        return Err(Rejection::OrderNotOpen { order_id, state: order.state });
    }
    if order.changes >= CHANGES_PER_ORDER_MAX {
        return Err(Rejection::TooManyChanges { maximum: CHANGES_PER_ORDER_MAX });
    }
    if state.lines_of(&order.key).len() + command.added_lines.len() > LINES_PER_ORDER_MAX {
        return Err(Rejection::TooManyLines { maximum: LINES_PER_ORDER_MAX });
    }
    Ok(())
}

/// The lines that the change adds, and those that it takes from.
fn change_lines(state: &State, command: &ChangeOrder) -> Result<Vec<Line>, Rejection> {
    let mut excess = Vec::new();
    let mut lines = Vec::new();
    for removed in &command.removed_lines {
        let Some(line) = state.lines.get(&(command.key.clone(), removed.line_id.clone())) else {
            continue;
        };
        if removed.quantity > line.remaining() {
            let (line_id, quantity, remaining) =
                (removed.line_id.clone(), removed.quantity, line.remaining());
            excess.push(LineExcess { line_id, quantity, remaining });
        }
        lines.push(Line { removed: line.removed + removed.quantity, ..line.clone() });
    }
    if !excess.is_empty() {
        return Err(Rejection::LineQuantityExceeded(excess));
    }
    let next = state.lines_of(&command.key).last().map_or(0, |line| line.position + 1);
    let added = (next..).zip(&command.added_lines);
    lines.extend(added.map(|(position, line)| new_line(&command.key, line, position)));
    Ok(lines)
}

/// Refuses a value that the order cannot have; says by how much authorizations must be raised to cover it.
fn check_value(work: &Work<'_>, value: i64, expected: Option<i64>) -> Result<i64, Rejection> {
    let order = &work.order;
    let (money, invoiced) = (order.money(value), order.money(order.invoiced));
    if value < 1 {
        return Err(Rejection::ValueBelowMinimum { value: money });
    }
    if value < order.invoiced {
        return Err(Rejection::ValueBelowInvoiced { value: money, invoiced });
    }
    if let Some(expected) = expected.filter(|expected| *expected != value) {
        return Err(Rejection::ValueUnexpected { value: money, expected: order.money(expected) });
    }
    if value <= order.value || order.transaction.is_none() {
        return Ok(0);
    }
    let cover: i64 = work.payments.iter().map(Payment::cover).sum();
    let raisable: i64 = work.payments.iter().map(Payment::raisable).sum();
    let missing = value - order.invoiced - cover;
    if missing > raisable && !is_planted(PlantedBug::SkipRoomCheck) {
        let (room, missing) = (order.money(cover + raisable), order.money(missing - raisable));
        return Err(Rejection::ValueAboveRoom { value: money, room, missing });
    }
    Ok(missing.max(0))
}

/// Raises authorizations by so much in all, as far as their providers have said that they may be, the oldest first.
fn raise(work: &mut Work<'_>, value: i64) {
    let mut left = value;
    for payment in &mut work.payments {
        let part = left.min(payment.raisable());
        payment.authorized += part;
        left -= part;
    }
}

fn new_change(command: &ChangeOrder, value_before: i64, value_after: i64, context: &Context) -> Change {
    Change {
        order: command.key.clone(),
        request_id: command.request_id.clone(),
        reason: command.reason.clone(),
        added_lines: command.added_lines.clone(),
        removed_lines: command.removed_lines.clone(),
        manual_discount: command.manual_discount,
        manual_increment: command.manual_increment,
        value_before,
        value_after,
        create_time: context.now,
    }
}

/// All lines, those that changed as they are now; new ones stand last.
fn lines_after(before: Vec<Line>, changed: &[Line]) -> Vec<Line> {
    let is_changed = |line: &Line| changed.iter().any(|other| other.line_id == line.line_id);
    let mut lines: Vec<Line> = before.into_iter().filter(|line| !is_changed(line)).collect();
    lines.extend(changed.iter().cloned());
    lines.sort_by_key(|line| line.position);
    lines
}
