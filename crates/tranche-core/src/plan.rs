//! The plan: compares what is asked with what is done, and starts what is due.
//!
//! It runs after every command and every outcome, and is the only place that decides to settle, refund or release.
//! Nothing remembers half a process: what is due follows from the rows.
//!
//! In this order: settlements by mode, refunds of excess, refunds of returns, release, coverage, states.

use crate::account::ReleasePolicy;
use crate::bounds::REFUNDS_PER_PLAN_MAX;
use crate::event::EventKind;
use crate::operation::{OperationKind, OperationState, RefundPurpose, RefundTarget};
use crate::order::{OrderState, TransactionState};
use crate::payment::{Mode, Payment};
use crate::work::{Start, Work};

/// Starts what is due.
pub(crate) fn plan(work: &mut Work<'_>) {
    if work.order.transaction.is_none() {
        return;
    }
    for index in 0..work.payments.len() {
        settle(work, index);
    }
    refund_excess(work);
    for index in 0..work.payments.len() {
        refund_returns(work, index);
    }
    if work.order.remaining() == 0 && work.order.release_policy != ReleasePolicy::Manual {
        for index in 0..work.payments.len() {
            release(work, index);
        }
    }
    note_coverage(work);
    note_states(work);
}

/// What the next settlement of a payment must bring; 0 if none is due.
fn settlement_due(payment: &Payment, remaining: i64, ahead_of_others: i64) -> i64 {
    let due = payment.due();
    if due == 0 || payment.is_spent() {
        return 0;
    }
    let all = payment.capacity();
    match payment.mode {
        Mode::Total if payment.settles_in_full() => all,
        Mode::Total => {
            // Also what lacks: the next ask takes it along.
            let owed = payment.asked - payment.settled - payment.settling + payment.excess();
            let to_come = payment.room().min((remaining - ahead_of_others).max(0));
            all.min(owed + to_come)
        }
        Mode::Hold | Mode::Partial if payment.accumulates() => {
            let complete = remaining == 0 || payment.room() == 0;
            match (complete && payment.settling == 0, payment.settles_in_full()) {
                (false, _) => 0,
                (true, true) => all,
                (true, false) => all.min(due),
            }
        }
        Mode::Hold | Mode::Partial => all.min(due),
    }
}

fn settle(work: &mut Work<'_>, index: usize) {
    let remaining = work.order.remaining();
    let others = work.payments.iter().enumerate().filter(|(other, _)| *other != index);
    let ahead_of_others = others.map(|(_, payment)| payment.ahead_coming()).sum();
    let payment = &mut work.payments[index];
    if payment.surplus > 0 {
        return;
    }
    let can_not_follow = payment.is_spent() && payment.settling == 0;
    if payment.due() > 0 && (can_not_follow || !payment.may_ask_again()) {
        payment.lacking += payment.due();
        payment.shortfalls = 0;
    }
    let value = settlement_due(payment, remaining, ahead_of_others);
    if value == 0 {
        return;
    }
    payment.settling += value;
    payment.settlements += 1;
    if payment.mode == Mode::Total {
        payment.lacking = 0;
    }
    // What is under way may bring less, and what lacks may be asked for again: then another one follows.
    let is_alone = payment.settling == value && payment.due() == 0 && payment.lacking == 0;
    let is_final = payment.is_spent() || (remaining == 0 && is_alone);
    let invoice_number = work.invoice_number.clone();
    work.start(
        index,
        Start { kind: OperationKind::Settlement, value, is_final, refund: None, invoice_number },
    );
}

