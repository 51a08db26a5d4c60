//! Every answer that a provider can give, for every kind of call: what the caller is told, what was booked, and what a
//! repeat of the same request meets once the fault is over.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use reqwest::{Method, header};
use serde_json::Value;

use crate::provider::Provider;

/// The kinds of call: the path's name, and the name of the id that is answered.
const KINDS: [(&str, &str); 3] =
    [("settlements", "settleId"), ("refunds", "refundId"), ("cancellations", "cancellationId")];
const ALL: &[usize] = &[0, 1, 2];
const SETTLEMENTS: &[usize] = &[0];
const REFUNDS: &[usize] = &[1];
const CANCELLATIONS: &[usize] = &[2];
const WITH_VALUE: &[usize] = &[0, 1];

/// What an honest provider says to a request of 20.00.
const DONE: &str = "200 id 20.00 null";

/// A fault that happens once; the kinds that it hits; the answer to a request of 20.00 and what is booked of it then;
/// the answer to the same request again, and what is booked in the end.
type Row = (&'static str, &'static [usize], &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Not booked, in front of the books.
    (r#""lose-request""#, ALL, "lost", "0.00", DONE, "20.00"),
    (r#""unauthorized""#, ALL, "401 null 0 unauthorized", "0.00", DONE, "20.00"),
    (r#""unauthorized=5""#, ALL, "401 null 0 unauthorized, retry after 5", "0.00", DONE, "20.00"),
    (r#""forbidden""#, ALL, "403 null 0 forbidden", "0.00", DONE, "20.00"),
    (r#""too-many-requests""#, ALL, "429 null 0 too-many-requests", "0.00", DONE, "20.00"),
    (r#"{"too_many_requests":{"retry_after_seconds":30}}"#, ALL, "429 null 0 too-many-requests, retry after 30", "0.00", DONE, "20.00"),
    (r#""server-error""#, ALL, "500 null 0 server-error", "0.00", DONE, "20.00"),
    (r#""server-error=503""#, ALL, "503 null 0 server-error", "0.00", DONE, "20.00"),
    (r#"{"answer":{"status":301,"body":"moved"}}"#, ALL, "301 'moved'", "0.00", DONE, "20.00"),
    // Not booked, by the books' own word.
    (r#""refuse""#, ALL, "400 null 0 refused", "0.00", DONE, "20.00"),
    (r#""refuse=404""#, ALL, "404 null 0 refused", "0.00", DONE, "20.00"),
    (r#""refuse=409""#, ALL, "409 null 0 refused", "0.00", DONE, "20.00"),
    (r#"{"refuse":{"status":422}}"#, ALL, "422 null 0 refused", "0.00", DONE, "20.00"),
    (r#""settle-manually""#, SETTLEMENTS, "501 null 0 settle-manually", "0.00", DONE, "20.00"),
    (r#""refund-manually""#, REFUNDS, "501 null 0 refund-manually", "0.00", DONE, "20.00"),
    (r#""cancel-manually""#, CANCELLATIONS, "501 null 0 cancel-manually", "0.00", DONE, "20.00"),
    (r#""value-zero""#, WITH_VALUE, "200 id 0.00 null", "0.00", "200 id 0.00 null", "0.00"),
    (r#""pending""#, ALL, "200 null 0 pending", "0.00", DONE, "20.00"),
    (r#""forget""#, ALL, DONE, "0.00", DONE, "0.00"),
    (r#"{"unreadable_answer":{"booked":false}}"#, ALL, "200 '<html><body>Bad gate'", "0.00", DONE, "20.00"),
    (r#"{"empty_answer":{"booked":false}}"#, ALL, "200 ''", "0.00", DONE, "20.00"),
    (r#"{"foreign_payment_id":{"booked":false}}"#, ALL, "200 id 20.00 null, of another payment", "0.00", DONE, "20.00"),
    (r#"{"foreign_request_id":{"booked":false}}"#, ALL, "200 id 20.00 null, of another request", "0.00", DONE, "20.00"),
    (r#"{"too_many_decimals":{"booked":false}}"#, WITH_VALUE, "200 id 20.001 null", "0.00", DONE, "20.00"),
    // Booked.
    (r#""lose-answer""#, ALL, "lost", "20.00", DONE, "20.00"),
    (r#"{"server_error":{"booked":true}}"#, ALL, "500 null 0 server-error", "20.00", DONE, "20.00"),
    (r#""unreadable-answer""#, ALL, "200 '<html><body>Bad gate'", "20.00", DONE, "20.00"),
    (r#""empty-answer""#, ALL, "200 ''", "20.00", DONE, "20.00"),
    (r#""foreign-payment-id""#, ALL, "200 id 20.00 null, of another payment", "20.00", DONE, "20.00"),
    (r#""foreign-request-id""#, ALL, "200 id 20.00 null, of another request", "20.00", DONE, "20.00"),
    (r#""too-many-decimals""#, WITH_VALUE, "200 id 20.001 null", "20.00", DONE, "20.00"),
    (r#""settle-less""#, SETTLEMENTS, "200 id 19.99 null", "19.99", "200 id 19.99 null", "19.99"),
    (r#""settle-more""#, SETTLEMENTS, "200 id 20.01 null", "20.01", "200 id 20.01 null", "20.01"),
    (r#""settle-twice""#, SETTLEMENTS, DONE, "40.00", DONE, "40.00"),
    (r#""refund-less""#, REFUNDS, "200 id 19.99 null", "19.99", "200 id 19.99 null", "19.99"),
    (r#"{"refund_less":{"less_by":"25"}}"#, REFUNDS, "200 id 0.00 null", "0.00", "200 id 0.00 null", "0.00"),
    (r#"{"refund_more":{"more_by":"35.50"}}"#, REFUNDS, "200 id 55.50 null", "55.50", "200 id 55.50 null", "55.50"),
    (r#""latency-ms=1""#, ALL, DONE, "20.00", DONE, "20.00"),
];

/// Status, `id` or `null`, value, code; and whatever else is special. A cancellation's answer has no value.
async fn ask(provider: &Provider, kind: usize, settle_id: &str) -> String {
    let (path, id_name) = KINDS[kind];
    let body = format!(r#"{{"requestId":"asked","value":20.00,"settleId":"{settle_id}"}}"#);
    let request = provider.request(Method::POST, &format!("/payments/p1/{path}")).body(body);
    let Ok(answer) = request.send().await else { return "lost".to_owned() };
    let mut told = answer.status().as_u16().to_string();
    let retry_after =
        answer.headers().get(header::RETRY_AFTER).map(|seconds| seconds.to_str().unwrap().to_owned());
    let text = answer.text().await.unwrap();
    let Ok(Value::Object(fields)) = serde_json::from_str(&text) else { return format!("{told} '{text}'") };
    told += if fields[id_name].is_string() { " id" } else { " null" };
    told += &fields.get("value").map(|value| format!(" {value}")).unwrap_or_default();
    told += " ";
    told += fields["code"].as_str().unwrap_or("null");
    if fields["paymentId"] != "p1" {
        told += ", of another payment";
    }
    if fields["requestId"] != "asked" {
        told += ", of another request";
    }
    told += &retry_after.map(|seconds| format!(", retry after {seconds}")).unwrap_or_default();
    told
}

/// What the request moved: a settlement was booked before, so that there is something to refund.
async fn booked(provider: &Provider, kind: usize) -> String {
    let books = provider.payment("p1").await;
    let before = rust_decimal::Decimal::new(50_00, 2);
    [books.settled - before, books.refunded, books.canceled][kind].to_string()
}

async fn check(row: &Row, kind: usize) {
    let (fault, _, first, booked_first, repeated, booked_last) = row;
    let of_kind =
        |told: &str| if kind == 2 { told.replace(" 20.00", "").replace(" 0 ", " ") } else { told.to_owned() };
    let provider = Provider::start().await;
    provider.authorize("p1", "100").await;
    let settled = provider.settle("p1", "before", "50").await.1;
    let settle_id = settled["settleId"].as_str().unwrap();
    provider.add_fault(&format!(r#"{{"fault":{fault},"times":1,"paymentId":"p1"}}"#)).await;
    let context = format!("{fault} hits {}", KINDS[kind].0);
    assert_eq!(ask(&provider, kind, settle_id).await, of_kind(first), "{context}");
    assert_eq!(booked(&provider, kind).await, *booked_first, "{context}: booked");
    assert_eq!(ask(&provider, kind, settle_id).await, of_kind(repeated), "{context}: repeated");
    assert_eq!(booked(&provider, kind).await, *booked_last, "{context}: booked in the end");
    assert_eq!(provider.get("/faults").await.1, Value::Array(Vec::new()), "{context}: it happened once");
    provider.stop().await;
}

#[tokio::test]
async fn every_answer_says_and_books_what_its_row_says() {
    for row in ROWS {
        for kind in row.1 {
            check(row, *kind).await;
        }
    }
}

/// A replay of a booked request, and a request that an honest provider refuses, meet the faults in front of the books
/// only.
#[tokio::test]
async fn faults_of_the_books_leave_replays_alone() {
    for (fault, replayed, refused) in [
        (r#""refuse""#, DONE, 400),
        (r#""settle-manually""#, DONE, 400),
        (r#""value-zero""#, DONE, 400),
        (r#""unreadable-answer""#, DONE, 400),
        (r#""foreign-request-id""#, DONE, 400),
        (r#""server-error=502""#, "502 null 0 server-error", 502),
        (r#""too-many-requests=1""#, "429 null 0 too-many-requests, retry after 1", 429),
    ] {
        let provider = Provider::start().await;
        provider.authorize("p1", "100").await;
        assert_eq!(ask(&provider, 0, "").await, DONE);
        provider.add_fault(&format!(r#"{{"fault":{fault}}}"#)).await;
        assert_eq!(ask(&provider, 0, "").await, replayed, "{fault}");
        assert_eq!(provider.settle("p1", "too-much", "1000").await.0, refused, "{fault}");
        assert_eq!(provider.settled("p1").await, "20.00", "{fault}");
        provider.stop().await;
    }
}
