//! Why a command is not accepted. A rejection changes nothing.

use crate::connector::PartialSettlement;
use crate::id::{ConnectorId, InvoiceNumber, LineId, OperationId, OrderId, PaymentId, TransactionId};
use crate::invoice::{InvoiceState, InvoiceType};
use crate::money::Money;
use crate::operation::OperationState;
use crate::order::{OrderState, TransactionState};
use crate::payment::Mode;
use crate::time::Timestamp;

/// A field that can never be right as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The dotted path of the field in the request, such as `lines[2].quantity`.
    pub field: String,
    /// What is wrong and how to mend it, going on from the field's name: `is required`.
    pub description: String,
}

impl Violation {
    /// A violation of `field`.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self { field: field.into(), description: description.into() }
    }
}

/// A payment that an invoice's own split asks too much of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentExcess {
    /// The payment.
    pub payment_id: PaymentId,
    /// What the invoice asks of it.
    pub amount: Money,
    /// What it has left: room for a sale, what it can give back for a return.
    pub left: Money,
}

/// By how much what returns took exceeds what an order would have without an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReturnedExcess {
    /// In sum.
    Order(Money),
    /// Of a payment.
    Payment(PaymentId, Money),
    /// Units of a line.
    Line(LineId, i64),
}

/// An authorization that belongs to a payment already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenAuthorization {
    /// The connector.
    pub connector_id: ConnectorId,
    /// The provider's id of the payment.
    pub provider_payment_id: String,
}

