//! One call: sent if the lease still allows it, and its outcome recorded.

use std::sync::Arc;
use std::time::Duration;

use tracing::{error, info, warn};
use tranche_connectors::retry_after;
use tranche_core::command::{Command, RecordOutcome};
use tranche_core::operation::{Answer, Exchange};

use super::DispatcherOptions;
use super::connectors::{ConnectorCache, NoSettings};
use crate::bounds::{OUTCOME_PAUSE_FIRST, OUTCOME_PAUSE_MAX, OUTCOME_REFUSALS_MAX};
use crate::bulkhead::{CallPermit, Evidence};
use crate::engine::{Failure, Job};
use crate::failpoint::Failpoint;

/// Sends a job and records what came of it. The process's permit is held until then.
pub(super) async fn send(options: Arc<DispatcherOptions>, cache: Arc<ConnectorCache>, job: Job) {
    let Job { call, lease_until, permit: CallPermit { process, connector } } = job;
    // Nothing of this is the database's work: a process dies here, or goes on.
    let _ = options.failpoints.reach(Failpoint::CallTaken).await;
    let account_id = &call.operation.order.account_id;
    // Whether what kept it from being sent is our own trouble, and says nothing of the connector.
    let ((answer, exchange), is_ours) = match cache.settings(account_id, &call.connector_id).await {
        Err(NoSettings::Unusable(detail)) => (not_sent(detail), false),
        Err(NoSettings::Unread(detail)) => (not_sent(detail), true),
        Ok(settings) => {
            let left = lease_until.since(options.clock.now());
            // Whoever holds the next lease may send at its start, so that this call must have ended by then.
            if left <= settings.call_time_max() {
                warn!(operation_id = %call.operation.operation_id, "the lease is too short for a call; left to the next");
                (not_sent("the lease was too short for a call".to_owned()), true)
            } else {
                (options.connectors.send(&settings, &call).await, false)
            }
        }
    };
    info!(
        operation_id = %call.operation.operation_id,
        order_id = %call.operation.order.order_id,
        payment_id = %call.operation.payment_id,
        kind = call.operation.kind.name(),
        attempt = call.attempt,
        meaning = answer.meaning(),
        status = exchange.status,
        "provider called"
    );
    // Before the outcome, which may let another operation go out through the same connector.
    let evidence = if is_ours { Evidence::Nothing } else { evidence(&answer, &exchange) };
    connector.ended(evidence, (options.jitter)());
    let outcome = RecordOutcome {
        key: call.operation.order.clone(),
        operation_id: call.operation.operation_id.clone(),
        attempt: call.attempt,
        answer,
        exchange,
        jitter: (options.jitter)(),
    };
    let _ = options.failpoints.reach(Failpoint::CallAnswered).await;
    record(&options, outcome).await;
    let _ = options.failpoints.reach(Failpoint::OutcomeRecorded).await;
    drop(process);
}

/// Brings an outcome to the engine until it is recorded, or the process ends.
///
/// A lost DONE is asked for again by the operation's id, but not every provider can be asked: it is worth its place.
async fn record(options: &DispatcherOptions, outcome: RecordOutcome) {
    let mut pause = OUTCOME_PAUSE_FIRST;
    let mut refusals = 0;
    while refusals < OUTCOME_REFUSALS_MAX {
        match options.engine.submit(Command::RecordOutcome(Box::new(outcome.clone()))).await {
            Ok(_) => return,
            Err(Failure::ShuttingDown) => break,
            Err(Failure::Unavailable | Failure::Conflict | Failure::Overloaded) => {}
            Err(Failure::Internal | Failure::Rejected(_)) => refusals += 1,
        }
        tokio::time::sleep(pause).await;
        pause = OUTCOME_PAUSE_MAX.min(pause * 2);
    }
    // All that a person needs to resolve it by hand.
    error!(
        operation_id = %outcome.operation_id,
        order_id = %outcome.key.order_id,
        attempt = outcome.attempt,
        answer = ?outcome.answer,
        "an outcome is not recorded"
    );
}

/// What a call has shown of its connector.
fn evidence(answer: &Answer, exchange: &Exchange) -> Evidence {
    match answer {
        // A call that nobody can make is a person's work, and the provider was not asked.
        Answer::Manual { .. } if exchange.status.is_none() => Evidence::Nothing,
        Answer::NoAnswer { .. } | Answer::Unknown { .. } => {
            Evidence::Failed { retry_after: retry_after(exchange) }
        }
        Answer::Done { .. }
        | Answer::Refused { .. }
        | Answer::Pending
        | Answer::Manual { .. }
        | Answer::Approved(_)
        | Answer::Denied { .. }
        | Answer::Undecided { .. } => Evidence::Answered,
    }
}

fn not_sent(detail: String) -> (Answer, Exchange) {
    let exchange = Exchange::not_tried(detail.clone(), Duration::ZERO);
    (Answer::NoAnswer { detail, retry_after: None }, exchange)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A credential that cannot be read is the connector's trouble; a call that nobody can make is a person's.
    #[test]
    fn a_call_shows_what_it_can_of_its_connector() {
        let tried = Exchange { status: Some(501), ..Exchange::not_tried(String::new(), Duration::ZERO) };
        let untried = Exchange::not_tried("the credential cannot be read".to_owned(), Duration::ZERO);
        let (code, message, detail) = (String::new(), String::new(), String::new());
        let no_answer = Answer::NoAnswer { detail: detail.clone(), retry_after: None };
        let manual = Answer::Manual { code, message };
        let failed = || Evidence::Failed { retry_after: None };
        for (answer, exchange, expected) in [
            (&no_answer, &tried, failed()),
            (&no_answer, &untried, failed()),
            (&Answer::Unknown { detail }, &tried, failed()),
            (&manual, &tried, Evidence::Answered),
            (&manual, &untried, Evidence::Nothing),
            (&Answer::Pending, &tried, Evidence::Answered),
        ] {
            assert_eq!(evidence(answer, exchange), expected, "{answer:?} {exchange:?}");
        }
    }
}
