//! Collects all that is wrong with a request.

use std::fmt::Display;

use tranche_core::bounds::TEXT_BYTES_MAX;
use tranche_core::id::IdError;
use tranche_core::rejection::Violation;

/// Why a request does not become a command: it can never be right, and every violation is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unacceptable(pub(crate) Vec<Violation>);

/// What is wrong with a request, so far.
#[derive(Debug, Default)]
pub(crate) struct Violations(Vec<Violation>);

impl Violations {
    /// Notes a violation.
    pub(crate) fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.0.push(Violation::new(field, description));
    }

    /// The value, or a violation of `field`.
    pub(crate) fn check<T, E: Display>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// The id, which is required.
    pub(crate) fn id<T>(
        &mut self,
        field: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, IdError>,
    ) -> Option<T> {
        self.check(field, parse_id(text, parse))
    }

    /// A text of bounded length that both databases can keep.
    pub(crate) fn text(&mut self, field: &str, text: &str) -> Option<String> {
        if text.len() > TEXT_BYTES_MAX {
            self.add(field, format!("is {} bytes long; at most {TEXT_BYTES_MAX} are allowed", text.len()));
            return None;
        }
        let unprintable = |character: &char| character.is_control() && !matches!(character, '\n' | '\t');
        if let Some(character) = text.chars().find(unprintable) {
            self.add(
                field,
                format!("has the control character {character:?}; only line feeds and tabs are allowed"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// A text of bounded length that says something.
    pub(crate) fn required_text(&mut self, field: &str, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            self.add(field, "is required");
            return None;
        }
        self.text(field, text)
    }

    /// Whether a list is within its bound; a longer one is not looked at.
    pub(crate) fn is_bounded(&mut self, field: &str, length: usize, length_max: usize) -> bool {
        if length > length_max {
            self.add(field, format!("has {length} entries; at most {length_max} are allowed"));
        }
        length <= length_max
    }

    /// The command, if nothing at all is wrong.
    pub(crate) fn finish<T>(self, command: Option<T>) -> Result<T, Unacceptable> {
        match command {
            Some(command) if self.0.is_empty() => Ok(command),
            _ => Err(Unacceptable(self.0)),
        }
    }
}

/// An id out of a request; an empty one is a field that was left out.
pub(crate) fn parse_id<T>(text: &str, parse: impl FnOnce(&str) -> Result<T, IdError>) -> Result<T, String> {
    parse(text).map_err(|error| match error {
        IdError::Empty => "is required".to_owned(),
        other => other.to_string(),
    })
}

/// A value of an enum; an unknown number is a violation.
pub(crate) fn enumeration<E: TryFrom<i32>>(
    violations: &mut Violations,
    field: &str,
    number: i32,
) -> Option<E> {
    violations
        .check(field, E::try_from(number).map_err(|_| format!("is {number}, which is no value of this enum")))
}
