//! Undefined payments are decided, and whoever asked for them is called back, whatever goes wrong with that.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tranche_sandbox::SandboxConfig;
use tranche_sandbox::books::Callback;
use tranche_sandbox::bounds::{CALLBACK_ATTEMPTS_MAX, CALLBACK_HUGE_BYTES};

use crate::provider::Provider;
use crate::receiver::{Received, Receiver};

/// Path and query of every callback, with all that a careless client would write differently.
fn target(payment_id: &str) -> String {
    format!("/a/./b//c%2f../{payment_id}?accountName=x+y&X-VTEX-signature=0A%2B/z==&e=")
}

fn payment(caller: &Receiver, payment_id: &str, method: &str, settings: &Value) -> String {
    json!({
        "paymentId": payment_id, "transactionId": "t", "orderId": "o", "reference": "r", "value": 100,
        "currency": "BRL", "paymentMethod": method, "returnUrl": "", "miniCart": {},
        "callbackUrl": format!("http://{}{}", caller.authority, target(payment_id)),
        "merchantSettings": settings,
    })
    .to_string()
}

async fn undefined(provider: &Provider, caller: &Receiver, payment_id: &str) -> Value {
    let body = payment(caller, payment_id, "sandbox-undefined", &Value::Null);
    let (status, answer) = provider.post("/payments", &body).await;
    assert_eq!((status, &answer["status"]), (200, &json!("undefined")), "{answer}");
    answer
}

