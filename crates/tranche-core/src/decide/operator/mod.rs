//! What operators do where no machine can tell: an actor and a reason on every act.

mod adopt;
mod give_up;
mod relocate;
mod resolve;
mod retry;
mod surplus;

pub(super) use adopt::adopt;
pub(super) use resolve::resolve;
pub(super) use retry::retry;

use super::replay;
use crate::command::RequestKey;
use crate::content::Content;
use crate::decision::{Context, Decision};
use crate::event::EventKind;
use crate::id::{OperationId, OrderKey, PaymentId, RequestId};
use crate::operation::{Operation, OperationState};
use crate::operator::{Act, ActKind, Actor};
use crate::rejection::Rejection;
use crate::state::State;
use crate::work::Work;

/// An act on an operation, opened: the working copy, where its payment stands, and the operation as it is.
pub(super) struct OnOperation<'a> {
    work: Work<'a>,
    index: usize,
    operation: Operation,
}

/// Opens an act on an operation, or answers what was answered the first time.
///
/// Checks: replay, the operation exists.
fn open<'a>(
    state: &'a State,
    context: &'a Context,
    (order, operation_id): (&OrderKey, &OperationId),
    request: (&RequestKey, &Content),
    cause: String,
) -> Result<Result<OnOperation<'a>, Decision>, Rejection> {
    if let Some(decision) = replay(state, request.0, request.1)? {
        return Ok(Err(decision));
    }
    let not_found = || Rejection::OperationNotFound(operation_id.clone());
    let mut work = Work::open(state, context, order, cause).ok_or_else(not_found)?;
    let operation = state.operation(order, operation_id).ok_or_else(not_found)?.clone();
    let position = work.payments.iter().position(|payment| payment.payment_id == operation.payment_id);
    let index = position.ok_or_else(not_found)?;
    // What follows a settlement of one invoice is for that invoice, as after a provider's answer.
    match operation.refund {
        Some(_) => work.return_number.clone_from(&operation.invoice_number),
        None => work.invoice_number.clone_from(&operation.invoice_number),
    }
    Ok(Ok(OnOperation { work, index, operation }))
}

/// Notes who did what, and why.
pub(super) fn note(
    work: &mut Work<'_>,
    kind: ActKind,
    (request_id, by): (&RequestId, &Actor),
    payment_id: Option<PaymentId>,
    operation_id: Option<OperationId>,
) {
    let Some(transaction) = &work.order.transaction else {
        return;
    };
    let act = Act {
        order: work.order.key.clone(),
        request_id: request_id.clone(),
        kind,
        by: by.clone(),
        transaction_id: transaction.transaction_id.clone(),
        payment_id,
        operation_id,
        create_time: work.context.now,
    };
    work.event(EventKind::OperatorActed {
        act: act.kind,
        by: act.by.clone(),
        transaction_id: act.transaction_id.clone(),
        payment_id: act.payment_id.clone(),
        operation_id: act.operation_id.clone(),
    });
    work.acts.push(act);
}

/// Takes up what lacks of an operation, as its payment counts that: what the operation counts beyond it was covered by
/// other acts.
fn take_up(work: &mut Work<'_>, index: usize, operation: &Operation, lacking: i64) {
    *work.payments[index].lacking_mut(operation) -= lacking;
    let attention_time = operation.attention_time.filter(|_| operation.surplus > 0);
    work.put(Operation { lacking: 0, attention_time, ..operation.clone() });
}

/// Whether something of an ended operation can lack.
fn may_lack(operation: &Operation) -> bool {
    match operation.state {
        OperationState::Refused { .. } => true,
        OperationState::Done { value, .. } => value < operation.value,
        _ => false,
    }
}
