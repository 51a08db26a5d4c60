//! Why orders, transactions and invoices are refused, and in which order of precedence.

use tranche_core::command::{Command, CreateOrder, CreateTransaction, NewPayment, NotifyInvoice};
use tranche_core::connector::PartialSettlement;
use tranche_core::id::{ConnectorId, OrderId, OrderKey, TransactionId};
use tranche_core::order::OrderState;
use tranche_core::payment::Mode;
use tranche_core::rejection::{RefusedMode, Rejection};

use crate::books::Books;
use crate::commands::{
    account, adopted, capabilities, connector, content, currency, invoice, order, payment, transaction,
};

fn name(result: Result<impl Sized, Rejection>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(rejection) => format!("{rejection:?}").split([' ', '(']).next().unwrap().to_owned(),
    }
}

/// An order of 100 with two lines, and one connector of either kind.
fn books() -> Books {
    let mut books = Books::new();
    let several = capabilities(PartialSettlement::Multiple { max: None });
    for (id, able) in [("c", several), ("once", capabilities(PartialSettlement::Once))] {
        books.play(&Command::WriteConnector(connector(id, None, able))).unwrap();
    }
    books.play(&Command::CreateOrder(order(100, &[("a", 2)]))).unwrap();
    books
}

fn bring(books: &mut Books, transaction: &CreateTransaction) -> String {
    name(books.play(&Command::CreateTransaction(transaction.clone())))
}

fn another_order() -> CreateOrder {
    let key = OrderKey { order_id: OrderId::trusted("p"), ..Books::key() };
    CreateOrder { key, ..order(100, &[]) }
}

#[test]
fn orders() {
    let mut books = books();
    let again = books.play(&Command::CreateOrder(order(100, &[("a", 2)])));
    assert_eq!(name(again), "ok");
    assert_eq!(name(books.play(&Command::CreateOrder(order(101, &[("a", 2)])))), "AlreadyExists");
    books.all.requests = tranche_core::state::Table::default();
    assert_eq!(
        name(books.play(&Command::CreateOrder(order(100, &[("a", 2)])))),
        "AlreadyExists",
        "its key is gone"
    );
}

/// Each transaction has every later fault as well; mending one shows the next.
#[test]
fn transactions_in_order_of_precedence() {
    use tranche_core::payment::Mode::Partial;
    let mut books = books();
    books.play(&Command::CreateOrder(another_order())).unwrap();
    let mut other = transaction("other", vec![payment("taken", "c", 100, None)]);
    other.key = another_order().key;
    assert_eq!(bring(&mut books, &other), "ok");

    let mut wrong = transaction(
        "other",
        vec![
            payment("x", "nobody's", 10, Some(Partial)),
            payment("taken", "c", 10, None),
            payment("x", "once", 10, Some(Partial)),
        ],
    );
    wrong.payments[1].currency = currency("USD");
    let mended = wrong.clone();
    wrong.key.order_id = OrderId::trusted("q");
    assert_eq!(bring(&mut books, &wrong), "AlreadyExists", "the replay of another order's is other content");
    wrong.transaction_id = TransactionId::trusted("new");
    assert_eq!(bring(&mut books, &wrong), "OrderNotFound");
    books.all.requests = tranche_core::state::Table::default();
    wrong.key = mended.key;
    wrong.transaction_id = mended.transaction_id;
    assert_eq!(bring(&mut books, &wrong), "AlreadyExists", "the id is another order's");
    wrong.transaction_id = TransactionId::trusted("new");
    assert_eq!(bring(&mut books, &wrong), "ConnectorNotFound");
    wrong.payments[0].connector_id = wrong.payments[2].connector_id.clone();
    assert_eq!(bring(&mut books, &wrong), "Invalid", "currency, and one authorization twice");
    wrong.payments[1].currency = currency("BRL");
    assert_eq!(bring(&mut books, &wrong), "Invalid", "one authorization twice");
    wrong.payments.pop();
    let mut row = books.order();
    row.state = OrderState::Canceled;
    books.all.orders.write(Books::key(), row.clone());
    assert_eq!(bring(&mut books, &wrong), "OrderNotOpen");
    row.state = OrderState::Open;
    books.all.orders.write(Books::key(), row);
    assert_eq!(bring(&mut books, &wrong), "ModeNotSupported");
    wrong.payments[0].mode = None;
    assert_eq!(bring(&mut books, &wrong), "PaymentAlreadyAdopted");
    wrong.payments[1].authorization = adopted("free");
    assert_eq!(bring(&mut books, &wrong), "PaymentsBelowOrderValue");
    wrong.payments[1].authorized = 90;
    assert_eq!(bring(&mut books, &wrong), "ok");
    assert_eq!(bring(&mut books, &wrong), "ok", "its replay");
    let payments = vec![payment("z", "c", 100, None)];
    assert_eq!(bring(&mut books, &transaction("new", payments.clone())), "AlreadyExists");
    assert_eq!(bring(&mut books, &transaction("newer", payments)), "OrderHasTransaction");
}

