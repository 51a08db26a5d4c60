//! Releases of authorized money that nothing can need any more.

use crate::account::ReleasePolicy;
use crate::allocation::split_release;
use crate::operation::OperationKind;
use crate::order::{OrderState, TransactionState};
use crate::payment::{Mode, Payment};
use crate::planted::{PlantedBug, is_planted};
use crate::rejection::Rejection;
use crate::work::{Start, Work};

/// Releases the rest of every payment, once nothing remains to invoice and nothing lacks.
///
/// What lacks on one payment may still be asked of another, whose room is kept for that long. A canceled order releases
/// whatever its policy says, and what a provider has released by itself is booked under every policy.
pub(super) fn release_rest(work: &mut Work<'_>) {
    // A cancellation that was refused is not repeated; what was settled or released since lacks no release.
    for payment in &mut work.payments {
        payment.release_given_up = payment.release_given_up.min(payment.unsettled());
        payment.release_lacking = payment.release_lacking.min(payment.unsettled() - payment.release_given_up);
    }
    let lacking: i64 = work.payments.iter().map(|payment| payment.lacking).sum();
    if work.order.remaining() > 0 || lacking > 0 {
        return;
    }
    // A transaction that has ended keeps nothing, whoever had released what it held: what its provider says now that it
    // holds is released too.
    let has_ended = work.order.transaction.as_ref().is_some_and(|row| row.state != TransactionState::Open);
    let is_canceled = work.order.state == OrderState::Canceled;
    let is_asked = is_canceled || has_ended || work.order.release_policy != ReleasePolicy::Manual;
    for index in 0..work.payments.len() {
        if is_asked || work.payments[index].releases_by_itself() {
            release(work, index);
        }
    }
}

/// Releases what is authorized and neither settled nor owed, once nothing more of the payment is to come.
fn release(work: &mut Work<'_>, index: usize) {
    let payment = &mut work.payments[index];
    let owed = payment.settling + payment.due() + payment.surplus;
    let value = payment.unsettled() - payment.release_given_up;
    if owed > 0 || payment.canceling > 0 || payment.release_lacking > 0 || value == 0 {
        return;
    }
    if payment.releases_by_itself() {
        payment.canceled += value;
        return;
    }
    cancel(work, index, value, true);
}

fn cancel(work: &mut Work<'_>, index: usize, value: i64, is_final: bool) {
    work.payments[index].canceling += value;
    let kind = OperationKind::Cancellation;
    work.start(index, Start { kind, value, is_final, refund: None, invoice_number: None });
}

/// Whether a cancellation of `value` leaves nothing of the payment to settle, so that it need not say how much.
fn takes_all(payment: &Payment, value: i64) -> bool {
    value > 0 && value == payment.unsettled() && payment.under_way() == 0
}

/// Whether the payment's provider can be asked to release so much.
fn can_cancel(payment: &Payment, value: i64) -> bool {
    payment.capabilities.partial_cancellation || takes_all(payment, value)
}

/// By how much the payments' room exceeds what remains to invoice.
fn spare_room(work: &Work<'_>) -> i64 {
    let room: i64 = work.payments.iter().map(Payment::room).sum();
    (room - work.order.remaining()).max(0)
}

fn release_parts(work: &mut Work<'_>, parts: &[i64]) {
    for (index, part) in parts.iter().enumerate().filter(|(_, part)| **part > 0) {
        let payment = &mut work.payments[index];
        payment.release_lacking = (payment.release_lacking - part).max(0);
        let is_final = takes_all(payment, *part);
        cancel(work, index, *part, is_final);
    }
}

