//! What is told of each step, to those who follow.

use tranche_core::command::Command;
use tranche_core::event::{EventKind, OperationSummary};
use tranche_core::operation::Answer;

use crate::books::Books;
use crate::commands::{done, outcome};
use crate::language::played;

/// An event in a few words.
fn words(kind: &EventKind) -> String {
    let of = |row: &OperationSummary| format!("{:?} {}", row.kind, row.value.minor);
    match kind {
        EventKind::OrderCreated { value } => format!("order {}", value.minor),
        EventKind::TransactionCreated { authorized, .. } => format!("transaction {}", authorized.minor),
        EventKind::InvoiceAccepted { invoice_number, value, remaining, .. } => {
            format!("invoice {invoice_number} {} leaves {}", value.minor, remaining.minor)
        }
        EventKind::OperationStarted { operation } => format!("started {}", of(operation)),
        EventKind::OperationEnded { operation, done, is_done: true } => {
            format!("ended {} with {}", of(operation), done.minor)
        }
        EventKind::OperationEnded { operation, done, is_done: false } => {
            format!("refused {} with {}", of(operation), done.minor)
        }
        EventKind::OperationUnresolved { operation, state } => format!("{state} {}", of(operation)),
        EventKind::SurplusFound { surplus, .. } => format!("surplus {}", surplus.minor),
        EventKind::AnswerContradicted { meaning, .. } => format!("contradicted: {meaning}"),
        other => format!("{other:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

/// Everything told from an event on.
fn told(books: &Books, from: usize) -> Vec<String> {
    books.all.events.iter().skip(from).map(|event| words(&event.kind)).collect()
}

fn check(script: &str, expected: &[&str]) {
    let before = played("before", "order 10000; pay card 10000; invoice A 2000").all.events.len();
    let books = played(script, &format!("order 10000; pay card 10000; invoice A 2000; {script}"));
    assert_eq!(told(&books, before), expected, "{script}");
}

#[test]
fn the_beginning() {
    let books = played("beginning", "order 10000; pay card 10000; invoice A 2000");
    let expected = [
        "ConnectorCreated",
        "order 10000",
        "transaction 10000",
        "invoice A 2000 leaves 8000",
        "started Settlement 2000",
        "OrderStateChanged",
    ];
    let mut seen = told(&books, 0);
    seen.sort();
    let mut sorted = expected.to_vec();
    sorted.sort_unstable();
    assert_eq!(seen, sorted);
}

#[test]
fn answers() {
    check("done card#1", &["ended Settlement 2000 with 2000"]);
    check("done card#1 1500", &["ended Settlement 2000 with 1500", "started Settlement 500"]);
    check("done card#1 +5", &["surplus 5", "ended Settlement 2000 with 2000"]);
    check("refused card#1", &["refused Settlement 2000 with 0"]);
    check("pending card#1", &["pending Settlement 2000"]);
    check("manual card#1", &["manual Settlement 2000"]);
    check("unknown card#1", &["unknown Settlement 2000"]);
    check("no-answer card#1", &[]);
    check("wait 90000; lease card#1", &["unknown Settlement 2000"]);
    check("no-answer card#1; wait 90000; lease card#1", &["stuck Settlement 2000"]);
    check("pending card#1; wait 1; lease card#1; pending card#1", &["pending Settlement 2000"]);
}

#[test]
fn contradictions() {
    let ended = "ended Settlement 2000 with 2000";
    check("done card#1; done card#1", &[ended]);
    check(
        "unknown card#1; wait 1; lease card#1; done card#1; refused card#1 @2; refused card#1 @1",
        &["unknown Settlement 2000", ended],
    );
    check("wait 30; lease card#1; done card#1 @2; refused card#1 @1", &[ended, "contradicted: refused"]);
    check("wait 30; lease card#1; done card#1 @2; manual card#1 @1", &[ended, "contradicted: manual"]);
    check("wait 30; lease card#1; done card#1 @2; pending card#1 @1", &[ended]);
    check("wait 30; lease card#1; done card#1 @2; done card#1 @1", &[ended]);
    check(
        "wait 30; lease card#1; done card#1 @2; done card#1 1500 @1",
        &[ended, "contradicted: done again: 15.00 BRL as provider's card#1"],
    );
    check(
        "refused card#1; done card#1 1500 +5",
        &["refused Settlement 2000 with 0", "surplus 1505", "ended Settlement 2000 with 0"],
    );
}

/// The same amount under another id of the provider is another settlement.
#[test]
fn another_id_is_another_settlement() {
    let mut books =
        played("ids", "order 10000; pay card 10000; invoice A 2000; wait 30; lease card#1; done card#1 @2");
    let before = books.all.events.len();
    let operation = books.operation("card", 1);
    let Answer::Done { value, surplus, .. } = done(&operation, 2000, 0) else { panic!("done") };
    let answer = Answer::Done { value, surplus, provider_id: "another".to_owned() };
    let command: Command = outcome(&operation, 1, answer);
    books.play(&command).unwrap();
    assert_eq!(told(&books, before), ["contradicted: done again: 20.00 BRL as another"]);
}
