//! Where a cluster answers, and the programs of Postgres that talk to it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::ClusterError;

/// Where Debian's packages put each version.
const PACKAGED: &str = "/usr/lib/postgresql";

/// A cluster's address on this machine. Cheap to copy, owns nothing.
#[derive(Debug, Clone)]
pub struct Endpoint {
    binaries: PathBuf,
    port: u16,
}

impl Endpoint {
    /// The cluster at this port, spoken to with the programs in `binaries`.
    pub fn new(binaries: impl Into<PathBuf>, port: u16) -> Self {
        Self { binaries: binaries.into(), port }
    }

    /// The cluster that [`Endpoint::url`] named, here or in another process.
    pub fn from_url(binaries: impl Into<PathBuf>, url: &str) -> Option<Self> {
        let (port, _) = url.strip_prefix("postgres://postgres@127.0.0.1:")?.split_once('/')?;
        Some(Self::new(binaries, port.parse().ok()?))
    }

    /// The folder with the programs.
    pub fn binaries(&self) -> &Path {
        &self.binaries
    }

    /// The TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The connection URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Creates a database, as a copy of `template` if one is named.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<(), ClusterError> {
        let mut command = self.command("createdb");
        if let Some(template) = template {
            command.args(["-T", template]);
        }
        run(command.arg(name)).await.map(drop)
    }

    /// Drops a database with all its connections; one that does not exist is no error.
    pub async fn drop_database(&self, name: &str) -> Result<(), ClusterError> {
        run(self.command("dropdb").args(["--force", "--if-exists", name])).await.map(drop)
    }

    /// One of Postgres's client programs, pointed at this cluster.
    pub fn command(&self, program: &str) -> Command {
        let mut command = bare_command(&self.binaries.join(program));
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string()]);
        command
    }
}

/// The folder with Postgres's server programs: the newest packaged version, else the first on the PATH.
pub fn find_binaries() -> Option<PathBuf> {
    let mut packaged: Vec<(u32, PathBuf)> = std::fs::read_dir(PACKAGED)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    packaged.sort();
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = packaged.into_iter().rev().map(|(_, folder)| folder);
    candidates
        .chain(std::env::split_paths(&on_path))
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// A program in an environment of its own: PG… variables of whoever started us must not lead it elsewhere, and
/// its messages are in English.
pub(super) fn bare_command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs([("LC_ALL", "C"), ("TZ", "UTC"), ("PATH", "/usr/bin:/bin")]);
    command.stdin(Stdio::null());
    command
}

/// Runs a program to its end and returns what it printed.
pub(crate) async fn run(command: &mut Command) -> Result<String, ClusterError> {
    let path = PathBuf::from(command.get_program());
    let program = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let owned = std::mem::replace(command, Command::new(&path));
    let output = tokio::process::Command::from(owned).kill_on_drop(true).output().await;
    let output = output.map_err(ClusterError::io(format!("run {program}")))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(ClusterError::Program { program, message })
    }
}
