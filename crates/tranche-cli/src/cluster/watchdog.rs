//! The process that outlives us just long enough to clean up.

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};

use super::{ClusterError, endpoint, spawn_apart};

/// Remembers the last server named on standard input. When that closes, asks the server for an immediate end
/// (SIGQUIT; nothing of it is kept), insists after ten seconds, and removes the folder, more than once in case
/// an interrupted initdb still writes into it. A server is gone with its lock file: as somebody's unreaped child
/// its process id may stay.
const SCRIPT: &str = r#"
server=
while read -r line; do server=$line; done
if [ -n "$server" ] && kill -QUIT "$server"; then
    polls=0
    while [ -e "$1/data/postmaster.pid" ] && kill -0 "$server"; do
        polls=$((polls + 1))
        if [ "$polls" -gt 200 ]; then kill -KILL "$server"; break; fi
        sleep 0.05
    done
fi
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf -- "$1" && exit 0
    sleep 0.2
done
"#;

#[derive(Debug)]
pub(super) struct Watchdog {
    process: Child,
    /// Held by this process alone (closed on exec), so it closes when we end, whatever ends us.
    pipe: Option<ChildStdin>,
}

impl Watchdog {
    pub(super) fn start(folder: &Path) -> Result<Self, ClusterError> {
        let mut command = endpoint::bare_command(Path::new("/bin/sh"));
        command.args(["-c", SCRIPT, "tranche-postgres-watchdog"]).arg(folder).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = spawn_apart(&mut command)?;
        let pipe = process.stdin.take();
        Ok(Self { process, pipe })
    }

    /// Names the server to stop; none while there is none, since its process id may become somebody else's.
    pub(super) fn watch(&mut self, server: Option<u32>) -> Result<(), ClusterError> {
        let line = server.map(|id| id.to_string()).unwrap_or_default();
        match &mut self.pipe {
            Some(pipe) => writeln!(pipe, "{line}").map_err(ClusterError::io("reach the watchdog")),
            None => Ok(()),
        }
    }

    /// Lets it clean up now.
    pub(super) fn release(&mut self) {
        self.pipe = None;
    }

    pub(super) fn process(&mut self) -> &mut Child {
        &mut self.process
    }
}
