//! Commands of operators.

use crate::content::Content;
use crate::id::{OperationId, OrderKey, PaymentId, RequestId, TransactionId};
use crate::money::Money;
use crate::operator::Actor;
use crate::time::Timestamp;

/// Has an operation tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryOperation {
    /// The order.
    pub key: OrderKey,
    /// The operation.
    pub operation_id: OperationId,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// Who acts, and why.
    pub by: Actor,
}

/// What follows for money that was surely not obtained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FollowUp {
    /// The same payment is asked again, by a new operation.
    Retry,
    /// Other payments' room is asked instead: this one's, or what the allocation says.
    Move(Option<PaymentId>),
    /// Nobody is asked.
    GiveUp,
}

/// What is true of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It was done.
    Done {
        /// What was moved, at least one minor unit; of a cancellation `None` counts as what was asked.
        amount: Option<Money>,
        /// The provider's id of it.
        provider_id: String,
    },
    /// It was not done.
    NotDone(FollowUp),
    /// Its surplus is real, or never moved.
    Surplus {
        /// Whether it is real.
        is_real: bool,
    },
}

/// Says how an operation ended, or whether its surplus is real.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveOperation {
    /// The order.
    pub key: OrderKey,
    /// The operation.
    pub operation_id: OperationId,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// What is true.
    pub resolution: Resolution,
    /// Who acts, and why.
    pub by: Actor,
}

/// Books a settlement that the provider made and no operation owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdoptMovement {
    /// The order.
    pub key: OrderKey,
    /// Its transaction.
    pub transaction_id: TransactionId,
    /// The payment that it was settled of.
    pub payment_id: PaymentId,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// The provider's id of the settlement.
    pub provider_id: String,
    /// How much was settled, at least one minor unit.
    pub amount: Money,
    /// When it was settled.
    pub movement_time: Option<Timestamp>,
    /// Whether it may be more than is left of the authorization.
    pub is_beyond_authorization: bool,
    /// Who acts, and why.
    pub by: Actor,
}
