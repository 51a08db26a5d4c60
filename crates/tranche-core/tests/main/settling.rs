//! Which invoice settles what, by mode, capability and allocation.

use crate::language::check;

#[test]
fn the_last_settlement_says_so() {
    let card = |name: &str, rest: &str| check(name, &format!("order 10000; pay card 10000; {rest}"));
    card("while something remains", "invoice A 2000; see card#1 final=false");
    card("alone at the end", "invoice A 2000; done; invoice B 8000; see card#2 final=true");
    card(
        "beside one that is under way",
        "invoice A 2000; invoice B 8000; see card#1 final=false; see card#2 final=false",
    );
    card("while another lacks", "invoice A 2000; refused card#1; invoice B 8000; see card#2 final=false");
    card(
        "the rest of one that was short",
        "invoice A 10000; see card#1 final=true; done card#1 4000; see card#2 final=true",
    );
}

/// One order of 10000 on one payment: what two invoices start.
fn one_payment(name: &str, able: &str, first: &str, second: &str, quiet: &str) {
    let script = format!(
        "order 10000; pay card 10000 {able}; invoice A 2000 => {first}; done; invoice B 8000 => {second}; quiet => {quiet};
         see order state=Invoiced transaction=Finished; see card settled=10000 canceled=0 room=0; invoice C 1 => !InvoiceAboveRemaining remaining=0"
    );
    check(name, &script);
}

#[test]
fn two_invoices() {
    for cap in ["NONE", "ONCE", "ONCE RELEASED", ""] {
        one_payment("total", &format!("TOTAL {cap}"), "settle card 10000", "-", "-");
        one_payment("hold", &format!("HOLD {cap}"), "-", "settle card 10000", "-");
    }
    one_payment("partial", "", "settle card 2000", "settle card 8000", "-");
    one_payment("partial, two at most", "max=2", "settle card 2000", "settle card 8000", "-");
    one_payment("partial, many at most", "max=9", "settle card 2000", "settle card 8000", "-");
}

