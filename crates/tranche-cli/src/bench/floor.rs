//! The floor: the conventional design in the product's own schema, with the same past.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tranche_server::core::time::Clock;
use tranche_server::store::StoreError;
use tranche_server::store::bench::{Conventional, SCRIPT};

use super::BenchDatabase;
use super::figures::per_second;
use super::lab::Lab;
use super::progress;
use super::template::{OPEN_INVOICES, TEMPLATE};
use crate::CommandError;
use crate::cluster;
use crate::entropy::SystemClock;

/// Connections on PostgreSQL. SQLite has one writer, whose connection a second one would only wait for.
const POSTGRES_CONNECTIONS: u64 = 32;
/// Open orders of all connections; each has room for so many invoices that a run of minutes is no trouble.
pub(super) const OPEN_ORDERS: u64 = 4_096;
/// How often the progress is shown.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

fn connections(database: BenchDatabase) -> u64 {
    match database {
        BenchDatabase::Postgres => POSTGRES_CONNECTIONS,
        BenchDatabase::Sqlite => 1,
    }
}

/// How many open orders each connection has.
fn orders_per_connection(connections: u64) -> u64 {
    OPEN_ORDERS / connections
}

/// Settles invoices for so long, and says how many in a second.
pub(super) async fn measure(
    lab: &Lab,
    database: BenchDatabase,
    clock: SystemClock,
    name: &str,
    time: Duration,
) -> Result<f64, CommandError> {
    lab.copy(TEMPLATE, name).await?;
    lab.quiesce(name).await?;
    let failed = |error: StoreError| CommandError::new("the floor cannot be measured", &error);
    let connections = connections(database);
    let mut opened = Vec::new();
    for _ in 0..connections {
        opened.push(Conventional::connect(&lab.url(name)).await.map_err(failed)?);
    }
    let settled = Arc::new(AtomicU64::new(0));
    let start = clock.now();
    let end = start.after(time);
    let mut tasks = JoinSet::new();
    for (connection, number) in opened.into_iter().zip(0..) {
        tasks.spawn(settle(connection, number, connections, clock, end, Arc::clone(&settled)));
    }
    let bar = progress::bar(format!("floor: {name}"), time.as_secs());
    let mut ended = Vec::new();
    while !tasks.is_empty() {
        tokio::select! {
            Some(task) = tasks.join_next() => {
                let task = task.map_err(|error| CommandError::new("the floor broke off", &error))?;
                ended.push(task.map_err(failed)?);
            }
            () = tokio::time::sleep(LOOK_PAUSE) => {
                bar.set_position(clock.now().since(start).as_secs());
                bar.set_message(format!("{} settled", settled.load(Ordering::Relaxed)));
            }
        }
    }
    let micros = clock.now().micros() - start.micros();
    drop(bar);
    if clock.now() < end {
        return Err(CommandError("the floor ran out of open orders; ask for fewer --seconds".to_owned()));
    }
    for connection in ended {
        connection.close().await.map_err(failed)?;
    }
    lab.drop(name).await?;
    Ok(per_second(settled.load(Ordering::Relaxed), micros))
}

/// Has pgbench run the same statements for so long, and says how many invoices it settled in a second.
///
/// It is another client, in another language: if it were much faster, the floor would be slow by our own fault.
pub(super) async fn measure_with_pgbench(lab: &Lab, name: &str, time: Duration) -> Result<f64, CommandError> {
    let Some(endpoint) = lab.endpoint() else {
        return Err(CommandError("pgbench measures PostgreSQL only".to_owned()));
    };
    lab.copy(TEMPLATE, name).await?;
    lab.quiesce(name).await?;
    let script = lab.folder().join("conventional.sql");
    let failed = |error| CommandError::new("the script cannot be written", &error);
    std::fs::write(&script, SCRIPT).map_err(failed)?;
    let mut command = endpoint.command("pgbench");
    let clients = POSTGRES_CONNECTIONS.to_string();
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--client", &clients]);
    command.args(["--time", &time.as_secs().to_string(), "--define", &format!("clients={clients}")]);
    command.args([
        "--define",
        &format!("orders_per_client={}", orders_per_connection(POSTGRES_CONNECTIONS)),
        "--define",
        "k=-1",
    ]);
    command.arg("--file").arg(&script).arg(name);
    let failed = |error| CommandError::new("pgbench failed", &error);
    let bar = progress::bar(format!("pgbench: {name}"), time.as_secs());
    let printed = cluster::run(&mut command).await.map_err(failed)?;
    drop(bar);
    lab.drop(name).await?;
    let rate = printed.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.ok_or_else(|| CommandError(format!("pgbench told no rate: {printed}")))
}

/// One connection's work: the first invoice of each of its orders, then the second of each, and so on.
async fn settle(
    mut connection: Conventional,
    number: u64,
    connections: u64,
    clock: SystemClock,
    end: tranche_server::core::time::Timestamp,
    settled: Arc<AtomicU64>,
) -> Result<Conventional, StoreError> {
    for invoice in 1..=OPEN_INVOICES {
        for order in 0..orders_per_connection(connections) {
            let now = clock.now();
            if now >= end {
                return Ok(connection);
            }
            connection.settle(1 + number + connections * order, invoice, now.micros()).await?;
            settled.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(connection)
}
