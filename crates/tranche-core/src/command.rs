//! What can be asked of the core. An RPC and a provider's answer are both commands.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::account::{Allocation, RefundOrder, ReleasePolicy};
use crate::connector::Capabilities;
use crate::content::Content;
use crate::id::{
    AccountId, ConnectorId, InvoiceNumber, LineId, OperationId, OrderKey, PaymentId, RequestId, TransactionId,
};
use crate::invoice::{InvoiceLine, Leg, Tracking};
use crate::money::Currency;
use crate::operation::{Answer, Authorization, Exchange};
use crate::order::Totals;
use crate::payment::Mode;
use crate::time::Timestamp;

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

/// Writes an account's settings; what is absent stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateAccount {
    /// The account.
    pub account_id: AccountId,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// The version that the caller read.
    pub etag: Option<String>,
    /// See [`crate::account::Account`].
    pub partial_settlement: Option<bool>,
    /// See [`crate::account::Account`].
    pub allocation: Option<Allocation>,
    /// See [`crate::account::Account`].
    pub refund_order: Option<RefundOrder>,
    /// See [`crate::account::Account`].
    pub release_policy: Option<ReleasePolicy>,
    /// See [`crate::account::Account`].
    pub legacy_mode: Option<Mode>,
}

/// What a connector is configured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorConfiguration {
    /// The protocol.
    pub kind: String,
    /// Address, credential references and options.
    pub settings: BTreeMap<String, String>,
    /// The mode of new payments.
    pub default_mode: Option<Mode>,
    /// What the provider can do.
    pub capabilities: Capabilities,
    /// The manifest that the provider answered.
    pub manifest: String,
}

/// Creates a connector, or writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteConnector {
    /// The account.
    pub account_id: AccountId,
    /// The caller's id.
    pub connector_id: ConnectorId,
    /// `None` creates; with a request id an existing connector is written.
    pub request_id: Option<RequestId>,
    /// What was asked for.
    pub content: Content,
    /// The version that the caller read.
    pub etag: Option<String>,
    /// The whole configuration.
    pub configuration: ConnectorConfiguration,
}

/// A line of a new order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// The caller's id.
    pub line_id: LineId,
    /// What is sold.
    pub sku_id: String,
    /// Words for people.
    pub description: String,
    /// How many, at least 1.
    pub quantity: i64,
    /// Minor units for one.
    pub unit_price: i64,
}

/// Creates an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateOrder {
    /// Its account and id.
    pub key: OrderKey,
    /// What was asked for.
    pub content: Content,
    /// The one currency.
    pub currency: Currency,
    /// The lines; their ids are distinct.
    pub lines: Vec<NewLine>,
    /// The parts of the value, whose sum is at least 1.
    pub totals: Totals,
    /// `None` for the account's.
    pub allocation: Option<Allocation>,
    /// `None` for the account's.
    pub refund_order: Option<RefundOrder>,
    /// `None` for the account's.
    pub release_policy: Option<ReleasePolicy>,
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

/// Brings an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifyInvoice {
    /// The order.
    pub key: OrderKey,
    /// The caller's number.
    pub invoice_number: InvoiceNumber,
    /// Our id of the acceptance, if it is accepted.
    pub receipt_id: String,
    /// What was asked for.
    pub content: Content,
    /// The currency of the value.
    pub currency: Currency,
    /// Minor units, at least 1.
    pub value: i64,
    /// The lines it names; their ids are distinct.
    pub lines: Vec<InvoiceLine>,
    /// The split that the caller wants; empty for the order's allocation.
    pub legs: Vec<Leg>,
    /// When the caller issued it.
    pub issue_time: Option<Timestamp>,
    /// The caller's fiscal key.
    pub invoice_key: String,
    /// Where the document is.
    pub invoice_url: String,
    /// Where the parcel is.
    pub tracking: Tracking,
    /// Decides and writes nothing.
    pub validate_only: bool,
}

/// Writes an invoice's tracking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateTracking {
    /// The order.
    pub key: OrderKey,
    /// The invoice.
    pub invoice_number: InvoiceNumber,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// The whole tracking.
    pub tracking: Tracking,
}

/// Asks for the right to send an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseOperation {
    /// The order.
    pub key: OrderKey,
    /// The operation.
    pub operation_id: OperationId,
}

/// Brings what a provider answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOutcome {
    /// The order.
    pub key: OrderKey,
    /// The operation.
    pub operation_id: OperationId,
    /// The attempt that it is the outcome of.
    pub attempt: u32,
    /// What the answer means.
    pub answer: Answer,
    /// The call as it was.
    pub exchange: Exchange,
    /// A number from 0 to 1000 that spreads the next attempt.
    pub jitter: u32,
}

/// What can be asked of the core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// See [`UpdateAccount`].
    UpdateAccount(UpdateAccount),
    /// See [`WriteConnector`].
    WriteConnector(WriteConnector),
    /// See [`CreateOrder`].
    CreateOrder(CreateOrder),
    /// See [`CreateTransaction`].
    CreateTransaction(CreateTransaction),
    /// See [`NotifyInvoice`].
    NotifyInvoice(Box<NotifyInvoice>),
    /// See [`UpdateTracking`].
    UpdateTracking(UpdateTracking),
    /// See [`LeaseOperation`].
    LeaseOperation(LeaseOperation),
    /// See [`RecordOutcome`].
    RecordOutcome(Box<RecordOutcome>),
}

