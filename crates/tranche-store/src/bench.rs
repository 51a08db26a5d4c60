//! What a benchmark needs of a database: a past, statistics that fit it, and the conventional design to compare with.
//!
//! Nothing here is part of serving; it stands here because only the store knows SQL.

mod conventional;
mod multiply;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

pub use conventional::{Conventional, SCRIPT};
pub use multiply::multiply;

use crate::StoreError;
use crate::open::Target;

/// What the database wrote so far that a crash would have it read again: bytes of its write-ahead log, from whenever it
/// counts. `None` on SQLite, which does not count them.
pub async fn log_bytes(url: &str) -> Result<Option<u64>, StoreError> {
    let (connection, _lock) = connect(url).await?;
    if connection.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let sql = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint AS bytes";
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    connection.close().await?;
    let bytes: Option<i64> = row.map(|row| row.try_get("", "bytes")).transpose()?;
    Ok(bytes.and_then(|bytes| u64::try_from(bytes).ok()))
}

/// Has the database learn the sizes of its tables, clean up after what was written, and write it all to its files, so
/// that a measurement does none of it. No server may have the file open.
pub async fn quiesce(url: &str) -> Result<(), StoreError> {
    let (connection, _lock) = connect(url).await?;
    let statements = match connection.get_database_backend() {
        DbBackend::Postgres => ["VACUUM (ANALYZE)", "CHECKPOINT"],
        _ => ["ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"],
    };
    for statement in statements {
        connection.execute_unprepared(statement).await?;
    }
    Ok(connection.close().await?)
}

/// A connection without limits of time.
async fn connect(url: &str) -> Result<(DatabaseConnection, Option<std::fs::File>), StoreError> {
    Target::parse(url)?.connect_once(true).await
}
