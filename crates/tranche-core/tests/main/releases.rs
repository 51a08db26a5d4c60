//! When authorized money that nothing can need goes back, and how much of which payment.

mod refused;

use crate::language::check;

#[test]
fn on_completion() {
    let order = |name: &str, rest: &str| check(name, &format!("order 8000; {rest}"));
    order(
        "not before",
        "pay card 10000 CANCELS_PARTS; invoice A 2000; quiet => -; change 1 -1000 => -; see card canceling=0 room=8000; invoice B 5000 => settle card 5000; done => cancel card 3000; see card#3 final=true; done; see order transaction=Finished",
    );
    order(
        "of each payment, when nothing of it is under way",
        "pay card 7000; pay gift 3000; invoice A 8000 => settle card 5000, settle gift 3000; done card#1 => cancel card 2000; see order state=PartiallyInvoiced; done card#2; done gift#1 => -; see order transaction=Finished",
    );
    order(
        "of what was never touched, with the last invoice",
        "pay card 7000; pay gift 8000; invoice A 8000 gift:8000 => cancel card 7000, settle gift 8000; void A => -; see card room=0; see order missing=0",
    );
    order(
        "what lacks on one payment keeps the others' rest",
        "pay card 7000; pay gift 3000; invoice A 3000 gift:3000; invoice B 5000 card:5000; refused gift#1 => -; done card#1 => -; see card room=2000 canceling=0; see gift lacking=3000; see order state=PartiallyInvoiced transaction=Open",
    );
    order(
        "until it lacks no more",
        "pay card 7000; pay gift 3000; invoice A 3000 gift:3000; invoice B 5000 card:5000; refused gift#1; done card#1; void A => -; change 1 -3000 => cancel card 2000, cancel gift 3000; quiet; see order transaction=Finished",
    );
    order(
        "a person's settlement keeps its payment's rest only",
        "pay card 7000; pay gift 4000; invoice A 5000 card:5000; invoice B 3000 gift:3000; manual card#1 => -; done gift#1 => cancel gift 1000; done card#1 => cancel card 2000; quiet; see order transaction=Finished",
    );
    order(
        "a refusal is an operator's case",
        "pay card 10000; invoice A 8000; done => cancel card 2000; refused card#2 => -; see card unreleased=2000; see order state=Invoiced transaction=Open; release => cancel card 2000; done; see order transaction=Finished",
    );
    order(
        "released less than asked is asked for again",
        "pay card 10000; invoice A 8000; done => cancel card 2000; done card#2 500 => cancel card 1500; done; see card canceled=2000; see order transaction=Finished",
    );
}

#[test]
fn what_a_provider_releases_by_itself() {
    for (able, policy) in [
        ("TOTAL ONCE", ""),
        ("HOLD ONCE", ""),
        ("PARTIAL max=2", ""),
        ("TOTAL ONCE", "MANUAL"),
        ("HOLD ONCE", "MANUAL"),
        ("PARTIAL max=2", "MANUAL"),
        ("TOTAL ONCE", "IMMEDIATELY"),
    ] {
        check(
            &format!("booked without a call, {able} {policy}"),
            &format!(
                "order 8000 {policy}; pay card 10000 {able} RELEASED; invoice A 3000; quiet; invoice B 5000; quiet => -; see card canceled=2000 settled=8000; see order transaction=Finished"
            ),
        );
    }
    check(
        "not what was never settled",
        "order 8000; pay card 10000 ONCE RELEASED; cancel => cancel card 10000",
    );
    check(
        "nor with settlements to spare",
        "order 8000; pay card 10000 max=3 RELEASED; invoice A 8000; done => cancel card 2000",
    );
    check(
        "nor with settlements that the mode does not use",
        "order 8000; pay card 10000 HOLD max=3 RELEASED; invoice A 8000; done => cancel card 2000; see card canceled=0; done; see order transaction=Finished",
    );
    check(
        "nor where no settlement is the last",
        "order 8000; pay card 10000 TOTAL RELEASED; invoice A 8000; done => cancel card 2000",
    );
}

