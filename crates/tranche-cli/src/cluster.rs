//! A private Postgres cluster in a temporary folder, for tests, crash runs and benchmarks.
//!
//! It dies with its owner, however the owner ends: a watchdog process reads from a pipe whose other end only
//! the owner holds, and when the pipe closes it stops the server and removes the folder. Stopping in order,
//! dropping the [`Cluster`] and being killed are therefore one and the same path.
//!
//! Postgres refuses to run as root; root starts it as the operating system's user `postgres`.

mod account;
mod endpoint;
mod watchdog;

use std::fs::OpenOptions;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::sleep;

use self::account::Account;
pub(crate) use self::endpoint::run;
pub use self::endpoint::{Endpoint, find_binaries};
use self::watchdog::Watchdog;
use crate::logs;

/// Connections that a cluster accepts.
pub const CONNECTIONS_MAX: u16 = 300;
/// Ports tried before a start is given up.
const PORTS_TRIED_MAX: u16 = 20;
/// First and number of ports: below every system's ephemeral range, so that no client's own port can take the
/// place of a server that is down for a moment.
const PORT_FIRST: u16 = 20_000;
const PORTS: u16 = 12_000;
/// How often, and how many times, a change of the server's state is looked for: 60 seconds at most.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
const POLLS_MAX: u32 = 3_000;
/// Starts after a crash until the remains of the old server have let go: 20 seconds at least.
const RESTARTS_MAX: u32 = 100;
const RESTART_DELAY: Duration = Duration::from_millis(200);

/// What a cluster is started with.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// The folder with `initdb` and `postgres`; searched for when absent.
    pub binaries: Option<PathBuf>,
    /// Whether a commit waits for the disk. On unless a caller has a reason to do without.
    pub durable: bool,
    /// Further settings of the server, name and value; a later one wins over an earlier one and over ours.
    pub settings: Vec<(String, String)>,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self { binaries: None, durable: true, settings: Vec::new() }
    }
}

/// Why a cluster could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Postgres is not installed where it is looked for.
    #[error("no PostgreSQL server binaries in /usr/lib/postgresql/*/bin or on the PATH")]
    BinariesMissing,
    /// Root cannot run Postgres, and there is nobody else to run it as.
    #[error("running as root, and the operating system has no user `postgres` to run PostgreSQL as")]
    AccountMissing,
    /// No temporary folder that the server's user can enter.
    #[error("no temporary folder that PostgreSQL's user can use; tried {tried:?}")]
    FolderUnusable {
        /// The folders that were tried.
        tried: Vec<PathBuf>,
    },
    /// A file or a process could not be made.
    #[error("could not {what}")]
    Io {
        /// What was attempted.
        what: String,
        /// What the operating system answered.
        source: io::Error,
    },
    /// A program of Postgres ended with an error.
    #[error("{program} failed: {message}")]
    Program {
        /// The program's name.
        program: String,
        /// What it wrote to standard error.
        message: String,
    },
    /// The server did not become ready, or did not end.
    #[error("PostgreSQL did not {what}; its log ends with:\n{log}")]
    Server {
        /// What was waited for.
        what: &'static str,
        /// The end of its log.
        log: String,
    },
}

impl ClusterError {
    fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// A running cluster. Dropped, it stops at once and its folder goes; [`Cluster::stop`] waits for that.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    settings: Vec<(String, String)>,
    account: Account,
    endpoint: Endpoint,
    server: Option<Child>,
    watchdog: Watchdog,
}

impl Cluster {
    /// Makes a cluster and waits until it answers.
    pub async fn start(options: ClusterOptions) -> Result<Self, ClusterError> {
        let binaries = options.binaries.or_else(find_binaries).ok_or(ClusterError::BinariesMissing)?;
        let account = Account::find()?;
        let folder = account.make_folder()?;
        let watchdog = Watchdog::start(&folder)?;

        let mut initdb = account.command(&binaries.join("initdb"), &folder);
        // Without --no-sync it syncs every file it made, which only a crash of the machine could tell.
        initdb.args(["-U", "postgres", "-A", "trust", "--locale=C", "--encoding=UTF8", "--no-sync", "-D"]);
        run(initdb.arg(folder.join("data"))).await?;

        let mut settings: Vec<(String, String)> = [
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", ""),
            ("max_connections", &CONNECTIONS_MAX.to_string()),
            ("shared_buffers", "256MB"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        if !options.durable {
            for name in ["fsync", "synchronous_commit", "full_page_writes"] {
                settings.push((name.to_owned(), "off".to_owned()));
            }
        }
        settings.extend(options.settings);

        let endpoint = Endpoint::new(binaries, PORT_FIRST);
        let mut cluster = Self { folder, settings, account, endpoint, server: None, watchdog };
        for port in ports_free().take(PORTS_TRIED_MAX.into()) {
            cluster.endpoint = Endpoint::new(cluster.endpoint.binaries(), port);
            // Somebody else may have taken the port in between; then the next one.
            if cluster.launch().await? {
                return Ok(cluster);
            }
        }
        Err(cluster.failure("start"))
    }

    /// Where it answers, for whoever should not own it.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The server's own process, the parent of all the others; none while it is down.
    pub fn process_id(&self) -> Option<u32> {
        self.server.as_ref().map(Child::id)
    }

    /// The connection URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        self.endpoint.url(database)
    }

    /// The folder that holds its files, and goes when it goes.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Creates a database, as a copy of `template` if one is named.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<(), ClusterError> {
        self.endpoint.create_database(name, template).await
    }

