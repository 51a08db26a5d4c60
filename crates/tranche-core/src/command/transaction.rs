//! Commands about transactions and their payments.

use crate::authorization::AuthorizationRequest;
use crate::content::Content;
use crate::id::{ConnectorId, OrderKey, PaymentId, RequestId, TransactionId};
use crate::money::{Currency, Money};
use crate::operation::Authorization;
use crate::operator::Actor;
use crate::payment::Mode;
use crate::time::Timestamp;

/// Where the authorization of a new payment comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewAuthorization {
    /// It exists, and is this one.
    Adopted(Authorization),
    /// The provider is to be asked for it.
    Requested(AuthorizationRequest),
}

/// A payment of a new transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// The caller's id.
    pub payment_id: PaymentId,
    /// The connector.
    pub connector_id: ConnectorId,
    /// The currency of the authorization.
    pub currency: Currency,
    /// What is authorized, or is to be.
    pub authorized: i64,
    /// `None` for the connector's or the account's.
    pub mode: Option<Mode>,
    /// Where the authorization comes from.
    pub authorization: NewAuthorization,
}

impl NewPayment {
    /// The authorization at the provider; of one that is to be asked for, what is known of it before.
    pub fn authorization(&self, order: &OrderKey) -> Authorization {
        match &self.authorization {
            NewAuthorization::Adopted(authorization) => authorization.clone(),
            NewAuthorization::Requested(_) => Authorization::to_be_asked(order, &self.payment_id),
        }
    }

    /// When the authorization ends, if its caller says so.
    pub fn expire_time(&self) -> Option<Timestamp> {
        match &self.authorization {
            NewAuthorization::Adopted(authorization) => authorization.expire_time,
            NewAuthorization::Requested(_) => None,
        }
    }

    /// What the provider is to be asked with, if it is.
    pub fn request(&self) -> Option<&AuthorizationRequest> {
        match &self.authorization {
            NewAuthorization::Adopted(_) => None,
            NewAuthorization::Requested(request) => Some(request),
        }
    }
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
