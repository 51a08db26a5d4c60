//! The engine: the one write path. Nothing else changes state.
//!
//! | step | what | where |
//! | --- | --- | --- |
//! | collect | all commands that wait, up to named maxima; those of one order meet in one lane, in order | `lane.rs` |
//! | lock, then load | the batch's orders in key order, then one query per table | `Store::begin` |
//! | decide | the core, command by command, on the rows in memory | `batch.rs` |
//! | write | one statement per table, the events last, one commit | `Batch::commit` |
//! | reply | after the commit, rejections and replays too | `lane.rs` |
//!
//! A batch that meets a conflict is decided again on fresh rows, a bounded number of times. One that the database
//! refuses is halved until the poisoned command stands alone.

mod batch;
mod lane;
mod tally;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::error;
use tranche_core::command::Command;
use tranche_core::decision::Reply;
use tranche_core::operation::Call;
use tranche_core::rejection::Rejection;
use tranche_core::time::{Clock, Timestamp};
use tranche_store::Store;

pub use self::tally::EngineCounts;
use self::tally::Tally;
use crate::bounds::{CALLS_IN_FLIGHT_MAX, COMMANDS_QUEUED_MAX, INTERNAL_COMMANDS_QUEUED_MAX};
use crate::bulkhead::{Bulkheads, CallPermit};
use crate::failpoint::Failpoints;

/// Why a command has no reply.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The core does not accept it; nothing was written.
    Rejected(Rejection),
    /// The queue is full; nothing was written.
    Overloaded,
    /// The server is shutting down; nothing was written.
    ShuttingDown,
    /// The database is away; nothing was written, or the connection was lost during the commit.
    Unavailable,
    /// Conflicts with other replicas beyond our own retries; nothing was written.
    Conflict,
    /// The database refused the command itself, or a row cannot be read; nothing was written.
    Internal,
}

/// What the engine is handed.
pub struct EngineOptions {
    /// The database.
    pub store: Store,
    /// How many batches may be written at the same time; at most as many as the store says.
    pub lanes: usize,
    /// Tells how much of a lease is left, by this process's own clock: it need not agree with the database's.
    pub clock: Arc<dyn Clock>,
    /// How long a lease lasts: the longest call, and some.
    pub lease: Duration,
    /// Encodes a reply as it is recorded with its idempotency key.
    pub encode: fn(&Reply) -> Vec<u8>,
    /// Off: nothing is leased or sent; what is due waits.
    pub sends: bool,
    /// Where the process dies, if it is to.
    pub failpoints: Failpoints,
    /// Ends the lanes: what is queued, and what the calls in flight bring, is still decided.
    pub shutdown: CancellationToken,
    /// Canceled by the engine when a lane cannot go on: the process must end, and another one take over.
    pub failed: CancellationToken,
}

/// A leased operation, and the permit for its call.
#[derive(Debug)]
pub struct Job {
    /// What to send.
    pub call: Call,
    /// The end of the lease by this process's own clock, never later than by the database's.
    pub lease_until: Timestamp,
    /// Held until the provider has answered, and until the outcome is recorded.
    pub permit: CallPermit,
}

/// A command, and who waits for its reply.
struct Submission {
    command: Command,
    reply: oneshot::Sender<Result<Reply, Failure>>,
}

/// A command that waits for its turn, or was shed.
#[derive(Debug)]
pub struct Queued(Result<oneshot::Receiver<Result<Reply, Failure>>, Failure>);

impl Queued {
    /// The reply, once the command's rows are committed.
    pub async fn reply(self) -> Result<Reply, Failure> {
        self.0?.await.unwrap_or(Err(Failure::ShuttingDown))
    }
}

/// The two queues of a lane. What belongs to calls in flight has one of its own, so that overload sheds RPCs first.
#[derive(Clone)]
struct Queues {
    commands: mpsc::Sender<Submission>,
    internal: mpsc::Sender<Submission>,
}

/// A handle to the engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    lanes: Arc<[Queues]>,
    commits: watch::Receiver<u64>,
    calls: Arc<Semaphore>,
    bulkheads: Bulkheads,
    tally: Arc<Tally>,
}

