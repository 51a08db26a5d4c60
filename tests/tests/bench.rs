//! `bench`: every run is audited, the figures are there, and books that differ make it fail.
#![expect(clippy::float_arithmetic, reason = "figures of speed are no amounts of money")]

use serde_json::Value;
use tranche_tests::process::{Ended, run_in};
use tranche_tests::world::DatabaseKind;

use crate::PROGRAM;

/// A small world, that fits beside the other tests.
const SMALL: [&str; 8] =
    ["--seconds", "1", "--preload", "200", "--orders", "48", "--invoices-per-order", "6"];

/// The same with the floor, and with more invoices than can be settled in the time: otherwise there is no comparison.
const FLOOR: [&str; 9] =
    ["--seconds", "1", "--preload", "200", "--orders", "400", "--concurrency", "8", "--floor"];

async fn bench(database: DatabaseKind, arguments: &[&str]) -> (Ended, Option<Value>) {
    run(database, &[&SMALL[..], arguments].concat()).await
}

async fn run(database: DatabaseKind, arguments: &[&str]) -> (Ended, Option<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let database = match database {
        DatabaseKind::Sqlite => "sqlite",
        DatabaseKind::Postgres => "postgres",
    };
    let mut arguments = [&["bench", "--database", database], arguments].concat();
    if !arguments.contains(&"--json") {
        arguments.extend(["--json", "figures.json"]);
    }
    let ended = run_in(PROGRAM.as_ref(), &arguments, folder.path()).await;
    let figures = std::fs::read_to_string(folder.path().join("figures.json")).ok();
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, usize::from(figures.is_some()), "the benchmark leaves files where it was started");
    (ended, figures.map(|text| serde_json::from_str(&text).unwrap()))
}

fn number(figures: &Value, path: &str) -> f64 {
    let figure = figures.pointer(path).and_then(Value::as_f64);
    figure.unwrap_or_else(|| panic!("{path} is no number in {figures:#}"))
}

on_both_databases!(figures_and_floor_are_told, two_payments_share_an_open_loop);

