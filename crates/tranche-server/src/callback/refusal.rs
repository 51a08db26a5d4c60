//! The log of refused callbacks: a line each, up to so many in a span of time, so that whoever knocks all the time does not
//! fill the disk.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::warn;
use tranche_core::time::{Clock, Timestamp};

use crate::bounds::{CALLBACK_REFUSALS_LOGGED_MAX, CALLBACK_REFUSALS_SPAN};

/// Counts refusals.
pub(super) struct Refusals {
    clock: Arc<dyn Clock>,
    span: Mutex<Span>,
}

/// What was refused since its begin.
struct Span {
    begin: Timestamp,
    logged: u32,
    silent: u64,
}

impl Refusals {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let begin = clock.now();
        Self { clock, span: Mutex::new(Span { begin, logged: 0, silent: 0 }) }
    }

    /// Logs why a call was refused, or counts it.
    pub(super) fn note(&self, reason: &str) {
        if let Some(silent) = self.may_log() {
            warn!(reason, refused_without_a_line = silent, "a callback was refused; nothing was changed");
        }
    }

    /// Whether one more may be logged, and how many were not in the span before.
    fn may_log(&self) -> Option<u64> {
        let now = self.clock.now();
        let mut span = self.span.lock().unwrap_or_else(PoisonError::into_inner);
        let mut silent = 0;
        if now.since(span.begin) >= CALLBACK_REFUSALS_SPAN {
            silent = span.silent;
            *span = Span { begin: now, logged: 0, silent: 0 };
        }
        if span.logged < CALLBACK_REFUSALS_LOGGED_MAX {
            span.logged += 1;
            return Some(silent);
        }
        span.silent += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn a_flood_is_counted_and_its_number_told_later() {
        let clock = Arc::new(Hand(AtomicI64::new(0)));
        let refusals = Refusals::new(Arc::<Hand>::clone(&clock));
        let most = CALLBACK_REFUSALS_LOGGED_MAX;
        let logged = (0..most + 7).filter(|_| refusals.may_log().is_some()).count();
        assert_eq!(logged, usize::try_from(most).unwrap());
        let span = i64::try_from(CALLBACK_REFUSALS_SPAN.as_micros()).unwrap();
        clock.0.store(span - 1, Ordering::Relaxed);
        assert_eq!(refusals.may_log(), None);
        clock.0.store(span, Ordering::Relaxed);
        assert_eq!((refusals.may_log(), refusals.may_log()), (Some(8), Some(0)));
    }
}
