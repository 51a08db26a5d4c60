//! Money that providers moved unasked.

use std::time::Duration;

use tranche_core::command::Command;
use tranche_core::rejection::Rejection;

use crate::commands;
use crate::language::{check, played};

#[test]
fn a_surplus_is_looked_into() {
    let more = "order 10000; pay card 10000; invoice A 2000; done card#1 2000 +500; see card#1 surplus=500 attention=true;";
    let lacks = "order 2000; pay card 2000 TOTAL NONE SENT_ONCE; invoice A 500 => settle card 2000; done; change 1 -1000 => refund card#1 1000; unknown card#2; invoice B 500; return R 500 => refund card#1 500; refused card#3; see card unreturned=500 ahead=0;";
    for (name, script) in [
        ("real", format!("{more} resolve card#1 real => settle card 500 already; see card settled=2500 ahead=500 surplus=0 room=8000; see card#1 surplus=0 attention=false; invoice B 700 => settle card 200; done; shares B => card#2 500/500, card#3 200/200")),
        ("and not needed", format!("{more} change 1 -7700 => -; resolve card#1 real => settle card 500 already, refund card#1 200; done; see card settled=2500 refunded=200 ahead=300")),
        ("and the order complete", "order 2000; pay card 2500; invoice A 2000; done card#1 2000 +500; see order transaction=Open; resolve card#1 real => settle card 500 already, refund card#1 500; done; see card settled=2500 refunded=500; see order transaction=Finished".to_owned()),
        ("beyond the authorization", "order 2000; pay card 2000; invoice A 2000; done card#1 2000 +500; resolve card#1 real => settle card 500 already, refund card#2 500; see card authorized=2500; done; see card settled=2500 refunded=500; see order state=Invoiced transaction=Finished".to_owned()),
        ("beyond it, and the rest is still to be invoiced", "order 3000; pay card 3000; invoice A 2000; done card#1 2000 +1400; resolve card#1 real => settle card 1400 already, refund card#2 400; see card authorized=3400 ahead=1000 room=1000; done; invoice B 1000 => -; see order transaction=Finished".to_owned()),
        ("of a settlement that was refused, and is still looked into when what it was for is asked for again", "order 10000; pay card 10000; invoice A 2000; refused card#1; done card#1; see card surplus=2000 lacking=2000; retry card#1 => -; see card lacking=0; see card#1 lacking=0 attention=true; resolve card#1 real => settle card 2000 already; see card#1 attention=false; see card settled=2000 ahead=0".to_owned()),
        ("of a settlement that was refused: one more that the provider has made", "order 10000; pay card 10000 max=2; invoice A 2000; refused card#1; done card#1; resolve card#1 real => settle card 2000 already; invoice B 1000 => -; see card held=1000".to_owned()),
        ("of a settlement that was done: no other one", "order 10000; pay card 10000 max=3; invoice A 2000; done card#1 2000 +500; resolve card#1 real => settle card 500 already; invoice B 1000 => settle card 500".to_owned()),
        ("not real of what was refused, which still lacks", "order 10000; pay card 10000; invoice A 2000; refused card#1; done card#1; resolve card#1 unreal => -; see card surplus=0 lacking=2000; see card#1 attention=true".to_owned()),
        ("of a refund, more than is settled: the rest is still looked into", "order 10000; pay card 10000; invoice A 2000; done; return R 500; done card#2 500 +1600; resolve card#2 real => refund card#1 1500 already; see card surplus=100; see card#2 surplus=100 attention=true".to_owned()),
        ("of a refund of money ahead, while more is ahead and a return lacks", "order 2000; pay card 2000 TOTAL NONE SENT_ONCE; invoice A 500 => settle card 2000; done; change 1 -1000 => refund card#1 1000; unknown card#2; return R 500 => refund card#1 500; refused card#3; see card unreturned=500 ahead=500; done card#2 1000 +300; resolve card#2 real => refund card#1 300 already; see card ahead=200 unreturned=500 given-back=0".to_owned()),
        ("not real", format!("{more} resolve card#1 unreal => -; see card settled=2000 surplus=0 ahead=0; invoice B 8000 => settle card 8000")),
        ("what waited for it goes on", format!("{more} invoice B 1000 => -; see card held=1000; resolve card#1 unreal => settle card 1000")),
        ("of a refund", "order 10000; pay card 10000; invoice A 2000; done; return R 500; done card#2 500 +100; resolve card#2 real => refund card#1 100 already; see card refunded=100 given-up=100 asked=1900 surplus=0; see order given-up=100 state=PartiallyInvoiced".to_owned()),
        (
            "of a refund that returns still wait for",
            "order 10000; pay card 10000; invoice A 2000; done; invoice B 1000; return R 1500 => refund card#1 1500; return S 1300 => refund card#1 500; see card waiting=800; done card#3 1500 +300; see card surplus=300 => ; resolve card#3 real => !OperationNotResolvable; done card#2; see card waiting=800".to_owned(),
        ),
        ("of a refund of money ahead, and a return lacks", format!("{lacks} done card#2 1000 +300; resolve card#2 real => refund card#1 300 already; see card given-back=300 unreturned=200 given-up=0; retry card#3 => refund card#1 200; done; see card given-back=500 refunded=1000")),
        ("of a refund of money ahead, and a return was given up", format!("{lacks} resolve card#3 give-up => -; done card#2 1000 +300; resolve card#2 real => refund card#1 300 already; see card given-back=300 unreturned=0 given-up=0")),
        ("of a refund of money ahead, more than returns lack", format!("{lacks} done card#2 1000 +700; resolve card#2 real => refund card#1 500 already, refund card#1 200 already; see card given-back=500 unreturned=0 given-up=200 asked=800; retry card#3 => !NothingLacking")),
        ("of a refund of money ahead", "order 10000; pay card 10000 TOTAL NONE; invoice A 2000; done; change 1 -3000 => refund card#1 3000; done card#2 3000 +100; resolve card#2 real => refund card#1 100 already; see card refunded=3100 ahead=4900 given-up=0".to_owned()),
        ("of a cancellation that was refused", "order 2000; pay card 2000; cancel; refused card#1; done card#1; see card surplus=2000; resolve card#1 real => cancel card 2000 already; see card canceled=2000; see order transaction=Canceled".to_owned()),
        ("two of them", format!("{more} invoice B 1000; resolve card#1 unreal => settle card 1000; done card#2 1000 +7; see card surplus=7; resolve card#1 real => !OperationNotResolvable; resolve card#2 real => settle card 7 already")),
    ] {
        check(name, &script);
    }
}

