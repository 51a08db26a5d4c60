//! Authorizations that a provider is asked for: every answer, every callback, and what becomes of the order.

use crate::language::check;

const ASKED: &str = "order 10000; pay card 10000 ASKED;";

fn asked(name: &str, rest: &str) {
    check(name, &format!("{ASKED} see order; {rest}"));
}

#[test]
fn it_is_asked_for_and_covers_the_order() {
    check(
        "one payment",
        "order 10000; pay card 10000 ASKED; see order; heard TransactionCreated; see card#1 kind=authorization state=sent; see card state=Authorizing authorizing=10000 authorized=0 room=0;
            see order missing=0; invoice A 1 => !InvoiceAboveRoom room=0 missing=1;
            approved card#1 => -; heard PaymentStateChanged; see card state=Authorized authorizing=0 authorized=10000 room=10000 authorization=authorization-1 token=gone;
            invoice A 10000 => settle card 10000; done; see order transaction=Finished; see card state=Finished",
    );
    check(
        "beside one that exists",
        "order 10000; pay gift 3000; pay card 7000 ASKED; see order; see card#1 kind=authorization; invoice A 3000 => settle gift 3000; invoice B 1 => !InvoiceAboveRoom missing=1;
            approved card#1; invoice B 7000 => settle card 7000",
    );
    check("too little", "order 10000; pay card 9999 ASKED; calls 1 => !PaymentsBelowOrderValue missing=1");
    check(
        "added to what is missing",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; done card#1 7500; see order missing=2500; add gift 2500 ASKED => authorize gift 2500;
            see order missing=0; heard CoverageChanged; invoice B 8000 => !InvoiceAboveRoom room=5500 missing=2500; approved gift#1 => -; invoice B 8000 => cancel card 2500, settle gift 2500",
    );
    check(
        "in every mode",
        "order 10000; pay a 3000 ASKED TOTAL ONCE; pay b 3000 ASKED HOLD ONCE; pay c 4000 ASKED; done; see a state=Authorized;
            invoice A 1000 => settle a 3000; invoice B 5000 => settle b 3000; invoice C 4000 => settle c 4000",
    );
    asked(
        "its settlement waits for nothing",
        "approved card#1; invoice A 1 => settle card 1; see card#2 state=sent",
    );
}

#[test]
fn it_is_denied() {
    asked(
        "the only one",
        "denied card#1 => -; heard CoverageChanged; see card state=Denied authorizing=0 authorized=0 token=gone; see order missing=10000 state=Open transaction=Open;
            see card#1 state=refused due=never; invoice A 1 => !InvoiceAboveRoom missing=1; add gift 10000 => -; see order missing=0;
            invoice A 10000 => settle gift 10000; done; see order transaction=Finished; see card state=Denied",
    );
    check(
        "one of two: the other stays as it is",
        "order 10000; pay gift 3000 ASKED; pay card 7000 ASKED; see order; approved gift#1; denied card#1 => -; see order missing=7000; see gift room=3000 canceling=0;
            invoice A 3000 => settle gift 3000; add bank 7000 ASKED => authorize bank 7000; approved bank#1; invoice B 7000 => settle bank 7000; quiet; see order transaction=Finished",
    );
    check(
        "one of two, and the order is canceled",
        "order 10000; pay gift 3000 ASKED; pay card 7000 ASKED; see order; approved gift#1; denied card#1; cancel => cancel gift 3000; done; see order transaction=Canceled; see gift state=Canceled",
    );
    asked("by a status of 400", "refused card#1 => -; see card state=Denied; see order missing=10000");
    asked(
        "by a status of 400 after an unclear attempt: it proves nothing",
        "unknown card#1; wait 1; lease card#1; refused card#1 => -; see card state=Authorizing; see card#1 state=unknown due=1000; see order missing=0",
    );
    asked(
        "by name after an unclear attempt: that is about the payment",
        "unknown card#1; wait 1; lease card#1; denied card#1 => -; see card state=Denied; see card#1 state=refused",
    );
    asked(
        "what is known of an older attempt",
        "wait 30; lease card#1; denied card#1 @1 => -; see card state=Denied; undecided card#1 @2 => -; see card#1 state=refused; approved card#1 @2; heard AnswerContradicted",
    );
    asked(
        "by an older attempt after the approval: that is an alarm, and stays approved",
        "wait 30; lease card#1; approved card#1 @2; denied card#1 @1 => -; heard AnswerContradicted; see card state=Authorized; see card#1 state=done",
    );
}

