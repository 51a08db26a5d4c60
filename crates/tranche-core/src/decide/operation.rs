//! Leases: who may send an operation that is due.

use super::authorization::{due_time, is_lapsing};
use crate::bounds::WIRE_PAUSE;
use crate::command::LeaseOperation;
use crate::decision::{Context, Decision, Reply};
use crate::event::EventKind;
use crate::lease::{Verdict, verdict};
use crate::operation::{Operation, OperationKind, OperationState};
use crate::plan::plan;
use crate::planted::{PlantedBug, is_planted};
use crate::state::State;
use crate::work::{Start, Work};

/// Leases an operation that is due, if its payment's wire is free; or lays it to rest.
pub(super) fn lease(state: &State, command: &LeaseOperation, context: &Context) -> Decision {
    let unchanged = || Decision::unchanged(Reply::Done);
    let cause = format!("lease:{}", command.operation_id);
    let Some(mut work) = Work::open_as_written(state, context, &command.key, cause) else {
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
        return work.close(|_| Reply::Done);
    }
    let is_sent = matches!(operation.state, OperationState::Sent { .. });
    let lapses =
        operation.kind == OperationKind::Authorization && !is_sent && is_lapsing(payment, context.now);
    if lapses {
        // Its provider's own time is over: the plan asks for the payment's cancellation, which goes first.
        work.observe_ends();
        plan(&mut work);
    }
    if !matches!(operation.state, OperationState::Waiting(_) | OperationState::Sent { .. }) {
        // A person's work at the head of the queue: nothing waits for it.
        let payment = &mut work.payments[index];
        payment.sent = payment.sent.max(ordinal);
        work.put(Operation { due_time: None, ..operation });
        work.advance(index);
        return work.close(|_| Reply::Done);
    }
    if is_planted(PlantedBug::PlanTwiceAfterRestart) && matches!(operation.state, OperationState::Sent { .. })
    {
        settle_again(&mut work, index, &operation);
    }
    let payment = &mut work.payments[index];
    if let Verdict::Rest(rest) = verdict(&operation, payment, context) {
        if lapses && rest == operation.state {
            // It rests already, and was only looked at for the end of that time.
            work.put(Operation { due_time: None, ..operation });
            return work.close(|_| Reply::Done);
        }
        lay_to_rest(&mut work, index, operation, rest);
        return work.close(|_| Reply::Done);
    }
    if let Some(wire) = payment.wire.filter(|wire| wire.until > context.now) {
        // Another operation of the payment is on the wire: this one is next, or asks again.
        let is_next = *payment.turn.get_or_insert(ordinal) == ordinal;
        let due_time = Some(if is_next { wire.until } else { context.now.after(WIRE_PAUSE) });
        work.put(Operation { due_time, ..operation });
    } else if !work.lease(index, &operation.payment_id, ordinal) && !lapses {
        return unchanged();
    }
    work.close(|_| Reply::Done)
}

/// Has an operation wait for an answer or an operator: it is never sent again.
fn lay_to_rest(work: &mut Work<'_>, index: usize, operation: Operation, rest: OperationState) {
    let is_stuck = matches!(rest, OperationState::Stuck { .. });
    let name = if is_stuck { "stuck" } else { "unknown" };
    let summary = work.summary(&operation);
    work.event(EventKind::OperationUnresolved { operation: summary, state: name.to_owned() });
    let is_unclear = operation.is_unclear || !is_stuck;
    let due_time = due_time(&work.payments[index], None);
    let attention_time = operation.attention_time.or(Some(work.context.now));
    work.put(Operation { state: rest, due_time, is_unclear, attention_time, ..operation });
    work.advance(index);
}

/// What a planted bug does: a settlement that a dead process had sent is started as if nobody had asked for it.
fn settle_again(work: &mut Work<'_>, index: usize, operation: &Operation) {
    let (kind, value) = (operation.kind, operation.value);
    if kind == OperationKind::Settlement && work.payments[index].capacity() >= value {
        work.payments[index].settling += value;
        work.start(index, Start { kind, value, is_final: false, refund: None, invoice_number: None });
    }
}