/// A mode that a payment on a connector cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedMode {
    /// The connector.
    pub connector_id: ConnectorId,
    /// The mode.
    pub mode: Mode,
    /// What the connector can do.
    pub partial_settlement: PartialSettlement,
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
    /// There are no such connectors.
    ConnectorNotFound(Vec<ConnectorId>),
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
    /// The authorizations belong to payments already.
    PaymentAlreadyAdopted(Vec<TakenAuthorization>),
    /// The order has its transaction already.
    OrderHasTransaction {
        /// The order.
        order_id: OrderId,
        /// Its transaction.
        transaction_id: TransactionId,
    },
    /// The order has a payment of this id.
    PaymentAlreadyExists(PaymentId),
    /// The order has lines of these ids.
    LineAlreadyExists(Vec<LineId>),
    /// There is no such payment of the order.
    PaymentNotFound(OrderId, PaymentId),
    /// The transaction's state does not allow it.
    TransactionNotOpen {
        /// The transaction.
        transaction_id: TransactionId,
        /// Its state.
        state: TransactionState,
    },
    /// The transaction has as many payments as are allowed.
    TooManyPayments {
        /// The transaction.
        transaction_id: TransactionId,
        /// As many are allowed.
        maximum: usize,
    },
    /// The order would have more lines than are allowed.
    TooManyLines {
        /// As many are allowed.
        maximum: usize,
    },
    /// The order has as many invoices as are allowed.
    TooManyInvoices {
        /// As many are allowed.
        maximum: u32,
    },
    /// The order has as many changes as are allowed.
    TooManyChanges {
        /// As many are allowed.
        maximum: u32,
    },
    /// Something of the order is invoiced, so that it cannot be canceled.
    OrderHasInvoices {
        /// What is invoiced.
        invoiced: Money,
    },
    /// The change would take the value below what is invoiced.
    ValueBelowInvoiced {
        /// The value that the order would have.
        value: Money,
        /// What is invoiced.
        invoiced: Money,
    },
    /// The change would take the value below one minor unit.
    ValueBelowMinimum {
        /// The value that the order would have.
        value: Money,
    },
    /// The change would take the value above what the payments cover.
    ValueAboveRoom {
        /// The value that the order would have.
        value: Money,
        /// What the payments have.
        room: Money,
        /// What is missing.
        missing: Money,
    },
    /// The value after the change is not the one that the caller expects.
    ValueUnexpected {
        /// The value that the order would have.
        value: Money,
        /// What the caller expects.
        expected: Money,
    },
    /// The return is above what is invoiced and not returned.
    ReturnAboveInvoiced {
        /// What the return asks for.
        value: Money,
        /// What is invoiced.
        invoiced: Money,
        /// What is returned.
        returned: Money,
    },
    /// The return's own split asks more of payments than they can give back.
    ReturnAbovePayment(Vec<PaymentExcess>),
    /// The invoice cannot be taken back.
    InvoiceNotVoidable {
        /// The invoice.
        invoice_number: InvoiceNumber,
        /// Which way the goods went.
        invoice_type: InvoiceType,
        /// Whether it counts.
        state: InvoiceState,
        /// What returns took of it; nothing where type or state forbid it.
        returned: Vec<ReturnedExcess>,
    },
    /// The operation cannot be tried again.
    OperationNotRetryable {
        /// The operation.
        operation_id: OperationId,
        /// Its state.
        state: OperationState,
        /// Whether its provider would recognise a repeat.
        is_replay_safe: bool,
    },
    /// The provider may not recognise a repeat of the operation any more.
    OperationReplayWindowOver {
        /// The operation.
        operation_id: OperationId,
        /// When it was first sent.
        first_send_time: Timestamp,
    },
    /// The operation's state does not allow the resolution.
    OperationNotResolvable {
        /// The operation.
        operation_id: OperationId,
        /// Its state.
        state: OperationState,
    },
    /// Nothing of what the operation was for lacks any more.
    NothingLacking {
        /// The operation.
        operation_id: OperationId,
    },
    /// What lacks of the operation can be asked of its payment no more.
    NothingToStart {
        /// The operation.
        operation_id: OperationId,
    },
    /// Other payments have too little room for what is to be moved.
    MoveAboveRoom {
        /// The operation.
        operation_id: OperationId,
        /// The payment that was named, if one was.
        payment_id: Option<PaymentId>,
        /// What is to be moved.
        amount: Money,
        /// What can be asked instead.
        room: Money,
    },
    /// An operation owns the provider's movement.
    MovementAlreadyBooked {
        /// The provider's id.
        provider_id: String,
        /// The operation.
        operation_id: OperationId,
    },
    /// An open operation could turn out to own the provider's movement.
    OperationCouldOwnMovement {
        /// The operation.
        operation_id: OperationId,
        /// The provider's id.
        provider_id: String,
    },
    /// The provider's movement is above what is left of the authorization, and nobody said that it is, or nobody can say
    /// yet.
    MovementAboveAuthorization {
        /// The payment.
        payment_id: PaymentId,
        /// How much is to be adopted.
        amount: Money,
        /// What is left of its authorization.
        unsettled: Money,
        /// What of it is being settled or released.
        under_way: Money,
    },
    /// More is to be released than the order can spare.
    ReleaseAboveFree {
        /// What is to be released, where the request says it.
        amount: Option<Money>,
        /// What the order can spare.
        free: Money,
    },
    /// The connector cannot cancel a part of an authorization.
    PartialCancellationNotSupported {
        /// The connector.
        connector_id: ConnectorId,
        /// The payment.
        payment_id: PaymentId,
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
        /// Whether the order has ended, so that its value stays what it is.
        is_final: bool,
    },
    /// The payments have no room for the invoice.
    InvoiceAboveRoom {
        /// What they have.
        room: Money,
        /// What is missing.
        missing: Money,
    },
    /// The invoice's own split asks more of payments than they have room for.
    PaymentAboveRoom(Vec<PaymentExcess>),
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
    /// Connectors cannot do what a mode needs.
    ModeNotSupported(Vec<RefusedMode>),
    /// The account has partial settlement off, and these modes need it.
    PartialSettlementDisabled(Vec<RefusedMode>),
    /// The resource was written since it was read.
    EtagMismatch {
        /// The caller's.
        given: String,
        /// The resource's.
        current: String,
    },
}
