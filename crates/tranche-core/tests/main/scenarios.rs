//! The scenarios that say what Tranche does, one row per way to settle.
//!
//! All are of an order of 10000 minor units. TOTAL and HOLD are on a connector that settles once and keeps the rest, so
//! that a release is a call, unless NONE is said.

mod currencies;

use crate::language::check;

/// The end of an order whose money is where it should be.
const FINISHED: &str = "see order state=Invoiced transaction=Finished";

/// Plays each row's script on one payment that settles as the row says.
fn on_card(rows: &[(&str, &str)]) {
    for (able, script) in rows {
        check(able, &format!("order 10000; pay card 10000 {able}; {script}"));
    }
}

/// The same on a gift card of 3000 and a card of 7000.
fn on_two(rows: &[(&str, &str)]) {
    for (able, script) in rows {
        check(able, &format!("order 10000; pay gift 3000 {able}; pay card 7000 {able}; {script}"));
    }
}

#[test]
fn scenarios_1_and_2_two_invoices() {
    for (able, first, second) in [
        ("TOTAL ONCE", "settle card 10000", "-"),
        ("TOTAL NONE", "settle card 10000", "-"),
        ("HOLD ONCE", "-", "settle card 10000"),
        ("HOLD NONE", "-", "settle card 10000"),
        ("PARTIAL", "settle card 2000", "settle card 8000"),
    ] {
        let script = format!(
            "invoice A 2000 => {first}; quiet => -; invoice B 8000 => {second}; quiet => -; see card settled=10000; {FINISHED}"
        );
        on_card(&[(able, &script)]);
    }
}

#[test]
fn scenarios_3_and_4_a_lower_value_and_its_invoice() {
    let in_parts = format!(
        "change 1 -2000 => -; invoice A 8000 => settle card 8000; done => cancel card 2000; done => -; {FINISHED}"
    );
    let whole = format!(
        "change 1 -2000 => -; invoice A 8000 => settle card 10000; done => refund card#1 2000; done => -; {FINISHED}"
    );
    on_card(&[
        ("TOTAL ONCE", &in_parts),
        ("HOLD ONCE", &in_parts),
        ("PARTIAL", &in_parts),
        ("TOTAL NONE", &whole),
        ("HOLD NONE", &whole),
    ]);
    check(
        "released at once",
        &format!(
            "order 10000 IMMEDIATELY; pay card 10000 CANCELS_PARTS; change 1 -2000 => cancel card 2000; done; invoice A 8000 => settle card 8000; done => -; {FINISHED}"
        ),
    );
}

#[test]
fn scenario_5_returns_after_two_invoices() {
    let one = "invoice A 2000; quiet; invoice B 8000; quiet; return R 2000 => refund card#1 2000; done; return S 8000 => refund card#1 8000; done => -;
        see card given-back=10000; see order returned=10000 transaction=Finished";
    let small_first = "invoice A 2000; quiet; invoice B 8000; quiet; return R 2000 => refund card#1 2000; done; return S 8000 => refund card#2 8000; done => -; see card given-back=10000";
    let large_first = "invoice A 2000; quiet; invoice B 8000; quiet; return S 8000 => refund card#1 2000, refund card#2 6000; quiet; return R 2000 => refund card#2 2000; done => -; see card given-back=10000";
    on_card(&[
        ("TOTAL ONCE", one),
        ("TOTAL NONE", one),
        ("HOLD ONCE", one),
        ("HOLD NONE", one),
        ("PARTIAL", small_first),
        ("PARTIAL", large_first),
    ]);
}

#[test]
fn scenarios_6_and_7_a_gift_card_and_a_card() {
    on_two(&[
        (
            "TOTAL ONCE",
            "invoice A 2000 => settle gift 3000; done; invoice B 5000 => settle card 7000; done; see gift ahead=0; see card ahead=3000",
        ),
        (
            "TOTAL NONE",
            "invoice A 2000 => settle gift 3000; done; invoice B 5000 => settle card 7000; done; see gift ahead=0; see card ahead=3000",
        ),
        (
            "HOLD ONCE",
            "invoice A 2000 => -; invoice B 5000 => settle gift 3000; done => -; see card held=4000",
        ),
        (
            "HOLD NONE",
            "invoice A 2000 => -; invoice B 5000 => settle gift 3000; done => -; see card held=4000",
        ),
        (
            "PARTIAL",
            "invoice A 2000 => settle gift 2000; done; invoice B 5000 => settle card 4000, settle gift 1000; quiet => -; see gift room=0; see card room=3000",
        ),
    ]);
}

#[test]
fn scenario_8_one_payment_in_total_and_one_in_parts() {
    for able in ["ONCE", "NONE"] {
        let script = format!(
            "order 10000; pay gift 3000 TOTAL {able}; pay card 7000 PARTIAL; invoice A 2000 => settle gift 3000; done => -; invoice B 8000 => settle card 7000; done => -; {FINISHED}"
        );
        check(able, &script);
    }
}