/// Of each kind all are told, not only the first.
#[test]
fn what_is_wrong_with_several_payments() {
    use tranche_core::payment::Mode::{Hold, Partial};
    let mut books = books();
    let refused = |books: &mut Books, payments: Vec<NewPayment>| match books
        .play(&Command::CreateTransaction(transaction("t", payments)))
    {
        Ok(_) => panic!("it must be refused"),
        Err(rejection) => rejection,
    };
    let unknown = vec![
        payment("x", "nobody's", 100, None),
        payment("y", "c", 100, None),
        payment("z", "unheard of", 100, None),
        payment("w", "nobody's", 100, None),
    ];
    let ids = ["nobody's", "unheard of"].map(ConnectorId::trusted);
    assert_eq!(refused(&mut books, unknown), Rejection::ConnectorNotFound(ids.to_vec()));
    let modes = |books: &mut Books, modes: [Mode; 3]| {
        let [x, y, z] = modes.map(Some);
        let payments =
            vec![payment("x", "once", 100, x), payment("y", "c", 100, y), payment("z", "once", 100, z)];
        match refused(books, payments) {
            Rejection::ModeNotSupported(all) => ("not supported", all),
            Rejection::PartialSettlementDisabled(all) => ("disabled", all),
            other => panic!("{other:?}"),
        }
    };
    let told = |(name, all): (&'static str, Vec<RefusedMode>)| {
        let each = all.into_iter().map(|refused| format!("{} {:?}", refused.connector_id, refused.mode));
        (name, each.collect::<Vec<_>>().join(", "))
    };
    assert_eq!(
        told(modes(&mut books, [Partial, Partial, Partial])),
        ("not supported", "once Partial, once Partial".to_owned())
    );
    let first = transaction("first", vec![payment("x", "c", 100, None), payment("y", "c", 100, None)]);
    let mut other = first.clone();
    other.transaction_id = TransactionId::trusted("other");
    other.key = another_order().key;
    books.play(&Command::CreateOrder(another_order())).unwrap();
    assert_eq!(bring(&mut books, &other), "ok");
    let Rejection::PaymentAlreadyAdopted(taken) = refused(&mut books, first.payments) else {
        panic!("both belong to the other order")
    };
    assert_eq!(taken.len(), 2);
    let mut whole = account("1");
    whole.partial_settlement = Some(false);
    books.play(&Command::UpdateAccount(whole)).unwrap();
    assert_eq!(
        told(modes(&mut books, [Partial, Hold, Mode::Total])),
        ("disabled", "once Partial, c Hold".to_owned())
    );
}

/// As above, for invoices.
#[test]
fn invoices_in_order_of_precedence() {
    let mut books = books();
    let play = |books: &mut Books, invoice: &NotifyInvoice| {
        name(books.play(&Command::NotifyInvoice(Box::new(invoice.clone()))))
    };
    let mut wrong = invoice("A", 101, &[("nobody's", 101)], &[("a", 3)]);
    wrong.currency = currency("USD");
    wrong.key.order_id = OrderId::trusted("q");
    assert_eq!(play(&mut books, &wrong), "OrderNotFound");
    wrong.key = Books::key();
    assert_eq!(play(&mut books, &wrong), "Invalid", "currency and payment");
    wrong.currency = currency("BRL");
    assert_eq!(play(&mut books, &wrong), "Invalid", "payment");
    wrong.legs.clear();
    let mut row = books.order();
    row.state = OrderState::Canceled;
    books.all.orders.write(Books::key(), row.clone());
    assert_eq!(play(&mut books, &wrong), "OrderNotOpen");
    row.state = OrderState::Open;
    books.all.orders.write(Books::key(), row);
    assert_eq!(play(&mut books, &wrong), "InvoiceAboveRemaining");
    wrong.value = 100;
    assert_eq!(play(&mut books, &wrong), "OrderWithoutTransaction");
    let payments = vec![payment("card", "once", 150, None)];
    assert_eq!(bring(&mut books, &transaction("t", payments)), "ok");
    assert_eq!(play(&mut books, &wrong), "LineQuantityExceeded");
    wrong.lines.clear();
    let first = invoice("first", 10, &[], &[]);
    assert_eq!(play(&mut books, &first), "ok");
    let settlement = books.operation("card", 1);
    let short = crate::commands::done(&settlement, 50, 0);
    books.play(&crate::commands::outcome(&settlement, 1, short)).unwrap();
    wrong.value = 90;
    assert_eq!(play(&mut books, &wrong), "InvoiceAboveRoom");
    wrong.value = 40;
    assert_eq!(play(&mut books, &wrong), "ok");
    wrong.content = content(&"other");
    wrong.value = 1_000;
    wrong.currency = currency("USD");
    assert_eq!(
        play(&mut books, &wrong),
        "AlreadyExists",
        "a number that is taken comes before all that is wrong"
    );
}

#[test]
fn an_operation_that_nobody_knows() {
    let mut books = books();
    let payments = vec![payment("card", "c", 100, None)];
    assert_eq!(bring(&mut books, &transaction("t", payments)), "ok");
    books.play(&Command::NotifyInvoice(Box::new(invoice("A", 10, &[], &[])))).unwrap();
    let mut stranger = books.operation("card", 1);
    stranger.operation_id = tranche_core::id::OperationId::trusted("op_0");
    assert_eq!(name(books.play(&crate::commands::lease(&stranger))), "ok", "and nothing to do");
    let answer = crate::commands::done(&stranger, 10, 0);
    assert_eq!(name(books.play(&crate::commands::outcome(&stranger, 1, answer))), "OperationNotFound");
}
