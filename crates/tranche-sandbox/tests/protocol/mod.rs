//! The protocol, the books and the log.

use reqwest::Method;
use serde_json::{Value, json};
use tranche_sandbox::SandboxConfig;
use tranche_sandbox::books::{Call, CallCounts};

use crate::provider::{Provider, settlements};

#[tokio::test]
async fn a_payment_goes_its_way_and_the_books_say_so() {
    let provider = Provider::start().await;
    assert_eq!(provider.get("/manifest").await.0, 200);
    provider.authorize("p1", "100.00").await;

    let (status, settled) = provider.settle("p1", "s1", "19.99").await;
    let expected = r#"{"paymentId":"p1","settleId":"SET-000001","value":19.99,"code":null,"message":null,"requestId":"s1"}"#;
    assert_eq!((status, settled), (200, serde_json::from_str(expected).unwrap()));
    assert_eq!(provider.settle("p1", "s2", "30.1").await.1["value"].to_string(), "30.10");

    let refund = r#"{"requestId":"r1","settleId":"SET-000001","value":4.99,"paymentId":"p1"}"#;
    let (status, refunded) = provider.post("/payments/p1/refunds", refund).await;
    assert_eq!((status, &refunded["refundId"]), (200, &json!("REF-000001")));
    assert_eq!(refunded["value"].to_string(), "4.99");

    let (status, canceled) = provider.post("/payments/p1/cancellations", r#"{"requestId":"c1"}"#).await;
    assert_eq!((status, &canceled["cancellationId"]), (200, &json!("CAN-000001")));
    assert_eq!(canceled.get("value"), None);

    let (status, books) = provider.get("/books").await;
    let expected = json!({
        "payments": [{
            "paymentId": "p1", "currency": "BRL",
            "authorized": "100.00", "settled": "50.09", "refunded": "4.99", "canceled": "49.91", "released": "0.00",
            "settlements": [
                { "settleId": "SET-000001", "requestId": "s1", "value": "19.99", "refunded": "4.99" },
                { "settleId": "SET-000002", "requestId": "s2", "value": "30.10", "refunded": "0.00" },
            ],
            "refunds": [
                { "refundId": "REF-000001", "requestId": "r1", "settleId": "SET-000001", "value": "4.99" },
            ],
            "cancellations": [{ "cancellationId": "CAN-000001", "requestId": "c1", "value": "49.91" }],
            "calls": { "payment": 1, "settlement": 2, "refund": 1, "cancellation": 1 },
        }],
        "calls": { "payment": 1, "settlement": 2, "refund": 1, "cancellation": 1 },
    });
    assert_eq!((status, &books), (200, &expected));
    assert_eq!(provider.get("/books/p1").await, (200, expected["payments"][0].clone()));
    assert_eq!(serde_json::to_value(provider.books().await).unwrap(), books);
    provider.stop().await;
}

#[tokio::test]
async fn repeats_are_answered_like_the_first_time_and_counted() {
    let provider = Provider::start().await;
    let payment = r#"{"paymentId":"p1","currency":"JPY","value":500}"#;
    let first = provider.post("/payments", payment).await;
    assert_eq!(first.1["authorizationId"], "AUT-000001");
    assert_eq!(provider.post("/payments", payment).await, first);
    let (status, reused) = provider.post("/payments", &payment.replace("500", "501")).await;
    assert_eq!((status, &reused["code"]), (409, &json!("payment-id-reused")));

    let first = provider.settle("p1", "s1", "500").await;
    assert_eq!(provider.settle("p1", "s1", "500.00").await, first);
    let (status, reused) = provider.settle("p1", "s1", "400").await;
    assert_eq!(
        (status, &reused["code"], &reused["requestId"]),
        (409, &json!("request-id-reused"), &json!("s1"))
    );
    let books = provider.payment("p1").await;
    assert_eq!(books.settlements.len(), 1);
    assert_eq!(books.calls, CallCounts { payment: 3, settlement: 3, ..CallCounts::default() });
    provider.stop().await;
}

#[tokio::test]
async fn refusals_say_what_is_wrong() {
    let provider = Provider::start().await;
    provider.authorize("p1", "10.00").await;
    let check = async |path: &str, body: &str, status: u16, code: &str, message: &str| {
        let (got, answer) = provider.post(path, body).await;
        assert_eq!((got, &answer["code"]), (status, &json!(code)), "{path} {body} {answer}");
        let said = answer["message"].as_str().unwrap();
        assert!(said.contains(message), "{said}");
    };
    let settle = settlements("p1");
    check(
        &settle,
        r#"{"requestId":"s1","value":10.01}"#,
        400,
        "above-authorized",
        "10.01 was asked and 10.00",
    )
    .await;
    check(&settle, r#"{"value":"1"}"#, 400, "malformed", "requestId is missing; value must be a number")
        .await;
    check(&settle, r#"{"requestId":"s1","value":1e1}"#, 400, "malformed", "without an exponent").await;
    check(&settle, r#"{"requestId":"s1","value":1,"paymentId":"p2"}"#, 400, "malformed", "one of the path")
        .await;
    check(&settle, "[", 400, "malformed", "no JSON").await;
    check(&settle, &" ".repeat(70_000), 413, "body-too-long", "65536").await;
    check(&settlements("p2"), r#"{"requestId":"s1","value":1}"#, 404, "payment-unknown", "'p2'").await;
    check("/payments/p1/elsewhere", "{}", 404, "no-such-path", "nothing").await;
    check("/payments", r#"{"paymentId":"p3","currency":"ABC","value":1}"#, 400, "malformed", "ISO 4217")
        .await;
    let other = r#"{"paymentId":"p3","currency":"BRL","value":1,
        "merchantSettings":[{"name":"other","value":null},{"name":"sandbox.settlements","value":"TWICE"}]}"#;
    check("/payments", other, 400, "malformed", "'TWICE' is none of").await;
    let refund = r#"{"requestId":"r1","settleId":"SET-000009","value":1}"#;
    check("/payments/p1/refunds", refund, 400, "settlement-unknown", "SET-000009").await;
    assert_eq!(provider.settled("p1").await, "0.00");
    provider.stop().await;
}

#[tokio::test]
async fn payments_are_denied() {
    let provider = Provider::start().await;
    for denied in [r#""value":0"#, r#""value":10,"card":{"number":"4444333322221112"}"#] {
        let body = format!(r#"{{"paymentId":"{}","currency":"BRL",{denied}}}"#, denied.len());
        let (status, answer) = provider.post("/payments", &body).await;
        assert_eq!((status, &answer["status"], &answer["tid"]), (200, &json!("denied"), &Value::Null));
        let (status, answer) = provider.settle(&denied.len().to_string(), "s1", "1").await;
        assert_eq!((status, &answer["code"]), (400, &json!("payment-denied")));
    }
    let log = provider.get("/calls").await.1.to_string();
    assert!(!log.contains("4444333322221112"), "the log has no card");
    provider.stop().await;
}

#[tokio::test]
async fn one_process_plays_several_connectors() {
    let provider = Provider::start().await;
    for (settlements, value, second) in [
        ("ONCE_KEEPS", "4", "settled-before"),
        ("ONCE_RELEASES", "4", "settled-before"),
        ("NONE", "10", "settled-before"),
    ] {
        provider.authorize_with(settlements, "10", "BRL", settlements).await;
        assert_eq!(provider.settle(settlements, "s1", value).await.0, 200);
        let (status, answer) = provider.settle(settlements, "s2", "1").await;
        assert_eq!((status, answer["code"].as_str().unwrap()), (400, second));
    }
    let released = provider
        .books()
        .await
        .payments
        .iter()
        .map(|payment| payment.released.to_string())
        .collect::<Vec<_>>();
    assert_eq!(released, ["0.00", "0.00", "6.00"], "NONE, ONCE_KEEPS, ONCE_RELEASES");
    provider.stop().await;
}

#[tokio::test]
async fn credentials_are_checked_when_there_are_some() {
    let config = SandboxConfig {
        app_key: Some("key".to_owned()),
        app_token: Some("token".to_owned()),
        ..SandboxConfig::default()
    };
    assert!(!format!("{config:?}").contains("token"));
    let provider = Provider::with(config).await;
    let check = async |headers: &[(&str, &str)], status: u16| {
        let request =
            headers.iter().fold(provider.request(Method::GET, "/manifest"), |request, (name, value)| {
                request.header(*name, *value)
            });
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "{headers:?}");
    };
    check(&[], 401).await;
    check(&[("X-VTEX-API-AppKey", "key")], 401).await;
    check(&[("X-VTEX-API-AppKey", "key"), ("X-VTEX-API-AppToken", "wrong")], 401).await;
    check(&[("X-VTEX-API-AppKey", "key"), ("X-VTEX-API-AppToken", "token")], 200).await;
    check(&[("X-PROVIDER-API-AppKey", "key"), ("X-PROVIDER-API-AppToken", "token")], 200).await;
    assert_eq!(provider.post("/payments", "{}").await.1["code"], "unauthorized");
    assert_eq!(provider.get("/books").await.0, 200);
    provider.stop().await;
}

#[tokio::test]
async fn the_log_keeps_calls_in_order() {
    let provider = Provider::start().await;
    provider.authorize("p1", "10").await;
    provider.settle("p1", "s1", "4").await;
    provider.settle("p1", "s2", "40").await;
    let calls: Vec<Call> = serde_json::from_value(provider.get("/calls").await.1).unwrap();
    let told = calls.iter().map(|call| (call.path.as_str(), call.request_id.as_deref(), call.status));
    let path = settlements("p1");
    let expected =
        [("/payments", None, Some(200)), (&path, Some("s1"), Some(200)), (&path, Some("s2"), Some(400))];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!(calls[1].request["value"].to_string(), "4");
    assert_eq!(calls[1].response["settleId"], "SET-000001");
    provider.stop().await;

    let provider = Provider::with(SandboxConfig { keep_calls: false, ..SandboxConfig::default() }).await;
    provider.authorize("p1", "10").await;
    assert_eq!(provider.get("/calls").await.1, json!([]));
    provider.stop().await;
}

#[tokio::test]
async fn a_provider_that_knows_no_replays_books_them_again() {
    let provider = Provider::start().await;
    let body = r#"{"paymentId":"p1","transactionId":"p1","orderId":"p1","value":100,"currency":"BRL",
        "paymentMethod":"Visa","merchantSettings":[{"name":"sandbox.replays","value":"BOOKED_AGAIN"}]}"#;
    assert_eq!(provider.post("/payments", body).await.1["status"], "approved");
    assert_eq!(provider.settle("p1", "s1", "20").await.1["settleId"], "SET-000001");
    assert_eq!(provider.settle("p1", "s1", "20").await.1["settleId"], "SET-000002");
    assert_eq!(provider.settled("p1").await, "40.00");
    provider.stop().await;
}

#[tokio::test]
async fn a_payment_says_when_it_is_authorized() {
    let provider = Provider::start().await;
    for (setting, statuses) in [
        ("APPROVED", ["approved", "approved"]),
        ("DENIED", ["denied", "denied"]),
        ("UNDEFINED_ONCE", ["undefined", "approved"]),
        ("UNDEFINED", ["undefined", "undefined"]),
    ] {
        let body = format!(
            r#"{{"paymentId":"{setting}","value":100,"currency":"BRL",
            "merchantSettings":[{{"name":"sandbox.authorizations","value":"{setting}"}}]}}"#
        );
        for status in statuses {
            let (_, answer) = provider.post("/payments", &body).await;
            assert_eq!(answer["status"], status, "{setting}");
            assert_eq!(answer["authorizationId"].is_string(), status == "approved", "{setting}");
        }
    }
    assert_eq!(provider.settle("UNDEFINED", "s1", "20").await.1["settleId"], "SET-000001");
    provider.stop().await;
}
