//! Processes that this program starts: itself, under another command.

use std::ffi::OsString;
use std::fs::File;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use crate::CommandError;

/// How long a child may take until it says where it listens.
const START_TIME_MAX: Duration = Duration::from_secs(10);
/// What a child that listens prints first.
pub(crate) const LISTENING: &str = "listening on ";

/// Where a child's logs go.
#[derive(Debug)]
pub(crate) enum Log {
    /// Errors alone, to where ours go.
    Errors,
    /// As by default, to a file.
    Kept(File),
}

/// A child that listens, and ends when this is dropped: by its standard input, whatever ends us.
#[derive(Debug)]
pub(crate) struct ListeningChild {
    pub(crate) address: SocketAddr,
    child: Child,
    stdin: Option<ChildStdin>,
}

impl ListeningChild {
    /// Starts this very program with `arguments`, and waits until it says where it listens.
    pub(crate) async fn start(arguments: &[&str], log: Log) -> Result<Self, CommandError> {
        let failed =
            |error| CommandError::new(&format!("`tranche {}` cannot be started", arguments[0]), &error);
        let program = std::env::current_exe().map_err(failed)?;
        let mut command = Command::new(program);
        // What is set for us is not meant for it: all that it is to do differently is in its arguments.
        let is_ours = |name: &OsString| name.to_string_lossy().starts_with("TRANCHE_");
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_ours(name)) {
            command.env_remove(name);
        }
        match log {
            Log::Errors => command.args(["--log", "error"]),
            Log::Kept(file) => command.args(["--log", "info", "--log-format", "text"]).stderr(file),
        };
        command.args(arguments).arg("--exit-when-stdin-closes");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(failed)?;
        let stdin = child.stdin.take();
        let mut lines = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
        let first = async {
            match &mut lines {
                Some(lines) => lines.next_line().await.ok().flatten(),
                None => None,
            }
        };
        let first = tokio::time::timeout(START_TIME_MAX, first).await.ok().flatten().unwrap_or_default();
        let address = first.strip_prefix(LISTENING).and_then(|address| address.parse().ok());
        let silent = || CommandError(format!("`tranche {}` did not say where it listens", arguments[0]));
        Ok(Self { address: address.ok_or_else(silent)?, child, stdin })
    }

    /// Its process id, while it runs.
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends the child and waits for it.
    pub(crate) async fn stop(mut self) {
        drop(self.stdin.take());
        // Whatever it says, it is gone, or killed when this is dropped.
        let _ = tokio::time::timeout(START_TIME_MAX, self.child.wait()).await;
    }
}