#[test]
fn the_last_allowed_settlement_waits_for_the_end() {
    check("three at most", "order 10000; pay card 10000 max=3; invoice A 1000 => settle card 1000; done; invoice B 1000 => settle card 1000;
        done; invoice C 1000 => -; see card held=1000 room=7000; invoice D 2000 => -; invoice E 5000 => settle card 8000; see card#1 final=false;
        see card#3 final=true; done; see order transaction=Finished");
    check("it waits for the one before it", "order 10000; pay card 10000 max=2; invoice A 2000 => settle card 2000; invoice B 8000 => -;
        see order state=PartiallyInvoiced; see card#1 final=false; done => settle card 8000; quiet => -; see order transaction=Finished");
    check("full, though the order is not", "order 10000 CREATED_FIRST; pay card 3000 max=2; pay gift 7000 HOLD; invoice A 1000 => settle card 1000;
        done; invoice B 4000 => settle card 2000; see gift held=2000; see card#2 final=true");
    check("a refusal gives the settlement back", "order 10000; pay card 10000 max=2; invoice A 2000 => settle card 2000; invoice B 3000 => -;
        refused card#1 => settle card 3000; see card lacking=2000 held=0; done; invoice C 5000 => settle card 5000; done;
        see order state=PartiallyInvoiced transaction=Open");
    check("the last one brings less", "order 10000; pay card 10000 max=2; invoice A 2000 => settle card 2000; done; invoice B 8000 => settle card 8000;
        done card#2 7500 => lack card 500; see card lacking=500 room=0; see order state=PartiallyInvoiced");
}

#[test]
fn what_nothing_needs_is_released_at_the_end() {
    let end = "invoice A 2000; quiet; invoice B 8000; quiet;";
    for (able, last) in [
        ("TOTAL ONCE", "see card settled=10000 canceled=2000; see card#2 state=done final=true"),
        ("HOLD ONCE", "see card settled=10000 canceled=2000; see card#2 state=done"),
        ("PARTIAL", "see card settled=10000 canceled=2000; see card#3 state=done"),
        ("PARTIAL max=2", "see card settled=10000 canceled=2000; see card#3 state=done"),
        ("TOTAL ONCE RELEASED", "see card settled=10000 canceled=2000"),
        ("HOLD ONCE RELEASED", "see card settled=10000 canceled=2000"),
        ("PARTIAL max=2 RELEASED", "see card settled=10000 canceled=2000"),
        ("TOTAL NONE", "see card settled=12000 refunded=2000 canceled=0"),
        ("HOLD NONE", "see card settled=12000 refunded=2000 canceled=0"),
    ] {
        let order = format!(
            "order 10000; pay card 12000 {able}; {end} {last}; see order state=Invoiced transaction=Finished"
        );
        check(able, &order);
    }
    check("no call where the provider does it", "order 8000; pay card 10000 TOTAL ONCE RELEASED; invoice A 8000 => settle card 8000; see card canceled=0;
        quiet => -; see card canceled=2000; see order transaction=Finished");
    check("no release before the answer", "order 8000; pay card 10000; invoice A 8000 => settle card 8000; unknown card#1 => -;
        see order state=PartiallyInvoiced; done card#1 => cancel card 2000; see order state=Invoiced transaction=Open; done; see order transaction=Finished");
    check(
        "nor while something lacks",
        "order 8000; pay card 10000; invoice A 8000; refused card#1 => -; see card lacking=8000 canceling=0",
    );
    check(
        "what was never touched goes with the last invoice",
        "order 3000; pay card 7000; pay gift 3000; invoice A 3000 => cancel card 7000, settle gift 3000",
    );
    check(
        "by hand",
        "order 8000 MANUAL; pay card 10000; invoice A 8000; quiet => -; see order state=Invoiced transaction=Open; see card canceling=0",
    );
    check(
        "a refused release is not repeated",
        "order 8000; pay card 10000; invoice A 8000; done => cancel card 2000; refused card#2 => -;
        see card unreleased=2000; done card#1 => -; see order transaction=Open",
    );
}

#[test]
fn two_payments() {
    let both =
        |able: &str, rest: &str| format!("order 10000; pay gift 3000 {able}; pay card 7000 {able}; {rest}");
    check(
        "total",
        &both(
            "TOTAL ONCE",
            "invoice A 2000 => settle gift 3000; done; invoice B 5000 => settle card 7000; done; invoice C 3000 => -; see order transaction=Finished",
        ),
    );
    check(
        "hold",
        &both(
            "HOLD ONCE",
            "invoice A 2000 => -; invoice B 5000 => settle gift 3000; done; invoice C 3000 => settle card 7000; done; see order transaction=Finished",
        ),
    );
    check(
        "partial",
        &both(
            "",
            "invoice A 2000 => settle gift 2000; done; invoice B 5000 => settle card 4000, settle gift 1000; quiet; invoice C 3000 => settle card 3000; quiet => -; see order transaction=Finished",
        ),
    );
    check("total and partial", "order 10000; pay gift 3000 TOTAL NONE; pay card 7000; invoice A 2000 => settle gift 3000; done; see gift ahead=1000;
        invoice B 8000 => settle card 7000; quiet => -; see order transaction=Finished");
    check(
        "what is ahead comes before a lower room",
        "order 10000; pay card 8000 TOTAL ONCE; pay gift 3000; invoice A 2000 card:2000 => settle card 8000; invoice B 1000 => -;
        see card asked=3000; see gift asked=0",
    );
    check(
        "ahead under way is used as well",
        "order 10000; pay gift 3000 TOTAL NONE; pay card 7000; invoice A 2000 => settle gift 3000; invoice B 1000 => -; see gift room=0",
    );
    check("total asks for no more than the order can need", "order 10000 CREATED_FIRST; pay card 8000 TOTAL ONCE; pay gift 8000 TOTAL ONCE; invoice A 2000 => settle card 8000;
        invoice B 7000 => settle gift 2000; quiet => -; see order state=PartiallyInvoiced; invoice C 1000 => cancel gift 6000");
}

#[test]
fn two_invoices_at_once() {
    let both = |able: &str, rest: &str| format!("order 10000; pay card 10000 {able}; {rest}");
    check(
        "total: one call",
        &both(
            "TOTAL ONCE",
            "invoice A 1000 => settle card 10000; invoice B 1000 => -; done => -; see card ahead=8000",
        ),
    );
    check(
        "hold: no call",
        &both("HOLD ONCE", "invoice A 1000 => -; invoice B 1000 => -; see card held=2000"),
    );
    check("partial: two calls, one after the other", &both("", "invoice A 1000 => settle card 1000; invoice B 1000 => settle card 1000;
        see card#1 state=sent; see card#2 state=waiting due=never; done card#1 => -; see card#2 state=sent attempts=1"));
}

#[test]
fn allocations() {
    check("three invoices in proportion", "order 300 PROPORTIONAL; pay card 100; pay gift 200; invoice A 100 => settle card 33, settle gift 67;
        invoice B 100 => settle card 34, settle gift 66; invoice C 100 => settle card 33, settle gift 67; quiet; see card settled=100; see gift settled=200; see order transaction=Finished");
    check(
        "the account's policy",
        "account PROPORTIONAL; order 300; pay card 100; pay gift 200; invoice A 3 => settle card 1, settle gift 2",
    );
    check(
        "in the order of creation",
        "order 300 CREATED_FIRST; pay gift 200; pay card 100; invoice A 250 => settle card 50, settle gift 200",
    );
    check("lowest room first, ties by creation", "order 300; pay gift 100; pay card 100; pay bank 100; invoice A 150 => settle card 50, settle gift 100;
        invoice B 51 => settle bank 1, settle card 50");
    check("explicit", "order 300; pay gift 100; pay card 200; invoice A 150 card:140 gift:10 => settle card 140, settle gift 10;
        invoice B 61 card:61 => !PaymentAboveRoom card amount=61 left=60; invoice B 60 card:60 => settle card 60; invoice C 90 => settle gift 90");
    check("explicit, beside what is ahead", "order 10000; pay card 8000 TOTAL ONCE; pay gift 8000 TOTAL ONCE; invoice A 2000 card:2000 => settle card 8000; done;
        invoice B 5000 gift:5000 => refund card#1 3000, settle gift 5000; see card room=3000; quiet; invoice C 3000 => cancel gift 3000; quiet; see order transaction=Finished");
}
