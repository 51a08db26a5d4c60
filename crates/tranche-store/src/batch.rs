//! One batch of commands: lock, load, write, commit.
//!
//! | step | PostgreSQL | SQLite |
//! | --- | --- | --- |
//! | begin | `BEGIN`, READ COMMITTED | `BEGIN IMMEDIATE`, which is the lock |
//! | lock | the orders by key, in order; the clock | the orders by key |
//! | load | a statement per table, of what the commands name | the same |
//! | decide | in memory, by the caller | the same |
//! | write | a statement per table and kind of write, in one order of tables and keys | one per so many rows |
//! | number | the events, from the accounts' counters, accounts in order | the same |
//! | commit | once | the same |
//!
//! What belongs to an order is read and written under that order's lock only; an order that the lock did not find is
//! not there, even if a later statement of the batch could see it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tranche_core::command::Needs;
use tranche_core::connector::Connector;
use tranche_core::id::{AccountId, ConnectorId, OrderKey};
use tranche_core::state::State;
use tranche_core::time::Timestamp;

use crate::layout::Texts;
use crate::session::Session;
use crate::tally::Tally;
use crate::{Store, StoreError, load, save};

/// The versions of the rows that were read; a row is written only over that one. For orders it proves the lock, for
/// accounts, connectors and event logs, which nobody locks, it is what keeps two writers apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Versions {
    pub(crate) accounts: BTreeMap<AccountId, i64>,
    pub(crate) connectors: BTreeMap<(AccountId, ConnectorId), i64>,
    pub(crate) orders: BTreeMap<OrderKey, i64>,
    pub(crate) event_logs: BTreeMap<AccountId, i64>,
}

/// The rows that a batch of commands needs, locked and loaded, in one open transaction. Dropped, it changes nothing.
pub struct Batch {
    /// The rows; decisions are applied here.
    pub state: State,
    /// The time of the batch.
    pub now: Timestamp,
    versions: Versions,
    transaction: DatabaseTransaction,
    texts: Arc<Texts>,
    tally: Arc<Tally>,
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("now", &self.now).finish_non_exhaustive()
    }
}

impl Store {
    /// Locks the orders of `needs`, then loads all that it names.
    pub async fn begin(&self, needs: &Needs) -> Result<Batch, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.writes.begin_with_options(options).await?;
        let session = Session { transaction: &transaction, texts: &self.texts };
        let given = || self.clock.now();
        let loaded = load::load(session, needs, self.time, &given).await;
        match loaded {
            Ok((state, versions, now)) => {
                let (texts, tally) = (Arc::clone(&self.texts), Arc::clone(&self.tally));
                Ok(Batch { state, now, versions, transaction, texts, tally })
            }
            Err(error) => Err(ended(transaction, error).await),
        }
    }
}

/// Ends a transaction after an error, which is what matters: a transaction that cannot be ended goes with its
/// connection.
async fn ended(transaction: DatabaseTransaction, error: StoreError) -> StoreError {
    if let Err(rollback) = transaction.rollback().await {
        tracing::debug!(%rollback, "a batch could not be rolled back");
    }
    error
}

impl Batch {
    /// Connectors as they are now. Nobody locks them, and nothing is written over what is read here.
    pub async fn connectors(&self, keys: &[(AccountId, ConnectorId)]) -> Result<Vec<Connector>, StoreError> {
        let session = Session { transaction: &self.transaction, texts: &self.texts };
        load::connectors(session, keys.iter()).await
    }

    /// Writes what the decisions made of the rows; nobody else sees it before [`Written::commit`].
    pub async fn write(self) -> Result<Written, StoreError> {
        let changes = save::Changes::of(&self.state, &self.versions, self.now);
        let session = Session { transaction: &self.transaction, texts: &self.texts };
        let written = match changes {
            Ok(changes) => changes.write(session).await,
            Err(error) => Err(error),
        };
        let Self { transaction, tally, .. } = self;
        match written {
            Ok(is_changed) => Ok(Written { transaction, tally, is_changed }),
            Err(error) => Err(ended(transaction, error).await),
        }
    }

    /// Writes what the decisions made of the rows, and commits.
    ///
    /// After [`StoreError::Unavailable`] the batch may or may not be committed.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.write().await?.commit().await
    }

    /// Ends the batch without a change; what dropping it does too, but later.
    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }
}

/// A batch whose rows are written and not committed. Dropped, it changes nothing.
pub struct Written {
    transaction: DatabaseTransaction,
    tally: Arc<Tally>,
    is_changed: bool,
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Written").field("is_changed", &self.is_changed).finish_non_exhaustive()
    }
}

impl Written {
    /// Commits. A batch that changed nothing commits nothing.
    ///
    /// After [`StoreError::Unavailable`] it may or may not be committed.
    pub async fn commit(self) -> Result<(), StoreError> {
        if !self.is_changed {
            return Ok(self.transaction.rollback().await?);
        }
        self.transaction.commit().await?;
        self.tally.committed();
        Ok(())
    }
}
