//! A process that dies at a step of its work, so that tests see what is left, or that has a bug, so that tests show that
//! they would find it; only with the feature `fault-injection`.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tranche_server::core::planted;
use tranche_server::failpoint::{Failpoint, Fate, Script};

use crate::CommandError;

/// Plants the bug with this name, if there is one to plant.
pub(crate) fn plant(name: Option<&str>) -> Result<(), CommandError> {
    match name {
        Some(name) if planted::plant(name).is_none() => {
            Err(CommandError(format!("there is no bug '{name}' to plant")))
        }
        _ => Ok(()),
    }
}

/// The step at which the process dies, and how often it passes before.
#[derive(Clone, Debug)]
pub(crate) struct DieAt {
    failpoint: Failpoint,
    passes: Arc<AtomicU32>,
}

impl FromStr for DieAt {
    type Err = String;

    /// Reads `STEP:N`: the process dies when it reaches the step for the `N`th time, counted from 1.
    fn from_str(text: &str) -> Result<Self, String> {
        let unreadable = || format!("'{text}' is not STEP:N");
        let (name, number) = text.split_once(':').ok_or_else(unreadable)?;
        let number: u32 = number.parse().map_err(|_| unreadable())?;
        let failpoint = Failpoint::ALL.into_iter().find(|failpoint| failpoint.name() == name);
        let failpoint = failpoint.ok_or_else(|| format!("there is no step '{name}'"))?;
        let passes = number.checked_sub(1).ok_or_else(unreadable)?;
        Ok(Self { failpoint, passes: Arc::new(AtomicU32::new(passes)) })
    }
}

impl Script for DieAt {
    fn reach(&self, failpoint: Failpoint) -> Fate {
        if failpoint != self.failpoint {
            return Fate::Pass;
        }
        let left = self.passes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        match left {
            Ok(_) => Fate::Pass,
            // As `kill -9` does: nothing is flushed, closed or said.
            Err(_) => std::process::abort(),
        }
    }
}
