//! A row of bad input.

use std::fmt::Debug;

use prost::Message;
use tranche_sdk::v1::Money;
use tranche_tests::shop::money;

/// Most characters of a request that a failure shows.
const REQUEST_CHARS_SHOWN_MAX: usize = 300;

/// A request, and what is said about it; [`super::told::Told::compare`] says in which words.
pub(super) struct Row {
    pub(super) path: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) request: String,
    pub(super) expected: String,
}

/// A row of a message.
pub(super) fn row<M: Message + Debug>(path: &'static str, request: &M, expected: &str) -> Row {
    let request_text = format!("{request:?}").chars().take(REQUEST_CHARS_SHOWN_MAX).collect();
    Row { path, body: request.encode_to_vec(), request: request_text, expected: expected.to_owned() }
}

/// A row of bytes that are no message.
pub(super) fn bytes(path: &'static str, body: Vec<u8>, expected: &str) -> Row {
    let request = format!("{} bytes", body.len());
    Row { path, body, request, expected: expected.to_owned() }
}

/// What is said about fields that can never be right.
pub(super) fn invalid(fields: &str) -> String {
    format!("InvalidArgument INVALID_ARGUMENT {fields}")
}

/// An amount in the currency of every order of the fixture.
pub(super) fn brl(amount: &str) -> Money {
    money(amount, "BRL")
}

/// One byte more than an id may have.
pub(super) fn too_long() -> String {
    "x".repeat(101)
}
