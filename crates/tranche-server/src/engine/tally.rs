//! How much was decided, counted from the start of the process.

use std::sync::atomic::{AtomicU64, Ordering};

/// What was counted, as it was at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineCounts {
    /// Batches that were decided and answered.
    pub batches: u64,
    /// The commands in them, internal ones, rejections and replays included.
    pub commands: u64,
    /// The calls to providers that they leased.
    pub calls: u64,
    /// How often a connector was not called any more for a while.
    pub breakers_opened: u64,
    /// How often one was called again.
    pub breakers_closed: u64,
}

/// Counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    batches: AtomicU64,
    commands: AtomicU64,
    calls: AtomicU64,
}

impl Tally {
    pub(super) fn decided(&self, commands: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.commands.fetch_add(u64::try_from(commands).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn leased(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> EngineCounts {
        EngineCounts {
            batches: self.batches.load(Ordering::Relaxed),
            commands: self.commands.load(Ordering::Relaxed),
            calls: self.calls.load(Ordering::Relaxed),
            ..EngineCounts::default()
        }
    }
}
