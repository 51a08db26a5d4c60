//! One run of the product: a copy of the past, new orders, the load, and the audit.

use std::sync::Arc;
use std::time::Duration;

use tranche_sdk::Client;
use tranche_server::bounds::LEASE_DEFAULT;
use tranche_server::core::time::Clock;

use super::audit;
use super::figures::{CpuSeconds, Figures, cpu_each, each, per_second, quantiles};
use super::follow;
use super::journal::Journal;
use super::lab::Lab;
use super::load::{Load, Pace};
use super::orders::{self, Shape};
use super::process::{self, Usage};
use super::progress;
use super::report::OK;
use super::supply::Supply;
use super::template::{TEMPLATE, connect, serve};
use crate::CommandError;
use crate::child::{ListeningChild, Log};
use crate::entropy::SystemClock;
use crate::logs;
use crate::provider::Provider;

/// The connector of the orders; the past has its own, whose provider is gone.
const CONNECTOR: &str = "acquirer";
/// How often the progress of a run is looked at.
const LOOK_PAUSE: Duration = Duration::from_millis(20);
/// How long nothing may settle before a run is given up; longer than a lease, that must run out before what was lost is
/// sent again.
const STALL_TIME_MAX: Duration = Duration::from_mins(2);
const _: () = assert!(STALL_TIME_MAX.as_secs() > LEASE_DEFAULT.as_secs());

/// What a run is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunOptions<'a> {
    pub(super) orders: u64,
    pub(super) invoices_per_order: u64,
    pub(super) payments_per_order: u64,
    pub(super) pace: Pace,
    pub(super) time: Duration,
    pub(super) fault: Option<&'a str>,
}

/// What all processes have used at one moment.
struct Usages {
    server: Option<Usage>,
    database: Option<Usage>,
    sandbox: Option<Usage>,
    load: Option<Usage>,
    log_bytes: Option<u64>,
}

/// The server's own counts, as it told them at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    batches: u64,
    commands: u64,
    commits: u64,
    statements: u64,
}

/// Makes one run, in a database of this name.
pub(super) async fn measure(
    lab: &Lab,
    clock: SystemClock,
    name: &str,
    options: RunOptions<'_>,
) -> Result<Figures, CommandError> {
    lab.copy(TEMPLATE, name).await?;
    let provider = Provider::start(options.fault, &["--forget-calls"]).await?;
    let url = lab.url(name);
    prepare(lab, &provider, name, options).await?;

    // A process of its own for what is measured: its memory and its counts are of nothing else.
    let (file, log) = lab.log_file(name)?;
    let server = serve(&url, Log::Kept(file)).await?;
    let client = connect(&server).await?;
    let journal = Arc::new(Journal::new(options.orders, options.invoices_per_order));
    let cursor = follow::cursor_after(&client, &orders::order_id(options.orders - 1)).await?;
    let follower = follow::follow(&client, cursor, clock, Arc::clone(&journal)).await?;
    let mut clients = Vec::new();
    for _ in 0..options.pace.connections() {
        clients.push(connect(&server).await?);
    }
    let load = Load {
        clients: clients.into(),
        clock,
        supply: Arc::new(Supply::new(options.orders, options.invoices_per_order)),
        journal: Arc::clone(&journal),
    };
    let before = usages(lab, name, &server, &provider).await?;
    let start = clock.now();
    let sent = send(&load, name, options).await?;
    let after = usages(lab, name, &server, &provider).await?;
    let is_supply_out = load.supply.is_out();
    follower.abort();
    drop((client, load));
    server.stop().await;
    let text = std::fs::read_to_string(&log).unwrap_or_default();
    let counts = counts(&text).ok_or_else(|| {
        CommandError(format!("the server did not end in order; its log ends with:\n{}", logs::end_of(&log)))
    })?;

    let found = audit(&url, &provider, &journal, options.orders).await?;
    provider.stop().await;
    lab.drop(name).await?;

    let settled = journal.settled();
    let cpu = |of: fn(&Usages) -> Option<Usage>| cpu_each(of(&before), of(&after), settled);
    let written = |usages: &Usages| usages.server.and_then(|usage| usage.written_bytes);
    let growth =
        |before: Option<u64>, after: Option<u64>| Some(each(after?.saturating_sub(before?), settled));
    Ok(Figures {
        settled_per_second: per_second(settled, journal.last_settled() - start.micros()),
        accepted_per_second: per_second(journal.accepted(), sent),
        sending_seconds: each(u64::try_from(sent).unwrap_or(0), 1_000_000),
        is_supply_out,
        invoices_accepted: journal.accepted(),
        invoices_settled: settled,
        invoices_shed: journal.shed(),
        invoices_unsent: journal.unsent(),
        invoices_failed: journal.failed(),
        ack_ms: quantiles(&journal.acknowledgements()),
        settled_ms: quantiles(&journal.settlements()),
        cpu_seconds_per_settled: CpuSeconds {
            server: cpu(|usages| usages.server),
            database: cpu(|usages| usages.database),
            sandbox: cpu(|usages| usages.sandbox),
            load: cpu(|usages| usages.load),
        },
        server_rss_peak_bytes: after.server.and_then(|usage| usage.memory_peak_bytes),
        commits_per_settled: each(counts.commits, settled),
        statements_per_settled: each(counts.statements, settled),
        wal_bytes_per_settled: growth(before.log_bytes, after.log_bytes),
        server_disk_bytes_per_settled: growth(written(&before), written(&after)),
        batch_commands: each(counts.commands, counts.batches),
        audit: if found.is_empty() { OK.to_owned() } else { found.join("\n") },
    })
}

