//! Ends of authorizations: has those observed that end soon, or have ended. A client of the engine like any other.
//!
//! Who looks reads which payments there is something to observe of, and locks nothing; what that is, and what follows,
//! is decided by a command, on the time of its batch. Several replicas may look: whoever comes second finds nothing to
//! do. What a caller asks meanwhile is judged by the ends in any case; a look is for the orders of which nobody asks
//! anything.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;
use tranche_core::command::{Command, ObserveAuthorizationEnd};
use tranche_core::time::Clock;
use tranche_store::Store;

use crate::bounds::{ENDS_PAUSE, ENDS_PAUSE_AFTER_FULL, ENDS_PER_LOOK_MAX};
use crate::engine::{Engine, Failure};

/// What the search for ends is handed.
pub struct EndingOptions {
    /// Where payments are read.
    pub store: Store,
    /// Where their ends are observed.
    pub engine: Engine,
    /// Tells what to ask for; the engine decides by its own batch's time.
    pub clock: Arc<dyn Clock>,
    /// A number from 0 to 1000, so that replicas that started together do not look together.
    pub jitter: fn() -> u32,
    /// Ends the search.
    pub shutdown: CancellationToken,
}

/// Looks for authorizations that end. Cheap to clone.
#[derive(Clone)]
pub struct Ending {
    options: Arc<EndingOptions>,
}

/// Starts looking, again and again, on `tasks`.
pub fn start(options: EndingOptions, tasks: &TaskTracker) {
    tasks.spawn(Ending::new(options).look_again_and_again());
}

impl Ending {
    /// One that does not look by itself.
    pub fn new(options: EndingOptions) -> Self {
        Self { options: Arc::new(options) }
    }

    async fn look_again_and_again(self) {
        let mut pause = Duration::ZERO;
        loop {
            tokio::select! {
                () = self.options.shutdown.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = match self.look().await {
                // A full look means that there is more.
                Ok(found) if found == ENDS_PER_LOOK_MAX => ENDS_PAUSE_AFTER_FULL,
                Ok(_) => ENDS_PAUSE + Duration::from_millis(u64::from((self.options.jitter)())),
                Err(detail) => {
                    warn!(detail, "ends of authorizations cannot be observed");
                    ENDS_PAUSE
                }
            };
        }
    }

    /// Has the ends observed that there are now, up to so many, and says how many; or in a sentence why it could not.
    pub async fn look(&self) -> Result<usize, String> {
        let options = &self.options;
        let limit = u64::try_from(ENDS_PER_LOOK_MAX).unwrap_or(u64::MAX);
        let ends = options.store.ends_to_observe(options.clock.now(), limit).await;
        let ends = ends.map_err(|error| error.to_string())?;
        let observations = ends.into_iter().map(|(key, payment_id)| {
            let command = ObserveAuthorizationEnd { key, payment_id };
            options.engine.submit(Command::ObserveAuthorizationEnd(command))
        });
        let (mut observed, mut failed) = (0, None);
        for result in futures_util::future::join_all(observations).await {
            match result {
                Ok(_) => observed += 1,
                // There is no time for it now; it is found again.
                Err(Failure::ShuttingDown | Failure::Overloaded) => {}
                Err(failure) => failed = Some(failure),
            }
        }
        failed.map_or(Ok(observed), |failure| Err(format!("{failure:?}")))
    }
}
