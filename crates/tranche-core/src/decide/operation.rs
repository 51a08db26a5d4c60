//! Leases: who may send an operation that is due.

use crate::bounds::{ATTEMPTS_MAX, RETRY_WINDOW, WIRE_PAUSE};
use crate::command::LeaseOperation;
use crate::decision::{Context, Decision, Reply};
use crate::event::EventKind;
use crate::operation::{Operation, OperationState, Waiting};
use crate::payment::Payment;
use crate::state::State;
use crate::work::Work;

/// What becomes of an operation that is due.
enum Verdict {
    /// It may be sent.
    Send,
    /// It is never sent again, and waits for an answer or an operator.
    Rest(OperationState),
}

/// Leases an operation that is due, if its payment's wire is free; or lays it to rest.
pub(super) fn lease(state: &State, command: &LeaseOperation, context: &Context) -> Decision {
    let unchanged = || Decision::unchanged(Reply::Done);
    let cause = format!("lease:{}", command.operation_id);
    let Some(mut work) = Work::open(state, context, &command.key, cause) else {
        return unchanged();
    };
    let Some(operation) = state.operation(&command.key, &command.operation_id).cloned() else {
        return unchanged();
    };
    let Some(index) = work.payments.iter().position(|payment| payment.payment_id == operation.payment_id)
    else {
        return unchanged();
    };
    if operation.due_time.is_none_or(|due| due > context.now) {
        return unchanged();
    }
    let Operation { ordinal, .. } = operation;
    let payment = &mut work.payments[index];
    if operation.attempts == 0 && ordinal > payment.sent + 1 {
        // First sends keep their order; the head of the queue brings this one along.
        work.put(Operation { due_time: None, ..operation });
        return work.close(|_, _, _, _| Reply::Done);
    }
    if let Verdict::Rest(rest) = verdict(&operation, payment, context) {
        if payment.wire.is_some_and(|wire| wire.ordinal == ordinal) {
            payment.wire = None;
        }
        let name = if rest == OperationState::Stuck { "stuck" } else { "unknown" };
        let summary = work.summary(&operation);
        work.event(EventKind::OperationUnresolved { operation: summary, state: name.to_owned() });
        let is_unclear = operation.is_unclear || rest != OperationState::Stuck;
        work.put(Operation { state: rest, due_time: None, is_unclear, ..operation });
        work.advance(index);
        return work.close(|_, _, _, _| Reply::Done);
    }
    if let Some(wire) = payment.wire.filter(|wire| wire.until > context.now) {
        // Another operation of the payment is on the wire: this one is next, or asks again.
        let is_next = *payment.turn.get_or_insert(ordinal) == ordinal;
        let due_time = Some(if is_next { wire.until } else { context.now.after(WIRE_PAUSE) });
        work.put(Operation { due_time, ..operation });
    } else if !work.lease(index, &operation.payment_id, ordinal) {
        return unchanged();
    }
    work.close(|_, _, _, _| Reply::Done)
}

fn verdict(operation: &Operation, payment: &Payment, context: &Context) -> Verdict {
    let unknown = Verdict::Rest(OperationState::Waiting(Waiting::Unknown));
    let Some(first) = operation.first_send_time else {
        return Verdict::Send;
    };
    let age = context.now.since(first);
    let may_have_left =
        !matches!(operation.state, OperationState::Waiting(Waiting::Pending)) || operation.is_unclear;
    let replayable = payment.capabilities.replay_safe && age < payment.capabilities.replay_window;
    if may_have_left && !replayable {
        return unknown;
    }
    if age < RETRY_WINDOW && operation.attempts < ATTEMPTS_MAX {
        return Verdict::Send;
    }
    if operation.is_unclear || matches!(operation.state, OperationState::Sent { .. }) {
        return unknown;
    }
    Verdict::Rest(OperationState::Stuck)
}
