//! What a person sees at the end.
#![expect(clippy::float_arithmetic, reason = "figures of speed are no amounts of money")]

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};

use super::figures::{Figures, Quantiles};
use super::report::OK;

/// The figures of runs, side by side.
pub(super) fn runs(runs: &[(String, &Figures)]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    let titles = runs.iter().map(|(title, _)| title.clone());
    table.set_header(std::iter::once(String::new()).chain(titles));
    for (name, show) in ROWS {
        let cells = runs.iter().map(|(_, run)| show(run));
        table.add_row(std::iter::once((*name).to_owned()).chain(cells));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

type Row = (&'static str, fn(&Figures) -> String);

const ROWS: &[Row] = &[
    ("settled a second", |run| format!("{:.0}", run.settled_per_second)),
    ("accepted a second", |run| format!("{:.0}", run.accepted_per_second)),
    ("settled invoices", |run| run.invoices_settled.to_string()),
    ("shed", |run| run.invoices_shed.to_string()),
    ("answered with an error", |run| run.invoices_failed.to_string()),
    ("due, but never sent", |run| run.invoices_unsent.to_string()),
    ("acknowledgement p50 / p99 / p99.9 (ms)", |run| latency(run.ack_ms)),
    ("invoice to settled p50 / p99 / p99.9 (ms)", |run| latency(run.settled_ms)),
    ("CPU of the server for each (µs)", |run| micros(run.cpu_seconds_per_settled.server)),
    ("CPU of the database (µs)", |run| micros(run.cpu_seconds_per_settled.database)),
    ("CPU of the sandbox (µs)", |run| micros(run.cpu_seconds_per_settled.sandbox)),
    ("CPU of the load (µs)", |run| micros(run.cpu_seconds_per_settled.load)),
    ("server's peak memory (MiB)", |run| {
        run.server_rss_peak_bytes.map_or("-".to_owned(), |bytes| (bytes >> 20).to_string())
    }),
    ("commands of a batch", |run| format!("{:.1}", run.batch_commands)),
    ("commits for each", |run| format!("{:.3}", run.commits_per_settled)),
    ("statements for each", |run| format!("{:.3}", run.statements_per_settled)),
    ("write-ahead log for each (bytes)", |run| whole(run.wal_bytes_per_settled)),
    ("server's disk writes for each (bytes)", |run| whole(run.server_disk_bytes_per_settled)),
    ("audit", |run| if run.audit == OK { OK.to_owned() } else { "FAILED".to_owned() }),
];

fn latency(of: Quantiles) -> String {
    format!("{:.1} / {:.1} / {:.1}", of.p50, of.p99, of.p999)
}

fn micros(seconds: Option<f64>) -> String {
    seconds.map_or("-".to_owned(), |seconds| format!("{:.0}", seconds * 1e6))
}

fn whole(figure: Option<f64>) -> String {
    figure.map_or("-".to_owned(), |figure| format!("{figure:.0}"))
}
