//! Between messages and the core: the only place that knows both.
//!
//! Requests are parsed once, into commands that cannot be wrong by themselves; all violations of a request are named
//! together, by their dotted paths. Answers carry amounts with all decimals of their currency.

pub(crate) mod account;
mod authorization;
pub(crate) mod change;
pub(crate) mod connector;
mod content;
pub(crate) mod event;
pub(crate) mod explanation;
pub(crate) mod invoice;
mod money;
pub(crate) mod operation;
pub(crate) mod operator;
pub(crate) mod order;
pub(crate) mod page;
pub(crate) mod payment;
pub(crate) mod reply;
mod time;
pub(crate) mod transaction;
mod violations;

pub(crate) use time::rfc3339;
pub(crate) use violations::{Unacceptable, parse_id};
use violations::{Violations, enumeration};

#[cfg(test)]
mod tests;
