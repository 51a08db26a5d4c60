//! A tenant and its settings.

use std::time::Duration;

use crate::bounds::AUTHORIZATION_LEAD_TIME_DEFAULT;
use crate::id::AccountId;
use crate::time::Timestamp;

/// How what an invoice asks is split over the payments of an order, on their room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocation {
    /// The payment with the lowest room that is not 0 is filled, then the next; ties by creation.
    LowestFirst,
    /// In the order in which the payments were created.
    CreatedFirst,
    /// By room, largest remainder, ties by creation.
    Proportional,
}

/// How what a return refunds is split over the payments of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundOrder {
    /// The payment with the lowest settled amount first; ties by creation.
    LowestSettledFirst,
    /// In the order in which the payments were created.
    CreatedFirst,
    /// By what may still be returned, largest remainder, ties by creation.
    Proportional,
}

/// When authorized money that nothing can need any more is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleasePolicy {
    /// When nothing remains to invoice.
    OnCompletion,
    /// Also at once when a change lowers the order's value, of PARTIAL payments whose provider cancels parts.
    Immediately,
    /// When an operator says so.
    Manual,
}

/// An account's settings; an account that never wrote has the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub account_id: AccountId,
    /// Off: every new payment is TOTAL.
    pub partial_settlement: bool,
    /// Copied to new orders.
    pub allocation: Allocation,
    /// Copied to new orders.
    pub refund_order: RefundOrder,
    /// Copied to new orders.
    pub release_policy: ReleasePolicy,
    /// The mode of new payments on connectors that cannot settle in parts: TOTAL, or HOLD.
    pub legacy_mode: crate::payment::Mode,
    /// How long before the end of an authorization it is said to end, and nothing of it is held back any more.
    pub authorization_lead_time: Duration,
    /// Counts the writes; the etag.
    pub version: i64,
    /// First write; `None` for an account that never wrote.
    pub create_time: Option<Timestamp>,
    /// Last write.
    pub update_time: Option<Timestamp>,
}

impl Account {
    /// The account as it is before its first write.
    pub fn unseen(account_id: AccountId) -> Self {
        Self {
            account_id,
            partial_settlement: true,
            allocation: Allocation::LowestFirst,
            refund_order: RefundOrder::LowestSettledFirst,
            release_policy: ReleasePolicy::OnCompletion,
            legacy_mode: crate::payment::Mode::Total,
            authorization_lead_time: AUTHORIZATION_LEAD_TIME_DEFAULT,
            version: 0,
            create_time: None,
            update_time: None,
        }
    }
}
