//! The dispatcher: sends what is due and brings the answers to the engine. A client of the engine like any other.
//!
//! An operation that is due at its decision is born leased and arrives as a job. Everything else - queued behind
//! another, to be asked again, left by a process that died - is found by looking for what is due, and leased by a
//! command. A lease says who may send, never what is true.

mod connectors;
mod look;
mod send;

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tranche_connectors::Connectors;
use tranche_core::id::{AccountId, ConnectorId};
use tranche_core::time::Clock;
use tranche_store::Store;

use crate::engine::{Engine, Job};
use crate::failpoint::Failpoints;
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
    /// Where the next look begins, if the last one did not come to the end.
    next: Arc<Mutex<Option<(AccountId, ConnectorId)>>>,
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
        let bulkheads = options.engine.bulkheads().clone();
        let cache = ConnectorCache::new(options.store.clone(), Arc::clone(&options.clock), bulkheads);
        Self { options: Arc::new(options), cache: Arc::new(cache), next: Arc::default() }
    }

    /// Sends each job on a task of its own, for as long as there is an engine; their number is bounded by the permits.
    pub async fn accept(self, mut jobs: mpsc::Receiver<Job>, tasks: TaskTracker) {
        // Ends with the lanes, which wait for the calls in flight: what was leased is always sent.
        while let Some(job) = jobs.recv().await {
            tasks.spawn(send::send(Arc::clone(&self.options), Arc::clone(&self.cache), job));
        }
    }
}
