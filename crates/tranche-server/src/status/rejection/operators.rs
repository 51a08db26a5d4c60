//! The rejections of what operators do.

use tranche_core::id::{OperationId, PaymentId};
use tranche_core::operation::OperationState;
use tranche_core::rejection::Rejection;
use tranche_proto::v1::ErrorReason;

use crate::status::explanation::Explanation;
use crate::status::{decimal, internal};
use crate::wire;

/// Explains a rejection of an act on an operation, or of a movement that was to be adopted.
pub(super) fn explain(rejection: Rejection) -> Explanation {
    match rejection {
        Rejection::OperationNotRetryable { operation_id, state, is_replay_safe } => {
            not_retryable(&operation_id, &state, is_replay_safe)
        }
        Rejection::OperationReplayWindowOver { operation_id, first_send_time } => {
            let first = wire::rfc3339(first_send_time);
            let message = format!(
                "The operation '{operation_id}' was first sent at {first}, and its provider may not recognise a repeat any \
                 more; find out what became of it, and say so with ResolveOperation."
            );
            operation(ErrorReason::OperationReplayWindowOver, &operation_id, message)
                .with("firstSendTime", first)
        }
        Rejection::OperationNotResolvable { operation_id, state } => not_resolvable(&operation_id, &state),
        Rejection::NothingLacking { operation_id } => {
            let message = format!(
                "Nothing of what the operation '{operation_id}' was for lacks any more; read it and its transaction."
            );
            operation(ErrorReason::NothingLacking, &operation_id, message)
        }
        Rejection::NothingToStart { operation_id } => {
            let message = format!(
                "What lacks of the operation '{operation_id}' cannot be asked of its payment again: it takes no further \
                 settlement, or none that small; use ResolveOperation with FOLLOW_UP_MOVE or FOLLOW_UP_GIVE_UP."
            );
            let refused = OperationState::Refused { code: String::new(), message: String::new() };
            operation(ErrorReason::OperationNotRetryable, &operation_id, message)
                .with("state", name(&refused))
        }
        Rejection::MoveAboveRoom { operation_id, payment_id, amount, room } => {
            let whose = match &payment_id {
                Some(id) => format!("the payment '{id}' has"),
                None => "the other payments have".to_owned(),
            };
            let message = format!(
                "{amount} of the operation '{operation_id}' is to be moved, and {whose} room for {room} of it without \
                 taking it from what is still to be invoiced; add a payment and repeat, or use FOLLOW_UP_GIVE_UP."
            );
            operation(ErrorReason::MoveAboveRoom, &operation_id, message)
                .with("paymentId", payment_id.as_ref().map(PaymentId::as_str).unwrap_or_default())
                .with("amount", decimal(amount))
                .with("room", decimal(room))
                .with("currencyCode", amount.currency.code())
        }
        Rejection::MovementAlreadyBooked { provider_id, operation_id } => {
            let message = format!(
                "The provider's movement '{provider_id}' is booked already, by the operation '{operation_id}'; read it."
            );
            operation(ErrorReason::MovementAlreadyBooked, &operation_id, message)
                .with("providerId", provider_id)
        }
        Rejection::OperationCouldOwnMovement { operation_id, provider_id } => {
            let message = format!(
                "The operation '{operation_id}' of the payment could be the movement '{provider_id}', or is the payment's \
                 authorization, which no answer says that its provider has given; read it, say with ResolveOperation what \
                 became of it, and adopt the movement only if it is another one."
            );
            operation(ErrorReason::OperationCouldOwnMovement, &operation_id, message)
                .with("providerId", provider_id)
        }
        Rejection::MovementAboveAuthorization { payment_id, amount, unsettled, under_way } => {
            let next = if under_way.minor > 0 {
                format!("wait until what is being settled or released of it, {under_way}, has ended")
            } else {
                "say with beyond_authorization that the provider did settle so much".to_owned()
            };
            let message = format!(
                "The movement of {amount} is above what is left of the authorization of the payment '{payment_id}', \
                 {unsettled}; correct the amount, or {next}."
            );
            Explanation::new(ErrorReason::MovementAboveAuthorization, message)
                .of("payment", payment_id.as_str())
                .with("paymentId", payment_id.as_str())
                .with("amount", decimal(amount))
                .with("unsettled", decimal(unsettled))
                .with("underWay", decimal(under_way))
                .with("currencyCode", amount.currency.code())
        }
        // The others come here by no way.
        other => internal(&format!("{other:?} is no rejection of an operator")),
    }
}

fn operation(reason: ErrorReason, id: &OperationId, message: String) -> Explanation {
    Explanation::new(reason, message).of("operation", id.as_str()).with("operationId", id.as_str())
}

fn name(state: &OperationState) -> &'static str {
    let name = wire::operation::state(state).as_str_name();
    name.strip_prefix("STATE_").unwrap_or(name)
}

fn not_retryable(id: &OperationId, row: &OperationState, is_replay_safe: bool) -> Explanation {
    let state = name(row);
    let why = match row {
        _ if !is_replay_safe => {
            "its connector does not recognise repeats, and may do it twice; find out what became of it, and say so with \
             ResolveOperation"
        }
        OperationState::Manual => {
            "a person has to act at the provider; say what came of it with ResolveOperation"
        }
        OperationState::Done { .. } | OperationState::Withdrawn => "nothing of it is to be sent; read it",
        _ => "it is sent, or asked about, by itself; wait for its answer",
    };
    let message = format!("The operation '{id}' is {state} and cannot be tried again: {why}.");
    operation(ErrorReason::OperationNotRetryable, id, message).with("state", state)
}

fn not_resolvable(id: &OperationId, row: &OperationState) -> Explanation {
    let state = name(row);
    let why = match row {
        OperationState::Done { .. } => {
            "only a surplus that it has and the books have a place for can be resolved; of a settlement, where another one \
             or a cancellation of the payment is under way, say first what became of that one"
        }
        OperationState::Withdrawn => "it was never sent; only evidence that it was done counts",
        OperationState::Sent { .. } => "it is on the wire; wait for its answer, or say that it was done",
        _ => "it is still to be sent; wait, void its invoice, or say that it was done",
    };
    let message = format!("The operation '{id}' is {state}, which does not allow this resolution: {why}.");
    operation(ErrorReason::OperationNotResolvable, id, message).with("state", state)
}
