//! A world of its own for each test: a provider, a database, and servers on it, each a process.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tranche_sdk::Client;

use crate::patience::must;
use crate::postgres::{self, TestDatabase};
use crate::process::{Ended, Process, run};
use crate::provider::Provider;
use crate::shop::Shop;

/// The tenant of every test that does not say otherwise.
pub const ACCOUNT: &str = "default";

/// Which database a world stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file in a folder of the test's own, with one server.
    Sqlite,
    /// A copy of the migrated template on the cluster of the run, with any number of servers.
    Postgres,
}

/// What a world is made of.
#[derive(Clone, Debug)]
pub struct WorldOptions {
    /// The program that every process of the world runs.
    pub program: PathBuf,
    /// Where the books are kept.
    pub database: DatabaseKind,
    /// Servers on Postgres; on SQLite there is one.
    pub replicas: usize,
    /// Further arguments of each `serve`.
    pub serve: Vec<String>,
}

impl WorldOptions {
    /// One server on a database.
    pub fn new(program: &str, database: DatabaseKind) -> Self {
        Self { program: PathBuf::from(program), database, replicas: 1, serve: Vec::new() }
    }
}

/// A provider, a database and servers. Dropped, nothing of it is left.
#[derive(Debug)]
pub struct World {
    // In the order in which they are to go.
    servers: Vec<Server>,
    provider: Provider,
    _sandbox: Process,
    database: Database,
    options: WorldOptions,
    folder: TempDir,
}

#[derive(Debug)]
struct Server {
    /// None while it is down.
    process: Option<Process>,
    client: Client,
}

/// A database that a server can be started on.
#[derive(Debug)]
pub enum Database {
    /// The URL of a file.
    Sqlite(String),
    /// A database of the cluster.
    Postgres(TestDatabase),
}

impl Database {
    /// A migrated database; on SQLite one that the first `serve` makes.
    ///
    /// # Panics
    ///
    /// When there is none to be had.
    pub async fn new(kind: DatabaseKind, program: &Path, folder: &Path) -> Self {
        match kind {
            DatabaseKind::Sqlite => Self::Sqlite(format!("sqlite:{}", folder.join("tranche.db").display())),
            DatabaseKind::Postgres => {
                let migrate = async |url: &str| {
                    let ended = run(program, &["migrate", "up", "--database", url]).await;
                    if ended.success { Ok(()) } else { Err(ended.stderr) }
                };
                Self::Postgres(postgres::database(migrate).await)
            }
        }
    }

    /// What `--database` takes.
    pub fn url(&self) -> &str {
        match self {
            Self::Sqlite(url) => url,
            Self::Postgres(database) => &database.url,
        }
    }
}

impl World {
    /// A world with one server.
    ///
    /// # Panics
    ///
    /// When a part of it does not start.
    pub async fn new(program: &str, database: DatabaseKind) -> Self {
        Self::with(WorldOptions::new(program, database)).await
    }

    /// A world as the options say.
    ///
    /// # Panics
    ///
    /// When a part of it does not start.
    pub async fn with(options: WorldOptions) -> Self {
        let folder = must("a temporary folder", TempDir::with_prefix("tranche-test-"));
        let program = options.program.as_path();
        let sandbox = ["sandbox", "--listen", "127.0.0.1:0", "--exit-when-stdin-closes"];
        let sandbox = Process::start(program, &sandbox, &folder.path().join("sandbox.log")).await;
        let sandbox = must("the sandbox does not start", sandbox.map_err(|ended| ended.stderr));
        let database = Database::new(options.database, program, folder.path()).await;
        let replicas = if options.database == DatabaseKind::Sqlite { 1 } else { options.replicas };
        let provider = Provider::new(sandbox.url());
        let mut world = Self { servers: Vec::new(), provider, _sandbox: sandbox, database, options, folder };
        for index in 0..replicas {
            let process =
                must("the server does not start", world.serve(index).await.map_err(|ended| ended.stderr));
            let client = connect(&process).await;
            world.servers.push(Server { process: Some(process), client });
        }
        world
    }

    /// The provider.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// A folder that goes with the world.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A client of the first server.
    pub fn client(&self) -> Client {
        self.client_of(0)
    }

    /// A client of one of the servers; counts on from the first when there are fewer.
    pub fn client_of(&self, number: usize) -> Client {
        self.servers[number % self.servers.len()].client.clone()
    }

    /// A shop at the first server.
    pub fn shop(&self) -> Shop {
        self.shop_of(0)
    }

    /// A shop at one of the servers; counts on from the first when there are fewer.
    pub fn shop_of(&self, number: usize) -> Shop {
        Shop::new(self.client_of(number), self.provider.clone())
    }

    /// Where the first server listens, as a URL.
    ///
    /// # Panics
    ///
    /// While it is down.
    pub fn url(&self) -> String {
        let process = self.servers.first().and_then(|server| server.process.as_ref());
        must("the first server", process.ok_or("it is down")).url()
    }

    /// What a server has logged, over all its lives.
    pub fn log(&self, number: usize) -> String {
        std::fs::read_to_string(self.log_file(number)).unwrap_or_default()
    }

    /// `kill -9` of a server.
    pub async fn kill(&mut self, number: usize) {
        if let Some(process) = self.servers[number].process.take() {
            process.kill().await;
        }
    }

    /// The orderly end of a server; says whether it exited with 0.
    pub async fn stop(&mut self, number: usize) -> bool {
        match self.servers[number].process.take() {
            Some(process) => process.stop().await,
            None => true,
        }
    }

    /// Further arguments of every server that is started from now on.
    pub fn serve_with(&mut self, arguments: &[&str]) {
        self.options.serve.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    }

    /// Starts a server that is down, at a new address.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn start(&mut self, number: usize) {
        let process =
            must("the server does not start again", self.serve(number).await.map_err(|ended| ended.stderr));
        let client = connect(&process).await;
        self.servers[number] = Server { process: Some(process), client };
    }

    /// One more `serve` on the database, beside the world's own.
    pub async fn serve(&self, number: usize) -> Result<Process, Ended> {
        let url = self.database.url();
        let mut arguments =
            vec!["serve", "--listen", "127.0.0.1:0", "--exit-when-stdin-closes", "--database", url];
        arguments.extend(self.options.serve.iter().map(String::as_str));
        Process::start(&self.options.program, &arguments, &self.log_file(number)).await
    }

    fn log_file(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("server-{number}.log"))
    }
}

async fn connect(process: &Process) -> Client {
    must("the server cannot be reached", tranche_sdk::connect(&process.url(), ACCOUNT).await)
}
