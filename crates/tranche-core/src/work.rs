//! One command's working copy of an order: what it touches, and what it starts.

mod ends;

use std::collections::BTreeMap;

use crate::authorization::AuthorizationState;
use crate::change::Change;
use crate::connector::Refunds;
use crate::decision::{Context, Decision, PlannedOperation, Reply, Rows};
use crate::event::{Event, EventKind, OperationSummary};
use crate::id::{InvoiceNumber, OperationId, OrderKey, PaymentId};
use crate::invoice::{Invoice, InvoiceType};
use crate::lease::{Verdict, verdict};
use crate::operation::{
    Call, Interaction, Lease, Operation, OperationKind, OperationState, RefundTarget, Waiting, derive_id,
};
use crate::operator::Act;
use crate::order::{Line, Order};
use crate::payment::{Payment, Wire};
use crate::state::State;
use crate::time::Timestamp;

/// What is to be asked of a provider.
pub(crate) struct Start {
    pub(crate) kind: OperationKind,
    pub(crate) value: i64,
    pub(crate) is_final: bool,
    pub(crate) refund: Option<RefundTarget>,
    pub(crate) invoice_number: Option<InvoiceNumber>,
}

/// What a command made of an order, for its reply.
pub(crate) struct Closed<'w> {
    pub(crate) order: &'w Order,
    pub(crate) payments: &'w [Payment],
    pub(crate) changes: &'w [Change],
    /// What the command started.
    pub(crate) started: Vec<Operation>,
}

/// What would be asked of providers.
pub(crate) fn planned(started: &[Operation]) -> Vec<PlannedOperation> {
    let planned = |row: &Operation| PlannedOperation {
        payment_id: row.payment_id.clone(),
        kind: row.kind,
        value: row.value,
    };
    started.iter().map(planned).collect()
}

/// A working copy of an order and its payments.
pub(crate) struct Work<'a> {
    pub(crate) state: &'a State,
    pub(crate) context: &'a Context,
    pub(crate) order: Order,
    pub(crate) payments: Vec<Payment>,
    pub(crate) lines: Vec<Line>,
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) changes: Vec<Change>,
    pub(crate) interactions: Vec<Interaction>,
    pub(crate) acts: Vec<Act>,
    started: Vec<(PaymentId, i64)>,
    before: (Order, Vec<Payment>),
    operations: BTreeMap<(PaymentId, i64), Operation>,
    events: Vec<EventKind>,
    calls: Vec<Call>,
    cause: String,
    /// The output invoice that settlements are started for, if they are for one.
    pub(crate) invoice_number: Option<InvoiceNumber>,
    /// What that invoice asks of each payment; empty if they are for none.
    pub(crate) parts: Vec<i64>,
    /// The input invoice that refunds are started for, if they are for one.
    pub(crate) return_number: Option<InvoiceNumber>,
}

impl<'a> Work<'a> {
    /// A working copy of the order with this key, if there is such an order, in which the ends of its authorizations are
    /// observed: the command must run the plan. `cause` names the command; the ids of what it starts are derived from
    /// it, so that no two commands that start anything may share it.
    pub(crate) fn open(
        state: &'a State,
        context: &'a Context,
        key: &OrderKey,
        cause: String,
    ) -> Option<Self> {
        let mut work = Self::open_as_written(state, context, key, cause)?;
        work.observe_ends();
        Some(work)
    }

    /// As [`Work::open`], as the rows are: for what decides nothing about money.
    pub(crate) fn open_as_written(
        state: &'a State,
        context: &'a Context,
        key: &OrderKey,
        cause: String,
    ) -> Option<Self> {
        let order = state.orders.get(key)?.clone();
        let payments: Vec<Payment> = state.payments_of(key).cloned().collect();
        Some(Self::with(state, context, order, payments, cause))
    }

    /// A working copy of these rows.
    pub(crate) fn with(
        state: &'a State,
        context: &'a Context,
        order: Order,
        payments: Vec<Payment>,
        cause: String,
    ) -> Self {
        Self {
            state,
            context,
            before: (order.clone(), payments.clone()),
            order,
            payments,
            lines: Vec::new(),
            invoices: Vec::new(),
            changes: Vec::new(),
            interactions: Vec::new(),
            acts: Vec::new(),
            started: Vec::new(),
            operations: BTreeMap::new(),
            events: Vec::new(),
            calls: Vec::new(),
            cause,
            invoice_number: None,
            parts: Vec::new(),
            return_number: None,
        }
    }

