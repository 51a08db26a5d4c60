//! What operators do where no machine can tell.

mod histories;
mod refusals;
mod surpluses;

use crate::language::check;

#[test]
fn the_same_operation_again() {
    let one = "order 10000; pay card 10000; invoice A 2000;";
    for (name, script) in [
        ("unknown", format!("{one} unknown card#1; retry card#1 => -; see card#1 state=sent attempts=2; done card#1; see card settled=2000; see card#1 attention=false")),
        ("though its time had run out", format!("{one} unknown card#1; wait 86380; lease card#1; see card#1 state=unknown due=never attention=true; retry card#1 => !OperationReplayWindowOver")),
        ("while its provider knows it", "order 10000; pay card 10000 window=999999; invoice A 2000; unknown card#1; wait 90000; lease card#1; see card#1 state=unknown due=never; retry card#1 => -; see card#1 state=sent attempts=2; unknown card#1; see card#1 due=500; done card#1; see card settled=2000".to_owned()),
        ("stuck at its provider, which took it: it is no unsent one", "order 2000; pay card 2000 window=172800; invoice A 2000; pending card#1; wait 90000; lease card#1; see card#1 state=stuck; retry card#1; see card#1 state=sent; no-answer card#1; see card#1 state=pending; void A => -; see card#1 state=pending; wait 1; lease card#1; done card#1; see card settled=2000 ahead=2000".to_owned()),
        ("stuck: its provider has seen nothing, and remembers from now on", "order 2000; pay card 2000 window=100; invoice A 2000; no-answer card#1; wait 90000; lease card#1; see card#1 state=stuck; retry card#1; unknown card#1; wait 1; lease card#1; see card#1 state=sent attempts=3".to_owned()),
        ("stuck", format!("{one} no-answer card#1; wait 90000; lease card#1; see card#1 state=stuck attention=true; retry card#1 => -; see card#1 state=sent attempts=2 attention=false; no-answer card#1; see card#1 state=waiting due=500; done card#1; see card settled=2000")),
        ("stuck, and its provider knows it from then on", format!("{one} no-answer card#1; wait 90000; lease card#1; retry card#1; unknown card#1; see card#1 state=unknown due=500")),
        ("a late answer of an attempt before", format!("{one} unknown card#1; retry card#1; refused card#1 @1 => -; see card#1 state=sent; done card#1 @1; see card settled=2000; see card#1 state=done")),
        ("another one is on the wire", format!("{one} unknown card#1; invoice B 1000 => settle card 1000; retry card#1 => -; see card#1 state=unknown due=0; lease card#1; done card#2; see card#1 state=sent")),
        ("twice", format!("{one} unknown card#1; retry card#1; unknown card#1; retry card#1; done card#1; see card settled=2000; see card#1 attempts=3")),
    ] {
        check(name, &script);
    }
}

