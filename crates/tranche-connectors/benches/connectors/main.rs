//! What a call costs beside the wire: building its request, reading its response, and taking secrets out of its record.
//!
//! A figure is the time of one of them, and of dropping what it made. Each is done once before it is measured, and ends
//! the benchmark if it does not come to what its name says.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be set up ends the benchmark")]

mod calls;
mod ppp;
mod redaction;
mod texts;

use std::time::Duration;

use criterion::Criterion;

fn main() {
    // The large bodies take milliseconds; three seconds hold samples enough of them, and of the others more.
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    ppp::requests(&mut criterion);
    ppp::responses(&mut criterion);
    redaction::measure(&mut criterion);
    criterion.final_summary();
}
