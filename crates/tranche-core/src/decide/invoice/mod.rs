//! Invoices: sales, returns, and what is done with either afterwards.

mod input;
mod output;
mod void;

use std::collections::BTreeSet;

use super::replay;
use crate::bounds::INVOICES_PER_ORDER_MAX;
use crate::command::{NotifyInvoice, UpdateTracking};
use crate::content::Content;
use crate::decision::{Context, Decision, Reply, Rows};
use crate::event::{Event, EventKind};
use crate::invoice::{Invoice, InvoiceState, InvoiceType, Leg};
use crate::order::{Line, Order};
use crate::payment::Payment;
use crate::plan::plan;
use crate::rejection::{LineExcess, PaymentExcess, Rejection, Resource, Violation};
use crate::state::State;
use crate::work::{Work, planned};
pub(super) use void::void;

/// Takes an invoice: an output one asks its value of the payments, an input one asks them to give it back.
///
/// Checks, in this order: the order exists; the same number with the same content is the same receipt; currency, lines
/// and payments are the order's, and amounts are at least 1; the order may have another invoice; then those of the type.
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
    if let Some(invoice) = state.invoices.get(&(key.clone(), number.clone())) {
        return accepted_before(&work.order, invoice, &command.content);
    }
    check_names(&work, command)?;
    if work.order.invoices >= INVOICES_PER_ORDER_MAX {
        return Err(Rejection::TooManyInvoices { maximum: INVOICES_PER_ORDER_MAX });
    }
    let parts = match command.invoice_type {
        InvoiceType::Output => output::ask(&mut work, command)?,
        InvoiceType::Input => input::ask(&mut work, command)?,
    };
    work.order.invoices += 1;
    let invoice = new_invoice(command, &work, &parts);
    work.event(EventKind::InvoiceAccepted {
        invoice_number: number.clone(),
        invoice_type: command.invoice_type,
        value: work.order.money(command.value),
        remaining: work.order.money(invoice.remaining),
    });
    work.invoices.push(invoice);
    plan(&mut work);
    let receipt = work.invoices[0].clone();
    let decision = work.close(|closed| {
        let started = if command.validate_only { planned(&closed.started) } else { Vec::new() };
        Reply::Invoice(closed.order.clone(), receipt, started)
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
            let description = format!("names '{}', which is no line of the order", line.line_id);
            violations.push(Violation::new(format!("lines[{index}].line_id"), description));
        }
    }
    for (index, leg) in command.legs.iter().enumerate() {
        if !work.payments.iter().any(|payment| payment.payment_id == leg.payment_id) {
            let description = format!("names '{}', which is no payment of the order", leg.payment_id);
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
            violations
                .push(Violation::new(format!("lines[{index}].line_id"), "is named before; name it once"));
        }
        if line.quantity < 1 {
            violations.push(Violation::new(format!("lines[{index}].quantity"), "must be at least 1"));
        }
    }
    let mut payment_ids = BTreeSet::new();
    for (index, leg) in command.legs.iter().enumerate() {
        if !payment_ids.insert(&leg.payment_id) {
            violations.push(Violation::new(
                format!("payments[{index}].payment_id"),
                "is named before; name it once",
            ));
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

/// The lines that the invoice names, as `take` makes them; `left` is what it may take of each.
fn take_lines(
    work: &Work<'_>,
    command: &NotifyInvoice,
    left: impl Fn(&Line) -> i64,
    take: impl Fn(&Line, i64) -> Line,
) -> Result<Vec<Line>, Rejection> {
    let mut excess = Vec::new();
    let mut lines = Vec::new();
    for named in &command.lines {
        let Some(line) = work.state.lines.get(&(command.key.clone(), named.line_id.clone())) else {
            continue;
        };
        if named.quantity > left(line) {
            let (line_id, quantity, remaining) = (named.line_id.clone(), named.quantity, left(line));
            excess.push(LineExcess { line_id, quantity, remaining });
        }
        lines.push(take(line, named.quantity));
    }
    if excess.is_empty() { Ok(lines) } else { Err(Rejection::LineQuantityExceeded(excess)) }
}

/// The caller's own split, one part per payment, or all parts that are above what their payment has `left`.
fn explicit_parts(
    work: &Work<'_>,
    command: &NotifyInvoice,
    left: impl Fn(&Payment) -> i64,
) -> Result<Vec<i64>, Vec<PaymentExcess>> {
    let part = |payment: &Payment| {
        let leg = command.legs.iter().find(|leg| leg.payment_id == payment.payment_id);
        leg.map_or(0, |leg| leg.value)
    };
    let parts: Vec<i64> = work.payments.iter().map(part).collect();
    let above = |(payment, part): (&Payment, &i64)| {
        let left = left(payment);
        (*part > left).then(|| PaymentExcess {
            payment_id: payment.payment_id.clone(),
            amount: work.order.money(*part),
            left: work.order.money(left),
        })
    };
    let excess: Vec<PaymentExcess> = work.payments.iter().zip(&parts).filter_map(above).collect();
    if excess.is_empty() { Ok(parts) } else { Err(excess) }
}

fn new_invoice(command: &NotifyInvoice, work: &Work<'_>, parts: &[i64]) -> Invoice {
    let asked = work.payments.iter().zip(parts).filter(|(_, part)| **part > 0);
    let now = work.context.now;
    Invoice {
        order: command.key.clone(),
        invoice_number: command.invoice_number.clone(),
        ordinal: work.order.invoices,
        invoice_type: command.invoice_type,
        state: InvoiceState::Accepted,
        value: command.value,
        lines: command.lines.clone(),
        legs: asked.map(|(payment, part)| Leg::new(payment.payment_id.clone(), *part)).collect(),
        remaining: work.order.remaining(),
        receipt_id: command.receipt_id.clone(),
        issue_time: command.issue_time,
        invoice_key: command.invoice_key.clone(),
        invoice_url: command.invoice_url.clone(),
        tracking: command.tracking.clone(),
        content: command.content.clone(),
        create_time: now,
        update_time: now,
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
