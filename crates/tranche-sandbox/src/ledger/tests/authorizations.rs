//! Payments that are decided, undecided and decided anew, and how far a settlement raises an authorization.

use super::*;
use crate::books::PaymentStatus;

fn decided(ledger: &mut Ledger, asked: &Authorization, decision: Decision) -> Result<Standing, Refusal> {
    ledger.authorize(asked, decision)
}

#[test]
fn authorizations_are_found_again_as_they_stand() {
    let mut ledger = Ledger::default();
    let asked = authorization("BRL", "100.00", MULTIPLE);
    let approved = ledger.authorize(&asked, asked.decision).unwrap();
    assert_eq!((approved.ordinal, approved.status), (1, PaymentStatus::Approved));
    let same = authorization("BRL", "100", MULTIPLE);
    assert_eq!(ledger.authorize(&same, Decision::Now(Verdict::Denied)), Ok(approved));
    let reused = Refusal::PaymentReused("p".to_owned());
    let other = authorization("BRL", "99.00", MULTIPLE);
    assert_eq!(ledger.authorize(&other, other.decision), Err(reused));

    let later = Authorization { payment_id: "q".to_owned(), ..asked };
    let undefined = decided(&mut ledger, &later, Decision::Later(None)).unwrap();
    assert_eq!((undefined.ordinal, undefined.status), (2, PaymentStatus::Undefined));
    ledger.decide("q", Verdict::Approved, false).unwrap();
    let approved = ledger.authorize(&later, later.decision).unwrap();
    assert_eq!(approved, Standing { status: PaymentStatus::Approved, ..undefined });

    let settle = operation(&["settle", "a", "1.00"]);
    let unknown = Refusal::PaymentUnknown("r".to_owned());
    assert_eq!(ledger.perform("r", &settle, Distortion::Honest), Err(unknown));
}

/// What happens to a payment of 100.00 that is undefined at first: its operations, `decide` or `force` and a verdict.
/// The last arguments are where it stands and what is authorized and canceled.
fn check_undefined(lines: &str, status: PaymentStatus, sums: [&str; 2]) {
    let mut ledger = Ledger::default();
    let asked = authorization("BRL", "100.00", MULTIPLE);
    decided(&mut ledger, &asked, Decision::Later(Some(Verdict::Denied))).unwrap();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (asked, expected) = line.split_once(" -> ").unwrap();
        let words: Vec<_> = asked.split(' ').collect();
        let outcome = match words[..] {
            ["decide" | "force", verdict] => {
                let verdict = if verdict == "approved" { Verdict::Approved } else { Verdict::Denied };
                ledger.decide("p", verdict, words[0] == "force").map(|()| "decided".to_owned())
            }
            _ => ledger.perform("p", &operation(&words), Distortion::Honest).map(|outcome| match outcome {
                Outcome::Done { id, value } => format!("{id} {value}"),
                Outcome::Pending => "pending".to_owned(),
            }),
        };
        assert_eq!(outcome.unwrap_or_else(|refusal| refusal.code().to_owned()), expected, "{line}");
    }
    let books = ledger.payment("p").unwrap();
    let booked = [books.authorized, books.canceled].map(|sum| sum.to_string());
    assert_eq!((books.status, booked), (status, sums.map(str::to_owned)), "{lines}");
    assert_eq!(
        (ledger.verdict("p"), ledger.undefined()),
        (None, Vec::new()),
        "nothing is left to come: {lines}"
    );
    assert!(books.settled + books.canceled + books.released <= books.authorized, "{lines}");
}

#[test]
fn nothing_is_moved_before_a_payment_is_decided() {
    let lines = "
        settle a 20.00 -> payment-undefined
        refund b SET-000001 1.00 -> payment-undefined
        decide approved -> decided
        decide approved -> payment-decided
        decide denied -> payment-decided
        settle a 20.00 -> SET-000001 20.00
        force denied -> payment-decided
        refund b SET-000001 1.00 -> REF-000001 1.00";
    check_undefined(lines, PaymentStatus::Approved, ["100.00", "0.00"]);
    let lines = "
        decide denied -> decided
        settle a 20.00 -> payment-denied
        refund b SET-000001 1.00 -> payment-denied
        cancel c -> payment-denied
        decide approved -> payment-decided";
    check_undefined(lines, PaymentStatus::Denied, ["0.00", "0.00"]);
}

