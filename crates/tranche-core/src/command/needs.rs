//! The rows that commands must have at hand to be decided.

use std::collections::BTreeSet;

use super::{Command, FollowUp, ForgetEvents, LeaseOperation, NewPayment, RequestKey, Resolution};
use crate::id::{
    AccountId, ConnectorId, InvoiceNumber, LineId, OperationId, OrderKey, PaymentId, TransactionId,
};
use crate::invoice::{InvoiceLine, InvoiceType};

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
    /// Those of the orders that may return money, so that settlements to refund from must be at hand.
    pub returning: BTreeSet<OrderKey>,
    /// Those of the orders whose lines must all be at hand.
    pub whole: BTreeSet<OrderKey>,
    /// Lines.
    pub lines: BTreeSet<(OrderKey, LineId)>,
    /// Invoices.
    pub invoices: BTreeSet<(OrderKey, InvoiceNumber)>,
    /// Invoices whose operations must be at hand, so that those not sent can be withdrawn.
    pub withdrawing: BTreeSet<(OrderKey, InvoiceNumber)>,
    /// Those of the orders whose output invoices must all be at hand: what operators give up or move is taken from them.
    pub invoiced: BTreeSet<OrderKey>,
    /// Movements of providers, by the provider's id: the operations of the order that own them.
    pub movements: BTreeSet<(OrderKey, String)>,
    /// Payments of which the first settlement that may have been done and has not ended must be at hand, and an
    /// authorization that is not given.
    pub adopting: BTreeSet<(OrderKey, PaymentId)>,
    /// Payments whose authorization's operation must be at hand.
    pub called_back: BTreeSet<(OrderKey, PaymentId)>,
    /// Operations.
    pub operations: BTreeSet<(OrderKey, OperationId)>,
    /// Transactions by their own id.
    pub transactions: BTreeSet<(AccountId, TransactionId)>,
    /// Authorizations that may belong to a payment already.
    pub adoptions: BTreeSet<(AccountId, ConnectorId, String)>,
    /// Idempotency keys.
    pub requests: BTreeSet<RequestKey>,
    /// Accounts whose event logs, and the oldest events of them, must be at hand.
    pub event_logs: BTreeSet<AccountId>,
}

impl Needs {
    /// What a new payment needs.
    fn name_payment(&mut self, key: &OrderKey, payment: &NewPayment) {
        let account_id = &key.account_id;
        let connector_id = payment.connector_id.clone();
        self.connectors.insert((account_id.clone(), connector_id.clone()));
        let provider_payment_id = payment.authorization(key).provider_payment_id;
        self.adoptions.insert((account_id.clone(), connector_id, provider_payment_id));
    }

    /// What an act on an operation needs: what follows it in its queue, and settlements to refund from.
    fn name_act(&mut self, key: &OrderKey, operation_id: &OperationId) {
        self.advancing.insert(key.clone());
        self.returning.insert(key.clone());
        self.operations.insert((key.clone(), operation_id.clone()));
    }
}

impl Command {
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
            Self::ChangeOrder(command) => {
                needs.whole.insert(command.key.clone());
                needs.requests.insert(command.request_key());
            }
            Self::CancelOrder(command) => {
                needs.whole.insert(command.key.clone());
                needs.requests.insert(command.request_key());
            }
            Self::CreateTransaction(command) => {
                let account_id = &command.key.account_id;
                needs.accounts.insert(account_id.clone());
                needs.requests.insert(command.request_key());
                needs.transactions.insert((account_id.clone(), command.transaction_id.clone()));
                command.payments.iter().for_each(|payment| needs.name_payment(&command.key, payment));
            }
            Self::AddPayment(command) => {
                needs.accounts.insert(command.key.account_id.clone());
                needs.requests.insert(command.request_key());
                needs.name_payment(&command.key, &command.payment);
            }
            Self::ReleaseRemainder(command) => {
                needs.requests.insert(command.request_key());
            }
            Self::RetryOperation(command) => {
                needs.name_act(&command.key, &command.operation_id);
                needs.requests.insert(command.request_key());
            }
            Self::ResolveOperation(command) => {
                needs.name_act(&command.key, &command.operation_id);
                needs.requests.insert(command.request_key());
                match &command.resolution {
                    Resolution::Done { provider_id, .. } => {
                        needs.movements.insert((command.key.clone(), provider_id.clone()));
                    }
                    Resolution::NotDone(FollowUp::Retry) => {}
                    Resolution::NotDone(FollowUp::Move(_) | FollowUp::GiveUp)
                    | Resolution::Surplus { .. } => {
                        needs.invoiced.insert(command.key.clone());
                    }
                }
            }
            Self::AdoptMovement(command) => {
                needs.returning.insert(command.key.clone());
                needs.requests.insert(command.request_key());
                needs.movements.insert((command.key.clone(), command.provider_id.clone()));
                needs.adopting.insert((command.key.clone(), command.payment_id.clone()));
            }
            Self::NotifyInvoice(command) => {
                needs.invoices.insert((command.key.clone(), command.invoice_number.clone()));
                let line = |line: &InvoiceLine| (command.key.clone(), line.line_id.clone());
                needs.lines.extend(command.lines.iter().map(line));
                if command.invoice_type == InvoiceType::Input {
                    needs.returning.insert(command.key.clone());
                }
            }
            Self::VoidInvoice(command) => {
                let invoice = (command.key.clone(), command.invoice_number.clone());
                needs.whole.insert(command.key.clone());
                needs.advancing.insert(command.key.clone());
                // What becomes ahead may be excess at once, where another payment's could not go back.
                needs.returning.insert(command.key.clone());
                needs.requests.insert(command.request_key());
                needs.withdrawing.insert(invoice.clone());
                needs.invoices.insert(invoice);
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
            // The order with its payments is all.
            Self::ObserveAuthorizationEnd(_) => {}
            Self::RecordCallback(command) => {
                needs.advancing.insert(command.key.clone());
                needs.called_back.insert((command.key.clone(), command.payment_id.clone()));
            }
            Self::ForgetEvents(ForgetEvents { account_id, .. }) => {
                needs.event_logs.insert(account_id.clone());
            }
        }
    }
}
