//! What happened, for those who follow: one gapless sequence per account.

use crate::id::{
    AccountId, ConnectorId, InvoiceNumber, OperationId, OrderId, PaymentId, RequestId, TransactionId,
};
use crate::invoice::InvoiceType;
use crate::money::Money;
use crate::operation::OperationKind;
use crate::operator::{ActKind, Actor};
use crate::order::{OrderState, TransactionState};
use crate::payment::PaymentState;
use crate::time::Timestamp;

/// How far back an account's event log reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLog {
    /// The account.
    pub account_id: AccountId,
    /// The number up to which events are forgotten; 0 while all are kept.
    pub forgotten: i64,
    /// How often it forgot; 0 for one that was never written.
    pub version: i64,
}

impl EventLog {
    /// A log that keeps all of its events.
    pub fn whole(account_id: AccountId) -> Self {
        Self { account_id, forgotten: 0, version: 0 }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The account's settings were written.
    AccountUpdated,
    /// A connector was created.
    ConnectorCreated {
        /// Which.
        connector_id: ConnectorId,
    },
    /// A connector was written.
    ConnectorUpdated {
        /// Which.
        connector_id: ConnectorId,
    },
    /// An order was created.
    OrderCreated {
        /// Its value.
        value: Money,
    },
    /// An order was changed.
    OrderChanged {
        /// The change.
        request_id: RequestId,
        /// Why, in the caller's words.
        reason: String,
        /// The order's value before.
        value_before: Money,
        /// The order's value after.
        value_after: Money,
    },
    /// The payments of the order became known.
    TransactionCreated {
        /// Which.
        transaction_id: TransactionId,
        /// The sum of the authorizations.
        authorized: Money,
    },
    /// A payment was added.
    PaymentAdded {
        /// Which.
        payment_id: PaymentId,
        /// What is authorized.
        authorized: Money,
    },
    /// An authorization of which something is not settled ends soon.
    AuthorizationEnding {
        /// Of which payment.
        payment_id: PaymentId,
        /// When it ends.
        expire_time: Timestamp,
        /// What of it no invoice has asked for.
        room: Money,
    },
    /// An authorization of which something is not settled has ended.
    AuthorizationEnded {
        /// Of which payment.
        payment_id: PaymentId,
        /// When it ended.
        expire_time: Timestamp,
        /// What of it no invoice can ask for any more.
        room: Money,
    },
    /// A payment stands elsewhere than before.
    PaymentStateChanged {
        /// Which.
        payment_id: PaymentId,
        /// Where.
        state: PaymentState,
    },
    /// An invoice was taken back.
    InvoiceVoided {
        /// Which.
        invoice_number: InvoiceNumber,
        /// Its value.
        value: Money,
        /// Why, in the caller's words.
        reason: String,
    },
    /// An operator acted.
    OperatorActed {
        /// What they did.
        act: ActKind,
        /// Who, and why.
        by: Actor,
        /// On which transaction.
        transaction_id: TransactionId,
        /// On which payment; `None` for several.
        payment_id: Option<PaymentId>,
        /// On which operation; `None` if it was about none.
        operation_id: Option<OperationId>,
    },
    /// An invoice was accepted.
    InvoiceAccepted {
        /// Which.
        invoice_number: InvoiceNumber,
        /// Which way the goods went.
        invoice_type: InvoiceType,
        /// Its value.
        value: Money,
        /// What then remained to invoice.
        remaining: Money,
    },
    /// An invoice's tracking was written.
    TrackingUpdated {
        /// Which invoice.
        invoice_number: InvoiceNumber,
    },
    /// Something was asked of a provider.
    OperationStarted {
        /// What.
        operation: OperationSummary,
    },
    /// A provider did, or refused, what was asked.
    OperationEnded {
        /// What.
        operation: OperationSummary,
        /// What it moved; 0 if it refused.
        done: Money,
        /// Whether it did it.
        is_done: bool,
    },
    /// An operation that was never sent is not to be sent any more.
    OperationWithdrawn {
        /// What.
        operation: OperationSummary,
    },
    /// An operation waits for a provider or a person.
    OperationUnresolved {
        /// What.
        operation: OperationSummary,
        /// Why: `pending`, `unknown`, `manual` or `stuck`.
        state: String,
    },
    /// A provider moved money that was not asked for.
    SurplusFound {
        /// By which operation it was learnt.
        operation: OperationSummary,
        /// How much.
        surplus: Money,
    },
    /// An answer contradicts an earlier one.
    AnswerContradicted {
        /// To which operation.
        operation: OperationSummary,
        /// What it said now.
        meaning: String,
    },
    /// The payments no longer cover what remains to invoice, by this much; or cover it again.
    CoverageChanged {
        /// What another payment must bring; 0 if nothing.
        missing: Money,
    },
    /// The order's state changed.
    OrderStateChanged {
        /// To which.
        state: OrderState,
        /// Why, in the caller's words; empty if it followed from the amounts.
        reason: String,
    },
    /// The transaction's state changed.
    TransactionStateChanged {
        /// To which.
        state: TransactionState,
    },
}

/// An operation, as events tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationSummary {
    /// Which.
    pub operation_id: OperationId,
    /// Of which payment.
    pub payment_id: PaymentId,
    /// What is asked.
    pub kind: OperationKind,
    /// How much is asked.
    pub value: Money,
}

/// An event before it has its number, which the store gives it when it is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whose sequence it belongs to.
    pub account_id: AccountId,
    /// The order it is about, if it is about one.
    pub order_id: Option<OrderId>,
    /// What happened.
    pub kind: EventKind,
}
