//! `tranche bench`: how many invoices are settled in a second, what each costs, and whether the books agree.
//!
//! Everything that is measured is real: a database with a past, a server and a provider as processes of their own, and
//! this process as their caller. If the books of one run differ by one cent, the command fails.

mod audit;
mod figures;
mod floor;
mod follow;
mod journal;
mod lab;
mod load;
mod orders;
mod process;
mod progress;
mod report;
mod run;
mod supply;
mod table;
mod template;

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tranche_sandbox::bounds::PAYMENTS_MAX;

use crate::entropy::SystemClock;
use crate::provider::fault_name;
use crate::{CommandError, shutdown};
use figures::each;
use lab::Lab;
use load::Pace;
use report::{Overload, Report};
use run::RunOptions;

/// The one account: all its events are numbered from one counter, which is the worst case.
const ACCOUNT: &str = "default";
/// How often product and floor take turns.
const TURNS: usize = 3;
/// How many times what the server can do an overload is.
const OVERLOAD: u64 = 3;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tranche bench
      the embedded database, 64 callers, for half a minute
  tranche bench --database postgres --floor --json figures.json
      a PostgreSQL of its own, in turns with the conventional design in the same schema
  tranche bench --database postgres --rate 2000
      so many invoices a second, whatever the answers; latencies count from when each was to be sent
  tranche bench --overload
      three times what the server can do

Everything is made for the run and removed after it, in the temporary folder (TMPDIR). Every
run ends with an audit: our books, the provider's and what the callers were told are compared to
the cent, and the command fails if they differ. --rate, --floor and --overload exclude each other.")]
pub(crate) struct BenchArguments {
    /// The database to measure; PostgreSQL must be installed, and is started by the benchmark itself.
    #[arg(long, env = "TRANCHE_BENCH_DATABASE", value_enum, default_value_t = BenchDatabase::Sqlite)]
    database: BenchDatabase,
    /// Orders of a run. It ends before its time when all their invoices are out.
    #[arg(long, env = "TRANCHE_BENCH_ORDERS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=200_000))]
    orders: u64,
    /// Invoices of each order, each of one line; the last one finishes it.
    #[arg(long, env = "TRANCHE_BENCH_INVOICES_PER_ORDER", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    invoices_per_order: u64,
    /// Payments that share each order's value.
    #[arg(long, env = "TRANCHE_BENCH_PAYMENTS_PER_ORDER", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=20))]
    payments_per_order: u64,
    /// For how long invoices are sent; what they started is waited for.
    #[arg(long, env = "TRANCHE_BENCH_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Callers that send at once, each waiting for its answer.
    #[arg(long, env = "TRANCHE_BENCH_CONCURRENCY", default_value_t = 64, value_parser = callers)]
    concurrency: usize,
    /// Invoices to send in a second, whatever the answers, instead of by callers that wait.
    #[arg(long, env = "TRANCHE_BENCH_RATE", conflicts_with_all = ["overload", "floor", "concurrency"], value_parser = clap::value_parser!(u64).range(1..=100_000))]
    rate: Option<u64>,
    /// Settled invoices that the database begins with.
    #[arg(long, env = "TRANCHE_BENCH_PRELOAD", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    preload: u64,
    /// Measures the conventional design too, in turns with the product: a transaction for each command, a statement at a
    /// time.
    #[arg(long, env = "TRANCHE_BENCH_FLOOR")]
    floor: bool,
    /// Has pgbench run the conventional design's statements as well, to see that the floor is not slow for our own
    /// client's sake; on PostgreSQL.
    #[arg(long, env = "TRANCHE_BENCH_PGBENCH", requires = "floor")]
    pgbench: bool,
    /// Sends three times what the server settles with the given callers, and compares.
    #[arg(long, env = "TRANCHE_BENCH_OVERLOAD", conflicts_with = "floor")]
    overload: bool,
    /// Writes all figures to this file.
    #[arg(long, env = "TRANCHE_BENCH_JSON", value_name = "FILE")]
    json: Option<PathBuf>,
    /// Makes the provider misbehave, to see that the audit notices, as `sandbox --fault` does: with settle-less,
    /// settle-twice and forget the books differ; with the others they agree, but later.
    #[arg(long, env = "TRANCHE_BENCH_FAULT", value_name = "FAULT", value_parser = fault_name)]
    fault: Option<String>,
}

/// Which database is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
enum BenchDatabase {
    /// The embedded one.
    Sqlite,
    /// A server of its own.
    Postgres,
}

/// Most callers that send at once.
const CALLERS_MAX: usize = 4_096;

