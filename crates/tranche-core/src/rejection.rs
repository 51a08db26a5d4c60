//! Why a command is not accepted. A rejection changes nothing.

use crate::connector::PartialSettlement;
use crate::id::{ConnectorId, InvoiceNumber, LineId, OperationId, OrderId, PaymentId, TransactionId};
use crate::money::Money;
use crate::order::OrderState;
use crate::payment::Mode;

/// A field that can never be right as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The dotted path of the field in the request, such as `lines[2].quantity`.
    pub field: String,
    /// What is wrong and how to mend it.
    pub description: String,
}

impl Violation {
    /// A violation of `field`.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self { field: field.into(), description: description.into() }
    }
}

/// A line that an invoice asks too much of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineExcess {
    /// The line.
    pub line_id: LineId,
    /// What the invoice says.
    pub quantity: i64,
    /// What is left of the line.
    pub remaining: i64,
}

/// A thing that a caller named, and that exists with other content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// An order.
    Order,
    /// An invoice.
    Invoice,
    /// A transaction.
    Transaction,
    /// A connector.
    Connector,
}

/// Why a command is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The request can never be right; every violation is named.
    Invalid(Vec<Violation>),
    /// There is no such order.
    OrderNotFound(OrderId),
    /// There is no such invoice of the order.
    InvoiceNotFound(OrderId, InvoiceNumber),
    /// There is no such transaction.
    TransactionNotFound(TransactionId),
    /// There is no such connector.
    ConnectorNotFound(ConnectorId),
    /// There is no such operation.
    OperationNotFound(OperationId),
    /// The id is taken, by other content.
    AlreadyExists {
        /// What it is the id of.
        resource: Resource,
        /// The id.
        id: String,
        /// The fields that differ.
        differences: Vec<String>,
    },
    /// The request id was used, for other content.
    RequestIdReused {
        /// The request id.
        request_id: String,
        /// The fields that differ.
        differences: Vec<String>,
    },
    /// The authorization belongs to a payment already.
    PaymentAlreadyAdopted {
        /// The connector.
        connector_id: ConnectorId,
        /// The provider's id of the payment.
        provider_payment_id: String,
    },
    /// The order has its transaction already.
    OrderHasTransaction {
        /// The order.
        order_id: OrderId,
        /// Its transaction.
        transaction_id: TransactionId,
    },
    /// The order's state does not allow it.
    OrderNotOpen {
        /// The order.
        order_id: OrderId,
        /// Its state.
        state: OrderState,
    },
    /// The order has no payments yet.
    OrderWithoutTransaction(OrderId),
    /// The invoice is above what remains to invoice.
    InvoiceAboveRemaining {
        /// The order's value.
        value: Money,
        /// What is invoiced.
        invoiced: Money,
        /// What remains.
        remaining: Money,
    },
    /// The payments have no room for the invoice.
    InvoiceAboveRoom {
        /// What they have.
        room: Money,
        /// What is missing.
        missing: Money,
    },
    /// The invoice's own split asks more of a payment than it has.
    PaymentAboveRoom {
        /// The payment.
        payment_id: PaymentId,
        /// What it has.
        room: Money,
    },
    /// The invoice names more of lines than is left of them.
    LineQuantityExceeded(Vec<LineExcess>),
    /// The payments do not sum to the order's value.
    PaymentsBelowOrderValue {
        /// The order's value.
        value: Money,
        /// Their sum.
        authorized: Money,
        /// What is missing.
        missing: Money,
    },
    /// The connector cannot do what the mode needs.
    ModeNotSupported {
        /// The connector.
        connector_id: ConnectorId,
        /// The mode.
        mode: Mode,
        /// What the connector can do.
        partial_settlement: PartialSettlement,
    },
    /// The account has partial settlement off, and the mode needs it.
    PartialSettlementDisabled {
        /// The connector of the payment.
        connector_id: ConnectorId,
        /// The mode.
        mode: Mode,
    },
    /// The resource was written since it was read.
    EtagMismatch {
        /// The caller's.
        given: String,
        /// The resource's.
        current: String,
    },
}
