//! Who the server runs as: ourselves, or the user `postgres` when we are root.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{ClusterError, endpoint};

/// The user and group to run as; none when we are not root and run it ourselves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account(Option<(u32, u32)>);

impl Account {
    pub(super) fn find() -> Result<Self, ClusterError> {
        if id(&["-u"]) != Some(0) {
            return Ok(Self(None));
        }
        match (id(&["-u", "postgres"]), id(&["-g", "postgres"])) {
            (Some(user), Some(group)) => Ok(Self(Some((user, group)))),
            _ => Err(ClusterError::AccountMissing),
        }
    }

    /// A program to be run as this account, in a folder that it can enter.
    pub(super) fn command(self, program: &Path, folder: &Path) -> Command {
        let mut command = endpoint::bare_command(program);
        command.current_dir(folder);
        if let Self(Some((user, group))) = self {
            command.uid(user).gid(group);
        }
        command
    }

    /// Makes a folder that this account owns. The temporary folder that the environment names may be closed to
    /// others; the system's own never is.
    pub(super) fn make_folder(self) -> Result<PathBuf, ClusterError> {
        let tried = vec![std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
        for base in &tried {
            let Ok(folder) = tempfile::Builder::new().prefix("tranche-postgres-").tempdir_in(base) else {
                continue;
            };
            if let Self(Some((user, group))) = self {
                let owned = chown(folder.path(), Some(user), Some(group));
                owned.map_err(ClusterError::io("hand the folder to the user `postgres`"))?;
            }
            let enters = self.command(Path::new("/bin/sh"), folder.path()).args(["-c", "test -w ."]).status();
            if enters.is_ok_and(|status| status.success()) {
                return Ok(folder.keep());
            }
        }
        Err(ClusterError::FolderUnusable { tried })
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
