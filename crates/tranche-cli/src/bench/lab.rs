//! Where the benchmark's databases live: a PostgreSQL cluster of its own, or a folder of SQLite files. Both go with it.

use std::fs::File;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tranche_server::store::{bench, migrate_up};

use super::BenchDatabase;
use super::process::{self, Usage};
use crate::CommandError;
use crate::cluster::{Cluster, ClusterOptions, Endpoint};

/// Disk that one settled invoice takes with its indexes, its log and the copies that a run makes of it, in bytes. At its
/// peak a run took 9 kB of it on PostgreSQL, and 5 kB on SQLite; this is twice the larger, and some.
const BYTES_PER_INVOICE: u64 = 20 * 1024;
/// Disk that must stay free beside it.
const BYTES_SPARE: u64 = 1024 * 1024 * 1024;

/// What PostgreSQL is set to, for the product and the floor alike: memory as a server of this size would be given, and
/// checkpoints by time, not by the amount of log.
const POSTGRES_SETTINGS: [(&str, &str); 3] =
    [("shared_buffers", "1GB"), ("max_wal_size", "8GB"), ("min_wal_size", "1GB")];

/// A place for databases.
pub(super) struct Lab {
    folder: TempDir,
    cluster: Option<Cluster>,
}

impl Lab {
    /// Makes the place.
    pub(super) async fn start(database: BenchDatabase) -> Result<Self, CommandError> {
        let folder = |error| CommandError::new("a temporary folder cannot be made", &error);
        let folder = tempfile::Builder::new().prefix("tranche-bench-").tempdir().map_err(folder)?;
        let cluster = match database {
            BenchDatabase::Sqlite => None,
            BenchDatabase::Postgres => {
                let settings = POSTGRES_SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned()));
                let options = ClusterOptions { settings: settings.into(), ..ClusterOptions::default() };
                let failed = |error| CommandError::new("PostgreSQL cannot be started", &error);
                Some(Cluster::start(options).await.map_err(failed)?)
            }
        };
        Ok(Self { folder, cluster })
    }

    /// Refuses to begin what the disk has no room for.
    pub(super) fn check_space(&self, invoices: u64) -> Result<(), CommandError> {
        let place = self.cluster.as_ref().map_or(self.folder.path(), Cluster::folder);
        let failed = |error| CommandError::new("the free space cannot be read", &error);
        let disk = rustix::fs::statvfs(place).map_err(std::io::Error::from).map_err(failed)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let needed = invoices.saturating_mul(BYTES_PER_INVOICE).saturating_add(BYTES_SPARE);
        if free >= needed {
            return Ok(());
        }
        let (needed, free) = (needed >> 20, free >> 20);
        Err(CommandError(format!(
            "the benchmark may need {needed} MiB under {}, and {free} MiB are free; ask for fewer --orders or a smaller \
             --preload, or set TMPDIR to where there is more",
            place.display()
        )))
    }

    /// Where the cluster answers; none on SQLite.
    pub(super) fn endpoint(&self) -> Option<&Endpoint> {
        self.cluster.as_ref().map(Cluster::endpoint)
    }

    /// A folder for files that go with it.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The URL of a database.
    pub(super) fn url(&self, name: &str) -> String {
        match &self.cluster {
            Some(cluster) => cluster.url(name),
            None => format!("sqlite:{}", self.file(name).display()),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.db"))
    }

    /// Makes a database with the product's schema.
    pub(super) async fn create(&self, name: &str) -> Result<(), CommandError> {
        if let Some(cluster) = &self.cluster {
            let failed = |error| CommandError::new("a database cannot be made", &error);
            cluster.create_database(name, None).await.map_err(failed)?;
        }
        let failed = |error| CommandError::new("the schema cannot be made", &error);
        migrate_up(&self.url(name)).await.map_err(failed)?;
        Ok(())
    }

    /// Makes a database as a copy of another one that nobody uses.
    pub(super) async fn copy(&self, from: &str, to: &str) -> Result<(), CommandError> {
        if let Some(cluster) = &self.cluster {
            let failed = |error| CommandError::new("a database cannot be copied", &error);
            return cluster.create_database(to, Some(from)).await.map_err(failed);
        }
        let failed = |error| CommandError::new("a database cannot be copied", &error);
        std::fs::copy(self.file(from), self.file(to)).map(drop).map_err(failed)
    }

    /// Removes a database.
    pub(super) async fn drop(&self, name: &str) -> Result<(), CommandError> {
        if let Some(cluster) = &self.cluster {
            let failed = |error| CommandError::new("a database cannot be removed", &error);
            return cluster.drop_database(name).await.map_err(failed);
        }
        for end in ["db", "db-wal", "db-shm", "db.lock"] {
            // Not each of them is always there.
            let _ = std::fs::remove_file(self.folder.path().join(format!("{name}.{end}")));
        }
        Ok(())
    }

    /// Has a database, that no server has open, do now what it would do later, while it is measured.
    pub(super) async fn quiesce(&self, name: &str) -> Result<(), CommandError> {
        let failed = |error| CommandError::new("the database cannot be analyzed", &error);
        bench::quiesce(&self.url(name)).await.map_err(failed)
    }

    /// What PostgreSQL has written to its log so far.
    pub(super) async fn log_bytes(&self, name: &str) -> Result<Option<u64>, CommandError> {
        if self.cluster.is_none() {
            return Ok(None);
        }
        let failed = |error| CommandError::new("the database's log cannot be measured", &error);
        bench::log_bytes(&self.url(name)).await.map_err(failed)
    }

    /// What PostgreSQL's processes have used so far; SQLite has none of its own.
    pub(super) fn usage(&self) -> Option<Usage> {
        self.cluster.as_ref().and_then(Cluster::process_id).and_then(process::usage_with_children)
    }

    /// A new file for a server's log, and its path.
    pub(super) fn log_file(&self, name: &str) -> Result<(File, PathBuf), CommandError> {
        let path = self.folder.path().join(format!("{name}.log"));
        let failed = |error| CommandError::new("a log cannot be made", &error);
        Ok((File::create(&path).map_err(failed)?, path))
    }

    /// Removes everything, and waits for that.
    pub(super) async fn stop(self) {
        let place = self.folder.path().display().to_string();
        if let Err(error) = self.folder.close() {
            eprintln!("tranche: {place} cannot be removed: {error}");
        }
        if let Some(cluster) = self.cluster
            && let Err(error) = cluster.stop().await
        {
            eprintln!("tranche: {error}");
        }
    }
}
