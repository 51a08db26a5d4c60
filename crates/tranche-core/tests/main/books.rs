//! A store in memory. It hands the core the rows that a command names and no others, and keeps what was decided.

use std::collections::BTreeSet;
use std::time::Duration;

use tranche_core::command::{Command, Needs};
use tranche_core::decide::decide;
use tranche_core::decision::{ConnectorCalls, Context, Decision, Reply, Rows};
use tranche_core::id::{AccountId, InvoiceNumber, OperationId, OrderId, OrderKey, PaymentId};
use tranche_core::invoice::{Invoice, InvoiceType};
use tranche_core::operation::{Operation, OperationKind, OperationState};
use tranche_core::order::Order;
use tranche_core::payment::Payment;
use tranche_core::rejection::Rejection;
use tranche_core::state::{RecordedRequest, State};
use tranche_core::time::Timestamp;

/// How long the books' leases last.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// Everything that was decided.
pub(crate) struct Books {
    pub(crate) all: State,
    pub(crate) now: Timestamp,
    pub(crate) calls_available: usize,
    pub(crate) connectors: ConnectorCalls,
    ids: BTreeSet<OperationId>,
}

impl Books {
    pub(crate) fn new() -> Self {
        Self {
            all: State::default(),
            now: Timestamp::from_micros(1_000_000_000),
            calls_available: 100,
            connectors: ConnectorCalls::unbounded(),
            ids: BTreeSet::new(),
        }
    }

    pub(crate) fn context(&self) -> Context {
        Context {
            now: self.now,
            lease: LEASE,
            calls_available: self.calls_available,
            connectors: self.connectors.clone(),
        }
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now = self.now.after(time);
    }

    /// The one order of these books.
    pub(crate) fn key() -> OrderKey {
        OrderKey { account_id: AccountId::trusted("a"), order_id: OrderId::trusted("o") }
    }

    pub(crate) fn order(&self) -> Order {
        self.all.orders.get(&Self::key()).expect("the order exists").clone()
    }

    pub(crate) fn payments(&self) -> Vec<Payment> {
        self.all.payments_of(&Self::key()).cloned().collect()
    }

    pub(crate) fn invoices(&self) -> Vec<Invoice> {
        let rows = self.all.invoices.range((Self::key(), InvoiceNumber::trusted("")));
        rows.map(|(_, row)| row.clone()).collect()
    }

    pub(crate) fn operations(&self) -> Vec<Operation> {
        let nothing = OrderKey { account_id: AccountId::trusted(""), order_id: OrderId::trusted("") };
        let first = (nothing, PaymentId::trusted(""), 0);
        self.all.operations.range(first).map(|(_, row)| row.clone()).collect()
    }

    pub(crate) fn operation(&self, payment: &str, ordinal: i64) -> Operation {
        let key = (Self::key(), PaymentId::trusted(payment), ordinal);
        self.all
            .operations
            .get(&key)
            .unwrap_or_else(|| panic!("there is no operation {payment}#{ordinal}"))
            .clone()
    }

    /// The rows that the store would load for a batch of these commands.
    fn at_hand(&self, commands: &[Command]) -> State {
        let mut needs = Needs::default();
        for command in commands {
            command.name_needs(&mut needs);
        }
        let (all, mut state) = (&self.all, State::default());
        macro_rules! load {
            ($($table:ident)*) => {$(
                for key in &needs.$table {
                    if let Some(row) = all.$table.get(key) {
                        state.$table.load(key.clone(), row.clone());
                    }
                }
            )*};
        }
        load!(accounts connectors orders lines invoices requests);
        for row in needs.whole.iter().flat_map(|key| all.lines_of(key)) {
            state.lines.load((row.order.clone(), row.line_id.clone()), row);
        }
        for row in needs.invoiced.iter().flat_map(|order| all.invoices_of(order)) {
            if row.invoice_type == InvoiceType::Output {
                state.invoices.load((row.order.clone(), row.invoice_number.clone()), row.clone());
            }
        }
        for (order, id) in &needs.movements {
            let own = |row: &&Operation| matches!(&row.state, OperationState::Done { provider_id, .. } if provider_id == id);
            all.operations_of_order(order).filter(own).cloned().for_each(|row| state.load_operation(row));
        }
        for (order, number) in &needs.withdrawing {
            let first = (order.clone(), PaymentId::trusted(""), 0);
            let rows = all.operations.range(first).map(|(_, row)| row);
            let own = rows.filter(|row| row.order == *order && row.invoice_number.as_ref() == Some(number));
            own.cloned().for_each(|row| state.load_operation(row));
        }
        for key in &needs.orders {
            for row in all.payments_of(key) {
                state.payments.load((key.clone(), row.position), row.clone());
            }
        }
        for (order, id) in &needs.operations {
            all.operation(order, id).cloned().into_iter().for_each(|row| state.load_operation(row));
        }
        for key in &needs.transactions {
            if let Some(order) = all.transactions.get(key) {
                state.transactions.insert(key.clone(), order.clone());
            }
        }
        let taken = needs.adoptions.intersection(&all.adoptions);
        state.adoptions.extend(taken.cloned());
        let more = state.follow_ups(&needs);
        let mut rows: Vec<&Operation> = Vec::new();
        rows.extend(more.queued.iter().filter_map(|key| all.operations.get(key)));
        rows.extend(more.settlements.iter().filter_map(|(order, id)| all.operation(order, id)));
        for (order, payment) in &more.adopting {
            let may_own = |row: &&Operation| row.kind == OperationKind::Settlement && row.may_be_done();
            rows.extend(all.operations_of(order, payment).find(may_own));
        }
        for (order, payment) in &more.unsent {
            let unsent = all.operations_of(order, payment);
            let unsent = unsent.filter(|row| row.kind == OperationKind::Settlement && row.is_unsent());
            rows.extend(unsent.take(tranche_core::bounds::UNSENT_MAX));
        }
        for (order, payment) in &more.refundable {
            rows.extend(all.refundable_of(order, payment).take(tranche_core::bounds::REFUNDS_PER_PLAN_MAX));
        }
        rows.into_iter().cloned().for_each(|row| state.load_operation(row));
        state
    }

