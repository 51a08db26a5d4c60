//! The dispatcher: sends what is due and brings the answers to the engine. A client of the engine like any other.
//!
//! An operation that is due at its decision is born leased and arrives as a job. Everything else - queued behind
//! another, to be asked again, left by a process that died - is found by looking for what is due, and leased by a
//! command. A lease says who may send, never what is true.

mod connectors;
mod send;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;
use tranche_connectors::Connectors;
use tranche_core::command::{Command, LeaseOperation};
use tranche_core::time::Clock;
use tranche_store::Store;

use crate::bounds::{
    DUE_OPERATIONS_PAUSE, DUE_OPERATIONS_PAUSE_AFTER_FAILURE, DUE_OPERATIONS_PAUSE_AFTER_FULL,
    DUE_OPERATIONS_PER_LOOK_MAX,
};
use crate::engine::{Engine, Job};
use crate::failpoint::{Failpoint, Failpoints};
use connectors::ConnectorCache;

/// What the dispatcher is handed.
pub struct DispatcherOptions {
    /// Where due operations and connectors are read.
    pub store: Store,
    /// Where leases are asked for and outcomes recorded.
    pub engine: Engine,
    /// Sends.
    pub connectors: Connectors,
    /// Tells how much of a lease is left.
    pub clock: Arc<dyn Clock>,
    /// A number from 0 to 1000, for spreading repeated attempts.
    pub jitter: fn() -> u32,
    /// Off: nothing is looked for.
    pub sends: bool,
    /// Where the process dies, if it is to.
    pub failpoints: Failpoints,
    /// Ends the search for what is due; calls in flight are finished.
    pub shutdown: CancellationToken,
}

/// Sends what is leased, and looks for what is due. Cheap to clone.
#[derive(Clone)]
pub struct Dispatcher {
    options: Arc<DispatcherOptions>,
    cache: Arc<ConnectorCache>,
}

/// Starts the dispatcher on `tasks`.
pub fn start(options: DispatcherOptions, jobs: mpsc::Receiver<Job>, tasks: &TaskTracker) {
    let dispatcher = Dispatcher::new(options);
    if dispatcher.options.sends {
        tasks.spawn(dispatcher.clone().look_for_due());
    }
    tasks.spawn(dispatcher.accept(jobs, tasks.clone()));
}

impl Dispatcher {
    /// A dispatcher that does nothing yet.
    pub fn new(options: DispatcherOptions) -> Self {
        let cache = ConnectorCache::new(options.store.clone(), Arc::clone(&options.clock));
        Self { options: Arc::new(options), cache: Arc::new(cache) }
    }

    /// Sends each job on a task of its own, for as long as there is an engine; their number is bounded by the permits.
    pub async fn accept(self, mut jobs: mpsc::Receiver<Job>, tasks: TaskTracker) {
        // Ends with the lanes, which wait for the calls in flight: what was leased is always sent.
        while let Some(job) = jobs.recv().await {
            tasks.spawn(send::send(Arc::clone(&self.options), Arc::clone(&self.cache), job));
        }
    }

    /// Looks for what is due, again and again, for as long as calls can be made.
    async fn look_for_due(self) {
        let mut pause = Duration::ZERO;
        loop {
            tokio::select! {
                () = self.options.shutdown.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = match self.look().await {
                // A full look means that there is more.
                Ok(found) if found == DUE_OPERATIONS_PER_LOOK_MAX => DUE_OPERATIONS_PAUSE_AFTER_FULL,
                Ok(_) => DUE_OPERATIONS_PAUSE,
                Err(detail) => {
                    warn!(detail, "due operations cannot be read");
                    DUE_OPERATIONS_PAUSE_AFTER_FAILURE
                }
            };
        }
    }

    /// Asks once for leases of what is due, and says how much it found; or in a sentence why it could not.
    pub async fn look(&self) -> Result<usize, String> {
        let options = &self.options;
        let limit = options.engine.calls_available().min(DUE_OPERATIONS_PER_LOOK_MAX);
        let Some(limit_rows) = u64::try_from(limit).ok().filter(|limit| *limit > 0) else { return Ok(0) };
        let now = options.clock.now();
        let due = options.store.due_operations(now, limit_rows).await.map_err(|error| error.to_string())?;
        let found = due.len();
        if found > 0 {
            options.failpoints.reach(Failpoint::DueFound).await.map_err(|error| error.to_string())?;
        }
        let leases = due.into_iter().map(|(key, operation_id)| {
            options.engine.submit(Command::LeaseOperation(LeaseOperation { key, operation_id }))
        });
        let results = futures_util::future::join_all(leases).await;
        match results.into_iter().find_map(Result::err) {
            Some(failure) => Err(format!("{failure:?}")),
            None => Ok(found),
        }
    }
}
