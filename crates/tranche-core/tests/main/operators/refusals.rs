//! What operators are refused.

use tranche_core::command::{Command, Resolution};
use tranche_core::decision::Reply;
use tranche_core::money::Money;
use tranche_core::operation::OperationKind;
use tranche_core::rejection::Rejection;

use crate::commands;
use crate::language::{check, played};

#[test]
fn another_currency() {
    let mut books = played("nobody can tell", "order 2000; pay card 2000; invoice A 2000; unknown card#1");
    let amount = Money { currency: commands::currency("USD"), minor: 2000 };
    let done = Resolution::Done { amount: Some(amount), provider_id: "S-1".to_owned() };
    let resolve = commands::resolve(&books.operation("card", 1), "1", done);
    let refused = books.play(&Command::ResolveOperation(resolve));
    let Err(Rejection::Invalid(violations)) = refused else { panic!("{refused:?}") };
    assert_eq!(violations[0].field, "done.amount.currency_code");
}

#[test]
fn a_retry_answers_with_what_it_started() {
    let mut books = played(
        "another payment's release waits for what lacks",
        "order 1000; pay card 1000; pay bank 500; invoice A 1000 card:1000; refused card#1",
    );
    let retry = commands::retry(&books.operation("card", 1), "1");
    let decision = books.play(&Command::RetryOperation(retry)).unwrap();
    assert_eq!(books.operation("bank", 1).kind, OperationKind::Cancellation);
    let Reply::Retried(_, _, row) = decision.reply else { panic!("{:?}", decision.reply) };
    assert_eq!((row.payment_id.as_str(), row.ordinal), ("card", 2));
}

#[test]
fn another_attempt() {
    for (name, script) in [
        (
            "on the wire",
            "order 2000; pay card 2000; invoice A 2000; retry card#1 => !OperationNotRetryable Sent",
        ),
        (
            "not sent yet",
            "order 2000; pay card 2000; calls 0; invoice A 2000; retry card#1 => !OperationNotRetryable Pending",
        ),
        (
            "stuck at its provider, which has forgotten it since",
            "order 2000; pay card 2000 window=172800; invoice A 2000; pending card#1; wait 90000; lease card#1; see card#1 state=stuck; wait 90000; retry card#1 => !OperationReplayWindowOver",
        ),
        (
            "asked again by itself",
            "order 2000; pay card 2000; invoice A 2000; pending card#1; retry card#1 => !OperationNotRetryable AtProvider",
        ),
        (
            "a person's work",
            "order 2000; pay card 2000; invoice A 2000; manual card#1; retry card#1 => !OperationNotRetryable Manual",
        ),
        (
            "done",
            "order 2000; pay card 2000; invoice A 2000; done; retry card#1 => !OperationNotRetryable Done",
        ),
        (
            "withdrawn",
            "order 2000; pay card 2000; calls 0; invoice A 2000; void A; retry card#1 => !OperationNotRetryable Withdrawn",
        ),
        (
            "its provider may do it twice",
            "order 2000; pay card 2000 SENT_ONCE; invoice A 2000; unknown card#1; retry card#1 => !OperationNotRetryable is_replay_safe:",
        ),
        (
            "its provider may have forgotten it",
            "order 2000; pay card 2000 window=100; invoice A 2000; unknown card#1; wait 100; retry card#1 => !OperationReplayWindowOver",
        ),
        (
            "the whole lease must be in the window",
            "order 2000; pay card 2000 window=100; invoice A 2000; unknown card#1; wait 70; retry card#1 => !OperationReplayWindowOver",
        ),
        (
            "and just is",
            "order 2000; pay card 2000 window=100; invoice A 2000; unknown card#1; wait 69; retry card#1 => -",
        ),
        (
            "stuck after an attempt that was unclear",
            "order 2000; pay card 2000 SENT_ONCE; invoice A 2000; no-answer card#1; wait 90000; lease card#1; see card#1 state=stuck; retry card#1 => -",
        ),
    ] {
        check(name, script);
    }
}

#[test]
fn a_resolution() {
    for (name, script) in [
        (
            "done twice",
            "order 2000; pay card 2000; invoice A 2000; done; resolve card#1 done 2000 => !OperationNotResolvable",
        ),
        (
            "not done, and it is",
            "order 2000; pay card 2000; invoice A 2000; done; resolve card#1 give-up => !OperationNotResolvable",
        ),
        (
            "not done, while it is sent",
            "order 2000; pay card 2000; invoice A 2000; resolve card#1 retry => !OperationNotResolvable",
        ),
        (
            "not done, before it is sent",
            "order 2000; pay card 2000; calls 0; invoice A 2000; resolve card#1 give-up => !OperationNotResolvable",
        ),
        (
            "a surplus that it has not",
            "order 2000; pay card 2000; invoice A 2000; done; resolve card#1 real => !OperationNotResolvable",
        ),
        (
            "a surplus before it is done",
            "order 2000; pay card 2000; invoice A 2000; resolve card#1 unreal => !OperationNotResolvable",
        ),
        (
            "done, without an amount",
            "order 2000; pay card 2000; invoice A 2000; unknown card#1; resolve card#1 done => !Invalid done.amount",
        ),
        (
            "a cancellation of more",
            "order 2000; pay card 2000; cancel; manual card#1; resolve card#1 done 2001 => !Invalid done.amount.amount",
        ),
        (
            "under another settlement's id",
            "order 9000; pay card 9000; invoice A 2000; done; invoice B 1000; unknown card#2; resolve card#2 done 1000 as=provider's_card#1 => -; resolve card#2 done 1000 => !OperationNotResolvable",
        ),
        (
            "a refund to another payment",
            "order 2000; pay card 2000; pay gift 500; invoice A 2000 card:2000; done; return R 500; manual card#2; resolve card#2 move gift => !Invalid not_done.follow_up",
        ),
        (
            "to itself",
            "order 2000; pay card 2000; invoice A 2000; refused card#1; resolve card#1 move card => !Invalid not_done.payment_id",
        ),
        (
            "to a payment that is not there",
            "order 2000; pay card 2000; invoice A 2000; refused card#1; resolve card#1 move gift => !PaymentNotFound",
        ),
        (
            "to none",
            "order 2000; pay card 2000; invoice A 2000; refused card#1; resolve card#1 move => !MoveAboveRoom amount=2000 room=0",
        ),
        (
            "to one with too little",
            "order 3999; pay card 2000; pay gift 1999; invoice A 2000 card:2000; refused card#1; resolve card#1 move gift => !MoveAboveRoom amount=2000 room=1999",
        ),
        (
            "what remains would not be covered",
            "order 10000; pay card 6000 HOLD ONCE; pay gift 4000; invoice A 6000 card:6000; done card#1 5000 => lack card 1000; resolve card#2 move gift => !MoveAboveRoom amount=1000 room=0; add cash 1000; resolve card#2 move cash => settle cash 1000",
        ),
    ] {
        check(name, script);
    }
}