    /// Drops a database with all its connections; one that does not exist is no error.
    pub async fn drop_database(&self, name: &str) -> Result<(), ClusterError> {
        self.endpoint.drop_database(name).await
    }

    /// Kills the server with SIGKILL, as a crash would, and reaps it. Its sessions end a moment later.
    pub async fn kill_nine(&mut self) -> Result<(), ClusterError> {
        if let Some(mut server) = self.server.take() {
            server.kill().map_err(ClusterError::io("kill postgres"))?;
            if !ended(&mut server).await? {
                return Err(self.failure("end"));
            }
            self.watchdog.watch(None)?;
        }
        Ok(())
    }

    /// Starts the server again after [`Cluster::kill_nine`], on the same port, and waits until it answers. A
    /// server that still runs is killed first.
    pub async fn restart(&mut self) -> Result<(), ClusterError> {
        self.kill_nine().await?;
        for _ in 0..RESTARTS_MAX {
            // It refuses to start while a process of the crashed one still holds the shared memory.
            if self.launch().await? {
                return Ok(());
            }
            sleep(RESTART_DELAY).await;
        }
        Err(self.failure("start again"))
    }

    /// Stops the server, removes its folder, and waits for both.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        self.watchdog.release();
        if let Some(mut server) = self.server.take()
            && !ended(&mut server).await?
        {
            return Err(self.failure("stop"));
        }
        if !ended(self.watchdog.process()).await? {
            return Err(self.failure("go"));
        }
        Ok(())
    }

    /// Starts the server and waits until it is ready; `false` if it gave up by itself.
    async fn launch(&mut self) -> Result<bool, ClusterError> {
        let log = OpenOptions::new().create(true).append(true).open(self.log());
        let log = log.map_err(ClusterError::io("open the server's log"))?;
        let mut command = self.account.command(&self.endpoint.binaries().join("postgres"), &self.folder);
        command.arg("-D").arg(self.folder.join("data")).arg("-p").arg(self.endpoint.port().to_string());
        for (name, value) in &self.settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let mut server = spawn_apart(command.stdout(Stdio::null()).stderr(log))?;
        self.watchdog.watch(Some(server.id()))?;

        for _ in 0..POLLS_MAX {
            if has_ended(&mut server)? {
                self.watchdog.watch(None)?;
                return Ok(false);
            }
            if self.is_ready(server.id()) {
                self.server = Some(server);
                return Ok(true);
            }
            sleep(POLL_INTERVAL).await;
        }
        self.server = Some(server);
        Err(self.failure("become ready"))
    }

    /// Reads the server's own lock file: its first line is the process, its eighth the state. Asking the port
    /// instead could be answered by another server.
    fn is_ready(&self, process: u32) -> bool {
        let Ok(text) = std::fs::read_to_string(self.folder.join("data/postmaster.pid")) else {
            return false;
        };
        let mut lines = text.lines().map(str::trim);
        lines.next() == Some(process.to_string().as_str()) && lines.nth(6) == Some("ready")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn failure(&self, what: &'static str) -> ClusterError {
        ClusterError::Server { what, log: logs::end_of(&self.log()) }
    }
}

/// Starts a process that keyboard interrupts do not reach: only its owner decides when it ends.
fn spawn_apart(command: &mut Command) -> Result<Child, ClusterError> {
    let what = format!("start {}", command.get_program().display());
    command.process_group(0).spawn().map_err(ClusterError::io(what))
}

fn has_ended(process: &mut Child) -> Result<bool, ClusterError> {
    Ok(process.try_wait().map_err(ClusterError::io("wait for a process"))?.is_some())
}

/// Waits for a process; `false` if it outlives the bound. Polled, so that a cluster may be started in one
/// runtime and stopped in another.
async fn ended(process: &mut Child) -> Result<bool, ClusterError> {
    for _ in 0..POLLS_MAX {
        if has_ended(process)? {
            return Ok(true);
        }
        sleep(POLL_INTERVAL).await;
    }
    Ok(false)
}

/// Ports that nobody listens on, from a place that differs by process.
fn ports_free() -> impl Iterator<Item = u16> {
    let offset = u16::try_from(std::process::id().wrapping_mul(31) % u32::from(PORTS)).unwrap_or_default();
    (0..PORTS)
        .map(move |step| PORT_FIRST + (offset + step) % PORTS)
        .filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
}
