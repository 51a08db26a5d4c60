//! What operators did: an actor and a reason for every act, kept for good.

use crate::id::{OperationId, OrderKey, PaymentId, RequestId, TransactionId};
use crate::time::Timestamp;

/// What an operator can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActKind {
    /// An operation is tried again.
    RetryOperation,
    /// It is said how an operation ended, or whether its surplus is real.
    ResolveOperation,
    /// Authorized money is released.
    ReleaseRemainder,
    /// A settlement that no operation owns is booked.
    AdoptMovement,
}

/// Who acts, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub name: String,
    /// Why, in their words.
    pub reason: String,
}

/// An act of an operator. Rows are only ever added, and outlive the events that tell of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The order, and its account.
    pub order: OrderKey,
    /// The idempotency key of the act; unique per account and per what it is about.
    pub request_id: RequestId,
    /// What was done.
    pub kind: ActKind,
    /// Who did it, and why.
    pub by: Actor,
    /// The transaction.
    pub transaction_id: TransactionId,
    /// The payment; `None` for several.
    pub payment_id: Option<PaymentId>,
    /// The operation; `None` if it was about none.
    pub operation_id: Option<OperationId>,
    /// When it was accepted.
    pub create_time: Timestamp,
}

impl Act {
    /// Who did what and why, for people.
    pub fn sentence(&self) -> String {
        let operation = self.operation_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let of_payment = self.payment_id.as_ref().map(|id| format!(" of {id}")).unwrap_or_default();
        let done = match self.kind {
            ActKind::RetryOperation => format!("had {operation}{of_payment} tried again"),
            ActKind::ResolveOperation => format!("said what became of {operation}{of_payment}"),
            ActKind::ReleaseRemainder => format!("released what the order cannot need{of_payment}"),
            ActKind::AdoptMovement => format!("adopted a settlement{of_payment} that nobody had asked for"),
        };
        // Their words may have several lines; each act is one.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{} {done}: {}", words(&self.by.name), words(&self.by.reason))
    }
}
