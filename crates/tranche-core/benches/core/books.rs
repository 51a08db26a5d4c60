//! The rows of one order, as a batch of commands has them at hand.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId};
use tranche_core::command::Command;
use tranche_core::decide::decide;
use tranche_core::decision::{ConnectorCalls, Context, Decision, Reply, Rows};
use tranche_core::operation::{Operation, OperationKind};
use tranche_core::payment::Mode;
use tranche_core::rejection::Rejection;
use tranche_core::state::State;
use tranche_core::time::Timestamp;

use crate::commands::{self, LEASE};

/// What a command comes to, told shortly enough to be promised.
#[derive(Debug, PartialEq)]
pub(crate) enum Effect {
    Rejected,
    /// Nothing is written.
    Nothing,
    /// Rows are written, and nothing is asked of a provider.
    Rows,
    /// This is asked of providers, or would be if the command were not only validated.
    Asked(Vec<OperationKind>),
}

impl Effect {
    fn of(decided: &Result<Decision, Rejection>) -> Self {
        let Ok(decision) = decided else {
            return Self::Rejected;
        };
        let mut asked: Vec<_> = decision.calls.iter().map(|call| call.operation.kind).collect();
        if let Reply::Invoice(_, _, planned) = &decision.reply {
            asked.extend(planned.iter().map(|operation| operation.kind));
        }
        match (asked.is_empty(), decision.rows == Rows::default()) {
            (true, true) => Self::Nothing,
            (true, false) => Self::Rows,
            (false, _) => Self::Asked(asked),
        }
    }
}

/// What was decided so far, and what the next decision depends on beside it.
pub(crate) struct Books {
    state: State,
    pub(crate) context: Context,
}

impl Books {
    /// A connector whose provider settles as the mode is meant for, and nothing else.
    pub(crate) fn new(mode: Mode) -> Self {
        let now = Timestamp::from_micros(1_767_225_600_000_000);
        let connectors = ConnectorCalls::unbounded();
        let context = Context { now, lease: LEASE, calls_available: 100, connectors };
        let mut books = Self { state: State::default(), context };
        books.play(&commands::connector(mode));
        books
    }

    /// An order with so many payments and lines, nothing of it invoiced.
    pub(crate) fn paid(mode: Mode, payments: usize, lines: usize) -> Self {
        let mut books = Self::new(mode);
        books.play(&commands::order(payments, lines));
        books.play(&commands::transaction(mode, payments));
        books
    }

    /// Decides a command, makes its rows the present, and hands out the operations among them.
    pub(crate) fn play(&mut self, command: &Command) -> Vec<Operation> {
        let rows = decide(&self.state, command, &self.context).unwrap().rows;
        let operations = rows.operations.clone();
        self.state.apply(rows);
        operations
    }

    /// Measures the decision of a command on these rows, which stay as they are.
    pub(crate) fn measure(
        &self,
        group: &mut BenchmarkGroup<'_, WallTime>,
        id: BenchmarkId,
        command: &Command,
        promised: &Effect,
    ) {
        let decided = decide(&self.state, command, &self.context);
        assert_eq!(Effect::of(&decided), *promised, "{command:?} became {decided:?}");
        group.bench_function(id, |bencher| {
            bencher.iter(|| decide(black_box(&self.state), black_box(command), black_box(&self.context)));
        });
    }
}
