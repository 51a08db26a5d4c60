//! What a request asked for, normalised, so that two spellings of the same are the same.

use std::fmt::Write as _;

/// A value made of parts, each written with its length, so that no two lists of parts read the same.
#[derive(Debug, Default)]
pub(crate) struct Parts(String);

impl Parts {
    /// Adds a part.
    #[must_use]
    pub(crate) fn with(mut self, part: impl AsRef<str>) -> Self {
        let part = part.as_ref();
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{}:{part}", part.len());
        self
    }

    /// Adds a part that may be missing, which is not the same as an empty one.
    #[must_use]
    pub(crate) fn with_optional(self, part: Option<impl ToString>) -> Self {
        match part {
            Some(part) => self.with("+").with(part.to_string()),
            None => self.with("-"),
        }
    }

    /// The value.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}
