//! The callers' own ids: opaque, printable, bounded, compared byte by byte and never parsed.

use std::fmt;
use std::sync::Arc;

use unicode_general_category::{GeneralCategory, get_general_category};

use crate::bounds::ID_BYTES_MAX;

/// Why a text cannot be an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty.
    #[error("must not be empty")]
    Empty,
    /// The text is longer than [`ID_BYTES_MAX`].
    #[error("is {0} bytes long; at most {ID_BYTES_MAX} are allowed")]
    TooLong(usize),
    /// A character is not a letter, mark, number, punctuation, symbol or inner space.
    #[error(
        "has an unprintable character, {character:?}, at byte {at}; use letters, numbers, punctuation or symbols"
    )]
    Unprintable {
        /// The character.
        character: char,
        /// The byte where it stands.
        at: usize,
    },
    /// The text starts or ends with a space.
    #[error("starts or ends with a space; spaces are allowed inside only")]
    OuterSpace,
}

fn is_printable(character: char) -> bool {
    !matches!(
        get_general_category(character),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::SpaceSeparator
    )
}

/// Checks that `text` can be an id.
pub fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_BYTES_MAX {
        return Err(IdError::TooLong(text.len()));
    }
    if text.starts_with(' ') || text.ends_with(' ') {
        return Err(IdError::OuterSpace);
    }
    match text.char_indices().find(|(_, character)| *character != ' ' && !is_printable(*character)) {
        Some((at, character)) => Err(IdError::Unprintable { character, at }),
        None => Ok(()),
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a caller's text, if it can be an id.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check(text)?;
                Ok(Self(Arc::from(text)))
            }

            /// Takes a text that was checked when it was first accepted, from a row.
            pub fn trusted(text: &str) -> Self {
                Self(Arc::from(text))
            }

            /// The id as the caller wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A tenant; every other id is scoped by it.
    AccountId;
    /// A configured payment provider.
    ConnectorId;
    /// An order.
    OrderId;
    /// A line of an order; a SKU may stand in several lines.
    LineId;
    /// An invoice within its order.
    InvoiceNumber;
    /// All payments of one order.
    TransactionId;
    /// One authorization at one connector, within its order.
    PaymentId;
    /// A caller's idempotency key.
    RequestId;
    /// An authorization, settlement, refund or cancellation asked of a provider; derived, see [`crate::operation`].
    OperationId;
}

/// An order and the account it belongs to: what is locked, and what leads every key below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey {
    /// The account.
    pub account_id: AccountId,
    /// The order.
    pub order_id: OrderId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_printable_and_bounded() {
        let long = "x".repeat(101);
        for (text, expected) in [
            ("INV 1/2#ção-½€", Ok(())),
            ("", Err(IdError::Empty)),
            (" a", Err(IdError::OuterSpace)),
            ("a ", Err(IdError::OuterSpace)),
            ("a\tb", Err(IdError::Unprintable { character: '\t', at: 1 })),
            ("a\u{200b}b", Err(IdError::Unprintable { character: '\u{200b}', at: 1 })),
            ("a\u{a0}b", Err(IdError::Unprintable { character: '\u{a0}', at: 1 })),
            (long.as_str(), Err(IdError::TooLong(101))),
            (&long[..100], Ok(())),
        ] {
            assert_eq!(check(text), expected, "{text:?}");
        }
    }
}
