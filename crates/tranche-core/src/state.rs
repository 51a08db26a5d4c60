//! The rows that a batch of commands has at hand, and what the commands so far made of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::account::Account;
use crate::authorization::AuthorizationState;
use crate::change::Change;
use crate::command::{Needs, RequestKey};
use crate::connector::Connector;
use crate::content::Content;
use crate::decision::Rows;
use crate::event::{Event, EventLog};
use crate::id::{
    AccountId, ConnectorId, InvoiceNumber, LineId, OperationId, OrderKey, PaymentId, RequestId, TransactionId,
};
use crate::invoice::Invoice;
use crate::operation::{Interaction, Operation, OperationKind};
use crate::operator::Act;
use crate::order::{Line, Order};
use crate::payment::Payment;
use crate::time::Timestamp;

/// An accepted request, for as long as its key is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// The idempotency key.
    pub key: RequestKey,
    /// What was asked for.
    pub content: Content,
    /// What was answered, as the edge encoded it.
    pub reply: Vec<u8>,
    /// When it was accepted.
    pub create_time: Timestamp,
}

/// Rows of one table by key, with what became of them.
#[derive(Clone, Debug)]
pub struct Table<K: Ord, V> {
    rows: BTreeMap<K, V>,
    stored: BTreeSet<K>,
    written: BTreeSet<K>,
}

impl<K: Ord, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), stored: BTreeSet::new(), written: BTreeSet::new() }
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// Takes a row as the database has it.
    pub fn load(&mut self, key: K, row: V) {
        self.stored.insert(key.clone());
        self.rows.insert(key, row);
    }

    /// Takes a row as a decision made it.
    pub fn write(&mut self, key: K, row: V) {
        self.written.insert(key.clone());
        self.rows.insert(key, row);
    }

    /// The row as it is now.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    /// The rows from `first` on, in key order.
    pub fn range(&self, first: K) -> impl Iterator<Item = (&K, &V)> {
        self.rows.range(first..)
    }

    /// Rows that are to be written, in key order.
    pub fn writes(&self) -> impl Iterator<Item = &V> {
        self.written.iter().filter_map(|key| self.rows.get(key))
    }

    /// Rows that the database does not have yet, in key order.
    pub fn inserts(&self) -> impl Iterator<Item = &V> {
        self.written.iter().filter(|key| !self.stored.contains(key)).filter_map(|key| self.rows.get(key))
    }

    /// Rows that the database has, and that changed, in key order.
    pub fn updates(&self) -> impl Iterator<Item = &V> {
        self.written.iter().filter(|key| self.stored.contains(key)).filter_map(|key| self.rows.get(key))
    }
}

/// The rows of a batch.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Accounts' settings.
    pub accounts: Table<AccountId, Account>,
    /// Connectors.
    pub connectors: Table<(AccountId, ConnectorId), Connector>,
    /// Orders.
    pub orders: Table<OrderKey, Order>,
    /// Lines.
    pub lines: Table<(OrderKey, LineId), Line>,
    /// Payments, by position.
    pub payments: Table<(OrderKey, i32), Payment>,
    /// Invoices.
    pub invoices: Table<(OrderKey, InvoiceNumber), Invoice>,
    /// Changes of orders; only ever added.
    pub changes: Table<(OrderKey, RequestId), Change>,
    /// Operations, by payment and ordinal.
    pub operations: Table<(OrderKey, PaymentId, i64), Operation>,
    /// Idempotency keys.
    pub requests: Table<RequestKey, RecordedRequest>,
    /// Calls to providers; only ever added.
    pub interactions: Vec<Interaction>,
    /// What operators did; only ever added.
    pub acts: Vec<Act>,
    /// How far event logs reach back.
    pub event_logs: Table<AccountId, EventLog>,
    /// When the oldest events were created, by number, for those logs.
    pub oldest_events: BTreeMap<(AccountId, i64), Timestamp>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Transaction ids that are taken, and by which order.
    pub transactions: BTreeMap<(AccountId, TransactionId), OrderKey>,
    /// Authorizations that belong to a payment, by connector and the provider's id.
    pub adoptions: BTreeSet<(AccountId, ConnectorId, String)>,
    operation_keys: BTreeMap<(OrderKey, OperationId), (OrderKey, PaymentId, i64)>,
}

