//! Who may send, when, and when nobody may any more.

use crate::language::check;

const CARD: &str = "order 10000; pay card 10000; invoice A 2000 => settle card 2000;";

fn card(name: &str, rest: &str) {
    check(name, &format!("{CARD} {rest}"));
}

#[test]
fn leases() {
    card(
        "born leased",
        "see card#1 state=sent attempts=1 due=30000; lease card#1 => -; see card#1 attempts=1",
    );
    card("another waits for the wire", "invoice B 1000 => settle card 1000; see card#2 state=waiting due=never; lease card#2; see card#2 state=waiting;
        invoice C 500; done card#1; see card#2 state=sent; see card#3 state=waiting; done card#2; see card#3 state=sent");
    card("an answer that is not one frees the wire as well", "invoice B 1000; unknown card#1; see card#2 state=sent; wait 1; lease card#1; see card#1 state=unknown due=29000;
        done card#2; see card#1 state=sent attempts=2");
    card("an expired lease frees it", "invoice B 1000; wait 30; lease card#2; see card#2 state=waiting; lease card#1; see card#1 state=sent attempts=2 due=30000;
        refused card#1; see card#1 state=unknown; see card#2 state=sent; done card#2");
    card("a new one takes a wire whose lease has run out; the old one is next", "wait 30; invoice B 1000; see card#2 state=sent; lease card#1; see card#1 state=sent attempts=1 due=30000;
        done card#2; see card#1 state=sent attempts=2; done card#1; see card settled=3000");
    card(
        "nobody answered: sent again",
        "wait 29; lease card#1; see card#1 attempts=1; wait 1; lease card#1; see card#1 state=sent attempts=2; refused card#1 => -; see card#1 state=unknown",
    );
    card("nobody else took it: its late refusal counts", "wait 40; refused card#1; see card#1 state=refused");
    check(
        "two payments, two wires",
        "order 10000; pay card 5000; pay gift 5000; invoice A 10000; see card#1 state=sent; see gift#1 state=sent",
    );
}

#[test]
fn no_calls_to_spare() {
    check("none", "order 10000; pay card 10000; calls 0; invoice A 2000 => settle card 2000; see card#1 state=waiting due=0 attempts=0; lease card#1; see card#1 state=waiting due=0;
        invoice B 1000 => settle card 1000; calls 1; lease card#1; see card#1 state=sent; done => -; see card#2 state=sent; done; see card settled=3000");
    check(
        "one for two payments",
        "order 10000; pay card 5000; pay gift 5000; calls 1; invoice A 10000; see card#1 state=sent; see gift#1 state=waiting due=0; lease gift#1; see gift#1 state=sent",
    );
    card("out of turn", "calls 0; invoice B 1000; invoice C 500; done card#1; see card#2 state=waiting due=0; calls 1; wait 30; lease card#3; see card#3 state=waiting due=never; lease card#2; see card#2 state=sent;
        done card#2; see card#3 state=sent; done; see card settled=3500");
}

#[test]
fn a_connector_that_takes_none() {
    const TWO: &str = "order 10000; pay card 5000; pay gift 5000;";
    let two = |name: &str, rest: &str| check(name, &format!("{TWO} {rest}"));
    two(
        "the others are called; it stays due and unsent, without an attempt",
        "connectors card:0 gift:1; invoice A 10000; see gift#1 state=sent; see card#1 state=waiting due=0 attempts=0;
        wait 100000; lease card#1 => -; see card#1 state=waiting due=-100000000 attempts=0;
        connectors card:1; lease card#1; see card#1 state=sent attempts=1; done; see card settled=5000",
    );
    two(
        "one that nobody named takes none",
        "connectors gift:1; invoice A 10000; see gift#1 state=sent; see card#1 state=waiting due=0",
    );
    card(
        "what comes next after an answer waits as well, and is not skipped",
        "invoice B 1000; invoice C 500; connectors card:0; done card#1; see card#2 state=waiting due=0 attempts=0;
        lease card#3; see card#3 state=waiting due=never; connectors card:1; lease card#2; see card#2 state=sent; done card#2;
        see card#3 state=sent; done; see card settled=3500",
    );
    card(
        "an expired lease is not renewed, and its answer counts",
        "wait 30; connectors card:0; lease card#1 => -; see card#1 state=sent attempts=1; done card#1; see card settled=2000",
    );
    card(
        "what has had its time is laid to rest all the same",
        "no-answer card#1; wait 86400; connectors card:0; lease card#1; heard stuck",
    );
}

#[test]
fn sent_once() {
    let once = |name: &str, rest: &str| {
        check(
            name,
            &format!("order 10000; pay card 10000 SENT_ONCE; invoice A 2000 => settle card 2000; {rest}"),
        );
    };
    once(
        "unknown is never sent again",
        "unknown card#1; see card#1 state=unknown due=never; wait 100; lease card#1; see card#1 state=unknown attempts=1; done card#1; see card settled=2000",
    );
    once(
        "nor is what nobody answered",
        "wait 30; see card#1 due=0; lease card#1; see card#1 state=unknown due=never attempts=1; heard OperationUnresolved; lease card#1; see card#1 attempts=1; done card#1; see card settled=2000",
    );
    once(
        "nor pending",
        "pending card#1; wait 1; lease card#1; see card#1 state=unknown due=never attempts=1",
    );
    once(
        "a refusal from it is not taken then",
        "wait 30; lease card#1; refused card#1; see card#1 state=unknown due=never",
    );
    once(
        "what did not leave is sent",
        "no-answer card#1; wait 1; lease card#1; see card#1 state=sent attempts=2; refused card#1; see card#1 state=refused",
    );
    once(
        "the others go on",
        "wait 30; lease card#1; invoice B 1000 => settle card 1000; see card#2 state=sent; done; see card settled=1000 settling=2000",
    );
}

#[test]
fn the_end_of_trying() {
    let window = |name: &str, rest: &str| {
        check(name, &format!("order 10000; pay card 10000 window=100; invoice A 2000; {rest}"));
    };
    window(
        "the whole lease inside the replay window",
        "unknown card#1; wait 69; lease card#1; see card#1 state=sent",
    );
    window(
        "its end beyond it rests",
        "unknown card#1; wait 70; lease card#1; see card#1 state=unknown due=never attempts=1",
    );
    window(
        "nor does it get its turn beyond it",
        "unknown card#1; invoice B 1000; see card#2 state=sent; wait 1; lease card#1; wait 75; done card#2; see card#1 state=unknown attempts=1 due=0; lease card#1; see card#1 due=never",
    );
    window(
        "nor does it take the turn that it waited for",
        "unknown card#1; invoice B 1000; see card#2 state=sent; wait 1; lease card#1; wait 100; lease card#1; see card#1 state=unknown due=never; lease card#1 => -",
    );
    window(
        "unknown beyond it rests",
        "unknown card#1; wait 100; lease card#1; see card#1 state=unknown due=never attempts=1; heard OperationUnresolved; done card#1; see card settled=2000",
    );
    window(
        "an expired lease beyond it",
        "see card#1 unclear=false; wait 100; lease card#1; see card#1 state=unknown due=never unclear=true",
    );
    window(
        "what never left does not mind",
        "no-answer card#1; wait 200; lease card#1; see card#1 state=sent",
    );
    card(
        "stuck holds its money",
        "no-answer card#1; wait 86400; lease card#1; heard stuck; see card#1 unclear=false; see card settling=2000; invoice B 1000 => settle card 1000; see card#2 state=sent; done card#1; see card settled=2000",
    );
    let hourly = "no-answer card#1; wait 3600; lease card#1;".repeat(24);
    card("a day ends before the attempts do", &format!("{hourly} see card#1 state=stuck attempts=24"));
}

#[test]
fn attempts_are_bounded() {
    let again = "wait 30; lease card#1;".repeat(59);
    card("sixty leases that nobody answered", &format!("{again} see card#1 state=sent attempts=60; wait 30; lease card#1; see card#1 state=unknown attempts=60 due=never;
        done card#1 @60; see card settled=2000"));
    card("the answer to the last one counts", &format!("{again} no-answer card#1; see card#1 state=unknown; wait 3600; lease card#1; see card#1 state=unknown attempts=60 due=never;
        done card#1 @7; see card settled=2000"));
}
