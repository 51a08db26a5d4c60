//! Commands about orders.

use crate::account::{Allocation, RefundOrder, ReleasePolicy};
use crate::change::RemovedLine;
use crate::content::Content;
use crate::id::{LineId, OrderKey, RequestId};
use crate::money::Currency;
use crate::order::Totals;

/// A line of a new order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// The caller's id.
    pub line_id: LineId,
    /// What is sold.
    pub sku_id: String,
    /// Words for people.
    pub description: String,
    /// How many, at least 1.
    pub quantity: i64,
    /// Minor units for one.
    pub unit_price: i64,
}

/// Creates an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateOrder {
    /// Its account and id.
    pub key: OrderKey,
    /// What was asked for.
    pub content: Content,
    /// The one currency.
    pub currency: Currency,
    /// The lines; their ids are distinct.
    pub lines: Vec<NewLine>,
    /// The parts of the value, whose sum is at least 1.
    pub totals: Totals,
    /// `None` for the account's.
    pub allocation: Option<Allocation>,
    /// `None` for the account's.
    pub refund_order: Option<RefundOrder>,
    /// `None` for the account's.
    pub release_policy: Option<ReleasePolicy>,
}

/// Changes an order's lines or value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeOrder {
    /// The order.
    pub key: OrderKey,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// The version that the caller read.
    pub etag: Option<String>,
    /// Why, in the caller's words.
    pub reason: String,
    /// The currency of each amount, by the field that it stands in.
    pub currencies: Vec<(String, Currency)>,
    /// Lines to add; their ids are distinct.
    pub added_lines: Vec<NewLine>,
    /// Units to remove; their lines are distinct.
    pub removed_lines: Vec<RemovedLine>,
    /// Minor units to take off.
    pub manual_discount: i64,
    /// Minor units to put on.
    pub manual_increment: i64,
    /// The value that the order must have afterwards.
    pub expected_value: Option<i64>,
    /// Decides and writes nothing.
    pub validate_only: bool,
}

/// Cancels an order of which nothing is invoiced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelOrder {
    /// The order.
    pub key: OrderKey,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// The version that the caller read.
    pub etag: Option<String>,
    /// Why, in the caller's words.
    pub reason: String,
}
