//! How much work the database was given, counted from the start of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::DatabaseConnection;

/// What was counted, as it was at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreCounts {
    /// Batches that were committed; those that had nothing to write, or failed, are none.
    pub commits: u64,
    /// Statements of batches and of reads, their beginnings and ends not counted.
    pub statements: u64,
}

/// Counts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    commits: AtomicU64,
    statements: AtomicU64,
}

impl Tally {
    pub(crate) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> StoreCounts {
        StoreCounts {
            commits: self.commits.load(Ordering::Relaxed),
            statements: self.statements.load(Ordering::Relaxed),
        }
    }

    /// Counts the statements of a connection from now on.
    pub(crate) fn watch(self: &Arc<Self>, connection: &mut DatabaseConnection) {
        let tally = Arc::clone(self);
        connection.set_metric_callback(move |_| {
            tally.statements.fetch_add(1, Ordering::Relaxed);
        });
    }
}