#[test]
fn what_is_beyond_the_authorization_is_known_when_nothing_else_is_being_settled() {
    let under_way = "order 176; pay card 176; invoice A 169 => settle card 169; invoice B 7; done card#1 169 +1; see card surplus=1; unknown card#2; resolve card#1 real => !OperationNotResolvable;";
    check(
        "it was not settled: the provider holds that much less",
        &format!(
            "{under_way} resolve card#2 retry => -; see card lacking=0; resolve card#1 real => settle card 1 already, settle card 6; see card authorized=176 settled=170; done; see card settled=176"
        ),
    );
    check(
        "it was",
        &format!(
            "{under_way} resolve card#2 done 7; resolve card#1 real => settle card 1 already, refund card#3 1; done; see card authorized=177 settled=177 refunded=1"
        ),
    );
}

#[test]
fn what_is_beyond_the_authorization_is_known_when_nothing_is_being_released() {
    let under_way = "order 3000 IMMEDIATELY; pay card 3000 CANCELS_PARTS; change 1 -500 => cancel card 500; invoice A 2400; unknown card#1; done card#2 2400 +150; see card surplus=150; resolve card#2 real => !OperationNotResolvable;";
    check(
        "it was not released: there is a place for all of it",
        &format!(
            "{under_way} resolve card#1 retry => -; resolve card#2 real => settle card 150 already, refund card#2 50; see card authorized=3000 settled=2550"
        ),
    );
    check(
        "it was",
        &format!(
            "{under_way} resolve card#1 done 500; resolve card#2 real => settle card 150 already, refund card#3 50; see card authorized=3050 settled=2550 canceled=500"
        ),
    );
    check(
        "what there is a place for is real at any time",
        "order 3000 IMMEDIATELY; pay card 3000 CANCELS_PARTS; change 1 -500 => cancel card 500; invoice A 2400; done card#2 2400 +100; resolve card#2 real => settle card 100 already; see card authorized=3000 settled=2500",
    );
    check(
        "what there is a place for is adopted at any time",
        "order 3000 IMMEDIATELY; pay card 3000 CANCELS_PARTS; change 1 -500 => cancel card 500; invoice A 2400; done card#2; adopt card 100 S-1 => settle card 100 already; see card authorized=3000",
    );
}

