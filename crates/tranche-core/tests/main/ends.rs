//! Ends of authorizations: what is told, what is still settled, and what nobody can ask for any more.
//!
//! An authorization of 1000 seconds begins to end after 500, unless the account says otherwise.

mod released;
mod stakes;

use crate::language::check;

#[test]
fn what_is_told() {
    let all = |name: &str, rest: &str| check(name, &format!("order 10000; {rest}"));
    all(
        "before the end and at the end, once each",
        "pay card 10000 ends=1000; invoice A 2000; quiet; wait 499; look card => -; see card validity=Lasting; wait 1; look card => -; heard AuthorizationEnding; heard 8000; see card validity=Ending room=8000; look card => -; see order missing=0; wait 499; look card => -; see card validity=Ending; wait 1; look card => -; heard AuthorizationEnded; heard 8000; heard CoverageChanged; see card validity=Ended room=0; see order missing=8000; look card => -",
    );
    all(
        "by the connector's word, where the caller names no end",
        "pay card 10000 life=1000; wait 999; look card; see card validity=Ending; wait 1; look card; see card validity=Ended",
    );
    all(
        "by the caller's word, where both do",
        "pay card 10000 life=10 ends=1000; wait 499; look card; see card validity=Lasting; wait 500; look card; see card validity=Ending",
    );
    all(
        "as long before the end as the account says",
        "account lead=10; pay card 10000 ends=1000; wait 989; look card; see card validity=Lasting; wait 1; look card; see card validity=Ending",
    );
    all(
        "not before half of it is over",
        "account lead=900; pay card 10000 ends=1000; wait 499; look card; see card validity=Lasting; wait 1; look card; see card validity=Ending",
    );
    all(
        "an end alone, if nobody looked before it",
        "pay card 10000 ends=1000; wait 1000; look card; heard AuthorizationEnded; see card validity=Ended",
    );
    all(
        "of each payment by itself",
        "pay card 7000 ends=1000; pay gift 3000; wait 1000; look gift => -; see order missing=0; look card; see order missing=7000; see gift room=3000 validity=Lasting",
    );
    all(
        "with whatever is decided about the order",
        "pay card 7000 ends=1000; pay gift 3000 ends=2000; wait 1000; look card; heard AuthorizationEnded; heard AuthorizationEnding; see gift validity=Ending",
    );
    all(
        "never of an authorization whose end is not known",
        "pay card 10000; wait 100000000; look card => -; see card validity=Lasting",
    );
    all(
        "never of a payment of another order",
        "pay card 10000 ends=1000; wait 1000; look gift => -; see card validity=Lasting",
    );
}

#[test]
fn what_is_not_worth_telling() {
    let silent = |name: &str, rest: &str| {
        let script = format!("order 8000; {rest}");
        let books = crate::language::played(name, &script);
        let told = format!("{:?}", books.all.events);
        assert!(!told.contains("AuthorizationEnd"), "{name}: {told}");
    };
    silent("all is settled", "pay card 8000 ends=1000; invoice A 8000; quiet; wait 1000; look card => -");
    silent(
        "all is settled ahead",
        "pay card 8000 TOTAL ONCE ends=1000; invoice A 3000; quiet; wait 1000; look card => -; see card room=5000; see order missing=0",
    );
    silent(
        "all is settled or released",
        "pay card 10000 ends=1000; invoice A 8000; quiet; see order transaction=Finished; wait 1000; look card => -; see card validity=Lasting",
    );
    silent("the order is canceled", "pay card 10000 ends=1000; cancel; quiet; wait 1000; look card => -");
    silent(
        "no settlement can follow",
        "pay card 10000 HOLD ends=1000; pay gift 100; invoice A 7900 card:7900; release gift; change 1 -100; quiet; wait 1000; look card => -",
    );
}

