//! Bugs planted on purpose, one at a time: the tests that look for lost and doubled money must find each of them.
//!
//! Only the feature `fault-injection` can plant one. Without it nothing is planted, and what asks for it is compiled
//! away.

/// A bug that can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantedBug {
    /// A repeated attempt goes out under another id than the first one.
    ForgetRequestId,
    /// An operation whose lease ran out is sent again, also where its provider may not be asked twice.
    SkipLeaseCheck,
    /// Callers are answered and calls are made although the commit failed.
    AnswerBeforeCommit,
    /// What was sent and not answered counts as refused.
    TimeoutIsRefusal,
    /// What was sent and not answered counts as done.
    TimeoutIsDone,
    /// A batch that is decided again does not write its events.
    LoseEventsOfFailedBatch,
    /// What a dead process had sent is planned once more.
    PlanTwiceAfterRestart,
    /// After an outcome nothing is planned: what it would have started is never started.
    ForgetToPlan,
    /// Every proportional share is rounded up.
    RoundShareUp,
}

#[cfg(not(feature = "fault-injection"))]
mod none {
    use super::PlantedBug;

    /// Whether the bug is planted: never, without the feature.
    #[inline]
    pub const fn is_planted(_: PlantedBug) -> bool {
        false
    }
}

#[cfg(feature = "fault-injection")]
mod one {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::PlantedBug;

    /// The place of the planted bug in [`PlantedBug::ALL`], counted from 1; 0 for none.
    static PLANTED: AtomicUsize = AtomicUsize::new(0);

    /// Whether the bug is planted.
    pub fn is_planted(bug: PlantedBug) -> bool {
        let planted = PLANTED.load(Ordering::Relaxed).checked_sub(1);
        planted.and_then(|index| PlantedBug::ALL.get(index)) == Some(&bug)
    }

    /// Plants the bug with this name in this process, for good.
    pub fn plant(name: &str) -> Option<PlantedBug> {
        let index = PlantedBug::ALL.iter().position(|bug| bug.name() == name)?;
        PLANTED.store(index + 1, Ordering::Relaxed);
        PlantedBug::ALL.get(index).copied()
    }

    impl PlantedBug {
        /// All of them.
        pub const ALL: [Self; 9] = [
            Self::ForgetRequestId,
            Self::SkipLeaseCheck,
            Self::AnswerBeforeCommit,
            Self::TimeoutIsRefusal,
            Self::TimeoutIsDone,
            Self::LoseEventsOfFailedBatch,
            Self::PlanTwiceAfterRestart,
            Self::ForgetToPlan,
            Self::RoundShareUp,
        ];

        /// Its name.
        pub fn name(self) -> &'static str {
            match self {
                Self::ForgetRequestId => "forget-request-id",
                Self::SkipLeaseCheck => "skip-lease-check",
                Self::AnswerBeforeCommit => "answer-before-commit",
                Self::TimeoutIsRefusal => "timeout-is-refusal",
                Self::TimeoutIsDone => "timeout-is-done",
                Self::LoseEventsOfFailedBatch => "lose-events-of-failed-batch",
                Self::PlanTwiceAfterRestart => "plan-twice-after-restart",
                Self::ForgetToPlan => "forget-to-plan",
                Self::RoundShareUp => "round-share-up",
            }
        }
    }
}

#[cfg(not(feature = "fault-injection"))]
pub use none::is_planted;
#[cfg(feature = "fault-injection")]
pub use one::{is_planted, plant};
