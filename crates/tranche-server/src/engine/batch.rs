//! One batch: begun, decided, committed, answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tracing::{debug, error, warn};
use tranche_core::command::{Command, Needs};
use tranche_core::connector::Connector;
use tranche_core::decide::decide;
use tranche_core::decision::{ConnectorCalls, Context, Decision, Reply};
use tranche_core::operation::{Call, OperationState};
use tranche_core::planted::{PlantedBug, is_planted};
use tranche_core::state::{RecordedRequest, State};
use tranche_core::time::Timestamp;
use tranche_store::{Batch, StoreError};

use super::tally::Tally;
use super::{EngineOptions, Failure, Job, Submission};
use crate::bounds::{BATCH_ATTEMPTS_MAX, BATCH_CALLS_MAX, BATCH_TIME_MAX};
use crate::bulkhead::{Bulkheads, CallPermit, Key, Reservation};
use crate::failpoint::Failpoint;

/// Decides batches.
pub(super) struct Decider {
    pub(super) options: Arc<EngineOptions>,
    pub(super) calls: Arc<Semaphore>,
    pub(super) bulkheads: Bulkheads,
    pub(super) jobs: mpsc::Sender<Job>,
    pub(super) committed: watch::Sender<u64>,
    pub(super) tally: Arc<Tally>,
}

/// What a committed batch answers: one reply per command, and what may be sent.
struct Committed {
    /// Before the batch began, by this process's own clock; its leases began later.
    began: Timestamp,
    replies: Vec<Result<Reply, Failure>>,
    calls: Vec<Call>,
    permits: Option<Permits>,
}

/// What a batch may start: so many calls of the process, and so many of each connector.
struct Permits {
    process: OwnedSemaphorePermit,
    connectors: Reservation,
}

impl Permits {
    fn take(&mut self, call: &Call) -> Option<CallPermit> {
        let key = (call.operation.order.account_id.clone(), call.connector_id.clone());
        Some(CallPermit { process: self.process.split(1)?, connector: self.connectors.take(&key)? })
    }
}

