//! Bugs planted on purpose, one at a time: the tests that look for lost and doubled money, and those that play the lessons
//! of users, must find each of them.
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
    /// An operation of which nobody can tell whether it was done is listed to nobody.
    HideUnknown,
    /// An operator's word that it was not done does not end an operation of which nobody could tell.
    KeepUnknown,
    /// What an order turns out not to need stays authorized: nobody releases it.
    ForgetRelease,
    /// A settlement counts as the last one when its payment is used up, not when the order is invoiced.
    FinalByAmount,
    /// An order may become dearer than its payments cover.
    SkipRoomCheck,
    /// What a cheaper order does not need is released at once, whatever the policy says.
    ReleaseEveryDecrease,
    /// An invoice fills the payment with the highest room first, not the one with the lowest.
    FillHighestFirst,
    /// What a provider refused to settle is asked of it again, by nobody's act.
    RepeatRefusals,
    /// What is decided together does not see each other: each is decided on the rows as they were before all of it.
    DecideOnOldRows,
    /// A connector that cannot settle in parts is configured to do so all the same.
    AcceptAnyMode,
    /// Whatever its mode, the first invoice settles all of a payment that the order can need.
    IgnoreMode,
    /// Every currency has two decimals.
    TwoDecimals,
    /// Nothing more is settled of a payment while its provider has not answered.
    HoldNextInvoice,
    /// Nobody is told that an authorization ends soon.
    ForgetWarning,
    /// What is held is not settled before the authorization ends.
    HoldPastEnd,
    /// A movement on a statement is taken for any that has its value.
    MatchByAmount,
    /// A return is refunded against the newest settlement first.
    RefundNewestFirst,
    /// Nothing is taken back before the whole order is invoiced.
    RefuseEarlyReturns,
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
        pub const ALL: [Self; 27] = [
            Self::ForgetRequestId,
            Self::SkipLeaseCheck,
            Self::AnswerBeforeCommit,
            Self::TimeoutIsRefusal,
            Self::TimeoutIsDone,
            Self::LoseEventsOfFailedBatch,
            Self::PlanTwiceAfterRestart,
            Self::ForgetToPlan,
            Self::RoundShareUp,
            Self::HideUnknown,
            Self::KeepUnknown,
            Self::ForgetRelease,
            Self::FinalByAmount,
            Self::SkipRoomCheck,
            Self::ReleaseEveryDecrease,
            Self::FillHighestFirst,
            Self::RepeatRefusals,
            Self::DecideOnOldRows,
            Self::AcceptAnyMode,
            Self::IgnoreMode,
            Self::TwoDecimals,
            Self::HoldNextInvoice,
            Self::ForgetWarning,
            Self::HoldPastEnd,
            Self::MatchByAmount,
            Self::RefundNewestFirst,
            Self::RefuseEarlyReturns,
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
                Self::HideUnknown => "hide-unknown",
                Self::KeepUnknown => "keep-unknown",
                Self::ForgetRelease => "forget-release",
                Self::FinalByAmount => "final-by-amount",
                Self::SkipRoomCheck => "skip-room-check",
                Self::ReleaseEveryDecrease => "release-every-decrease",
                Self::FillHighestFirst => "fill-highest-first",
                Self::RepeatRefusals => "repeat-refusals",
                Self::DecideOnOldRows => "decide-on-old-rows",
                Self::AcceptAnyMode => "accept-any-mode",
                Self::IgnoreMode => "ignore-mode",
                Self::TwoDecimals => "two-decimals",
                Self::HoldNextInvoice => "hold-next-invoice",
                Self::ForgetWarning => "forget-warning",
                Self::HoldPastEnd => "hold-past-end",
                Self::MatchByAmount => "match-by-amount",
                Self::RefundNewestFirst => "refund-newest-first",
                Self::RefuseEarlyReturns => "refuse-early-returns",
            }
        }
    }
}

#[cfg(not(feature = "fault-injection"))]
pub use none::is_planted;
#[cfg(feature = "fault-injection")]
pub use one::{is_planted, plant};