/// The rows that commands must have at hand to be decided.
///
/// An order comes with its payments, and with what [`crate::state::State::follow_ups`] then names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Accounts' settings.
    pub accounts: BTreeSet<AccountId>,
    /// Connectors.
    pub connectors: BTreeSet<(AccountId, ConnectorId)>,
    /// Orders; they are locked, in this order.
    pub orders: BTreeSet<OrderKey>,
    /// Those of the orders whose calls may end, so that the next operation in their queues must be at hand.
    pub advancing: BTreeSet<OrderKey>,
    /// Lines.
    pub lines: BTreeSet<(OrderKey, LineId)>,
    /// Invoices.
    pub invoices: BTreeSet<(OrderKey, InvoiceNumber)>,
    /// Operations.
    pub operations: BTreeSet<(OrderKey, OperationId)>,
    /// Transactions by their own id.
    pub transactions: BTreeSet<(AccountId, TransactionId)>,
    /// Authorizations that may belong to a payment already.
    pub adoptions: BTreeSet<(AccountId, ConnectorId, String)>,
    /// Idempotency keys.
    pub requests: BTreeSet<RequestKey>,
}

/// The key of a request whose resource's own id is the idempotency key.
pub(crate) fn creation_key(account_id: &AccountId, kind: &str, id: &str) -> RequestKey {
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
        RequestKey {
            account_id: self.key.account_id.clone(),
            resource: format!("invoice/{}:{order_id}/{}", order_id.len(), self.invoice_number),
            request_id: self.request_id.as_str().to_owned(),
        }
    }
}

impl Command {
    /// The account that the command belongs to.
    pub fn account_id(&self) -> &AccountId {
        match self {
            Self::UpdateAccount(command) => &command.account_id,
            Self::WriteConnector(command) => &command.account_id,
            Self::CreateOrder(CreateOrder { key, .. })
            | Self::CreateTransaction(CreateTransaction { key, .. })
            | Self::UpdateTracking(UpdateTracking { key, .. })
            | Self::LeaseOperation(LeaseOperation { key, .. }) => &key.account_id,
            Self::NotifyInvoice(command) => &command.key.account_id,
            Self::RecordOutcome(command) => &command.key.account_id,
        }
    }

    /// The order that the command is about; commands of one order are decided one after the other.
    pub fn order_key(&self) -> Option<&OrderKey> {
        match self {
            Self::UpdateAccount(_) | Self::WriteConnector(_) => None,
            Self::CreateOrder(CreateOrder { key, .. })
            | Self::CreateTransaction(CreateTransaction { key, .. })
            | Self::UpdateTracking(UpdateTracking { key, .. })
            | Self::LeaseOperation(LeaseOperation { key, .. }) => Some(key),
            Self::NotifyInvoice(command) => Some(&command.key),
            Self::RecordOutcome(command) => Some(&command.key),
        }
    }

    /// The command's name, for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UpdateAccount(_) => "UpdateAccount",
            Self::WriteConnector(_) => "WriteConnector",
            Self::CreateOrder(_) => "CreateOrder",
            Self::CreateTransaction(_) => "CreateTransaction",
            Self::NotifyInvoice(_) => "NotifyInvoice",
            Self::UpdateTracking(_) => "UpdateTracking",
            Self::LeaseOperation(_) => "LeaseOperation",
            Self::RecordOutcome(_) => "RecordOutcome",
        }
    }

    /// Whether the command belongs to a call that is in flight, rather than to a caller who can be asked to wait.
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::LeaseOperation(_) | Self::RecordOutcome(_))
    }

    /// Names the rows that the command must have at hand.
    pub fn name_needs(&self, needs: &mut Needs) {
        needs.orders.extend(self.order_key().cloned());
        match self {
            Self::UpdateAccount(command) => {
                needs.accounts.insert(command.account_id.clone());
                needs.requests.insert(command.request_key());
            }
            Self::WriteConnector(command) => {
                needs.accounts.insert(command.account_id.clone());
                needs.connectors.insert((command.account_id.clone(), command.connector_id.clone()));
                needs.requests.insert(command.request_key());
            }
            Self::CreateOrder(command) => {
                needs.accounts.insert(command.key.account_id.clone());
                needs.requests.insert(command.request_key());
            }
            Self::CreateTransaction(command) => {
                let account_id = &command.key.account_id;
                needs.accounts.insert(account_id.clone());
                needs.requests.insert(command.request_key());
                needs.transactions.insert((account_id.clone(), command.transaction_id.clone()));
                for payment in &command.payments {
                    needs.connectors.insert((account_id.clone(), payment.connector_id.clone()));
                    let provider_payment_id = payment.authorization.provider_payment_id.clone();
                    needs.adoptions.insert((
                        account_id.clone(),
                        payment.connector_id.clone(),
                        provider_payment_id,
                    ));
                }
            }
            Self::NotifyInvoice(command) => {
                needs.invoices.insert((command.key.clone(), command.invoice_number.clone()));
                needs
                    .lines
                    .extend(command.lines.iter().map(|line| (command.key.clone(), line.line_id.clone())));
            }
            Self::UpdateTracking(command) => {
                needs.invoices.insert((command.key.clone(), command.invoice_number.clone()));
                needs.requests.insert(command.request_key());
            }
            Self::LeaseOperation(LeaseOperation { key, operation_id }) => {
                needs.advancing.insert(key.clone());
                needs.operations.insert((key.clone(), operation_id.clone()));
            }
            Self::RecordOutcome(command) => {
                needs.advancing.insert(command.key.clone());
                needs.operations.insert((command.key.clone(), command.operation_id.clone()));
            }
        }
    }
}
