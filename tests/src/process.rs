//! Processes of the product: started, spoken to, killed, and never left behind.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::patience::must;

/// How long a process may take until it listens, or until it has ended.
const TIME_MAX: Duration = Duration::from_mins(1);
/// What a process prints when it can be called, before its address.
const LISTENING: &str = "listening on ";
/// Lines of its log that a failed test shows.
const LOG_LINES_SHOWN_MAX: usize = 60;

/// How a process ended and what it said.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Whether it exited with 0.
    pub success: bool,
    /// Its results.
    pub stdout: String,
    /// Its logs and complaints.
    pub stderr: String,
}

/// A process that listens. Its standard input stays open for as long as this value lives, so that it ends with its
/// owner whatever ends that one; its standard error goes to a file, of which a failed test shows the end.
#[derive(Debug)]
pub struct Process {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    /// Kept, or its next line would break a pipe.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts the program and waits until it listens; or tells how it ended instead.
    ///
    /// # Panics
    ///
    /// When the program cannot be started, or neither listens nor ends.
    pub async fn start(program: &Path, arguments: &[&str], log: &Path) -> Result<Self, Ended> {
        let name = arguments.first().copied().unwrap_or_default();
        let file = std::fs::OpenOptions::new().create(true).append(true).open(log);
        let file = must("the log cannot be written", file);
        let mut child = command(program, arguments);
        child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(file);
        let mut child = must(name, child.spawn());
        let output = must(name, child.stdout.take().ok_or("it has no standard output"));
        let mut output = BufReader::new(output).lines();
        let mut stdout = String::new();
        let listens = async {
            while let Some(line) = output.next_line().await.ok().flatten() {
                if let Some(address) = line.strip_prefix(LISTENING) {
                    return Some(must(name, address.parse()));
                }
                stdout.push_str(&line);
                stdout.push('\n');
            }
            None
        };
        if let Some(address) = must(&format!("{name} does not listen"), timeout(TIME_MAX, listens).await) {
            let log = log.to_owned();
            return Ok(Self { child, address, log, _output: output });
        }
        let status = must(&format!("{name} does not end"), timeout(TIME_MAX, child.wait()).await);
        let success = must(name, status).success();
        let stderr = std::fs::read_to_string(log).unwrap_or_default();
        Err(Ended { success, stdout, stderr })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Whether it is gone, by itself.
    pub fn has_ended(&mut self) -> bool {
        must("whether it runs", self.child.try_wait()).is_some()
    }

    /// `kill -9`, and waits until it is gone.
    pub async fn kill(mut self) {
        must("kill -9", self.child.kill().await);
    }

    /// Closes its standard input and waits for its orderly end; says whether it exited with 0.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub async fn stop(mut self) -> bool {
        drop(self.child.stdin.take());
        let status = timeout(TIME_MAX, self.child.wait()).await;
        must("the process ends", must("the process ends when its standard input closes", status)).success()
    }
}

impl Drop for Process {
    /// The child is killed; a failed test shows what it had logged last.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let first = lines.len().saturating_sub(LOG_LINES_SHOWN_MAX);
            eprintln!("--- {} ends with\n{}", self.log.display(), lines[first..].join("\n"));
        }
    }
}

/// Runs the program to its end.
///
/// # Panics
///
/// When it cannot be started, or does not end.
pub async fn run(program: &Path, arguments: &[&str]) -> Ended {
    run_in(program, arguments, &std::env::temp_dir()).await
}

/// Runs the program to its end, in a folder.
///
/// # Panics
///
/// When it cannot be started, or does not end.
pub async fn run_in(program: &Path, arguments: &[&str], folder: &Path) -> Ended {
    let mut command = command(program, arguments);
    command.stdin(Stdio::null()).current_dir(folder);
    let name = arguments.first().copied().unwrap_or_default();
    let output = timeout(TIME_MAX, command.output()).await;
    let output = must(name, must(&format!("{name} does not end"), output));
    Ended {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The program without the settings that whoever runs the tests may have in the environment.
fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).kill_on_drop(true);
    let is_ours = |name: &OsString| name.to_string_lossy().starts_with("TRANCHE_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_ours(name)) {
        command.env_remove(name);
    }
    command
}
