//! Output invoices: sales, which settle.

use super::{explicit_parts, take_lines};
use crate::allocation::split;
use crate::command::NotifyInvoice;
use crate::order::{Line, OrderState};
use crate::payment::Payment;
use crate::rejection::Rejection;
use crate::work::Work;

/// Asks an output invoice's value of the payments, and says how much of each.
///
/// Checks, in this order: the order is not canceled; the value is at most what remains; the payments are known; lines
/// have as many left; payments have room.
pub(super) fn ask(work: &mut Work<'_>, command: &NotifyInvoice) -> Result<Vec<i64>, Rejection> {
    let order = &work.order;
    let order_id = || command.key.order_id.clone();
    if order.state == OrderState::Canceled {
        return Err(Rejection::OrderNotOpen { order_id: order_id(), state: order.state });
    }
    if command.value > order.remaining() {
        return Err(Rejection::InvoiceAboveRemaining {
            value: order.money(order.value),
            invoiced: order.money(order.invoiced),
            remaining: order.money(order.remaining()),
            is_final: order.is_ended(),
        });
    }
    if order.transaction.is_none() {
        return Err(Rejection::OrderWithoutTransaction(order_id()));
    }
    let invoice = |line: &Line, quantity| Line { invoiced: line.invoiced + quantity, ..line.clone() };
    let lines = take_lines(work, command, Line::remaining, invoice)?;
    let parts = allocate(work, command)?;
    work.lines = lines;
    for (payment, part) in work.payments.iter_mut().zip(&parts) {
        payment.asked += part;
    }
    work.order.invoiced += command.value;
    work.invoice_number = Some(command.invoice_number.clone());
    work.parts.clone_from(&parts);
    Ok(parts)
}

/// What the invoice asks of each payment: what is ahead first, then room, by the allocation; or the caller's own split.
fn allocate(work: &Work<'_>, command: &NotifyInvoice) -> Result<Vec<i64>, Rejection> {
    let order = &work.order;
    if !command.legs.is_empty() {
        return explicit_parts(work, command, Payment::room).map_err(Rejection::PaymentAboveRoom);
    }
    let rooms: Vec<i64> = work.payments.iter().map(Payment::room).collect();
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