async fn decide(provider: &Provider, payment_id: &str, status: &str) -> Value {
    let body = json!({ "paymentId": payment_id, "status": status }).to_string();
    let (status, answer) = provider.post("/decisions", &body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// A body as `payment status`, or `empty`, `broken off`, or how many bytes of what is no JSON.
fn told(received: &Received) -> String {
    let Some(body) = &received.body else { return "broken off".to_owned() };
    match serde_json::from_str::<Value>(body) {
        Ok(body) => format!("{} {}", body["paymentId"].as_str().unwrap(), body["status"].as_str().unwrap()),
        Err(_) if body.is_empty() => "empty".to_owned(),
        Err(_) => "no JSON".to_owned(),
    }
}

fn all_told(received: &[Received]) -> Vec<String> {
    received.iter().map(told).collect()
}

#[tokio::test]
async fn the_caller_is_told_the_full_answer_at_exactly_its_address() {
    let config = SandboxConfig {
        callback_app_key: Some("key".to_owned()),
        callback_app_token: Some("token".to_owned()),
        ..SandboxConfig::default()
    };
    assert!(!format!("{config:?}").contains("token\""));
    let provider = Provider::with(config).await;
    for (payment_id, status) in [("p1", "approved"), ("p2", "denied")] {
        let caller = Receiver::start().await;
        let first = undefined(&provider, &caller, payment_id).await;
        assert_eq!((first["authorizationId"].clone(), first["tid"].is_string()), (Value::Null, true));
        let books = decide(&provider, payment_id, status).await;
        assert_eq!(books[0]["status"], status);
        let received = caller.received();
        let body = payment(&caller, payment_id, "sandbox-undefined", &Value::Null);
        let repeated = provider.post("/payments", &body).await;
        let expected = Received {
            target: target(payment_id),
            app_key: Some("key".to_owned()),
            app_token: Some("token".to_owned()),
            body: Some(repeated.1.to_string()),
        };
        assert_eq!(received, [expected], "once, and what a repeated request is told");
        assert_eq!((&repeated.1["tid"], &repeated.1["nsu"]), (&first["tid"], &first["nsu"]));
        let kept: Vec<Callback> =
            serde_json::from_value(provider.get(&format!("/callbacks/{payment_id}")).await.1).unwrap();
        let kept: Vec<_> = kept.iter().map(|kept| (&*kept.payment_id, kept.attempt, kept.status)).collect();
        assert_eq!(kept, [(payment_id, 1, Some(200))]);
    }
    provider.stop().await;
}

#[tokio::test]
async fn a_callback_is_repeated_until_it_is_taken_and_no_longer() {
    for (answers, attempts) in
        [(&[][..], 1), (&[204], 1), (&[500], 2), (&[404, 301, 299], 3), (&[503; 9], CALLBACK_ATTEMPTS_MAX)]
    {
        let provider = Provider::start().await;
        let caller = Receiver::start().await;
        caller.answer(answers);
        undefined(&provider, &caller, "p1").await;
        decide(&provider, "p1", "approved").await;
        let received = caller.received();
        assert_eq!(all_told(&received), vec!["p1 approved"; received.len()]);
        assert_eq!(received.len(), usize::try_from(attempts).unwrap(), "{answers:?}");
        let kept: Vec<Callback> = serde_json::from_value(provider.get("/callbacks").await.1).unwrap();
        let kept: Vec<_> = kept.iter().map(|kept| kept.attempt).collect();
        assert_eq!(kept, (1..=attempts).collect::<Vec<_>>(), "{answers:?}");
        provider.stop().await;
    }
}

/// What arrives of the callback of an approval, and what of it when it is asked for once more.
#[tokio::test]
async fn every_fault_of_a_callback_is_what_its_row_says() {
    const RIGHT: &[&str] = &["p1 approved"];
    for (fault, arrived) in [
        ("callback-lost", &[][..]),
        ("callback-duplicated", &["p1 approved", "p1 approved"]),
        ("callback-retry", &["empty"]),
        ("callback-forged", &["p1 approved"]),
        ("callback-of-another-payment", &["p1-of-somebody-else approved"]),
        ("callback-truncated", &["no JSON"]),
        ("callback-broken-off", &["broken off"]),
        ("callback-huge", &["p1 approved"]),
        ("callback-contradicting", &["p1 approved", "p1 denied"]),
        ("callback-late", &[]),
        ("callback-reordered", &[]),
    ] {
        let provider = Provider::start().await;
        let caller = Receiver::start().await;
        provider.add_fault(&format!(r#"{{"fault":"{fault}","paymentId":"p1","times":1}}"#)).await;
        undefined(&provider, &caller, "p1").await;
        let books = decide(&provider, "p1", "approved").await;
        assert_eq!(books[0]["status"], "approved", "{fault}: the books are honest");
        // A connection that breaks off is closed before its caller knows.
        let received = caller.expect(arrived.len()).await;
        assert_eq!(all_told(&received), arrived, "{fault}");
        let right = target("p1");
        let forged = received.iter().filter(|received| received.target != right).count();
        assert_eq!(forged, usize::from(fault == "callback-forged"), "{fault}: {received:?}");
        let longest = received.iter().filter_map(|received| received.body.as_ref()).map(String::len).max();
        assert_eq!(longest == Some(CALLBACK_HUGE_BYTES), fault == "callback-huge", "{fault}");

        let (status, answer) = provider.post("/callbacks", r#"{"paymentId":"p1"}"#).await;
        assert_eq!(status, 200, "{answer}");
        let later = caller.received().split_off(received.len());
        assert_eq!(all_told(&later), RIGHT, "{fault} is over, and the right one comes when it is asked for");
        assert_eq!(later[0].target, right, "{fault}");
        assert_eq!(provider.get("/faults").await.1, json!([]), "{fault} happened once");
        let kept = provider.get("/callbacks").await.1;
        let faulty = kept.as_array().unwrap().iter().filter(|kept| kept["fault"] == fault).count();
        let waited = matches!(fault, "callback-late" | "callback-reordered" | "callback-lost");
        assert_eq!(faulty, arrived.len() + usize::from(waited), "{fault}: {kept}");
        provider.stop().await;
    }
}

#[tokio::test]
async fn a_late_callback_follows_a_repeat_that_told_the_outcome() {
    let provider = Provider::with(SandboxConfig {
        callback_fault: Some("callback-late".parse().unwrap()),
        ..SandboxConfig::default()
    })
    .await;
    let caller = Receiver::start().await;
    undefined(&provider, &caller, "p1").await;
    undefined(&provider, &caller, "p1").await;
    decide(&provider, "p1", "denied").await;
    assert_eq!(caller.received(), []);
    let body = payment(&caller, "p1", "sandbox-undefined", &Value::Null);
    assert_eq!(provider.post("/payments", &body).await.1["status"], "denied");
    assert_eq!(all_told(&caller.expect(1).await), ["p1 denied"]);
    provider.stop().await;
}

#[tokio::test]
async fn a_reordered_callback_is_overtaken_by_the_next() {
    let provider = Provider::start().await;
    let caller = Receiver::start().await;
    provider.add_fault(r#"{"fault":"callback-reordered","times":2}"#).await;
    for payment_id in ["p1", "p2", "p3"] {
        undefined(&provider, &caller, payment_id).await;
    }
    decide(&provider, "p1", "approved").await;
    decide(&provider, "p2", "denied").await;
    assert_eq!(caller.received(), []);
    decide(&provider, "p3", "approved").await;
    assert_eq!(all_told(&caller.received()), ["p3 approved", "p1 approved", "p2 denied"]);
    provider.stop().await;
}

/// A payment that is decided by being asked for again is told in that answer, and called back as well.
#[tokio::test]
async fn a_repeat_decides() {
    let provider = Provider::start().await;
    let caller = Receiver::start().await;
    let body = payment(&caller, "p1", "sandbox-undefined-once", &Value::Null);
    for status in ["undefined", "approved", "approved"] {
        assert_eq!(provider.post("/payments", &body).await.1["status"], status);
    }
    assert_eq!(all_told(&caller.expect(1).await), ["p1 approved"]);
    assert_eq!(provider.settle("p1", "s1", "100").await.0, 200);
    provider.stop().await;
}

/// A caller that moved is called back where it is now.
#[tokio::test]
async fn the_last_address_is_called_back() {
    let provider = Provider::start().await;
    let (before, now) = (Receiver::start().await, Receiver::start().await);
    assert_eq!(undefined(&provider, &before, "p1").await, undefined(&provider, &now, "p1").await);
    decide(&provider, "p1", "approved").await;
    assert_eq!((before.received(), all_told(&now.received())), (Vec::new(), vec!["p1 approved".to_owned()]));
    provider.stop().await;
}

/// A callback that nobody answers does not keep the provider from ending.
#[tokio::test]
async fn a_callback_in_flight_is_let_go_at_shutdown() {
    let provider = Provider::start().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let body = json!({
        "paymentId": "p1", "transactionId": "t", "orderId": "o", "reference": "r", "value": 100,
        "currency": "BRL", "paymentMethod": "sandbox-undefined", "returnUrl": "", "miniCart": {},
        "callbackUrl": format!("http://{}/", silent.local_addr().unwrap()),
    });
    provider.post("/payments", &body.to_string()).await;
    let decided = provider.request(Method::POST, "/decisions").body("{}").send();
    let decided = tokio::spawn(decided);
    let (_connection, _) = silent.accept().await.unwrap();
    provider.stop().await;
    let answer = decided.await.unwrap().unwrap();
    assert_eq!(answer.status().as_u16(), 200, "the decision stands, and whoever made it is told");
}

#[tokio::test]
async fn payments_decide_by_themselves_or_wait_to_be_told() {
    let provider = Provider::start().await;
    let caller = Receiver::start().await;
    let soon = json!([{ "name": "sandbox.decides_after_ms", "value": "1" }]);
    let with = |method, value: &str| {
        let name = "sandbox.callbacks";
        let setting = json!([soon[0].clone(), { "name": name, "value": value }]);
        payment(&caller, method, &format!("sandbox-{method}"), &setting)
    };
    for (method, callbacks) in
        [("undefined-approved", "NOTIFY"), ("undefined-denied", "RETRY"), ("undefined", "NOTIFY")]
    {
        let (_, answer) = provider.post("/payments", &with(method, callbacks)).await;
        assert_eq!(answer["status"], "undefined", "{method}");
    }
    let mut received = all_told(&caller.expect(2).await);
    received.sort();
    assert_eq!(received, ["empty", "undefined-approved approved"]);
    for (method, callbacks, status) in [
        ("undefined-approved", "NOTIFY", "approved"),
        ("undefined-denied", "RETRY", "denied"),
        ("undefined", "NOTIFY", "undefined"),
    ] {
        let answer = provider.post("/payments", &with(method, callbacks)).await.1;
        assert_eq!(answer["status"], status, "{method}");
    }
    // Whoever is told to decide all decides what is left.
    let decided = provider.post("/decisions", "").await;
    assert_eq!(
        (decided.0, &decided.1[0]["paymentId"], &decided.1[1]),
        (200, &json!("undefined"), &Value::Null)
    );
    assert_eq!(all_told(&caller.received()[2..]), ["undefined approved"]);
    provider.stop().await;
}

/// A payment that was canceled while it was undefined is never decided unless somebody insists, and nobody is called back.
#[tokio::test]
async fn a_canceled_payment_stays_canceled() {
    let provider = Provider::start().await;
    let caller = Receiver::start().await;
    undefined(&provider, &caller, "p1").await;
    let canceled = provider.post("/payments/p1/cancellations", r#"{"requestId":"c1"}"#).await;
    assert_eq!((canceled.0, &canceled.1["cancellationId"]), (200, &json!("CAN-000001")));
    assert_eq!(provider.post("/decisions", "").await, (200, json!([])));
    assert_eq!(provider.post("/decisions", r#"{"paymentId":"p1"}"#).await.1["code"], "payment-decided");
    let body = payment(&caller, "p1", "sandbox-undefined", &Value::Null);
    let (_, repeated) = provider.post("/payments", &body).await;
    assert_eq!((&repeated["status"], &repeated["code"]), (&json!("denied"), &json!("payment-canceled")));
    assert_eq!(caller.received(), []);
    let approved = r#"{"paymentId":"p1","status":"approved","force":true}"#;
    assert_eq!(provider.post("/decisions", approved).await.1[0]["authorized"], "100.00");
    assert_eq!(all_told(&caller.received()), ["p1 approved"]);
    provider.stop().await;
}

#[tokio::test]
async fn only_this_machine_is_called_back_unless_told_otherwise() {
    let check = async |callbacks_anywhere: bool, url: &str, failure: &str| {
        let config = SandboxConfig { callbacks_anywhere, ..SandboxConfig::default() };
        let provider = Provider::with(config).await;
        let body = json!({
            "paymentId": "p1", "transactionId": "t", "orderId": "o", "reference": "r", "value": 100,
            "currency": "BRL", "paymentMethod": "sandbox-undefined", "returnUrl": "", "miniCart": {},
            "callbackUrl": url,
        });
        assert_eq!(provider.post("/payments", &body.to_string()).await.1["status"], "undefined", "{url}");
        decide(&provider, "p1", "approved").await;
        let kept: Vec<Callback> = serde_json::from_value(provider.get("/callbacks").await.1).unwrap();
        let said = kept[0].failure.clone().unwrap_or_default();
        assert!(said.contains(failure) && kept[0].status.is_none(), "{url}: {said}");
        provider.stop().await;
    };
    // A documentation address and a private one, of which not one byte may be sent to.
    check(false, "http://192.0.2.1/callback", "not on this machine").await;
    check(false, "http://0.0.0.0:9/callback", "not on this machine").await;
    check(false, "http://[2001:db8::1]:8080/callback", "not on this machine").await;
    check(false, "https://127.0.0.1/callback", "plain HTTP only").await;
    // Nobody listens on the reserved port 1 of this machine.
    check(false, "http://127.0.0.1:1/callback", "the connection failed").await;
    check(false, "http://[::1]:1/callback", "the connection failed").await;
    check(true, "http://localhost:1/callback", "the connection failed").await;
}

#[tokio::test]
async fn controls_say_what_is_wrong() {
    let provider = Provider::start().await;
    let caller = Receiver::start().await;
    undefined(&provider, &caller, "p1").await;
    decide(&provider, "p1", "approved").await;
    for (path, body, status, code, message) in [
        ("/decisions", r#"{"paymentId":"p2"}"#, 404, "payment-unknown", "'p2'"),
        ("/decisions", r#"{"paymentId":"p1","status":"denied"}"#, 409, "payment-decided", "'p1'"),
        (
            "/decisions",
            r#"{"paymentId":7,"status":"maybe","force":1}"#,
            400,
            "malformed",
            "paymentId must be a string; status must be approved or denied; force must be true or false",
        ),
        ("/decisions", r#"{"force":true}"#, 400, "malformed", "paymentId is missing"),
        ("/decisions", "[]", 400, "malformed", "must be a JSON object"),
        ("/callbacks", r#"{"paymentId":"p2"}"#, 404, "payment-unknown", "'p2'"),
        ("/callbacks", "{", 400, "malformed", "no JSON"),
    ] {
        let (got, answer) = provider.post(path, body).await;
        assert_eq!((got, &answer["code"]), (status, &json!(code)), "{path} {body}");
        let said = answer["message"].as_str().unwrap();
        assert!(said.contains(message), "{path} {body}: {said}");
    }
    let forced = provider.post("/decisions", r#"{"paymentId":"p1","status":"denied","force":true}"#).await;
    assert_eq!((forced.0, &forced.1[0]["status"]), (200, &json!("denied")));
    assert_eq!(all_told(&caller.received()), ["p1 approved", "p1 denied"]);
    provider.stop().await;
}
