//! A payment of 100.00, operations one after the other, and what comes of each.

use super::*;
use crate::protocol::Ask;
use crate::terms::{CancellationValue, Multiplicity, Replays, Terms};

const MULTIPLE: Terms = Terms {
    settlements: Multiplicity::Multiple,
    cancellations: CancellationValue::MajorUnits,
    replays: Replays::Answered,
    authorizations: crate::terms::Authorizations::Approved,
};

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

fn authorization(currency: &str, value: &str, terms: Terms) -> Authorization {
    Authorization {
        payment_id: "p".to_owned(),
        currency: currency.to_owned(),
        value: decimal(value),
        terms,
        card_denied: false,
    }
}

/// `settle r1 20.00`, `refund r2 SET-000001 5.00`, `cancel r3`, `cancel r3 5.00`
fn operation(words: &[&str]) -> Operation {
    let (request_id, ask) = match words {
        ["settle", request_id, value] => (request_id, Ask::Settle { value: decimal(value) }),
        ["refund", request_id, settle_id, value] => {
            (request_id, Ask::Refund { settle_id: (*settle_id).to_owned(), value: decimal(value) })
        }
        ["cancel", request_id] => (request_id, Ask::Cancel { value: None }),
        ["cancel", request_id, value] => (request_id, Ask::Cancel { value: Some(decimal(value)) }),
        other => panic!("no operation: {other:?}"),
    };
    Operation { request_id: (*request_id).to_owned(), ask }
}

/// Each line is an operation, `->`, and the id and value, `pending` or the refusal's code. A `!` before the line applies
/// the distortion. The last argument is settled, refunded, canceled, released.
fn check_distorted(terms: Terms, currency: &str, distortion: Distortion, lines: &str, sums: [&str; 4]) {
    let mut ledger = Ledger::default();
    let value = if currency == "JPY" { "100" } else { "100.00" };
    ledger.authorize(&authorization(currency, value, terms)).unwrap();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (asked, expected) = line.split_once(" -> ").unwrap();
        let (asked, distortion) = match asked.strip_prefix('!') {
            Some(asked) => (asked, distortion),
            None => (asked, Distortion::Honest),
        };
        let operation = operation(&asked.split(' ').collect::<Vec<_>>());
        let outcome = match ledger.perform("p", &operation, distortion) {
            Ok(Outcome::Done { id, value }) => format!("{id} {value}"),
            Ok(Outcome::Pending) => "pending".to_owned(),
            Err(refusal) => refusal.code().to_owned(),
        };
        assert_eq!(outcome, expected, "{line}");
    }
    let books = ledger.payment("p").unwrap();
    let booked = [books.settled, books.refunded, books.canceled, books.released].map(|sum| sum.to_string());
    assert_eq!(booked, sums);
    assert_eq!(books.settled, books.settlements.iter().map(|settlement| settlement.value).sum());
    assert_eq!(books.refunded, books.refunds.iter().map(|refund| refund.value).sum());
    assert_eq!(books.refunded, books.settlements.iter().map(|settlement| settlement.refunded).sum());
    assert_eq!(books.canceled, books.cancellations.iter().map(|cancellation| cancellation.value).sum());
}

fn check(terms: Terms, lines: &str, sums: [&str; 4]) {
    check_distorted(terms, "BRL", Distortion::Honest, lines, sums);
}

#[test]
fn settlements_stay_within_the_authorization() {
    let lines = "
        settle a 20.00 -> SET-000001 20.00
        settle b 20 -> SET-000002 20.00
        settle c 60.01 -> above-authorized
        settle c 60.00 -> SET-000003 60.00
        settle d 0.01 -> above-authorized
        cancel e -> nothing-to-cancel";
    check(MULTIPLE, lines, ["100.00", "0.00", "0.00", "0.00"]);
}

#[test]
fn a_repeated_request_is_the_same_operation() {
    let lines = "
        settle a 100.00 -> SET-000001 100.00
        settle a 100 -> SET-000001 100.00
        settle a 99.00 -> request-id-reused
        refund a SET-000001 1.00 -> REF-000001 1.00
        refund a SET-000001 1.00 -> REF-000001 1.00
        refund a SET-000002 1.00 -> request-id-reused";
    check(MULTIPLE, lines, ["100.00", "1.00", "0.00", "0.00"]);
    check(
        MULTIPLE,
        "cancel a -> CAN-000001 100.00
        cancel a -> CAN-000001 100.00
        cancel a 5.00 -> request-id-reused",
        ["0.00", "0.00", "100.00", "0.00"],
    );
}

#[test]
fn refunds_stay_within_their_settlement() {
    let lines = "
        settle a 20.00 -> SET-000001 20.00
        settle b 30.00 -> SET-000002 30.00
        refund c SET-000001 20.01 -> above-settled
        refund c SET-000001 15.00 -> REF-000001 15.00
        refund d SET-000001 5.01 -> above-settled
        refund d SET-000003 5.00 -> settlement-unknown
        refund e SET-000002 30.00 -> REF-000002 30.00";
    check(MULTIPLE, lines, ["50.00", "45.00", "0.00", "0.00"]);
}

