//! Moving: other payments are asked for what one lacks.

use super::give_up::{add_to_leg, ask_no_more, take_from_legs};
use super::take_up;
use crate::allocation::split;
use crate::id::PaymentId;
use crate::operation::{Operation, OperationKind};
use crate::payment::Payment;
use crate::rejection::{Rejection, Violation};
use crate::work::Work;

/// Asks `lacking` of other payments: of the one that is named, or by the allocation over what is ahead of the others,
/// then over their room.
///
/// What came back is given up instead: nobody is charged for it.
pub(super) fn relocate(
    work: &mut Work<'_>,
    index: usize,
    operation: &Operation,
    lacking: i64,
    payment_id: Option<&PaymentId>,
) -> Result<(), Rejection> {
    if operation.kind != OperationKind::Settlement {
        let text = "is FOLLOW_UP_MOVE, and only a settlement can be asked of another payment";
        return Err(Rejection::Invalid(vec![Violation::new("not_done.follow_up", text)]));
    }
    let targets = targets(work, index, payment_id)?;
    let payment = &work.payments[index];
    let needed = (payment.asked - payment.return_expected()).min(payment.returnable()).max(0);
    let value = lacking.min(needed);
    let room: i64 = targets.iter().map(|&target| work.payments[target].room()).sum();
    let above = |work: &Work<'_>, room: i64| Rejection::MoveAboveRoom {
        operation_id: operation.operation_id.clone(),
        payment_id: payment_id.cloned(),
        amount: work.order.money(value),
        room: work.order.money(room),
    };
    if room < value {
        return Err(above(work, room));
    }
    let missing_before = missing(work);
    take_up(work, index, operation, lacking);
    ask_no_more(work, index, operation, lacking - value);
    let mut parts = ask_of(work, &targets, value);
    work.payments[index].asked -= value;
    for (payment, part) in work.payments.iter_mut().zip(&parts) {
        payment.asked += part;
    }
    // The room of the payment that lacks may be lost for good: what the others give is then missing for the rest.
    let lost = missing(work) - missing_before;
    if lost > 0 {
        return Err(above(work, (value - lost).max(0)));
    }
    let ids: Vec<PaymentId> = work.payments.iter().map(|row| row.payment_id.clone()).collect();
    let own = ids[index].clone();
    take_from_legs(work, index, operation, value, |invoice, part| {
        add_to_leg(invoice, &own, -part);
        let mut left = part;
        for (id, open) in ids.iter().zip(parts.iter_mut()) {
            let here = left.min(*open);
            add_to_leg(invoice, id, here);
            *open -= here;
            left -= here;
        }
        // Who gives nothing has no leg, nor has what was moved here before and goes on now.
        invoice.legs.retain(|leg| leg.value + leg.accepted > 0);
    });
    Ok(())
}

/// The payments that may be asked instead.
fn targets(work: &Work<'_>, index: usize, payment_id: Option<&PaymentId>) -> Result<Vec<usize>, Rejection> {
    let Some(id) = payment_id else {
        return Ok((0..work.payments.len()).filter(|other| *other != index).collect());
    };
    let found = work.payments.iter().position(|payment| payment.payment_id == *id);
    let not_found = || Rejection::PaymentNotFound(work.order.key.order_id.clone(), id.clone());
    match found.ok_or_else(not_found)? {
        same if same == index => {
            let text = "is the payment that lacks; name another one, or use FOLLOW_UP_RETRY";
            Err(Rejection::Invalid(vec![Violation::new("not_done.payment_id", text)]))
        }
        other => Ok(vec![other]),
    }
}

/// How `value` falls on the targets, by payment: what is ahead first, then room, by the allocation.
fn ask_of(work: &Work<'_>, targets: &[usize], value: i64) -> Vec<i64> {
    let of_targets = |amount: &dyn Fn(&Payment) -> i64| -> Vec<i64> {
        let one = |(index, payment)| if targets.contains(&index) { amount(payment) } else { 0 };
        work.payments.iter().enumerate().map(one).collect()
    };
    let ahead = of_targets(&Payment::ahead_coming);
    let from_ahead = value.min(ahead.iter().sum());
    let mut parts = split(work.order.allocation, from_ahead, &ahead);
    let rooms = of_targets(&Payment::room);
    let left: Vec<i64> = rooms.iter().zip(&parts).map(|(room, part)| room - part).collect();
    for (part, more) in parts.iter_mut().zip(split(work.order.allocation, value - from_ahead, &left)) {
        *part += more;
    }
    parts
}

/// By how much the payments do not cover what remains to invoice.
fn missing(work: &Work<'_>) -> i64 {
    let cover: i64 = work.payments.iter().map(Payment::cover).sum();
    (work.order.remaining() - cover).max(0)
}
