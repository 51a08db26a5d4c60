//! A circuit breaker: when a connector is called, and how many calls at once, by what became of those before.
//!
//! | state | calls at once | leaves it |
//! | --- | --- | --- |
//! | closed | all that the connector takes | failures in a row, or an answer that asks for a pause |
//! | open | none | the end of its pause |
//! | half-open | one, the probe | what becomes of the probe: open again, for longer, or closing |
//! | closing | one more with each answer: 2, 4, 8 in as many round trips | as many as the connector takes, or as closed |
//!
//! What was sent before it opened says nothing about the time after, so that each opening begins an era, and only calls
//! of the present one count. Only what a provider asks for, a pause, is heeded from any call.

use std::time::Duration;

use tranche_core::bounds::BACKOFF_MAX;
use tranche_core::time::Timestamp;

use crate::bounds::{BREAKER_FAILURES_MAX, BREAKER_PAUSE_FIRST, BREAKER_PAUSE_MAX};

/// What a call has shown of its connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The provider answered, be it yes, no or not yet.
    Answered,
    /// Nothing was sent, or nobody can tell what came of it.
    Failed {
        /// The pause that the provider asked for.
        retry_after: Option<Duration>,
    },
    /// Nothing: the call could not be made for a reason of its own.
    Nothing,
}

/// A change that people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// No call is made for a while.
    Opened {
        /// For so long.
        pause: Duration,
        /// Since the first failure of this trouble.
        trouble: Duration,
    },
    /// Calls are made again.
    Closed {
        /// After so long.
        trouble: Duration,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// As many calls at once as the window has, [`ALL`] for all that the connector takes.
    Closed { window: usize },
    /// No call before then; after it, the probe.
    Open { until: Timestamp },
}

/// The window that bounds nothing.
const ALL: usize = usize::MAX;

/// The breaker of one connector.
#[derive(Clone, Debug)]
pub(super) struct Breaker {
    state: State,
    /// Failures in a row, while closed.
    failures: u32,
    /// Openings since all calls were let through; the pause doubles with each.
    openings: u32,
    /// When the trouble began.
    since: Option<Timestamp>,
    era: u64,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed { window: ALL }, failures: 0, openings: 0, since: None, era: 0 }
    }
}

impl Breaker {
    /// The era that a call belongs to which begins now.
    pub(super) fn era(&self) -> u64 {
        self.era
    }

    /// Calls of the present era that may be in flight at once.
    pub(super) fn window(&self, now: Timestamp) -> usize {
        match self.state {
            State::Closed { window } => window,
            State::Open { until } => usize::from(now >= until),
        }
    }

    /// Whether all calls are let through, and none has failed lately.
    pub(super) fn is_at_rest(&self) -> bool {
        self.state == State::Closed { window: ALL } && self.failures == 0
    }

    /// Whether calls are held back.
    pub(super) fn is_limiting(&self) -> bool {
        self.state != State::Closed { window: ALL }
    }

    /// Takes what a call of an era has shown. `limit` is what the connector takes at once, and `jitter`, from 0 to 1000,
    /// spreads the pause.
    pub(super) fn hear(
        &mut self,
        era: u64,
        evidence: Evidence,
        limit: usize,
        (now, jitter): (Timestamp, u32),
    ) -> Option<Turn> {
        let is_present = era == self.era;
        match (evidence, self.state) {
            (Evidence::Failed { retry_after }, state) => {
                let asked = retry_after.unwrap_or_default().min(BACKOFF_MAX);
                self.since = self.since.or(is_present.then_some(now));
                match state {
                    State::Closed { .. } if is_present => {
                        self.failures += 1;
                        let opens = self.failures >= BREAKER_FAILURES_MAX || !asked.is_zero();
                        opens.then(|| self.open(now, asked, jitter))
                    }
                    State::Open { .. } if is_present => Some(self.open(now, asked, jitter)),
                    State::Closed { .. } => (!asked.is_zero()).then(|| self.open(now, asked, jitter)),
                    State::Open { until } => {
                        self.state = State::Open { until: until.max(now.after(asked)) };
                        None
                    }
                }
            }
            (Evidence::Answered, State::Closed { window }) if is_present => {
                self.failures = 0;
                if window.saturating_add(1) >= limit {
                    *self = Self { era: self.era, ..Self::default() };
                } else {
                    self.state = State::Closed { window: window + 1 };
                }
                None
            }
            // A probe that was sent before the provider asked for a longer pause does not end it.
            (Evidence::Answered, State::Open { until }) if is_present && now >= until => {
                self.state = State::Closed { window: 2 };
                let trouble = now.since(self.since.unwrap_or(now));
                Some(Turn::Closed { trouble })
            }
            (Evidence::Answered | Evidence::Nothing, _) => None,
        }
    }

    /// The connector is configured anew, which may be what it takes: it is tried at once.
    pub(super) fn try_now(&mut self, now: Timestamp) {
        if let State::Open { until } = self.state {
            self.state = State::Open { until: until.min(now) };
            self.openings = 0;
        }
    }

    fn open(&mut self, now: Timestamp, asked: Duration, jitter: u32) -> Turn {
        let doubled = BREAKER_PAUSE_FIRST.saturating_mul(1 << self.openings.min(20)).min(BREAKER_PAUSE_MAX);
        let spread = doubled / 2 + (doubled / 2 / 1000) * jitter.min(1000);
        let pause = spread.max(asked);
        let since = *self.since.get_or_insert(now);
        self.state = State::Open { until: now.after(pause) };
        self.failures = 0;
        self.openings = self.openings.saturating_add(1);
        self.era += 1;
        Turn::Opened { pause, trouble: now.since(since) }
    }
}

#[cfg(test)]
mod tests;
