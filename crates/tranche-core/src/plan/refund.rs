//! Refunds: of what was settled ahead and is not needed any more, and of what returns asked for.

use std::cmp::Reverse;

use crate::bounds::REFUNDS_PER_PLAN_MAX;
use crate::operation::{Operation, OperationKind, OperationState, RefundPurpose, RefundTarget};
use crate::payment::Payment;
use crate::planted::{PlantedBug, is_planted};
use crate::work::{Start, Work};

/// Refunds what was settled ahead and can no longer be needed, largest ahead first.
pub(super) fn refund_excess(work: &mut Work<'_>) {
    // A refund that was refused is not repeated: its excess stays, on whichever payment, until an invoice uses it.
    for payment in &mut work.payments {
        payment.excess_given_up = payment.excess_given_up.min(payment.ahead());
        payment.excess_lacking = payment.excess_lacking.min(payment.ahead() - payment.excess_given_up);
    }
    let kept = |payment: &Payment| payment.excess_lacking + payment.excess_given_up;
    let lacking: i64 = work.payments.iter().map(kept).sum();
    let ahead: i64 = work.payments.iter().map(Payment::ahead).sum();
    let mut excess = ahead - work.order.remaining() - lacking;
    let mut order: Vec<usize> = (0..work.payments.len()).collect();
    order.sort_by_key(|&index| Reverse(work.payments[index].ahead()));
    for index in order {
        let payment = &work.payments[index];
        let value = excess.min(payment.ahead() - kept(payment)).min(payment.refundable());
        if value > 0 && payment.surplus == 0 {
            excess -= refund(work, index, value, RefundPurpose::Excess);
        }
    }
}

/// Refunds what returns asked for, as far as settled money is there.
pub(super) fn refund_returns(work: &mut Work<'_>, index: usize) {
    let payment = &work.payments[index];
    // What the provider refused to give back is asked of nobody again by itself: neither the return nor the money.
    let value = payment.return_waiting().min(payment.refundable()) - payment.return_lacking;
    if value > 0 && payment.surplus == 0 {
        refund(work, index, value, RefundPurpose::Return);
    }
}

/// Refunds `value` of a settlement that the provider made beyond the authorization.
pub(crate) fn refund_beyond(work: &mut Work<'_>, index: usize, settlement: Operation, value: i64) {
    let OperationState::Done { provider_id: settle_id, .. } = settlement.state.clone() else {
        return;
    };
    let operation_id = settlement.operation_id.clone();
    work.put(Operation { refund_taken: settlement.refund_taken + value, ..settlement });
    work.payments[index].excess_refunding += value;
    let refund = Some(RefundTarget { operation_id, settle_id, purpose: RefundPurpose::Excess });
    let kind = OperationKind::Refund;
    work.start(index, Start { kind, value, is_final: false, refund, invoice_number: None });
}

/// Refunds up to `value` against the payment's settlements, oldest first, and says how much it started.
fn refund(work: &mut Work<'_>, index: usize, value: i64, purpose: RefundPurpose) -> i64 {
    let payment_id = work.payments[index].payment_id.clone();
    let mut left = value;
    let mut settlements = work.refundable(&payment_id);
    if is_planted(PlantedBug::RefundNewestFirst) {
        settlements.reverse();
    }
    for mut settlement in settlements.into_iter().take(REFUNDS_PER_PLAN_MAX) {
        let OperationState::Done { provider_id: settle_id, .. } = settlement.state.clone() else {
            continue;
        };
        let part = left.min(settlement.refundable());
        if part == 0 {
            break;
        }
        left -= part;
        settlement.refund_taken += part;
        let operation_id = settlement.operation_id.clone();
        work.put(settlement);
        let payment = &mut work.payments[index];
        let invoice_number = match purpose {
            RefundPurpose::Excess => {
                payment.excess_refunding += part;
                None
            }
            RefundPurpose::Return => {
                payment.return_refunding += part;
                work.return_number.clone()
            }
        };
        let refund = Some(RefundTarget { operation_id, settle_id, purpose });
        let kind = OperationKind::Refund;
        work.start(index, Start { kind, value: part, is_final: false, refund, invoice_number });
    }
    value - left
}
