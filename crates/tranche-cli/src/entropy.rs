//! The clock and the randomness of the process.

use std::time::{Instant, SystemTime};

use tranche_server::core::time::{Clock, Timestamp};

/// The system's clock as it was when the process started, and the time since: it never goes back, so that a lease never
/// seems longer than it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemClock {
    start: Timestamp,
    since: Instant,
}

impl SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the composition root hands this clock to everyone else")]
    pub(crate) fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let start = Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX));
        Self { start, since: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.start.after(self.since.elapsed())
    }
}

/// A number from 0 to 1000.
#[expect(clippy::disallowed_methods, reason = "the composition root hands this randomness to everyone else")]
pub(crate) fn jitter() -> u32 {
    rand::random::<u32>() % 1001
}

/// The random part of a new id.
#[expect(clippy::disallowed_methods, reason = "the composition root hands this randomness to everyone else")]
pub(crate) fn random_bytes() -> [u8; 10] {
    rand::random()
}
