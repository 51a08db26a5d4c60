//! The plan: compares what is asked with what is done, and starts what is due.
//!
//! It runs after every command and every outcome, and is the only place that decides to settle, refund or release.
//! Nothing remembers half a process: what is due follows from the rows.
//!
//! In this order: authorizations, settlements by mode, refunds of excess, refunds of returns, release, coverage, states,
//! what is at stake.

mod authorize;
mod note;
mod refund;
mod release;
mod settle;

use crate::planted::{PlantedBug, is_planted};
use crate::work::Work;
pub(crate) use refund::refund_beyond;
pub(crate) use release::{release_after_decrease, release_remainder};

/// Starts what is due.
pub(crate) fn plan(work: &mut Work<'_>) {
    if work.order.transaction.is_none() {
        return;
    }
    // Money that was to go back and did not covers what lacked: nothing lacks that is there.
    for payment in &mut work.payments {
        payment.lacking = payment.lacking.min(payment.owed());
        // A return of what was given up, or is given up now, has nothing to wait for.
        payment.return_given_up += (payment.return_expected() - payment.asked).max(0);
        payment.return_lacking = payment.return_lacking.min(payment.return_waiting());
    }
    for index in 0..work.payments.len() {
        authorize::authorize(work, index);
    }
    for index in 0..work.payments.len() {
        settle::settle(work, index);
    }
    refund::refund_excess(work);
    for index in 0..work.payments.len() {
        refund::refund_returns(work, index);
    }
    if !is_planted(PlantedBug::ForgetRelease) {
        release::release_rest(work);
    }
    note::note_coverage(work);
    note::note_states(work);
    note::note_stakes(work);
}
