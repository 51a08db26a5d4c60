//! The end of a benchmark: what it was, what it showed, and whether that counts.
#![expect(clippy::float_arithmetic, reason = "figures of speed are no amounts of money")]

use std::path::Path;

use serde::Serialize;

use super::BenchArguments;
use super::figures::{Figures, median, median_run, spread};
use super::{BenchDatabase, table};
use crate::CommandError;

/// Floors that differ by more were measured on a machine that did something else.
const FLOOR_SPREAD_MAX: f64 = 0.2;
/// By how much pgbench may differ from the floor.
const PGBENCH_DIFFERENCE_MAX: f64 = 0.15;
/// What an audit says that found nothing.
pub(super) const OK: &str = "ok";

/// All figures of a benchmark. Those of the run in the middle stand at the top.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    version: &'static str,
    database: BenchDatabase,
    processors: usize,
    orders: u64,
    invoices_per_order: u64,
    payments_per_order: u64,
    seconds: u64,
    /// Callers of a closed loop; absent in an open one.
    concurrency: Option<usize>,
    /// Invoices a second of an open loop.
    rate: Option<u64>,
    preload: u64,
    /// What the conventional design settles; absent if it was not measured, or does not count.
    floor_per_second: Option<f64>,
    /// Settled invoices for each of the floor's; absent too if the product ran out of invoices before the time was over.
    floor_ratio: Option<f64>,
    /// By how much the fastest of the floor's runs was above the slowest.
    floor_spread: Option<f64>,
    /// Whether the machine was quiet enough to compare.
    floor_counts: Option<bool>,
    floor_runs_per_second: Vec<f64>,
    /// What pgbench settles by the floor's own statements; absent if it was not asked.
    floor_pgbench_per_second: Option<f64>,
    overload: Option<Overload>,
    #[serde(flatten)]
    median: Figures,
    runs: Vec<Figures>,
}

/// What became of the server under more than it can do.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Overload {
    /// Invoices that were due in a second.
    pub(super) rate: u64,
    /// What the server settles for callers who wait.
    pub(super) peak_per_second: f64,
    /// What it settled of the overload.
    pub(super) goodput_per_second: f64,
    /// The latter for each of the former.
    pub(super) goodput_ratio: f64,
    /// Its memory for callers who wait, and under overload.
    pub(super) server_rss_peak_bytes_of_both: (Option<u64>, Option<u64>),
    /// Turned away, for each that was due.
    pub(super) shed_ratio: f64,
    /// All of the overload's figures.
    pub(super) run: Figures,
}

impl Report {
    /// Sums up runs; there must be one at least.
    pub(super) fn new(
        arguments: &BenchArguments,
        runs: Vec<Figures>,
        floors: Vec<f64>,
        pgbench: Vec<f64>,
        overload: Option<Overload>,
    ) -> Result<Self, CommandError> {
        let nothing = || CommandError("nothing was measured".to_owned());
        let mut middle = median_run(&runs).ok_or_else(nothing)?.clone();
        let all = runs.iter().chain(overload.iter().map(|overload| &overload.run));
        if all.clone().any(|run| run.invoices_settled == 0) {
            return Err(CommandError("a run settled nothing; it has no figures".to_owned()));
        }
        let failed: Vec<&str> = all.map(|run| run.audit.as_str()).filter(|audit| *audit != OK).collect();
        if !failed.is_empty() {
            middle.audit = failed.join("\n");
        }
        let floor_spread = spread(&floors);
        let is_quiet = floor_spread.is_some_and(|spread| spread <= FLOOR_SPREAD_MAX);
        let floor_counts = (!floors.is_empty()).then_some(is_quiet);
        let floor = floor_counts.unwrap_or(false).then(|| median(floors.clone()));
        Ok(Self {
            version: env!("CARGO_PKG_VERSION"),
            database: arguments.database,
            processors: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            orders: arguments.orders,
            invoices_per_order: arguments.invoices_per_order,
            payments_per_order: arguments.payments_per_order,
            seconds: arguments.seconds,
            concurrency: arguments.rate.is_none().then_some(arguments.concurrency),
            rate: arguments.rate,
            preload: arguments.preload,
            floor_per_second: floor,
            floor_ratio: floor
                .filter(|floor| *floor > 0.0 && !middle.is_supply_out)
                .map(|floor| middle.settled_per_second / floor),
            floor_spread,
            floor_counts,
            floor_runs_per_second: floors,
            floor_pgbench_per_second: (!pgbench.is_empty()).then(|| median(pgbench)),
            overload,
            median: middle,
            runs,
        })
    }

