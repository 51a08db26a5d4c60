//! Output invoices that are taken back.

mod accumulated;
mod refusals;

use crate::language::check;

fn card(name: &str, rest: &str) {
    check(name, &format!("order 10000; pay card 10000; {rest}"));
}

/// What a merchant can do about what a provider refused, while no operator can resolve it.
#[test]
fn what_lacks_is_asked_of_another_payment() {
    card(
        "that is added",
        "invoice A 2000; refused card#1; see card lacking=2000; void A => -; see card lacking=0; add bank 2000; invoice B 2000 bank:2000 => settle bank 2000; done; invoice C 8000 card:8000 => settle card 8000; quiet; see order state=Invoiced",
    );
    check(
        "and what was settled is named for who settled it",
        "order 10000; pay card 6000; pay gift 4000; invoice A 5000 card:3000 gift:2000; done card#1; refused gift#1; void A => -; see card ahead=3000; add bank 2000; invoice B 5000 card:3000 bank:2000 => settle bank 2000; see card settled=3000 ahead=0",
    );
}

#[test]
fn what_was_given_up_is_nobodys_any_more() {
    card(
        "of the payment and of the order",
        "invoice A 2000; refused card#1; resolve card#1 give-up; see card given-up=2000; see order given-up=2000; void A => -; see card given-up=0 room=10000; see order given-up=0 remaining=10000",
    );
}

#[test]
fn what_others_lack_stays() {
    card(
        "when nothing that was sent is taken back",
        "invoice A 2000; refused card#1; invoice B 1000; invoice C 3000; void C => -; see card lacking=2000 settling=1000; done; see card lacking=2000 settled=1000",
    );
    card(
        "after something was refunded that nobody needed",
        "invoice A 5000; done; void A; change 1 -8000 => refund card#1 3000; done; change 2 +5000 => -; invoice X 2000 => -; invoice B 1000; refused card#3; invoice D 300; invoice C 500; void C => -; see card lacking=1000 settling=300",
    );
    card(
        "and so does whose turn it is",
        "invoice A 2000; no-answer card#1; invoice B 1000; wait 1; lease card#1; invoice C 500; void C => -; done card#2; see card#1 state=sent",
    );
}

#[test]
fn what_was_not_sent_is_withdrawn() {
    card(
        "it never leaves",
        "calls 0; invoice A 2000 => settle card 2000; void A => -; see card#1 state=withdrawn attempts=0; see card settling=0 room=10000; see order state=Open remaining=10000; heard OperationWithdrawn; calls 1; lease card#1; see card#1 state=withdrawn; quiet => -; see card settled=0",
    );
    card(
        "what waits behind a call",
        "invoice A 2000; invoice B 3000 => settle card 3000; void B => -; see card#2 state=withdrawn due=never; done => -; see card settled=2000; invoice C 8000 => settle card 8000; see card#3 state=sent",
    );
    card(
        "what did not reach the provider",
        "invoice A 2000; no-answer card#1; void A => -; see card#1 state=withdrawn due=never; wait 1; lease card#1 => -; see card#1 state=withdrawn attempts=1; invoice B 1000 => settle card 1000; see card#2 state=sent",
    );
    card(
        "what had its turn",
        "invoice A 1000; invoice B 1000; no-answer card#1; wait 1; lease card#1; see card#1 state=waiting; void A => -; done card#2; invoice C 500 => settle card 500; see card#3 state=sent; see card#1 state=withdrawn",
    );
    check(
        "of each payment",
        "order 10000; pay card 7000; pay gift 3000; calls 0; invoice A 5000 => settle card 2000, settle gift 3000; void A => -; see card#1 state=withdrawn; see gift#1 state=withdrawn; see card room=7000; see gift room=3000",
    );
    check(
        "of one, and the other is ahead",
        "order 10000; pay card 7000; pay gift 3000; calls 1; invoice A 5000; see card#1 state=sent; void A => -; see gift#1 state=withdrawn; done card#1; see card ahead=2000; see gift settling=0",
    );
    card(
        "the difference that is asked for again",
        "invoice A 2000; calls 0; done card#1 1500 => settle card 500; void A => -; see card#2 state=withdrawn; see card ahead=1500 room=10000",
    );
    check(
        "in total it took another's along, which is asked for anew",
        "order 10000; pay card 10000 TOTAL ONCE; calls 0; invoice A 2000 => settle card 10000; invoice B 1000 => -; void A => settle card 10000; see card#1 state=withdrawn; calls 1; quiet; see card settled=10000 ahead=9000",
    );
    check(
        "a withdrawn settlement does not count",
        "order 10000; pay card 10000 max=2; calls 0; invoice A 2000; void A; invoice B 3000 => settle card 3000; see card#2 final=false; invoice C 1000 => -; see card held=1000",
    );
    check(
        "what is held",
        "order 10000; pay card 10000 HOLD ONCE; invoice A 2000 => -; void A => -; see card held=0 room=10000; invoice B 10000 => settle card 10000",
    );
    check(
        "what waits for the minimum",
        "order 1000; pay card 1000 minimum=500; invoice A 300 => -; void A => -; see card held=0; invoice B 300 => -; see card held=300",
    );
    card(
        "done after all is surplus",
        "invoice A 2000; no-answer card#1; void A; done card#1 => -; see card surplus=2000 settled=0; heard SurplusFound; see card#1 state=done; invoice B 1 => -",
    );
}