#[test]
fn by_hand() {
    let manual = |name: &str, rest: &str| {
        check(name, &format!("order 8000 MANUAL; pay card 10000 CANCELS_PARTS; {rest}"));
    };
    manual(
        "nothing by itself",
        "invoice A 8000; quiet => -; see order state=Invoiced transaction=Open; release => cancel card 2000; see card#2 final=true; heard ReleaseRemainder; done; see order transaction=Finished; release => !TransactionNotOpen Finished",
    );
    manual(
        "all that the order cannot need",
        "invoice A 3000; release => cancel card 2000; see card#2 final=false; release => !ReleaseAboveFree None free=0; invoice B 5000 => settle card 5000; quiet => -; see order transaction=Finished",
    );
    manual(
        "some of it",
        "release 500 => cancel card 500; release card 1501 => !ReleaseAboveFree amount=1501 free=1500; release card 1500 => cancel card 1500; release 1 => !ReleaseAboveFree free=0",
    );
    manual(
        "more after the value fell",
        "release 2001 => !ReleaseAboveFree free=2000; change 1 -1000 => -; release 3000 => cancel card 3000; change 2 +1 => !ValueAboveRoom missing=1",
    );
    manual(
        "nothing that an invoice asked for",
        "invoice A 3000; refused card#1; change 1 -5000; see card lacking=3000; release 7001 => !ReleaseAboveFree free=7000; release 7000 => cancel card 7000",
    );
    manual("not under the surplus", "invoice A 3000; done card#1 +5; release => !ReleaseAboveFree free=0");
    check(
        "of a payment on hold, which is full then",
        "order 10000; pay card 10000 HOLD CANCELS_PARTS; pay gift 7000; invoice A 3000 card:3000 => -; release card 7000 => cancel card 7000, settle card 3000; quiet; see card canceled=7000 settled=3000",
    );
    manual(
        "canceled, it goes by itself",
        "cancel => cancel card 10000; done; see order transaction=Canceled",
    );
    check(
        "under every policy",
        "order 8000; pay card 10000 CANCELS_PARTS; release 2000 => cancel card 2000; invoice A 8000 => settle card 8000; quiet => -; see order transaction=Finished",
    );
    check(
        "given up, and then of what is left",
        "order 1000 MANUAL; pay card 1000; pay gift 1000; release card 1000 => cancel card 1000; refused card#1; see card unreleased=1000; resolve card#1 give-up; see card unreleased=0 unreleasable=1000;
            invoice A 400 card:400 => settle card 400; see card unreleasable=600; refused card#2; void A; cancel => cancel card 400, cancel gift 1000; refused card#3; see card unreleased=400 unreleasable=600;
            adopt card 300 S-1 => settle card 300 already, refund card#4 300; see card unreleased=100 unreleasable=600",
    );
    check("before the payments are known", "order 8000; release => !TransactionNotFound");
    check(
        "of a payment that is not the order's",
        "order 8000; pay card 10000; release bank => !PaymentNotFound; release bank 1 => !PaymentNotFound",
    );
}

#[test]
fn by_hand_of_a_payment_that_cannot_settle_again() {
    let spent = |name: &str, able: &str, rest: &str| {
        check(
            name,
            &format!(
                "order 8000 MANUAL; pay card 10000 TOTAL ONCE {able}; invoice A 3000 => settle card 8000; {rest}"
            ),
        );
    };
    spent(
        "not before the answer",
        "",
        "release => !ReleaseAboveFree free=0; done; release => cancel card 2000; see card#2 final=true; see card room=5000; invoice B 5000 => -; see order state=Invoiced transaction=Open; done; see order transaction=Finished",
    );
    spent(
        "not what is settled ahead",
        "CANCELS_PARTS",
        "done; release 2001 => !ReleaseAboveFree free=2000; release 500 => cancel card 500; release => cancel card 1500; quiet; see card canceled=2000 ahead=5000",
    );
    spent(
        "what the settlement did not bring is free as well",
        "",
        "done card#1 7000; see order missing=1000; release => cancel card 3000; see order missing=1000",
    );
}

#[test]
fn where_parts_cannot_be_canceled() {
    check(
        "all or nothing",
        "order 8000; pay card 10000; release => !PartialCancellationNotSupported card; release 2000 => !PartialCancellationNotSupported card; invoice A 8000; see card canceling=0",
    );
    check(
        "a whole payment",
        "order 5000; pay card 5000; pay gift 5000; release 5000 => cancel gift 5000; see gift#1 final=true; release => !ReleaseAboveFree free=0; invoice A 5000 => settle card 5000",
    );
    check(
        "the named one",
        "order 5000; pay card 5000; pay gift 5000; release card => cancel card 5000; invoice A 5000 => settle gift 5000",
    );
    check(
        "the named one cannot give a part",
        "order 10000; pay card 10000; pay gift 5000; release gift 100 => !PartialCancellationNotSupported gift; release gift 5000 => cancel gift 5000",
    );
    check(
        "nor all that is free of it",
        "order 12000; pay card 10000; pay gift 5000; release gift => !PartialCancellationNotSupported gift; release card => !PartialCancellationNotSupported card; release => !PartialCancellationNotSupported card",
    );
    check(
        "the rest of one, once nothing of it is under way",
        "order 5000; pay card 5000; pay gift 5000; invoice A 1 card:1; release card => !PartialCancellationNotSupported card; done; release card => cancel card 4999; see card#2 final=true; release 1 => !PartialCancellationNotSupported gift",
    );
    check(
        "the others give their parts",
        "order 8000; pay card 10000; pay gift 5000 CANCELS_PARTS; release 4999 => cancel gift 4999; release 2 => !PartialCancellationNotSupported card; release => cancel gift 1; release => !PartialCancellationNotSupported card",
    );
    check(
        "the whole ones first",
        "order 8000; pay card 10000 CANCELS_PARTS; pay gift 5000; release 6000 => cancel card 1000, cancel gift 5000",
    );
    check(
        "without an amount, as much as can be",
        "order 2000; pay card 7000; pay gift 5000; release => cancel gift 5000; done; release => !PartialCancellationNotSupported card",
    );
    check(
        "several whole ones",
        "order 2000; pay card 7000; pay gift 5000; pay bank 6000; release 11000 => cancel bank 6000, cancel gift 5000",
    );
}