#[test]
fn what_lacks_again() {
    for (name, script) in [
        (
            "a settlement",
            "order 10000; pay card 10000; invoice A 2000; refused card#1; see card#1 lacking=2000 attention=true; retry card#1 => settle card 2000; see card lacking=0; see card#1 lacking=0 attention=false; done; see card settled=2000; shares A => card#1 0/2000, card#2 2000/2000",
        ),
        (
            "of two only the one",
            "order 10000; pay card 10000; invoice A 2000; invoice B 1000; refused card#1; refused card#2; retry card#2 => settle card 1000; see card lacking=2000; retry card#2 => !NothingLacking; retry card#1 => settle card 2000; done => -; see card settling=2000; done; see card settled=3000 lacking=0",
        ),
        (
            "what was taken along lacks no more",
            "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; refused card#1; invoice B 1000 => settle card 10000; retry card#1 => !NothingLacking",
        ),
        (
            "what a void took back lacks no more",
            "order 10000; pay card 10000; invoice A 2000; refused card#1; void A; retry card#1 => !NothingLacking",
        ),
        (
            "a refund of a return",
            "order 2000; pay card 2000; invoice A 2000; done; return R 500; refused card#2; see card unreturned=500; retry card#2 => refund card#1 500; done; see card unreturned=0 given-back=500",
        ),
        (
            "a refund of excess",
            "order 10000; pay card 10000 TOTAL NONE; invoice A 2000; done; change 1 -8000 => refund card#1 8000; refused card#2; see card unrefunded=8000; retry card#2 => refund card#1 8000; done; see card refunded=8000; see order transaction=Finished",
        ),
        (
            "a release",
            "order 10000; pay card 10000; invoice A 2000; done; change 1 -8000 => cancel card 8000; refused card#2; see card unreleased=8000; retry card#2 => cancel card 8000; done; see card canceled=8000; see order transaction=Finished",
        ),
        (
            "held for the last settlement that the provider allows",
            "order 10000; pay card 10000 max=2; invoice A 2000; refused card#1; invoice B 1000 => settle card 1000; done; retry card#1 => -; see card held=2000 lacking=0; see card#1 lacking=0; invoice C 7000 => settle card 9000; done; see card settled=10000",
        ),
        (
            "too little for the connector",
            "order 1000; pay card 1000 minimum=500; invoice A 600; done; invoice B 400 => lack card 400; see card#2 state=refused lacking=400; retry card#2 => !NothingToStart",
        ),
        (
            "for the last time",
            "order 10000; pay card 10000 HOLD ONCE; invoice A 10000; done card#1 7500 => lack card 2500; retry card#2 => !NothingToStart; resolve card#2 retry => !NothingToStart",
        ),
    ] {
        check(name, script);
    }
}

#[test]
fn it_was_done() {
    for (name, script) in [
        (
            "unknown",
            "order 2000; pay card 2000 SENT_ONCE; invoice A 2000; unknown card#1; see card#1 due=never; resolve card#1 done 2000 => -; see card settled=2000; see card#1 state=done attention=false; see order state=Invoiced transaction=Finished",
        ),
        (
            "for less",
            "order 10000; pay card 10000 SENT_ONCE; invoice A 2000; unknown card#1; resolve card#1 done 1500 => settle card 500; done; see card settled=2000",
        ),
        (
            "for more",
            "order 10000; pay card 10000 SENT_ONCE; invoice A 2000; unknown card#1; resolve card#1 done 2500 => -; see card settled=2000 surplus=500; see card#1 surplus=500 attention=true",
        ),
        (
            "by hand",
            "order 2000; pay card 2000 NO_REFUNDS; invoice A 2000; done; return R 500 => refund card#1 500 by hand; resolve card#2 done 500 => -; see card given-back=500 returning=0",
        ),
        (
            "a release by hand",
            "order 2000; pay card 2000; cancel => cancel card 2000; manual card#1; see card#1 attention=true; resolve card#1 done => -; see card canceled=2000; see order transaction=Canceled",
        ),
        (
            "on the wire",
            "order 2000; pay card 2000; invoice A 2000; resolve card#1 done 2000; see card settled=2000; done card#1; see card settled=2000 surplus=0; unknown card#1; see card#1 state=done",
        ),
        (
            "after it was refused",
            "order 10000; pay card 10000; invoice A 2000; refused card#1; resolve card#1 done 2000 => -; see card settled=0 lacking=2000 surplus=2000; resolve card#1 real => settle card 2000 already; see card settled=2000 lacking=0 surplus=0",
        ),
        (
            "after it was withdrawn",
            "order 10000; pay card 10000; calls 0; invoice A 2000; void A; calls 9; resolve card#1 done 2000 => -; see card surplus=2000; resolve card#1 unreal => -; see card surplus=0 settled=0",
        ),
        (
            "so that the next one goes out",
            "order 10000; pay card 10000; invoice A 2000; invoice B 1000; resolve card#1 done 2000; see card#2 state=sent; done; see card settled=3000",
        ),
        (
            "a return of it",
            "order 2000; pay card 2000 SENT_ONCE; invoice A 2000; unknown card#1; return R 300 => -; resolve card#1 done 2000 => refund card#1 300",
        ),
    ] {
        check(name, script);
    }
}

