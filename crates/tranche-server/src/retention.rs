//! Retention: has events forgotten that are older than they are to be kept. A client of the engine like any other.
//!
//! Who looks reads the oldest event of some accounts at a time, and locks nothing; what is forgotten is decided by a
//! command, on the time of its batch. Several replicas may look: whoever comes second finds nothing old.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;
use tranche_core::command::{Command, ForgetEvents};
use tranche_core::id::AccountId;
use tranche_core::time::{Clock, Timestamp};
use tranche_store::{OldestEvent, Store};

use crate::bounds::{OLD_EVENTS_ACCOUNTS_PER_LOOK_MAX, OLD_EVENTS_PAUSE, OLD_EVENTS_PAUSE_AFTER_FOUND};
use crate::engine::{Engine, Failure};

/// What retention is handed.
pub struct RetentionOptions {
    /// Where the oldest events are read.
    pub store: Store,
    /// Where they are forgotten.
    pub engine: Engine,
    /// Tells what is old enough to ask for; the engine decides by its own batch's time.
    pub clock: Arc<dyn Clock>,
    /// A number from 0 to 1000, so that replicas that started together do not look together.
    pub jitter: fn() -> u32,
    /// How long events are kept at least.
    pub events_kept: Duration,
    /// Ends the search.
    pub shutdown: CancellationToken,
}

/// Starts looking for old events on `tasks`.
pub fn start(options: RetentionOptions, tasks: &TaskTracker) {
    tasks.spawn(look_for_old(options));
}

async fn look_for_old(options: RetentionOptions) {
    let mut pause = Duration::ZERO;
    loop {
        tokio::select! {
            () = options.shutdown.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = match forget_old(&options).await {
            // Each account forgets a bounded number at a time: there may be more.
            Ok(true) => OLD_EVENTS_PAUSE_AFTER_FOUND,
            Ok(false) => OLD_EVENTS_PAUSE + Duration::from_millis(u64::from((options.jitter)())),
            Err(detail) => {
                warn!(detail, "old events cannot be forgotten");
                OLD_EVENTS_PAUSE
            }
        };
    }
}

/// Goes through all accounts once; says whether there was anything to forget.
async fn forget_old(options: &RetentionOptions) -> Result<bool, String> {
    let mut found = false;
    let mut after: Option<AccountId> = None;
    loop {
        let oldest = options.store.oldest_events(after.as_ref(), OLD_EVENTS_ACCOUNTS_PER_LOOK_MAX).await;
        let oldest = oldest.map_err(|error| error.to_string())?;
        after = oldest.last().map(|account| account.account_id.clone());
        if after.is_none() || options.shutdown.is_cancelled() {
            return Ok(found);
        }
        let now = options.clock.now();
        let is_old = |time: Timestamp| now.since(time) >= options.events_kept;
        let old = oldest.into_iter().filter(|oldest| oldest.create_time.is_some_and(is_old));
        // One at a time: there is no hurry, and the callers' commands come in between.
        for OldestEvent { account_id, .. } in old {
            let account = account_id.clone();
            let command = ForgetEvents { account_id, kept: options.events_kept };
            match options.engine.submit(Command::ForgetEvents(command)).await {
                Ok(_) => found = true,
                // What is old stays so.
                Err(Failure::ShuttingDown | Failure::Overloaded) => return Ok(false),
                Err(
                    failure @ (Failure::Rejected(_)
                    | Failure::Unavailable
                    | Failure::Conflict
                    | Failure::Internal),
                ) => {
                    warn!(?failure, account_id = account.as_str(), "old events were not forgotten");
                }
            }
        }
    }
}
