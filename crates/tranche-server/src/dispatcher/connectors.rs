//! The connectors' settings, read again soon enough that a rotated key reaches open operations.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::warn;
use tranche_connectors::{Settings, parse};
use tranche_core::id::{AccountId, ConnectorId};
use tranche_core::time::{Clock, Timestamp};
use tranche_store::Store;

use crate::bounds::{CONNECTOR_CACHE_TIME, CONNECTORS_CACHED_MAX};
use crate::bulkhead::Bulkheads;

type Key = (AccountId, ConnectorId);

/// Why there are no settings to call a provider with.
pub(super) enum NoSettings {
    /// The database did not say what they are.
    Unread(String),
    /// There are none that could be used.
    Unusable(String),
}

impl std::fmt::Display for NoSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unread(detail) | Self::Unusable(detail) => f.write_str(detail),
        }
    }
}

/// Parsed settings by connector.
pub(super) struct ConnectorCache {
    store: Store,
    clock: Arc<dyn Clock>,
    bulkheads: Bulkheads,
    entries: Mutex<HashMap<Key, (Timestamp, Arc<Settings>)>>,
}

impl ConnectorCache {
    pub(super) fn new(store: Store, clock: Arc<dyn Clock>, bulkheads: Bulkheads) -> Self {
        Self { store, clock, bulkheads, entries: Mutex::new(HashMap::new()) }
    }

    /// Reads the settings of a connector again, if they are not known as of this version.
    pub(super) async fn follow(&self, account: &AccountId, connector: &ConnectorId, version: i64) {
        let key = (account.clone(), connector.clone());
        if self.bulkheads.version(&key) == Some(version) {
            return;
        }
        self.entries().remove(&key);
        if let Err(reason) = self.settings(account, connector).await {
            warn!(account_id = %account, connector_id = %connector, %reason, "a connector's settings cannot be read");
        }
    }

    /// The settings of a connector.
    pub(super) async fn settings(
        &self,
        account: &AccountId,
        connector: &ConnectorId,
    ) -> Result<Arc<Settings>, NoSettings> {
        let key = (account.clone(), connector.clone());
        let now = self.clock.now();
        if let Some((until, settings)) = self.entries().get(&key)
            && now < *until
        {
            return Ok(Arc::clone(settings));
        }
        let found = self.store.connector(account, connector).await;
        let found = found.map_err(|error| NoSettings::Unread(error.to_string()))?;
        let missing = || NoSettings::Unusable(format!("there is no connector '{connector}'"));
        let row = found.ok_or_else(missing)?;
        self.bulkheads.follow(&row);
        let settings = parse(&row.kind, &row.settings)
            .map_err(|violations| NoSettings::Unusable(format!("{violations:?}")))?;
        let settings = Arc::new(settings);
        let mut entries = self.entries();
        if entries.len() >= CONNECTORS_CACHED_MAX {
            entries.clear();
        }
        entries.insert(key, (now.after(CONNECTOR_CACHE_TIME), Arc::clone(&settings)));
        Ok(settings)
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<Key, (Timestamp, Arc<Settings>)>> {
        // The map is whole after every statement, whoever panicked while holding it.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