#[test]
fn of_whom() {
    let two = |policy: &str, amount: &str, expected: &str| {
        check(
            &format!("{policy} {amount}"),
            &format!(
                "order 6000 MANUAL {policy}; pay card 7000 CANCELS_PARTS; pay gift 3000 CANCELS_PARTS; release {amount} => {expected}"
            ),
        );
    };
    two("", "1000", "cancel card 1000");
    two("", "", "cancel card 4000");
    two("CREATED_FIRST", "1000", "cancel gift 1000");
    two("CREATED_FIRST", "", "cancel card 1000, cancel gift 3000");
    two("PROPORTIONAL", "1000", "cancel card 571, cancel gift 429");
    two("PROPORTIONAL", "", "cancel card 2286, cancel gift 1714");
    two("", "gift", "cancel gift 3000");
    two("", "gift 3001", "!ReleaseAboveFree amount=3001 free=3000");
    two("", "card 4001", "!ReleaseAboveFree free=4000");
    two("", "4001", "!ReleaseAboveFree amount=4001 free=4000");
    check(
        "what no settlement can take goes first",
        "order 6000 MANUAL; pay card 7000 TOTAL ONCE CANCELS_PARTS; pay gift 3000 CANCELS_PARTS; invoice A 1000 card:1000 => settle card 6000; done; release 1001 => cancel card 1000, cancel gift 1; release => cancel gift 2999",
    );
}

#[test]
fn a_canceled_order_releases_under_every_policy() {
    for policy in ["", "IMMEDIATELY", "MANUAL"] {
        let canceled = |rest: &str| {
            check(policy, &format!("order 10000 {policy}; pay card 7000; pay gift 3000 TOTAL ONCE; {rest}"));
        };
        canceled(
            "cancel => cancel card 7000, cancel gift 3000; see order state=Canceled transaction=Open; done; see order transaction=Canceled; see card canceled=7000",
        );
        canceled(
            "cancel; refused card#1 => -; done gift#1; see order transaction=Open; release => cancel card 7000; done; see order transaction=Canceled",
        );
        canceled(
            "cancel; cancel => !OrderNotOpen Canceled; invoice A 1 => !OrderNotOpen; change 1 -1 => !OrderNotOpen; add bank 1 => !OrderNotOpen; release => !ReleaseAboveFree free=0",
        );
    }
    check(
        "after a part was released",
        "order 2000 IMMEDIATELY; pay card 7000 CANCELS_PARTS; change 1 -1000 => cancel card 6000; cancel => -; done => cancel card 1000; see card#2 final=true; done; see order transaction=Canceled",
    );
    check(
        "before the payments are known",
        "order 2000; cancel => -; see order state=Canceled; invoice A 1 => !OrderNotOpen; cancel => !OrderNotOpen",
    );
    check("no order", "cancel => !OrderNotFound");
    check(
        "in order of precedence",
        "order 100; pay card 100; invoice A 1; cancel etag=9 => !EtagMismatch; cancel => !OrderHasInvoices; void A; done; cancel => refund card#1 1, cancel card 99; cancel etag=9 => !EtagMismatch; cancel => !OrderNotOpen Canceled; quiet; release bank => !TransactionNotOpen Canceled",
    );
}

#[test]
fn a_part_says_how_much_while_anything_is_under_way() {
    check(
        "settling and canceling the same",
        "order 1000 MANUAL; pay card 1000 CANCELS_PARTS; pay gift 1000; invoice A 300 card:300; release card 300 => cancel card 300; release card 400 => cancel card 400; see card#3 final=false",
    );
}