#[test]
fn an_undefined_payment_is_canceled_as_a_whole() {
    let lines = "
        cancel a 99.99 -> partial-cancellation
        cancel a 100.01 -> above-authorized
        cancel a 0.00 -> value-invalid
        cancel a 100.00 -> CAN-000001 0.00
        cancel a 100.00 -> CAN-000001 0.00
        cancel b -> payment-canceled
        settle c 20.00 -> payment-canceled
        decide approved -> payment-decided";
    check_undefined(lines, PaymentStatus::Canceled, ["0.00", "0.00"]);
    let approved_nevertheless = "
        cancel a -> CAN-000001 0.00
        force approved -> decided
        cancel a -> CAN-000001 0.00
        settle b 30.00 -> SET-000001 30.00
        cancel c -> CAN-000002 70.00
        force denied -> payment-decided";
    check_undefined(approved_nevertheless, PaymentStatus::Approved, ["100.00", "70.00"]);
}

/// A payment of 100.00 that may rise to 120.00; as [`check`], and what is authorized in the end.
fn check_rising(settlements: Multiplicity, lines: &str, authorized: &str) {
    let mut ledger = Ledger::default();
    let terms = Terms { settlements, ..MULTIPLE };
    let asked = Authorization { max_value: Some(decimal("120")), ..authorization("BRL", "100.00", terms) };
    decided(&mut ledger, &asked, asked.decision).unwrap();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (asked, expected) = line.split_once(" -> ").unwrap();
        let operation = operation(&asked.split(' ').collect::<Vec<_>>());
        let outcome = match ledger.perform("p", &operation, Distortion::Honest) {
            Ok(Outcome::Done { id, value }) => format!("{id} {value}"),
            Ok(Outcome::Pending) => "pending".to_owned(),
            Err(refusal) => refusal.code().to_owned(),
        };
        assert_eq!(outcome, expected, "{line}");
    }
    let books = ledger.payment("p").unwrap();
    assert_eq!(books.authorized.to_string(), authorized, "{lines}");
    assert!(books.settled + books.canceled + books.released <= books.authorized, "{lines}");
}

#[test]
fn a_settlement_raises_an_authorization_as_far_as_it_may() {
    let multiple = Multiplicity::Multiple;
    check_rising(multiple, "settle a 120.01 -> above-authorized", "100.00");
    check_rising(
        multiple,
        "settle a 120.00 -> SET-000001 120.00\nsettle b 0.01 -> above-authorized",
        "120.00",
    );
    let lines = "
        settle a 60.00 -> SET-000001 60.00
        settle b 50.00 -> SET-000002 50.00
        settle b 50.00 -> SET-000002 50.00
        settle c 10.01 -> above-authorized
        settle c 10.00 -> SET-000003 10.00
        cancel d -> nothing-to-cancel";
    check_rising(multiple, lines, "120.00");
    check_rising(multiple, "settle a 99.99 -> SET-000001 99.99\ncancel b -> CAN-000001 0.01", "100.00");
}

#[test]
fn what_was_canceled_or_released_never_rises_again() {
    let lines = "
        cancel a 10.00 -> CAN-000001 10.00
        settle b 90.01 -> above-authorized
        settle b 90.00 -> SET-000001 90.00";
    check_rising(Multiplicity::Multiple, lines, "100.00");
    let lines = "
        settle a 110.00 -> SET-000001 110.00
        settle b 1.00 -> settled-before
        cancel c -> nothing-to-cancel";
    check_rising(Multiplicity::OnceReleases, lines, "110.00");
    let lines = "
        settle a 99.99 -> full-value-only
        settle a 120.01 -> above-authorized
        settle a 110.00 -> SET-000001 110.00";
    check_rising(Multiplicity::None, lines, "110.00");
}

#[test]
fn nobody_approves_nothing() {
    for value in ["0", "-1.00"] {
        let mut ledger = Ledger::default();
        let asked = authorization("BRL", value, MULTIPLE);
        let denied = decided(&mut ledger, &asked, Decision::Later(None)).unwrap();
        assert_eq!(denied.status, PaymentStatus::Denied, "{value}");
        ledger.decide("p", Verdict::Approved, true).unwrap();
        let books = ledger.payment("p").unwrap();
        assert_eq!((books.status, books.authorized.to_string()), (PaymentStatus::Denied, "0.00".to_owned()));
    }
}

#[test]
fn values_that_a_currency_cannot_pay_are_no_authorization() {
    let mut ledger = Ledger::default();
    for (currency, value, most) in
        [("JPY", "100.5", None), ("BRL", "1.001", None), ("JPY", "100", Some("100.5"))]
    {
        let asked = authorization(currency, value, MULTIPLE);
        let asked = Authorization { max_value: most.map(decimal), ..asked };
        assert!(!ledger.would_authorize(&asked), "{currency} {value} {most:?}");
        let refused = ledger.authorize(&asked, asked.decision).unwrap_err();
        assert_eq!(refused.code(), "value-invalid", "{currency} {value} {most:?}");
    }
    assert!(ledger.books().payments.is_empty());
}
