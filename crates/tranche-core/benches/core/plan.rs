//! The plan, which is private to the core and ends every command: it is measured through an invoice that is only
//! validated and through an outcome, for each mode, with one payment, with four, and with the most that a transaction
//! takes.
//!
//! `idle` and `without` tell the plan from what surrounds it. Both are answers that book nothing, on the same working
//! copy: at the end of the first one the plan runs and finds nothing due, the second one is dropped before it.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use tranche_core::bounds::PAYMENTS_PER_TRANSACTION_MAX;
use tranche_core::operation::Answer;
use tranche_core::operation::OperationKind::{Cancellation, Refund, Settlement};
use tranche_core::payment::Mode;

use crate::books::{Books, Effect};
use crate::commands::{self, LEASE, value};

const PAYMENTS: [usize; 3] = [1, 4, PAYMENTS_PER_TRANSACTION_MAX];
const MODES: [(Mode, &str); 3] = [(Mode::Partial, "PARTIAL"), (Mode::Hold, "HOLD"), (Mode::Total, "TOTAL")];

pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan");
    for payments in PAYMENTS {
        for (mode, name) in MODES {
            validate(&mut group, mode, name, payments);
            outcome(&mut group, mode, name, payments);
        }
        surroundings(&mut group, payments);
    }
    group.finish();
}

/// Half of the order is invoiced, of every payment: PARTIAL settles a part of each, TOTAL all of each, HOLD waits.
fn validate(group: &mut BenchmarkGroup<'_, WallTime>, mode: Mode, name: &str, payments: usize) {
    let planned =
        if mode == Mode::Hold { Effect::Nothing } else { Effect::Asked(vec![Settlement; payments]) };
    let books = Books::paid(mode, payments, 1);
    let id = BenchmarkId::new(format!("validate {name}"), payments);
    books.measure(group, id, &commands::validate(value(payments) / 2), &planned);
}

/// All of the order is invoiced and on its way. Once the first settlement is done, what its payment authorized beyond
/// the order goes back: in PARTIAL and HOLD it is released, in TOTAL it was settled too and is refunded.
fn outcome(group: &mut BenchmarkGroup<'_, WallTime>, mode: Mode, name: &str, payments: usize) {
    let mut books = Books::paid(mode, payments, 1);
    let settlements = books.play(&commands::notify(value(payments), 1));
    assert_eq!(settlements.len(), payments, "every payment settles once");
    let goes_back = Effect::Asked(vec![if mode == Mode::Total { Refund } else { Cancellation }]);
    let id = BenchmarkId::new(format!("outcome {name}"), payments);
    books.measure(group, id, &commands::done(&settlements[0]), &goes_back);
}

/// Nobody answered a settlement's first attempt, and its second one is on the wire: a late answer to the first changes
/// no state, and an answer to a third is to nothing that was ever sent.
fn surroundings(group: &mut BenchmarkGroup<'_, WallTime>, payments: usize) {
    let mut books = Books::paid(Mode::Partial, payments, 1);
    let settlement = books.play(&commands::notify(value(payments), 1)).remove(0);
    books.context.now = books.context.now.after(LEASE);
    books.play(&commands::lease(&settlement));
    let pending = |attempt| commands::outcome(&settlement, attempt, Answer::Pending);
    books.measure(group, BenchmarkId::new("idle", payments), &pending(1), &Effect::Rows);
    books.measure(group, BenchmarkId::new("without", payments), &pending(3), &Effect::Nothing);
}
