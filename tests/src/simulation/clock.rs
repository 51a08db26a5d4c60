//! The one clock of a simulation: it stands until a step moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tranche_cli::server::core::time::{Clock, Timestamp};

/// When every simulation begins, in microseconds since the Unix epoch.
const BEGINNING: i64 = 1_700_000_000_000_000;

/// A clock that stands.
#[derive(Debug)]
pub(super) struct StandingClock(AtomicI64);

impl Default for StandingClock {
    fn default() -> Self {
        Self(AtomicI64::new(BEGINNING))
    }
}

impl StandingClock {
    /// Moves it forward.
    pub(super) fn pass(&self, duration: Duration) {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Moves it forward to a point in microseconds since the Unix epoch, if it is not there yet.
    pub(super) fn reach(&self, micros: i64) {
        self.0.fetch_max(micros, Ordering::SeqCst);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
