//! A lane: collects the commands that wait and has them decided, one batch after the other.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::Submission;
use super::batch::Decider;
use crate::bounds::{BATCH_COMMANDS_MAX, BATCH_INTERNAL_COMMANDS_MAX, CALLS_IN_FLIGHT_MAX};

/// One writer. Batches of a lane follow each other; more lanes than one write in parallel.
pub(super) struct Lane {
    pub(super) decider: Decider,
    pub(super) commands: mpsc::Receiver<Submission>,
    pub(super) internal: mpsc::Receiver<Submission>,
    pub(super) calls: Arc<Semaphore>,
    pub(super) shutdown: CancellationToken,
}

impl Lane {
    /// Runs until the shutdown, and then until no call is in flight and both queues are empty.
    pub(super) async fn run(mut self) {
        let quiet = no_call_in_flight(Arc::clone(&self.calls), self.shutdown.clone());
        tokio::pin!(quiet);
        let mut stage = Stage::Open;
        loop {
            // No delay is added: a batch is what has come while the last one was written.
            let first = tokio::select! {
                biased;
                Some(submission) = self.internal.recv() => submission,
                Some(submission) = self.commands.recv() => submission,
                () = self.shutdown.cancelled(), if stage == Stage::Open => {
                    stage = Stage::Draining;
                    self.commands.close();
                    continue;
                }
                () = &mut quiet, if stage == Stage::Draining => {
                    stage = Stage::Closed;
                    self.internal.close();
                    continue;
                }
                else => return,
            };
            let mut batch = vec![first];
            while batch.len() < BATCH_INTERNAL_COMMANDS_MAX
                && let Ok(submission) = self.internal.try_recv()
            {
                batch.push(submission);
            }
            let full = batch.len() + BATCH_COMMANDS_MAX;
            while batch.len() < full
                && let Ok(submission) = self.commands.try_recv()
            {
                batch.push(submission);
            }
            self.decider.execute(batch).await;
        }
    }
}

/// How far the end of a lane is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Callers may submit.
    Open,
    /// Only what belongs to calls in flight may be submitted.
    Draining,
    /// What is queued is the last.
    Closed,
}

/// Waits, once the shutdown has begun, until every call has brought its outcome: each held its permit until then.
async fn no_call_in_flight(calls: Arc<Semaphore>, shutdown: CancellationToken) {
    shutdown.cancelled().await;
    let all = u32::try_from(CALLS_IN_FLIGHT_MAX).unwrap_or(u32::MAX);
    // Given back at once: the other lanes wait for the same.
    drop(calls.acquire_many(all).await);
}
