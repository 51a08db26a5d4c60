//! Callbacks: what a provider says of an authorization without being asked again.
//!
//! A callback can do nothing that the answer to a repeat could not do, and the same one again changes nothing.

use super::authorization::{approved, contradicted, denied, due_time, undecided};
use crate::bounds::{CALLBACK_ATTEMPTS_MAX, CALLBACKS_KEPT_MAX};
use crate::command::RecordCallback;
use crate::decision::{Context, Decision, Reply};
use crate::lease::{Verdict, verdict};
use crate::operation::{Answer, Interaction, Operation, OperationKind, OperationState};
use crate::plan::plan;
use crate::rejection::Rejection;
use crate::state::State;
use crate::work::Work;

/// Books what a callback says. Checks: the order has such a payment, and the provider was asked for its authorization.
pub(super) fn record(
    state: &State,
    command: &RecordCallback,
    context: &Context,
) -> Result<Decision, Rejection> {
    let RecordCallback { key, payment_id, answer, .. } = command;
    let not_found = || Rejection::PaymentNotFound(key.order_id.clone(), payment_id.clone());
    let mut rows = state.operations_of(key, payment_id);
    let operation = rows.find(|row| row.kind == OperationKind::Authorization).ok_or_else(not_found)?.clone();
    let cause = format!("callback:{}:{}", operation.operation_id, operation.callbacks + 1);
    let mut work = Work::open(state, context, key, cause).ok_or_else(not_found)?;
    let position = work.payments.iter().position(|payment| payment.payment_id == *payment_id);
    let index = position.ok_or_else(not_found)?;
    // That an authorization has ended since is no news of the callback.
    let opened = work.payments[index].clone();
    // Beyond them, only what ends the authorization is heard, or denies that it was given, which alarms once.
    let is_patient = operation.callbacks < CALLBACKS_KEPT_MAX;
    match (answer, &operation.state) {
        (Some(Answer::Approved(approval)), OperationState::Done { .. }) if is_patient => {
            approved(&mut work, index, operation.clone(), operation.value, approval);
        }
        (Some(Answer::Approved(_)), OperationState::Done { .. }) => {}
        (Some(Answer::Approved(approval)), _) => {
            approved(&mut work, index, operation.clone(), operation.value, approval);
        }
        (Some(Answer::Denied { code, message }), state) if !state.is_ended() => {
            denied(&mut work, index, operation.clone(), code, message);
        }
        (Some(answer @ Answer::Denied { .. }), OperationState::Done { .. }) => {
            let told = contradicted(&mut work, operation.clone(), answer.meaning().to_owned());
            work.put(told);
        }
        (Some(Answer::Undecided { cancel_after }), _) if is_patient => {
            undecided(&mut work.payments[index], &operation, *cancel_after);
            // What is on the wire is due when its lease ends.
            if !matches!(operation.state, OperationState::Sent { .. }) {
                let due_time = due_time(&work.payments[index], operation.due_time);
                work.put(Operation { due_time, ..operation.clone() });
            }
        }
        (None, OperationState::Waiting(_)) if is_patient => ask_again(&mut work, index, operation.clone()),
        _ => {}
    }
    let is_news = work.operation(payment_id, operation.ordinal).is_some_and(|row| is_other(row, &operation))
        || work.payments[index] != opened;
    if !is_news {
        return Ok(Decision::unchanged(Reply::Done));
    }
    keep(&mut work, command, operation.ordinal, operation.callbacks.saturating_add(1));
    work.advance(index);
    plan(&mut work);
    Ok(work.close(|_| Reply::Done))
}

fn is_other(row: &Operation, before: &Operation) -> bool {
    Operation { update_time: before.update_time, ..row.clone() } != *before
}

/// Keeps the callback beside the calls of the operation, and counts it.
fn keep(work: &mut Work<'_>, command: &RecordCallback, ordinal: i64, callback: u32) {
    let Some(operation) = work.operation(&command.payment_id, ordinal).cloned() else { return };
    if callback <= CALLBACKS_KEPT_MAX {
        work.interactions.push(Interaction {
            order: command.key.clone(),
            operation_id: operation.operation_id.clone(),
            attempt: operation.attempts,
            callback,
            exchange: command.exchange.clone(),
            meaning: command.answer.as_ref().map_or("pending", Answer::meaning).to_owned(),
            create_time: work.context.now,
        });
    }
    work.put(Operation { callbacks: callback, ..operation });
}

/// Asks the provider again now, if it may be asked. Most attempts are kept for the usual pauses, so that whoever calls
/// back all the time cannot use them up.
fn ask_again(work: &mut Work<'_>, index: usize, operation: Operation) {
    let now = work.context.now;
    // What is due already is the dispatcher's.
    let is_later = operation.due_time.is_some_and(|due| due > now);
    let may_send = matches!(verdict(&operation, &work.payments[index], work.context), Verdict::Send);
    if !is_later || !may_send || operation.attempts >= CALLBACK_ATTEMPTS_MAX {
        return;
    }
    let (payment_id, ordinal) = (operation.payment_id.clone(), operation.ordinal);
    work.put(Operation { due_time: Some(now), ..operation });
    work.lease(index, &payment_id, ordinal);
}
