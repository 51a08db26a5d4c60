//! What a decision costs: no wire, no database, one order.
//!
//! A figure is the time of one `decide`, and of dropping what it decided. Each command is decided once before it is
//! measured, and ends the benchmark if it is not decided as its name says.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set up ends the benchmark")]

mod books;
mod commands;
mod decide;
mod plan;

use std::time::Duration;

use criterion::Criterion;

fn main() {
    // Decisions take microseconds, so that two seconds hold samples enough.
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    decide::measure(&mut criterion);
    plan::measure(&mut criterion);
    criterion.final_summary();
}