/// Creates the orders, by a server that is not measured.
async fn prepare(
    lab: &Lab,
    provider: &Provider,
    name: &str,
    options: RunOptions<'_>,
) -> Result<(), CommandError> {
    let server = serve(&lab.url(name), Log::Errors).await?;
    let client = connect(&server).await?;
    orders::connect(&client, provider, CONNECTOR).await?;
    let shape = Shape {
        connector: CONNECTOR,
        invoices: options.invoices_per_order,
        payments: options.payments_per_order,
    };
    let bar = progress::bar(format!("{name}: orders"), options.orders);
    orders::create_all(&client, provider, options.orders, shape, || bar.inc(1)).await?;
    drop(client);
    server.stop().await;
    lab.quiesce(name).await
}

/// Sends the load and waits until all that was accepted is settled. Says for how long it was sent, in microseconds.
async fn send(load: &Load, name: &str, options: RunOptions<'_>) -> Result<i64, CommandError> {
    let bar = progress::bar(format!("{name}: seconds"), options.time.as_secs());
    let start = load.clock.now();
    let sending = load.run(options.pace, options.time);
    tokio::pin!(sending);
    let mut sent = None;
    let (mut settled, mut since) = (0, start);
    loop {
        tokio::select! {
            () = &mut sending, if sent.is_none() => {
                sent = Some(load.clock.now().micros() - start.micros());
            }
            () = tokio::time::sleep(LOOK_PAUSE) => {}
        }
        let now = load.clock.now();
        bar.set_position(now.since(start).as_secs());
        bar.set_message(format!("{} settled", load.journal.settled()));
        if load.journal.settled() > settled {
            (settled, since) = (load.journal.settled(), now);
        }
        match sent {
            Some(sent) if settled >= load.journal.accepted() => return Ok(sent),
            _ if now.since(since) > STALL_TIME_MAX => {
                return Err(CommandError(format!(
                    "nothing has settled for {} seconds: {settled} of {} accepted invoices are. {}",
                    STALL_TIME_MAX.as_secs(),
                    load.journal.accepted(),
                    load.journal.complaints().join("; ")
                )));
            }
            _ => {}
        }
    }
}

async fn usages(
    lab: &Lab,
    name: &str,
    server: &ListeningChild,
    provider: &Provider,
) -> Result<Usages, CommandError> {
    Ok(Usages {
        server: server.process_id().and_then(process::usage),
        database: lab.usage(),
        sandbox: provider.process_id().and_then(process::usage),
        load: process::usage_own(),
        log_bytes: lab.log_bytes(name).await?,
    })
}

/// Compares both sides' books and the load's, by a server that was started again: what it says was kept.
async fn audit(
    url: &str,
    provider: &Provider,
    journal: &Journal,
    orders: u64,
) -> Result<Vec<String>, CommandError> {
    let server = serve(url, Log::Errors).await?;
    let client: Client = connect(&server).await?;
    let found = audit::differences(&client, provider, journal, orders).await;
    drop(client);
    server.stop().await;
    found
}

/// Reads a server's counts from the line of its log that has them.
fn counts(log: &str) -> Option<Counts> {
    let line = log.lines().rev().find(|line| line.contains(": stopped "))?;
    let count = |name: &str| {
        let mut fields = line.split_whitespace().filter_map(|field| field.split_once('='));
        fields.find(|(field, _)| *field == name)?.1.parse().ok()
    };
    Some(Counts {
        batches: count("batches")?,
        commands: count("commands")?,
        commits: count("commits")?,
        statements: count("statements")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_are_in_the_last_line() {
        let log = "2026-01-01T00:00:00Z  INFO tranche_cli::serve: listening address=127.0.0.1:1\n\
                   2026-01-01T00:00:01Z  INFO tranche_cli::serve: stopped batches=2 commands=7 commits=1 statements=20\n";
        let expected = Counts { batches: 2, commands: 7, commits: 1, statements: 20 };
        assert_eq!(counts(log), Some(expected));
        assert_eq!(
            counts("2026-01-01T00:00:00Z  WARN tranche_cli::serve: calls were still under way\n"),
            None
        );
    }
}
