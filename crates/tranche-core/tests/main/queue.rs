//! What waits behind a person's work in a payment's queue.

use tranche_core::command::Command;
use tranche_core::connector::{Capabilities, PartialSettlement, Refunds};
use tranche_core::operation::OperationState;

use crate::books::Books;
use crate::commands::{capabilities, connector, done, invoice, lease, order, outcome, payment, transaction};

fn open(able: Capabilities) -> Books {
    let mut books = Books::new();
    books.play(&Command::WriteConnector(connector("c", None, able))).unwrap();
    books.play(&Command::CreateOrder(order(100_000, &[]))).unwrap();
    let payments = vec![payment("card", "c", 100_000, None)];
    books.play(&Command::CreateTransaction(transaction("t", payments))).unwrap();
    books
}

fn answer_done(books: &mut Books, ordinal: i64) {
    let operation = books.operation("card", ordinal);
    let answer = done(&operation, operation.value, 0);
    books.play(&outcome(&operation, operation.attempts, answer)).unwrap();
}

fn is_sent(books: &Books, ordinal: i64) -> bool {
    matches!(books.operation("card", ordinal).state, OperationState::Sent { .. })
}

#[test]
fn by_hand_holds_up_nobody() {
    let able =
        Capabilities { refunds: Refunds::None, ..capabilities(PartialSettlement::Multiple { max: None }) };
    let mut books = open(able);
    let notify = |books: &mut Books, number: &str| {
        let command = Command::NotifyInvoice(Box::new(invoice(number, 1000, &[], &[])));
        books.play(&command).unwrap();
    };
    for (number, ordinal) in [("1", 1), ("2", 2), ("3", 3)] {
        notify(&mut books, number);
        answer_done(&mut books, ordinal);
    }
    notify(&mut books, "4");
    // Refunds for a person come to stand between settlements, three in a row, as returns will bring them.
    let mut payment = books.payments()[0].clone();
    payment.returned = 2500;
    books.all.payments.write((Books::key(), 0), payment);
    for number in ["5", "6"] {
        notify(&mut books, number);
    }
    let by_hand = books.operations().into_iter().filter(|row| row.state == OperationState::Manual);
    assert_eq!(by_hand.map(|row| row.ordinal).collect::<Vec<_>>(), [6, 7, 8]);
    let last = books.payments()[0].operations;
    let mut looks = 0;
    while books.operations().iter().any(|row| row.ordinal <= last && is_settlement_open(row)) {
        looks += 1;
        assert!(looks < 50, "the queue stands still: {:#?}", books.payments());
        if let Some(ordinal) = (1..=last).find(|ordinal| is_sent(&books, *ordinal)) {
            answer_done(&mut books, ordinal);
            continue;
        }
        let due = books.operations().into_iter().find(|row| row.due_time.is_some_and(|due| due <= books.now));
        books.play(&lease(&due.expect("something is due"))).unwrap();
    }
    assert_eq!(books.payments()[0].settled, 6000);
}

fn is_settlement_open(row: &tranche_core::operation::Operation) -> bool {
    row.refund.is_none() && !row.state.is_ended()
}
