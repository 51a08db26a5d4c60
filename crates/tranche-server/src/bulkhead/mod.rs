//! Bulkheads: one connector's trouble is its own.
//!
//! Each connector has a limit of calls in flight and a circuit breaker, both of this process and in memory: after a
//! restart a connector is found healthy or not by calling it. What a connector may not be sent now is not leased, so
//! that it stays due in the database, unsent, without an attempt and without a permit.
//!
//! The calls of the process are shared so that none goes without: a connector never takes more than half of what it
//! leaves to all others together, and the last ones are kept for connectors that have none. So one that hangs has a
//! quarter of them, and a hundred that hang at the same time leave one to each of a few others.

mod breaker;
mod permit;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tranche_connectors::parse;
use tranche_core::connector::Connector;
use tranche_core::id::{AccountId, ConnectorId};
use tranche_core::time::{Clock, Timestamp};

pub use self::breaker::Evidence;
use self::breaker::{Breaker, Turn};
pub use self::permit::CallPermit;
pub(crate) use self::permit::Reservation;
use crate::bounds::{CALLS_IN_FLIGHT_MAX, CALLS_KEPT, CALLS_UNCONFIGURED_MAX, CONNECTORS_CACHED_MAX};

/// An account's connector.
pub(crate) type Key = (AccountId, ConnectorId);

/// How often breakers opened and closed, from the start of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BreakerCounts {
    pub(crate) opened: u64,
    pub(crate) closed: u64,
}

/// One connector's.
#[derive(Debug)]
struct Bulkhead {
    /// Calls in flight at once.
    limit: usize,
    /// The version of the connector that the limit was read from; none before it was read.
    version: Option<i64>,
    breaker: Breaker,
    in_flight: usize,
    /// Of those, the ones of the breaker's era.
    in_era: usize,
    /// Whether more was due than could be sent.
    has_backlog: bool,
}

impl Bulkhead {
    fn new() -> Self {
        let (limit, breaker) = (CALLS_UNCONFIGURED_MAX, Breaker::default());
        Self { limit, version: None, breaker, in_flight: 0, in_era: 0, has_backlog: false }
    }

    /// How many more calls may be started beside `all` of the process.
    fn room(&self, now: Timestamp, all: usize) -> usize {
        let left = CALLS_IN_FLIGHT_MAX.saturating_sub(all);
        // At most half of what is left without those that are kept. Each call that is started leaves one less.
        let share = left.saturating_sub(CALLS_KEPT + 2 * self.in_flight) / 3;
        let share = share.max(usize::from(self.in_flight == 0)).min(left);
        let window = self.breaker.window(now).saturating_sub(self.in_era);
        self.limit.saturating_sub(self.in_flight).min(window).min(share)
    }
}

#[derive(Debug, Default)]
struct Fleet {
    bulkheads: HashMap<Key, Bulkhead>,
    in_flight: usize,
    counts: BreakerCounts,
}

impl Fleet {
    fn bulkhead(&mut self, key: &Key) -> &mut Bulkhead {
        if self.bulkheads.len() >= CONNECTORS_CACHED_MAX && !self.bulkheads.contains_key(key) {
            // Those that are forgotten lose nothing but their limit, which is read again.
            self.bulkheads.retain(|_, row| row.in_flight > 0 || !row.breaker.is_at_rest());
        }
        self.bulkheads.entry(key.clone()).or_insert_with(Bulkhead::new)
    }

    fn room(&mut self, key: &Key, now: Timestamp) -> usize {
        let all = self.in_flight;
        self.bulkhead(key).room(now, all)
    }
}

/// The bulkheads of all connectors. Cheap to clone.
#[derive(Clone)]
pub struct Bulkheads {
    fleet: Arc<Mutex<Fleet>>,
    freed: Arc<Notify>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Bulkheads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulkheads").finish_non_exhaustive()
    }
}

