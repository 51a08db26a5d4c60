//! Every bound of the store, named, in one place.

use std::time::Duration;

/// How long a connection is waited for before the database counts as away.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that rested this long is asked whether it still lives before it is used.
pub const IDLE_BEFORE_PING: Duration = Duration::from_secs(5);
/// Connections for reads, per process.
pub const READ_CONNECTIONS_MAX: u32 = 4;
/// Batches that one process writes at the same time on PostgreSQL, each on its own connection. One connection reaches
/// less than half of the throughput of two; more than two gain little, as all meet at the account's event counter.
pub const POSTGRES_LANES: usize = 2;
/// The connections that those batches are written on.
pub const POSTGRES_WRITE_CONNECTIONS_MAX: u32 = 2;
/// Batches that are written at the same time on SQLite, which has one writer.
pub const SQLITE_LANES: usize = 1;

/// How long a statement waits for a row that another batch holds. Past it the batch is decided again.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(3);
/// How long one statement may take.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the database keeps a transaction that its client forgot.
pub const IDLE_IN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(15);
/// After this much silence the database asks whether the client's machine still lives.
pub const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
/// How often it asks.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// How often it asks in vain before it gives the connection, and its locks, up.
pub const KEEPALIVE_COUNT: u32 = 3;

/// How long SQLite waits for a file that another process locks, such as a backup.
pub const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What the write-ahead file is cut back to after a checkpoint.
pub const SQLITE_JOURNAL_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Pages of the file that the writer keeps in memory, in KiB. What a batch changes must fit, or it is written before the
/// commit and read again. Eight times as much was not faster.
pub const SQLITE_CACHE_KIB_MAX: u32 = 8 * 1024;
/// Pages of the write-ahead file after which they are brought into the database, while the writer waits. Many batches
/// change the same page, which is then brought over once: four times the usual number writes two fifths less to the disk.
/// More would write less still, and the batches that wait would wait longer.
pub const SQLITE_CHECKPOINT_PAGES: u32 = 4_000;
/// Rows of one SQLite statement; larger sets take several. A power of two, as every number of rows has its own text.
pub const SQLITE_ROWS_PER_STATEMENT_MAX: usize = 64;
/// Prepared statements kept per connection: all of the write path, in every number of rows.
pub const PREPARED_STATEMENTS_MAX: usize = 512;
/// Operations of one invoice that are read when it is voided: those of all its payments, with every repetition of one
/// that brought less than asked.
pub const INVOICE_OPERATIONS_MAX: usize = 512;
/// Operations that may share one movement of a provider: one that it was asked for, and what it did beyond.
pub const MOVEMENT_OPERATIONS_MAX: usize = 64;
/// Open operations that one comparison with a provider's statement looks at, of the payments that it names and of others.
pub const OPEN_OPERATIONS_COMPARED_MAX: u64 = 1_000;
/// Operations that an explanation of an order may name.
pub const EXPLAINED_OPERATIONS_MAX: u64 = 100;
