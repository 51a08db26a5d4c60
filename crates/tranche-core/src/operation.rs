//! An operation asked of a provider: a row written with the decision, before anything leaves.
//!
//! Only a provider's answer or an operator ends an operation; no timer does.

use std::time::Duration;

use sha2::{Digest, Sha256};

pub use crate::authorization::Authorization;
use crate::authorization::{Approval, AuthorizationRequest};
use crate::bounds::{BACKOFF_FIRST, BACKOFF_MAX};
use crate::connector::Capabilities;
use crate::content::hex;
use crate::id::{ConnectorId, InvoiceNumber, OperationId, OrderKey, PaymentId, TransactionId};
use crate::money::Currency;
use crate::time::Timestamp;

/// What is asked of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    /// Money of the payer is reserved.
    Authorization,
    /// Authorized money is settled.
    Settlement,
    /// Settled money is given back, against one settlement.
    Refund,
    /// Authorized money is released.
    Cancellation,
}

impl OperationKind {
    /// The kind's name, as rows and derived ids spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Settlement => "settlement",
            Self::Refund => "refund",
            Self::Cancellation => "cancellation",
        }
    }
}

/// Why money goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundPurpose {
    /// It was settled ahead and can no longer be needed.
    Excess,
    /// An input invoice asked for it.
    Return,
}

/// The settlement that a refund takes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundTarget {
    /// The settlement operation.
    pub operation_id: OperationId,
    /// The provider's id of that settlement.
    pub settle_id: String,
    /// Why.
    pub purpose: RefundPurpose,
}

/// The right to send an operation, and nothing more: what is true follows from answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The attempt that it is for; with the operation's id, the lease's token.
    pub attempt: u32,
    /// Nobody sends after this; somebody else may.
    pub until: Timestamp,
}

/// Where an operation that is not on the wire waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Decided; nothing that was sent can have reached the provider.
    Pending,
    /// The provider took it and said "ask again".
    AtProvider,
    /// Nobody can tell yet whether the provider did it.
    Unknown,
}

/// The state of an operation, with the data of that state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationState {
    /// Not on the wire, not ended.
    Waiting(Waiting),
    /// Leased, on the wire.
    Sent {
        /// Who may send.
        lease: Lease,
        /// Where it waited before; a refusal after an unclear attempt is unclear itself.
        from: Waiting,
    },
    /// The provider said that a person must act.
    Manual,
    /// Attempts or time are exhausted.
    Stuck {
        /// Where it waited before: what its provider took is known there.
        from: Waiting,
    },
    /// The provider did it.
    Done {
        /// What it says it moved, at most what was asked.
        value: i64,
        /// Its id: `authorizationId`, `settleId`, `refundId` or `cancellationId`.
        provider_id: String,
    },
    /// The provider will not do it.
    Refused {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
    /// Never sent, and not to be sent any more: the invoice that it was for was voided.
    Withdrawn,
}

/// The code of a refusal that is ours: the leg is below the connector's smallest settlement.
pub const BELOW_MINIMUM: &str = "below-minimum";
/// The code of a refusal that is ours: the payment takes no further settlement.
pub const NO_SETTLEMENT_FOLLOWS: &str = "no-settlement-follows";
/// The code of a refusal that an operator stated.
pub const RESOLVED_NOT_DONE: &str = "resolved-not-done";

impl OperationState {
    /// Whether nothing more is expected.
    pub fn is_ended(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Refused { .. } | Self::Withdrawn)
    }
}

/// An operation asked of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The order, and its account.
    pub order: OrderKey,
    /// Derived by [`derive_id`]; the provider's idempotency key on every attempt.
    pub operation_id: OperationId,
    /// The payment.
    pub payment_id: PaymentId,
    /// The payment's connector, so that what is due can be looked for connector by connector.
    pub connector_id: ConnectorId,
    /// Counts the operations of the payment, from 1; they are first sent in this order.
    pub ordinal: i64,
    /// What is asked.
    pub kind: OperationKind,
    /// What started it, such as `invoice:INV-1` or `done:op_…`.
    pub cause: String,
    /// The invoice that asked for it, if one did.
    pub invoice_number: Option<InvoiceNumber>,
    /// Minor units asked for; above 0.
    pub value: i64,
    /// Of a settlement: whether no other is to follow. Of a cancellation: whether it takes all that is unsettled.
    pub is_final: bool,
    /// Of a refund: what it takes from.
    pub refund: Option<RefundTarget>,
    /// Where it stands.
    pub state: OperationState,
    /// Whether an attempt ended unclear, so that a refusal proves nothing any more.
    pub is_unclear: bool,
    /// When the dispatcher should look at it next; `None` while nothing is to be sent.
    pub due_time: Option<Timestamp>,
    /// Leases so far.
    pub attempts: u32,
    /// The attempts whose outcome is recorded: bit `n` for attempt `n`.
    pub recorded_attempts: i64,
    /// The attempts before an operator last had it tried again; those since have a bit in `recorded_attempts`.
    pub attempts_before: u32,
    /// When it was first leased; what the time counts from in which its provider knows its id.
    pub first_send_time: Option<Timestamp>,
    /// When an operator last had it tried again; what the time counts from in which it is repeated.
    pub retry_time: Option<Timestamp>,
    /// Callbacks of the provider that said something new.
    pub callbacks: u32,
    /// The last answer that contradicted how it had ended, where that was alarmed.
    pub contradiction: Option<String>,
    /// Of a done settlement: what refunds took or are taking from it.
    pub refund_taken: i64,
    /// What of it was not obtained and is asked for again by nobody; at most, as other acts may have covered it since.
    pub lacking: i64,
    /// What the provider moved beyond it, and nobody has said of whether it is real.
    pub surplus: i64,
    /// Since when it may need an operator: its provider wants to be asked again, it is unclear, a person's work or stuck,
    /// it lacks, or has a surplus.
    pub attention_time: Option<Timestamp>,
    /// When it was decided.
    pub create_time: Timestamp,
    /// Last write.
    pub update_time: Timestamp,
    /// When it ended.
    pub end_time: Option<Timestamp>,
}

