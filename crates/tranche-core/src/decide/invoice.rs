//! Invoices.

use std::collections::BTreeSet;

use super::replay;
use crate::allocation::split;
use crate::command::{NotifyInvoice, UpdateTracking};
use crate::content::Content;
use crate::decision::{Context, Decision, Reply, Rows};
use crate::event::{Event, EventKind};
use crate::invoice::{Invoice, InvoiceType, Leg};
use crate::order::{Line, Order, OrderState};
use crate::payment::Payment;
use crate::plan::plan;
use crate::rejection::{LineExcess, Rejection, Resource, Violation};
use crate::state::State;
use crate::work::Work;

/// Takes an output invoice: asks its value of the payments.
///
/// Checks, in this order: the order exists; the same number with the same content is the same receipt; currency, lines
/// and payments are the order's, and amounts are at least 1; the order is not canceled; the value is at most what remains; the payments are known;
/// lines have as many left; payments have room.
pub(super) fn notify(
    state: &State,
    command: &NotifyInvoice,
    context: &Context,
) -> Result<Decision, Rejection> {
    let key = &command.key;
    let number = &command.invoice_number;
    let cause = format!("invoice:{number}");
    let not_found = || Rejection::OrderNotFound(key.order_id.clone());
    let mut work = Work::open(state, context, key, cause).ok_or_else(not_found)?;
    work.invoice_number = Some(number.clone());
    if let Some(invoice) = state.invoices.get(&(key.clone(), number.clone())) {
        return accepted_before(&work.order, invoice, &command.content);
    }
    check_names(&work, command)?;
    let order = &work.order;
    if order.state == OrderState::Canceled {
        return Err(Rejection::OrderNotOpen { order_id: key.order_id.clone(), state: order.state });
    }
    if command.value > order.remaining() {
        return Err(Rejection::InvoiceAboveRemaining {
            value: order.money(order.value),
            invoiced: order.money(order.invoiced),
            remaining: order.money(order.remaining()),
        });
    }
    if order.transaction.is_none() {
        return Err(Rejection::OrderWithoutTransaction(key.order_id.clone()));
    }
    work.lines = take_lines(state, command)?;
    let parts = allocate(&work, command)?;
    for (payment, part) in work.payments.iter_mut().zip(&parts) {
        payment.asked += part;
    }
    work.order.invoiced += command.value;
    let remaining = work.order.remaining();
    work.invoices.push(new_invoice(command, &work.payments, &parts, remaining, context));
    work.event(EventKind::InvoiceAccepted {
        invoice_number: number.clone(),
        value: work.order.money(command.value),
        remaining: work.order.money(remaining),
    });
    plan(&mut work);
    let receipt = work.invoices[0].clone();
    let decision = work.close(|order, _, _, started| {
        let started = if command.validate_only { started } else { Vec::new() };
        Reply::Invoice(order.clone(), receipt, started)
    });
    if command.validate_only { Ok(Decision::unchanged(decision.reply)) } else { Ok(decision) }
}

fn accepted_before(order: &Order, invoice: &Invoice, content: &Content) -> Result<Decision, Rejection> {
    if invoice.content == *content {
        return Ok(Decision::unchanged(Reply::Invoice(order.clone(), invoice.clone(), Vec::new())));
    }
    let differences = invoice.content.differences(content);
    let id = invoice.invoice_number.as_str().to_owned();
    Err(Rejection::AlreadyExists { resource: Resource::Invoice, id, differences })
}

/// Refuses a currency, lines and payments that are not the order's.
fn check_names(work: &Work<'_>, command: &NotifyInvoice) -> Result<(), Rejection> {
    let mut violations = Vec::new();
    if command.currency != work.order.currency {
        let (given, own) = (command.currency.code(), work.order.currency.code());
        violations.push(Violation::new("value.currency_code", format!("is {given}; the order is in {own}")));
    }
    for (index, line) in command.lines.iter().enumerate() {
        if work.state.lines.get(&(command.key.clone(), line.line_id.clone())).is_none() {
            let description = format!("the order has no line '{}'", line.line_id);
            violations.push(Violation::new(format!("lines[{index}].line_id"), description));
        }
    }
    for (index, leg) in command.legs.iter().enumerate() {
        if !work.payments.iter().any(|payment| payment.payment_id == leg.payment_id) {
            let description = format!("the order has no payment '{}'", leg.payment_id);
            violations.push(Violation::new(format!("payments[{index}].payment_id"), description));
        }
    }
    check_amounts(command, &mut violations);
    if violations.is_empty() { Ok(()) } else { Err(Rejection::Invalid(violations)) }
}

/// Refuses amounts and quantities below 1, names that stand twice, and a split that is not the value.
fn check_amounts(command: &NotifyInvoice, violations: &mut Vec<Violation>) {
    if command.value < 1 {
        violations.push(Violation::new("value.amount", "must be at least one minor unit"));
    }
    let mut line_ids = BTreeSet::new();
    for (index, line) in command.lines.iter().enumerate() {
        if !line_ids.insert(&line.line_id) {
            violations.push(Violation::new(format!("lines[{index}].line_id"), "is named twice"));
        }
        if line.quantity < 1 {
            violations.push(Violation::new(format!("lines[{index}].quantity"), "must be at least 1"));
        }
    }
    let mut payment_ids = BTreeSet::new();
    for (index, leg) in command.legs.iter().enumerate() {
        if !payment_ids.insert(&leg.payment_id) {
            violations.push(Violation::new(format!("payments[{index}].payment_id"), "is named twice"));
        }
        if leg.value < 1 {
            violations.push(Violation::new(
                format!("payments[{index}].amount.amount"),
                "must be at least one minor unit",
            ));
        }
    }
    let split: i64 = command.legs.iter().map(|leg| leg.value).sum();
    if !command.legs.is_empty() && split != command.value {
        violations.push(Violation::new("payments", "must sum to the value of the invoice"));
    }
}