#[test]
fn it_is_undecided() {
    asked(
        "it is asked again, under the same id",
        "undecided card#1 => -; see card#1 state=pending due=500 attempts=1; see card state=Authorizing; wait 1; lease card#1 => -; see card#1 state=sent attempts=2;
            undecided card#1; wait 1; lease card#1; approved card#1; see card room=10000 state=Authorized",
    );
    asked(
        "not reached",
        "no-answer card#1; see card#1 state=waiting due=500; wait 1; lease card#1; refused card#1; see card state=Denied",
    );
    asked(
        "unknown",
        "unknown card#1; see card#1 state=unknown due=500; wait 1; lease card#1; approved card#1; see card state=Authorized",
    );
    check(
        "a provider that may not be asked twice is waited for",
        "order 100; pay card 100 ASKED SENT_ONCE; see order; undecided card#1; wait 1; lease card#1; see card#1 state=unknown due=never; callback card approved => -; see card room=100",
    );
    asked(
        "beyond the time in which a repeat is known",
        "undecided card#1; wait 86400; lease card#1; see card#1 state=unknown due=never; callback card denied => -; see card state=Denied",
    );
}

#[test]
fn an_operator_says_what_became_of_it() {
    let unknown = "unknown card#1; see card#1 state=unknown attention=true;";
    for (name, script) in [
        (
            "approved",
            "resolve card#1 done 10000 => -; see card state=Authorized authorized=10000 room=10000; see card#1 state=done attention=false; invoice A 10000 => settle card 10000; approved card#1 => -; see card authorized=10000",
        ),
        (
            "approved, and no longer needed",
            "cancel => -; resolve card#1 done 10000 => cancel card 10000; done card#2; see order transaction=Canceled",
        ),
        ("no part is approved", "resolve card#1 done 9999 => !Invalid done.amount.amount"),
        ("nor more", "resolve card#1 done 10001 => !Invalid done.amount.amount"),
        (
            "not authorized",
            "resolve card#1 give-up => -; see card state=Denied; see card#1 state=refused; see order missing=10000",
        ),
        ("not asked of another one", "resolve card#1 move => !Invalid not_done.follow_up"),
    ] {
        asked(name, &format!("{unknown} {script}"));
    }
}

#[test]
fn the_order_is_canceled_meanwhile() {
    asked(
        "the answer is awaited and released",
        "cancel => -; see order state=Canceled transaction=Open; see card state=Authorizing; approved card#1 => cancel card 10000; done => -; see order transaction=Canceled; see card state=Canceled",
    );
    asked(
        "a denial needs no release",
        "cancel; denied card#1 => -; see order transaction=Canceled; see card state=Denied",
    );
    asked(
        "undecided, it goes on",
        "undecided card#1; cancel => -; wait 1; lease card#1; see card#1 state=sent; approved card#1 => cancel card 10000",
    );
    check(
        "what another payment had is released at once",
        "order 10000; pay gift 3000; pay card 7000 ASKED; cancel => cancel gift 3000; done gift#1; see order transaction=Open; approved card#1 => cancel card 7000; done; see order transaction=Canceled",
    );
    check(
        "also when the rest is invoiced without it",
        "order 100; pay gift 100; add card 50 ASKED => authorize card 50; invoice A 100; done gift#1; see order state=Invoiced transaction=Open; approved card#1 => cancel card 50; done; see order transaction=Finished",
    );
    check(
        "a manual policy keeps what is not needed, a cancellation does not",
        "order 100 MANUAL; pay card 100 ASKED; cancel; approved card#1 => cancel card 100",
    );
}