#[test]
fn what_has_not_happened_is_not_adopted() {
    let mut books = played("an order", "order 10000; pay card 10000; see order");
    let mut adopt = commands::adopt("1", "card", 3000, "S-1", false);
    adopt.movement_time = Some(books.now.after(Duration::from_micros(1)));
    let refused = books.play(&Command::AdoptMovement(Box::new(adopt.clone())));
    let Err(Rejection::Invalid(violations)) = refused else { panic!("{refused:?}") };
    assert_eq!(violations[0].field, "movement_time");
    adopt.movement_time = Some(books.now);
    books.play(&Command::AdoptMovement(Box::new(adopt))).unwrap();
    assert_eq!(books.payments()[0].settled, 3000);
}

#[test]
fn a_movement_is_adopted() {
    for (name, script) in [
        (
            "it serves the next invoices",
            "order 10000; pay card 10000; adopt card 3000 S-1 => settle card 3000 already; see card settled=3000 ahead=3000 room=10000; invoice A 2000 => -; invoice B 2000 => settle card 1000; done; shares A => card#1 2000/2000; shares B => card#1 1000/1000, card#2 1000/1000",
        ),
        (
            "it is refunded by its id",
            "order 10000; pay card 10000; adopt card 3000 S-1; change 1 -8000 => refund card#1 1000; done; see card refunded=1000 ahead=2000",
        ),
        (
            "of an order that was canceled",
            "order 2000; pay card 2000; cancel; done; see order transaction=Canceled; adopt card 2000 S-1 => !MovementAboveAuthorization; adopt card 2000 S-1 beyond => settle card 2000 already, refund card#2 2000; done; see card settled=2000 refunded=2000 authorized=4000",
        ),
        (
            "of a payment that settles once",
            "order 10000; pay card 10000 HOLD ONCE; adopt card 3000 S-1; see card room=3000; see order missing=7000; invoice A 3000 => -; see card held=0",
        ),
        (
            "twice",
            "order 10000; pay card 10000; adopt card 3000 S-1; adopt card 3000 S-1 => !MovementAlreadyBooked; adopt card 3000 S-2 => settle card 3000 already",
        ),
        (
            "which an operation made",
            "order 10000; pay card 10000; invoice A 2000; done; adopt card 2000 provider's#1 => settle card 2000 already",
        ),
        (
            "which an operation may have made",
            "order 10000; pay card 10000; invoice A 2000; unknown card#1; adopt card 2000 S-1 => !OperationCouldOwnMovement; resolve card#1 done 2000 as=S-1; adopt card 2000 S-1 => !MovementAlreadyBooked",
        ),
        (
            "which an operation may be making",
            "order 10000; pay card 10000; invoice A 2000; see card#1 state=sent; adopt card 2000 S-1 => !OperationCouldOwnMovement; done card#1; adopt card 2000 S-1 => settle card 2000 already",
        ),
        (
            "before its provider has authorized anything",
            "order 10000; pay card 10000 ASKED; see order; adopt card 2000 S-1 => !OperationCouldOwnMovement; approved card#1; adopt card 2000 S-1 => settle card 2000 already",
        ),
        (
            "which was denied",
            "order 10000; pay card 10000 ASKED; see order; denied card#1; adopt card 2000 S-1 => !OperationCouldOwnMovement",
        ),
        (
            "that another provider calls by the same name",
            "order 10000; pay card 6000; pay gift 4000; adopt card 500 S-1 => settle card 500 already; adopt gift 500 S-1 => settle gift 500 already; adopt gift 500 S-1 => !MovementAlreadyBooked",
        ),
        (
            "which was not made by an operation that was never sent",
            "order 10000; pay card 10000; calls 0; invoice A 2000; adopt card 500 S-1 => settle card 500 already; calls 9; quiet; see card settled=2500 ahead=500",
        ),
        (
            "more than is left beside what is being settled, which is known when that has ended",
            "order 10000; pay card 10000; calls 0; invoice A 8000; adopt card 5000 S-1 beyond => !MovementAboveAuthorization amount=5000 unsettled=2000 under_way=8000; adopt card 2000 S-1 => settle card 2000 already",
        ),
        (
            "more than is left beside what is being released, which is known when that has ended",
            "order 3000 IMMEDIATELY; pay card 3000 CANCELS_PARTS; invoice A 2400; done card#1; change 1 -500 => cancel card 500; unknown card#2; adopt card 150 S-1 beyond => !MovementAboveAuthorization unsettled=100 under_way=500; resolve card#2 retry => -; adopt card 150 S-1 => settle card 150 already, refund card#1 50; see card authorized=3000",
        ),
        (
            "on another payment",
            "order 10000; pay card 6000; pay gift 4000; invoice A 1000 card:1000; unknown card#1; adopt gift 500 S-1 => settle gift 500 already",
        ),
        ("on none", "order 10000; pay card 10000; adopt cash 500 S-1 => !PaymentNotFound"),
    ] {
        check(name, script);
    }
}
