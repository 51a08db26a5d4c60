//! The engine: the one write path.

use tranche_core::command::Command;
use tranche_core::decision::Reply;
use tranche_core::rejection::Rejection;

/// Why a command has no reply.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The core does not accept it; nothing was written.
    Rejected(Rejection),
    /// The queue is full; nothing was written.
    Overloaded,
    /// The server is shutting down; nothing was written.
    ShuttingDown,
    /// The database is away; nothing was written, or the connection was lost during the commit.
    Unavailable,
    /// Conflicts with other replicas beyond our own retries; nothing was written.
    Conflict,
    /// The database refused the command itself, or a row cannot be read; nothing was written.
    Internal,
}

/// A handle to the engine.
#[derive(Clone, Debug)]
pub struct Engine {}

impl Engine {
    /// Decides a command and answers once its rows are committed.
    #[expect(clippy::unused_async, reason = "the engine is being written")]
    pub async fn submit(&self, command: Command) -> Result<Reply, Failure> {
        let _ = command;
        Err(Failure::ShuttingDown)
    }

    /// Changes whenever something was committed by this process; a hint to readers of events.
    pub fn commits(&self) -> tokio::sync::watch::Receiver<u64> {
        tokio::sync::watch::channel(0).1
    }
}
