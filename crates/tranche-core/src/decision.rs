//! What the core decided. The caller has no choices left.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::account::Account;
use crate::change::Change;
use crate::command::RequestKey;
use crate::connector::Connector;
use crate::content::Content;
use crate::event::{Event, EventLog};
use crate::id::{AccountId, ConnectorId, PaymentId};
use crate::invoice::Invoice;
use crate::operation::{Call, Interaction, Operation, OperationKind};
use crate::operator::Act;
use crate::order::{Line, Order};
use crate::payment::Payment;
use crate::state::RecordedRequest;
use crate::time::Timestamp;

/// What a decision depends on beside the state and the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The time of the batch.
    pub now: Timestamp,
    /// How long a lease lasts.
    pub lease: Duration,
    /// How many operations may be leased to this process now; others are left for whoever looks next.
    pub calls_available: usize,
    /// How many of them each connector may take.
    pub connectors: ConnectorCalls,
}

impl Context {
    /// Whether one more call through a connector may be started beside those that a command has started already.
    pub(crate) fn can_call(
        &self,
        account_id: &AccountId,
        connector_id: &ConnectorId,
        started: &[Call],
    ) -> bool {
        let through = |call: &&Call| {
            call.connector_id == *connector_id && call.operation.order.account_id == *account_id
        };
        started.len() < self.calls_available
            && started.iter().filter(through).count() < self.connectors.available(account_id, connector_id)
    }

    /// Leaves less for the next command of the batch by the calls that one has started.
    pub fn take(&mut self, started: &[Call]) {
        self.calls_available = self.calls_available.saturating_sub(started.len());
        for call in started {
            self.connectors.take(&call.operation.order.account_id, &call.connector_id);
        }
    }
}

/// How many calls may be started through each connector, as it was when the batch was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorCalls(Option<BTreeMap<(AccountId, ConnectorId), usize>>);

impl ConnectorCalls {
    /// As many as are named; a connector that is not named takes none.
    pub fn of(available: BTreeMap<(AccountId, ConnectorId), usize>) -> Self {
        Self(Some(available))
    }

    /// Every connector takes as many as the process does.
    pub fn unbounded() -> Self {
        Self(None)
    }

    fn available(&self, account_id: &AccountId, connector_id: &ConnectorId) -> usize {
        let Some(available) = &self.0 else {
            return usize::MAX;
        };
        available.get(&(account_id.clone(), connector_id.clone())).copied().unwrap_or(0)
    }

    fn take(&mut self, account_id: &AccountId, connector_id: &ConnectorId) {
        let available = self.0.as_mut();
        let left = available.and_then(|rows| rows.get_mut(&(account_id.clone(), connector_id.clone())));
        if let Some(left) = left {
            *left = left.saturating_sub(1);
        }
    }
}

/// Rows in their final state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Accounts' settings.
    pub accounts: Vec<Account>,
    /// Connectors.
    pub connectors: Vec<Connector>,
    /// Orders.
    pub orders: Vec<Order>,
    /// Lines.
    pub lines: Vec<Line>,
    /// Payments.
    pub payments: Vec<Payment>,
    /// Invoices.
    pub invoices: Vec<Invoice>,
    /// Changes of orders.
    pub changes: Vec<Change>,
    /// Operations.
    pub operations: Vec<Operation>,
    /// Idempotency keys.
    pub requests: Vec<RecordedRequest>,
    /// Calls to providers.
    pub interactions: Vec<Interaction>,
    /// What operators did.
    pub acts: Vec<Act>,
    /// Event logs that forget.
    pub event_logs: Vec<EventLog>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// An operation that a command would start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedOperation {
    /// On which payment.
    pub payment_id: PaymentId,
    /// What.
    pub kind: OperationKind,
    /// Minor units.
    pub value: i64,
}

/// What the caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The account as it is now.
    Account(Account),
    /// The connector as it is now.
    Connector(Connector),
    /// The order as it was created.
    Order(Order, Vec<Line>),
    /// The order as it was changed, and, if nothing was to be written, what would be started.
    Changed(Order, Vec<Line>, Change, Vec<PlannedOperation>),
    /// The order as it was canceled.
    Canceled(Order, Vec<Line>),
    /// The transaction as it was created, or with the payment that was added.
    Transaction(Order, Vec<Payment>),
    /// The transaction, and the cancellations that an operator's release started.
    Released(Order, Vec<Payment>, Vec<Operation>),
    /// The operation that is tried again, or that replaces one that lacks, at this connector.
    Retried(Order, ConnectorId, Operation),
    /// What an operator said of an operation.
    Resolved {
        /// The order.
        order: Order,
        /// The connectors of its payments.
        connectors: Vec<(PaymentId, ConnectorId)>,
        /// The operation after it.
        resolved: Operation,
        /// What follows.
        started: Vec<Operation>,
    },
    /// The transaction with the movement that was adopted, and what follows.
    Adopted(Order, Vec<Payment>, Vec<Operation>),
    /// The invoice as it was accepted, and, if nothing was to be written, what would be started.
    Invoice(Order, Invoice, Vec<PlannedOperation>),
    /// The invoice with its new tracking.
    Tracking(Order, Invoice),
    /// The invoice, taken back.
    Voided(Order, Invoice),
    /// What was answered the first time, as the edge encoded it.
    Recorded(Vec<u8>),
    /// An internal command is done.
    Done,
}

/// What the core decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The rows to write.
    pub rows: Rows,
    /// The operations to send once the rows are committed.
    pub calls: Vec<Call>,
    /// The idempotency key to record with the reply, if the command has one.
    pub record: Option<(RequestKey, Content)>,
    /// What the caller is told.
    pub reply: Reply,
}

impl Decision {
    /// A decision that writes nothing.
    pub fn unchanged(reply: Reply) -> Self {
        Self { rows: Rows::default(), calls: Vec::new(), record: None, reply }
    }
}
