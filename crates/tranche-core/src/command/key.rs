//! Idempotency keys.

use super::{
    AddPayment, AdoptMovement, CancelOrder, ChangeOrder, CreateOrder, CreateTransaction, ReleaseRemainder,
    ResolveOperation, RetryOperation, UpdateAccount, UpdateTracking, VoidInvoice, WriteConnector,
};
use crate::id::{AccountId, OperationId, OrderKey, RequestId, TransactionId};

/// A caller's idempotency key and what it was used for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey {
    /// The account.
    pub account_id: AccountId,
    /// The resource that the request is about, such as `order/1234`.
    pub resource: String,
    /// The caller's request id; empty where the resource's own id is the key.
    pub request_id: String,
}

/// The key of a request whose resource's own id is the idempotency key.
fn creation_key(account_id: &AccountId, kind: &str, id: &str) -> RequestKey {
    RequestKey { account_id: account_id.clone(), resource: format!("{kind}/{id}"), request_id: String::new() }
}

impl UpdateAccount {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        RequestKey {
            account_id: self.account_id.clone(),
            resource: "account".to_owned(),
            request_id: self.request_id.as_str().to_owned(),
        }
    }
}

impl WriteConnector {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        let creation = creation_key(&self.account_id, "connector", self.connector_id.as_str());
        let request_id = self.request_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
        RequestKey { request_id, ..creation }
    }
}

impl CreateOrder {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        creation_key(&self.key.account_id, "order", self.key.order_id.as_str())
    }
}

impl CreateTransaction {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        creation_key(&self.key.account_id, "transaction", self.transaction_id.as_str())
    }
}

impl UpdateTracking {
    /// Its idempotency key. The order's id is written with its length, so that no two pairs of ids read the same.
    pub fn request_key(&self) -> RequestKey {
        let order_id = self.key.order_id.as_str();
        let id = format!("{}:{order_id}/{}", order_id.len(), self.invoice_number);
        mutation_key(&self.key.account_id, "invoice", &id, &self.request_id)
    }
}

impl ChangeOrder {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        of_order(&self.key, &self.request_id)
    }
}

impl CancelOrder {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        of_order(&self.key, &self.request_id)
    }
}

impl VoidInvoice {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        of_order(&self.key, &self.request_id)
    }
}

impl AddPayment {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        of_transaction(&self.key.account_id, &self.transaction_id, &self.request_id)
    }
}

impl ReleaseRemainder {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        of_transaction(&self.key.account_id, &self.transaction_id, &self.request_id)
    }
}

impl RetryOperation {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        of_operation(&self.key.account_id, &self.operation_id, &self.request_id)
    }
}

impl ResolveOperation {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        of_operation(&self.key.account_id, &self.operation_id, &self.request_id)
    }
}

impl AdoptMovement {
    /// Its idempotency key.
    pub fn request_key(&self) -> RequestKey {
        of_transaction(&self.key.account_id, &self.transaction_id, &self.request_id)
    }
}

/// The key of a request that changes a resource.
fn mutation_key(account_id: &AccountId, kind: &str, id: &str, request_id: &RequestId) -> RequestKey {
    RequestKey { request_id: request_id.as_str().to_owned(), ..creation_key(account_id, kind, id) }
}

fn of_order(key: &OrderKey, request_id: &RequestId) -> RequestKey {
    mutation_key(&key.account_id, "order", key.order_id.as_str(), request_id)
}

fn of_operation(account_id: &AccountId, operation_id: &OperationId, request_id: &RequestId) -> RequestKey {
    mutation_key(account_id, "operation", operation_id.as_str(), request_id)
}

fn of_transaction(
    account_id: &AccountId,
    transaction_id: &TransactionId,
    request_id: &RequestId,
) -> RequestKey {
    mutation_key(account_id, "transaction", transaction_id.as_str(), request_id)
}