#[test]
fn callbacks() {
    asked(
        "approved",
        "undecided card#1; callback card approved => -; see card state=Authorized authorized=10000; see card#1 state=done callbacks=1 due=never; callback card approved => -; see card#1 callbacks=1",
    );
    asked(
        "denied",
        "undecided card#1; callback card denied => -; see card state=Denied; see order missing=10000; callback card denied => -; see card#1 callbacks=1",
    );
    asked(
        "before the answer to the call",
        "callback card approved; see card state=Authorized; see card#1 state=done; invoice A 1 => settle card 1; see card#2 state=sent; undecided card#1 => -; see card authorized=10000; approved card#1 => -; see card authorized=10000",
    );
    asked(
        "denied before the answer to the call",
        "callback card denied; see card state=Denied; undecided card#1 => -; denied card#1 => -; see card#1 state=refused",
    );
    asked(
        "it says that it can be asked again",
        "undecided card#1; wait 1; lease card#1; undecided card#1; see card#1 due=1000; callback card again => -; see card#1 state=sent attempts=3 callbacks=1; callback card again => -; see card#1 attempts=3; approved card#1; callback card again => -",
    );
    asked(
        "nothing that is on the wire",
        "callback card again => -; see card#1 state=sent attempts=1 callbacks=0",
    );
    asked(
        "nothing that is due already",
        "undecided card#1; wait 1; lease card#1; undecided card#1; see card#1 due=1000; calls 0; wait 1; see card#1 due=0; callback card again => -; see card#1 callbacks=0; wait 1; callback card again => -; see card#1 callbacks=0",
    );
    check(
        "nothing that may not be sent again",
        "order 10; pay card 10 ASKED SENT_ONCE; see order; undecided card#1 600; wait 1; lease card#1 => -; see card#1 state=unknown due=599000; callback card again => -; see card#1 callbacks=0 due=599000; wait 599; lease card#1 => cancel card 10; unheard OperationUnresolved; see card#1 state=unknown due=never",
    );
    asked(
        "undecided changes nothing",
        "undecided card#1; wait 1; callback card undecided => -; see card#1 callbacks=0 state=pending",
    );
    asked(
        "undecided for a shorter time than the call may take waits for the call",
        "callback card undecided 10 => -; see card#1 state=sent due=30000 callbacks=1",
    );
    asked(
        "undecided for a shorter time than the pause ends the pause",
        "undecided card#1; wait 1; lease card#1; undecided card#1; wait 1; lease card#1; undecided card#1; see card#1 due=2000; callback card undecided 3 => -; see card#1 state=pending due=1000 callbacks=1",
    );
    check(
        "of a payment that was adopted",
        "order 10; pay card 10; invoice A 10; callback card approved => !PaymentNotFound",
    );
    check("of no payment", "order 10; pay card 10 ASKED; callback gift approved => !PaymentNotFound");
    check("of no order", "callback card approved => !PaymentNotFound");
    asked(
        "a stale denial after the approval is an alarm, once",
        "undecided card#1; callback card approved; callback card denied; heard AnswerContradicted; see card state=Authorized room=10000; callback card denied => -; see card#1 callbacks=2",
    );
    asked(
        "another authorization is an alarm, once",
        "approved card#1; callback card approved 2 => -; heard AnswerContradicted; see card authorized=10000 authorization=authorization-1; callback card approved 2; see card#1 callbacks=1",
    );
    asked(
        "an approval after the denial is true",
        "denied card#1; see order missing=10000; callback card approved => -; heard AnswerContradicted; see card state=Authorized room=10000; see order missing=0; invoice A 10000 => settle card 10000",
    );
    asked(
        "and released where nothing needs it",
        "denied card#1; add gift 10000; invoice A 10000; done gift#1; see order transaction=Finished; callback card approved => cancel card 10000",
    );
    check(
        "and under a policy that releases nothing by itself",
        "order 100 MANUAL; pay gift 100; add card 50 ASKED; denied card#1; invoice A 100; done gift#1; see order transaction=Finished; callback card approved => cancel card 50",
    );
    asked(
        "in a canceled order too",
        "denied card#1; cancel; see order transaction=Canceled; callback card approved => cancel card 10000; done; see card canceled=10000",
    );
}

