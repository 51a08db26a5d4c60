//! Rules about the sources themselves, kept by tests rather than by memory. Each violation names itself.

mod arrows;
mod data_model;
mod reasons;
mod sources;

/// Fails with one line per violation.
#[track_caller]
fn expect_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}