impl Operation {
    /// Whether it can be withdrawn: nothing that was sent can have reached the provider.
    pub fn is_unsent(&self) -> bool {
        self.state == OperationState::Waiting(Waiting::Pending) && !self.is_unclear
    }

    /// Whether it has not ended and its provider may have done it.
    pub fn may_be_done(&self) -> bool {
        let is_on_the_wire = matches!(self.state, OperationState::Sent { .. });
        !self.state.is_ended() && (is_on_the_wire || self.attention_time.is_some())
    }

    /// What refunds may still take from this settlement.
    pub fn refundable(&self) -> i64 {
        match (&self.state, self.kind) {
            (OperationState::Done { value, .. }, OperationKind::Settlement) => value - self.refund_taken,
            _ => 0,
        }
    }

    /// Whether the outcome of `attempt` is recorded, or was given up when an operator had it tried again.
    pub fn is_recorded(&self, attempt: u32) -> bool {
        self.is_before(attempt) || self.recorded_attempts & self.attempt_bit(attempt) != 0
    }

    /// Notes that the outcome of `attempt` is recorded.
    pub(crate) fn record(&mut self, attempt: u32) {
        self.recorded_attempts |= self.attempt_bit(attempt);
    }

    fn is_before(&self, attempt: u32) -> bool {
        self.attempts_before > 0 && attempt <= self.attempts_before
    }

    /// The bit of `attempt` in `recorded_attempts`.
    fn attempt_bit(&self, attempt: u32) -> i64 {
        if self.is_before(attempt) {
            return 0;
        }
        let since = attempt.checked_sub(self.attempts_before);
        since.and_then(|since| 1_i64.checked_shl(since)).unwrap_or(0)
    }

    /// Attempts since it was decided, or since an operator had it tried again.
    pub fn attempts_since(&self) -> u32 {
        self.attempts.saturating_sub(self.attempts_before)
    }
}

/// The id of the `ordinal`th operation of `kind` that `cause` starts on a payment.
///
/// A hash of what it is for, so that a restored database repeats the same keys. Every part is written with its length,
/// so that no two lists of parts read the same.
pub fn derive_id(
    order: &OrderKey,
    payment: &PaymentId,
    kind: OperationKind,
    cause: &str,
    ordinal: i64,
) -> OperationId {
    let mut hash = Sha256::new();
    let ordinal = ordinal.to_string();
    let parts = [
        order.account_id.as_str(),
        order.order_id.as_str(),
        payment.as_str(),
        kind.name(),
        cause,
        ordinal.as_str(),
    ];
    for part in parts {
        hash.update(part.len().to_string().as_bytes());
        hash.update(b":");
        hash.update(part.as_bytes());
    }
    OperationId::trusted(&format!("op_{}", hex(&hash.finalize(), 40)))
}

/// The pause after the `attempts`th attempt, without jitter.
pub fn backoff(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(20);
    BACKOFF_FIRST.saturating_mul(1 << doublings).min(BACKOFF_MAX)
}

/// An operation that may be sent now: all that a connector needs, and the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The operation; in state SENT.
    pub operation: Operation,
    /// The attempt, as in the lease.
    pub attempt: u32,
    /// The end of the lease.
    pub lease_until: Timestamp,
    /// The connector to send it through.
    pub connector_id: ConnectorId,
    /// All payments of the order.
    pub transaction_id: TransactionId,
    /// The authorization at the provider.
    pub authorization: Authorization,
    /// Of an authorization that is asked for: what it is asked for with.
    pub request: Option<AuthorizationRequest>,
    /// The currency of the value.
    pub currency: Currency,
    /// The payment's copy of what the provider can do.
    pub capabilities: Capabilities,
}

