//! Choices: numbers that somebody else drew, so that a history that fails can be made shorter.

/// Choices from a list; after the last one every choice is the first of its range.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    drawn: std::vec::IntoIter<u32>,
}

impl Choices {
    pub(crate) fn new(drawn: Vec<u32>) -> Self {
        Self { drawn: drawn.into_iter() }
    }

    /// Whether nothing is left to choose from.
    pub(crate) fn are_over(&self) -> bool {
        self.drawn.as_slice().is_empty()
    }

    /// From `low` to `high`, both included.
    pub(crate) fn range(&mut self, low: i64, high: i64) -> i64 {
        let width = high - low + 1;
        low + i64::from(self.drawn.next().unwrap_or(0)) % width
    }

    /// True in `percent` of the cases.
    pub(crate) fn chance(&mut self, percent: i64) -> bool {
        self.range(1, 100) > 100 - percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        let last = i64::try_from(from.len()).expect("short") - 1;
        from[usize::try_from(self.range(0, last)).expect("inside")].clone()
    }
}