#[test]
fn scenarios_9_to_11_an_order_of_which_something_is_invoiced() {
    for able in ["TOTAL ONCE", "TOTAL NONE", "HOLD ONCE", "HOLD NONE", "PARTIAL"] {
        let canceled = "invoice A 2000; cancel => !OrderHasInvoices invoiced=2000; done; cancel => !OrderHasInvoices; see order state=PartiallyInvoiced";
        let below = "invoice A 6000; change 1 -5000 => !ValueBelowInvoiced value=5000 invoiced=6000; see order value=10000 changes=0";
        on_card(&[(able, canceled), (able, below)]);
    }
    let all_given_back =
        format!("invoice A 2000; quiet; change 1 -8000 => refund card#1 8000; done => -; {FINISHED}");
    on_card(&[
        ("TOTAL ONCE", &all_given_back),
        ("TOTAL NONE", &all_given_back),
        (
            "HOLD ONCE",
            "invoice A 2000; change 1 -8000 => settle card 2000; done => cancel card 8000; done => -; see order state=Invoiced transaction=Finished",
        ),
        (
            "HOLD NONE",
            "invoice A 2000; change 1 -8000 => settle card 10000; done => refund card#1 8000; done => -; see order state=Invoiced transaction=Finished",
        ),
        (
            "PARTIAL",
            "invoice A 2000; done; change 1 -8000 => cancel card 8000; done => -; see order state=Invoiced transaction=Finished",
        ),
    ]);
}

#[test]
fn scenarios_12_and_17_too_much_or_too_little() {
    for able in ["TOTAL ONCE", "TOTAL NONE", "HOLD ONCE", "HOLD NONE", "PARTIAL"] {
        let invoices = "invoice A 0 => !Invalid value.amount; invoice A -1 => !Invalid value.amount;
            invoice A 10001 => !InvoiceAboveRemaining value=10000 invoiced=0 remaining=10000; see order version=2 state=Open; see card asked=0";
        let returns = "invoice A 2000; quiet; return R 2001 => !ReturnAboveInvoiced value=2001 invoiced=2000 returned=0; see order returned=0; see card returned=0";
        on_card(&[(able, invoices), (able, returns)]);
    }
}

#[test]
fn scenario_13_two_invoices_at_once() {
    // That two calls have two ids is checked with every operation that is written.
    on_card(&[
        ("TOTAL ONCE", "invoice A 1000 => settle card 10000; invoice B 1000 => -; quiet => -"),
        ("TOTAL NONE", "invoice A 1000 => settle card 10000; invoice B 1000 => -; quiet => -"),
        ("HOLD ONCE", "invoice A 1000 => -; invoice B 1000 => -; quiet => -; see card held=2000"),
        ("HOLD NONE", "invoice A 1000 => -; invoice B 1000 => -; quiet => -; see card held=2000"),
        (
            "PARTIAL",
            "invoice A 1000 => settle card 1000; invoice B 1000 => settle card 1000; quiet => -; see card settled=2000",
        ),
    ]);
}

#[test]
fn scenario_18_a_refusal_and_the_next_invoice() {
    on_card(&[
        (
            "TOTAL ONCE",
            "invoice A 2000; refused card#1; invoice B 1000 => settle card 10000; see card#2 state=sent; see card lacking=0",
        ),
        (
            "TOTAL NONE",
            "invoice A 2000; refused card#1; invoice B 1000 => settle card 10000; see card#2 state=sent; see card lacking=0",
        ),
        ("HOLD ONCE", "invoice A 2000 => -; invoice B 1000 => -; see card held=3000 lacking=0"),
        ("HOLD NONE", "invoice A 2000 => -; invoice B 1000 => -; see card held=3000 lacking=0"),
        (
            "PARTIAL",
            "invoice A 2000; refused card#1; invoice B 1000 => settle card 1000; see card lacking=2000; done => -; see card lacking=2000 settled=1000",
        ),
    ]);
}

#[test]
fn scenario_20_in_proportion() {
    check(
        "no part is above its payment, and the sums are exact",
        "order 300 PROPORTIONAL; pay card 100; pay gift 200; invoice A 100 => settle card 33, settle gift 67; invoice B 100 => settle card 34, settle gift 66;
        invoice C 100 => settle card 33, settle gift 67; quiet; see card settled=100; see gift settled=200; see order transaction=Finished",
    );
}

#[test]
fn scenario_21_a_lower_value_where_only_the_whole_can_be_settled() {
    on_card(&[(
        "TOTAL NONE",
        "change 1 -2000 => -; invoice A 3000 => settle card 10000; done => refund card#1 2000; done; see card ahead=5000; invoice B 5000 => -; see order state=Invoiced transaction=Finished",
    )]);
}

#[test]
fn scenario_22_a_settlement_that_nobody_can_tell_and_a_canceled_order() {
    for able in ["TOTAL ONCE", "TOTAL NONE"] {
        on_card(&[
            (
                able,
                "invoice A 2000; unknown card#1; void A => -; cancel => -; see order state=Canceled transaction=Open; wait 1; lease card#1; done card#1 => refund card#1 10000; done => -; see order transaction=Canceled",
            ),
            (
                able,
                "invoice A 2000; void A => -; cancel => -; refused card#1 => cancel card 10000; done => -; see order transaction=Canceled",
            ),
        ]);
    }
    for able in ["HOLD ONCE", "HOLD NONE", "PARTIAL"] {
        on_card(&[
            (
                able,
                "invoice A 10000; unknown card#1; void A => -; cancel => -; see order state=Canceled transaction=Open; wait 1; lease card#1; done card#1 => refund card#1 10000; done => -; see order transaction=Canceled",
            ),
            (
                able,
                "invoice A 10000; void A => -; cancel => -; refused card#1 => cancel card 10000; done => -; see order transaction=Canceled",
            ),
        ]);
    }
    on_card(&[(
        "PARTIAL",
        "invoice A 2000; unknown card#1; void A; cancel => -; wait 1; lease card#1; done card#1 => refund card#1 2000, cancel card 8000; quiet; see order transaction=Canceled",
    )]);
}
