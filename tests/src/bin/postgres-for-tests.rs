//! Starts a Postgres cluster for a run of tests, prints its URL on one line, and stops it when standard input
//! closes or a signal asks for it. Killed, its cluster goes as well.

use std::io::Write;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tranche_tests::postgres;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let cluster = postgres::own_cluster().await;
    let mut output = std::io::stdout();
    writeln!(output, "{}", cluster.url("postgres"))?;
    output.flush()?;

    let (closed, mut input_closed) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let end = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop((end, closed));
    });
    tokio::select! {
        _ = &mut input_closed => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    cluster.stop().await.map_err(std::io::Error::other)
}
