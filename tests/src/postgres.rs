//! Postgres for tests: a database per test, cloned from a template that is migrated once per cluster.
//!
//! One cluster serves a whole run when `TRANCHE_TEST_POSTGRES_URL` names it (the program `postgres-for-tests`
//! starts one); without that each test process starts its own, which dies with it.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::sync::OnceCell;
use tranche_cli::cluster::{Cluster, ClusterError, ClusterOptions, Endpoint, find_binaries};

/// Names the cluster of the run.
pub const URL_VARIABLE: &str = "TRANCHE_TEST_POSTGRES_URL";
/// Names the folder with Postgres's programs.
pub const BINARIES_VARIABLE: &str = "TRANCHE_TEST_POSTGRES_BIN";

/// The migrated database that tests get copies of; under the other name while it is being made.
const TEMPLATE: &str = "tranche_template";
const TEMPLATE_UNFINISHED: &str = "tranche_template_unfinished";
/// The advisory lock of whoever makes the template.
const TEMPLATE_LOCK: u32 = 20_260_101;

static SHARED: OnceCell<Shared> = OnceCell::const_new();

struct Shared {
    server: TestServer,
    /// Kept for as long as the process lives.
    _own: Option<Cluster>,
}

/// A fresh, migrated database on the cluster of the run. `migrate` is handed the URL of an empty database, and
/// runs only if nobody made the template before; every caller must hand in the same one.
///
/// # Panics
///
/// When there is no database to be had: the test cannot go on.
pub async fn database(migrate: impl AsyncFnOnce(&str) -> Result<(), String>) -> TestDatabase {
    TestServer::of_the_run().await.database(migrate).await
}

/// A fresh database without a table on the cluster of the run.
///
/// # Panics
///
/// When there is no database to be had: the test cannot go on.
pub async fn empty_database() -> TestDatabase {
    TestServer::of_the_run().await.empty_database().await
}

/// How tests start a cluster of their own, to kill it.
///
/// # Panics
///
/// When the cluster does not start: the test cannot go on.
pub async fn own_cluster() -> Cluster {
    let options = ClusterOptions { binaries: binaries(), ..ClusterOptions::default() };
    must(Cluster::start(options).await)
}

/// A cluster that hands out databases.
#[derive(Debug, Clone)]
pub struct TestServer {
    endpoint: Endpoint,
}

impl TestServer {
    /// The server at an address.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }

    async fn of_the_run() -> Self {
        let shared = SHARED.get_or_init(|| async {
            let Some(url) = variable(URL_VARIABLE) else {
                let cluster = own_cluster().await;
                return Shared { server: Self::new(cluster.endpoint().clone()), _own: Some(cluster) };
            };
            let binaries = must(binaries().or_else(find_binaries).ok_or("no PostgreSQL binaries"));
            let endpoint = Endpoint::from_url(binaries, &url);
            let endpoint =
                must(endpoint.ok_or_else(|| format!("{URL_VARIABLE}: not a cluster of ours: {url}")));
            Shared { server: Self::new(endpoint), _own: None }
        });
        shared.await.server.clone()
    }

    /// As the function of this name.
    ///
    /// # Panics
    ///
    /// When there is no database to be had.
    pub async fn database(&self, migrate: impl AsyncFnOnce(&str) -> Result<(), String>) -> TestDatabase {
        if let Some(database) = self.try_database(Some(TEMPLATE)).await {
            return database;
        }
        // One makes it, whoever comes meanwhile waits. The lock is a session's: it goes if its holder is killed.
        let mut lock = TemplateLock::acquire(&self.endpoint).await;
        let found = self.try_database(Some(TEMPLATE)).await;
        let database = if let Some(found) = found {
            found
        } else {
            must(self.endpoint.drop_database(TEMPLATE_UNFINISHED).await);
            must(self.endpoint.create_database(TEMPLATE_UNFINISHED, None).await);
            must(migrate(&self.endpoint.url(TEMPLATE_UNFINISHED)).await);
            // A copy under the final name appears whole or not at all.
            must(self.endpoint.create_database(TEMPLATE, Some(TEMPLATE_UNFINISHED)).await);
            must(self.try_database(Some(TEMPLATE)).await.ok_or("the new template is missing"))
        };
        lock.release().await;
        database
    }