impl Bulkheads {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { fleet: Arc::default(), freed: Arc::default(), clock }
    }

    /// Takes how many calls a connector takes at once, as this version of it says. Where it was written since it was
    /// last called, it is tried again without waiting: that may have mended it.
    pub fn configure(&self, account_id: &AccountId, connector_id: &ConnectorId, version: i64, limit: usize) {
        let now = self.clock.now();
        let mut fleet = self.fleet();
        let bulkhead = fleet.bulkhead(&(account_id.clone(), connector_id.clone()));
        bulkhead.limit = limit;
        if bulkhead.version.replace(version).is_some_and(|before| before != version) {
            bulkhead.breaker.try_now(now);
        }
    }

    /// As [`Bulkheads::configure`], as the connector's settings say. One whose settings nobody can read takes one call at
    /// once, of which none gets far.
    pub(crate) fn follow(&self, row: &Connector) {
        let settings = parse(&row.kind, &row.settings);
        let limit = settings.map_or(CALLS_UNCONFIGURED_MAX, |settings| settings.max_calls_in_flight());
        self.configure(&row.account_id, &row.connector_id, row.version, limit);
    }

    /// Those of the connectors whose limits were not read yet.
    pub(crate) fn unknown<'k>(&self, keys: impl Iterator<Item = &'k Key>) -> Vec<Key> {
        let fleet = self.fleet();
        let is_unknown = |key: &&Key| fleet.bulkheads.get(*key).is_none_or(|row| row.version.is_none());
        keys.filter(is_unknown).cloned().collect()
    }

    /// The version of the connector that its limit was read from.
    pub(crate) fn version(&self, key: &Key) -> Option<i64> {
        self.fleet().bulkheads.get(key).and_then(|row| row.version)
    }

    /// Reserves calls for a batch: of each connector as many as are wanted, or as there is room for.
    pub(crate) fn reserve(&self, wanted: BTreeMap<Key, usize>) -> Reservation {
        let now = self.clock.now();
        let mut fleet = self.fleet();
        let reserve = |(key, wanted): (Key, usize)| {
            let calls = fleet.room(&key, now).min(wanted);
            fleet.in_flight += calls;
            let bulkhead = fleet.bulkhead(&key);
            bulkhead.in_flight += calls;
            bulkhead.in_era += calls;
            let era = bulkhead.breaker.era();
            (key, (calls, era))
        };
        let left = wanted.into_iter().map(reserve).collect();
        drop(fleet);
        Reservation { bulkheads: self.clone(), left }
    }

    /// How many calls a connector may be sent now.
    pub(crate) fn room(&self, key: &Key) -> usize {
        let now = self.clock.now();
        self.fleet().room(key, now)
    }

    /// Notes that more is due at a connector than there was room for: who looks for it is woken when there is.
    pub(crate) fn note_backlog(&self, key: &Key) {
        self.fleet().bulkhead(key).has_backlog = true;
    }

    /// Waits until there is room at a connector that has a backlog.
    pub(crate) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Whether a breaker holds a connector back now: which of several calls is made then depends on their order.
    pub fn is_limiting(&self) -> bool {
        self.fleet().bulkheads.values().any(|row| row.breaker.is_limiting())
    }

    /// How often breakers opened and closed so far.
    pub(crate) fn counts(&self) -> BreakerCounts {
        self.fleet().counts
    }

    fn hear(&self, key: &Key, era: u64, evidence: Evidence, jitter: u32) -> Option<Turn> {
        let now = self.clock.now();
        let mut fleet = self.fleet();
        let bulkhead = fleet.bulkhead(key);
        let turn = bulkhead.breaker.hear(era, evidence, bulkhead.limit, (now, jitter));
        match turn {
            Some(Turn::Opened { .. }) => {
                // An era begins, and none of its calls is in flight.
                bulkhead.in_era = 0;
                fleet.counts.opened += 1;
            }
            Some(Turn::Closed { .. }) => fleet.counts.closed += 1,
            None => {}
        }
        turn
    }

    fn release(&self, key: &Key, calls: usize, era: u64) {
        let now = self.clock.now();
        let mut fleet = self.fleet();
        fleet.in_flight = fleet.in_flight.saturating_sub(calls);
        let all = fleet.in_flight;
        let bulkhead = fleet.bulkhead(key);
        bulkhead.in_flight = bulkhead.in_flight.saturating_sub(calls);
        if bulkhead.breaker.era() == era {
            bulkhead.in_era = bulkhead.in_era.saturating_sub(calls);
        }
        if bulkhead.has_backlog && bulkhead.room(now, all) > 0 {
            bulkhead.has_backlog = false;
            self.freed.notify_one();
        }
    }

    fn fleet(&self) -> MutexGuard<'_, Fleet> {
        // What it counts is whole after every statement, whoever panicked while holding it.
        self.fleet.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
