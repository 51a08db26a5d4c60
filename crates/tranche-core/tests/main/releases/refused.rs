//! Releases that the provider refuses: a part is room again, the whole is an operator's case.

use crate::language::check;

fn at_once(name: &str, rest: &str) {
    check(name, &format!("order 10000 IMMEDIATELY; pay card 10000 CANCELS_PARTS; change 1 -2000; {rest}"));
}

#[test]
fn a_part_is_room_again() {
    at_once(
        "it is released with the rest",
        "refused card#1; change 2 -1 => cancel card 2001; done; invoice A 1000; done; change 3 -6999 => cancel card 6999; see card#1 final=false; see card#2 final=false; see card#4 final=true; done; see card settled=1000 canceled=9000; see order state=Invoiced transaction=Finished",
    );
    at_once(
        "and with all, once the order is canceled",
        "refused card#1; cancel => cancel card 10000; see card#1 final=false; see card#2 final=true; done; see order transaction=Canceled",
    );
    at_once(
        "when what is under way has ended",
        "invoice A 8000; refused card#1 => -; see card unreleased=0 canceling=0; done => cancel card 2000; see card#3 final=true; done; see order transaction=Finished",
    );
    at_once(
        "by hand",
        "refused card#1; release 2001 => !ReleaseAboveFree free=2000; release 500 => cancel card 500; see card#2 final=false; refused card#2; release => cancel card 2000; see card#3 final=false; quiet; see card canceled=2000 unreleased=0",
    );
    check(
        "asked for by hand, and by itself at the end",
        "order 8000; pay card 10000 CANCELS_PARTS; release 500 => cancel card 500; see card#1 final=false; refused card#1 => -; see card room=10000 unreleased=0; invoice A 8000; done => cancel card 2000; done; see order transaction=Finished",
    );
    check(
        "not by itself under MANUAL",
        "order 8000 MANUAL; pay card 10000 CANCELS_PARTS; release 500; refused card#1; invoice A 8000; quiet => -; see order state=Invoiced transaction=Open; release => cancel card 2000; done; see order transaction=Finished",
    );
}

#[test]
fn the_whole_is_remembered() {
    at_once(
        "after a part",
        "invoice A 8000; refused card#1; done card#2 => cancel card 2000; refused card#3 => -; see card unreleased=2000; see order state=Invoiced transaction=Open; release => cancel card 2000; see card unreleased=0; done; see order transaction=Finished",
    );
    let rest = |name: &str, rest: &str| {
        check(
            name,
            &format!(
                "order 8000; pay card 10000 CANCELS_PARTS; invoice A 8000; done; refused card#2; {rest}"
            ),
        );
    };
    rest(
        "what is released by hand is taken off it",
        "see card unreleased=2000; release 500 => cancel card 500; see card#3 final=false; see card unreleased=1500; done => -; release 1501 => !ReleaseAboveFree free=1500; release 1500 => cancel card 1500; see card#4 final=true; see card unreleased=0; done; see order transaction=Finished",
    );
    rest(
        "a part by hand, refused as well, leaves the rest to the operator",
        "release 500; refused card#3 => -; see card unreleased=1500 canceling=0; release => cancel card 2000; see card#4 final=true; refused card#4 => -; see card unreleased=2000",
    );
    check(
        "nothing of the payment is released by itself then",
        "order 5000; pay card 5000; pay gift 5000; release gift => cancel gift 5000; refused gift#1 => -; see gift unreleased=5000 room=5000; invoice A 2000 gift:2000 => settle gift 2000; done; see gift unreleased=3000; invoice B 3000 card:3000; done => cancel card 2000; quiet => -; see gift canceling=0; see order state=Invoiced transaction=Open; release => cancel gift 3000; done; see order transaction=Finished",
    );
    check(
        "not even once the order is canceled",
        "order 5000; pay card 5000; pay gift 5000; release gift; refused gift#1; cancel => cancel card 5000; done => -; release gift => cancel gift 5000; done; see order transaction=Canceled",
    );
    check(
        "what is settled after all lacks no release",
        "order 5000; pay card 5000; pay gift 5000; release gift; refused gift#1; invoice A 5000 gift:5000 => cancel card 5000, settle gift 5000; see gift unreleased=0; quiet; see order transaction=Finished",
    );
}