    /// As the function of this name.
    ///
    /// # Panics
    ///
    /// When there is no database to be had.
    pub async fn empty_database(&self) -> TestDatabase {
        must(self.try_database(None).await.ok_or("PostgreSQL has lost its own template"))
    }

    /// What `psql` prints for a statement: rows as lines, columns divided by `|`.
    ///
    /// # Panics
    ///
    /// When the statement fails.
    pub async fn query(&self, database: &str, statement: &str) -> String {
        let mut command = Command::from(self.endpoint.command("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]);
        let output = must(command.output().await);
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// A new database, or none if the template is not there (yet).
    async fn try_database(&self, template: Option<&str>) -> Option<TestDatabase> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("test_{}_{number}", std::process::id());
            match self.endpoint.create_database(&name, template).await {
                Ok(()) => {
                    let url = self.endpoint.url(&name);
                    return Some(TestDatabase { url, name, server: self.clone() });
                }
                Err(ClusterError::Program { message, .. }) if message.contains("does not exist") => {
                    return None;
                }
                // Left by an earlier process of the same number.
                Err(ClusterError::Program { message, .. }) if message.contains("already exists") => {}
                Err(error) => must(Err(error)),
            }
        }
    }
}

/// A database of one test. Dropped with it.
#[derive(Debug)]
pub struct TestDatabase {
    /// Where to connect.
    pub url: String,
    /// Its name on the cluster.
    pub name: String,
    /// The cluster that holds it.
    pub server: TestServer,
}

impl TestDatabase {
    /// What `psql` prints for a statement on this database: rows as lines, columns divided by `|`.
    ///
    /// # Panics
    ///
    /// When the statement fails.
    pub async fn query(&self, statement: &str) -> String {
        self.server.query(&self.name, statement).await
    }
}

impl Drop for TestDatabase {
    /// Best effort and without waiting: what is left goes with the cluster.
    fn drop(&mut self) {
        let mut command = self.server.endpoint.command("dropdb");
        command.args(["--force", "--if-exists", &self.name]).stdout(Stdio::null()).stderr(Stdio::null());
        drop(std::thread::spawn(move || command.status()));
    }
}

/// A session that holds the template's lock, and ends when we do: its standard input closes.
struct TemplateLock {
    session: tokio::process::Child,
}

impl TemplateLock {
    async fn acquire(endpoint: &Endpoint) -> Self {
        let mut command = Command::from(endpoint.command("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", "postgres"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut session = must(command.spawn());
        let statement = format!("SELECT 'locked' FROM pg_advisory_lock({TEMPLATE_LOCK});\n");
        if let Some(input) = &mut session.stdin {
            must(input.write_all(statement.as_bytes()).await);
        }
        let output = must(session.stdout.take().ok_or("psql has no output"));
        let line = must(BufReader::new(output).lines().next_line().await);
        assert_eq!(line.as_deref(), Some("locked"), "psql did not get the template's lock");
        Self { session }
    }

    async fn release(&mut self) {
        drop(self.session.stdin.take());
        must(self.session.wait().await);
    }
}

fn binaries() -> Option<PathBuf> {
    variable(BINARIES_VARIABLE).map(PathBuf::from)
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "tests are told by their environment where PostgreSQL is")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A test without its database cannot go on; what is in the way is said in full.
fn must<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    #[expect(clippy::panic, reason = "called by tests only, and a test fails by panicking")]
    result.unwrap_or_else(|error| panic!("PostgreSQL for tests: {error:?}"))
}