/// Refunds what was settled ahead and can no longer be needed, largest ahead first.
fn refund_excess(work: &mut Work<'_>) {
    // A refund that was refused is not repeated: its excess stays, on whichever payment, until an invoice uses it.
    for payment in &mut work.payments {
        payment.excess_lacking = payment.excess_lacking.min(payment.ahead());
    }
    let lacking: i64 = work.payments.iter().map(|payment| payment.excess_lacking).sum();
    let ahead: i64 = work.payments.iter().map(Payment::ahead).sum();
    let mut excess = ahead - work.order.remaining() - lacking;
    let mut order: Vec<usize> = (0..work.payments.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(work.payments[index].ahead()));
    for index in order {
        let payment = &work.payments[index];
        let value = excess.min(payment.ahead() - payment.excess_lacking).min(payment.refundable());
        if value > 0 && payment.surplus == 0 {
            excess -= refund(work, index, value, RefundPurpose::Excess);
        }
    }
}

/// Refunds what returns asked for, as far as settled money is there.
fn refund_returns(work: &mut Work<'_>, index: usize) {
    let payment = &work.payments[index];
    let value = (payment.return_waiting() - payment.return_lacking).min(payment.refundable());
    if value > 0 && payment.surplus == 0 {
        refund(work, index, value, RefundPurpose::Return);
    }
}

/// Refunds up to `value` against the payment's settlements, oldest first, and says how much it started.
fn refund(work: &mut Work<'_>, index: usize, value: i64, purpose: RefundPurpose) -> i64 {
    let payment_id = work.payments[index].payment_id.clone();
    let mut left = value;
    for mut settlement in work.refundable(&payment_id).into_iter().take(REFUNDS_PER_PLAN_MAX) {
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
        match purpose {
            RefundPurpose::Excess => payment.excess_refunding += part,
            RefundPurpose::Return => payment.return_refunding += part,
        }
        let refund = Some(RefundTarget { operation_id, settle_id, purpose });
        let kind = OperationKind::Refund;
        work.start(index, Start { kind, value: part, is_final: false, refund, invoice_number: None });
    }
    value - left
}

/// Releases what is authorized and neither settled nor owed, once nothing more of the payment is to come.
fn release(work: &mut Work<'_>, index: usize) {
    let payment = &mut work.payments[index];
    let owed = payment.settling + payment.due() + payment.lacking + payment.surplus;
    let value = payment.unsettled() - payment.release_lacking;
    if owed > 0 || payment.canceling > 0 || value <= 0 {
        return;
    }
    if payment.releases_by_itself() {
        payment.canceled += value;
        return;
    }
    payment.canceling += value;
    let kind = OperationKind::Cancellation;
    work.start(index, Start { kind, value, is_final: true, refund: None, invoice_number: None });
}

/// Notes by how much the payments no longer cover what remains to invoice.
fn note_coverage(work: &mut Work<'_>) {
    let room: i64 = work.payments.iter().map(Payment::room).sum();
    let missing = (work.order.remaining() - room).max(0);
    if missing != work.order.missing {
        work.order.missing = missing;
        let missing = work.order.money(missing);
        work.event(EventKind::CoverageChanged { missing });
    }
}

/// Moves the order and its transaction to the state that follows from the amounts.
fn note_states(work: &mut Work<'_>) {
    let owes = |payment: &Payment| payment.settling > 0 || payment.due() > 0 || payment.lacking > 0;
    let state = match work.order.state {
        OrderState::Canceled => OrderState::Canceled,
        _ if work.order.invoiced == 0 => OrderState::Open,
        _ if work.order.remaining() == 0 && !work.payments.iter().any(owes) => OrderState::Invoiced,
        _ => OrderState::PartiallyInvoiced,
    };
    if state != work.order.state {
        work.order.state = state;
        work.event(EventKind::OrderStateChanged { state });
    }
    let finished = work.payments.iter().all(Payment::is_finished);
    let Some(transaction) = &mut work.order.transaction else {
        return;
    };
    let state = match (transaction.state, state, finished) {
        (TransactionState::Open, OrderState::Invoiced, true) => TransactionState::Finished,
        (TransactionState::Open, OrderState::Canceled, true) => TransactionState::Canceled,
        (unchanged, _, _) => unchanged,
    };
    if state != transaction.state {
        transaction.state = state;
        work.event(EventKind::TransactionStateChanged { state });
    }
}
