//! The steps between a command's arrival and its last effect, at each of which a process may die.
//!
//! Tests let a process die there, or the database fail, and look at what is left. Without the feature
//! `fault-injection` a step is only passed, and asking costs nothing.

#[cfg(feature = "fault-injection")]
use std::sync::Arc;

use tranche_store::StoreError;

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failpoint {
    /// Commands are taken from the queue; nothing is begun.
    CommandsTaken,
    /// The batch's rows are locked and loaded.
    RowsLoaded,
    /// Every command of the batch is decided; nothing is written.
    Decided,
    /// The batch is written and not committed.
    RowsWritten,
    /// The batch is committed; nobody knows.
    Committed,
    /// What is leased is handed to the dispatcher; nobody is answered.
    CallsHanded,
    /// Everybody is answered.
    CallersAnswered,
    /// Due operations are found; no lease is asked for.
    DueFound,
    /// A leased operation is taken; nothing is sent.
    CallTaken,
    /// The provider's answer is there, and recorded nowhere.
    CallAnswered,
    /// The outcome is recorded.
    OutcomeRecorded,
}

/// What becomes of a process that reaches a step.
#[cfg(feature = "fault-injection")]
#[derive(Clone, Debug)]
pub enum Fate {
    /// It passes.
    Pass,
    /// It never goes on from there: what is in memory is as good as lost.
    Stop,
    /// The database fails, if the step is one of a batch. At [`Failpoint::Committed`] it has committed all the same.
    Fail(StoreError),
}

/// Decides what becomes of a process.
#[cfg(feature = "fault-injection")]
pub trait Script: Send + Sync {
    /// A step is reached.
    fn reach(&self, failpoint: Failpoint) -> Fate;
}

/// The script of a process, if it has one.
#[derive(Clone, Default)]
pub struct Failpoints {
    #[cfg(feature = "fault-injection")]
    script: Option<Arc<dyn Script>>,
}

impl std::fmt::Debug for Failpoints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Failpoints").finish_non_exhaustive()
    }
}

#[cfg(not(feature = "fault-injection"))]
impl Failpoints {
    /// Passes.
    #[inline]
    #[expect(clippy::unused_async, reason = "as with the feature, where a script may say otherwise")]
    pub(crate) async fn reach(&self, _: Failpoint) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(feature = "fault-injection")]
impl Failpoints {
    /// Steps as this script says.
    pub fn scripted(script: Arc<dyn Script>) -> Self {
        Self { script: Some(script) }
    }

    /// Reaches a step. Does not return if the process stops there.
    pub(crate) async fn reach(&self, failpoint: Failpoint) -> Result<(), StoreError> {
        match self.script.as_ref().map_or(Fate::Pass, |script| script.reach(failpoint)) {
            Fate::Pass => Ok(()),
            Fate::Stop => std::future::pending().await,
            Fate::Fail(error) => Err(error),
        }
    }
}

#[cfg(feature = "fault-injection")]
impl Failpoint {
    /// All of them, in the order in which a command reaches them.
    pub const ALL: [Self; 11] = [
        Self::CommandsTaken,
        Self::RowsLoaded,
        Self::Decided,
        Self::RowsWritten,
        Self::Committed,
        Self::CallsHanded,
        Self::CallersAnswered,
        Self::DueFound,
        Self::CallTaken,
        Self::CallAnswered,
        Self::OutcomeRecorded,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::CommandsTaken => "commands-taken",
            Self::RowsLoaded => "rows-loaded",
            Self::Decided => "decided",
            Self::RowsWritten => "rows-written",
            Self::Committed => "committed",
            Self::CallsHanded => "calls-handed",
            Self::CallersAnswered => "callers-answered",
            Self::DueFound => "due-found",
            Self::CallTaken => "call-taken",
            Self::CallAnswered => "call-answered",
            Self::OutcomeRecorded => "outcome-recorded",
        }
    }
}
