//! Settlements that are too small for a connector.

use tranche_core::command::Command;
use tranche_core::connector::PartialSettlement;
use tranche_core::money::Money;

use crate::books::Books;
use crate::commands::{capabilities, connector, currency, order, payment, transaction};
use crate::language::check;

fn card(name: &str, rest: &str) {
    check(name, &format!("order 10000; pay card 10000 minimum=500; {rest}"));
}

#[test]
fn a_small_leg_waits_for_the_next_one() {
    card(
        "until they are enough together",
        "invoice A 300 => -; see card held=300 lacking=0; invoice B 199 => -; invoice C 1 => settle card 500; done => -; see card held=0 settled=500",
    );
    card(
        "exactly the minimum is enough",
        "invoice A 500 => settle card 500; invoice B 499 => -; invoice C 600 => settle card 1099",
    );
    card(
        "the last one takes it along",
        "invoice A 300 => -; invoice B 9700 => settle card 10000; done; see order transaction=Finished",
    );
    card(
        "planned",
        "validate A 300 => -; validate A 500 => settle card 500; invoice A 300; validate B 200 => settle card 500; validate B 199 => -",
    );
    card(
        "the difference of a short one",
        "invoice A 1000; done card#1 600 => -; see card held=400; invoice B 99 => -; invoice C 1 => settle card 500",
    );
    card(
        "a refused one is not taken along",
        "invoice A 600; refused card#1; invoice B 300 => -; see card lacking=600 held=300; invoice C 200 => settle card 500; done; see card lacking=600",
    );
    card(
        "of two payments each waits for its own",
        "add gift 10000; invoice A 300 card:300 => -; invoice B 400 gift:400 => settle gift 400; see card held=300; invoice C 200 card:200 => settle card 500",
    );
    card(
        "what is voided waits no more",
        "invoice A 300 => -; void A; see card held=0; invoice B 300 => -; invoice C 200 => settle card 500",
    );
    card(
        "an order of which it waits is not canceled",
        "invoice A 300; cancel => !OrderHasInvoices; void A; cancel => cancel card 10000",
    );
    check(
        "what is ahead needs no settlement",
        "order 1000; pay card 1000 TOTAL ONCE minimum=500; invoice A 3 => settle card 1000; done; invoice B 997 => -; see order transaction=Finished",
    );
}

#[test]
fn without_a_next_one_it_lacks() {
    card(
        "nothing remains to invoice",
        "invoice A 9600; done; invoice B 400 => lack card 400; see card held=0 lacking=400; see order state=PartiallyInvoiced transaction=Open",
    );
    card(
        "once what is under way has brought all of it",
        "invoice A 9600; invoice B 400 => -; see card held=400 lacking=0; done => lack card 400; see card held=0 lacking=400",
    );
    card(
        "unless that brings less",
        "invoice A 9600; invoice B 400; done card#1 9500 => settle card 500; done; see card lacking=0; see order transaction=Finished",
    );
    card(
        "or nothing",
        "invoice A 9600; invoice B 400; refused card#1 => lack card 400; see card lacking=10000 held=0",
    );
    card(
        "a lower value leaves nothing to invoice",
        "invoice A 300 => -; change 1 -9700 => lack card 300; see card held=0 lacking=300; see order state=PartiallyInvoiced; change 2 +1000 => -; invoice B 1000 => settle card 1000; done; see card lacking=300 settled=1000",
    );
    check(
        "the payment is full",
        "order 1000; pay card 400 minimum=500; pay gift 600; invoice A 300 => -; see card held=300; invoice B 100 => lack card 400; see card held=0 lacking=400; see order state=PartiallyInvoiced; invoice C 600 => settle gift 600; done; see order state=PartiallyInvoiced",
    );
    check(
        "the rest of the order went to others",
        "order 1000; pay card 300 minimum=500; pay gift 800; invoice A 200 card:200 => -; invoice B 800 gift:800 => lack card 200, settle gift 800; see card lacking=200; done => -; see card canceling=0",
    );
    card(
        "it keeps the rest",
        "change 1 -9000; invoice A 700; done; invoice B 300 => lack card 300; see card lacking=300 room=9000 canceling=0; void B; change 2 -300 => cancel card 9300; done; see order transaction=Finished",
    );
}

#[test]
fn in_other_modes() {
    check(
        "total asks for more than the leg",
        "order 1000; pay card 1000 TOTAL ONCE minimum=500; invoice A 1 => settle card 1000",
    );
    for able in ["TOTAL ONCE", "TOTAL NONE"] {
        check(
            &format!("{able} of less than the minimum"),
            &format!(
                "order 1000; pay card 400 {able} minimum=500; pay gift 600; invoice A 300 card:300 => -; see card held=300; invoice B 100 card:100 => lack card 400; see card lacking=400; invoice C 600 => settle gift 600"
            ),
        );
    }
    check(
        "total of less than the minimum, and nothing follows",
        "order 300; pay card 1000 TOTAL ONCE minimum=500; invoice A 100 => -; see card held=100; invoice B 200 => lack card 300; see card lacking=300 settling=0",
    );
    check(
        "a whole authorization is enough",
        "order 300; pay card 1000 TOTAL NONE minimum=500; invoice A 100 => settle card 1000; done => refund card#1 700; invoice B 200; done; see order transaction=Finished",
    );
    check(
        "hold",
        "order 1000; pay card 1000 HOLD ONCE minimum=500; invoice A 499 => -; invoice B 501 => settle card 1000",
    );
    check(
        "hold of less than the minimum",
        "order 400; pay card 1000 HOLD ONCE minimum=500; invoice A 300 => -; see card held=300; invoice B 100 => lack card 400; see card held=0 lacking=400",
    );
    check(
        "hold, a lower value leaves less",
        "order 1000; pay card 1000 HOLD ONCE minimum=500; invoice A 400; change 1 -600 => lack card 400; see card lacking=400",
    );
    check(
        "hold of a whole authorization",
        "order 400; pay card 1000 HOLD NONE minimum=500; invoice A 400 => settle card 1000; done => refund card#1 600",
    );
    check(
        "the last settlement that is allowed",
        "order 1000; pay card 1000 max=2 minimum=300; invoice A 300 => settle card 300; done; invoice B 500 => -; see card held=500; invoice C 200 => settle card 700",
    );
    check(
        "that is too small",
        "order 1000; pay card 1000 max=2 minimum=500; invoice A 600; done; invoice B 400 => lack card 400; see card lacking=400",
    );
}

#[test]
fn only_settlements_have_one() {
    check(
        "refunds",
        "order 1000; pay card 1000 minimum=500; invoice A 1000; done; return R 1 => refund card#1 1",
    );
    check("releases", "order 1000; pay card 1001 minimum=500; invoice A 1000; done => cancel card 1");
}

/// The payment has the connector's minimum in its own currency, as it was when the payment was created.
#[test]
fn the_minimum_of_the_payments_currency() {
    let mut books = Books::new();
    let mut command = connector("c", None, capabilities(PartialSettlement::Multiple { max: None }));
    let amount = |code: &str, minor| Money { currency: currency(code), minor };
    command.configuration.minimum_amounts = vec![amount("USD", 700), amount("BRL", 500)];
    books.play(&Command::WriteConnector(command)).unwrap();
    books.play(&Command::CreateOrder(order(100, &[]))).unwrap();
    let payments = vec![payment("card", "c", 100, None)];
    books.play(&Command::CreateTransaction(transaction("t", payments))).unwrap();
    assert_eq!(books.payments()[0].minimum, 500);
}