/// After the order's value was lowered, under IMMEDIATELY: releases what the rest of the order cannot need, of PARTIAL
/// payments whose provider cancels parts, from the one that the allocation would fill last.
pub(crate) fn release_after_decrease(work: &mut Work<'_>) {
    let is_chosen = work.order.release_policy == ReleasePolicy::Immediately
        || is_planted(PlantedBug::ReleaseEveryDecrease);
    let is_asked = is_chosen && work.order.remaining() > 0;
    let releasable = |payment: &Payment| {
        let can = payment.mode == Mode::Partial && payment.capabilities.partial_cancellation;
        if can && !payment.is_closed() && payment.release_lacking == 0 { payment.releasable() } else { 0 }
    };
    let releasable: Vec<i64> = work.payments.iter().map(releasable).collect();
    let value = spare_room(work).min(releasable.iter().sum());
    if is_asked && value > 0 {
        let rooms: Vec<i64> = work.payments.iter().map(Payment::room).collect();
        let parts = split_release(work.order.allocation, value, &releasable, &rooms);
        release_parts(work, &parts);
    }
}

/// Releases `amount`, or all that the order cannot need, of one payment or of those that the allocation would fill
/// last.
pub(crate) fn release_remainder(
    work: &mut Work<'_>,
    payment: Option<usize>,
    amount: Option<i64>,
) -> Result<(), Rejection> {
    let spare = spare_room(work);
    let free = |payment: &Payment| {
        if payment.is_closed() { payment.releasable() } else { payment.releasable().min(spare) }
    };
    let frees: Vec<i64> = work.payments.iter().map(free).collect();
    let (closed, open): (Vec<usize>, Vec<usize>) = (0..frees.len())
        .filter(|index| payment.is_none_or(|only| only == *index))
        .partition(|&index| work.payments[index].is_closed());
    let sum = |indices: &[usize]| indices.iter().map(|&index| frees[index]).sum::<i64>();
    let all = sum(&closed) + sum(&open).min(spare);
    let wanted = amount.unwrap_or(all);
    if wanted > all || all == 0 {
        let amount = amount.map(|minor| work.order.money(minor));
        return Err(Rejection::ReleaseAboveFree { amount, free: work.order.money(all) });
    }
    let mut parts = vec![0; frees.len()];
    // What no invoice can ask for any more goes first.
    let mut left = wanted;
    for (indices, most) in [(closed, i64::MAX), (open, spare)] {
        let here = left.min(most).min(sum(&indices));
        left -= here - take(work, &indices, &frees, here, &mut parts);
    }
    if left > 0 && (amount.is_some() || left == wanted) {
        let is_unable = |index: &usize| {
            let is_asked = payment.is_none_or(|only| only == *index);
            is_asked && frees[*index] > 0 && !work.payments[*index].capabilities.partial_cancellation
        };
        let unable = (0..frees.len()).find(is_unable).unwrap_or_default();
        let payment = &work.payments[unable];
        let (connector_id, payment_id) = (payment.connector_id.clone(), payment.payment_id.clone());
        return Err(Rejection::PartialCancellationNotSupported { connector_id, payment_id });
    }
    release_parts(work, &parts);
    Ok(())
}

/// Takes `value` of what these payments have free, and says what it could not take: a payment whose provider cancels no
/// parts gives all or nothing.
fn take(work: &Work<'_>, indices: &[usize], frees: &[i64], value: i64, parts: &mut [i64]) -> i64 {
    let mut left = value;
    for &index in indices.iter().rev() {
        let (payment, free) = (&work.payments[index], frees[index]);
        if !payment.capabilities.partial_cancellation && free <= left && can_cancel(payment, free) {
            parts[index] = free;
            left -= free;
        }
    }
    let is_able =
        |index: usize| indices.contains(&index) && work.payments[index].capabilities.partial_cancellation;
    let able: Vec<i64> =
        (0..frees.len()).map(|index| if is_able(index) { frees[index] } else { 0 }).collect();
    let rooms: Vec<i64> = work.payments.iter().map(Payment::room).collect();
    let value = left.min(able.iter().sum());
    for (part, more) in parts.iter_mut().zip(split_release(work.order.allocation, value, &able, &rooms)) {
        *part += more;
    }
    left - value
}
