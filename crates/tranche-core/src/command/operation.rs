//! Commands about operations, given by those who send them.

use crate::id::{OperationId, OrderKey};
use crate::operation::{Answer, Exchange};

/// Asks for the right to send an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseOperation {
    /// The order.
    pub key: OrderKey,
    /// The operation.
    pub operation_id: OperationId,
}

/// Brings what a provider answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOutcome {
    /// The order.
    pub key: OrderKey,
    /// The operation.
    pub operation_id: OperationId,
    /// The attempt that it is the outcome of.
    pub attempt: u32,
    /// What the answer means.
    pub answer: Answer,
    /// The call as it was.
    pub exchange: Exchange,
    /// A number from 0 to 1000 that spreads the next attempt.
    pub jitter: u32,
}
