//! What an invoice may ask, and how it is refused.

use tranche_core::bounds::INVOICES_PER_ORDER_MAX;
use tranche_core::command::Command;
use tranche_core::order::Order;
use tranche_core::rejection::Rejection;

use crate::books::Books;
use crate::commands::{input, invoice};
use crate::language::{check, played};

#[test]
fn values() {
    for able in ["TOTAL NONE", "TOTAL ONCE", "HOLD ONCE", "PARTIAL"] {
        check(able, &format!("order 10000; pay card 10000 {able}; invoice A 0 => !Invalid value; invoice A -1 => !Invalid value;
            invoice A 10001 => !InvoiceAboveRemaining value=10000 invoiced=0 remaining=10000; see order version=2 state=Open; invoice A 10000 => settle card 10000;
            invoice B 1 => !InvoiceAboveRemaining invoiced=10000 remaining=0"));
    }
    check(
        "before the payments are known",
        "order 10000; invoice A 2000 => !OrderWithoutTransaction; invoice A 10001 => !InvoiceAboveRemaining",
    );
    check("no order", "invoice A 2000 => !OrderNotFound; invoice A 0 => !OrderNotFound");
}

#[test]
fn explicit_legs() {
    let two = |rest: &str| format!("order 10000; pay card 7000; pay gift 3000; {rest}");
    check(
        "more or less than the invoice",
        &two(
            "invoice A 1000 card:500 gift:400 => !Invalid payments; invoice A 1000 card:1000 gift:400 => !Invalid payments",
        ),
    );
    check("named twice", &two("invoice A 1000 card:500 card:500 => !Invalid payments[1]"));
    check(
        "nothing, or less",
        &two(
            "invoice A 1000 card:1000 gift:0 => !Invalid payments[1]; invoice A 1000 card:1001 gift:-1 => !Invalid payments[1]",
        ),
    );
    check(
        "unknown",
        &two("invoice A 1000 bank:1000 => !Invalid payments[0]; invoice A 99999 bank:99999 => !Invalid"),
    );
    check(
        "beyond its room",
        &two(
            "invoice A 4000 gift:4000 => !PaymentAboveRoom gift amount=4000 left=3000; invoice A 4000 gift:3000 card:1000 => settle card 1000, settle gift 3000",
        ),
    );
    // Only where less was settled than the order needs can more than one be asked too much.
    check(
        "beyond the room of several",
        "order 10000; pay card 5000 TOTAL ONCE; pay gift 5000 TOTAL ONCE; invoice A 2000 card:1000 gift:1000; done card#1 1500; done gift#1 1600;
        invoice B 1300 card:600 gift:700 => !PaymentAboveRoom card amount=600 left=500 gift amount=700 left=600",
    );
}

#[test]
fn lines() {
    let lines = |rest: &str| format!("order 10000 a:2 b:1; pay card 10000; {rest}");
    check(
        "quantities",
        &lines(
            "invoice A 10 /a:1; invoice B 10 /a:2 => !LineQuantityExceeded 1; invoice B 10 /a:1 /b:1; invoice C 10 /b:1 => !LineQuantityExceeded; invoice C 9980",
        ),
    );
    check(
        "unknown",
        &lines("invoice A 10 /c:1 => !Invalid lines[0]; invoice A 10 /a:1 /c:1 => !Invalid lines[1]"),
    );
    check(
        "less than one",
        &lines("invoice A 10 /a:0 => !Invalid lines[0]; invoice A 10 /a:-1 => !Invalid lines[0]"),
    );
    check("named twice", &lines("invoice A 10 /a:2 /a:2 => !Invalid lines[1]"));
    check(
        "a refused invoice takes nothing",
        &lines("invoice A 10001 /a:2 => !InvoiceAboveRemaining; invoice A 10 /a:2"),
    );
}

#[test]
fn replays() {
    let card =
        |rest: &str| format!("order 10000; pay card 10000; invoice A 2000 => settle card 2000; {rest}");
    check(
        "the same is the same receipt",
        &card(
            "invoice A 2000 => -; done; invoice B 8000; invoice A 2000 => -; done; invoice A 2000 => -; see card asked=10000",
        ),
    );
    check(
        "other content is another invoice",
        &card(
            "invoice A 2001 => !AlreadyExists content; invoice A 99999 => !AlreadyExists; invoice A 2000 card:2000 => !AlreadyExists",
        ),
    );
    check(
        "numbers are bytes",
        &card("invoice a 1 => settle card 1; invoice A/ 1 => settle card 1; invoice Á 1 => settle card 1"),
    );
    check("validating writes nothing", "order 10000; pay card 10000 TOTAL ONCE; validate A 2000 => settle card 10000; validate A 10001 => !InvoiceAboveRemaining; see order version=2 remaining=10000;
        see card asked=0; invoice A 2000 => settle card 10000; validate A 2000 => -; validate A 1 => !AlreadyExists; validate B 100 => -; see card asked=2000");
    check(
        "tracking",
        &card(
            "track A dhl => -; heard TrackingUpdated; track A ups => -; tracked A ups => -; track A dhl => -; tracked A ups => -; track B dhl => !InvoiceNotFound; done; track A post => -; invoice A 2000 => -",
        ),
    );
}

#[test]
fn an_order_has_so_many_invoices() {
    let mut books = played("limit", "order 10000; pay card 10000; invoice A 2000");
    let order = Order { invoices: INVOICES_PER_ORDER_MAX - 1, ..books.order() };
    books.all.orders.write(Books::key(), order);
    let notify = |number: &str| Command::NotifyInvoice(Box::new(invoice(number, 1, &[], &[])));
    books.play(&notify("last")).unwrap();
    let maximum = INVOICES_PER_ORDER_MAX;
    assert_eq!(books.play(&notify("more")), Err(Rejection::TooManyInvoices { maximum }));
    assert!(books.play(&notify("last")).is_ok(), "a repeat is no further invoice");
    let returned = Command::NotifyInvoice(Box::new(input("back", 1, &[], &[])));
    assert_eq!(books.play(&returned), Err(Rejection::TooManyInvoices { maximum }));
}
