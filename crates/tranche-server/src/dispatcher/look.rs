//! The look for what is due: connector by connector, and only where a call can be made.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::future::join_all;
use tracing::warn;
use tranche_core::command::{Command, LeaseOperation};
use tranche_store::{DueConnector, DueOperation};

use super::Dispatcher;
use crate::bounds::{
    DUE_CONNECTORS_PER_LOOK_MAX, DUE_OPERATIONS_PAUSE, DUE_OPERATIONS_PAUSE_AFTER_FAILURE,
    DUE_OPERATIONS_PAUSE_AFTER_FULL, DUE_OPERATIONS_PER_LOOK_MAX,
};
use crate::bulkhead::Key;
use crate::failpoint::Failpoint;

/// What a look has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    /// Operations that it asked leases for.
    found: usize,
    /// Whether there is more that can be sent now.
    has_more: bool,
}

impl Dispatcher {
    /// Looks for what is due, again and again, for as long as calls can be made.
    pub(super) async fn look_for_due(self) {
        let mut pause = Duration::ZERO;
        loop {
            let freed = async {
                // Not at once: what ends together is looked for together.
                self.options.engine.bulkheads().freed().await;
                tokio::time::sleep(DUE_OPERATIONS_PAUSE_AFTER_FULL).await;
            };
            tokio::select! {
                () = self.options.shutdown.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
                () = freed => {}
            }
            pause = match self.look_once().await {
                Ok(Look { has_more: true, .. }) => DUE_OPERATIONS_PAUSE_AFTER_FULL,
                Ok(_) => DUE_OPERATIONS_PAUSE,
                Err(detail) => {
                    warn!(detail, "due operations cannot be read");
                    DUE_OPERATIONS_PAUSE_AFTER_FAILURE
                }
            };
        }
    }

    /// Asks once for leases of what is due, and says how much it found; or in a sentence why it could not.
    pub async fn look(&self) -> Result<usize, String> {
        Ok(self.look_once().await?.found)
    }

    async fn look_once(&self) -> Result<Look, String> {
        let options = &self.options;
        let limit = options.engine.calls_available().min(DUE_OPERATIONS_PER_LOOK_MAX);
        if limit == 0 {
            return Ok(Look::default());
        }
        let now = options.clock.now();
        let begin = self.next.lock().unwrap_or_else(PoisonError::into_inner).take();
        let page = options.store.due_connectors(now, begin.as_ref(), DUE_CONNECTORS_PER_LOOK_MAX);
        let page = page.await.map_err(|error| error.to_string())?;
        let (mut rooms, mut next) = (self.rooms(&page.connectors).await, page.next);
        if rooms.len() > limit {
            rooms.truncate(limit);
            next = rooms.last().map(|(key, _)| key.clone());
        }
        let mut has_more = next.is_some();
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
        if rooms.is_empty() {
            return Ok(Look { found: 0, has_more });
        }
        // None takes the look from the others, however much is due there.
        let share = limit / rooms.len();
        let most = rooms.iter().map(|(_, room)| *room).max().unwrap_or_default().min(share);
        let keys: Vec<Key> = rooms.iter().map(|(key, _)| key.clone()).collect();
        let due = options.store.due_operations(now, &keys, most).await.map_err(|error| error.to_string())?;
        let mut left: HashMap<Key, usize> = rooms.into_iter().collect();
        let mut counts: HashMap<Key, usize> = HashMap::new();
        let mut leases = Vec::new();
        for DueOperation { key, connector_id, operation_id } in due {
            let connector = (key.account_id.clone(), connector_id);
            let count = counts.entry(connector.clone()).or_insert(0);
            *count += 1;
            if let Some(left) = left.get_mut(&connector).filter(|left| **left > 0) {
                *left -= 1;
                leases.push(LeaseOperation { key, operation_id });
            }
        }
        for (connector, count) in counts {
            let has_room = left.get(&connector).is_some_and(|left| *left > 0);
            if count == most && has_room {
                has_more = true;
            } else if !has_room {
                options.engine.bulkheads().note_backlog(&connector);
            }
        }
        let found = leases.len();
        if found > 0 {
            options.failpoints.reach(Failpoint::DueFound).await.map_err(|error| error.to_string())?;
        }
        let leases = leases.into_iter().map(|lease| options.engine.submit(Command::LeaseOperation(lease)));
        match join_all(leases).await.into_iter().find_map(Result::err) {
            Some(failure) => Err(format!("{failure:?}")),
            None => Ok(Look { found, has_more }),
        }
    }

    /// The connectors that can be called now, and how often.
    async fn rooms(&self, connectors: &[DueConnector]) -> Vec<(Key, usize)> {
        let follow =
            connectors.iter().map(|row| self.cache.follow(&row.account_id, &row.connector_id, row.version));
        join_all(follow).await;
        let bulkheads = self.options.engine.bulkheads();
        let mut rooms = Vec::new();
        for row in connectors {
            let key = (row.account_id.clone(), row.connector_id.clone());
            match bulkheads.room(&key) {
                0 => bulkheads.note_backlog(&key),
                room => rooms.push((key, room)),
            }
        }
        rooms
    }
}