fn callers(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|error| format!("{error}"))?;
    let fits = (1..=CALLERS_MAX).contains(&number);
    fits.then_some(number).ok_or_else(|| format!("must be from 1 to {CALLERS_MAX}"))
}

/// Runs the command.
pub(crate) async fn run(arguments: BenchArguments) -> Result<(), CommandError> {
    let signals = |error| CommandError::new("signals cannot be watched", &error);
    let interrupted = shutdown::watch(false).map_err(signals)?;
    let mut hung_up = signal(SignalKind::hangup()).map_err(signals)?;
    check(&arguments)?;
    let lab = Lab::start(arguments.database).await?;
    let broken_off = || Err(CommandError("interrupted; nothing is left of it".to_owned()));
    // Cut off, it leaves as little behind as at its end. A closed terminal ends it too: it is no daemon.
    let measured = tokio::select! {
        measured = measure(&lab, &arguments) => measured,
        () = interrupted.cancelled() => broken_off(),
        _ = hung_up.recv() => broken_off(),
    };
    lab.stop().await;
    let report = measured?;
    report.print();
    if let Some(path) = &arguments.json {
        report.write(path)?;
    }
    println!("{}", report.verdict()?);
    Ok(())
}

/// Refuses what would only fail after minutes, or compare what cannot be compared.
fn check(arguments: &BenchArguments) -> Result<(), CommandError> {
    let refused = |text: &str| Err(CommandError(text.to_owned()));
    if arguments.pgbench && arguments.database != BenchDatabase::Postgres {
        return refused("pgbench measures PostgreSQL only; add --database postgres");
    }
    if arguments.floor && arguments.payments_per_order != 1 {
        return refused(
            "the floor's orders have one payment each; leave --payments-per-order out to compare",
        );
    }
    let payments = arguments.orders * arguments.payments_per_order;
    if usize::try_from(payments).map_or(true, |payments| payments > PAYMENTS_MAX) {
        return Err(CommandError(format!(
            "the sandbox keeps {PAYMENTS_MAX} payments at most; ask for fewer --orders"
        )));
    }
    if let Some(path) = &arguments.json {
        // Before anything is measured: what cannot be written at the end is lost.
        let attempt = format!("the figures cannot be written to {}", path.display());
        let is_new = !path.exists();
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        file.map_err(|error| CommandError::new(&attempt, &error))?;
        if is_new {
            std::fs::remove_file(path).map_err(|error| CommandError::new(&attempt, &error))?;
        }
    }
    Ok(())
}

async fn measure(lab: &Lab, arguments: &BenchArguments) -> Result<Report, CommandError> {
    let clock = SystemClock::start();
    lab.check_space(arguments.preload + arguments.orders * arguments.invoices_per_order)?;
    let open_orders = if arguments.floor { floor::OPEN_ORDERS } else { 0 };
    template::make(lab, arguments.preload, open_orders).await?;

    let time = Duration::from_secs(arguments.seconds);
    let pace = arguments.rate.map_or(Pace::Callers(arguments.concurrency), Pace::Rate);
    let options = RunOptions {
        orders: arguments.orders,
        invoices_per_order: arguments.invoices_per_order,
        payments_per_order: arguments.payments_per_order,
        pace,
        time,
        fault: arguments.fault.as_deref(),
    };
    let (mut runs, mut floors, mut pgbench) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 1..=if arguments.floor { TURNS } else { 1 } {
        runs.push(run::measure(lab, clock, &format!("run_{turn}"), options).await?);
        if arguments.floor {
            let name = format!("floor_{turn}");
            floors.push(floor::measure(lab, arguments.database, clock, &name, time).await?);
        }
        if arguments.pgbench {
            pgbench.push(floor::measure_with_pgbench(lab, &format!("pgbench_{turn}"), time).await?);
        }
    }
    let mut overload = None;
    if let (true, Some(peak)) = (arguments.overload, runs.first().cloned()) {
        let rate = figures::whole(peak.settled_per_second) * OVERLOAD;
        let run =
            run::measure(lab, clock, "overload", RunOptions { pace: Pace::Rate(rate), ..options }).await?;
        overload = Some(Overload {
            rate,
            peak_per_second: peak.settled_per_second,
            goodput_per_second: run.settled_per_second,
            goodput_ratio: figures::ratio(run.settled_per_second, peak.settled_per_second),
            server_rss_peak_bytes_of_both: (peak.server_rss_peak_bytes, run.server_rss_peak_bytes),
            shed_ratio: each(
                run.invoices_shed,
                run.invoices_shed + run.invoices_accepted + run.invoices_failed + run.invoices_unsent,
            ),
            run,
        });
    }
    Report::new(arguments, runs, floors, pgbench, overload)
}