    /// Prints what a person wants to see.
    pub(super) fn print(&self) {
        let is_middle =
            |run: &Figures| run.settled_per_second.total_cmp(&self.median.settled_per_second).is_eq();
        let title = |(index, run)| match (self.runs.len(), is_middle(run)) {
            (1, _) => "run".to_owned(),
            (_, true) => format!("run {} (median)", index + 1),
            (_, false) => format!("run {}", index + 1),
        };
        let mut shown: Vec<(String, &Figures)> =
            self.runs.iter().enumerate().map(|row| (title(row), row.1)).collect();
        shown.extend(self.overload.iter().map(|overload| ("overload".to_owned(), &overload.run)));
        println!("{}", table::runs(&shown));
        if let Some(spread) = self.floor_spread {
            let floors: Vec<String> =
                self.floor_runs_per_second.iter().map(|floor| format!("{floor:.0}")).collect();
            println!("floor: {} settled a second, {:.0} % apart", floors.join(", "), spread * 100.0);
        }
        if let Some(pgbench) = self.floor_pgbench_per_second {
            let floor = median(self.floor_runs_per_second.clone());
            let agrees = (pgbench / floor - 1.0).abs() <= PGBENCH_DIFFERENCE_MAX;
            println!(
                "pgbench: {pgbench:.0} settled a second by the same statements, {:.2} of the floor{}",
                pgbench / floor,
                if agrees { "" } else { ": too far apart; one of the two clients is in the way" }
            );
        }
        for (title, run) in shown.iter().filter(|(_, run)| run.is_supply_out) {
            println!(
                "{title}: all invoices were out after {:.1} seconds; ask for more --orders",
                run.sending_seconds
            );
        }
        if self.floor_counts == Some(false) {
            println!(
                "floor: the runs differ by more than {:.0} %: the machine did something else too, and the comparison \
                 counts for nothing",
                FLOOR_SPREAD_MAX * 100.0
            );
        }
        if let Some(overload) = &self.overload {
            println!(
                "overload: {} due a second, {:.0} settled, {:.2} of the peak of {:.0}; {:.0} % shed",
                overload.rate,
                overload.goodput_per_second,
                overload.goodput_ratio,
                overload.peak_per_second,
                overload.shed_ratio * 100.0
            );
        }
    }

    /// Writes the figures as JSON.
    pub(super) fn write(&self, path: &Path) -> Result<(), CommandError> {
        let attempt = format!("the figures cannot be written to {}", path.display());
        let text = serde_json::to_string_pretty(self).map_err(|error| CommandError::new(&attempt, &error))?;
        std::fs::write(path, text + "\n").map_err(|error| CommandError::new(&attempt, &error))
    }

    /// The last line; an error, if a run's books do not agree.
    pub(super) fn verdict(&self) -> Result<String, CommandError> {
        if self.median.audit != OK {
            return Err(CommandError(format!("bench: the audit failed:\n{}", self.median.audit)));
        }
        let all = self.runs.iter().chain(self.overload.iter().map(|overload| &overload.run));
        let settled: u64 = all.map(|run| run.invoices_settled).sum();
        let ratio = match (self.floor_ratio, self.floor_counts) {
            (Some(ratio), _) => format!(", {ratio:.2} times the floor"),
            (None, Some(_)) => ", without a comparison".to_owned(),
            (None, None) => String::new(),
        };
        Ok(format!(
            "bench: ok - {:.0} settled a second{ratio}, {settled} invoices audited, books agree",
            self.median.settled_per_second
        ))
    }
}
