//! SQLite: one file, one server, one writer.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use sea_orm::ConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use super::{Purpose, unset};
use crate::StoreError;
use crate::bounds::{
    PREPARED_STATEMENTS_MAX, SQLITE_BUSY_TIMEOUT, SQLITE_CACHE_KIB_MAX, SQLITE_CHECKPOINT_PAGES,
    SQLITE_JOURNAL_BYTES_MAX,
};

fn lock_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    PathBuf::from(name)
}

/// Takes the lock file beside the database. The operating system gives it back when the process ends, however it ends;
/// the file itself stays, as removing it would let two processes hold two files of one name.
pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    let lock_path = lock_path(path);
    let away = |error: std::io::Error| {
        StoreError::Unavailable(format!("cannot lock {}: {error}", lock_path.display()))
    };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path).map_err(away)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.display().to_string())),
        Err(TryLockError::Error(error)) => Err(away(error)),
    }
}

/// What a connection that writes is told.
pub(crate) fn writing(options: SqliteConnectOptions) -> SqliteConnectOptions {
    // FULL: an acknowledged commit survives the loss of power, at one fsync each; the batches share it.
    options
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", SQLITE_JOURNAL_BYTES_MAX.to_string())
        // A negative number counts KiB instead of pages.
        .pragma("cache_size", format!("-{SQLITE_CACHE_KIB_MAX}"))
        .pragma("wal_autocheckpoint", SQLITE_CHECKPOINT_PAGES.to_string())
}

/// How connections to the file at `path` are opened.
pub(super) fn options(path: &Path, purpose: Purpose) -> Result<ConnectOptions, StoreError> {
    let may_create = purpose == Purpose::Migrate;
    if !may_create && !path.exists() {
        let text = format!("there is no database at {}; make one with `tranche migrate up`", path.display());
        return Err(StoreError::Schema(text));
    }
    let path = path.to_owned();
    // The path is set below, as it is: in a URL it would be decoded.
    let mut options = unset("sqlite:file");
    options.min_connections(1).map_sqlx_sqlite_opts(move |options| {
        let options = options
            .filename(&path)
            .create_if_missing(may_create)
            .foreign_keys(true)
            .busy_timeout(SQLITE_BUSY_TIMEOUT)
            .statement_cache_capacity(PREPARED_STATEMENTS_MAX);
        if purpose == Purpose::Read { options.read_only(true) } else { writing(options) }
    });
    // A connection is the file itself: it neither ages nor goes away, and its prepared statements are worth keeping.
    options.map_sqlx_sqlite_pool_opts(|pool| pool.max_lifetime(None).idle_timeout(None));
    Ok(options)
}
