//! The newest of something, and how many there were: what a page can show of books without end.

use std::collections::VecDeque;

use crate::bounds::PAGE_ROWS_MAX;

/// The last few, and a count of all.
#[derive(Debug)]
pub(crate) struct Newest<T> {
    kept: VecDeque<T>,
    total: usize,
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self { kept: VecDeque::new(), total: 0 }
    }
}

impl<T> Newest<T> {
    pub(super) fn push(&mut self, newest: T) {
        if self.kept.len() >= PAGE_ROWS_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(newest);
        self.total += 1;
    }

    /// The newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.kept.iter().rev()
    }

    pub(super) fn total(&self) -> usize {
        self.total
    }
}