/// The lines with what the invoice takes of them.
fn take_lines(state: &State, command: &NotifyInvoice) -> Result<Vec<Line>, Rejection> {
    let mut excess = Vec::new();
    let mut lines = Vec::new();
    for named in &command.lines {
        let Some(line) = state.lines.get(&(command.key.clone(), named.line_id.clone())) else {
            continue;
        };
        if named.quantity > line.remaining() {
            let (line_id, quantity, remaining) = (named.line_id.clone(), named.quantity, line.remaining());
            excess.push(LineExcess { line_id, quantity, remaining });
        }
        lines.push(Line { invoiced: line.invoiced + named.quantity, ..line.clone() });
    }
    if excess.is_empty() { Ok(lines) } else { Err(Rejection::LineQuantityExceeded(excess)) }
}

/// What the invoice asks of each payment: what is ahead first, then room, by the allocation; or the caller's own split.
fn allocate(work: &Work<'_>, command: &NotifyInvoice) -> Result<Vec<i64>, Rejection> {
    let order = &work.order;
    let rooms: Vec<i64> = work.payments.iter().map(Payment::room).collect();
    if !command.legs.is_empty() {
        return explicit_parts(work, command);
    }
    let room: i64 = rooms.iter().sum();
    if room < command.value {
        let missing = order.money(command.value - room);
        return Err(Rejection::InvoiceAboveRoom { room: order.money(room), missing });
    }
    let ahead: Vec<i64> = work.payments.iter().map(Payment::ahead_coming).collect();
    let from_ahead = command.value.min(ahead.iter().sum());
    let mut parts = split(order.allocation, from_ahead, &ahead);
    let left: Vec<i64> = rooms.iter().zip(&parts).map(|(room, part)| room - part).collect();
    for (part, more) in parts.iter_mut().zip(split(order.allocation, command.value - from_ahead, &left)) {
        *part += more;
    }
    Ok(parts)
}

fn explicit_parts(work: &Work<'_>, command: &NotifyInvoice) -> Result<Vec<i64>, Rejection> {
    let part = |payment: &Payment| {
        let leg = command.legs.iter().find(|leg| leg.payment_id == payment.payment_id);
        let value = leg.map_or(0, |leg| leg.value);
        if value > payment.room() {
            let room = work.order.money(payment.room());
            return Err(Rejection::PaymentAboveRoom { payment_id: payment.payment_id.clone(), room });
        }
        Ok(value)
    };
    work.payments.iter().map(part).collect()
}

fn new_invoice(
    command: &NotifyInvoice,
    payments: &[Payment],
    parts: &[i64],
    remaining: i64,
    context: &Context,
) -> Invoice {
    let asked = payments.iter().zip(parts).filter(|(_, part)| **part > 0);
    Invoice {
        order: command.key.clone(),
        invoice_number: command.invoice_number.clone(),
        invoice_type: InvoiceType::Output,
        value: command.value,
        lines: command.lines.clone(),
        legs: asked
            .map(|(payment, part)| Leg { payment_id: payment.payment_id.clone(), value: *part })
            .collect(),
        remaining,
        receipt_id: command.receipt_id.clone(),
        issue_time: command.issue_time,
        invoice_key: command.invoice_key.clone(),
        invoice_url: command.invoice_url.clone(),
        tracking: command.tracking.clone(),
        content: command.content.clone(),
        create_time: context.now,
        update_time: context.now,
    }
}

/// Writes an invoice's tracking; never touches money. Checks: replay, the order and the invoice exist.
pub(super) fn update_tracking(
    state: &State,
    command: &UpdateTracking,
    context: &Context,
) -> Result<Decision, Rejection> {
    let request = command.request_key();
    if let Some(decision) = replay(state, &request, &command.content)? {
        return Ok(decision);
    }
    let UpdateTracking { key, invoice_number, .. } = command;
    let order = state.orders.get(key).ok_or_else(|| Rejection::OrderNotFound(key.order_id.clone()))?;
    let invoice = state.invoices.get(&(key.clone(), invoice_number.clone()));
    let not_found = || Rejection::InvoiceNotFound(key.order_id.clone(), invoice_number.clone());
    let mut invoice = invoice.ok_or_else(not_found)?.clone();
    invoice.tracking = command.tracking.clone();
    invoice.update_time = context.now;
    let kind = EventKind::TrackingUpdated { invoice_number: invoice_number.clone() };
    let event = Event { account_id: key.account_id.clone(), order_id: Some(key.order_id.clone()), kind };
    let rows = Rows { invoices: vec![invoice.clone()], events: vec![event], ..Rows::default() };
    let reply = Reply::Tracking(order.clone(), invoice);
    Ok(Decision { rows, calls: Vec::new(), record: Some((request, command.content.clone())), reply })
}