/// Rows that only the payments can name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowUps {
    /// The next operations to send, and those of an authorization, by payment and ordinal.
    pub queued: Vec<(OrderKey, PaymentId, i64)>,
    /// Payments whose settlements with something left must be at hand, the oldest
    /// [`crate::bounds::REFUNDS_PER_PLAN_MAX`] of each.
    pub refundable: Vec<(OrderKey, PaymentId)>,
    /// Payments whose settlements that were not sent must be at hand, the oldest [`crate::bounds::UNSENT_MAX`] of each.
    pub unsent: Vec<(OrderKey, PaymentId)>,
    /// Payments of which the first settlement that may have been done and has not ended must be at hand, and an
    /// authorization that is not given.
    pub adopting: Vec<(OrderKey, PaymentId)>,
    /// Settlements that refunds at hand take from.
    pub settlements: Vec<(OrderKey, OperationId)>,
}

impl State {
    /// Takes an operation as the database has it; one that is at hand already stays.
    pub fn load_operation(&mut self, operation: Operation) {
        let key = (operation.order.clone(), operation.payment_id.clone(), operation.ordinal);
        if self.operations.get(&key).is_none() {
            self.operation_keys
                .insert((operation.order.clone(), operation.operation_id.clone()), key.clone());
            self.operations.load(key, operation);
        }
    }

    /// The operation with this id.
    pub fn operation(&self, order: &OrderKey, operation_id: &OperationId) -> Option<&Operation> {
        self.operations.get(self.operation_keys.get(&(order.clone(), operation_id.clone()))?)
    }

