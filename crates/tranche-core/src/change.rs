//! Changes of an order's lines or value.

use crate::command::NewLine;
use crate::id::{LineId, OrderKey, RequestId};
use crate::time::Timestamp;

/// Units of a line that are not sold any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedLine {
    /// The line.
    pub line_id: LineId,
    /// How many of it, at least 1.
    pub quantity: i64,
}

/// An accepted change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The order.
    pub order: OrderKey,
    /// The caller's id of the change, unique within the order.
    pub request_id: RequestId,
    /// Why, in the caller's words.
    pub reason: String,
    /// The lines that were added.
    pub added_lines: Vec<NewLine>,
    /// The units that were removed.
    pub removed_lines: Vec<RemovedLine>,
    /// Minor units that were taken off by hand.
    pub manual_discount: i64,
    /// Minor units that were put on by hand.
    pub manual_increment: i64,
    /// The order's value before.
    pub value_before: i64,
    /// The order's value after.
    pub value_after: i64,
    /// When it was accepted.
    pub create_time: Timestamp,
}
