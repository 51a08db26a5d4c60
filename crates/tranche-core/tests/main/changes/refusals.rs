//! Why changes are refused, and in which order of precedence.

use tranche_core::bounds::AMOUNT_MAX;
use tranche_core::change::RemovedLine;
use tranche_core::command::{ChangeOrder, Command};
use tranche_core::decision::Reply;
use tranche_core::id::LineId;
use tranche_core::rejection::Rejection;

use crate::books::Books;
use crate::commands::{change, content, currency, line, order};
use crate::language::{check, played};

/// Each change has every later fault as well; mending one shows the next.
#[test]
fn in_order_of_precedence() {
    check("there is no order", "change 1 -1 => !OrderNotFound");
    check(
        "an open one",
        "order 100 a:3 b:1; pay card 100; invoice A 60 /b:1;
        change 1 -x:1 +b:1 -1000 etag=9 expect=5 => !Invalid removed_lines[0].line_id;
        change 1 -a:9 +b:1 +a:1 -1000 etag=9 expect=5 => !LineAlreadyExists b a;
        change 1 -a:9 -1000 etag=9 expect=5 => !EtagMismatch;
        change 1 -a:9 -1000 expect=5 => !LineQuantityExceeded;
        change 1 -1000 expect=5 => !ValueBelowMinimum value=-900;
        change 1 -50 expect=5 => !ValueBelowInvoiced value=50 invoiced=60;
        change 1 +50 expect=5 => !ValueUnexpected value=150 expected=5;
        change 1 +50 expect=150 => !ValueAboveRoom value=150 room=40 missing=50;
        see order value=100 changes=0; change 1 -40 expect=60 => -;
        change 1 -x:1 => !RequestIdReused",
    );
    check(
        "one that has ended",
        "order 100 a:3; pay card 100; invoice A 100; done; change 1 -a:9 -1000 etag=1 expect=5 => !EtagMismatch; change 1 -a:9 -1000 expect=5 => !OrderNotOpen Invoiced",
    );
    check(
        "canceled",
        "order 100 a:3; pay card 100; cancel; change 1 -a:9 -1000 expect=5 => !OrderNotOpen Canceled; cancel => !OrderNotOpen Canceled",
    );
    check(
        "the least value",
        "order 100; pay card 100; change 1 -100 => !ValueBelowMinimum value=0; change 1 -99 => -; see order value=1",
    );
}

#[test]
fn as_many_as_are_allowed() {
    let many = (1..=1000).map(|step| format!("change {step} -1 +1;")).collect::<Vec<_>>().concat();
    check(
        "changes",
        &format!(
            "order 100 a:3; pay card 100; {many} see order changes=1000; change 1001 -a:9 => !TooManyChanges maximum: 1000; change 1000 -1 +1 => -"
        ),
    );
    let lines = (0..499).map(|line| format!(" l{line}:1")).collect::<Vec<_>>().concat();
    check(
        "lines",
        &format!(
            "order 1000{lines}; change 1 +x:1 +y:1 -l1:9 => !TooManyLines maximum: 500; change 1 -l1:1 +x:1 => -; change 2 -l2:1 +y:1 => !TooManyLines"
        ),
    );
}

