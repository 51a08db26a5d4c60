use super::*;
use crate::fixtures::call;
use OperationKind::{Cancellation, Refund, Settlement};

const ASKED: i64 = 1999;

fn answer(kind: OperationKind, status: u16, body: &str) -> Answer {
    read(&call(kind, ASKED), StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
}

/// The answer in short: its meaning, and the part of it that tells it from its like.
fn short(answer: &Answer) -> String {
    match answer {
        Answer::Done { value, surplus, provider_id } => format!("done {value} {surplus} {provider_id}"),
        Answer::Refused { code, message } => format!("refused {code} {message}").trim_end().to_owned(),
        Answer::Manual { code, message } => format!("manual {code} {message}").trim_end().to_owned(),
        other => other.meaning().to_owned(),
    }
}

fn check(kind: OperationKind, rows: &[(u16, &str, &str)]) {
    for (status, body, expected) in rows {
        let body = body.replace("OURS", r#""paymentId":"pay-1","requestId":"op_1""#);
        let answer = answer(kind, *status, &body);
        assert_eq!(short(&answer), *expected, "{kind:?} {status} {body}: {answer:?}");
    }
}

/// The rows that mean the same for all three kinds; `THE_ID` stands for the name of the kind's id.
const ALL_KINDS: &[(u16, &str, &str)] = &[
    (200, r#"{OURS,"THE_ID":null,"value":0,"code":null,"message":null}"#, "pending"),
    (200, r#"{OURS,"THE_ID":null}"#, "pending"),
    (200, r#"{OURS,"THE_ID":null,"value":19.99,"code":"waiting"}"#, "pending"),
    (200, r#"{"THE_ID":null}"#, "pending"),
    (200, r#"{"paymentId":"pay-2","requestId":"op_1","THE_ID":null}"#, "unknown"),
    (200, r#"{"paymentId":"pay-1","requestId":"op_2","THE_ID":null}"#, "unknown"),
    (200, r#"{"paymentId":"pay-2","requestId":"op_1","THE_ID":"x","value":19.99}"#, "unknown"),
    (200, r#"{"paymentId":"pay-1","requestId":"op_2","THE_ID":"x","value":19.99}"#, "unknown"),
    (200, r#"{"paymentId":"PAY-1","requestId":"op_1","THE_ID":"x","value":19.99}"#, "unknown"),
    (200, r#"{"paymentId":1,"requestId":"op_1","THE_ID":"x","value":19.99}"#, "unknown"),
    (200, r#"{"paymentId":"pay-1","THE_ID":"x","value":19.99}"#, "unknown"),
    (200, r#"{"requestId":"op_1","THE_ID":"x","value":19.99}"#, "unknown"),
    (200, r#"{"paymentId":"pay-1","requestId":null,"THE_ID":"x","value":19.99}"#, "unknown"),
    (200, r#"{OURS,"value":19.99}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":"","value":19.99}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":" ","value":19.99}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":"a\u0000b","value":19.99}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":7,"value":19.99}"#, "unknown"),
    (200, "", "unknown"),
    (200, "null", "unknown"),
    (200, "[]", "unknown"),
    (200, "<html>", "unknown"),
    (200, r#"{OURS,"THE_ID":"x","value":19."#, "unknown"),
    (204, "", "unknown"),
    (201, r#"{OURS,"THE_ID":"x","value":19.99}"#, "done 1999 0 x"),
    (
        200,
        r#"{OURS,"THE_ID":"x","value":19.99,"code":"approved","message":"ok","more":[1.5]}"#,
        "done 1999 0 x",
    ),
    (302, r#"{OURS,"THE_ID":"x","value":19.99}"#, "unknown"),
    (304, "", "unknown"),
    (400, r#"{"status":"error","code":"E1","message":"no"}"#, "refused E1 no"),
    (400, "<html>", "refused http-400"),
    (404, "", "refused http-404"),
    (409, r#"{"code":7,"message":{"a":1}}"#, r#"refused 7 {"a":1}"#),
    (422, r#"{"code":"","message":null}"#, "refused http-422"),
    (401, "", "no answer"),
    (403, r#"{"code":"E1"}"#, "no answer"),
    (429, "", "no answer"),
    (402, "", "unknown"),
    (405, "", "unknown"),
    (408, "", "unknown"),
    (418, "", "unknown"),
    (500, r#"{OURS,"THE_ID":null,"value":0,"code":"E1","message":"no"}"#, "unknown"),
    (500, r#"{OURS,"THE_ID":"x","value":19.99}"#, "unknown"),
    (502, "<html>", "unknown"),
    (503, "", "unknown"),
    (504, "", "unknown"),
    (
        501,
        r#"{OURS,"THE_ID":null,"value":0,"code":"refund-manually","message":"by hand"}"#,
        "manual refund-manually by hand",
    ),
    (501, r#"{OURS,"THE_ID":"x","value":19.99}"#, "manual http-501"),
    (501, "<html>", "manual http-501"),
    (501, "", "manual http-501"),
    (200, r#"{OURS,"THE_ID":null,"value":0,"code":"refund-manually"}"#, "manual refund-manually"),
    (200, r#"{OURS,"THE_ID":"x","value":19.99,"code":"cancel-manually"}"#, "manual cancel-manually"),
    (200, r#"{"paymentId":"pay-2","requestId":"op_2","code":"cancel-manually"}"#, "manual cancel-manually"),
    (500, r#"{"code":"refund-manually"}"#, "manual refund-manually"),
    (400, r#"{"code":"cancel-manually"}"#, "manual cancel-manually"),
];

/// The rows about the value, which a cancellation's answer does not have.
const VALUES: &[(u16, &str, &str)] = &[
    (200, r#"{OURS,"THE_ID":"x","value":15.5}"#, "done 1550 0 x"),
    (200, r#"{OURS,"THE_ID":"x","value":0.01}"#, "done 1 0 x"),
    (200, r#"{OURS,"THE_ID":"x","value":1.999e1}"#, "done 1999 0 x"),
    (200, r#"{OURS,"THE_ID":"x","value":19.990}"#, "done 1999 0 x"),
    (200, r#"{OURS,"THE_ID":"x","value":20}"#, "done 1999 1 x"),
    (200, r#"{OURS,"THE_ID":"x","value":9999999999999.99}"#, "done 1999 999999999998000 x"),
    (200, r#"{OURS,"THE_ID":"x","value":0}"#, "refused value-0"),
    (200, r#"{OURS,"THE_ID":"x","value":0.00,"code":"E1","message":"no"}"#, "refused E1 no"),
    (200, r#"{OURS,"THE_ID":"x","value":-19.99}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":"x","value":19.999}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":"x","value":19.9900000000000000000000000001}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":"x","value":99999999999999999999999999999}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":"x","value":1e400}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":"x","value":"19.99"}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":"x","value":null}"#, "unknown"),
    (200, r#"{OURS,"THE_ID":"x"}"#, "unknown"),
    (200, r#"{"paymentId":"pay-2","requestId":"op_1","THE_ID":"x","value":0}"#, "unknown"),
];

fn check_named(kind: OperationKind, id: &str, rows: &[(u16, &str, &str)]) {
    for (status, body, expected) in rows {
        check(kind, &[(*status, &body.replace("THE_ID", id), expected)]);
    }
}

#[test]
fn every_answer_means_the_same_for_every_kind() {
    check_named(Settlement, "settleId", ALL_KINDS);
    check_named(Refund, "refundId", ALL_KINDS);
    check_named(Cancellation, "cancellationId", ALL_KINDS);
}

#[test]
fn a_value_is_done_as_far_as_it_was_asked() {
    check_named(Settlement, "settleId", VALUES);
    check_named(Refund, "refundId", VALUES);
}

#[test]
fn a_canceled_value_is_what_was_asked() {
    check(
        Cancellation,
        &[
            (200, r#"{OURS,"cancellationId":"x"}"#, "done 1999 0 x"),
            (200, r#"{OURS,"cancellationId":"x","value":0}"#, "done 1999 0 x"),
            (200, r#"{OURS,"cancellationId":"x","value":5}"#, "done 1999 0 x"),
            (200, r#"{OURS,"settleId":"x","value":19.99}"#, "unknown"),
        ],
    );
}

#[test]
fn a_pause_is_taken_in_seconds_and_bounded() {
    for (status, header, expected) in [
        (429, "7", Some(Duration::from_secs(7))),
        (401, "0", Some(Duration::ZERO)),
        (403, " 30 ", Some(Duration::from_secs(30))),
        (429, "99999999999999999999999", Some(RETRY_AFTER_MAX)),
        (429, "Wed, 21 Oct 2026 07:28:00 GMT", None),
        (429, "-1", None),
        (429, "1.5", None),
        (429, "", None),
    ] {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, header.parse().unwrap())]);
        match read(&call(Settlement, ASKED), StatusCode::from_u16(status).unwrap(), &headers, b"") {
            Answer::NoAnswer { retry_after, .. } => assert_eq!(retry_after, expected, "{header}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn texts_and_ids_of_the_provider_are_bounded() {
    let body = format!(r#"{{"code":"{0}","message":"{0}"}}"#, "é".repeat(1_000));
    let Answer::Refused { code, message } = answer(Settlement, 400, &body) else { panic!() };
    assert!(code.len() <= DETAIL_BYTES_MAX && message.len() <= DETAIL_BYTES_MAX);
    let body = format!(
        r#"{{"paymentId":"pay-1","requestId":"op_1","settleId":"{}","value":19.99}}"#,
        "x".repeat(PROVIDER_ID_BYTES_MAX + 1)
    );
    assert_eq!(answer(Settlement, 200, &body).meaning(), "unknown");
}
