//! `demo`: it ends well by itself, and notices a provider that does not do what it says.

use tranche_tests::process::{Ended, run_in};

use crate::PROGRAM;

async fn demo(arguments: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let arguments: Vec<&str> = [&["demo"], arguments].concat();
    let ended = run_in(PROGRAM.as_ref(), &arguments, folder.path()).await;
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "the demo leaves files where it was started");
    ended
}

#[tokio::test]
async fn ends_well_and_counts_what_it_did() {
    let ended = demo(&[]).await;
    assert!(ended.success, "{ended:?}");
    let last = ended.stdout.lines().last().unwrap_or_default();
    let calls = last
        .strip_prefix("demo: ok - 15 invoices, ")
        .and_then(|rest| rest.strip_suffix(" provider calls, books agree"));
    let calls: u32 = calls.unwrap_or_else(|| panic!("{last}")).parse().unwrap();
    // PARTIAL settles thrice, TOTAL and HOLD once each, and two payments at least once each.
    assert!(calls >= 7, "{last}");
    for mode in ["PARTIAL", "TOTAL", "HOLD", "ExplainOrder"] {
        assert!(ended.stdout.contains(mode), "{mode} is not told:\n{}", ended.stdout);
    }
}

#[tokio::test]
async fn a_provider_that_settles_one_unit_less_is_named() {
    noticed("settle-less").await;
}

#[tokio::test]
async fn a_provider_that_settles_twice_is_named() {
    noticed("settle-twice").await;
}

#[tokio::test]
async fn a_provider_that_forgets_a_settlement_is_named() {
    noticed("forget").await;
}

async fn noticed(fault: &str) {
    let ended = demo(&["--fault", fault]).await;
    assert!(!ended.success, "{fault}: {ended:?}");
    assert!(!ended.stdout.contains("demo: ok"), "{fault}: {ended:?}");
    let complaint = &ended.stderr;
    assert!(
        complaint.contains("card") && complaint.contains("order-1001"),
        "{fault} names no payment: {complaint}"
    );
}