/// Every violation is named, by the field that it stands in.
#[test]
fn what_can_never_be_right() {
    let mut books = Books::new();
    books.play(&Command::CreateOrder(order(100, &[("a", 3)]))).unwrap();
    let invalid = |books: &mut Books, fields: &[&str], wrong: &dyn Fn(&mut ChangeOrder)| {
        let mut command = change("1");
        wrong(&mut command);
        command.content = content(&fields);
        let Err(Rejection::Invalid(violations)) = books.play(&Command::ChangeOrder(Box::new(command))) else {
            panic!("{fields:?} must be refused");
        };
        assert_eq!(violations.iter().map(|row| row.field.as_str()).collect::<Vec<_>>(), fields);
    };
    let removed = |line: &str, quantity| RemovedLine { line_id: LineId::trusted(line), quantity };
    let most = AMOUNT_MAX;
    invalid(
        &mut books,
        &["added_lines[0].unit_price.currency_code", "manual_increment.currency_code"],
        &|command| {
            let of = |field: &str, code: &str| (field.to_owned(), currency(code));
            command.currencies = vec![
                of("added_lines[0].unit_price", "USD"),
                of("manual_discount", "BRL"),
                of("manual_increment", "JPY"),
            ];
        },
    );
    invalid(
        &mut books,
        &[
            "removed_lines[0].line_id",
            "removed_lines[0].quantity",
            "removed_lines[2].line_id",
            "removed_lines[3].line_id",
            "removed_lines[3].quantity",
        ],
        &|command| {
            command.removed_lines = vec![removed("x", 0), removed("a", 1), removed("a", 1), removed("a", -1)];
        },
    );
    invalid(
        &mut books,
        &["added_lines[1].line_id", "added_lines[1].quantity", "added_lines[2].unit_price.amount"],
        &|command| {
            command.added_lines = vec![line("b", 1, 0), line("b", 0, 1), line("c", 1, -1)];
        },
    );
    invalid(&mut books, &["manual_discount.amount", "manual_increment.amount"], &|command| {
        (command.manual_discount, command.manual_increment) = (-1, -1);
    });
    invalid(&mut books, &["added_lines"], &|command| {
        command.added_lines = vec![line("b", 1_000_000_000, most)];
    });
    invalid(&mut books, &["added_lines"], &|command| command.added_lines = vec![line("b", 1, most - 99)]);
    invalid(&mut books, &["manual_increment"], &|command| command.manual_increment = most);
    invalid(&mut books, &["manual_increment"], &|command| {
        (command.manual_discount, command.manual_increment) = (most, most + 1);
    });
    assert_eq!(books.order().value, 100);
}

#[test]
fn the_largest_amounts() {
    let most = AMOUNT_MAX;
    let (less, rest) = (most - 1, most - 2);
    check(
        "a value",
        &format!(
            "order 1; change 1 +{less} => -; see order value={most}; change 2 +1 => !Invalid manual_increment; change 3 -{less} => -; change 4 +1 => -; see order value=2"
        ),
    );
    check(
        "the sum of increments, and of discounts",
        &format!(
            "order 1; change 1 +{less} -{less}; change 2 +1 -1 => -; change 3 +1 -1 => !Invalid manual_discount; change 4 +1 => !Invalid manual_increment; see order value=1"
        ),
    );
    check(
        "lines",
        &format!(
            "order 1; change 1 +{rest}; change 2 +x:1 => -; see order value={most}; change 3 +y:1 => !Invalid added_lines"
        ),
    );
}

/// The answer names every line as it is after the change, in their order, the new ones last.
#[test]
fn the_answer_has_all_lines() {
    let mut books = played("lines", "order 10 b:3 a:3 c:3; change 1 +z:1 +y:1; change 2 -b:1");
    let removed_lines = vec![RemovedLine { line_id: LineId::trusted("a"), quantity: 2 }];
    let added_lines = vec![line("x", 4, 1)];
    let command = ChangeOrder { removed_lines, added_lines, ..change("3") };
    let decision = books.play(&Command::ChangeOrder(Box::new(command))).unwrap();
    let Reply::Changed(_, lines, row, _) = decision.reply else { panic!("a change") };
    let told: Vec<_> =
        lines.iter().map(|line| (line.line_id.as_str(), line.position, line.remaining())).collect();
    let expected = [("b", 0, 2), ("a", 1, 1), ("c", 2, 3), ("z", 3, 1), ("y", 4, 1), ("x", 5, 4)];
    assert_eq!(told, expected);
    assert_eq!(lines, books.all.lines_of(&Books::key()));
    assert_eq!((row.value_before, row.value_after), (11, 13));
}