#[test]
fn the_queue_goes_on() {
    let queued = "order 10000; pay card 10000; calls 0; invoice A 1000; invoice B 2000; invoice C 3000; invoice D 500;";
    check(
        "past the head",
        &format!(
            "{queued} void A; see card#1 state=withdrawn; see card#2 due=0; calls 1; lease card#2; see card#2 state=sent; done; see card#3 state=sent; done; see card#4 state=sent; done; see card settled=5500"
        ),
    );
    check(
        "past the middle",
        &format!(
            "{queued} void B; void C; calls 1; lease card#1; see card#1 state=sent; done => -; lease card#3; see card#4 state=sent; quiet; see card settled=1500"
        ),
    );
    check(
        "past the end",
        &format!(
            "{queued} void D; void C; calls 1; lease card#1; done; see card#2 state=sent; done; invoice E 1 => settle card 1; quiet => -; see card settled=3001"
        ),
    );
    check(
        "past all",
        &format!(
            "{queued} void C; void A; void B; void D; see order state=Open; see card settling=0 room=10000; calls 1; lease card#4; invoice E 1 => settle card 1; see card#5 state=sent; done; see card settled=1"
        ),
    );
    check(
        "past all but one",
        &format!(
            "{queued} void A; void B; void C; see card#4 state=waiting; calls 1; lease card#3; lease card#4; see card#4 state=sent; done; see card settled=500"
        ),
    );
    check(
        "past several while another is on the wire",
        &format!(
            "order 10000; pay card 10000; invoice X 10; {} void A; void B; void C; done; see card#5 state=waiting; quiet; see card settled=510",
            &queued[queued.find("calls").unwrap()..].replace("calls 0;", "")
        ),
    );
    check(
        "of two payments each for itself",
        "order 10000 PROPORTIONAL; pay card 5000; pay gift 5000; calls 0; invoice A 1000 => settle card 500, settle gift 500; invoice B 2000; invoice C 4; void B; calls 2; lease card#1; lease gift#1; quiet; see card settled=502; see gift settled=502",
    );
    check(
        "to a refund by hand and past it",
        "order 10000; pay card 10000 NO_REFUNDS; invoice A 1000; done; calls 0; invoice B 2000 => settle card 2000; return R 100 => refund card#1 100 by hand; invoice C 3000 => settle card 3000; void B; calls 1; lease card#2; lease card#3; lease card#4; see card#4 state=sent; done; see card settled=4000",
    );
}

