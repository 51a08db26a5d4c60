//! What a request asked for, in a form that can be compared with its replay.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

/// The fields of a normalised request, each with a digest of its value.
///
/// Two requests are the same if their contents are; [`Content::differences`] names the fields that are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content(Vec<(String, String)>);

/// Hex digits of a field's digest that are kept: 96 bits, far beyond accident.
const DIGEST_DIGITS: usize = 24;

impl Content {
    /// Adds a field with its normalised value. Fields are added in one fixed order per kind of request.
    #[must_use]
    pub fn with(mut self, field: &str, value: &str) -> Self {
        self.0.push((field.to_owned(), hex(&Sha256::digest(value.as_bytes()), DIGEST_DIGITS)));
        self
    }

    /// The fields whose values differ, in order of name.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mine: BTreeSet<_> = self.0.iter().collect();
        let theirs: BTreeSet<_> = other.0.iter().collect();
        let names: BTreeSet<_> = mine.symmetric_difference(&theirs).map(|(field, _)| field.clone()).collect();
        names.into_iter().collect()
    }

    /// The text that a row keeps.
    pub fn to_text(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(|(field, digest)| format!("{field}={digest}")).collect();
        parts.join(" ")
    }

    /// The content that [`Content::to_text`] wrote.
    pub fn from_text(text: &str) -> Self {
        let part =
            |part: &str| part.split_once('=').map(|(field, digest)| (field.to_owned(), digest.to_owned()));
        Self(text.split(' ').filter_map(part).collect())
    }
}

/// The first `digits` hexadecimal digits of `bytes`, lower case.
pub(crate) fn hex(bytes: &[u8], digits: usize) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .take(digits)
        .filter_map(|nibble| char::from_digit(u32::from(nibble), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_name_what_differs() {
        let first = Content::default().with("value", "1999").with("lines", "a:1");
        let same = Content::from_text(&first.to_text());
        let other = Content::default().with("value", "2000").with("lines", "a:1");
        assert_eq!(first, same);
        assert_eq!(first.differences(&same), Vec::<String>::new());
        assert_eq!(first.differences(&other), ["value"]);
    }
}
