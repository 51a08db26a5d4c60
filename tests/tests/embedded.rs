//! `serve` and `migrate` as somebody finds them who has just installed the program.

use tranche_tests::process::{Ended, run, run_in};
use tranche_tests::raw::RawClient;
use tranche_tests::shop::Terms;
use tranche_tests::world::{DatabaseKind, World};

use crate::PROGRAM;

on_both_databases! { the_schema_goes_up_and_down_and_up_again, a_server_that_runs_is_serving }

/// `grpc.health.v1.HealthCheckResponse` with the status SERVING.
const SERVING: [u8; 2] = [0x08, 0x01];

async fn migrate(direction: &[&str], url: &str) -> Ended {
    run(PROGRAM.as_ref(), &[&["migrate"], direction, &["--database", url]].concat()).await
}

async fn the_schema_goes_up_and_down_and_up_again(kind: DatabaseKind) {
    let folder = tempfile::tempdir().unwrap();
    let postgres;
    let url = match kind {
        DatabaseKind::Sqlite => format!("sqlite:{}", folder.path().join("tranche.db").display()),
        DatabaseKind::Postgres => {
            postgres = tranche_tests::postgres::empty_database().await;
            postgres.url.clone()
        }
    };
    let steps = |ended: &Ended, verb: &str| {
        assert!(ended.success, "{ended:?}");
        ended.stdout.lines().filter(|line| line.starts_with(verb)).count()
    };
    let all = steps(&migrate(&["up"], &url).await, "applied ");
    assert!(all > 0);
    assert_eq!(migrate(&["up"], &url).await.stdout, "nothing to do\n");
    assert_eq!(steps(&migrate(&["status"], &url).await, "applied "), all);

    let unsaid = migrate(&["down"], &url).await;
    assert!(!unsaid.success && unsaid.stderr.contains("--remove-all-data"), "{unsaid:?}");
    assert_eq!(steps(&migrate(&["status"], &url).await, "applied "), all);
    assert_eq!(steps(&migrate(&["down", "--remove-all-data"], &url).await, "removed "), all);
    assert_eq!(steps(&migrate(&["status"], &url).await, "pending "), all);
    assert_eq!(steps(&migrate(&["up"], &url).await, "applied "), all);
}

async fn a_server_that_runs_is_serving(database: DatabaseKind) {
    let mut world = World::new(PROGRAM, database).await;
    let client = RawClient::connect(&world.url()).await;
    assert_eq!(client.call("/grpc.health.v1.Health/Check", Vec::new()).await.unwrap(), SERVING);
    drop(client);
    assert!(world.stop(0).await, "an orderly end is a success: {}", world.log(0));
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused() {
    let world = World::new(PROGRAM, DatabaseKind::Sqlite).await;
    let ended = world.serve(1).await.expect_err("the second server runs");
    assert!(!ended.success);
    let complaint = ended.stderr.lines().last().unwrap_or_default();
    assert!(complaint.contains("tranche.db") && complaint.contains("another"), "not clear: {}", ended.stderr);
    // The first one does not mind.
    world.shop().connect(Terms::parse("PARTIAL").unwrap(), 20_000).await.unwrap();
}

#[tokio::test]
async fn plaintext_beyond_loopback_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run_in(PROGRAM.as_ref(), &["serve", "--listen", "0.0.0.0:0"], folder.path()).await;
    assert!(!ended.success);
    assert!(ended.stderr.contains("--allow-plaintext-beyond-loopback"), "{ended:?}");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "a refused start makes no database");
}

#[tokio::test]
async fn an_empty_postgres_is_not_served_unless_told_to_migrate() {
    let database = tranche_tests::postgres::empty_database().await;
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", &database.url];
    let ended = run(PROGRAM.as_ref(), &arguments).await;
    assert!(!ended.success && ended.stderr.contains("migrate"), "{ended:?}");
}
