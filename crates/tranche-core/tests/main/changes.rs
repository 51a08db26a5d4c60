//! What changes of an order's lines or value do.

mod refusals;

use crate::language::check;

fn card(name: &str, rest: &str) {
    check(name, &format!("order 10000; pay card 10000; {rest}"));
}

#[test]
fn values() {
    card(
        "lower",
        "change 1 -2000 => -; see order value=8000 remaining=8000 changes=1; see card room=10000; heard OrderChanged; invoice A 8001 => !InvoiceAboveRemaining remaining=8000",
    );
    check("higher, as far as there is room", "order 10000; pay card 12000; change 1 +2000 => -; see order value=12000; change 2 +1 => !ValueAboveRoom value=12001 room=12000 missing=1;
        invoice A 12000 => settle card 12000; done; see order transaction=Finished");
    card(
        "lower and higher again",
        "change 1 -2000; change 2 +2000 => -; see order value=10000 changes=2; change 3 +1 => !ValueAboveRoom missing=1",
    );
    card(
        "both at once",
        "change 1 -300 +200 => -; see order value=9900; change 2 -5 +106 => !ValueAboveRoom value=10001 missing=1",
    );
    check(
        "before the payments are known",
        "order 10000; change 1 +5000 => -; change 2 -1 => -; see order value=14999 transaction=; pay card 14999; invoice A 14999 => settle card 14999",
    );
    card(
        "room that is asked is room no more",
        "invoice A 6000; change 1 +1 => !ValueAboveRoom value=10001 room=4000 missing=1; change 2 -1; change 3 +1 => -",
    );
    check(
        "a swap of equal value asks for no room, and releases none",
        "order 10000 a:1 IMMEDIATELY; pay card 12000 CANCELS_PARTS; change 1 -100 +100 => -; change 2 -a:1 +b:1 => -; see card room=12000; see order value=10000",
    );
    check(
        "nor where the payments cover too little already",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; done card#1 7500; see order missing=2500; change 1 -1 +1 => -; see order missing=2500",
    );
    check("what the provider settled short may still be taken off", "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; done card#1 7500; see order missing=2500;
        change 1 +1 => !ValueAboveRoom missing=2501; change 2 -1000 => -; heard CoverageChanged; see order missing=1500; change 3 -1500; see order missing=0");
}

#[test]
fn lines() {
    let lines = |name: &str, rest: &str| check(name, &format!("order 10000 a:3 b:1; pay card 10000; {rest}"));
    lines(
        "removed",
        "change 1 -a:2 => -; see order value=9998; invoice A 10 /a:2 => !LineQuantityExceeded; invoice A 10 /a:1; change 2 -a:1 => !LineQuantityExceeded; change 2 -b:1; see order value=9997",
    );
    lines(
        "added",
        "change 1 -1000 +c:2; see order value=9002; invoice A 10 /c:2; invoice B 10 /c:1 => !LineQuantityExceeded; change 2 -c:1 => !LineQuantityExceeded",
    );
    lines(
        "in one change, against each other",
        "change 1 -a:2 -b:1 +c:3 => -; see order value=10000; invoice A 10 /b:1 => !LineQuantityExceeded; invoice A 10 /a:1 /c:3",
    );
    lines("only the lines' amounts move by themselves", "change 1 -a:1 -99 +100; see order value=10000");
    lines(
        "more than is neither removed nor invoiced",
        "invoice A 10 /a:1; change 1 -a:1; change 2 -a:2 -b:2 => !LineQuantityExceeded; see order value=9999 changes=1; change 2 -a:1 -b:1; change 3 -a:1 => !LineQuantityExceeded",
    );
    lines(
        "what a voided invoice named can be removed again",
        "invoice A 10 /a:3; change 1 -a:1 => !LineQuantityExceeded; void A; change 1 -a:3 => -",
    );
    lines(
        "an id is used once, removed or not",
        "change 1 +b:1 -1000 => !LineAlreadyExists b; change 2 -b:1; change 3 +b:1 => !LineAlreadyExists b; change 4 +c:1; change 5 +c:1 -10 => !LineAlreadyExists c",
    );
}

#[test]
fn what_the_caller_pins() {
    card(
        "the value it expects",
        "change 1 -2000 expect=8001 => !ValueUnexpected value=8000 expected=8001; change 1 -2000 expect=8000 => -; change 2 -1 expect=8000 => !ValueUnexpected value=7999",
    );
    card(
        "the version it read",
        "change 1 -1 etag=1 => !EtagMismatch; change 1 -1 etag=2 => -; change 2 -1 etag=2 => !EtagMismatch; invoice A 1; change 3 -1 etag=3 => !EtagMismatch; change 3 -1 etag=4",
    );
    card(
        "of two that read the same version one is refused",
        "change 1 -1 etag=2; cancel etag=2 => !EtagMismatch; cancel etag=3 => cancel card 10000",
    );
    card("a plan writes nothing", "plan 1 -10001 => !ValueBelowMinimum; plan 1 -2000 => -; see order value=10000 changes=0 version=2; invoice A 2000; done; plan 1 -8000 => cancel card 8000;
        see order value=10000 changes=0; see card canceling=0; change 1 -8000 => cancel card 8000; plan 1 -8000 => -; plan 1 -1 => !RequestIdReused content");
    card(
        "the first use of a request id wins",
        "change 1 -2000; change 1 -2000 => -; see order value=8000 changes=1; change 1 -1 => !RequestIdReused content; change 1 +999999 => !RequestIdReused; change 2 -2000; see order value=6000",
    );
    card("a refused one does not use its id", "change 1 +1 => !ValueAboveRoom; change 1 -1 => -");
    card(
        "also when the order has ended since",
        "change 1 -2000; cancel; change 1 -2000 => -; change 1 -1 => !RequestIdReused; change 2 -1 => !OrderNotOpen",
    );
}

#[test]
fn a_lower_value_and_what_was_settled_ahead() {
    let ahead = |name: &str, rest: &str| {
        check(
            name,
            &format!(
                "order 10000; pay card 6000 TOTAL NONE; pay gift 4000; invoice A 1000 card:1000 => settle card 6000; done; {rest}"
            ),
        );
    };
    ahead(
        "unsettled room gives first",
        "change 1 -4000 => -; see card ahead=5000; change 2 -1 => refund card#1 1; done; see card ahead=4999 refunded=1",
    );
    ahead(
        "what goes back is room no more",
        "change 1 -5000 => refund card#1 1000; change 2 +4001 => !ValueAboveRoom room=8000 missing=1; change 2 +4000 => -; invoice B 4000 => -; invoice C 4000 => settle gift 4000; quiet; see order transaction=Finished",
    );
    ahead(
        "down to what is invoiced",
        "change 1 -9000 => refund card#1 5000, cancel gift 4000; done; see order state=Invoiced transaction=Finished",
    );
    check(
        "while it is under way",
        "order 10000; pay card 10000 TOTAL NONE; invoice A 1000; change 1 -4000 => -; see card room=9000; done => refund card#1 4000; done; invoice B 5000 => -; see order transaction=Finished",
    );
    check(
        "under way and short",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 1000; change 1 -4000 => -; done card#1 5000 => -; see order missing=1000; change 2 -2000 => refund card#1 1000; see order missing=0",
    );
    check("of two, largest ahead first", "order 10000; pay card 6000 TOTAL NONE; pay gift 4000 TOTAL NONE; invoice A 2000 card:1000 gift:1000 => settle card 6000, settle gift 4000; done;
        change 1 -3000 => refund card#1 3000; change 2 -3000 => refund gift#1 3000");
}

#[test]
fn a_value_down_to_what_is_invoiced() {
    card(
        "closes the order",
        "invoice A 2000; done; change 1 -8000 => cancel card 8000; see order state=Invoiced transaction=Open; done; see order transaction=Finished; change 2 +1 => !OrderNotOpen Invoiced",
    );
    card(
        "as soon as what is under way has ended",
        "invoice A 2000; change 1 -8000 => -; see order state=PartiallyInvoiced; change 2 +1 => -; change 3 -1 => -; done => cancel card 8000; see order state=Invoiced",
    );
    card(
        "not while something lacks",
        "invoice A 2000; refused card#1; change 1 -8000 => -; see order state=PartiallyInvoiced; see card lacking=2000 room=8000 canceling=0; change 2 +8000 => -",
    );
    check(
        "what is held is settled",
        "order 10000; pay card 10000 HOLD ONCE; invoice A 2000 => -; change 1 -8000 => settle card 2000; see card#1 final=true; change 2 +1 => !ValueAboveRoom room=0; done => cancel card 8000; done; see order transaction=Finished",
    );
    check(
        "what is kept for the last settlement too",
        "order 10000; pay card 10000 max=2; invoice A 2000; done; invoice B 3000 => -; change 1 -5000 => settle card 3000; done => cancel card 5000",
    );
    check(
        "of two payments the untouched one is released",
        "order 10000; pay gift 3000; pay card 7000; invoice A 3000; done; change 1 -7000 => cancel card 7000; done; see order transaction=Finished",
    );
}

#[test]
fn released_at_once() {
    let two = |policy: &str, first: &str, second: &str, change: &str, expected: &str| {
        let script = format!(
            "order 10000 IMMEDIATELY {policy}; pay {first}; pay {second}; change 1 {change} => {expected}"
        );
        check(&format!("{policy} {first} {second} {change}"), &script);
    };
    let (card, gift) = ("card 7000 CANCELS_PARTS", "gift 3000 CANCELS_PARTS");
    // The one that the allocation would fill last gives first.
    two("", card, gift, "-6999", "cancel card 6999");
    two("", card, gift, "-8000", "cancel card 7000, cancel gift 1000");
    two("", "card 5000 CANCELS_PARTS", "gift 5000 CANCELS_PARTS", "-5001", "cancel card 1, cancel gift 5000");
    two("CREATED_FIRST", card, gift, "-2000", "cancel gift 2000");
    two("CREATED_FIRST", card, gift, "-4000", "cancel card 1000, cancel gift 3000");
    two("PROPORTIONAL", card, gift, "-2000", "cancel card 1400, cancel gift 600");
    two("PROPORTIONAL", card, gift, "-1", "cancel card 1");
    // Only in parts, and only where the provider cancels parts.
    two("", "card 7000", gift, "-2000", "cancel gift 2000");
    two("", "card 7000", gift, "-4000", "cancel gift 3000");
    two("", "card 7000 HOLD CANCELS_PARTS", gift, "-2000", "cancel gift 2000");
    two("", "card 7000 TOTAL CANCELS_PARTS", "gift 3000", "-2000", "-");
    two("", "card 7000 max=2 CANCELS_PARTS", "gift 3000", "-2000", "cancel card 2000");
    // All that is spare goes, also what was spare before.
    two("", "card 9000 CANCELS_PARTS", gift, "-1", "cancel card 2001");
    let one = |name: &str, rest: &str| {
        check(name, &format!("order 10000 IMMEDIATELY; pay card 10000 CANCELS_PARTS; {rest}"));
    };
    one(
        "an increase is refused then",
        "change 1 -2000 => cancel card 2000; see card#1 final=false; change 2 +1 => !ValueAboveRoom value=8001 room=8000 missing=1; done; change 2 +1 => !ValueAboveRoom missing=1",
    );
    one(
        "unless the provider refuses to release",
        "change 1 -2000 => cancel card 2000; refused card#1 => -; see card unreleased=0 room=10000; change 2 +2000 => -; invoice A 10000 => settle card 10000; done; see order transaction=Finished",
    );
    one(
        "beside a settlement",
        "invoice A 2000 => settle card 2000; change 1 -3000 => cancel card 3000; invoice B 5000 => settle card 5000; quiet => -; see card settled=7000 canceled=3000; see order transaction=Finished",
    );
    one(
        "which is waited for when nothing remains to invoice",
        "invoice A 6000 => settle card 6000; change 1 -4000 => -; done => cancel card 4000; see card#2 final=true",
    );
    one(
        "not twice",
        "change 1 -2000 => cancel card 2000; change 2 -1000 => cancel card 1000; invoice A 7000 => settle card 7000; quiet => -; see order transaction=Finished",
    );
    one(
        "an increase releases nothing",
        "invoice A 2000; change 1 -1000; quiet; see card canceled=1000; change 2 +1 => !ValueAboveRoom",
    );
    check(
        "settled ahead beside it",
        "order 10000 IMMEDIATELY; pay card 10000 TOTAL NONE; pay gift 2000 CANCELS_PARTS; invoice A 1000 card:1000; done; change 1 -2000 => refund card#1 2000, cancel gift 2000; done; see card room=7000; invoice B 7000; see order transaction=Finished",
    );
}
