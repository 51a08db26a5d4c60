use tranche_core::operation::OperationKind;

use super::*;
use crate::fixtures::{call, settings};

/// The answer in short: its meaning, and the part of it that tells it from its like.
fn short(answer: &Answer) -> String {
    match answer {
        Answer::Approved(approval) => {
            let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "-".to_owned());
            let most = approval.max_value.map(|most| format!(" max {most}")).unwrap_or_default();
            format!(
                "approved {} {} {}{most}",
                approval.authorization_id,
                id(&approval.tid),
                id(&approval.nsu)
            )
        }
        Answer::Denied { code, message } => format!("denied {code} {message}").trim_end().to_owned(),
        Answer::Refused { code, message } => format!("refused {code} {message}").trim_end().to_owned(),
        Answer::Undecided { cancel_after: None } => "undecided".to_owned(),
        Answer::Undecided { cancel_after: Some(delay) } => format!("undecided {}", delay.as_secs()),
        other => other.meaning().to_owned(),
    }
}

/// An id of more digits than are kept.
const TOO_LONG: &str = concat!(
    r#"{OURS,"status":"approved","nsu":1"#,
    "00000000000000000000000000000000000000000000000000",
    "00000000000000000000000000000000000000000000000000",
    "00000000000000000000000000000000000000000000000000",
    "00000000000000000000000000000000000000000000000000",
    "}"
);