#[test]
fn nothing_is_held_back_until_it_is_too_late() {
    for (name, able) in [("HOLD", "HOLD ONCE"), ("the last settlement that is allowed", "max=2")] {
        let first = if able == "max=2" { "invoice 0 1; quiet; " } else { "" };
        let rest = if able == "max=2" { 7999 } else { 8000 };
        check(
            &format!("{name}, settled when the end is near"),
            &format!(
                "order 10000; pay card 10000 {able} ends=1000; {first}invoice A 1000 => -; invoice B 1000 => -; see card held=2000; wait 500; look card => settle card 2000; heard AuthorizationEnding; heard CoverageChanged; see card room=0 held=0; see card#1 final={}; see order missing={rest}; done => -; wait 500; look card => -; see order missing={rest}",
                able != "max=2"
            ),
        );
        check(
            &format!("{name}, with the next invoice after that"),
            &format!(
                "order 10000; pay card 10000 {able} ends=1000; {first}wait 500; look card => -; see order missing=0; invoice A 2000 => settle card 2000; see card room=0; see order missing={rest}"
            ),
        );
    }
    check(
        "HOLD that settles in full",
        "order 10000; pay card 10000 HOLD NONE ends=1000; invoice A 2000 => -; wait 500; look card => settle card 10000; see card room=8000; see order missing=0; done; invoice B 8000 => -; see order state=Invoiced",
    );
    check(
        "as soon as what is under way has ended",
        "order 10000; pay card 10000 max=3 ends=1000; invoice A 1000 => settle card 1000; invoice B 1000 => settle card 1000; invoice C 1000 => -; wait 500; look card => -; see card held=1000; done card#1 => -; done => settle card 1000; see order missing=7000",
    );
    check(
        "too little of it waits for the next invoice, and lacks after the end",
        "order 10000; pay card 10000 HOLD minimum=500 ends=1000; invoice A 100 => -; wait 500; look card => -; see card held=100; wait 500; look card => lack card 100; see card held=0 lacking=100; see order missing=9900",
    );
    check(
        "enough of it together with the next invoice",
        "order 10000; pay card 10000 HOLD minimum=500 ends=1000; invoice A 100 => -; wait 500; look card => -; invoice B 400 => settle card 500",
    );
    check(
        "nothing was asked of it",
        "order 10000; pay card 10000 TOTAL ONCE ends=1000; wait 500; look card => -; see order missing=0; invoice A 2000 => settle card 10000; wait 500; look card => -; see card room=8000; see order missing=0",
    );
    check(
        "an operator must look at its surplus first",
        "order 10000; pay card 10000 max=2 ends=1000; invoice A 1000; done card#1 +5; invoice B 1000 => -; wait 500; look card => -; see card held=1000 validity=Ending",
    );
}

#[test]
fn what_was_accepted_is_still_asked() {
    check(
        "queued behind another",
        "order 10000; pay card 10000 ends=1000; calls 0; invoice A 2000 => settle card 2000; wait 1000; look card => -; calls 9; lease card#1; done; see card settled=2000 room=0; see order missing=8000",
    );
    check(
        "what an answer brought too little of",
        "order 10000; pay card 10000 ends=1000; invoice A 2000; wait 1000; done card#1 1500 => settle card 500; done; see card settled=2000 lacking=0",
    );
    check(
        "held by nobody's fault, as nobody looked in time",
        "order 10000; pay card 10000 HOLD ends=1000; invoice A 2000 => -; wait 1000; look card => settle card 2000; heard AuthorizationEnded; refused card#1; see card lacking=2000",
    );
    check(
        "a refusal of it lacks, as ever",
        "order 10000; pay card 10000 ends=1000; invoice A 2000; wait 1000; refused card#1 => -; see card lacking=2000 room=0; see order missing=8000; void A; see order missing=10000; add gift 10000; invoice B 10000 => cancel card 10000, settle gift 10000; refused card#2; done; see card canceled=10000; see order transaction=Finished",
    );
    check(
        "what is settled ahead pays the next invoices",
        "order 10000; pay card 10000 TOTAL ONCE ends=1000; invoice A 2000; quiet; wait 1000; invoice B 8000 => -; see order state=Invoiced transaction=Finished",
    );
    check(
        "what a void puts ahead pays the next invoices, and its room is gone",
        "order 10000; pay card 10000 ends=1000; invoice A 6000; quiet; wait 1000; void A; see card room=6000; see order missing=4000; invoice B 10000 => !InvoiceAboveRoom room=6000 missing=4000; invoice C 6000 => -",
    );
    check(
        "what a void withdraws is gone",
        "order 10000; pay card 10000 ends=1000; calls 0; invoice A 6000; wait 1000; void A => -; see card#1 state=withdrawn; see card room=0; see order missing=10000",
    );
    check(
        "returns are refunded as ever",
        "order 10000; pay card 10000 ends=1000; invoice A 6000; quiet; wait 1000; return R 1000 => refund card#1 1000; done; see card given-back=1000; see order missing=4000",
    );
}