    /// An account's oldest events that are at hand, after this number: their numbers and when they were created.
    pub fn oldest_events_of<'a>(
        &'a self,
        account_id: &'a AccountId,
        after: i64,
    ) -> impl Iterator<Item = (i64, Timestamp)> + 'a {
        let rows = self.oldest_events.range((account_id.clone(), after.saturating_add(1))..);
        let of_account = rows.take_while(move |((account, _), _)| account == account_id);
        of_account.map(|((_, number), create_time)| (*number, *create_time))
    }

    /// The payments of an order, in the order of creation.
    pub fn payments_of<'a>(&'a self, order: &'a OrderKey) -> impl Iterator<Item = &'a Payment> {
        self.payments
            .range((order.clone(), 0))
            .take_while(move |((key, _), _)| key == order)
            .map(|(_, row)| row)
    }

    /// The lines of an order that are at hand, in their order.
    pub fn lines_of(&self, order: &OrderKey) -> Vec<Line> {
        let first = (order.clone(), LineId::trusted(""));
        let rows = self.lines.range(first).take_while(|((key, _), _)| key == order);
        let mut lines: Vec<Line> = rows.map(|(_, row)| row.clone()).collect();
        lines.sort_by_key(|line| line.position);
        lines
    }

    /// The operations of a payment that are at hand, in their order.
    pub fn operations_of<'a>(
        &'a self,
        order: &'a OrderKey,
        payment_id: &'a PaymentId,
    ) -> impl Iterator<Item = &'a Operation> {
        self.operations
            .range((order.clone(), payment_id.clone(), 0))
            .take_while(move |((key, payment, _), _)| key == order && payment == payment_id)
            .map(|(_, row)| row)
    }

    /// The operations of an order that are at hand.
    pub fn operations_of_order<'a>(&'a self, order: &'a OrderKey) -> impl Iterator<Item = &'a Operation> {
        let rows = self.operations.range((order.clone(), PaymentId::trusted(""), 0));
        rows.take_while(move |((key, ..), _)| key == order).map(|(_, row)| row)
    }

    /// The invoices of an order that are at hand.
    pub fn invoices_of<'a>(&'a self, order: &'a OrderKey) -> impl Iterator<Item = &'a Invoice> {
        let rows = self.invoices.range((order.clone(), InvoiceNumber::trusted("")));
        rows.take_while(move |((key, _), _)| key == order).map(|(_, row)| row)
    }

    /// The done settlements of a payment that are at hand and have something left, oldest first.
    pub fn refundable_of<'a>(
        &'a self,
        order: &'a OrderKey,
        payment_id: &'a PaymentId,
    ) -> impl Iterator<Item = &'a Operation> {
        let rows = self.operations_of(order, payment_id);
        rows.filter(|row| row.kind == OperationKind::Settlement && row.refundable() > 0)
    }

    /// Names the rows that the payments and operations at hand lead to.
    pub fn follow_ups(&self, needs: &Needs) -> FollowUps {
        let mut follow_ups = FollowUps::default();
        // A refund that brings less than asked is followed by another one, of the oldest settlement with something left.
        let mut refunding = BTreeSet::new();
        let is_resolved = |row: &Operation| {
            let key = (row.order.clone(), row.operation_id.clone());
            needs.returning.contains(&row.order) && needs.operations.contains(&key)
        };
        let is_open = |row: &&Operation| !row.state.is_ended() || is_resolved(row);
        for operation in self.operations.rows.values().filter(is_open) {
            if let Some(refund) = &operation.refund {
                follow_ups.settlements.push((operation.order.clone(), refund.operation_id.clone()));
                refunding.insert((operation.order.clone(), operation.payment_id.clone()));
            }
        }
        follow_ups.adopting.extend(needs.adopting.iter().cloned());
        for order in &needs.orders {
            for payment in self.payments_of(order) {
                let key = || (order.clone(), payment.payment_id.clone());
                if payment.settling > 0 && needs.withdrawing.iter().any(|(of, _)| of == order) {
                    follow_ups.unsent.push(key());
                }
                if needs.adopting.contains(&key()) {
                    let (order, payment_id) = key();
                    let on_the_wire = payment.wire.map(|wire| (order, payment_id, wire.ordinal));
                    follow_ups.queued.extend(on_the_wire);
                }
                if needs.advancing.contains(order) {
                    // The head, and the one behind it, should the head be a person's work.
                    let head = payment.next_queued().into_iter();
                    let queued = head.flat_map(|head| head..=payment.operations.min(head + 1));
                    let next = payment.turn.into_iter().chain(queued);
                    follow_ups.queued.extend(next.map(|ordinal| {
                        let (order, payment_id) = key();
                        (order, payment_id, ordinal)
                    }));
                }
                let is_about_it = needs.called_back.contains(&key()) || needs.adopting.contains(&key());
                let is_decided = payment.authorization_state == AuthorizationState::Authorized;
                if is_about_it || !is_decided && needs.advancing.contains(order) {
                    // Of a payment whose authorization is asked for, that is the first of its operations.
                    let ordinals = (payment.operations > 0).then_some(1).into_iter().chain(payment.lapse);
                    follow_ups.queued.extend(ordinals.map(|ordinal| {
                        let (order, payment_id) = key();
                        (order, payment_id, ordinal)
                    }));
                }
                let is_returning = needs.returning.contains(order) && payment.refundable() > 0;
                if payment.may_refund() || is_returning || refunding.contains(&key()) {
                    follow_ups.refundable.push(key());
                }
            }
        }
        follow_ups
    }

    /// Makes a decision's rows the present.
    pub fn apply(&mut self, rows: Rows) {
        for row in rows.accounts {
            self.accounts.write(row.account_id.clone(), row);
        }
        for row in rows.connectors {
            self.connectors.write((row.account_id.clone(), row.connector_id.clone()), row);
        }
        for row in rows.orders {
            if let Some(transaction) = &row.transaction {
                let id = (row.key.account_id.clone(), transaction.transaction_id.clone());
                self.transactions.insert(id, row.key.clone());
            }
            self.orders.write(row.key.clone(), row);
        }
        for row in rows.lines {
            self.lines.write((row.order.clone(), row.line_id.clone()), row);
        }
        for row in rows.payments {
            let account_id = row.order.account_id.clone();
            let provider_payment_id = row.authorization.provider_payment_id.clone();
            self.adoptions.insert((account_id, row.connector_id.clone(), provider_payment_id));
            self.payments.write((row.order.clone(), row.position), row);
        }
        for row in rows.invoices {
            self.invoices.write((row.order.clone(), row.invoice_number.clone()), row);
        }
        for row in rows.changes {
            self.changes.write((row.order.clone(), row.request_id.clone()), row);
        }
        for row in rows.operations {
            let key = (row.order.clone(), row.payment_id.clone(), row.ordinal);
            self.operation_keys.insert((row.order.clone(), row.operation_id.clone()), key.clone());
            self.operations.write(key, row);
        }
        for row in rows.requests {
            self.requests.write(row.key.clone(), row);
        }
        for row in rows.event_logs {
            self.event_logs.write(row.account_id.clone(), row);
        }
        self.interactions.extend(rows.interactions);
        self.acts.extend(rows.acts);
        self.events.extend(rows.events);
    }
}
