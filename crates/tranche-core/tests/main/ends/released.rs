//! What becomes of the rest of an authorization that has ended.

use std::time::Duration;

use crate::commands::{done, no_money, outcome};
use crate::language::{check, played};

#[test]
fn a_refusal_after_the_end_counts_as_released() {
    let covered = |name: &str, rest: &str| {
        check(name, &format!("order 10000; pay card 10000 ends=1000; pay gift 10000; {rest}"));
    };
    covered(
        "once the order is complete",
        "wait 1000; look card => -; invoice A 10000 => cancel card 10000, settle gift 10000; done gift#1; refused card#1 => -; see card#1 state=refused; see card canceled=10000 unreleased=0; see order transaction=Finished",
    );
    covered(
        "of a cancellation that was sent before",
        "invoice A 10000 gift:10000 => cancel card 10000, settle gift 10000; done gift#1; wait 1000; refused card#1 => -; see card validity=Ended canceled=10000; see order transaction=Finished",
    );
    covered(
        "also after an attempt that ended unclear",
        "invoice A 10000 gift:10000; done gift#1; unknown card#1; wait 1000; lease card#1; refused card#1; see card#1 state=refused; see card canceled=10000; see order transaction=Finished",
    );
    covered(
        "of a canceled order",
        "wait 1000; cancel => cancel card 10000, cancel gift 10000; refused card#1; done; see order transaction=Canceled",
    );
    covered(
        "what the provider did all the same is no surplus",
        "wait 1000; look card; invoice A 10000 gift:10000; done gift#1; refused card#1; see card canceled=10000; done card#1 => -; see card#1 state=done; see card canceled=10000 surplus=0",
    );
    covered(
        "an answer from before, heard after",
        "invoice A 9000 gift:9000; quiet; change 1 -1000 => cancel card 10000, cancel gift 1000; wait 1000; refused card#1; see card canceled=10000",
    );
    check(
        "of a part of it",
        "order 10000; pay card 12000 CANCELS_PARTS ends=1000; release 500 => cancel card 500; wait 1000; refused card#1; see card canceled=500 room=0",
    );
}

#[test]
fn a_refusal_before_the_end_is_an_operators_case_until_then() {
    check(
        "asked once more after the end",
        "order 10000; pay card 12000 ends=1000; invoice A 10000; done => cancel card 2000; refused card#2 => -; see card unreleased=2000; see order transaction=Open; wait 500; look card => -; see card unreleased=2000; wait 500; look card => cancel card 2000; refused card#3 => -; see card canceled=2000; see order transaction=Finished",
    );
    check(
        "a cancellation that an operator asked for, only by an operator",
        "order 10000 MANUAL; pay card 12000 ends=1000; invoice A 10000; done => -; release => cancel card 2000; refused card#2; wait 1000; look card => -; see card unreleased=0; release => cancel card 2000; refused card#3; see order transaction=Finished",
    );
    check(
        "a settlement that was refused lacks before and after",
        "order 10000; pay card 12000 ends=1000; invoice A 10000; refused card#1; wait 1000; look card => -; see card lacking=10000 canceled=0; see order transaction=Open",
    );
}

#[test]
fn what_ended_is_no_room_to_spare() {
    check(
        "a decrease releases what still has room",
        "order 10000 IMMEDIATELY; pay card 6000 CANCELS_PARTS ends=1000; pay gift 9000 CANCELS_PARTS; wait 1000; change 1 -4000 => cancel gift 3000; see card canceling=0; see order missing=0",
    );
    check(
        "an operator may release it although the order is not covered",
        "order 10000; pay card 6000 ends=1000; pay gift 4000; wait 1000; look card; see order missing=6000; release gift => !ReleaseAboveFree free=0; release card => cancel card 6000; refused card#1; see card canceled=6000; see order missing=6000",
    );
    check(
        "but not what an invoice still asks of it",
        "order 10000; pay card 6000 CANCELS_PARTS ends=1000; pay gift 4000; calls 0; invoice A 5000 card:5000; wait 1000; release card => cancel card 1000; see card settling=5000",
    );
    check(
        "nor what lacks",
        "order 10000; pay card 6000 CANCELS_PARTS ends=1000; pay gift 4000; invoice A 5000 card:5000; refused card#1; wait 1000; release card 1001 => !ReleaseAboveFree free=1000",
    );
}

#[test]
fn what_was_refused_after_the_end_and_done_is_released_once() {
    let lapsed = "order 10000; pay card 10000 ends=1000; pay gift 10000; invoice A 10000 gift:10000; done gift#1; wait 1000; look card; refused card#1; see card canceled=10000;";
    check(
        "as much as was asked",
        &format!(
            "{lapsed} done card#1; see card canceled=10000 surplus=0; see card#1 state=done attention=false"
        ),
    );
    check(
        "and more",
        &format!(
            "{lapsed} done card#1 10000 +5; see card canceled=10000 surplus=5; see card#1 state=done attention=true; heard SurplusFound"
        ),
    );
}

#[test]
fn a_clock_that_goes_back_changes_nothing_of_it() {
    let script = "order 10000; pay card 10000 ends=1000; pay gift 10000; invoice A 10000 gift:10000; done gift#1; wait 1000; look card";
    let mut books = played("until it has ended", script);
    books.now = books.now.before(Duration::from_secs(5));
    let asked = books.operation("card", 1);
    books.play(&outcome(&asked, 1, no_money("refused", None))).unwrap();
    let card = |books: &crate::books::Books| books.payments()[0].clone();
    assert_eq!((card(&books).canceled, card(&books).surplus), (10_000, 0));
    // It is known to have lapsed: what the provider did all the same is no surplus.
    books.play(&outcome(&asked, 1, done(&asked, asked.value, 0))).unwrap();
    assert_eq!((card(&books).canceled, card(&books).surplus), (10_000, 0));
    crate::invariants::check(&books, "after the clock went back");
}
