//! The clock and the randomness of the process.

use std::time::SystemTime;

use tranche_server::core::time::{Clock, Timestamp};

/// The system's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the composition root hands this clock to everyone else")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
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
