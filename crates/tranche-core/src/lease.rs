//! Whether an operation may be sent, once more or at all.

use crate::bounds::{ATTEMPTS_MAX, RETRY_WINDOW};
use crate::decision::Context;
use crate::operation::{Operation, OperationState, Waiting};
use crate::payment::Payment;
use crate::planted::{PlantedBug, is_planted};

/// What becomes of an operation that is due.
pub(crate) enum Verdict {
    /// It may be sent.
    Send,
    /// It is never sent again, and waits for an answer or an operator.
    Rest(OperationState),
}

/// Whether an operation may be sent under a lease that begins now.
///
/// What may have reached the provider is sent again only if the whole lease lies in the time in which the provider
/// knows its id.
pub(crate) fn verdict(operation: &Operation, payment: &Payment, context: &Context) -> Verdict {
    let unknown = Verdict::Rest(OperationState::Waiting(Waiting::Unknown));
    let Some(first) = operation.first_send_time else {
        return Verdict::Send;
    };
    if is_planted(PlantedBug::SkipLeaseCheck) {
        return Verdict::Send;
    }
    let age = context.now.since(first);
    let may_have_left =
        !matches!(operation.state, OperationState::Waiting(Waiting::Pending)) || operation.is_unclear;
    let capabilities = &payment.capabilities;
    let replayable = capabilities.replay_safe && age + context.lease < capabilities.replay_window;
    if may_have_left && !replayable {
        return unknown;
    }
    let tried = operation.retry_time.map_or(age, |retry| context.now.since(retry));
    if tried < RETRY_WINDOW && operation.attempts_since() < ATTEMPTS_MAX {
        return Verdict::Send;
    }
    match operation.state {
        OperationState::Waiting(from) if !operation.is_unclear => {
            Verdict::Rest(OperationState::Stuck { from })
        }
        _ => unknown,
    }
}