/// What a body means, with OURS for our payment's id.
const BODIES: &[(&str, &str)] = &[
    (r#"{OURS,"status":"approved","authorizationId":"a","tid":"t","nsu":"n"}"#, "approved a t n"),
    (r#"{OURS,"status":"approved","authorizationId":"a","tid":null}"#, "approved a - -"),
    (r#"{OURS,"status":"approved","authorizationId":184520,"tid":"","nsu":7}"#, "approved 184520 - 7"),
    (r#"{OURS,"status":"approved"}"#, "approved  - -"),
    (r#"{OURS,"status":"approved","authorizationId":"a","maxValue":25.5}"#, "approved a - - max 2550"),
    (r#"{OURS,"status":"approved","authorizationId":"a","maxValue":25.555}"#, "approved a - -"),
    (r#"{OURS,"status":"approved","authorizationId":"a","maxValue":"25"}"#, "approved a - -"),
    (r#"{OURS,"status":"approved","authorizationId":"a","maxValue":-1}"#, "approved a - -"),
    (r#"{OURS,"status":"approved","authorizationId":"a","maxValue":99999999999999999}"#, "approved a - -"),
    (r#"{OURS,"status":"approved","authorizationId":{}}"#, "unknown"),
    (TOO_LONG, "unknown"),
    (r#"{OURS,"status":"approved","authorizationId":" "}"#, "unknown"),
    (r#"{OURS,"status":"approved","authorizationId":"a\u0000"}"#, "unknown"),
    (r#"{OURS,"status":"denied"}"#, "denied denied"),
    (r#"{OURS,"status":"denied","code":"E51","message":"no funds"}"#, "denied E51 no funds"),
    (r#"{OURS,"status":"denied","code":51}"#, "denied 51"),
    (r#"{OURS,"status":"undefined"}"#, "undecided"),
    (r#"{OURS,"status":"undefined","delayToCancel":900}"#, "undecided 900"),
    (r#"{OURS,"status":"undefined","delayToCancel":99999999999}"#, "undecided 2592000"),
    (r#"{OURS,"status":"undefined","delayToCancel":0}"#, "undecided"),
    (r#"{OURS,"status":"undefined","delayToCancel":-5}"#, "undecided"),
    (r#"{OURS,"status":"undefined","delayToCancel":1.5}"#, "undecided"),
    (r#"{OURS,"status":"undefined","delayToCancel":"900"}"#, "undecided"),
    (r#"{OURS,"status":"Approved","authorizationId":"a"}"#, "unknown"),
    (r#"{OURS,"status":"settled","authorizationId":"a"}"#, "unknown"),
    (r#"{OURS,"status":null}"#, "unknown"),
    ("{OURS}", "unknown"),
    (r#"{"status":"approved","authorizationId":"a"}"#, "unknown"),
    (r#"{"paymentId":null,"status":"denied"}"#, "unknown"),
    (r#"{"paymentId":"pay-2","status":"approved","authorizationId":"a"}"#, "unknown"),
    (r#"{"paymentId":"PAY-1","status":"denied"}"#, "unknown"),
    (r#"{"paymentId":1,"status":"denied"}"#, "unknown"),
    (r#"{OURS,"status":"approved","authorizationId":"a""#, "unknown"),
    ("null", "unknown"),
    ("[]", "unknown"),
    ("<html>", "unknown"),
];

fn answer(status: u16, body: &str) -> Answer {
    let call = call(OperationKind::Authorization, 1999);
    read(&call, StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
}

#[test]
fn a_body_means_the_same_as_a_response_and_as_a_callback() {
    let call = call(OperationKind::Authorization, 1999);
    for (body, expected) in BODIES {
        let body = body.replace("OURS", r#""paymentId":"pay-1""#);
        assert_eq!(short(&answer(200, &body)), *expected, "{body}");
        assert_eq!(short(&answer(201, &body)), *expected, "{body}");
        let called_back = read_callback(&call.authorization, call.currency, body.as_bytes());
        match called_back {
            Ok(answer) => assert_eq!(short(&answer.unwrap()), *expected, "{body}"),
            Err(_) => assert_eq!(*expected, "unknown", "{body}"),
        }
    }
    assert_eq!(read_callback(&call.authorization, call.currency, b""), Ok(None));
}

#[test]
fn a_status_that_is_no_success_says_nothing_of_the_payment() {
    let approved = r#"{"paymentId":"pay-1","status":"approved","authorizationId":"a"}"#;
    for (status, body, expected) in [
        (400, r#"{"status":"error","code":"E1","message":"no"}"#, "refused E1 no"),
        (400, approved, "refused http-400"),
        (404, "", "refused http-404"),
        (409, "<html>", "refused http-409"),
        (422, r#"{"code":"E2"}"#, "refused E2"),
        (401, approved, "no answer"),
        (403, "", "no answer"),
        (429, "", "no answer"),
        (200, "", "unknown"),
        (204, "", "unknown"),
        (302, approved, "unknown"),
        (402, "", "unknown"),
        (500, approved, "unknown"),
        (501, r#"{"code":"refund-manually"}"#, "unknown"),
        (503, "", "unknown"),
    ] {
        assert_eq!(short(&answer(status, body)), expected, "{status} {body}");
    }
}

#[test]
fn it_is_asked_for_exactly_and_without_card_data() {
    let mut call = call(OperationKind::Authorization, 1990);
    let check = |call: &Call, callback: Option<&str>, expected: &str| {
        let request = build(&settings(&[("merchant_settings.store", "7")]), call, callback).unwrap();
        assert_eq!((request.method, request.path.as_str()), (Method::POST, "/payments"));
        let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(parse(&request.body), parse(expected));
    };
    check(
        &call,
        Some("https://shop.example/c?s=1"),
        r#"{"callbackUrl":"https://shop.example/c?s=1","currency":"BRL","installments":3,"merchantSettings":[{"name":"store","value":"7"}],"miniCart":{},"orderId":"order","paymentId":"pay-1","paymentMethod":"Visa","reference":"order","returnUrl":"https://shop.example/back","token":"tok-1","transactionId":"tx-1","value":19.90}"#,
    );
    let request = call.request.as_mut().unwrap();
    (request.token, request.return_url) = (None, None);
    check(
        &call,
        None,
        r#"{"currency":"BRL","installments":3,"merchantSettings":[{"name":"store","value":"7"}],"miniCart":{},"orderId":"order","paymentId":"pay-1","paymentMethod":"Visa","reference":"order","returnUrl":"","transactionId":"tx-1","value":19.90}"#,
    );
    call.request = None;
    assert_eq!(build(&settings(&[]), &call, None), Err(Unsendable::AuthorizationRequest));
}
