//! What follows from the amounts: coverage and states.

use crate::event::EventKind;
use crate::order::{OrderState, TransactionState};
use crate::payment::Payment;
use crate::stake::stakes;
use crate::work::Work;

/// Notes by how much the payments no longer cover what remains to invoice.
pub(super) fn note_coverage(work: &mut Work<'_>) {
    let cover: i64 = work.payments.iter().map(Payment::cover).sum();
    let missing = (work.order.remaining() - cover).max(0);
    if missing != work.order.missing {
        work.order.missing = missing;
        let missing = work.order.money(missing);
        work.event(EventKind::CoverageChanged { missing });
    }
}

/// Moves the order and its transaction to the state that follows from the amounts.
pub(super) fn note_states(work: &mut Work<'_>) {
    let owes = |payment: &Payment| payment.settling > 0 || payment.due() > 0 || payment.lacking > 0;
    let state = match work.order.state {
        OrderState::Canceled => OrderState::Canceled,
        _ if work.order.invoiced == 0 => OrderState::Open,
        _ if work.order.remaining() == 0 && !work.payments.iter().any(owes) => OrderState::Invoiced,
        _ => OrderState::PartiallyInvoiced,
    };
    if state != work.order.state {
        work.order.state = state;
        work.event(EventKind::OrderStateChanged { state, reason: String::new() });
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
        // Nothing more is settled or released of it, so that no end of an authorization matters.
        for payment in &mut work.payments {
            payment.observe_time = None;
        }
        work.event(EventKind::TransactionStateChanged { state });
    }
    note_payments(work);
}

/// Notes of which payments the end of the authorization is an operator's case now, and since when.
pub(super) fn note_stakes(work: &mut Work<'_>) {
    let now = work.context.now;
    let stakes = stakes(&work.order, &work.payments);
    for (payment, stake) in work.payments.iter_mut().zip(stakes) {
        payment.attention_time = (stake > 0).then(|| payment.attention_time.unwrap_or(now));
    }
}

/// Notes which payments stand elsewhere than before the command.
fn note_payments(work: &mut Work<'_>) {
    let (order, before) = work.before();
    let of_before = before.iter().map(|payment| payment.state(order));
    let moved = work.payments.iter().zip(of_before).filter_map(|(payment, before)| {
        let state = payment.state(&work.order);
        (state != before)
            .then(|| EventKind::PaymentStateChanged { payment_id: payment.payment_id.clone(), state })
    });
    let moved: Vec<EventKind> = moved.collect();
    for event in moved {
        work.event(event);
    }
}
