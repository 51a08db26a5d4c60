//! What is measured, as figures: of one run, and the median of several.
#![expect(clippy::float_arithmetic, reason = "figures of speed are no amounts of money")]

use hdrhistogram::Histogram;
use serde::Serialize;

use super::process::Usage;

/// A latency's distribution, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Quantiles {
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
    pub(super) max: f64,
}

/// Processor seconds for each settled invoice; absent where the platform does not tell, and for a database that has no
/// process of its own.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct CpuSeconds {
    pub(super) server: Option<f64>,
    pub(super) database: Option<f64>,
    pub(super) sandbox: Option<f64>,
    pub(super) load: Option<f64>,
}

/// What a run showed.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    /// Invoices whose settlement could be read in the event log, over the time from the first one sent to the last one
    /// settled.
    pub(super) settled_per_second: f64,
    /// Acknowledged invoices, over the time in which invoices were sent.
    pub(super) accepted_per_second: f64,
    /// For how long invoices were sent.
    pub(super) sending_seconds: f64,
    /// Whether that was cut short, as all invoices were out.
    pub(super) is_supply_out: bool,
    pub(super) invoices_accepted: u64,
    pub(super) invoices_settled: u64,
    /// Turned away by the server for lack of room; nothing was done for them.
    pub(super) invoices_shed: u64,
    /// Due in an open loop while too many waited for their answers already; never sent.
    pub(super) invoices_unsent: u64,
    /// Answered with something else than they should be.
    pub(super) invoices_failed: u64,
    pub(super) ack_ms: Quantiles,
    pub(super) settled_ms: Quantiles,
    pub(super) cpu_seconds_per_settled: CpuSeconds,
    pub(super) server_rss_peak_bytes: Option<u64>,
    pub(super) commits_per_settled: f64,
    /// Those of reads included, the beginnings and ends of transactions not.
    pub(super) statements_per_settled: f64,
    /// PostgreSQL's write-ahead log.
    pub(super) wal_bytes_per_settled: Option<f64>,
    /// What the server's process had written to disk: on SQLite the log and the file, and everywhere its own log.
    pub(super) server_disk_bytes_per_settled: Option<f64>,
    /// Commands that one batch decided, callers' and internal ones.
    pub(super) batch_commands: f64,
    /// `ok`, or what differs.
    pub(super) audit: String,
}

/// A number that is exact enough for a figure.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a figure needs no more than 53 bits")]
pub(super) fn real(count: u64) -> f64 {
    count as f64
}

/// `count` for each of `per`; 0 for none.
pub(super) fn each(count: u64, per: u64) -> f64 {
    if per == 0 { 0.0 } else { real(count) / real(per) }
}

/// `count` in a second, if so many took so many microseconds.
pub(super) fn per_second(count: u64, micros: i64) -> f64 {
    each(count, u64::try_from(micros).unwrap_or(0)) * 1e6
}

/// One rate for each of another; 0 of none.
pub(super) fn ratio(rate: f64, of: f64) -> f64 {
    if of > 0.0 { rate / of } else { 0.0 }
}

/// A histogram of microseconds, read.
pub(super) fn quantiles(micros: &Histogram<u64>) -> Quantiles {
    let millis = |micros: u64| real(micros) / 1e3;
    Quantiles {
        p50: millis(micros.value_at_quantile(0.5)),
        p99: millis(micros.value_at_quantile(0.99)),
        p999: millis(micros.value_at_quantile(0.999)),
        max: millis(micros.max()),
    }
}

/// Processor seconds between two looks, for each of `per`.
pub(super) fn cpu_each(before: Option<Usage>, after: Option<Usage>, per: u64) -> Option<f64> {
    let micros = after?.cpu_micros.saturating_sub(before?.cpu_micros);
    Some(each(micros, per) / 1e6)
}

/// A rate as a whole number, at least 1.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is above 0, and far below what would not fit"
)]
pub(super) fn whole(rate: f64) -> u64 {
    rate.round().max(1.0) as u64
}

/// The middle one, the lower of two middle ones; 0 of none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

/// By how much the largest is above the smallest; none, if there is nothing to compare.
pub(super) fn spread(values: &[f64]) -> Option<f64> {
    let smallest = values.iter().copied().reduce(f64::min)?;
    let largest = values.iter().copied().reduce(f64::max)?;
    (smallest > 0.0).then(|| largest / smallest - 1.0)
}

/// The run in the middle, by what it settled in a second: its figures belong together.
pub(super) fn median_run(runs: &[Figures]) -> Option<&Figures> {
    let middle = median(runs.iter().map(|run| run.settled_per_second).collect());
    runs.iter().find(|run| run.settled_per_second.total_cmp(&middle).is_eq())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_spread() {
        for (values, middle, apart) in [
            (vec![], 0.0, None),
            (vec![4.0], 4.0, Some(0.0)),
            (vec![3.0, 1.0], 1.0, Some(2.0)),
            (vec![5.0, 4.0, 6.0], 5.0, Some(0.5)),
            (vec![0.0, 2.0, 2.0], 2.0, None),
        ] {
            assert_eq!(spread(&values), apart, "{values:?}");
            assert!(median(values).total_cmp(&middle).is_eq());
        }
    }
}