    /// Notes what happened.
    pub(crate) fn event(&mut self, kind: EventKind) {
        self.events.push(kind);
    }

    /// An operation as it is now.
    pub(crate) fn operation(&self, payment_id: &PaymentId, ordinal: i64) -> Option<&Operation> {
        let key = (payment_id.clone(), ordinal);
        self.operations.get(&key).or_else(|| {
            let (payment_id, ordinal) = key;
            self.state.operations.get(&(self.order.key.clone(), payment_id, ordinal))
        })
    }

    /// The order and its payments as they were before the command; new payments are not among them.
    pub(crate) fn before(&self) -> (&Order, &[Payment]) {
        (&self.before.0, &self.before.1)
    }

    /// The operation that asks for the payment's authorization, if it is at hand.
    pub(crate) fn authorization(&self, payment_id: &PaymentId) -> Option<Operation> {
        let touched = self.operations.range((payment_id.clone(), 0)..).map(|(_, row)| row);
        let stored = self.state.operations_of(&self.order.key, payment_id);
        let is_it =
            |row: &&Operation| row.payment_id == *payment_id && row.kind == OperationKind::Authorization;
        touched.take_while(|row| row.payment_id == *payment_id).chain(stored).find(is_it).cloned()
    }

    /// Makes `operation` the present. One that is answered holds its payment's wire no more, whichever attempt the answer
    /// is of; one that is not due at any time has no turn.
    pub(crate) fn put(&mut self, mut operation: Operation) {
        operation.update_time = self.context.now;
        let is_sent = matches!(operation.state, OperationState::Sent { .. });
        let is_due = operation.due_time.is_some();
        let mut payments = self.payments.iter_mut();
        if let Some(payment) = payments.find(|payment| payment.payment_id == operation.payment_id) {
            payment.wire = payment.wire.filter(|wire| is_sent || wire.ordinal != operation.ordinal);
            payment.turn = payment.turn.filter(|turn| is_due || *turn != operation.ordinal);
        }
        self.operations.insert((operation.payment_id.clone(), operation.ordinal), operation);
    }

    /// The settlement with this id, if it is at hand.
    pub(crate) fn settlement(&self, operation_id: &OperationId) -> Option<Operation> {
        let touched = self.operations.values().find(|row| row.operation_id == *operation_id);
        touched.or_else(|| self.state.operation(&self.order.key, operation_id)).cloned()
    }

    /// The done settlements of a payment that are at hand and have something left, oldest first.
    pub(crate) fn refundable(&self, payment_id: &PaymentId) -> Vec<Operation> {
        let mut rows: BTreeMap<i64, Operation> = self
            .state
            .refundable_of(&self.order.key, payment_id)
            .map(|row| (row.ordinal, row.clone()))
            .collect();
        let touched = self.operations.iter().filter(|((payment, _), _)| payment == payment_id);
        rows.extend(touched.map(|((_, ordinal), row)| (*ordinal, row.clone())));
        rows.into_values().filter(|row| row.refundable() > 0).collect()
    }

    /// The settlements of a payment that are at hand, and that the provider cannot have seen; newest first.
    pub(crate) fn unsent(&self, payment_id: &PaymentId) -> Vec<Operation> {
        let stored = self.state.operations_of(&self.order.key, payment_id);
        let mut rows: BTreeMap<i64, Operation> = stored.map(|row| (row.ordinal, row.clone())).collect();
        let touched = self.operations.iter().filter(|((payment, _), _)| payment == payment_id);
        rows.extend(touched.map(|((_, ordinal), row)| (*ordinal, row.clone())));
        let is_unsent = |row: &Operation| row.kind == OperationKind::Settlement && row.is_unsent();
        rows.into_values().rev().filter(is_unsent).collect()
    }

    /// The output invoices that are at hand and count, as they are now.
    pub(crate) fn asking_invoices(&self) -> Vec<Invoice> {
        let touched = |number: &InvoiceNumber| self.invoices.iter().find(|row| row.invoice_number == *number);
        let stored = self.state.invoices_of(&self.order.key);
        let now = stored.map(|row| touched(&row.invoice_number).unwrap_or(row));
        let asks = |row: &&Invoice| row.invoice_type == InvoiceType::Output && !row.is_voided();
        now.filter(asks).cloned().collect()
    }

