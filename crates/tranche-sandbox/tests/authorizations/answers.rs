//! Every answer to an authorization by name: what the caller is told, where the payment stands, and what a repeat of the same
//! request meets once the fault is over.

use reqwest::{Method, header};
use serde_json::{Value, json};

use super::{authorize, patient, setting};
use crate::provider::Provider;

/// What an honest provider says.
const APPROVED: &str = "200 approved id null";
/// Nothing is in the books.
const NOTHING: &str = "";

/// A fault that happens once to an authorization of 100.00; the answer; where the payment stands in the books then; the
/// answer to a repeat, and where the payment stands in the end.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Not booked.
    (r#""lose-request""#, "lost", NOTHING, APPROVED, "approved"),
    (r#"{"timeout_then_refuse":{"delay_ms":20}}"#, "lost", NOTHING, "400 error - refused-after-timeout", NOTHING),
    (r#""unauthorized""#, "401 error - unauthorized", NOTHING, APPROVED, "approved"),
    (r#""unauthorized=5""#, "401 error - unauthorized, retry after 5", NOTHING, APPROVED, "approved"),
    (r#""forbidden""#, "403 error - forbidden", NOTHING, APPROVED, "approved"),
    (r#""too-many-requests=30""#, "429 error - too-many-requests, retry after 30", NOTHING, APPROVED, "approved"),
    (r#""server-error""#, "500 error - server-error", NOTHING, APPROVED, "approved"),
    (r#""server-error=503""#, "503 error - server-error", NOTHING, APPROVED, "approved"),
    (r#""refuse""#, "400 error - refused", NOTHING, APPROVED, "approved"),
    (r#""refuse=404""#, "404 error - refused", NOTHING, APPROVED, "approved"),
    (r#""refuse=409""#, "409 error - refused", NOTHING, APPROVED, "approved"),
    (r#""refuse=422""#, "422 error - refused", NOTHING, APPROVED, "approved"),
    (r#"{"answer":{"status":301,"body":"moved"}}"#, "301 'moved'", NOTHING, APPROVED, "approved"),
    (r#"{"unreadable_answer":{"booked":false}}"#, "200 '<html><body>Bad gate'", NOTHING, APPROVED, "approved"),
    (r#"{"empty_answer":{"booked":false}}"#, "200 ''", NOTHING, APPROVED, "approved"),
    (r#"{"foreign_payment_id":{"booked":false}}"#, "200 approved id null, of another payment", NOTHING, APPROVED, "approved"),
    (r#"{"null_status":{"booked":false}}"#, "200 null id null", NOTHING, APPROVED, "approved"),
    (r#"{"unknown_status":{"booked":false}}"#, "200 processing id null", NOTHING, APPROVED, "approved"),
    (r#"{"null_authorization_id":{"booked":false}}"#, "200 approved null null", NOTHING, APPROVED, "approved"),
    (r#""forget""#, APPROVED, NOTHING, APPROVED, "approved"),
    // Booked.
    (r#""lose-answer""#, "lost", "approved", APPROVED, "approved"),
    (r#"{"server_error":{"booked":true}}"#, "500 error - server-error", "approved", APPROVED, "approved"),
    (r#""unreadable-answer""#, "200 '<html><body>Bad gate'", "approved", APPROVED, "approved"),
    (r#""empty-answer""#, "200 ''", "approved", APPROVED, "approved"),
    (r#""foreign-payment-id""#, "200 approved id null, of another payment", "approved", APPROVED, "approved"),
    (r#""null-status""#, "200 null id null", "approved", APPROVED, "approved"),
    (r#""unknown-status""#, "200 processing id null", "approved", APPROVED, "approved"),
    (r#""null-authorization-id""#, "200 approved null null", "approved", APPROVED, "approved"),
    (r#""latency-ms=1""#, APPROVED, "approved", APPROVED, "approved"),
    (r#""deny""#, "200 denied null payment-denied", "denied", "200 denied null payment-denied", "denied"),
    (r#""undefined""#, "200 undefined null null", "undefined", "200 undefined null null", "undefined"),
    (r#""undefined-approved""#, "200 undefined null null", "undefined", "200 undefined null null", "undefined"),
    (r#"{"undefined":{"then":"denied"}}"#, "200 undefined null null", "undefined", "200 undefined null null", "undefined"),
];

/// HTTP status, the answer's status, `id` or `null`, code; and whatever else is special.
async fn ask(provider: &Provider, payment_id: &str) -> String {
    let body = format!(r#"{{"paymentId":"{payment_id}","currency":"BRL","value":100}}"#);
    let request = provider.request(Method::POST, "/payments").body(body);
    let Ok(answer) = request.send().await else { return "lost".to_owned() };
    let status = answer.status().as_u16();
    let retry_after =
        answer.headers().get(header::RETRY_AFTER).map(|seconds| seconds.to_str().unwrap().to_owned());
    let text = answer.text().await.unwrap();
    let Ok(Value::Object(fields)) = serde_json::from_str(&text) else { return format!("{status} '{text}'") };
    let id = match fields.get("authorizationId") {
        None => "-",
        Some(Value::Null) => "null",
        Some(_) => "id",
    };
    let text = |name: &str| fields[name].as_str().unwrap_or("null").to_owned();
    let mut told = format!("{status} {} {id} {}", text("status"), text("code"));
    if fields.get("paymentId").is_some_and(|id| id != payment_id) {
        told += ", of another payment";
    }
    told + &retry_after.map(|seconds| format!(", retry after {seconds}")).unwrap_or_default()
}

async fn stands(provider: &Provider, payment_id: &str) -> String {
    let (_, books) = provider.get(&format!("/books/{payment_id}")).await;
    if books["code"] == "payment-unknown" {
        NOTHING.to_owned()
    } else {
        books["status"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn every_answer_says_and_books_what_its_row_says() {
    for (fault, first, booked_first, repeated, booked_last) in ROWS {
        let provider = patient().await;
        provider.add_fault(&format!(r#"{{"fault":{fault},"times":1,"kind":"authorization"}}"#)).await;
        assert_eq!(ask(&provider, "p1").await, *first, "{fault}");
        assert_eq!(stands(&provider, "p1").await, *booked_first, "{fault}: booked");
        assert_eq!(ask(&provider, "p1").await, *repeated, "{fault}: repeated");
        assert_eq!(stands(&provider, "p1").await, *booked_last, "{fault}: booked in the end");
        assert_eq!(provider.get("/faults").await.1, json!([]), "{fault}: it happened once");
        assert_eq!(ask(&provider, "p2").await, APPROVED, "{fault} is over");
        provider.stop().await;
    }
}

/// What is known of a payment is answered as it stands, and a request that an honest provider refuses is refused; both
/// meet the faults in front of the books only.
#[tokio::test]
async fn faults_of_the_books_leave_replays_alone() {
    for (fault, replayed, refused) in [
        ("deny", APPROVED, 400),
        ("undefined", APPROVED, 400),
        ("null-status", APPROVED, 400),
        ("refuse=404", APPROVED, 400),
        ("server-error=502", "502 error - server-error", 502),
        ("too-many-requests=1", "429 error - too-many-requests, retry after 1", 429),
    ] {
        let provider = Provider::start().await;
        assert_eq!(ask(&provider, "p1").await, APPROVED);
        provider.add_fault(&format!(r#"{{"fault":"{fault}","kind":"authorization"}}"#)).await;
        assert_eq!(ask(&provider, "p1").await, replayed, "{fault}");
        assert_eq!(
            authorize(&provider, "p2", &setting("sandbox.max_value", "100.001")).await.0,
            refused,
            "{fault}"
        );
        provider.stop().await;
    }
}
