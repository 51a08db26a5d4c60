//! Saying how an operation ended.

use super::give_up::give_up;
use super::relocate::relocate;
use super::retry::same_lacks;
use super::surplus::settle_surplus;
use super::{OnOperation, may_lack, note, open, take_up};
use crate::command::{FollowUp, Resolution, ResolveOperation};
use crate::decide::authorization::denied;
use crate::decide::outcome::{done, not_obtained};
use crate::decision::{Context, Decision, Reply};
use crate::money::Money;
use crate::operation::{Operation, OperationKind, OperationState, RESOLVED_NOT_DONE, Waiting};
use crate::operator::ActKind;
use crate::plan::plan;
use crate::rejection::{Rejection, Violation};
use crate::state::State;
use crate::work::Work;

/// Says how an operation ended, or whether its surplus is real, from what the provider's books show.
///
/// Checks: replay, the operation exists, its state allows the resolution, currency and amount, no other operation owns
/// the provider's id, something lacks, the other payment has room, something can be started again.
pub(in crate::decide) fn resolve(
    state: &State,
    command: &ResolveOperation,
    context: &Context,
) -> Result<Decision, Rejection> {
    let ResolveOperation { key, operation_id, request_id, content, resolution, by } = command;
    let request = command.request_key();
    let cause = format!("resolve:{operation_id}:{request_id}");
    let opened = open(state, context, (key, operation_id), (&request, content), cause)?;
    let OnOperation { mut work, index, operation } = match opened {
        Ok(opened) => opened,
        Err(decision) => return Ok(decision),
    };
    let (payment_id, ordinal) = (operation.payment_id.clone(), operation.ordinal);
    let act = ActKind::ResolveOperation;
    note(&mut work, act, (request_id, by), Some(payment_id.clone()), Some(operation_id.clone()));
    let lacked = work.payments[index].lacking_like(&operation);
    let asks_again = operation.state.is_ended() && matches!(resolution, Resolution::NotDone(FollowUp::Retry));
    match resolution {
        Resolution::Done { amount, provider_id } => {
            was_done(&mut work, index, operation, amount.as_ref(), provider_id)?;
        }
        Resolution::NotDone(follow_up) => was_not_done(&mut work, index, operation, follow_up, &by.reason)?,
        Resolution::Surplus { is_real } => settle_surplus(&mut work, index, operation, *is_real)?,
    }
    work.advance(index);
    plan(&mut work);
    if asks_again && same_lacks(&work, index, &payment_id, ordinal, lacked) {
        return Err(Rejection::NothingToStart { operation_id: operation_id.clone() });
    }
    let connectors =
        work.payments.iter().map(|row| (row.payment_id.clone(), row.connector_id.clone())).collect();
    let resolved = work.operation(&payment_id, ordinal).cloned();
    let mut decision = work.close(|closed| {
        let Some(resolved) = resolved else { return Reply::Done };
        Reply::Resolved { order: closed.order.clone(), connectors, resolved, started: closed.started }
    });
    decision.record = Some((request, content.clone()));
    Ok(decision)
}

pub(super) fn not_resolvable(operation: &Operation) -> Rejection {
    let (operation_id, state) = (operation.operation_id.clone(), operation.state.clone());
    Rejection::OperationNotResolvable { operation_id, state }
}

/// Has the effect of the provider's answer DONE.
fn was_done(
    work: &mut Work<'_>,
    index: usize,
    operation: Operation,
    amount: Option<&Money>,
    provider_id: &str,
) -> Result<(), Rejection> {
    if matches!(operation.state, OperationState::Done { .. }) {
        return Err(not_resolvable(&operation));
    }
    let invalid = |field: &str, text: String| Rejection::Invalid(vec![Violation::new(field, text)]);
    let own = work.order.currency;
    let is_cancellation = operation.kind == OperationKind::Cancellation;
    let value = match amount {
        Some(amount) if amount.currency != own => {
            let text = format!("is {}; the order is in {}", amount.currency.code(), own.code());
            return Err(invalid("done.amount.currency_code", text));
        }
        Some(amount) if is_cancellation && amount.minor > operation.value => {
            let text = format!("is above what was to be canceled, {}", work.order.money(operation.value));
            return Err(invalid("done.amount.amount", text));
        }
        Some(amount) if operation.kind == OperationKind::Authorization && amount.minor != operation.value => {
            let text =
                format!("must be {}: no part of a payment is authorized", work.order.money(operation.value));
            return Err(invalid("done.amount.amount", text));
        }
        Some(amount) => amount.minor,
        None if is_cancellation => operation.value,
        None => {
            return Err(invalid(
                "done.amount",
                "is required; only a cancellation may leave it out".to_owned(),
            ));
        }
    };
    if let Some(owner) = work.owner_of(index, operation.kind, provider_id, Some(&operation.operation_id)) {
        return Err(Rejection::MovementAlreadyBooked {
            provider_id: provider_id.to_owned(),
            operation_id: owner,
        });
    }
    let surplus = (value - operation.value).max(0);
    done(work, index, operation, value, surplus, provider_id);
    Ok(())
}

/// Whether an operation has not ended, and an operator may say that it was not done: it is neither still to be sent nor on
/// the wire.
fn is_undecided(operation: &Operation) -> bool {
    matches!(
        operation.state,
        OperationState::Manual
            | OperationState::Stuck { .. }
            | OperationState::Waiting(Waiting::Unknown | Waiting::AtProvider)
    )
}

/// Ends an authorization that the provider surely did not make: the payment is denied, and another one may be added.
fn was_not_authorized(
    work: &mut Work<'_>,
    index: usize,
    operation: Operation,
    follow_up: &FollowUp,
    reason: &str,
) -> Result<(), Rejection> {
    if !is_undecided(&operation) {
        return Err(not_resolvable(&operation));
    }
    if *follow_up != FollowUp::GiveUp {
        let text = "must be FOLLOW_UP_GIVE_UP for an authorization: its payment is denied; add another one";
        return Err(Rejection::Invalid(vec![Violation::new("not_done.follow_up", text)]));
    }
    denied(work, index, operation, RESOLVED_NOT_DONE, reason);
    Ok(())
}

/// Ends an operation that was surely not done, or takes up what lacks of one that has ended; then what follows.
fn was_not_done(
    work: &mut Work<'_>,
    index: usize,
    operation: Operation,
    follow_up: &FollowUp,
    reason: &str,
) -> Result<(), Rejection> {
    let (payment_id, ordinal) = (operation.payment_id.clone(), operation.ordinal);
    if operation.kind == OperationKind::Authorization {
        return was_not_authorized(work, index, operation, follow_up, reason);
    }
    let is_open = is_undecided(&operation);
    if !is_open && !may_lack(&operation) {
        // It may still be done, or was.
        return Err(not_resolvable(&operation));
    }
    if is_open {
        not_obtained(work, index, operation.clone(), RESOLVED_NOT_DONE, reason);
    }
    let operation = work.operation(&payment_id, ordinal).cloned().unwrap_or(operation);
    let lacking = work.payments[index].lacking_of(&operation);
    if lacking == 0 && !is_open {
        return Err(Rejection::NothingLacking { operation_id: operation.operation_id });
    }
    work.payments[index].shortfalls = 0;
    match follow_up {
        FollowUp::Retry => take_up(work, index, &operation, lacking),
        FollowUp::Move(payment_id) => relocate(work, index, &operation, lacking, payment_id.as_ref())?,
        FollowUp::GiveUp => give_up(work, index, &operation, lacking),
    }
    Ok(())
}