    /// Makes `invoice` the present.
    pub(crate) fn put_invoice(&mut self, mut invoice: Invoice) {
        invoice.update_time = self.context.now;
        self.invoices.retain(|row| row.invoice_number != invoice.invoice_number);
        self.invoices.push(invoice);
    }

    /// The operation at hand, other than `except`, that is done under this id of the payment's provider. Another provider
    /// may give out the same id for something else.
    pub(crate) fn owner_of(
        &self,
        index: usize,
        kind: OperationKind,
        provider_id: &str,
        except: Option<&OperationId>,
    ) -> Option<OperationId> {
        let connector_id = &self.payments[index].connector_id;
        let owns = |row: &&Operation| {
            let is_done =
                matches!(&row.state, OperationState::Done { provider_id: own, .. } if own == provider_id);
            let is_like = row.kind == kind && row.connector_id == *connector_id;
            is_like && is_done && Some(&row.operation_id) != except
        };
        self.state.operations_of_order(&self.order.key).find(owns).map(|row| row.operation_id.clone())
    }

    /// An operation of the payment at hand that may turn out to own any movement of its provider: a settlement that may
    /// have been done, or the authorization, for as long as it is not known what the provider holds.
    pub(crate) fn may_own_movement(&self, payment_id: &PaymentId) -> Option<OperationId> {
        let own = self.payments.iter().find(|payment| payment.payment_id == *payment_id);
        let is_authorized =
            own.is_some_and(|payment| payment.authorization_state == AuthorizationState::Authorized);
        let may_own = |row: &&Operation| match row.kind {
            OperationKind::Settlement => row.may_be_done(),
            OperationKind::Authorization => !is_authorized,
            OperationKind::Refund | OperationKind::Cancellation => false,
        };
        let found = self.state.operations_of(&self.order.key, payment_id).find(may_own);
        found.map(|row| row.operation_id.clone())
    }

    /// How events tell an operation.
    pub(crate) fn summary(&self, operation: &Operation) -> OperationSummary {
        OperationSummary {
            operation_id: operation.operation_id.clone(),
            payment_id: operation.payment_id.clone(),
            kind: operation.kind,
            value: self.order.money(operation.value),
        }
    }

    /// Writes the intent to ask something of the payment's provider, and leases it if it can be sent now.
    ///
    /// The caller has booked the value on the payment as under way.
    pub(crate) fn start(&mut self, index: usize, start: Start) {
        let by_hand =
            start.refund.as_ref().is_some_and(|target| !self.can_refund(index, target, start.value));
        let state = if by_hand { OperationState::Manual } else { OperationState::Waiting(Waiting::Pending) };
        let (operation, in_turn) = self.append(index, start, state);
        let (payment_id, ordinal) = (operation.payment_id.clone(), operation.ordinal);
        self.started.push((payment_id.clone(), ordinal));
        let summary = self.summary(&operation);
        if by_hand {
            self.event(EventKind::OperationUnresolved { operation: summary, state: "manual".to_owned() });
        }
        self.put(operation);
        if in_turn && !by_hand {
            self.lease(index, &payment_id, ordinal);
        }
    }

    /// Books that `value` of what is asked of a payment is asked of its provider by nobody, as an operation that ends
    /// before it is sent: what lacks always has one, which says why and can be resolved.
    pub(crate) fn lack(&mut self, index: usize, value: i64, code: &str, message: &str) {
        self.payments[index].lacking += value;
        let kind = OperationKind::Settlement;
        let invoice_number = self.invoice_number.clone();
        let start = Start { kind, value, is_final: false, refund: None, invoice_number };
        let state = OperationState::Refused { code: code.to_owned(), message: message.to_owned() };
        let (operation, _) = self.append(index, start, state);
        let operation = Operation { lacking: value, ..operation };
        let (operation, done) = (operation.clone(), self.order.money(0));
        let summary = self.summary(&operation);
        self.event(EventKind::OperationEnded { operation: summary, done, is_done: false });
        self.put(operation);
    }

