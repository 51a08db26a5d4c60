//! Permits: what a batch may start, and what each call holds while it is in flight.

use std::collections::BTreeMap;

use tokio::sync::OwnedSemaphorePermit;
use tracing::{info, warn};
use tranche_core::decision::ConnectorCalls;

use super::breaker::{Evidence, Turn};
use super::{Bulkheads, Key};

/// Calls that a batch may start, connector by connector. Dropped, what was not taken is free again.
#[derive(Debug)]
pub(crate) struct Reservation {
    pub(super) bulkheads: Bulkheads,
    /// How many are left of each, and the era that they were reserved in.
    pub(super) left: BTreeMap<Key, (usize, u64)>,
}

impl Reservation {
    /// What the core is told.
    pub(crate) fn calls(&self) -> ConnectorCalls {
        ConnectorCalls::of(self.left.iter().map(|(key, (left, _))| (key.clone(), *left)).collect())
    }

    /// Takes the permit of one call.
    pub(crate) fn take(&mut self, key: &Key) -> Option<ConnectorPermit> {
        let (left, era) = self.left.get_mut(key).filter(|(left, _)| *left > 0)?;
        *left -= 1;
        Some(ConnectorPermit { bulkheads: self.bulkheads.clone(), key: key.clone(), era: *era })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        for (key, (left, era)) in &self.left {
            self.bulkheads.release(key, *left, *era);
        }
    }
}

/// The right to one call through one connector. Dropped, it is free again.
#[derive(Debug)]
pub(crate) struct ConnectorPermit {
    bulkheads: Bulkheads,
    key: Key,
    era: u64,
}

impl ConnectorPermit {
    /// The call is over, and has shown this of its connector. `jitter` is a number from 0 to 1000.
    pub(crate) fn ended(self, evidence: Evidence, jitter: u32) {
        let (account_id, connector_id) = &self.key;
        match self.bulkheads.hear(&self.key, self.era, evidence, jitter) {
            Some(Turn::Opened { pause, trouble }) => warn!(
                %account_id,
                %connector_id,
                pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                trouble_ms = u64::try_from(trouble.as_millis()).unwrap_or(u64::MAX),
                "a connector is in trouble, and is not called for a while; what is due there waits"
            ),
            Some(Turn::Closed { trouble }) => info!(
                %account_id,
                %connector_id,
                trouble_ms = u64::try_from(trouble.as_millis()).unwrap_or(u64::MAX),
                "a connector answers again, and is called more and more"
            ),
            None => {}
        }
    }
}

impl Drop for ConnectorPermit {
    fn drop(&mut self) {
        self.bulkheads.release(&self.key, 1, self.era);
    }
}

/// The rights that a call holds.
#[derive(Debug)]
pub struct CallPermit {
    /// One of the process's calls, held until the outcome is recorded.
    pub(crate) process: OwnedSemaphorePermit,
    /// One of the connector's, held until the provider has answered.
    pub(crate) connector: ConnectorPermit,
}