impl Decider {
    /// Decides a batch and answers everyone in it.
    ///
    /// Answers come after the commit only: even a rejection or a replay may rest on a neighbour that is not committed.
    pub(super) async fn execute(&self, batch: Vec<Submission>) {
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            match self.attempt_repeatedly(&part).await {
                Ok(committed) => self.answer(part, committed).await,
                Err(StoreError::Conflict(detail)) if part.len() == 1 => {
                    warn!(detail, "a command met conflicts beyond its attempts");
                    refuse(part, &Failure::Conflict);
                }
                Err(StoreError::Unavailable(detail)) => {
                    warn!(commands = part.len(), detail, "the database is away");
                    refuse(part, &Failure::Unavailable);
                }
                Err(failure) if part.len() == 1 => {
                    let command = part.first().map(|submission| submission.command.name());
                    let order = part.first().and_then(|submission| submission.command.order_key());
                    error!(%failure, command, order_id = order.map(|key| key.order_id.as_str()), "a command was refused");
                    refuse(part, &Failure::Internal);
                }
                Err(failure) => {
                    debug!(%failure, commands = part.len(), "a batch was refused and is halved");
                    let second = part.split_off(part.len() / 2);
                    parts.push(second);
                    parts.push(part);
                }
            }
        }
    }

    async fn attempt_repeatedly(&self, part: &[Submission]) -> Result<Committed, StoreError> {
        let mut attempts = 1;
        loop {
            let Ok(result) = tokio::time::timeout(BATCH_TIME_MAX, self.attempt(part, attempts)).await else {
                // The connection would keep the lane for good, and perhaps its place in the pool.
                error!(commands = part.len(), "a batch did not end in its time; the process must");
                self.options.failed.cancel();
                return Err(StoreError::Unavailable("a batch did not end in its time".to_owned()));
            };
            match result {
                Err(StoreError::Conflict(detail)) if attempts < BATCH_ATTEMPTS_MAX => {
                    debug!(attempts, detail, "a batch met a conflict and is decided again");
                    attempts += 1;
                }
                result => return result,
            }
        }
    }

    async fn attempt(&self, part: &[Submission], attempts: u32) -> Result<Committed, StoreError> {
        let failpoints = &self.options.failpoints;
        failpoints.reach(Failpoint::CommandsTaken).await?;
        let mut needs = Needs::default();
        for submission in part {
            submission.command.name_needs(&mut needs);
        }
        let began = self.options.clock.now();
        let process = self.take_permits();
        let mut batch = self.options.store.begin(&needs).await?;
        let permits = match process {
            Some(process) => {
                let wanted = calls_wanted(&batch.state, &needs, process.num_permits());
                self.know(&batch, &wanted).await?;
                Some(Permits { process, connectors: self.bulkheads.reserve(wanted) })
            }
            None => None,
        };
        let mut context = Context {
            now: batch.now,
            lease: self.options.lease,
            calls_available: permits.as_ref().map_or(0, |permits| permits.process.num_permits()),
            connectors: permits
                .as_ref()
                .map_or_else(|| ConnectorCalls::of(BTreeMap::new()), |permits| permits.connectors.calls()),
        };
        failpoints.reach(Failpoint::RowsLoaded).await?;
        let mut replies = Vec::with_capacity(part.len());
        let mut calls = Vec::new();
        let loaded = is_planted(PlantedBug::DecideOnOldRows).then(|| batch.state.clone());
        for submission in part {
            let decision =
                self.decide(loaded.as_ref().unwrap_or(&batch.state), &submission.command, &context);
            replies.push(decision.map(|decision| {
                context.take(&decision.calls);
                calls.extend(decision.calls);
                batch.state.apply(decision.rows);
                decision.reply
            }));
        }
        // A call whose operation has ended since, in the same batch, would ask for nothing.
        calls.retain(|call: &Call| is_leased(&batch.state, call));
        failpoints.reach(Failpoint::Decided).await?;
        if attempts > 1 && is_planted(PlantedBug::LoseEventsOfFailedBatch) {
            batch.state.events.clear();
        }
        let configured: Vec<Connector> = batch.state.connectors.writes().cloned().collect();
        let committed = self.commit(batch).await;
        if !is_planted(PlantedBug::AnswerBeforeCommit) {
            committed?;
        }
        for connector in &configured {
            self.bulkheads.follow(connector);
        }
        Ok(Committed { began, replies, calls, permits })
    }

    /// Reads how many calls each connector takes that this process has not called yet.
    async fn know(&self, batch: &Batch, wanted: &BTreeMap<Key, usize>) -> Result<(), StoreError> {
        let unknown = self.bulkheads.unknown(wanted.keys());
        if !unknown.is_empty() {
            for row in batch.connectors(&unknown).await? {
                self.bulkheads.follow(&row);
            }
        }
        Ok(())
    }

    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let written = batch.write().await?;
        self.options.failpoints.reach(Failpoint::RowsWritten).await?;
        written.commit().await?;
        self.options.failpoints.reach(Failpoint::Committed).await
    }

    /// The core's decision, with its reply recorded beside its rows where it has an idempotency key.
    fn decide(&self, state: &State, command: &Command, context: &Context) -> Result<Decision, Failure> {
        let mut decision = decide(state, command, context).map_err(Failure::Rejected)?;
        if let Some((key, content)) = decision.record.take() {
            let reply = (self.options.encode)(&decision.reply);
            decision.rows.requests.push(RecordedRequest { key, content, reply, create_time: context.now });
        }
        Ok(decision)
    }

    /// Permits for the calls that the batch may start; none while sending is paused, nor at the end: what is due then
    /// waits for the next process, without a lease that must run out first.
    fn take_permits(&self) -> Option<OwnedSemaphorePermit> {
        if !self.options.sends || self.options.shutdown.is_cancelled() {
            return None;
        }
        let wanted = self.calls.available_permits().min(BATCH_CALLS_MAX);
        let wanted = u32::try_from(wanted).ok().filter(|wanted| *wanted > 0)?;
        Arc::clone(&self.calls).try_acquire_many_owned(wanted).ok()
    }

    async fn answer(&self, part: Vec<Submission>, committed: Committed) {
        let Committed { began, replies, calls, mut permits } = committed;
        let lease_until = began.after(self.options.lease);
        for call in calls {
            let Some(permit) = permits.as_mut().and_then(|permits| permits.take(&call)) else { break };
            self.tally.leased();
            // The dispatcher takes jobs for as long as there is a lane; without one the lease runs out.
            if self.jobs.try_send(Job { call, lease_until, permit }).is_err() {
                error!("a call was leased that nobody sends");
            }
        }
        // What was not taken is free again.
        drop(permits);
        // From here on a process dies, but the database cannot fail any more.
        let _ = self.options.failpoints.reach(Failpoint::CallsHanded).await;
        self.tally.decided(part.len());
        self.committed.send_modify(|commits| *commits = commits.wrapping_add(1));
        for (submission, reply) in part.into_iter().zip(replies) {
            // Whoever asked may be gone; the command is done all the same.
            let _ = submission.reply.send(reply);
        }
        let _ = self.options.failpoints.reach(Failpoint::CallersAnswered).await;
    }
}

/// The most calls that a batch can start through each connector: one for each payment at hand or to come.
fn calls_wanted(state: &State, needs: &Needs, most: usize) -> BTreeMap<Key, usize> {
    let payments = needs.orders.iter().flat_map(|key| state.payments_of(key));
    let of_payments = payments.map(|row| (row.order.account_id.clone(), row.connector_id.clone()));
    let mut wanted = BTreeMap::new();
    for key in of_payments.chain(needs.connectors.iter().cloned()) {
        let calls = wanted.entry(key).or_insert(0);
        *calls = most.min(*calls + 1);
    }
    wanted
}

/// Whether the call's operation is still on the wire by the lease that the call was made for.
fn is_leased(state: &State, call: &Call) -> bool {
    let operation = state.operation(&call.operation.order, &call.operation.operation_id);
    operation.is_some_and(
        |row| matches!(row.state, OperationState::Sent { lease, .. } if lease.attempt == call.attempt),
    )
}

fn refuse(part: Vec<Submission>, failure: &Failure) {
    for submission in part {
        let _ = submission.reply.send(Err(failure.clone()));
    }
}