#[test]
fn it_was_not_done() {
    for (name, script) in [
        (
            "and is asked again",
            "order 10000; pay card 10000 SENT_ONCE; invoice A 2000; unknown card#1; resolve card#1 retry => settle card 2000; see card#1 state=refused lacking=0; done; see card settled=2000 lacking=0",
        ),
        (
            "and was after all",
            "order 10000; pay card 10000 SENT_ONCE; invoice A 2000; unknown card#1; resolve card#1 retry => settle card 2000; done; done card#1; see card settled=2000 surplus=2000",
        ),
        (
            "nor is asked again",
            "order 2000; pay card 2000 SENT_ONCE; invoice A 2000; unknown card#1; resolve card#1 give-up => cancel card 2000; see card asked=0 given-up=2000 lacking=0; see order state=Invoiced given-up=2000; done; see order transaction=Finished",
        ),
        (
            "nor what returns wait for",
            "order 2000; pay card 2000 SENT_ONCE; invoice A 2000; unknown card#1; return R 500 => -; see card waiting=500; resolve card#1 give-up; see card waiting=0 fallen=500; return S 100 => -; see card waiting=0 fallen=600 returned=600",
        ),
        (
            "of a payment that is refused",
            "order 10000; pay card 10000; invoice A 2000; invoice B 1000; refused card#1; done card#2; resolve card#1 give-up => -; see card asked=1000 given-up=2000; see order remaining=7000 state=PartiallyInvoiced; resolve card#1 give-up => !NothingLacking",
        ),
        (
            "a refund by hand",
            "order 2000; pay card 2000 NO_REFUNDS; invoice A 2000; done; return R 500; resolve card#2 give-up => -; see card fallen=500 waiting=0 given-back=0",
        ),
        (
            "a refund by hand of excess",
            "order 10000; pay card 10000 TOTAL NONE NO_REFUNDS; invoice A 2000; done; change 1 -8000 => refund card#1 8000 by hand; resolve card#2 give-up => -; see card kept=8000 ahead=8000; see order transaction=Finished",
        ),
        (
            "a release by hand",
            "order 2000; pay card 2000; cancel; manual card#1; resolve card#1 give-up => -; see card unreleasable=2000 canceled=0; see order transaction=Canceled",
        ),
        (
            "the refund of a settlement is another's then",
            "order 2000; pay card 2000; invoice A 2000; done; return R 500; manual card#2; resolve card#2 retry => refund card#1 500; done; see card given-back=500",
        ),
        (
            "less than the minimum",
            "order 1000; pay card 1000 minimum=500; invoice A 600; done; invoice B 400 => lack card 400; resolve card#2 give-up => cancel card 400; see order state=Invoiced given-up=400",
        ),
        (
            "short for good",
            "order 10000; pay card 10000 HOLD ONCE; invoice A 10000; done card#1 7500 => lack card 2500; resolve card#2 give-up => cancel card 2500; see order state=Invoiced given-up=2500",
        ),
        (
            "the provider says ask again",
            "order 2000; pay card 2000; invoice A 2000; pending card#1; resolve card#1 retry => settle card 2000; done; see card settled=2000",
        ),
        (
            "a part of an authorization",
            "order 10000; pay card 10000 CANCELS_PARTS; release 1000 => !ReleaseAboveFree; change 1 -2000; release 1000 => cancel card 1000; manual card#1; resolve card#1 give-up => -; see card room=10000",
        ),
    ] {
        check(name, script);
    }
}

