//! What an answer makes of an authorization, whoever brings it.
//!
//! An approval is evidence: it counts at any time, also after a denial, since the provider then holds money that must be
//! used or released. A denial counts for as long as the authorization has not ended. What a provider says of an
//! authorization moves no money, so that nothing of it is ever surplus.

use super::outcome::end;
use crate::authorization::{Approval, AuthorizationState};
use crate::event::EventKind;
use crate::operation::{Operation, OperationState};
use crate::payment::Payment;
use crate::time::Timestamp;
use crate::work::Work;

/// The code of an authorization whose payment was canceled before it was approved.
const CANCELED: &str = "canceled";
/// Why it was.
const CANCELED_MESSAGE: &str = "the provider canceled the payment, which it had not approved in its own time";

/// Books that the provider authorized `value`.
pub(super) fn approved(
    work: &mut Work<'_>,
    index: usize,
    operation: Operation,
    value: i64,
    approval: &Approval,
) {
    let payment_id = operation.payment_id.clone();
    let provider_id = provider_id(&work.payments[index], approval);
    match &operation.state {
        OperationState::Done { provider_id: known, .. } => {
            let operation = if *known == provider_id {
                operation
            } else {
                contradicted(work, operation, format!("done again as {provider_id}"))
            };
            work.put(operation);
            return;
        }
        OperationState::Refused { .. } | OperationState::Withdrawn => {
            let summary = work.summary(&operation);
            work.event(EventKind::AnswerContradicted { operation: summary, meaning: "done".to_owned() });
        }
        _ => {}
    }
    let lapse = work.payments[index].lapse.and_then(|ordinal| work.operation(&payment_id, ordinal)).cloned();
    let payment = &mut work.payments[index];
    if let Some(asked) = operation.first_send_time {
        payment.last_from(asked);
    }
    // What is approved after its transaction has ended is to be released, which its own end may have to do.
    payment.observe_time = payment.observe_time.or(payment.authorization.expire_time);
    payment.authorized += value;
    payment.authorization_state = AuthorizationState::Authorized;
    payment.authorization.authorization_id.clone_from(&approval.authorization_id);
    payment.authorization.tid.clone_from(&approval.tid);
    payment.authorization.nsu.clone_from(&approval.nsu);
    payment.max_value = approval.max_value.filter(|most| *most >= value);
    forget_token(payment);
    match lapse.map(|row| (row.state.is_ended(), row)) {
        // Being canceled: whatever its answer will be, nothing may be asked of the payment before.
        Some((false, row)) => payment.canceling += row.value.min(value),
        // Canceled, as the provider had confirmed: nothing is left of what it says now that it had approved.
        Some((true, row)) if matches!(row.state, OperationState::Done { .. }) => {
            payment.canceled += row.value.min(value);
        }
        _ => {}
    }
    // By now it may be near its end, or over.
    work.observe_ends();
    end(work, operation, OperationState::Done { value, provider_id });
}

/// Books that the provider will not authorize: the other payments stay as they are.
pub(super) fn denied(work: &mut Work<'_>, index: usize, operation: Operation, code: &str, message: &str) {
    let (code, message) = (code.to_owned(), message.to_owned());
    let payment = &mut work.payments[index];
    payment.authorization_state =
        AuthorizationState::Denied { value: operation.value, code: code.clone(), message: message.clone() };
    forget_token(payment);
    end(work, operation, OperationState::Refused { code, message });
}

/// Keeps by when the provider wants an approval, counted from when it was first asked. Of several words the longest
/// counts, so that neither the same again nor an old one that comes late changes anything.
pub(super) fn undecided(
    payment: &mut Payment,
    operation: &Operation,
    cancel_after: Option<std::time::Duration>,
) {
    if let (AuthorizationState::Authorizing { until, .. }, Some(first), Some(delay)) =
        (&mut payment.authorization_state, operation.first_send_time, cancel_after)
    {
        *until = (*until).max(Some(first.after(delay)));
    }
}

/// When an operation of the payment is to be looked at. One that asks for its authorization, which is its only one for as
/// long as nobody asked for the payment's cancellation: when it is to be asked for again, or before, if that is due then.
pub(super) fn due_time(payment: &Payment, next: Option<Timestamp>) -> Option<Timestamp> {
    match (&payment.authorization_state, payment.lapse) {
        (AuthorizationState::Authorizing { until: Some(until), .. }, None) => {
            Some(next.map_or(*until, |next| next.min(*until)))
        }
        _ => next,
    }
}

/// Whether the payment is to be canceled, as its provider has not decided in its own time.
pub(super) fn is_lapsing(payment: &Payment, now: Timestamp) -> bool {
    let AuthorizationState::Authorizing { until, .. } = payment.authorization_state else { return false };
    payment.lapse.is_none() && until.is_some_and(|until| until <= now)
}

/// Whether the operation cancels a payment of which nothing is authorized: no amount is moved by it.
pub(super) fn is_lapse(payment: &Payment, operation: &Operation) -> bool {
    payment.lapse == Some(operation.ordinal) && payment.authorization_state != AuthorizationState::Authorized
}

/// Books that the provider canceled a payment that it had not approved: that counts as a denial.
pub(super) fn lapsed(work: &mut Work<'_>, index: usize, operation: Operation, provider_id: &str) {
    if operation.state.is_ended() {
        let summary = work.summary(&operation);
        work.event(EventKind::AnswerContradicted { operation: summary, meaning: "done".to_owned() });
    }
    let payment_id = operation.payment_id.clone();
    let (value, provider_id) = (operation.value, provider_id.to_owned());
    end(work, operation, OperationState::Done { value, provider_id });
    let authorization = work.authorization(&payment_id).filter(|row| !row.state.is_ended());
    if let Some(authorization) = authorization {
        denied(work, index, authorization, CANCELED, CANCELED_MESSAGE);
    }
}

/// Alarms that an answer contradicts how the operation had ended; the same contradiction only once.
pub(super) fn contradicted(work: &mut Work<'_>, operation: Operation, meaning: String) -> Operation {
    if operation.contradiction.as_ref() == Some(&meaning) {
        return operation;
    }
    let summary = work.summary(&operation);
    work.event(EventKind::AnswerContradicted { operation: summary, meaning: meaning.clone() });
    Operation { contradiction: Some(meaning), ..operation }
}

/// The provider's id of an authorization: the first of its ids that it gave.
fn provider_id(payment: &Payment, approval: &Approval) -> String {
    let given = Some(&approval.authorization_id).filter(|id| !id.is_empty());
    let given = given.or(approval.tid.as_ref()).or(approval.nsu.as_ref());
    given.unwrap_or(&payment.authorization.provider_payment_id).clone()
}

/// The payer's token has done its work.
fn forget_token(payment: &mut Payment) {
    if let Some(request) = &mut payment.request {
        request.token = None;
    }
}
