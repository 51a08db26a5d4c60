//! What was settled beyond what the order can need goes back, once.

use crate::language::check;

#[test]
fn what_is_kept_is_used_before_what_lacks_and_never_counted_twice() {
    check(
        "an increase needs some of it again",
        "order 10000; pay card 10000 TOTAL NONE; invoice A 1000; done; change 1 -3000 => refund card#1 3000; refused card#2; resolve card#2 give-up; change 2 -2000 => refund card#1 2000; refused card#3; see card unrefunded=2000 kept=3000; change 3 +1000; invoice B 5000 => -; see card unrefunded=1000 kept=3000 ahead=4000",
    );
}

const SETTLED: &str = "order 10000; pay card 12000 TOTAL NONE; invoice A 2000 => settle card 12000; done => refund card#1 2000;";

fn settled(name: &str, rest: &str) {
    check(name, &format!("{SETTLED} {rest}"));
}

#[test]
fn excess_is_refunded_at_once() {
    settled(
        "it names its settlement",
        "see card ahead=8000 refunding=2000; done => -; see card refunded=2000; invoice B 8000 => -; see card ahead=0; see order state=Invoiced transaction=Finished",
    );
    settled(
        "while it is under way",
        "invoice B 8000 => -; see order state=Invoiced transaction=Open; done; see order transaction=Finished",
    );
    check(
        "hold",
        "order 10000; pay card 12000 HOLD NONE; invoice A 2000 => -; invoice B 8000 => settle card 12000; done => refund card#1 2000; done; see order transaction=Finished",
    );
    check("largest ahead first", "order 1000; pay card 3000 TOTAL NONE; pay gift 2000 TOTAL NONE; invoice A 500 card:250 gift:250 => settle card 3000, settle gift 2000;
        done card#1 => refund card#1 2250; done gift#1 => refund gift#1 1750; see card ahead=500");
    check("unless another covers what it was to cover", "order 1000; pay card 1000 TOTAL NONE; pay gift 1000 TOTAL NONE; invoice A 100 card:100 => settle card 1000; done;
        invoice B 400 gift:400 => refund card#1 400, settle gift 1000; quiet => refund gift#1 600; see card ahead=500; invoice C 500 => -; quiet; see order transaction=Finished");
}

#[test]
fn what_did_not_go_back_covers_what_lacked() {
    let small = "order 10000; pay card 10000 minimum=600; invoice A 2000; done; void A; change 1 -9000 => refund card#1 1000; change 2 +500; invoice B 1500 => lack card 500; see card lacking=500;";
    check(
        "refused",
        &format!(
            "{small} refused card#2 => cancel card 8000; see card lacking=0 ahead=500 asked=1500; see order state=Invoiced"
        ),
    );
    check("short", &format!("{small} done card#2 400; see card lacking=0"));
}

#[test]
fn over_several_payments() {
    check("what was refused stays out of the next one", "order 1000; pay card 3000 TOTAL NONE; pay gift 2000 TOTAL NONE; invoice A 500 card:250 gift:250; done card#1 => refund card#1 2250; refused card#2;
        done gift#1 => refund card#1 500, refund gift#1 1250; see card ahead=2250 unrefunded=2250; see gift ahead=500");
    let invoices: String =
        (0..10).fold(String::new(), |all, n| all + &format!("invoice A{n} 10 card:10; done;"));
    let voids: String = (0..10).fold(String::new(), |all, n| all + &format!("void A{n};"));
    check(
        "what does not fit in a round is taken of the next payment",
        &format!(
            "order 200; pay card 100; pay gift 100; {invoices} {voids} invoice B 50 gift:50; done; void B; change 1 -150; see card refunding=80; see gift refunding=20"
        ),
    );
}

#[test]
fn a_refund_that_fails() {
    settled("a refusal is not repeated", "refused card#2 => -; see card ahead=10000 unrefunded=2000; invoice B 3000 => -; see card refunding=0; invoice C 5000 => -;
        see card ahead=2000 unrefunded=2000 refunding=0; see order state=Invoiced transaction=Open");
    check(
        "what an invoice uses after all is no excess any more",
        "order 100; pay q 50 TOTAL NONE; pay p 52 TOTAL NONE; invoice A 60 q:10 p:50 => settle p 52, settle q 50;
        done q#1 => -; done p#1 => refund q#1 2; refused q#2 => -; see q ahead=40 unrefunded=2; see p ahead=2;
        invoice B 38 q:38 => -; see q ahead=2 unrefunded=2; invoice C 2 q:2 => refund p#1 2; see q ahead=0 unrefunded=0;
        done; see order state=Invoiced transaction=Finished",
    );
    settled(
        "less than asked is asked for again",
        "done card#2 1500 => refund card#1 500; done => -; see card refunded=2000",
    );
    let nine = (0..9).map(|step| format!("done card#{} 1 => refund card#1 {};", 2 + step, 1999 - step));
    let short = nine.collect::<Vec<_>>().concat();
    settled(
        "a bounded number of times",
        &format!(
            "{short} done card#11 1 => -; see card refunded=10 unrefunded=1990; invoice B 8000 => -; see order transaction=Open"
        ),
    );
    settled(
        "what is settled then is not held against it",
        &format!("{short} done card#11 1; invoice B 1 => -; see card lacking=0"),
    );
    settled("more than asked", "done card#2 2000 +5 => -; see card refunded=2000 surplus=5");
    settled(
        "unknown",
        "unknown card#2; wait 1; lease card#2; refused card#2; see card#2 state=unknown; invoice B 8000 => -; see card refunding=2000",
    );
    check("a release that brings less is bounded as well", "order 1000; pay card 2000; invoice A 1000; done => cancel card 1000; done card#2 0 => cancel card 1000;
        done card#3 0; done card#4 0; done card#5 0; done card#6 0; done card#7 0; done card#8 0; done card#9 0; done card#10 0 => cancel card 1000; done card#11 0 => -; see card unreleased=1000");
}

#[test]
fn a_refund_that_the_connector_cannot_make() {
    let able = |able: &str, rest: &str| {
        format!("order 10000; pay card 12000 TOTAL NONE {able}; invoice A 2000; {rest}")
    };
    check(
        "none",
        &able(
            "NO_REFUNDS",
            "done => refund card#1 2000 by hand; see card#2 due=never; invoice B 8000; see order transaction=Open; done card#2 => -; see order transaction=Finished",
        ),
    );
    check(
        "a part, where only the whole can be refunded",
        &able("FULL_REFUNDS", "done => refund card#1 2000 by hand; see card#2 due=never"),
    );
    check(
        "nobody waits for it",
        "order 10000; pay card 12000 TOTAL NONE NO_REFUNDS; calls 0; invoice A 2000; calls 1; lease card#1; done => refund card#1 2000 by hand; see card#2 state=manual",
    );
    check(
        "the whole",
        "order 1000; pay card 1000 TOTAL NONE FULL_REFUNDS; pay gift 1000; invoice A 400 card:400 => settle card 1000; invoice B 600 gift:600; done => refund card#1 600 by hand, cancel gift 400",
    );
}
