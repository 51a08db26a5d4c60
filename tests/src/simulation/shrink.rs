//! Cutting a list of steps that fails down to those that it takes.

use super::{Ground, Report, Step, play};

/// Lists that are tried.
const TRIES_MAX: u32 = 400;

/// The shortest list found that still fails, and what comes of it.
pub async fn shrink(ground: &mut Ground, steps: &[Step], report: Report) -> (Vec<Step>, Report) {
    let mut best = (steps.to_vec(), report);
    let mut tries = 0;
    let mut size = best.0.len() / 2;
    while size > 0 && tries < TRIES_MAX {
        let mut from = 0;
        while from < best.0.len() && tries < TRIES_MAX {
            let mut fewer = best.0.clone();
            fewer.drain(from..fewer.len().min(from + size));
            tries += 1;
            let report = play(ground, &fewer).await;
            if report.failures.is_empty() {
                from += size;
            } else {
                best = (fewer, report);
            }
        }
        size /= 2;
    }
    best
}
