//! Commands of one order that meet in one batch, decided one after the other on rows that were loaded before the first.

use tranche_core::command::Command;
use tranche_core::connector::PartialSettlement;

use crate::commands::{add, cancel, capabilities, change_by, connector, input, invoice, payment, void};
use crate::language::played;
use crate::{invariants, sight};

fn notify(number: &str, value: i64) -> Command {
    Command::NotifyInvoice(Box::new(invoice(number, value, &[], &[])))
}

fn give_back(number: &str, value: i64) -> Command {
    Command::NotifyInvoice(Box::new(input(number, value, &[], &[])))
}

fn take_back(number: &str, request: &str) -> Command {
    Command::VoidInvoice(void(number, request))
}

fn change(request: &str, amount: i64) -> Command {
    Command::ChangeOrder(Box::new(change_by(request, amount)))
}

fn end(request: &str) -> Command {
    Command::CancelOrder(cancel(request))
}

/// Plays a script on an order of 10000, then the commands together, and looks at the payment `card`.
fn check(script: &str, commands: &[Command], answers: &[&str], card: &[&str]) {
    let script = format!("order 10000; pay card 10000 {script}; wait 1");
    let mut books = played(&script, &script);
    let answered = books.play_together(commands).into_iter().map(|decision| match decision {
        Ok(_) => "ok".to_owned(),
        Err(rejection) => format!("{rejection:?}").split([' ', '(']).next().unwrap().to_owned(),
    });
    assert_eq!(answered.collect::<Vec<_>>(), answers, "{script}");
    invariants::check(&books, &script);
    sight::see(&books, "card", card);
}

#[test]
fn the_later_one_is_answered_by_what_the_earlier_one_left() {
    let ok_and = |second| ["ok", second];
    check("", &[end("1"), notify("A", 1)], &ok_and("OrderNotOpen"), &["canceling=10000", "asked=0"]);
    check("", &[notify("A", 1), end("1")], &ok_and("OrderHasInvoices"), &["canceling=0", "asked=1"]);
    check("", &[change("1", -8000), notify("A", 8000)], &ok_and("InvoiceAboveRemaining"), &["asked=0"]);
    check("", &[notify("A", 8000), change("1", -8000)], &ok_and("ValueBelowInvoiced"), &["asked=8000"]);
    check("", &[change("1", -1), change("1", -1)], &ok_and("ok"), &["room=10000"]);
    check("", &[change("1", -1), change("1", -2)], &ok_and("RequestIdReused"), &["room=10000"]);
    check("", &[end("1"), end("1"), end("2")], &["ok", "ok", "OrderNotOpen"], &["canceling=10000"]);
    check(
        "",
        &[notify("A", 2000), notify("A", 2000), notify("A", 1)],
        &["ok", "ok", "AlreadyExists"],
        &["asked=2000"],
    );
    let returns = [give_back("R", 1500), give_back("S", 1500)];
    check("; invoice A 2000; done", &returns, &ok_and("ReturnAboveInvoiced"), &["returning=1500"]);
    let voids = [take_back("A", "1"), take_back("A", "1"), take_back("A", "2")];
    check("; invoice A 2000; done", &voids, &["ok", "ok", "InvoiceNotVoidable"], &["ahead=2000"]);
    let both = [give_back("R", 1), take_back("A", "1")];
    check("; invoice A 2000; done", &both, &ok_and("InvoiceNotVoidable"), &["returning=1"]);
    let both = [take_back("A", "1"), give_back("R", 1)];
    check("; invoice A 2000; done", &both, &ok_and("ReturnAboveInvoiced"), &["ahead=2000"]);
}

#[test]
fn what_the_earlier_one_made_due_is_at_hand() {
    let ok = ["ok", "ok"];
    let settled = "; invoice A 2000; done";
    check(settled, &[take_back("A", "1"), change("2", -9000)], &ok, &["refunding=1000", "ahead=1000"]);
    check(settled, &[take_back("A", "1"), end("2")], &ok, &["refunding=2000", "canceling=8000"]);
    check(settled, &[take_back("A", "1"), notify("B", 2500)], &ok, &["settling=500", "ahead=0"]);
    let two = "; calls 0; invoice A 2000; invoice B 3000";
    check(two, &[take_back("A", "1"), take_back("B", "2")], &ok, &["settling=0", "room=10000"]);
    check("; calls 0", &[notify("A", 2000), take_back("A", "1")], &ok, &["settling=0", "room=10000"]);
    // Its call goes out with the commit, so that it is not taken for unsent.
    check("", &[notify("A", 2000), take_back("A", "1")], &ok, &["settling=2000", "ahead=0"]);
    check("TOTAL NONE", &[notify("A", 2000), change("1", -8000)], &ok, &["settling=10000", "room=8000"]);
    check("HOLD ONCE", &[notify("A", 2000), change("1", -8000)], &ok, &["settling=2000", "held=0"]);
}

#[test]
fn a_payment_that_is_added_is_known_to_the_next() {
    let mut books = played("added", "order 10000; pay card 10000; wait 1");
    let able = capabilities(PartialSettlement::Multiple { max: None });
    books.play(&Command::WriteConnector(connector("c", None, able))).unwrap();
    let gift = Command::AddPayment(Box::new(add("add", payment("gift", "c", 500, None))));
    let commands = [change("1", 500), gift, change("1", 500), notify("A", 10500)];
    let decisions = books.play_together(&commands);
    let is_accepted: Vec<bool> = decisions.iter().map(Result::is_ok).collect();
    assert_eq!(is_accepted, [false, true, true, true]);
    invariants::check(&books, "added");
    sight::see(&books, "card", &["settling=10000"]);
    sight::see(&books, "gift", &["settling=500"]);
}