#[test]
fn callbacks_are_bounded() {
    let again = "callback card again; wait 1; undecided card#1;".repeat(29);
    asked(
        "they leave attempts for the usual pauses",
        &format!(
            "undecided card#1; {again} wait 1; see card#1 attempts=21; callback card again => -; see card#1 attempts=21 callbacks=20 due=3590000; callback card undecided 600 => -; see card#1 callbacks=20 due=3590000; callback card approved => -; see card state=Authorized"
        ),
    );
    let alarms = (2..40).map(|id| format!("callback card approved {id};")).collect::<Vec<_>>().concat();
    asked(
        "contradictions end",
        &format!(
            "approved card#1; {alarms} see card#1 callbacks=20; callback card denied => -; see card#1 callbacks=21; callback card denied; see card#1 callbacks=21; see card authorization=authorization-1"
        ),
    );
}

#[test]
fn the_provider_sets_a_time() {
    asked(
        "nothing happens before",
        "undecided card#1 600; wait 1; lease card#1; undecided card#1 600; wait 598; lease card#1 => -; see card#1 state=sent; approved card#1; wait 600; invoice A 1 => settle card 1",
    );
    let undecided =
        "undecided card#1 600; wait 599; lease card#1; undecided card#1 600; see card#1 due=1000; wait 1;";
    asked(
        "then its cancellation is asked for, and confirmed",
        &format!("{undecided} lease card#1 => cancel card 10000; see card#2 state=sent final=true; see card state=Authorizing canceling=0; see order missing=0; done card#2 => -;
            see card state=Denied canceled=0; see card#1 state=refused; see order missing=10000; add gift 10000; invoice A 10000; done gift#1; see order transaction=Finished"),
    );
    asked(
        "any command finds it",
        &format!("{undecided} add gift 1 => cancel card 10000; lease card#1 => -; see card#2 state=sent"),
    );
    asked("approved before: it is released when the cancellation is confirmed", &format!("{undecided} lease card#1; callback card approved => -; see card state=Authorized authorized=10000 canceling=10000 room=0; see order missing=10000;
            done card#2; see card canceled=10000 canceling=0; see order missing=10000"));
    asked(
        "approved before, and not canceled: it is used",
        &format!(
            "{undecided} lease card#1; callback card approved; refused card#2 => -; see card canceling=0 room=10000 unreleased=0; see order missing=0; invoice A 10000 => settle card 10000; done; see order transaction=Finished"
        ),
    );
    asked(
        "not canceled: it is awaited, and not asked for twice",
        &format!(
            "{undecided} lease card#1; refused card#2 => -; see card state=Authorizing; see order missing=0; wait 3600; lease card#1 => -; see card#1 state=sent; undecided card#1 600; wait 3600; add gift 1 => -; callback card approved; see card room=10000"
        ),
    );
    asked(
        "not canceled, and then all the same",
        &format!(
            "{undecided} lease card#1; refused card#2; done card#2; heard AnswerContradicted; see card state=Denied surplus=0; see card#2 state=done"
        ),
    );
    asked(
        "not canceled, and then all the same while it is asked for again",
        &format!(
            "{undecided} lease card#1; refused card#2; wait 3600; lease card#1; see card#1 state=sent; done card#2; see card state=Denied; see card#1 state=refused"
        ),
    );
    asked(
        "canceled while it is to be asked for again",
        &format!(
            "{undecided} lease card#1; lease card#1; see card#1 state=pending; done card#2; see card state=Denied; see card#1 state=refused"
        ),
    );
    asked(
        "denied meanwhile",
        &format!(
            "{undecided} lease card#1; callback card denied => -; see card state=Denied; done card#2 => -; see card canceled=0 canceling=0 surplus=0; see order missing=10000"
        ),
    );
    asked(
        "denied meanwhile, and not canceled",
        &format!(
            "{undecided} lease card#1; callback card denied => -; refused card#2 => -; see card unreleased=0"
        ),
    );
    asked(
        "approved, as is told after it was canceled: nothing is left of that",
        &format!(
            "{undecided} lease card#1; done card#2; wait 1; callback card approved => -; heard AnswerContradicted; see card state=Authorized authorized=10000 canceled=10000 room=0; see order missing=10000; callback card approved => -; see card canceled=10000"
        ),
    );
    asked(
        "in a canceled order",
        &format!("{undecided} cancel => cancel card 10000; done card#2 => -; see order transaction=Canceled"),
    );
    asked(
        "also when nobody asks any more",
        "undecided card#1 172800; wait 86400; lease card#1; see card#1 state=unknown due=86400000; wait 86400; lease card#1 => cancel card 10000; see card#1 due=never",
    );
    asked(
        "said by a callback",
        "undecided card#1; callback card undecided 600 => -; see card#1 callbacks=1; callback card undecided 600; see card#1 callbacks=1; wait 600; lease card#1 => cancel card 10000",
    );
    asked(
        "said anew, the longest word counts",
        "undecided card#1 600; callback card undecided 900; wait 600; lease card#1 => -; see card#1 state=sent",
    );
    asked(
        "an old word that comes late changes nothing",
        "undecided card#1 900; callback card undecided 600; see card#1 callbacks=0; undecided card#1 900; wait 600; lease card#1 => -; see card#1 state=sent",
    );
    check(
        "a provider that may not be asked twice",
        "order 100; pay card 100 ASKED SENT_ONCE; see order; undecided card#1 600; wait 600; lease card#1 => cancel card 100; see card#1 state=unknown due=never; heard OperationUnresolved; done card#2; see card state=Denied",
    );
    asked("over when it is learnt", "wait 20; undecided card#1 10 => cancel card 10000");
}

#[test]
fn an_authorization_is_raised() {
    asked(
        "as far as the provider allows",
        "approved card#1 max=12000; change 1 +2000 => -; see card authorized=12000 room=12000; change 2 +1 => !ValueAboveRoom room=12000 missing=1; invoice A 12000 => settle card 12000",
    );
    asked(
        "only by what lacks",
        "approved card#1 max=20000; change 1 -1000; change 2 +1500; see card authorized=10500",
    );
    asked(
        "without a word, not at all",
        "approved card#1; change 1 +1 => !ValueAboveRoom room=10000 missing=1",
    );
    asked("not while it is not authorized", "change 1 +1 => !ValueAboveRoom room=10000 missing=1");
    asked(
        "a change that is only tried raises nothing",
        "approved card#1 max=12000; plan 1 +2000; see card authorized=10000",
    );
    asked(
        "less than was asked for is no word",
        "approved card#1 max=9999; change 1 +1 => !ValueAboveRoom missing=1",
    );
    check(
        "the oldest first",
        "order 100; pay a 50 ASKED; pay b 50 ASKED; see order; approved a#1 max=60; approved b#1 max=60; change 1 +15; see a authorized=60; see b authorized=55; change 2 +6 => !ValueAboveRoom missing=1 room=120",
    );
    check(
        "not once its only settlement has started",
        "order 100; pay a 100 ASKED TOTAL ONCE; see order; approved a#1 max=200; invoice A 10; change 1 +1 => !ValueAboveRoom missing=1",
    );
    check(
        "not where the provider settles all that it authorized",
        "order 100; pay a 100 ASKED TOTAL NONE; see order; approved a#1 max=200; change 1 +1 => !ValueAboveRoom missing=1",
    );
    check(
        "not once its provider settled more than it holds",
        "order 100; pay a 100 ASKED; see order; approved a#1 max=200; adopt a 130 S-1 beyond => settle a 130 already, refund a#2 30; done; see a authorized=130; change 1 +1 => !ValueAboveRoom missing=1",
    );
    check(
        "not once some of it was released",
        "order 100 IMMEDIATELY; pay a 100 ASKED CANCELS_PARTS; see order; approved a#1 max=200; change 1 -50 => cancel a 50; change 2 +1 => !ValueAboveRoom missing=1",
    );
}
