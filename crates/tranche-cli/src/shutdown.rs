//! What ends a process that runs until it is told to stop.

use tokio::io::AsyncReadExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::info;

/// A token that is canceled by SIGINT or SIGTERM, and, if asked for, when standard input closes: a child whose parent
/// holds the other end then never outlives it, whatever ends the parent.
pub(crate) fn watch(when_stdin_closes: bool) -> std::io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let canceled = token.clone();
    tokio::spawn(async move {
        let reason = tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
            () = stdin_closed(), if when_stdin_closes => "standard input closed",
        };
        info!(reason, "shutting down");
        canceled.cancel();
    });
    Ok(token)
}

async fn stdin_closed() {
    let mut stdin = tokio::io::stdin();
    let mut buffer = [0; 64];
    while stdin.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}
