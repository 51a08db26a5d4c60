//! Reads for those who ask, outside of the write path.
#![expect(clippy::unused_async, reason = "the store is being written")]

use tranche_core::account::Account;
use tranche_core::connector::Connector;
use tranche_core::event::Event;
use tranche_core::id::{
    AccountId, ConnectorId, InvoiceNumber, OperationId, OrderId, OrderKey, PaymentId, TransactionId,
};
use tranche_core::invoice::Invoice;
use tranche_core::operation::{Interaction, Operation};
use tranche_core::order::{Line, Order, OrderState};
use tranche_core::payment::Payment;
use tranche_core::time::Timestamp;

use crate::{Store, StoreError};

/// Where a page ended: the creation time and the id of its last row. Pages are in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagePoint {
    /// Creation time of the last row.
    pub create_time: Timestamp,
    /// Its id.
    pub id: String,
}

/// The name of an operation's state, without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationStateName {
    /// Decided, never sent or surely not received.
    Pending,
    /// Leased, on the wire.
    Sent,
    /// The provider said "ask again".
    PendingAtProvider,
    /// Nobody can tell yet.
    Unknown,
    /// A person must act.
    Manual,
    /// Attempts or time are exhausted.
    Stuck,
    /// The provider did it.
    Done,
    /// The provider will not do it.
    Refused,
}

/// Which operations of an order are asked for; empty means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationFilter {
    /// Of this payment.
    pub payment_id: Option<PaymentId>,
    /// In these states.
    pub states: Vec<OperationStateName>,
}

/// An event with the number that it was committed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedEvent {
    /// Gapless within the account, from 1, in the order of commits.
    pub number: i64,
    /// When it was committed, by the clock of its batch.
    pub create_time: Timestamp,
    /// What happened.
    pub event: Event,
}

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("the store is being written".to_owned()))
}

impl Store {
    /// An account's settings; `None` if it never wrote.
    pub async fn account(&self, _id: &AccountId) -> Result<Option<Account>, StoreError> {
        away()
    }
    /// A connector.
    pub async fn connector(
        &self,
        _account: &AccountId,
        _id: &ConnectorId,
    ) -> Result<Option<Connector>, StoreError> {
        away()
    }
    /// An account's connectors.
    pub async fn connectors(
        &self,
        _account: &AccountId,
        _after: Option<&PagePoint>,
        _limit: u64,
    ) -> Result<Vec<Connector>, StoreError> {
        away()
    }
    /// An order with its lines, by position.
    pub async fn order(&self, _key: &OrderKey) -> Result<Option<(Order, Vec<Line>)>, StoreError> {
        away()
    }
    /// An account's orders in these states (all, if none is named), with their lines.
    pub async fn orders(
        &self,
        _account: &AccountId,
        _states: &[OrderState],
        _after: Option<&PagePoint>,
        _limit: u64,
    ) -> Result<Vec<(Order, Vec<Line>)>, StoreError> {
        away()
    }
    /// An invoice, its order, and the operations that it asked for.
    pub async fn invoice(
        &self,
        _order: &OrderKey,
        _number: &InvoiceNumber,
    ) -> Result<Option<(Order, Invoice, Vec<Operation>)>, StoreError> {
        away()
    }
    /// An order's invoices, each with the operations that it asked for.
    pub async fn invoices(
        &self,
        _order: &OrderKey,
        _after: Option<&PagePoint>,
        _limit: u64,
    ) -> Result<Vec<(Invoice, Vec<Operation>)>, StoreError> {
        away()
    }
    /// A transaction: its order and payments, by position.
    pub async fn transaction(
        &self,
        _account: &AccountId,
        _id: &TransactionId,
    ) -> Result<Option<(Order, Vec<Payment>)>, StoreError> {
        away()
    }
    /// An operation, with its order and payment.
    pub async fn operation(
        &self,
        _account: &AccountId,
        _id: &OperationId,
    ) -> Result<Option<(Order, Payment, Operation)>, StoreError> {
        away()
    }
    /// An order's operations.
    pub async fn operations(
        &self,
        _order: &OrderKey,
        _filter: &OperationFilter,
        _after: Option<&PagePoint>,
        _limit: u64,
    ) -> Result<Vec<Operation>, StoreError> {
        away()
    }
    /// An operation's calls, by attempt, after this attempt.
    pub async fn interactions(
        &self,
        _account: &AccountId,
        _operation: &OperationId,
        _after: u32,
        _limit: u64,
    ) -> Result<Vec<Interaction>, StoreError> {
        away()
    }
    /// An account's events after this number, or those of one order.
    pub async fn events(
        &self,
        _account: &AccountId,
        _after: i64,
        _order: Option<&OrderId>,
        _limit: u64,
    ) -> Result<Vec<NumberedEvent>, StoreError> {
        away()
    }
    /// Operations that are due at `now`, the longest due first, of all accounts.
    pub async fn due_operations(
        &self,
        _now: Timestamp,
        _limit: u64,
    ) -> Result<Vec<(OrderKey, OperationId)>, StoreError> {
        away()
    }
    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        away()
    }
}