    /// Decides and writes; then decides the same again, which must write nothing.
    pub(crate) fn play(&mut self, command: &Command) -> Result<Decision, Rejection> {
        let decision = decide(&self.at_hand(std::slice::from_ref(command)), command, &self.context())?;
        let writes = decision.rows != Rows::default();
        self.write(&decision);
        // One that is due all the same is looked at once more, which is no replay.
        let is_due = |row: &Operation| row.due_time.is_some_and(|due| due <= self.now);
        let looks_again = matches!(command, Command::LeaseOperation(lease)
            if self.operations().iter().any(|row| row.operation_id == lease.operation_id && is_due(row)));
        if writes && !looks_again {
            let again = decide(&self.at_hand(std::slice::from_ref(command)), command, &self.context());
            let again = again.unwrap_or_else(|rejection| panic!("replay: {rejection:?}"));
            assert_eq!(again.rows, Rows::default(), "a replay writes nothing: {command:?}");
            assert!(again.calls.is_empty(), "a replay sends nothing: {command:?}");
            assert!(again.record.is_none(), "a replay records nothing: {command:?}");
            match (&decision.reply, &again.reply) {
                (Reply::Invoice(_, first, _), Reply::Invoice(_, second, _)) => assert_eq!(first, second),
                (Reply::Done, Reply::Done) | (_, Reply::Recorded(_)) => {}
                other => panic!("a replay is answered as the first time: {other:?}"),
            }
        }
        Ok(decision)
    }

    /// Decides commands of one batch, one after the other, on the rows that were loaded for all of them.
    pub(crate) fn play_together(&mut self, commands: &[Command]) -> Vec<Result<Decision, Rejection>> {
        let mut at_hand = self.at_hand(commands);
        let mut decisions = Vec::new();
        for command in commands {
            let decision = decide(&at_hand, command, &self.context());
            if let Ok(decision) = &decision {
                at_hand.apply(decision.rows.clone());
                at_hand.apply(Rows { requests: self.recorded(decision), ..Rows::default() });
                self.write(decision);
            }
            decisions.push(decision);
        }
        decisions
    }

    /// The idempotency key that the edge keeps with the reply.
    fn recorded(&self, decision: &Decision) -> Vec<RecordedRequest> {
        let record = decision.record.clone().into_iter();
        let create_time = self.now;
        record.map(|(key, content)| RecordedRequest { key, content, reply: vec![1], create_time }).collect()
    }

    fn write(&mut self, decision: &Decision) {
        for row in &decision.rows.operations {
            match self.all.operation(&row.order, &row.operation_id) {
                Some(known) => {
                    assert_eq!(
                        (&known.payment_id, known.ordinal),
                        (&row.payment_id, row.ordinal),
                        "one id, two rows"
                    );
                    assert_eq!(
                        (known.kind, known.value),
                        (row.kind, row.value),
                        "an operation changed its mind"
                    );
                }
                None => assert!(self.ids.insert(row.operation_id.clone()), "an id is used twice"),
            }
        }
        for call in &decision.calls {
            let (id, attempt) = (&call.operation.operation_id, call.attempt);
            let row = decision.rows.operations.iter().find(|row| row.operation_id == *id);
            let row = row.expect("what is sent is written");
            let holds = matches!(row.state, OperationState::Sent { lease, .. } if lease.attempt == attempt);
            assert!(holds && call.operation.state == row.state, "what is sent is leased");
        }
        self.all.apply(decision.rows.clone());
        self.all.apply(Rows { requests: self.recorded(decision), ..Rows::default() });
    }
}
