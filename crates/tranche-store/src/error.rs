//! What can go wrong with a database.

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
}