    /// Books what a provider did and nobody asked it for, as an operation that is done already, under the provider's own
    /// id. The caller books the value on the payment.
    pub(crate) fn adopt(
        &mut self,
        index: usize,
        start: Start,
        provider_id: &str,
        time: Option<Timestamp>,
    ) -> Operation {
        let value = start.value;
        let state = OperationState::Done { value, provider_id: provider_id.to_owned() };
        let (operation, _) = self.append(index, start, state);
        let end_time = time.or(operation.end_time);
        let operation = Operation { end_time, ..operation };
        let (summary, done) = (self.summary(&operation), self.order.money(value));
        self.event(EventKind::OperationEnded { operation: summary, done, is_done: true });
        self.put(operation.clone());
        operation
    }

    /// A new operation at the end of the payment's queue, and whether nothing else is queued before it.
    fn append(&mut self, index: usize, start: Start, state: OperationState) -> (Operation, bool) {
        let now = self.context.now;
        let of_cause =
            self.operations.values().filter(|row| row.cause == self.cause && row.kind == start.kind);
        let same = of_cause.filter(|row| row.payment_id == self.payments[index].payment_id).count();
        let payment = &mut self.payments[index];
        let in_turn = payment.next_queued().is_none();
        payment.operations += 1;
        let cause_ordinal = i64::try_from(same).unwrap_or(i64::MAX).saturating_add(1);
        let operation_id =
            derive_id(&payment.order, &payment.payment_id, start.kind, &self.cause, cause_ordinal);
        let to_send = matches!(state, OperationState::Waiting(_));
        let is_ended = state.is_ended();
        let is_done = matches!(state, OperationState::Done { .. });
        let operation = Operation {
            order: payment.order.clone(),
            operation_id,
            payment_id: payment.payment_id.clone(),
            connector_id: payment.connector_id.clone(),
            ordinal: payment.operations,
            kind: start.kind,
            cause: self.cause.clone(),
            invoice_number: start.invoice_number,
            value: start.value,
            is_final: start.is_final,
            refund: start.refund,
            state,
            is_unclear: false,
            // Only the head of the queue is ever due; the others follow when it has had its answer.
            due_time: (in_turn && payment.is_wire_free(now) && to_send).then_some(now),
            attempts: 0,
            recorded_attempts: 0,
            attempts_before: 0,
            callbacks: 0,
            contradiction: None,
            first_send_time: None,
            retry_time: None,
            refund_taken: 0,
            lacking: 0,
            surplus: 0,
            attention_time: (!to_send && !is_done).then_some(now),
            create_time: now,
            update_time: now,
            end_time: is_ended.then_some(now),
        };
        if in_turn && !to_send {
            payment.sent = operation.ordinal;
        }
        let summary = self.summary(&operation);
        self.event(EventKind::OperationStarted { operation: summary });
        (operation, in_turn)
    }

    /// Whether the payment's provider makes this refund: any, none, or only of a whole settlement.
    fn can_refund(&self, index: usize, target: &RefundTarget, value: i64) -> bool {
        match self.payments[index].capabilities.refunds {
            Refunds::None => false,
            Refunds::Partial => true,
            Refunds::Full => self.settlement(&target.operation_id).is_some_and(
                |row| matches!(row.state, OperationState::Done { value: settled, .. } if settled == value),
            ),
        }
    }

    /// Leases an operation to this process, if the payment's wire is free and a call can be made now.
    pub(crate) fn lease(&mut self, index: usize, payment_id: &PaymentId, ordinal: i64) -> bool {
        let now = self.context.now;
        let Some(operation) = self.operation(payment_id, ordinal) else {
            return false;
        };
        let from = match operation.state {
            OperationState::Waiting(waiting) => waiting,
            // The lease ran out, and nobody knows whether its holder had sent.
            OperationState::Sent { .. } => Waiting::Unknown,
            _ => return false,
        };
        let may_send = matches!(verdict(operation, &self.payments[index], self.context), Verdict::Send);
        let free = self.payments[index].is_wire_free(now)
            && self.context.can_call(&operation.order.account_id, &operation.connector_id, &self.calls);
        let (Some(transaction), true) = (self.order.transaction.as_ref(), free && may_send) else {
            return false;
        };
        let mut operation = operation.clone();
        if from == Waiting::Unknown {
            operation.is_unclear = true;
            operation.attention_time.get_or_insert(now);
        }
        operation.attempts += 1;
        let lease = Lease { attempt: operation.attempts, until: now.after(self.context.lease) };
        operation.state = OperationState::Sent { lease, from };
        operation.due_time = Some(lease.until);
        operation.first_send_time = operation.first_send_time.or(Some(now));
        let payment = &mut self.payments[index];
        payment.wire = Some(Wire { ordinal, attempt: lease.attempt, until: lease.until });
        payment.sent = payment.sent.max(ordinal);
        // It has had its turn, and waits like any other if there is no answer.
        payment.turn = payment.turn.filter(|turn| *turn != ordinal);
        self.calls.push(Call {
            operation: operation.clone(),
            attempt: lease.attempt,
            lease_until: lease.until,
            connector_id: payment.connector_id.clone(),
            transaction_id: transaction.transaction_id.clone(),
            authorization: payment.authorization.clone(),
            request: payment.request.clone(),
            currency: self.order.currency,
            capabilities: payment.capabilities,
        });
        self.put(operation);
        true
    }

