//! Settlements that were decided for several invoices together, when one of these is taken back.

use crate::language::check;

fn card(name: &str, able: &str, rest: &str) {
    check(name, &format!("order 10000; pay card 10000 {able}; {rest}"));
}

#[test]
fn in_total() {
    let both = "calls 0; invoice A 2000; invoice B 1000;";
    for able in ["TOTAL ONCE", "TOTAL NONE"] {
        card(
            "all are taken back",
            able,
            &format!(
                "{both} void A => settle card 10000; see card#1 state=withdrawn; void B => -; see card#2 state=withdrawn; see card settling=0 room=10000; calls 1; quiet => -; cancel => cancel card 10000; quiet => -; see card settled=0 canceled=10000; see order transaction=Canceled"
            ),
        );
    }
    card(
        "the one that started it stays",
        "TOTAL ONCE",
        &format!(
            "{both} void B => -; see card#1 state=waiting; void A => -; see card#1 state=withdrawn; calls 1; quiet => -; see card settled=0"
        ),
    );
    card(
        "what was sent is awaited",
        "TOTAL ONCE",
        "invoice A 2000; invoice B 1000; void A => -; void B => -; see card#1 state=sent; done => -; see card ahead=10000; invoice C 10000 => -; see order transaction=Finished",
    );
}

#[test]
fn on_hold() {
    card(
        "what remains is held again",
        "HOLD ONCE",
        "calls 0; invoice A 2000; invoice B 8000 => settle card 10000; void A => -; see card#1 state=withdrawn; see card held=8000 settling=0 room=2000; calls 1; quiet => -; invoice C 2000 => settle card 10000; done; see order transaction=Finished",
    );
    card(
        "whichever it is",
        "HOLD ONCE",
        "calls 0; invoice A 2000; invoice B 8000; void B => -; see card#1 state=withdrawn; see card held=2000; calls 1; quiet => -; cancel => !OrderHasInvoices; void A; cancel => cancel card 10000",
    );
    card(
        "a lower value started it",
        "HOLD ONCE",
        "calls 0; invoice A 2000; change 1 -8000 => settle card 2000; void A => -; see card#1 state=withdrawn; see card settling=0 held=0 room=10000; see order state=Open remaining=2000; calls 1; quiet => -; cancel => cancel card 10000",
    );
    card(
        "what did not reach the provider",
        "HOLD ONCE",
        "invoice A 2000; invoice B 8000; no-answer card#1; void A => -; see card#1 state=withdrawn; see card held=8000",
    );
    card(
        "what may have reached it is awaited",
        "HOLD ONCE",
        "invoice A 2000; invoice B 8000; pending card#1; void A => -; see card#1 state=pending; see card settling=10000 held=0; done card#1 => -; see card ahead=2000; invoice C 2000 => -; see order transaction=Finished",
    );
    check(
        "of two payments each for itself",
        "order 10000; pay card 7000 HOLD ONCE; pay gift 3000 HOLD ONCE; calls 0; invoice A 3000 => settle gift 3000; invoice B 7000 => settle card 7000; void A => -; see gift#1 state=withdrawn; see card#1 state=waiting; calls 2; quiet; see card settled=7000; see gift settled=0 room=3000; invoice C 3000 => settle gift 3000",
    );
}

#[test]
fn the_last_one_that_is_allowed() {
    let last = "invoice A 2000; done; invoice B 3000 => -; calls 0; invoice C 5000 => settle card 8000;";
    card(
        "the one that started it",
        "max=2",
        &format!(
            "{last} void C => -; see card#2 state=withdrawn; see card held=3000; calls 1; quiet => -; invoice D 5000 => settle card 8000; see card#3 final=true; done; see order transaction=Finished"
        ),
    );
    card(
        "one that it was also for",
        "max=2",
        &format!(
            "{last} void B => -; see card#2 state=withdrawn; see card held=5000; calls 1; quiet => -; invoice D 3000 => settle card 8000; done; see order transaction=Finished"
        ),
    );
    card(
        "one that was settled before is ahead, and it brings less",
        "max=2",
        &format!(
            "{last} void A => -; see card#2 state=withdrawn; see card held=6000 ahead=0; calls 1; quiet => -; invoice D 2000 => settle card 8000; done; see order transaction=Finished"
        ),
    );
    card(
        "all of them",
        "max=2",
        &format!(
            "{last} void A; void B; void C => -; see card settling=0 ahead=2000 room=10000; calls 1; quiet => -; see card settled=2000"
        ),
    );
}

/// Legs that were too small by themselves go out for the invoice that made them enough.
#[test]
fn joined_for_the_minimum() {
    let joined = |name: &str, rest: &str| {
        check(
            name,
            &format!(
                "order 1000; pay card 1000 minimum=500; calls 0; invoice A 300 => -; invoice B 300 => settle card 600; {rest}"
            ),
        );
    };
    joined(
        "without the first one the second waits again",
        "void A => -; see card#1 state=withdrawn; see card settling=0 asked=300 held=300; calls 1; quiet => -; invoice C 300 => settle card 600",
    );
    joined(
        "without the second one the first waits again",
        "void B => -; see card#1 state=withdrawn; see card held=300 settling=0; invoice C 300 => settle card 600",
    );
    joined(
        "both",
        "void A; void B => -; see card#1 state=withdrawn; calls 1; quiet => -; see card settled=0",
    );
}