#[test]
fn what_was_settled_is_ahead() {
    card(
        "the next invoice uses it without a call",
        "invoice A 2000; done; void A => -; see order state=Open invoiced=0 remaining=10000; see card ahead=2000 room=10000; invoice B 1500 => -; invoice C 1000 => settle card 500; quiet; see card ahead=0 settled=2500",
    );
    card(
        "also what is under way",
        "invoice A 2000; void A => -; invoice B 2000 => -; done => -; see card settled=2000; see order invoiced=2000",
    );
    card(
        "what nobody needs goes back at the end",
        "invoice A 2000; done; void A; change 1 -9000 => refund card#1 1000; done; invoice B 1000 => cancel card 8000; done; see order state=Invoiced transaction=Finished",
    );
    card(
        "one of two",
        "invoice A 2000; done; invoice B 3000; done; void A => -; see card ahead=2000; see order state=PartiallyInvoiced invoiced=3000; invoice C 7000 => settle card 5000; done; see order transaction=Finished",
    );
    check(
        "in total",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; done; void A => -; see card ahead=10000 room=10000; invoice B 10000 => -; see order transaction=Finished",
    );
    check(
        "nothing of it is settled again, even at the last allowed settlement",
        "order 10000; pay card 10000 max=2; invoice A 2000; done; void A; invoice B 5000 => -; see card held=3000; invoice C 5000 => settle card 8000; done; see order transaction=Finished",
    );
    check(
        "on hold, while another payment has more to come",
        "order 10000; pay card 7000 HOLD ONCE; pay gift 3000; invoice A 8000 card:7000 gift:1000 => settle card 7000, settle gift 1000; done; void A => -; see card ahead=7000 room=7000; see gift ahead=1000; invoice B 8000 => -; see order remaining=2000",
    );
    card(
        "what returned money left is ahead",
        "invoice A 2000; done; invoice B 2000; done; return R 2000 => refund card#1 2000; void A => -; see card ahead=2000 returned=2000; quiet; invoice C 8000 => settle card 6000; done; see order transaction=Finished",
    );
}

#[test]
fn what_lacked_lacks_no_more() {
    card(
        "refused",
        "invoice A 2000; refused card#1; void A => -; see card lacking=0 room=10000; invoice B 10000 => settle card 10000; done; see order transaction=Finished",
    );
    card(
        "of one of two, both refused",
        "invoice A 2000; refused card#1; invoice B 1000; refused card#2; void A; see card lacking=1000; void B; see card lacking=0",
    );
    card(
        "what the other had settled pays the one that lacks",
        "invoice A 2000; refused card#1; invoice B 1000; done; void B => -; see card lacking=1000 ahead=0; void A => -; see card lacking=0 ahead=1000",
    );
    card(
        "what is under way for the other as well",
        "invoice A 2000; refused card#1; invoice B 1000; void B => -; see card lacking=1000; refused card#2 => -; see card lacking=2000",
    );
    check(
        "in total",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; invoice B 1000; refused card#1; void A => -; see card lacking=1000 room=9000; invoice C 1 => settle card 10000; see card lacking=0",
    );
    check(
        "short for good",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; done card#1 1500; see card lacking=500; see order missing=8000; void A => -; see card lacking=0 ahead=1500; see order missing=8500; invoice B 1500 => -",
    );
    check(
        "below the minimum",
        "order 1000; pay card 1000 minimum=500; invoice A 600; done; invoice B 400 => lack card 400; see card lacking=400; void B => -; see card lacking=0 room=400",
    );
}

#[test]
fn then_canceled() {
    card(
        "nothing had left",
        "calls 0; invoice A 2000; void A; cancel => cancel card 10000; calls 1; quiet; see card canceled=10000 settled=0; see order state=Canceled transaction=Canceled",
    );
    card(
        "settled",
        "invoice A 2000; done; void A; cancel => refund card#1 2000, cancel card 8000; quiet => -; see card refunded=2000 canceled=8000; see order transaction=Canceled",
    );
    card(
        "under way, then done",
        "invoice A 2000; void A; cancel => -; see order state=Canceled transaction=Open; done card#1 => refund card#1 2000, cancel card 8000; quiet => -; see order transaction=Canceled",
    );
    card(
        "under way, then refused",
        "invoice A 2000; void A; cancel => -; refused card#1 => cancel card 10000; quiet => -; see order transaction=Canceled",
    );
    card(
        "under way, then short",
        "invoice A 2000; void A; cancel; done card#1 1500 => refund card#1 1500, cancel card 8500; quiet; see order transaction=Canceled",
    );
    card("refused before", "invoice A 2000; refused card#1; void A; cancel => cancel card 10000");
    card(
        "by a person",
        "invoice A 2000; manual card#1; void A; cancel => -; see card#1 state=manual; done card#1 => refund card#1 2000, cancel card 8000",
    );
    check(
        "where the provider releases by itself",
        "order 10000; pay card 10000 TOTAL ONCE RELEASED; change 1 -2000; invoice A 1000; done; void A; cancel => refund card#1 8000; see card canceled=2000; done; see order transaction=Canceled",
    );
    check(
        "of two payments each for itself",
        "order 10000; pay card 7000; pay gift 3000; invoice A 5000; unknown card#1; void A; cancel => -; done gift#1 => refund gift#1 3000; quiet; see order transaction=Open; done card#1 => refund card#1 2000, cancel card 5000; quiet; see order transaction=Canceled",
    );
}
