//! Trying again: the same operation, or a new one for what lacks.

use super::{may_lack, note, open, take_up};
use crate::command::RetryOperation;
use crate::decision::{Context, Decision, Reply};
use crate::id::PaymentId;
use crate::operation::{Operation, OperationState, Waiting};
use crate::operator::ActKind;
use crate::plan::plan;
use crate::rejection::Rejection;
use crate::state::State;
use crate::work::Work;

/// Has an operation tried again.
///
/// One that is unknown or stuck goes out under the same id, if its provider recognises repeats and still does; one that
/// lacks is replaced by what the plan starts for what lacks now. Checks: replay, the operation exists, its state allows
/// it, the provider recognises a repeat, something lacks, something can be started for it.
pub(in crate::decide) fn retry(
    state: &State,
    command: &RetryOperation,
    context: &Context,
) -> Result<Decision, Rejection> {
    let RetryOperation { key, operation_id, request_id, content, by } = command;
    let request = command.request_key();
    let cause = format!("retry:{operation_id}:{request_id}");
    let opened = open(state, context, (key, operation_id), (&request, content), cause)?;
    let super::OnOperation { mut work, index, operation } = match opened {
        Ok(opened) => opened,
        Err(decision) => return Ok(decision),
    };
    let (payment_id, ordinal, kind) = (operation.payment_id.clone(), operation.ordinal, operation.kind);
    let act = ActKind::RetryOperation;
    note(&mut work, act, (request_id, by), Some(payment_id.clone()), Some(operation_id.clone()));
    let lacked = work.payments[index].lacking_like(&operation);
    let is_replaced = match operation.state {
        OperationState::Waiting(Waiting::Unknown) | OperationState::Stuck { .. } => {
            send_again(&mut work, index, operation)?;
            false
        }
        _ if may_lack(&operation) => {
            ask_again(&mut work, index, &operation)?;
            true
        }
        _ => return Err(not_retryable(&operation)),
    };
    plan(&mut work);
    if is_replaced && same_lacks(&work, index, &payment_id, ordinal, lacked) {
        // Its payment can be asked no more: trying again would only say again what is known.
        return Err(Rejection::NothingToStart { operation_id: operation_id.clone() });
    }
    let connector_id = work.payments[index].connector_id.clone();
    let same = work.operation(&payment_id, ordinal).cloned();
    let mut decision = work.close(|closed| {
        let is_meant = |row: &&Operation| row.payment_id == payment_id && row.kind == kind;
        // What is held for the payment's last settlement is asked for later.
        let started = closed.started.iter().find(is_meant).cloned().filter(|_| is_replaced);
        let tried = started.or(same);
        tried.map_or(Reply::Done, |row| Reply::Retried(closed.order.clone(), connector_id, row))
    });
    decision.record = Some((request, content.clone()));
    Ok(decision)
}

/// Whether as much of a kind lacks of a payment as before.
pub(super) fn same_lacks(
    work: &Work<'_>,
    index: usize,
    payment_id: &PaymentId,
    ordinal: i64,
    lacked: i64,
) -> bool {
    let row = work.operation(payment_id, ordinal);
    row.is_some_and(|row| work.payments[index].lacking_like(row) >= lacked)
}

fn not_retryable(operation: &Operation) -> Rejection {
    let (operation_id, state) = (operation.operation_id.clone(), operation.state.clone());
    Rejection::OperationNotRetryable { operation_id, state, is_replay_safe: true }
}

/// Makes an unknown or stuck operation due under its own id, with attempts and a time of its own.
fn send_again(work: &mut Work<'_>, index: usize, operation: Operation) -> Result<(), Rejection> {
    let (now, capabilities) = (work.context.now, work.payments[index].capabilities);
    let waiting = match operation.state {
        OperationState::Stuck { from } => from,
        _ => Waiting::Unknown,
    };
    // What may have reached the provider is sent again only while that knows its id.
    let may_have_left = waiting != Waiting::Pending;
    if may_have_left && !capabilities.replay_safe {
        let (operation_id, state) = (operation.operation_id, operation.state);
        return Err(Rejection::OperationNotRetryable { operation_id, state, is_replay_safe: false });
    }
    let first = operation.first_send_time.filter(|_| may_have_left);
    if let Some(first_send_time) =
        first.filter(|first| now.since(*first) + work.context.lease >= capabilities.replay_window)
    {
        let operation_id = operation.operation_id;
        return Err(Rejection::OperationReplayWindowOver { operation_id, first_send_time });
    }
    let (payment_id, ordinal) = (operation.payment_id.clone(), operation.ordinal);
    work.put(Operation {
        state: OperationState::Waiting(waiting),
        due_time: Some(now),
        attempts_before: operation.attempts,
        recorded_attempts: 0,
        // A provider that has seen nothing yet knows nothing yet.
        first_send_time: first,
        retry_time: Some(now),
        attention_time: operation.attention_time.filter(|_| may_have_left),
        ..operation
    });
    work.lease(index, &payment_id, ordinal);
    Ok(())
}

/// What lacks of an operation lacks no more: the plan asks for it.
fn ask_again(work: &mut Work<'_>, index: usize, operation: &Operation) -> Result<(), Rejection> {
    let lacking = work.payments[index].lacking_of(operation);
    if lacking == 0 {
        return Err(Rejection::NothingLacking { operation_id: operation.operation_id.clone() });
    }
    take_up(work, index, operation, lacking);
    work.payments[index].shortfalls = 0;
    Ok(())
}