#[test]
fn what_is_judged_by_the_time_of_the_command() {
    let late = |name: &str, rest: &str| {
        check(
            name,
            &format!("order 10000; pay card 10000 ends=1000; invoice A 2000; quiet; wait 1000; {rest}"),
        );
    };
    late(
        "an invoice",
        "invoice B 1 => !InvoiceAboveRoom room=0 missing=1; see card validity=Lasting room=8000; look card; see card room=0",
    );
    late("its amount of one payment", "invoice B 1 card:1 => !PaymentAboveRoom");
    late("what would be asked", "validate B 1 => !InvoiceAboveRoom room=0 missing=1");
    late("an increase", "change 1 +1 => !ValueAboveRoom room=0 missing=8001");
    late(
        "a decrease",
        "change 1 -3000 => -; heard AuthorizationEnded; see order missing=5000; see card validity=Ended",
    );
    late("a return", "return R 500 => refund card#1 500; see card validity=Ended");
    late("a release", "release => cancel card 8000; see card validity=Ended");
    late(
        "a payment that is added",
        "add gift 8000 => -; heard AuthorizationEnded; see order missing=0; invoice B 8000 => cancel card 8000, settle gift 8000",
    );
    late("an answer", "invoice B 1 => !InvoiceAboveRoom; done card#1; see card validity=Lasting");
    check(
        "an answer that says something new",
        "order 10000; pay card 10000 ends=1000; invoice A 2000; wait 1000; done card#1 => -; heard AuthorizationEnded; see card validity=Ended",
    );
    check(
        "the same invoice again",
        "order 10000; pay card 10000 ends=1000; invoice A 2000; quiet; wait 1000; invoice A 2000 => -; see card validity=Lasting",
    );
    check(
        "only what has not ended pays",
        "order 10000; pay card 4000 ends=1000; pay gift 20000; wait 1000; invoice A 10000 => cancel card 4000, settle gift 10000; see card asked=0; done => cancel gift 10000",
    );
}

#[test]
fn an_authorization_that_is_asked_for_lasts_from_when_it_was_surely_not_approved() {
    let asked = "order 100; pay card 100 ASKED life=1000; see order;";
    let late = "undecided card#1; wait 900; lease card#1; undecided card#1;";
    check(
        "approved late: since its provider last said that it had not decided",
        &format!(
            "{asked} {late} wait 90; approved card#1; see card validity=Lasting; wait 409; look card => -; see card validity=Lasting; wait 1; look card => -; see card validity=Ending; wait 500; look card => -; see card validity=Ended room=0"
        ),
    );
    check(
        "that its answer came late is no reason to last longer",
        &format!(
            "{asked} undecided card#1; wait 900; lease card#1; wait 29; undecided card#1; callback card approved; wait 471; look card => -; see card validity=Ending; wait 500; look card => -; see card validity=Ended"
        ),
    );
    check(
        "what it says without being asked may be old",
        &format!(
            "{asked} wait 900; callback card undecided 99999; callback card approved; look card => -; see card validity=Ending"
        ),
    );
    check(
        "approved by an answer that nobody heard: since it was asked first",
        &format!(
            "{asked} unknown card#1; wait 900; lease card#1; approved card#1; look card => -; see card validity=Ending; wait 100; look card => -; see card validity=Ended"
        ),
    );
    check(
        "asked for later than it was decided",
        "order 100; calls 0; pay card 100 ASKED life=1000; see order; wait 900; calls 9; lease card#1; approved card#1; wait 499; look card => -; see card validity=Lasting; wait 1; look card => -; see card validity=Ending",
    );
    check(
        "as an operator says",
        &format!(
            "{asked} unknown card#1; wait 900; resolve card#1 done 100; look card => -; see card validity=Ending"
        ),
    );
    check(
        "the same callback again looks for no end",
        &format!(
            "{asked} callback card undecided 40; approved card#1; wait 2000; callback card undecided 40 => -; see card validity=Lasting; see card#1 callbacks=1; look card => -; see card validity=Ended"
        ),
    );
    check(
        "not approved: nothing ends",
        &format!(
            "{asked} wait 2000; look card => -; see card validity=Lasting state=Authorizing; callback card denied; wait 2000; look card => -; see card validity=Lasting state=Denied"
        ),
    );
    check(
        "approved after its transaction has ended: what its provider does not release ends all the same",
        "order 100; pay card 100; pay gift 100 ASKED life=1000; see order; denied gift#1; invoice A 100 card:100; done card#1; see order transaction=Finished; callback gift approved => cancel gift 100; refused gift#2; see gift unreleased=100; wait 1000; look gift => cancel gift 100; see gift validity=Ended; refused gift#3; see gift canceled=100 unreleased=0",
    );
}

#[test]
fn an_authorization_that_has_ended_is_not_taken() {
    check(
        "already ended",
        "order 10000; pay card 10000 ends=0; invoice A 1 => !Invalid payments[0].adopted.expire_time",
    );
    check(
        "a payment that is added",
        "order 10000; pay card 10000; add gift 10 ends=0 => !Invalid payment.adopted.expire_time",
    );
    check("just not", "order 10000; pay card 10000 ends=1; invoice A 10000 => settle card 10000");
}
