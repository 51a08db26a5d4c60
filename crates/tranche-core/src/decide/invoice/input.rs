//! Input invoices: returns, which refund.

use super::{explicit_parts, take_lines};
use crate::allocation::split_return;
use crate::command::NotifyInvoice;
use crate::order::Line;
use crate::payment::Payment;
use crate::planted::{PlantedBug, is_planted};
use crate::rejection::Rejection;
use crate::work::Work;

/// Asks the payments to give an input invoice's value back, and says how much of each.
///
/// Checks, in this order: the value is at most what is invoiced and not returned; lines have as many invoiced; the
/// caller's own split is at most what each payment can give back. The order's state does not matter: goods come back at
/// any time.
pub(super) fn ask(work: &mut Work<'_>, command: &NotifyInvoice) -> Result<Vec<i64>, Rejection> {
    let order = &work.order;
    if command.value > order.invoiced - order.returned {
        return Err(Rejection::ReturnAboveInvoiced {
            value: order.money(command.value),
            invoiced: order.money(order.invoiced),
            returned: order.money(order.returned),
        });
    }
    if is_planted(PlantedBug::RefuseEarlyReturns) && order.remaining() > 0 {
        return Err(Rejection::OrderNotOpen { order_id: order.key.order_id.clone(), state: order.state });
    }
    let give_back = |line: &Line, quantity| Line { returned: line.returned + quantity, ..line.clone() };
    let lines = take_lines(work, command, Line::returnable, give_back)?;
    let parts = allocate(work, command)?;
    work.lines = lines;
    for (payment, part) in work.payments.iter_mut().zip(&parts) {
        payment.returned += part;
    }
    work.order.returned += command.value;
    work.return_number = Some(command.invoice_number.clone());
    Ok(parts)
}

/// What each payment gives back: first what is settled, so that it goes back at once, then what is still to be settled,
/// both in the order's refund order; or the caller's own split.
fn allocate(work: &Work<'_>, command: &NotifyInvoice) -> Result<Vec<i64>, Rejection> {
    let order = &work.order;
    if !command.legs.is_empty() {
        return explicit_parts(work, command, Payment::returnable).map_err(Rejection::ReturnAbovePayment);
    }
    let settled: Vec<i64> = work.payments.iter().map(|payment| payment.settled).collect();
    let now: Vec<i64> = work.payments.iter().map(Payment::returnable_now).collect();
    let at_once = command.value.min(now.iter().sum());
    let mut parts = split_return(order.refund_order, at_once, &now, &settled);
    let left = work.payments.iter().zip(&parts).map(|(payment, part)| payment.returnable() - part);
    let left: Vec<i64> = left.collect();
    let later = split_return(order.refund_order, command.value - at_once, &left, &settled);
    for (part, more) in parts.iter_mut().zip(later) {
        *part += more;
    }
    Ok(parts)
}
