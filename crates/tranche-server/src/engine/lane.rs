//! A lane: collects the commands that wait and has them decided, one batch after the other.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Submission;
use super::batch::Decider;
use crate::bounds::{BATCH_COMMANDS_MAX, BATCH_INTERNAL_COMMANDS_MAX};

/// One writer. Batches of a lane follow each other; more lanes than one write in parallel.
pub(super) struct Lane {
    pub(super) decider: Decider,
    pub(super) commands: mpsc::Receiver<Submission>,
    pub(super) internal: mpsc::Receiver<Submission>,
    pub(super) shutdown: CancellationToken,
}

impl Lane {
    /// Runs until the shutdown, and then until both queues are empty.
    pub(super) async fn run(mut self) {
        let mut closing = false;
        loop {
            // No delay is added: a batch is what has come while the last one was written.
            let first = tokio::select! {
                biased;
                Some(submission) = self.internal.recv() => submission,
                Some(submission) = self.commands.recv() => submission,
                () = self.shutdown.cancelled(), if !closing => {
                    closing = true;
                    self.commands.close();
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