/// What a provider's answer, or silence, means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It did it.
    Done {
        /// Minor units that it moved, at most what was asked; of a cancellation, what was asked.
        value: i64,
        /// Minor units that it moved beyond what was asked.
        surplus: i64,
        /// Its id of the settlement, refund or cancellation.
        provider_id: String,
    },
    /// It will not do it.
    Refused {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
    /// It took it and wants to be asked again.
    Pending,
    /// It holds what it was asked to authorize.
    Approved(Approval),
    /// It will not authorize, and says so of this very payment: whatever an unclear attempt did, nothing is held.
    Denied {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
    /// It cannot say yet whether it authorizes, and wants to be asked again.
    Undecided {
        /// How long after it was first asked it wants the payment canceled if it has not approved it.
        cancel_after: Option<Duration>,
    },
    /// It says that a person must act.
    Manual {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
    /// Nobody can tell whether it did it.
    Unknown {
        /// What was seen instead of an answer.
        detail: String,
    },
    /// Nothing reached it that it would act on.
    NoAnswer {
        /// Why.
        detail: String,
        /// The pause that it asked for.
        retry_after: Option<Duration>,
    },
}

/// One call to a provider, as it was: secrets and card data removed, bounded in size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The request's headers, one per line.
    pub request_headers: String,
    /// The request's body.
    pub request_body: String,
    /// The response's status; `None` if there was no response.
    pub status: Option<u16>,
    /// The response's headers, one per line.
    pub response_headers: String,
    /// The response's body.
    pub response_body: String,
    /// How long it took.
    pub latency: Duration,
    /// What went wrong on the way, if something did.
    pub error: Option<String>,
}

impl Exchange {
    /// The record of a call that could not even be tried.
    pub fn not_tried(detail: String, latency: Duration) -> Self {
        Self {
            method: String::new(),
            url: String::new(),
            request_headers: String::new(),
            request_body: String::new(),
            status: None,
            response_headers: String::new(),
            response_body: String::new(),
            latency,
            error: Some(detail),
        }
    }
}

/// One call to a provider and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// The order, and its account.
    pub order: OrderKey,
    /// The operation.
    pub operation_id: OperationId,
    /// The attempt; of a callback, the last one before it.
    pub attempt: u32,
    /// Counts the provider's callbacks about the operation that are kept, from 1; 0 for a call of ours.
    pub callback: u32,
    /// The call.
    pub exchange: Exchange,
    /// What it was taken to mean: `done`, `refused`, `pending`, `manual`, `unknown` or `no answer`.
    pub meaning: String,
    /// When it was recorded.
    pub create_time: Timestamp,
}

impl Answer {
    /// The answer's name, as interactions and events spell it.
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::Done { .. } | Self::Approved(_) => "done",
            Self::Refused { .. } | Self::Denied { .. } => "refused",
            Self::Pending | Self::Undecided { .. } => "pending",
            Self::Manual { .. } => "manual",
            Self::Unknown { .. } => "unknown",
            Self::NoAnswer { .. } => "no answer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{AccountId, OrderId};

    #[test]
    fn every_part_of_an_operation_changes_its_id() {
        let order = |account: &str, order: &str| OrderKey {
            account_id: AccountId::trusted(account),
            order_id: OrderId::trusted(order),
        };
        let payment = PaymentId::trusted;
        let ids = [
            derive_id(&order("a", "o"), &payment("p"), OperationKind::Settlement, "invoice:1", 1),
            derive_id(&order("b", "o"), &payment("p"), OperationKind::Settlement, "invoice:1", 1),
            derive_id(&order("a", "p"), &payment("p"), OperationKind::Settlement, "invoice:1", 1),
            derive_id(&order("a", "op"), &payment(""), OperationKind::Settlement, "invoice:1", 1),
            derive_id(&order("a", "o"), &payment("q"), OperationKind::Settlement, "invoice:1", 1),
            derive_id(&order("a", "o"), &payment("p"), OperationKind::Refund, "invoice:1", 1),
            derive_id(&order("a", "o"), &payment("p"), OperationKind::Settlement, "invoice:2", 1),
            derive_id(&order("a", "o"), &payment("p"), OperationKind::Settlement, "invoice:1", 2),
        ];
        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[..index].contains(id), "{index}");
        }
        let again = derive_id(&order("a", "o"), &payment("p"), OperationKind::Settlement, "invoice:1", 1);
        assert_eq!(ids[0], again);
    }

    #[test]
    fn the_pause_doubles_up_to_its_bound() {
        let seconds = |attempts| backoff(attempts).as_secs_f32();
        assert_eq!([1, 2, 3, 4].map(seconds).map(|pause| format!("{pause}")), ["0.5", "1", "2", "4"]);
        assert_eq!(backoff(60), BACKOFF_MAX);
    }
}
