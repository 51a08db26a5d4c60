//! What is to become of a replica at a step of its work.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tranche_cli::server::failpoint::{Failpoint, Fate, Script};

/// One thing that is to happen.
#[derive(Debug)]
struct Armed {
    failpoint: Failpoint,
    passes: u32,
    fate: Fate,
}

/// The script of one life of a replica.
#[derive(Debug, Default)]
pub(super) struct Destiny {
    armed: Mutex<Option<Armed>>,
    stopped_at: Mutex<Option<Failpoint>>,
    stopped: Notify,
    taken: AtomicUsize,
    ended: AtomicUsize,
    /// What has happened so far.
    happened: Mutex<Vec<Failpoint>>,
}

impl Destiny {
    /// Lets something happen when the step was passed so many times; it takes the place of what was to happen before.
    pub(super) fn arm(&self, failpoint: Failpoint, passes: u32, fate: Fate) {
        *self.armed() = Some(Armed { failpoint, passes, fate });
    }

    /// Lets nothing happen any more.
    pub(super) fn disarm(&self) {
        *self.armed() = None;
    }

    /// Whether the replica does not go on.
    pub(super) fn has_stopped(&self) -> bool {
        self.stopped_at().is_some()
    }

    /// Whether the replica does not go on, and had not answered before.
    fn is_silent(&self) -> bool {
        let stopped_at = *self.stopped_at();
        stopped_at.is_some_and(|at| at <= Failpoint::CallsHanded || at == Failpoint::DueFound)
    }

    /// Waits until the replica does not go on, and had not answered before.
    pub(super) async fn silent(&self) {
        while !self.is_silent() {
            self.stopped.notified().await;
        }
    }

    /// Calls that were taken, and those of them that ended, or will never be made.
    pub(super) fn calls(&self) -> (usize, usize) {
        (self.taken.load(Ordering::SeqCst), self.ended.load(Ordering::SeqCst))
    }

    /// Whether something is still to happen.
    pub(super) fn is_armed(&self) -> bool {
        self.armed().is_some()
    }

    /// Takes the list of what has happened.
    pub(super) fn take_happened(&self) -> Vec<Failpoint> {
        std::mem::take(&mut self.happened.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn stopped_at(&self) -> MutexGuard<'_, Option<Failpoint>> {
        self.stopped_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn armed(&self) -> MutexGuard<'_, Option<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Script for Destiny {
    fn reach(&self, failpoint: Failpoint) -> Fate {
        let fate = self.fate_at(failpoint);
        match failpoint {
            Failpoint::CallTaken => {
                // Together with its end, if it dies here, or somebody might look between the two.
                self.ended.fetch_add(usize::from(matches!(fate, Fate::Stop)), Ordering::SeqCst);
                self.taken.fetch_add(1, Ordering::SeqCst);
            }
            Failpoint::CallAnswered => {
                self.ended.fetch_add(1, Ordering::SeqCst);
            }
            _ => {}
        }
        fate
    }
}

impl Destiny {
    fn fate_at(&self, failpoint: Failpoint) -> Fate {
        let mut armed = self.armed();
        match &mut *armed {
            Some(next) if next.failpoint == failpoint && next.passes == 0 => {}
            Some(next) if next.failpoint == failpoint => {
                next.passes -= 1;
                return Fate::Pass;
            }
            _ => return Fate::Pass,
        }
        let fate = armed.take().map_or(Fate::Pass, |next| next.fate);
        self.happened.lock().unwrap_or_else(PoisonError::into_inner).push(failpoint);
        if matches!(fate, Fate::Stop) {
            *self.stopped_at() = Some(failpoint);
            self.stopped.notify_one();
        }
        fate
    }
}