#[test]
fn cancellations_take_what_is_not_settled() {
    let lines = "
        settle a 20.00 -> SET-000001 20.00
        cancel b 30.00 -> CAN-000001 30.00
        cancel c 50.01 -> above-authorized
        settle d 50.01 -> above-authorized
        cancel c -> CAN-000002 50.00";
    check(MULTIPLE, lines, ["20.00", "0.00", "80.00", "0.00"]);

    let minor = Terms { cancellations: CancellationValue::MinorUnits, ..MULTIPLE };
    check(
        minor,
        "cancel a 30.5 -> value-invalid\ncancel a 3000 -> CAN-000001 30.00",
        ["0.00", "0.00", "30.00", "0.00"],
    );
    let ignored = Terms { cancellations: CancellationValue::Ignored, ..MULTIPLE };
    check(ignored, "cancel a 30.00 -> CAN-000001 100.00", ["0.00", "0.00", "100.00", "0.00"]);
}

#[test]
fn values_are_above_zero_and_payable() {
    let lines = "
        settle a 0 -> value-invalid
        settle a -1.00 -> value-invalid
        settle a 1.001 -> value-invalid
        cancel a 0.00 -> value-invalid
        settle a 1.000 -> SET-000001 1.00
        refund a SET-000001 0 -> value-invalid";
    check(MULTIPLE, lines, ["1.00", "0.00", "0.00", "0.00"]);
}

#[test]
fn multiplicity_is_kept() {
    let terms = |settlements| Terms { settlements, ..MULTIPLE };
    let lines = "
        settle a 20.00 -> SET-000001 20.00
        settle a 20.00 -> SET-000001 20.00
        settle b 20.00 -> settled-before
        cancel c -> CAN-000001 80.00";
    check(terms(Multiplicity::OnceKeeps), lines, ["20.00", "0.00", "80.00", "0.00"]);
    let lines = "
        settle a 20.00 -> SET-000001 20.00
        settle b 20.00 -> settled-before
        cancel c -> nothing-to-cancel";
    check(terms(Multiplicity::OnceReleases), lines, ["20.00", "0.00", "0.00", "80.00"]);
    let lines = "
        settle a 20.00 -> full-value-only
        cancel b 20.00 -> partial-cancellation
        settle a 100.00 -> SET-000001 100.00";
    check(terms(Multiplicity::None), lines, ["100.00", "0.00", "0.00", "0.00"]);
}

#[test]
fn distortions_happen_once_per_request() {
    let check = |currency: &str, distortion, lines: &str, sums| {
        check_distorted(MULTIPLE, currency, distortion, lines, sums);
    };
    let none = ["0.00", "0.00", "0.00", "0.00"];
    let lines = "!settle a 20.00 -> SET-000001 19.99\n!settle a 20.00 -> SET-000001 19.99";
    check("BRL", Distortion::Less(None), lines, ["19.99", "0.00", "0.00", "0.00"]);
    check("JPY", Distortion::Less(None), "!settle a 20 -> SET-000001 19", ["19", "0", "0", "0"]);
    check(
        "KWD",
        Distortion::Less(None),
        "!settle a 20 -> SET-000001 19.999",
        ["19.999", "0.000", "0.000", "0.000"],
    );
    let lines = "!settle a 20.00 -> SET-000001 15.00\n!settle b 4.00 -> SET-000002 0.00";
    check("BRL", Distortion::Less(Some(decimal("5"))), lines, ["15.00", "0.00", "0.00", "0.00"]);

    let lines = "
        !settle a 60.00 -> SET-000001 60.00
        !settle a 60.00 -> SET-000001 60.00
        settle b 0.01 -> above-authorized";
    check("BRL", Distortion::Twice, lines, ["120.00", "0.00", "0.00", "0.00"]);

    let lines = "
        !settle a 60.00 -> SET-000001 60.00
        settle a 60.00 -> SET-000001 60.00
        refund b SET-000001 1.00 -> settlement-unknown
        !cancel c -> CAN-000001 100.00";
    check("BRL", Distortion::Forgotten, lines, none);

    let lines = "
        !settle a 60.00 -> refused-after-timeout
        settle a 60.00 -> refused-after-timeout
        settle b 60.00 -> SET-000001 60.00";
    check("BRL", Distortion::RefusedForGood, lines, ["60.00", "0.00", "0.00", "0.00"]);

    let lines = "
        !settle a 60.00 -> pending
        !settle a 50.00 -> request-id-reused
        !settle a 60.00 -> pending
        !settle a 60.00 -> SET-000001 60.00";
    check("BRL", Distortion::Pending(Some(2)), lines, ["60.00", "0.00", "0.00", "0.00"]);
}

#[test]
fn authorizations_are_found_again() {
    let mut ledger = Ledger::default();
    let asked = authorization("BRL", "100.00", MULTIPLE);
    assert_eq!(ledger.authorize(&asked), Ok((1, true)));
    assert_eq!(ledger.authorize(&authorization("BRL", "100", MULTIPLE)), Ok((1, true)));
    let reused = Refusal::PaymentReused("p".to_owned());
    assert_eq!(ledger.authorize(&authorization("BRL", "99.00", MULTIPLE)), Err(reused));
    let denied = Authorization { payment_id: "q".to_owned(), card_denied: true, ..asked };
    assert_eq!(ledger.authorize(&denied), Ok((2, false)));
    let settle = operation(&["settle", "a", "1.00"]);
    assert_eq!(ledger.perform("q", &settle, Distortion::Honest), Err(Refusal::PaymentDenied));
    let unknown = Refusal::PaymentUnknown("r".to_owned());
    assert_eq!(ledger.perform("r", &settle, Distortion::Honest), Err(unknown));
    assert_eq!(ledger.books().calls.payment, 4);
}
