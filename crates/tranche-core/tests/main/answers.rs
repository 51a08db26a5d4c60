//! What an answer, or none, makes of an operation and of the money.

use crate::language::check;

const CARD: &str = "order 10000; pay card 10000; invoice A 2000 => settle card 2000;";

fn card(name: &str, rest: &str) {
    check(name, &format!("{CARD} {rest}"));
}

#[test]
fn less_than_asked() {
    card(
        "partial asks for the difference",
        "done card#1 1500 => settle card 500; see card settled=1500 settling=500; done; see card settled=2000 lacking=0",
    );
    card("a bounded number of times", "done card#1 1990 => settle card 10; done card#2 1 => settle card 9; done card#3 1 => settle card 8; done card#4 1 => settle card 7;
        done card#5 1 => settle card 6; done card#6 1 => settle card 5; done card#7 1 => settle card 4; done card#8 1 => settle card 3; done card#9 1 => settle card 2;
        done card#10 1 => lack card 1; see card lacking=1 room=8000; invoice B 100 => settle card 100; done card#12 99 => settle card 1");
    card("even of nothing", "done card#1 0 => settle card 2000; done card#2 0 => settle card 2000");
    check("total: beyond is missing", "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000 => settle card 10000; done card#1 7500 => -; heard CoverageChanged;
        see card ahead=5500 room=5500; see order missing=2500; invoice B 5501 => !InvoiceAboveRoom room=5500 missing=1; invoice B 8000 => !InvoiceAboveRoom missing=2500;
        invoice B 5500 => -; see order missing=2500");
    check(
        "total: less than was asked for",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; done card#1 1500 => lack card 500; see card lacking=500 room=0",
    );
    check("hold", "order 10000; pay card 10000 HOLD ONCE; invoice A 2000; invoice B 8000 => settle card 10000; done card#1 7500 => lack card 2500;
        see card settled=7500 lacking=2500; see order state=PartiallyInvoiced transaction=Open");
}

#[test]
fn more_than_asked() {
    card(
        "the rest stands beside the books",
        "done card#1 2000 +300 => -; heard SurplusFound; see card settled=2000 surplus=300; invoice B 1000 => -; see card held=1000",
    );
    check(
        "nothing is released",
        "order 8000; pay card 10000; invoice A 8000; done card#1 +1 => -; see order state=Invoiced transaction=Open",
    );
}

#[test]
fn refused() {
    card("it lacks and is not repeated", "refused card#1 => -; see card#1 state=refused due=never; see card lacking=2000 room=8000; see order state=PartiallyInvoiced;
        invoice B 1000 => settle card 1000; done => -; see card lacking=2000 settled=1000");
    check("total takes it along", "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; refused card#1 => -; see card lacking=2000; invoice B 1000 => settle card 10000;
        see card lacking=0; refused card#2 => -; see card lacking=3000 room=7000");
    check(
        "hold",
        "order 10000; pay card 10000 HOLD ONCE; invoice A 2000; invoice B 8000; refused card#1 => -; see card lacking=10000",
    );
    card(
        "done after all is surplus",
        "refused card#1; done card#1 @2 => -; see card#1 state=done; see card settled=0 lacking=2000 surplus=2000; heard SurplusFound; invoice B 1 => -",
    );
    card(
        "done after all, learnt of the same attempt",
        "refused card#1; done card#1 => -; see card surplus=2000; done card#1 => -; see card surplus=2000",
    );
    card("after an unclear attempt it proves nothing", "unknown card#1 => -; wait 1; lease card#1 => -; see card#1 state=sent attempts=2; refused card#1 => -;
        see card#1 state=unknown due=1000; see card settling=2000 lacking=0");
    check("and touches no other payment", "order 10000; pay gift 3000; pay card 7000; invoice A 2000 => settle gift 2000; unknown gift#1; wait 1; lease gift#1; refused gift#1;
        see gift#1 state=unknown; see card asked=0 settling=0; invoice B 8000 => settle card 7000, settle gift 1000; see gift#2 state=sent");
}

#[test]
fn pending_manual_and_unknown() {
    card(
        "what is pending waits since then, and what is unclear since it is",
        "pending card#1; wait 1; see card#1 waiting=1; lease card#1; unknown card#1; see card#1 state=unknown waiting=0; wait 2; lease card#1; unknown card#1; see card#1 waiting=2",
    );
    card("pending is asked again", "pending card#1 => -; see card#1 state=pending due=500; heard OperationUnresolved; lease card#1; see card#1 state=pending; wait 1; lease card#1;
        see card#1 state=sent attempts=2; pending card#1; see card#1 due=1000; wait 1; lease card#1; done card#1; see card settled=2000");
    card(
        "pending, then refused",
        "pending card#1; wait 1; lease card#1; refused card#1; see card#1 state=refused",
    );
    card("manual waits for a person", "manual card#1 => -; see card#1 state=manual due=never; see card settling=2000; invoice B 1000 => settle card 1000; see card#2 state=sent;
        done card#1 => -; see card settled=2000");
    check(
        "manual holds up the release",
        "order 8000; pay card 10000; invoice A 2000; manual card#1; invoice B 6000 => settle card 6000; done => -; done card#1 => cancel card 2000",
    );
    card(
        "unknown is sent again with the same id",
        "unknown card#1 => -; see card#1 state=unknown due=500; wait 1; lease card#1; done card#1 => -; see card settled=2000; see card#1 attempts=2",
    );
    check(
        "the whole is in its books once",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000 => settle card 10000; unknown card#1; wait 1; lease card#1 => -; done card#1 => -; see card settled=10000",
    );
}

#[test]
fn not_having_reached_it_is_no_answer() {
    card(
        "the state stays",
        "no-answer card#1 => -; see card#1 state=waiting due=500; wait 1; lease card#1; refused card#1; see card#1 state=refused",
    );
    card(
        "also unknown stays",
        "unknown card#1; wait 1; lease card#1; no-answer card#1; see card#1 state=unknown due=1000; wait 1; lease card#1; refused card#1; see card#1 state=unknown",
    );
    card(
        "the provider's pause",
        "no-answer card#1 60; see card#1 due=60000; wait 59; lease card#1; see card#1 state=waiting; wait 1; lease card#1; see card#1 state=sent",
    );
    card("a pause shorter than ours", "no-answer card#1 0; see card#1 due=500");
    card("a pause of ages is not obeyed", "no-answer card#1 9999999999; see card#1 due=3600000");
}

#[test]
fn late_and_duplicated() {
    card("twice the same", "done card#1; done card#1 => -; see card settled=2000");
    card(
        "done, from an older attempt",
        "wait 30; lease card#1; see card#1 attempts=2 state=sent; done card#1 @1 => -; see card settled=2000; done card#1 @2 => -; see card settled=2000",
    );
    card(
        "the end frees the wire, whichever attempt brings it",
        "wait 30; lease card#1; done card#1 @1; invoice B 1000 => settle card 1000; see card#2 state=sent; done card#1 @2 => -; see card#2 state=sent; done card#2; see card settled=3000",
    );
    card(
        "anything else from an older attempt does not count",
        "wait 30; lease card#1; refused card#1 @1 => -; see card#1 state=sent; manual card#1 @1; see card#1 state=sent; done card#1 @2",
    );
    card(
        "done after unknown, of the same attempt",
        "unknown card#1; done card#1 @1 => -; see card settled=2000; see card#1 state=done due=never",
    );
    card(
        "refused after done is an alarm",
        "wait 30; lease card#1; done card#1 @1; refused card#1 @2; heard AnswerContradicted; see card settled=2000 lacking=0",
    );
    card(
        "another value after done is an alarm",
        "wait 30; lease card#1; done card#1 1999 @1 => settle card 1; done card#1 2000 @2 => -; heard AnswerContradicted; see card settled=1999",
    );
    card(
        "an answer to an attempt that was never made",
        "refused card#1 @2 => -; see card#1 state=sent; wait 30; lease card#1; see card#1 attempts=2; unknown card#1 @2; see card#1 state=unknown due=1000",
    );
}
