//! Commands that a provider gives, by calling back.

use crate::id::{OrderKey, PaymentId};
use crate::operation::{Answer, Exchange};

/// Brings what a provider says of an authorization that it was asked for, without being asked again.
///
/// It can do nothing that the answer to a repeat of the request could not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordCallback {
    /// The order.
    pub key: OrderKey,
    /// The payment.
    pub payment_id: PaymentId,
    /// What it says; `None` if it says no more than that it can be asked again.
    pub answer: Option<Answer>,
    /// The call as it was.
    pub exchange: Exchange,
}
