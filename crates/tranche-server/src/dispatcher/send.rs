//! One call: sent if the lease still allows it, and its outcome recorded.

use std::sync::Arc;
use std::time::Duration;

use tracing::{error, info, warn};
use tranche_connectors::retry_after;
use tranche_core::command::{Command, RecordOutcome};
use tranche_core::operation::{Answer, Exchange};

use super::DispatcherOptions;
use super::connectors::ConnectorCache;
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
    let (answer, exchange) = match cache.settings(account_id, &call.connector_id).await {
        Err(detail) => not_sent(detail),
        Ok(settings) => {
            let left = lease_until.since(options.clock.now());
            // Whoever holds the next lease may send at its start, so that this call must have ended by then.
            if left <= settings.call_time_max() {
                warn!(operation_id = %call.operation.operation_id, "the lease is too short for a call; left to the next");
                not_sent("the lease was too short for a call".to_owned())
            } else {
                options.connectors.send(&settings, &call).await
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
    connector.ended(evidence(&answer, &exchange), (options.jitter)());
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
        // The provider was not asked: the lease was too short, a credential could not be read, or nobody can make the
        // call.
        _ if !exchange.is_tried() => Evidence::Nothing,
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
