//! Each command that an order sees, on an order with one payment in PARTIAL; a replay and a rejection; and the largest
//! order and invoice that the bounds allow.

use criterion::{BenchmarkId, Criterion};
use tranche_core::bounds::{LINES_PER_INVOICE_MAX, LINES_PER_ORDER_MAX};
use tranche_core::operation::OperationKind::Settlement;
use tranche_core::payment::Mode::Partial;

use crate::books::{Books, Effect};
use crate::commands::{self, ORDERED};

/// Lines of an order that is not said to be large.
const LINES: usize = 3;
/// Minor units of the invoices: a part, so that the order goes on.
const INVOICED: i64 = ORDERED / 4;

pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    let named = BenchmarkId::from_parameter::<&str>;
    let settles = Effect::Asked(vec![Settlement]);

    let (order, transaction) = (commands::order(1, LINES), commands::transaction(Partial, 1));
    let mut books = Books::new(Partial);
    books.measure(&mut group, named("CreateOrder"), &order, &Effect::Rows);
    books.play(&order);
    books.measure(&mut group, named("CreateTransaction"), &transaction, &Effect::Rows);
    books.play(&transaction);

    let invoice = commands::notify(INVOICED, 1);
    books.measure(&mut group, named("NotifyInvoice"), &invoice, &settles);
    let excessive = commands::notify(ORDERED + 1, 1);
    books.measure(&mut group, named("NotifyInvoice, rejected"), &excessive, &Effect::Rejected);
    let settlement = books.play(&invoice).remove(0);
    books.measure(&mut group, named("NotifyInvoice, replayed"), &invoice, &Effect::Nothing);
    books.measure(&mut group, named("RecordOutcome"), &commands::done(&settlement), &Effect::Rows);

    let mut books = Books::paid(Partial, 1, LINES);
    // The settlement is decided by a process that can send nothing, and is left to one that can.
    books.context.calls_available = 0;
    let settlement = books.play(&invoice).remove(0);
    books.context.calls_available = 1;
    books.measure(&mut group, named("LeaseOperation"), &commands::lease(&settlement), &settles);

    let order = commands::order(1, LINES_PER_ORDER_MAX);
    let id = BenchmarkId::new("CreateOrder, lines", LINES_PER_ORDER_MAX);
    Books::new(Partial).measure(&mut group, id, &order, &Effect::Rows);
    let invoice = commands::notify(INVOICED, LINES_PER_INVOICE_MAX);
    let id = BenchmarkId::new("NotifyInvoice, lines", LINES_PER_INVOICE_MAX);
    Books::paid(Partial, 1, LINES_PER_ORDER_MAX).measure(&mut group, id, &invoice, &settles);
    group.finish();
}
