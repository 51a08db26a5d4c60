//! Commands about transactions and their payments.

use crate::content::Content;
use crate::id::{ConnectorId, OrderKey, PaymentId, RequestId, TransactionId};
use crate::money::{Currency, Money};
use crate::operation::Authorization;
use crate::operator::Actor;
use crate::payment::Mode;

/// A payment of a new transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// The caller's id.
    pub payment_id: PaymentId,
    /// The connector.
    pub connector_id: ConnectorId,
    /// The currency of the authorization.
    pub currency: Currency,
    /// What is authorized.
    pub authorized: i64,
    /// `None` for the connector's or the account's.
    pub mode: Option<Mode>,
    /// The authorization at the provider.
    pub authorization: Authorization,
}

/// Brings the payments of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateTransaction {
    /// The order.
    pub key: OrderKey,
    /// The caller's id.
    pub transaction_id: TransactionId,
    /// What was asked for.
    pub content: Content,
    /// The payments, in their order; their ids are distinct.
    pub payments: Vec<NewPayment>,
}

/// Adds a payment to an open transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddPayment {
    /// The order.
    pub key: OrderKey,
    /// Its transaction.
    pub transaction_id: TransactionId,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// The payment.
    pub payment: NewPayment,
}

/// Observes that the authorization of a payment ends soon, or has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObserveAuthorizationEnd {
    /// The order.
    pub key: OrderKey,
    /// Its payment.
    pub payment_id: PaymentId,
}

/// Releases authorized money that the order cannot need any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRemainder {
    /// The order.
    pub key: OrderKey,
    /// Its transaction.
    pub transaction_id: TransactionId,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// The payment to release from; `None` for those that the allocation would fill last.
    pub payment_id: Option<PaymentId>,
    /// How much, at least one minor unit; `None` for all that the order cannot need.
    pub amount: Option<Money>,
    /// Who acts, and why.
    pub by: Actor,
}
