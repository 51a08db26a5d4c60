//! Postgres for tests: crashes, comes back, hands out databases, and never outlives its owner.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tranche_cli::cluster::{Endpoint, find_binaries};
use tranche_tests::postgres::{self, TestServer};

#[tokio::test]
async fn a_killed_cluster_keeps_what_it_committed_and_goes_when_stopped() {
    let mut cluster = postgres::own_cluster().await;
    cluster.create_database("kept", None).await.unwrap();
    let server = TestServer::new(cluster.endpoint().clone());
    server.query("kept", "CREATE TABLE rows (id int); INSERT INTO rows VALUES (42)").await;
    assert_eq!(server.query("kept", "SHOW fsync").await, "on");

    for _ in 0..2 {
        cluster.kill_nine().await.unwrap();
        assert!(!listens(cluster.endpoint().port()), "it still listens after SIGKILL");
        cluster.restart().await.unwrap();
        assert_eq!(server.query("kept", "SELECT id FROM rows").await, "42");
    }

    let (folder, port) = (cluster.folder().to_owned(), cluster.endpoint().port());
    cluster.stop().await.unwrap();
    assert!(!folder.exists() && !listens(port));
}

#[tokio::test]
async fn postgres_dies_with_its_owner() {
    // Asked to end by a closed input, and killed without a chance to clean up.
    for kill in [false, true] {
        let mut owner = tokio::process::Command::new(env!("CARGO_BIN_EXE_postgres-for-tests"));
        let mut owner =
            owner.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
        let url = lines.next_line().await.unwrap().expect("a URL");
        let endpoint = Endpoint::from_url(find_binaries().unwrap(), &url).unwrap();
        let port = endpoint.port();
        let data = TestServer::new(endpoint).query("postgres", "SHOW data_directory").await;
        let folder = PathBuf::from(data).parent().map(Path::to_owned).unwrap();
        assert!(folder.exists() && listens(port));

        if kill {
            owner.kill().await.unwrap();
        } else {
            drop(owner.stdin.take());
            assert!(owner.wait().await.unwrap().success());
            assert!(!folder.exists() && !listens(port), "an orderly end waits for the cluster's");
        }
        for _ in 0..500 {
            if folder.exists() || listens(port) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        assert!(!folder.exists(), "{} is left", folder.display());
        assert!(!listens(port), "port {port} still answers");
    }
}

#[tokio::test]
async fn a_template_is_migrated_once_and_every_test_gets_a_copy_of_its_own() {
    let cluster = postgres::own_cluster().await;
    let server = TestServer::new(cluster.endpoint().clone());
    let migrations = AtomicU32::new(0);
    let migrate = async |url: &str| {
        assert!(url.ends_with("_unfinished"), "{url}");
        migrations.fetch_add(1, Ordering::SeqCst);
        server.query("tranche_template_unfinished", "CREATE TABLE migrated (id int)").await;
        Ok(())
    };
    let (one, two, three) =
        tokio::join!(server.database(migrate), server.database(migrate), server.database(migrate));
    assert_eq!(migrations.load(Ordering::SeqCst), 1);
    one.query("INSERT INTO migrated VALUES (1)").await;
    assert_eq!(one.query("SELECT count(*) FROM migrated").await, "1");
    for other in [&two, &three] {
        assert_eq!(other.query("SELECT count(*) FROM migrated").await, "0");
    }
    let empty = server.empty_database().await;
    assert_eq!(empty.query("SELECT count(*) FROM pg_tables WHERE tablename = 'migrated'").await, "0");
    drop((one, two, three, empty));
    cluster.stop().await.unwrap();
}

fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}