/// Runs a lane. Its orders are decided nowhere else, so that a lane that breaks off takes the process along.
async fn supervise(lane: lane::Lane, failed: CancellationToken) {
    // A task of its own, so that a panic ends the task and not the watch over it.
    if let Err(failure) = tokio::spawn(lane.run()).await {
        error!(%failure, "a lane broke off");
        failed.cancel();
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("lanes", &self.lanes.len()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts the lanes on `tasks`. What may be sent comes out of the receiver, each job with its permit.
    pub fn start(options: EngineOptions, tasks: &TaskTracker) -> (Self, mpsc::Receiver<Job>) {
        let calls = Arc::new(Semaphore::new(CALLS_IN_FLIGHT_MAX));
        // Every job carries a permit, so that this channel can never be full.
        let (jobs, outbox) = mpsc::channel(CALLS_IN_FLIGHT_MAX);
        let (committed, commits) = watch::channel(0);
        let tally = Arc::new(Tally::default());
        let bulkheads = Bulkheads::new(Arc::clone(&options.clock));
        let options = Arc::new(options);
        let lanes = (0..options.lanes.clamp(1, options.store.lanes())).map(|_| {
            let (commands, command_queue) = mpsc::channel(COMMANDS_QUEUED_MAX);
            let (internal, internal_queue) = mpsc::channel(INTERNAL_COMMANDS_QUEUED_MAX);
            let lane = lane::Lane {
                decider: batch::Decider {
                    options: Arc::clone(&options),
                    calls: Arc::clone(&calls),
                    bulkheads: bulkheads.clone(),
                    jobs: jobs.clone(),
                    committed: committed.clone(),
                    tally: Arc::clone(&tally),
                },
                commands: command_queue,
                internal: internal_queue,
                calls: Arc::clone(&calls),
                shutdown: options.shutdown.clone(),
            };
            tasks.spawn(supervise(lane, options.failed.clone()));
            Queues { commands, internal }
        });
        (Self { lanes: lanes.collect(), commits, calls, bulkheads, tally }, outbox)
    }

    /// Decides a command and answers once its rows are committed.
    ///
    /// A caller's command is shed when the queue is full; one that belongs to a call in flight waits for its place.
    pub async fn submit(&self, command: Command) -> Result<Reply, Failure> {
        if !command.is_internal() {
            return self.queue(command).reply().await;
        }
        let queues = &self.lanes[self.lane_of(&command)];
        let (reply, answer) = oneshot::channel();
        queues.internal.send(Submission { command, reply }).await.map_err(|_| Failure::ShuttingDown)?;
        answer.await.unwrap_or(Err(Failure::ShuttingDown))
    }

    /// Queues a caller's command, or sheds it; commands of one order are decided in the order in which they are queued.
    pub fn queue(&self, command: Command) -> Queued {
        let queues = &self.lanes[self.lane_of(&command)];
        let (reply, answer) = oneshot::channel();
        let sent = queues.commands.try_send(Submission { command, reply });
        Queued(sent.map(|()| answer).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Failure::Overloaded,
            mpsc::error::TrySendError::Closed(_) => Failure::ShuttingDown,
        }))
    }

    /// Changes whenever something was committed by this process; a hint to readers of events.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.clone()
    }

    /// How much was decided so far.
    pub fn counts(&self) -> EngineCounts {
        let breakers = self.bulkheads.counts();
        EngineCounts {
            breakers_opened: breakers.opened,
            breakers_closed: breakers.closed,
            ..self.tally.counts()
        }
    }

    /// What keeps connectors apart.
    pub fn bulkheads(&self) -> &Bulkheads {
        &self.bulkheads
    }

    /// How many calls to providers may be started now.
    pub fn calls_available(&self) -> usize {
        self.calls.available_permits()
    }

    /// Commands of one order always meet in the same lane; those of no order by their account.
    fn lane_of(&self, command: &Command) -> usize {
        let mut hasher = DefaultHasher::new();
        match command.order_key() {
            Some(key) => key.hash(&mut hasher),
            None => command.account_id().hash(&mut hasher),
        }
        let lanes = u64::try_from(self.lanes.len()).unwrap_or(1);
        usize::try_from(hasher.finish() % lanes).unwrap_or(0)
    }
}
