//! Surplus: money that a provider moved unasked, and somebody has looked into.

use super::give_up::ask_no_more;
use super::resolve::not_resolvable;
use crate::operation::{Operation, OperationKind, OperationState, RefundPurpose, RefundTarget};
use crate::plan::refund_beyond;
use crate::rejection::Rejection;
use crate::work::{Start, Work};

/// Books what is true of an operation's surplus. What the books have no place for yet stays a surplus.
pub(super) fn settle_surplus(
    work: &mut Work<'_>,
    index: usize,
    operation: Operation,
    is_real: bool,
) -> Result<(), Rejection> {
    let surplus = operation.surplus;
    let OperationState::Done { provider_id, value } = operation.state.clone() else {
        return Err(not_resolvable(&operation));
    };
    let booked = match (operation.kind, operation.refund.clone()) {
        _ if !is_real => surplus,
        // How much of it is beyond the authorization is known when nothing else of the payment is being settled or released.
        (OperationKind::Settlement, _)
            if work.payments[index].under_way() > 0 && surplus > work.payments[index].capacity() =>
        {
            0
        }
        (OperationKind::Settlement, _) => {
            // One that was counted as refused was a settlement of the provider after all.
            work.payments[index].settlements += u32::from(value == 0);
            settled_unasked(work, index, surplus, &provider_id, None);
            surplus
        }
        (OperationKind::Cancellation, _) => canceled_unasked(work, index, surplus, &provider_id),
        (OperationKind::Refund, Some(target)) => {
            refunded_unasked(work, index, &operation, &target, &provider_id)
        }
        _ => 0,
    };
    if booked == 0 {
        return Err(not_resolvable(&operation));
    }
    work.payments[index].surplus -= booked;
    let left = surplus - booked;
    let attention_time = operation.attention_time.filter(|_| operation.lacking > 0 || left > 0);
    work.put(Operation { surplus: left, attention_time, ..operation });
    Ok(())
}

/// Books that a provider canceled unasked, as far as it is not settled by now; says how much that is. Where it is nothing,
/// the caller refuses the act, and nothing is kept.
fn canceled_unasked(work: &mut Work<'_>, index: usize, surplus: i64, provider_id: &str) -> i64 {
    let value = surplus.min(work.payments[index].capacity());
    work.payments[index].canceled += value;
    work.adopt(index, unasked(OperationKind::Cancellation, value, None), provider_id, None);
    value
}

/// Books money that a provider settled unasked: it is ahead, and serves the next invoices or goes back as excess. What
/// is beyond the authorization nobody agreed to pay: it goes back at once, and no raise of the authorization can be
/// counted on any more.
pub(super) fn settled_unasked(
    work: &mut Work<'_>,
    index: usize,
    value: i64,
    provider_id: &str,
    time: Option<crate::time::Timestamp>,
) {
    let payment = &mut work.payments[index];
    let beyond = (value - payment.capacity()).max(0);
    payment.authorized += beyond;
    payment.settled += value;
    let settlement = work.adopt(index, unasked(OperationKind::Settlement, value, None), provider_id, time);
    if beyond > 0 {
        work.payments[index].max_value = None;
        refund_beyond(work, index, settlement, beyond);
    }
}

/// Something that a provider did unasked.
fn unasked(kind: OperationKind, value: i64, refund: Option<RefundTarget>) -> Start {
    Start { kind, value, is_final: false, refund, invoice_number: None }
}

/// Books money that a provider refunded unasked: for returns, from what is ahead, and else from what invoices were paid
/// with, which nobody is charged for again: it counts as given up. Says how much that is: more than is settled
/// cannot have gone back of it.
fn refunded_unasked(
    work: &mut Work<'_>,
    index: usize,
    operation: &Operation,
    target: &RefundTarget,
    provider_id: &str,
) -> i64 {
    let Some(settlement) = work.settlement(&target.operation_id) else {
        return 0;
    };
    let payment = &mut work.payments[index];
    let value = operation.surplus.min(payment.refundable()).min(settlement.refundable());
    let (ahead, waits) = (payment.ahead(), payment.return_waiting());
    // What was given up of returns went back after all, before anything goes back that invoices keep.
    let given_up = payment.return_given_up.min((payment.asked - payment.return_expected()).max(0));
    let open = waits + given_up;
    let returned = match target.purpose {
        RefundPurpose::Return => value.min(open),
        RefundPurpose::Excess => (value - ahead).clamp(0, open),
    };
    let excess = value - returned;
    let paid = (excess - ahead).max(0);
    payment.return_given_up -= (returned - waits).max(0);
    payment.return_refunded += returned;
    payment.return_lacking = payment.return_lacking.min(payment.return_waiting());
    payment.excess_refunded += excess;
    work.put(Operation { refund_taken: settlement.refund_taken + value, ..settlement });
    for (value, purpose) in [(returned, RefundPurpose::Return), (excess, RefundPurpose::Excess)] {
        if value > 0 {
            let refund = Some(RefundTarget { purpose, ..target.clone() });
            work.adopt(index, unasked(OperationKind::Refund, value, refund), provider_id, None);
        }
    }
    ask_no_more(work, index, operation, paid);
    value
}
