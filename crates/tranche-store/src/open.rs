//! Opening a database: its connections, and what every one of them is told.

mod postgres;
mod sqlite;

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend};
use tranche_core::time::Clock;

use crate::StoreError;
use crate::bounds::{
    ACQUIRE_TIMEOUT, IDLE_BEFORE_PING, POSTGRES_LANES, POSTGRES_WRITE_CONNECTIONS_MAX, READ_CONNECTIONS_MAX,
    SQLITE_LANES,
};
use crate::layout::Texts;
use crate::schema;
use crate::tally::{StoreCounts, Tally};

pub(crate) use sqlite::writing;

/// Where a batch's time comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreTime {
    /// The database's clock where there is one (PostgreSQL), so that replicas agree on leases; else the clock handed in.
    #[default]
    Database,
    /// The clock handed in, always.
    Given,
}

/// How to open a database.
#[derive(Clone)]
pub struct StoreOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// The clock of batches that do not ask the database's.
    pub clock: Arc<dyn Clock>,
    /// Which of both it is.
    pub time: StoreTime,
}

impl StoreOptions {
    /// Opens `url`, with the database's time where it has one.
    pub fn new(url: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { url: url.into(), clock, time: StoreTime::Database }
    }
}

impl fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may carry a password.
        f.debug_struct("StoreOptions").field("time", &self.time).finish_non_exhaustive()
    }
}

/// A database with the product's schema. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) writes: DatabaseConnection,
    pub(crate) reads: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) time: StoreTime,
    pub(crate) texts: Arc<Texts>,
    pub(crate) tally: Arc<Tally>,
    /// Held for as long as any clone lives, so that no second server opens the same file.
    _lock: Option<Arc<File>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("backend", &self.writes.get_database_backend()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a database whose schema is the one that this program needs.
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let target = Target::parse(&options.url)?;
        let lock = target.lock()?;
        let mut writes = target.connect(Purpose::Write).await?;
        schema::check(&writes).await?;
        let mut reads = target.connect(Purpose::Read).await?;
        let tally = Arc::new(Tally::default());
        tally.watch(&mut writes);
        tally.watch(&mut reads);
        Ok(Self {
            writes,
            reads,
            clock: options.clock,
            time: options.time,
            texts: Arc::new(Texts::default()),
            tally,
            _lock: lock.map(Arc::new),
        })
    }

    /// How many batches may be written at the same time: 1 on SQLite.
    pub fn lanes(&self) -> usize {
        match self.writes.get_database_backend() {
            DbBackend::Sqlite => SQLITE_LANES,
            _ => POSTGRES_LANES,
        }
    }

    /// How much work the database was given so far.
    pub fn counts(&self) -> StoreCounts {
        self.tally.counts()
    }

    /// Closes all connections once what uses them has ended; a read or a batch after it fails.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.reads.close_by_ref().await?;
        self.writes.close_by_ref().await?;
        Ok(())
    }

    /// The texts of the write path's statements that were used so far, for tests that have them explained.
    pub fn hot_statements(&self) -> Vec<String> {
        self.texts.all()
    }
}

/// What connections are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Batches.
    Write,
    /// Pages, and looking at the schema.
    Read,
    /// Changing the schema; creates an SQLite file that is not there.
    Migrate,
}

/// The database that a URL names.
#[derive(Clone)]
pub(crate) enum Target {
    /// A file.
    Sqlite(PathBuf),
    /// A server; the URL may carry a password.
    Postgres(String),
}

impl Target {
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(":memory:") || path.contains('?') {
                let text = format!("'{url}' names no file; use sqlite:PATH, without parameters");
                return Err(StoreError::Unavailable(text));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let text = "the database's URL must be sqlite:PATH or postgres://…".to_owned();
        Err(StoreError::Unavailable(text))
    }

    /// Takes the file for this process; nothing to take on a server.
    pub(crate) fn lock(&self) -> Result<Option<File>, StoreError> {
        match self {
            Self::Sqlite(path) => sqlite::lock(path).map(Some),
            Self::Postgres(_) => Ok(None),
        }
    }

    /// One connection for a migration, and the lock that goes with it.
    pub(crate) async fn connect_once(
        &self,
        may_create: bool,
    ) -> Result<(DatabaseConnection, Option<File>), StoreError> {
        let purpose = if may_create { Purpose::Migrate } else { Purpose::Write };
        let lock = self.lock()?;
        Ok((self.connect(purpose).await?, lock))
    }

    pub(crate) async fn connect(&self, purpose: Purpose) -> Result<DatabaseConnection, StoreError> {
        let mut options = match self {
            Self::Sqlite(path) => sqlite::options(path, purpose)?,
            Self::Postgres(url) => postgres::options(url, purpose),
        };
        let connections = match (self, purpose) {
            (_, Purpose::Migrate) | (Self::Sqlite(_), Purpose::Write) => 1,
            (Self::Postgres(_), Purpose::Write) => POSTGRES_WRITE_CONNECTIONS_MAX,
            (_, Purpose::Read) => READ_CONNECTIONS_MAX,
        };
        if purpose == Purpose::Write {
            // A lane keeps its connection, and the statements prepared on it.
            options.min_connections(connections);
        }
        options
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire_if_idle_for(IDLE_BEFORE_PING)
            .sqlx_logging_level(log::LevelFilter::Debug);
        Ok(Database::connect(options).await?)
    }
}

/// The options of a URL, before anything is set.
fn unset(url: &str) -> ConnectOptions {
    ConnectOptions::new(url)
}
