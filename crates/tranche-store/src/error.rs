//! What can go wrong with a database.

use sea_orm::sqlx::Error as SqlxError;
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{DbErr, RuntimeErr};

/// What can go wrong with a database. Its text is for logs, and never leaves the process.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer was first: a serialization failure, a deadlock, a unique violation or a lock timeout. The same
    /// work decided again on fresh rows may succeed.
    #[error("another writer was first: {0}")]
    Conflict(String),
    /// The database cannot be reached, or the connection was lost; a commit under way may have happened.
    #[error("the database is away: {0}")]
    Unavailable(String),
    /// The database refused the work itself, by a constraint or for its data.
    #[error("the database refused: {0}")]
    Refused(String),
    /// A row cannot be read as what it should be.
    #[error("a row cannot be read: {0}")]
    Corrupt(String),
    /// The schema is not the one that this program needs.
    #[error("the schema does not fit: {0}")]
    Schema(String),
    /// Another process serves the database in this file.
    #[error("another process uses the database {0}; one server at a time can serve an SQLite file")]
    InUse(String),
}

impl From<DbErr> for StoreError {
    /// The error's own kind says only in which call it came up: a failed commit is a failed query. What it means is in
    /// the database's code.
    fn from(error: DbErr) -> Self {
        let text = error.to_string();
        match &error {
            DbErr::Conn(RuntimeErr::SqlxError(inner))
            | DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => of_sqlx(inner, text),
            DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => Self::Corrupt(text),
            _ => Self::Unavailable(text),
        }
    }
}

impl From<SqlxError> for StoreError {
    fn from(error: SqlxError) -> Self {
        let text = error.to_string();
        of_sqlx(&error, text)
    }
}

fn of_sqlx(error: &SqlxError, text: String) -> StoreError {
    match error {
        SqlxError::Database(error) => of_database(error.as_ref(), text),
        SqlxError::ColumnDecode { .. }
        | SqlxError::ColumnNotFound(_)
        | SqlxError::ColumnIndexOutOfBounds { .. }
        | SqlxError::Decode(_)
        | SqlxError::TypeNotFound { .. } => StoreError::Corrupt(text),
        SqlxError::Encode(_) => StoreError::Refused(text),
        _ => StoreError::Unavailable(text),
    }
}

fn of_database(error: &dyn DatabaseError, text: String) -> StoreError {
    let code = error.code().unwrap_or_default();
    let sqlite =
        error.try_downcast_ref::<sea_orm::sqlx::sqlite::SqliteError>().and_then(|_| code.parse().ok());
    match sqlite {
        Some(code) => of_sqlite(code, text),
        None => of_sqlstate(&code, text),
    }
}

/// SQLSTATE: two characters of class, three of condition.
fn of_sqlstate(code: &str, text: String) -> StoreError {
    match code {
        // Serialization failure, deadlock, lock timeout, unique violation.
        "40001" | "40P01" | "55P03" | "23505" => StoreError::Conflict(text),
        // No such table, column or type: another schema than ours.
        "42P01" | "42703" | "42704" => StoreError::Schema(text),
        _ => match code.get(..2) {
            // Cardinality, data, constraints, limits, and what a trigger raises.
            Some("21" | "22" | "23" | "54" | "P0") => StoreError::Refused(text),
            // Connections, resources, operators and timeouts, and whatever else is not about the work itself.
            _ => StoreError::Unavailable(text),
        },
    }
}

/// Extended result codes: the last eight bits are the primary one.
fn of_sqlite(code: i32, text: String) -> StoreError {
    match (code, code & 0xff) {
        // SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY and _ROWID; SQLITE_BUSY and SQLITE_LOCKED.
        (2067 | 1555 | 2579, _) | (_, 5 | 6) => StoreError::Conflict(text),
        // SQLITE_TOOBIG, _CONSTRAINT, _MISMATCH and _RANGE.
        (_, 18..=20 | 25) => StoreError::Refused(text),
        // SQLITE_ERROR and _SCHEMA: a statement that does not fit, which a table of another schema makes of it.
        (_, 1 | 17) => StoreError::Schema(text),
        _ => StoreError::Unavailable(text),
    }
}
