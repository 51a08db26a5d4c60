//! Settlements, by the payment's mode.

use crate::operation::{BELOW_MINIMUM, NO_SETTLEMENT_FOLLOWS, OperationKind};
use crate::payment::{Mode, Payment};
use crate::planted::{PlantedBug, is_planted};
use crate::work::{Start, Work};

/// What the next settlement of a payment must bring; 0 if none is due.
fn settlement_due(payment: &Payment, remaining: i64, ahead_of_others: i64) -> i64 {
    let due = payment.due();
    if due == 0 || payment.is_spent() {
        return 0;
    }
    let all = payment.capacity();
    let mode = if is_planted(PlantedBug::IgnoreMode) { Mode::Total } else { payment.mode };
    match mode {
        Mode::Total if payment.settles_in_full() => all,
        Mode::Total => {
            // Also what lacks: the next ask takes it along.
            let to_come = payment.room().min((remaining - ahead_of_others).max(0));
            all.min(payment.owed() + to_come)
        }
        Mode::Hold | Mode::Partial if payment.accumulates() => {
            // Nothing is held back until it can no longer be settled.
            let is_ending = payment.is_ending() && !is_planted(PlantedBug::HoldPastEnd);
            let complete = remaining == 0 || payment.room() == 0 || is_ending;
            match (complete && payment.settling == 0, payment.settles_in_full()) {
                (false, _) => 0,
                (true, true) => all,
                (true, false) => all.min(due),
            }
        }
        Mode::Hold | Mode::Partial => all.min(due),
    }
}

/// Starts the settlement that is due of a payment, if one is.
pub(super) fn settle(work: &mut Work<'_>, index: usize) {
    let remaining = work.order.remaining();
    let others = work.payments.iter().enumerate().filter(|(other, _)| *other != index);
    let ahead_of_others = others.map(|(_, payment)| payment.ahead_coming()).sum();
    let payment = &mut work.payments[index];
    if payment.surplus > 0 || (payment.settling > 0 && is_planted(PlantedBug::HoldNextInvoice)) {
        return;
    }
    // Where a provider canceled what was asked since, nothing is left to settle it of.
    let can_not_follow = (payment.is_spent() || payment.capacity() == 0) && payment.settling == 0;
    let due = payment.due();
    if due > 0 && (can_not_follow || !payment.may_ask_again()) {
        payment.shortfalls = 0;
        work.lack(index, due, NO_SETTLEMENT_FOLLOWS, "no further settlement of the payment is possible");
    }
    let payment = &mut work.payments[index];
    let value = settlement_due(payment, remaining, ahead_of_others);
    if value == 0 {
        return;
    }
    if value < payment.minimum {
        // A leg that is too small waits for the payment's next one; without one it is an operator's case.
        let can_follow = payment.settling > 0 || (remaining > 0 && payment.room() > 0);
        let due = payment.due();
        if !can_follow {
            let minimum = work.order.money(payment.minimum);
            let message =
                format!("the connector settles {minimum} at least, and nothing follows that could join it");
            work.lack(index, due, BELOW_MINIMUM, &message);
        }
        return;
    }
    let joined = work.parts.get(index).is_some_and(|part| value > *part);
    let is_shared = payment.accumulates() || payment.mode == Mode::Partial && joined;
    payment.settling += value;
    payment.settlements += 1;
    if payment.mode == Mode::Total || payment.settles_in_full() {
        // It takes along what lacks.
        payment.lacking = 0;
    }
    // What is under way may bring less, and what lacks may be asked for again: then another one follows.
    let is_alone = payment.settling == value && payment.due() == 0 && payment.lacking == 0;
    let is_over = if is_planted(PlantedBug::FinalByAmount) { payment.room() == 0 } else { remaining == 0 };
    let is_final = payment.is_spent() || (is_over && is_alone);
    // What accumulated, or joined a leg that was too small, is of several invoices, and for none of them alone.
    let invoice_number = if is_shared { None } else { work.invoice_number.clone() };
    work.start(
        index,
        Start { kind: OperationKind::Settlement, value, is_final, refund: None, invoice_number },
    );
}
