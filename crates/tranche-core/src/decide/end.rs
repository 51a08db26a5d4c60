//! Ends of authorizations, for payments that no other command is about.

use crate::command::ObserveAuthorizationEnd;
use crate::decision::{Context, Decision, Reply};
use crate::plan::plan;
use crate::state::State;
use crate::work::Work;

/// Observes that a payment's authorization ends soon, or has ended, and lets the plan do what follows. Where that was
/// observed before, by whichever command, nothing is left to do.
pub(super) fn observe(state: &State, command: &ObserveAuthorizationEnd, context: &Context) -> Decision {
    let ObserveAuthorizationEnd { key, payment_id } = command;
    let payment = state.payments_of(key).find(|payment| payment.payment_id == *payment_id);
    let Some(end) = payment.and_then(|payment| payment.end_to_observe(context.now)) else {
        return Decision::unchanged(Reply::Done);
    };
    // Each is observed once, so that no two commands share a cause.
    let what = if end <= context.now { "ended" } else { "ending" };
    let Some(mut work) = Work::open(state, context, key, format!("{what}:{payment_id}")) else {
        return Decision::unchanged(Reply::Done);
    };
    plan(&mut work);
    work.close(|_| Reply::Done)
}