    /// Gives the payment's wire, if it is free, to who comes next: an operation that was due while it was taken, else
    /// the head of the queue.
    pub(crate) fn advance(&mut self, index: usize) {
        let now = self.context.now;
        if !self.payments[index].is_wire_free(now) {
            return;
        }
        let payment_id = self.payments[index].payment_id.clone();
        if let Some(turn) = self.payments[index].turn.take()
            && self.give_wire(index, &payment_id, turn)
        {
            return;
        }
        while let Some(ordinal) = self.payments[index].next_queued() {
            let Some(head) = self.operation(&payment_id, ordinal).cloned() else {
                return;
            };
            if self.give_wire(index, &payment_id, ordinal) {
                return;
            }
            // A person's work, or ended before it was sent: nothing waits for it.
            let is_last = ordinal == self.payments[index].operations;
            if !is_last && self.operation(&payment_id, ordinal + 1).is_none() {
                // What is behind it is not at hand, and will be when this one is looked at.
                self.put(Operation { due_time: Some(self.context.now), ..head });
                return;
            }
            if head.due_time.is_some() {
                self.put(Operation { due_time: None, ..head });
            }
            self.payments[index].sent = ordinal;
        }
    }

    /// Leases an operation, or makes it due if it cannot be sent now; says whether it takes its turn.
    fn give_wire(&mut self, index: usize, payment_id: &PaymentId, ordinal: i64) -> bool {
        let Some(row) = self.operation(payment_id, ordinal).cloned() else {
            return false;
        };
        if !matches!(row.state, OperationState::Waiting(_) | OperationState::Sent { .. }) {
            return false;
        }
        if self.lease(index, payment_id, ordinal) {
            return true;
        }
        // One that may not be sent any more is laid to rest when it is looked at, and holds up nobody.
        let takes_turn = matches!(verdict(&row, &self.payments[index], self.context), Verdict::Send);
        self.put(Operation { due_time: Some(self.context.now), ..row });
        takes_turn
    }

    /// The rows that changed, as a decision.
    pub(crate) fn close(mut self, reply: impl FnOnce(Closed<'_>) -> Reply) -> Decision {
        let now = self.context.now;
        let mut rows = Rows::default();
        if self.order != self.before.0 {
            self.order.version += 1;
            self.order.update_time = now;
            rows.orders.push(self.order.clone());
        }
        for (index, payment) in self.payments.iter_mut().enumerate() {
            if self.before.1.get(index) != Some(payment) {
                payment.update_time = now;
                rows.payments.push(payment.clone());
            }
        }
        let started = self.started.iter().filter_map(|(id, ordinal)| self.operation(id, *ordinal));
        let started = started.cloned().collect();
        let (order, payments, changes) = (&self.order, self.payments.as_slice(), self.changes.as_slice());
        let reply = reply(Closed { order, payments, changes, started });
        let key = self.order.key;
        rows.lines = self.lines;
        rows.invoices = self.invoices;
        rows.changes = self.changes;
        rows.operations = self.operations.into_values().collect();
        rows.interactions = self.interactions;
        rows.acts = self.acts;
        let event =
            |kind| Event { account_id: key.account_id.clone(), order_id: Some(key.order_id.clone()), kind };
        rows.events = self.events.into_iter().map(event).collect();
        Decision { rows, calls: self.calls, record: None, reply }
    }
}