async fn figures_and_floor_are_told(database: DatabaseKind) {
    let (ended, figures) = run(database, &FLOOR).await;
    assert!(ended.success, "{ended:?}");
    let last = ended.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with("bench: ok - ") && last.ends_with(" invoices audited, books agree"), "{last}");
    let figures = figures.unwrap();
    for path in [
        "/settled_per_second",
        "/accepted_per_second",
        "/ack_ms/p50",
        "/ack_ms/p99",
        "/ack_ms/p999",
        "/settled_ms/p50",
        "/settled_ms/p99",
        "/settled_ms/p999",
        "/server_rss_peak_bytes",
        "/cpu_seconds_per_settled/server",
        "/commits_per_settled",
        "/statements_per_settled",
        "/batch_commands",
    ] {
        assert!(number(&figures, path) > 0.0, "{path} in {figures:#}");
    }
    for of_postgres in ["/cpu_seconds_per_settled/database", "/wal_bytes_per_settled"] {
        let is_told = figures.pointer(of_postgres).is_some_and(|figure| !figure.is_null());
        assert_eq!(is_told, database == DatabaseKind::Postgres, "{of_postgres} in {figures:#}");
    }
    assert_eq!(figures["audit"], "ok");
    let runs = figures["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 3, "{figures:#}");
    for run in runs {
        assert_eq!(run["audit"], "ok", "{run:#}");
        assert_eq!(run["invoices_accepted"], run["invoices_settled"], "{run:#}");
    }
    let floors: Vec<f64> =
        figures["floor_runs_per_second"].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    assert!(floors.len() == 3 && floors.iter().all(|floor| *floor > 0.0), "{figures:#}");
    // Beside other tests the floors may differ by so much that they count for nothing, which the run then says.
    if figures["floor_counts"] == true {
        let ratio = number(&figures, "/settled_per_second") / number(&figures, "/floor_per_second");
        assert!((number(&figures, "/floor_ratio") - ratio).abs() < 1e-6, "{figures:#}");
    } else {
        assert!(figures["floor_ratio"].is_null() && figures["floor_per_second"].is_null(), "{figures:#}");
        assert!(last.contains(", without a comparison, "), "{last}");
        assert!(ended.stdout.contains("counts for nothing"), "{ended:?}");
    }
}

async fn two_payments_share_an_open_loop(database: DatabaseKind) {
    let (ended, figures) = bench(database, &["--payments-per-order", "2", "--rate", "40"]).await;
    assert!(ended.success, "{ended:?}");
    let figures = figures.unwrap();
    assert_eq!((&figures["audit"], &figures["rate"]), (&Value::from("ok"), &Value::from(40)));
    // One second of forty, whatever the answers.
    assert_eq!(figures["invoices_accepted"], 40, "{figures:#}");
    assert_eq!(figures["invoices_settled"], 40, "{figures:#}");
}

#[tokio::test]
async fn an_overload_is_compared_with_the_peak() {
    // Eight times as many orders, or they would all be out before the server is full.
    let arguments =
        ["--seconds", "2", "--preload", "200", "--orders", "400", "--concurrency", "64", "--overload"];
    let (ended, figures) = run(DatabaseKind::Sqlite, &arguments).await;
    assert!(ended.success, "{ended:?}");
    let overload = &figures.unwrap()["overload"];
    let run = &overload["run"];
    assert_eq!(run["audit"], "ok", "{overload:#}");
    assert!(number(run, "/invoices_settled") >= number(run, "/invoices_accepted"), "{overload:#}");
    assert!(number(overload, "/goodput_ratio") > 0.0, "{overload:#}");
    let rate = number(overload, "/rate");
    assert!((rate - 3.0 * number(overload, "/peak_per_second")).abs() <= 3.0, "{overload:#}");
}

#[tokio::test]
async fn what_the_server_has_no_room_for_is_shed_and_nothing_else() {
    let world = ["--preload", "200", "--orders", "600", "--invoices-per-order", "20"];
    let arguments = [&world[..], &["--seconds", "1", "--rate", "50000"]].concat();
    let (ended, figures) = run(DatabaseKind::Sqlite, &arguments).await;
    assert!(ended.success, "{ended:?}");
    let figures = figures.unwrap();
    assert!(number(&figures, "/invoices_shed") > 0.0, "{figures:#}");
    assert_eq!(figures["invoices_failed"], 0, "{figures:#}");
    assert_eq!(figures["invoices_accepted"], figures["invoices_settled"], "{figures:#}");
}

#[tokio::test]
async fn a_floor_without_enough_invoices_beside_it_is_no_comparison() {
    let arguments = ["--seconds", "1", "--preload", "200", "--orders", "4", "--floor"];
    let (ended, figures) = run(DatabaseKind::Sqlite, &arguments).await;
    assert!(ended.success && figures.unwrap()["floor_ratio"].is_null(), "{ended:?}");
    assert!(ended.stdout.contains("all invoices were out") && ended.stdout.contains("without a comparison"));
}

#[tokio::test]
async fn lost_answers_are_asked_for_again_and_the_books_agree() {
    // Few: a provider that loses the first answer of everything is called less and less.
    let few = ["--seconds", "1", "--preload", "20", "--orders", "3", "--invoices-per-order", "2"];
    let arguments = [&few[..], &["--fault", "lose-answer", "--concurrency", "4"]].concat();
    let (ended, figures) = run(DatabaseKind::Sqlite, &arguments).await;
    assert!(ended.success, "{ended:?}");
    assert_eq!(figures.unwrap()["invoices_failed"], 0);
}

#[tokio::test]
async fn books_that_differ_make_it_fail() {
    for fault in ["settle-twice", "forget", "settle-less"] {
        let (ended, figures) = bench(DatabaseKind::Sqlite, &["--fault", fault]).await;
        assert!(!ended.success && !ended.stdout.contains("bench: ok"), "{fault}: {ended:?}");
        assert!(ended.stderr.contains("the audit failed"), "{fault}: {ended:?}");
        assert!(ended.stderr.contains("order-0000"), "{fault} names no order: {ended:?}");
        assert_ne!(figures.unwrap()["audit"], "ok", "{fault}");
    }
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused() {
    for (arguments, expected) in [
        (&["--overload", "--floor"][..], "cannot be used with"),
        (&["--overload", "--rate", "5"], "cannot be used with"),
        (&["--pgbench"], "--floor"),
        (&["--rate", "5", "--floor"], "cannot be used with"),
        (&["--rate", "5", "--concurrency", "5"], "cannot be used with"),
        (&["--floor", "--pgbench"], "--database postgres"),
        (&["--floor", "--payments-per-order", "2"], "--payments-per-order"),
        (&["--orders", "200000", "--payments-per-order", "20"], "fewer --orders"),
        (&["--concurrency", "0"], "from 1 to"),
        (&["--fault", "nonsense"], "--fault"),
        (&["--json", "no/such/folder.json"], "cannot be written"),
    ] {
        let (ended, figures) = run(DatabaseKind::Sqlite, arguments).await;
        assert!(!ended.success && figures.is_none(), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(expected), "{arguments:?}: {ended:?}");
    }
}
