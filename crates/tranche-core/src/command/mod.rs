//! What can be asked of the core. An RPC and a provider's answer are both commands.

mod account;
mod callback;
mod event;
mod invoice;
mod key;
mod needs;
mod operation;
mod operator;
mod order;
mod transaction;

pub use account::{ConnectorConfiguration, UpdateAccount, WriteConnector};
pub use callback::RecordCallback;
pub use event::ForgetEvents;
pub use invoice::{NotifyInvoice, UpdateTracking, VoidInvoice};
pub use key::RequestKey;
pub use needs::Needs;
pub use operation::{LeaseOperation, RecordOutcome};
pub use operator::{AdoptMovement, FollowUp, Resolution, ResolveOperation, RetryOperation};
pub use order::{CancelOrder, ChangeOrder, CreateOrder, NewLine};
pub use transaction::{
    AddPayment, CreateTransaction, NewAuthorization, NewPayment, ObserveAuthorizationEnd, ReleaseRemainder,
};

use crate::id::{AccountId, OrderKey};

/// What can be asked of the core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// See [`UpdateAccount`].
    UpdateAccount(UpdateAccount),
    /// See [`WriteConnector`].
    WriteConnector(WriteConnector),
    /// See [`CreateOrder`].
    CreateOrder(CreateOrder),
    /// See [`ChangeOrder`].
    ChangeOrder(Box<ChangeOrder>),
    /// See [`CancelOrder`].
    CancelOrder(CancelOrder),
    /// See [`CreateTransaction`].
    CreateTransaction(CreateTransaction),
    /// See [`AddPayment`].
    AddPayment(Box<AddPayment>),
    /// See [`ReleaseRemainder`].
    ReleaseRemainder(ReleaseRemainder),
    /// See [`RetryOperation`].
    RetryOperation(RetryOperation),
    /// See [`ResolveOperation`].
    ResolveOperation(ResolveOperation),
    /// See [`AdoptMovement`].
    AdoptMovement(Box<AdoptMovement>),
    /// See [`NotifyInvoice`].
    NotifyInvoice(Box<NotifyInvoice>),
    /// See [`VoidInvoice`].
    VoidInvoice(VoidInvoice),
    /// See [`UpdateTracking`].
    UpdateTracking(UpdateTracking),
    /// See [`LeaseOperation`].
    LeaseOperation(LeaseOperation),
    /// See [`RecordOutcome`].
    RecordOutcome(Box<RecordOutcome>),
    /// See [`ObserveAuthorizationEnd`].
    ObserveAuthorizationEnd(ObserveAuthorizationEnd),
    /// See [`RecordCallback`].
    RecordCallback(Box<RecordCallback>),
    /// See [`ForgetEvents`].
    ForgetEvents(ForgetEvents),
}

impl Command {
    /// The account that the command belongs to.
    pub fn account_id(&self) -> &AccountId {
        match self {
            Self::UpdateAccount(command) => &command.account_id,
            Self::WriteConnector(command) => &command.account_id,
            Self::ForgetEvents(command) => &command.account_id,
            Self::CreateOrder(CreateOrder { key, .. })
            | Self::CancelOrder(CancelOrder { key, .. })
            | Self::CreateTransaction(CreateTransaction { key, .. })
            | Self::ReleaseRemainder(ReleaseRemainder { key, .. })
            | Self::RetryOperation(RetryOperation { key, .. })
            | Self::ResolveOperation(ResolveOperation { key, .. })
            | Self::ObserveAuthorizationEnd(ObserveAuthorizationEnd { key, .. })
            | Self::VoidInvoice(VoidInvoice { key, .. })
            | Self::UpdateTracking(UpdateTracking { key, .. })
            | Self::LeaseOperation(LeaseOperation { key, .. }) => &key.account_id,
            Self::AdoptMovement(command) => &command.key.account_id,
            Self::ChangeOrder(command) => &command.key.account_id,
            Self::AddPayment(command) => &command.key.account_id,
            Self::NotifyInvoice(command) => &command.key.account_id,
            Self::RecordOutcome(command) => &command.key.account_id,
            Self::RecordCallback(command) => &command.key.account_id,
        }
    }

    /// The order that the command is about; commands of one order are decided one after the other.
    pub fn order_key(&self) -> Option<&OrderKey> {
        match self {
            Self::UpdateAccount(_) | Self::WriteConnector(_) | Self::ForgetEvents(_) => None,
            Self::CreateOrder(CreateOrder { key, .. })
            | Self::CancelOrder(CancelOrder { key, .. })
            | Self::CreateTransaction(CreateTransaction { key, .. })
            | Self::ReleaseRemainder(ReleaseRemainder { key, .. })
            | Self::RetryOperation(RetryOperation { key, .. })
            | Self::ResolveOperation(ResolveOperation { key, .. })
            | Self::ObserveAuthorizationEnd(ObserveAuthorizationEnd { key, .. })
            | Self::VoidInvoice(VoidInvoice { key, .. })
            | Self::UpdateTracking(UpdateTracking { key, .. })
            | Self::LeaseOperation(LeaseOperation { key, .. }) => Some(key),
            Self::AdoptMovement(command) => Some(&command.key),
            Self::ChangeOrder(command) => Some(&command.key),
            Self::AddPayment(command) => Some(&command.key),
            Self::NotifyInvoice(command) => Some(&command.key),
            Self::RecordOutcome(command) => Some(&command.key),
            Self::RecordCallback(command) => Some(&command.key),
        }
    }

    /// The command's name, for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UpdateAccount(_) => "UpdateAccount",
            Self::WriteConnector(_) => "WriteConnector",
            Self::CreateOrder(_) => "CreateOrder",
            Self::ChangeOrder(_) => "ChangeOrder",
            Self::CancelOrder(_) => "CancelOrder",
            Self::CreateTransaction(_) => "CreateTransaction",
            Self::AddPayment(_) => "AddPayment",
            Self::ReleaseRemainder(_) => "ReleaseRemainder",
            Self::RetryOperation(_) => "RetryOperation",
            Self::ResolveOperation(_) => "ResolveOperation",
            Self::AdoptMovement(_) => "AdoptMovement",
            Self::NotifyInvoice(_) => "NotifyInvoice",
            Self::VoidInvoice(_) => "VoidInvoice",
            Self::UpdateTracking(_) => "UpdateTracking",
            Self::LeaseOperation(_) => "LeaseOperation",
            Self::RecordOutcome(_) => "RecordOutcome",
            Self::ObserveAuthorizationEnd(_) => "ObserveAuthorizationEnd",
            Self::RecordCallback(_) => "RecordCallback",
            Self::ForgetEvents(_) => "ForgetEvents",
        }
    }

    /// Whether the command belongs to a call that is in flight, rather than to a caller who can be asked to wait.
    ///
    /// Forgetting and observing are not: under overload they come last, and are asked for again. What a command decides
    /// about an order goes by the ends of its authorizations in any case. Nor is a callback: its provider calls again.
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::LeaseOperation(_) | Self::RecordOutcome(_))
    }
}
