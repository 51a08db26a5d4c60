//! `POST /payments`: what decides a payment, what is announced, what is refused, and which faults hit it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod answers;

use serde_json::{Value, json};
use tranche_sandbox::bounds::DECISION_DELAY_MS_MAX;
use tranche_sandbox::{Fault, SandboxConfig};

use crate::provider::Provider;

/// A provider that decides nothing by itself while a test runs.
async fn patient() -> Provider {
    Provider::with(SandboxConfig { decides_after_ms: DECISION_DELAY_MS_MAX, ..SandboxConfig::default() })
        .await
}

async fn authorize(provider: &Provider, payment_id: &str, more: &str) -> (u16, Value) {
    let body = format!(r#"{{"paymentId":"{payment_id}","currency":"BRL","value":100{more}}}"#);
    provider.post("/payments", &body).await
}

fn setting(name: &str, value: &str) -> String {
    format!(r#","merchantSettings":[{{"name":"{name}","value":"{value}"}}]"#)
}

#[tokio::test]
async fn a_payment_is_decided_as_its_request_says() {
    let provider = patient().await;
    let method = |name: &str| format!(r#","paymentMethod":"{name}""#);
    let card = |field: &str, value: &str| format!(r#","card":{{"{field}":"{value}"}}"#);
    let by_setting = |value: &str| setting("sandbox.authorizations", value);
    #[rustfmt::skip]
    let rows = [
        (String::new(), "approved"),
        (method("Visa"), "approved"),
        (method("sandbox-approved"), "approved"),
        (method("sandbox-denied"), "denied"),
        (method("sandbox-undefined"), "undefined"),
        (method("sandbox-undefined-approved"), "undefined"),
        (method("sandbox-undefined-denied"), "undefined"),
        (card("token", "sandbox-denied"), "denied"),
        (r#","token":"sandbox-undefined-denied""#.to_owned(), "undefined"),
        (card("token", "tok_7"), "approved"),
        (card("numberToken", "sandbox-undefined"), "undefined"),
        (card("number", "4444333322221111"), "approved"),
        (card("number", "4444333322221112"), "denied"),
        (card("number", "4222222222222224"), "undefined"),
        (card("number", "4222222222222225"), "undefined"),
        (by_setting("APPROVED"), "approved"),
        (by_setting("DENIED"), "denied"),
        (by_setting("UNDEFINED"), "undefined"),
        // The first that says anything wins: setting, method, token, card.
        (method("sandbox-denied") + &by_setting("APPROVED"), "approved"),
        (method("sandbox-undefined") + &card("token", "sandbox-denied"), "undefined"),
        (method("Visa") + r#","card":{"token":"sandbox-undefined","number":"4444333322221112"}"#, "undefined"),
    ];
    for (row, (more, expected)) in rows.iter().enumerate() {
        let payment_id = format!("p{row}");
        let (status, answer) = authorize(&provider, &payment_id, more).await;
        assert_eq!((status, &answer["status"]), (200, &json!(expected)), "{more}");
        let is_approved = *expected == "approved";
        assert_eq!(answer["authorizationId"].is_string(), is_approved, "{more}");
        assert_eq!(authorize(&provider, &payment_id, more).await, (200, answer), "{more}");
        let books = provider.get(&format!("/books/{payment_id}")).await.1;
        let authorized = if is_approved { "100.00" } else { "0.00" };
        assert_eq!(
            (&books["status"], &books["authorized"]),
            (&json!(expected), &json!(authorized)),
            "{more}"
        );
    }
    provider.stop().await;
}

/// The whole answer, before and after the decision; a repeat tells how it stands and keeps every id.
#[tokio::test]
async fn an_answer_announces_what_the_request_asked_it_to() {
    let provider = Provider::start().await;
    let settings = r#","paymentMethod":"sandbox-undefined","merchantSettings":[
        {"name":"sandbox.max_value","value":"119.9"},
        {"name":"sandbox.delay_to_cancel_seconds","value":"600"},
        {"name":"sandbox.delay_to_auto_settle_seconds","value":"3600"},
        {"name":"sandbox.delay_to_auto_settle_after_antifraud_seconds","value":"0"}]"#;
    let undefined = json!({
        "paymentId": "p1", "status": "undefined", "authorizationId": null, "tid": "TID-000001",
        "nsu": "NSU-000001", "acquirer": "sandbox", "code": null, "message": null,
        "delayToAutoSettle": 3600, "delayToAutoSettleAfterAntifraud": 0, "delayToCancel": 600,
    });
    assert_eq!(authorize(&provider, "p1", settings).await, (200, undefined.clone()));
    assert_eq!(authorize(&provider, "p1", settings).await, (200, undefined.clone()));
    assert_eq!(provider.post("/decisions", r#"{"paymentId":"p1"}"#).await.0, 200);
    let mut approved = undefined;
    approved["status"] = json!("approved");
    approved["authorizationId"] = json!("AUT-000001");
    approved["maxValue"] = serde_json::from_str("119.90").unwrap();
    assert_eq!(authorize(&provider, "p1", settings).await, (200, approved));

    // What the value may rise to is what settlements may come to.
    assert_eq!(provider.settle("p1", "s1", "119.91").await.1["code"], "above-authorized");
    assert_eq!(provider.settle("p1", "s1", "119.90").await.0, 200);
    let books = provider.payment("p1").await;
    let sums = [books.authorized, books.settled, books.max_value.unwrap()].map(|sum| sum.to_string());
    assert_eq!(sums, ["119.90", "119.90", "119.90"]);

    let (_, otherwise) = authorize(&provider, "p2", "").await;
    assert_eq!(otherwise.get("maxValue"), None);
    assert_eq!(
        (&otherwise["delayToAutoSettle"], &otherwise["delayToCancel"]),
        (&json!(604_800), &json!(2_592_000))
    );
    provider.stop().await;
}

#[tokio::test]
async fn every_violation_of_a_request_is_named() {
    let provider = Provider::start().await;
    for (body, violations) in [
        ("[]", &["the body must be a JSON object"][..]),
        ("{}", &["currency is missing", "paymentId is missing", "value is missing"]),
        (
            r#"{"paymentId":"","currency":"ABC","value":"1","callbackUrl":7}"#,
            &[
                "currency 'ABC' is no ISO 4217 code",
                "callbackUrl must be a string",
                "paymentId must have 1 to 256 bytes",
                "value must be a number",
            ],
        ),
        // A gateway leaves nothing out.
        (
            r#"{"paymentId":"p","currency":"BRL","value":1,"callbackUrl":"ftp://h/"}"#,
            &[
                "callbackUrl must be a URL of http or https",
                "transactionId is missing",
                "orderId is missing",
                "reference is missing",
                "paymentMethod is missing",
                "returnUrl is missing",
                "miniCart is missing",
            ],
        ),
        (
            r#"{"paymentId":"p","currency":"BRL","value":1,"callbackUrl":"http://h/","transactionId":1,"orderId":"",
                "reference":[],"paymentMethod":"sandbox-maybe","returnUrl":{},"miniCart":"","installments":0}"#,
            &[
                "transactionId must be a string",
                "orderId must have 1 to 256 bytes",
                "reference must be a string",
                "returnUrl must be a string",
                "miniCart must be an object",
                "installments must be an integer above 0",
                "paymentMethod 'maybe' is none of APPROVED, DENIED, UNDEFINED, UNDEFINED_ONCE, UNDEFINED_APPROVED, UNDEFINED_DENIED",
            ],
        ),
        (
            r#"{"paymentId":"p","currency":"BRL","value":100,"merchantSettings":[
                {"name":"sandbox.authorizations","value":"maybe"}, {"name":"sandbox.callbacks","value":"SOON"},
                {"name":"sandbox.max_value","value":"99.99"}, {"name":"sandbox.decides_after_ms","value":"86400001"},
                {"name":"sandbox.delay_to_cancel_seconds","value":"0"}]}"#,
            &[
                "sandbox.authorizations: 'maybe' is none of",
                "sandbox.callbacks: 'SOON' is none of NOTIFY, RETRY, NONE",
                "sandbox.decides_after_ms: '86400001' is no whole number from 0 to 86400000",
                "sandbox.delay_to_cancel_seconds: '0' is no whole number from 1 to 2592000",
                "sandbox.max_value: is below the value",
            ],
        ),
    ] {
        let (status, answer) = provider.post("/payments", body).await;
        assert_eq!(
            (status, &answer["status"], &answer["code"]),
            (400, &json!("error"), &json!("malformed")),
            "{body}"
        );
        let message = answer["message"].as_str().unwrap();
        let missing: Vec<_> = violations.iter().filter(|violation| !message.contains(**violation)).collect();
        assert!(missing.is_empty(), "{body}: {message} misses {missing:?}");
        assert_eq!(message.split("; ").count(), violations.len(), "{body}: {message}");
    }
    for (more, code) in
        [(r#","value":1.001"#, "value-invalid"), (&setting("sandbox.max_value", "100.001"), "value-invalid")]
    {
        let (status, answer) = authorize(&provider, "p", more).await;
        assert_eq!(
            (status, answer["status"].as_str(), answer["code"].as_str()),
            (400, Some("error"), Some(code))
        );
    }
    assert_eq!(provider.books().await.payments, []);
    provider.stop().await;
}

/// A rule that does not name authorizations lets them pass, unless it can hit nothing else.
#[tokio::test]
async fn authorizations_are_hit_by_what_is_meant_for_them() {
    for (config, authorized, settled) in [
        (SandboxConfig { fault: Some("refuse".parse().unwrap()), ..SandboxConfig::default() }, 200, 400),
        (
            SandboxConfig { fault: Some("server-error".parse().unwrap()), ..SandboxConfig::default() },
            200,
            500,
        ),
        (SandboxConfig { fault: Some(Fault::Deny), ..SandboxConfig::default() }, 200, 400),
        (
            SandboxConfig {
                authorization_fault: Some("refuse=409".parse().unwrap()),
                ..SandboxConfig::default()
            },
            409,
            404,
        ),
    ] {
        let name = format!("{config:?}");
        let provider = Provider::with(config).await;
        assert_eq!(authorize(&provider, "p1", "").await.0, authorized, "{name}");
        assert_eq!(provider.settle("p1", "s1", "1").await.0, settled, "{name}");
        provider.stop().await;
    }
    let provider = Provider::start().await;
    for (rule, message) in [
        (r#"{"fault":"pending","kind":"authorization"}"#, "hits settlements, refunds and cancellations only"),
        (r#"{"fault":"settle-less","kind":"authorization"}"#, "hits settlements only"),
        (r#"{"fault":"deny","kind":"settlement"}"#, "hits authorizations only"),
        (r#"{"fault":"callback-lost","kind":"authorization"}"#, "hits callbacks only"),
        (r#"{"fault":"lose-request","kind":"callback"}"#, "hits calls of the protocol only"),
        (r#"{"fault":"callback-odd"}"#, "there is no fault 'callback-odd'"),
        (r#"{"fault":{"undefined":{"then":"maybe"}}}"#, "unknown variant `maybe`"),
    ] {
        let (status, answer) = provider.post("/faults", rule).await;
        assert_eq!(status, 400, "{rule}");
        assert!(answer["message"].as_str().unwrap().contains(message), "{rule}: {answer}");
    }
    provider.stop().await;
}