#[test]
fn others_are_asked_instead() {
    let two = "order 10000; pay card 7000; pay gift 6000;";
    for (name, script) in [
        ("the one that is named", format!("{two} invoice A 2000 card:2000; refused card#1; resolve card#1 move gift => settle gift 2000; see card asked=0 lacking=0 room=7000; see gift asked=2000 room=4000; done; shares A => gift#1 2000/2000")),
        ("the one with room", format!("{two} invoice A 2000 card:2000; refused card#1; resolve card#1 move => settle gift 2000")),
        ("what is ahead comes first", "order 10000; pay card 4000; pay gift 6000 TOTAL NONE; invoice A 1000 gift:1000 => settle gift 6000; done; see gift ahead=5000; invoice B 2000 card:2000; refused card#1; resolve card#1 move gift => -; see gift ahead=3000 asked=3000".to_owned()),
        ("by the allocation", "order 9000 PROPORTIONAL; pay card 5000; pay gift 4000; pay cash 2000; invoice A 3000 card:3000; refused card#1; resolve card#1 move => settle cash 1000, settle gift 2000".to_owned()),
        ("part of it is left", format!("{two} invoice A 2000 card:2000; invoice B 1000 card:1000; refused card#1; refused card#2; resolve card#2 move gift => settle gift 1000; see card asked=2000 lacking=2000; void A; see card asked=0 lacking=0; see gift asked=1000")),
        ("a void takes it back there", format!("{two} invoice A 2000 card:2000; refused card#1; resolve card#1 move gift; done; void A => -; see gift asked=0 ahead=2000; see card asked=0")),
        ("a return goes back there", format!("{two} invoice A 2000 card:2000; refused card#1; resolve card#1 move gift; done; return R 500 => refund gift#1 500")),
        ("nor what came back for nothing", format!("{two} invoice A 1000 card:1000; done; invoice B 1000 card:1000; refused card#2; return R 1500 card:1500 => refund card#1 1000; refused card#3; resolve card#3 give-up => refund card#1 500; resolve card#2 move gift => settle gift 500; see card asked=1000 given-up=500 returned=1500")),
        ("not what only returns wait for", format!("{two} invoice A 2000 card:2000; return R 500 card:500; refused card#1; resolve card#1 move gift => settle gift 1500; see card asked=0 given-up=500 waiting=0 fallen=500; see order given-up=500")),
        ("not what was given up before: a return of that takes nothing from what is moved", "order 2000; pay card 1000; pay gift 1000; invoice A 500 card:500; refused card#1; resolve card#1 give-up; invoice B 500 card:500; refused card#2; return R 300 card:300 => -; resolve card#2 move gift => settle gift 200".to_owned()),
        ("what is ahead, and the rest of those with room", "order 1000; pay card 400; pay gift 600 TOTAL NONE; pay bank 500; invoice A 500 gift:500 => settle gift 600; done; invoice B 350 card:350; refused card#1; resolve card#1 move => settle bank 250; see gift ahead=0 asked=600".to_owned()),
        ("several for several invoices", "order 500 MANUAL; pay card 500 HOLD; pay gift 300; pay bank 200; invoice A 250 card:250; invoice B 250 card:250 => settle card 500; refused card#1; resolve card#1 move => settle bank 200, settle gift 300; done; shares A => bank#1 200/200, gift#1 50/50; shares B => gift#1 250/250".to_owned()),
        ("and another one after that", "order 500 MANUAL; pay card 500; pay gift 500; pay bank 500; invoice A 500 card:500; refused card#1; resolve card#1 move gift => settle gift 500; refused gift#1; resolve gift#1 move bank => settle bank 500; done; see order state=Invoiced".to_owned()),
        ("also while something is missing, if it does not miss more by it", "order 2500; pay card 1000; pay gift 1000; pay cash 500 ends=1000; invoice A 500 card:500; refused card#1; wait 1000; look cash; see order missing=500; resolve card#1 move gift => settle gift 500; see order missing=500".to_owned()),
        ("but not for what the rest of the order then misses more of", "order 2000; pay card 1000 ends=1000; pay gift 1000; invoice A 500 card:500; refused card#1; wait 1000; look card; see order missing=500; resolve card#1 move => !MoveAboveRoom amount=500 room=0; add bank 1000; resolve card#1 move bank => settle bank 500".to_owned()),
        ("of many invoices", "order 10000; pay card 6000 HOLD; pay gift 8000; invoice A 2000 card:2000; invoice B 1500 card:1500; invoice C 2500 card:2500; refused card#1; resolve card#1 move gift => settle gift 6000; see card asked=0; void C; see gift asked=3500; done; shares A => gift#1 2000/2000".to_owned()),
    ] {
        check(name, &script);
    }
}
