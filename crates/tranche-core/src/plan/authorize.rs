//! Authorizations that are to be asked for, and payments that are canceled as their provider did not decide.

use crate::authorization::AuthorizationState;
use crate::operation::OperationKind;
use crate::work::{Start, Work};

/// Asks the provider for the authorization of a new payment; or, once the time is over that the provider set itself, for
/// the payment's cancellation. That is asked for once: if it is refused, the answer is awaited all the same.
pub(super) fn authorize(work: &mut Work<'_>, index: usize) {
    let now = work.context.now;
    let payment = &mut work.payments[index];
    let AuthorizationState::Authorizing { value, until } = payment.authorization_state else { return };
    if payment.operations == 0 {
        let kind = OperationKind::Authorization;
        work.start(index, Start { kind, value, is_final: false, refund: None, invoice_number: None });
    } else if payment.lapse.is_none() && until.is_some_and(|until| until <= now) {
        payment.lapse = Some(payment.operations + 1);
        let kind = OperationKind::Cancellation;
        work.start(index, Start { kind, value, is_final: true, refund: None, invoice_number: None });
    }
}
