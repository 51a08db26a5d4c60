//! `send` and `manifest`, one test per way in which a call can go.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tranche_connectors::ManifestError;
use tranche_connectors::bounds::{EXCHANGE_BODY_BYTES_MAX, RESPONSE_BODY_BYTES_MAX};
use tranche_connectors::callback::Callbacks;
use tranche_core::authorization::AuthorizationRequest;
use tranche_core::operation::{Answer, Call, OperationKind};

use crate::provider::{serve, serve_raw, settled};
use crate::setup::{call, connectors, settings};

async fn refusing_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_value_goes_out_and_comes_back_exactly() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let router = Router::new().fallback(move |uri: Uri, body: String| {
        log.lock().unwrap().push((uri.path().to_owned(), body));
        async { settled("19.99") }
    });
    let url = serve(router).await;
    let (answer, exchange) = connectors().send(&settings(&format!("{url}/ppp/"), &[]), &call()).await;
    assert_eq!(answer, Answer::Done { value: 1999, surplus: 0, provider_id: "settle-1".to_owned() });
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].0, "/ppp/payments/pay%2F1/settlements");
    assert!(seen[0].1.contains(r#""value":19.99"#), "{}", seen[0].1);
    assert_eq!(exchange.method, "POST");
    assert_eq!(exchange.url, format!("{url}/ppp/payments/pay%2F1/settlements"));
    assert_eq!(exchange.request_body, seen[0].1);
    assert_eq!(exchange.status, Some(200));
    assert_eq!(exchange.response_body, settled("19.99"));
    assert_eq!(exchange.latency, Duration::from_millis(1));
    assert_eq!(exchange.error, None);
}

#[tokio::test]
async fn what_was_not_sent_is_no_answer() {
    let refusing = refusing_address().await;
    for settings in [
        settings(&refusing, &[]),
        settings("http://provider.invalid", &[]),
        settings(&refusing, &[("app_key", "file:/nowhere/key"), ("app_token", "file:/nowhere/token")]),
    ] {
        let (answer, exchange) = connectors().send(&settings, &call()).await;
        assert_eq!(answer.meaning(), "no answer", "{answer:?}");
        assert_eq!(exchange.status, None);
        assert!(exchange.error.is_some());
    }
}

#[tokio::test]
async fn what_cannot_be_said_is_a_persons_work() {
    let mut call = call();
    call.authorization.provider_payment_id = "..".to_owned();
    let (answer, exchange) = connectors().send(&settings(&refusing_address().await, &[]), &call).await;
    assert_eq!(answer.meaning(), "manual", "{answer:?}");
    assert!(exchange.error.is_some());
}

#[tokio::test]
async fn a_slow_answer_is_unknown() {
    let router = Router::new().fallback(|| async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        settled("19.99")
    });
    let settings = settings(&serve(router).await, &[("timeout_ms", "200")]);
    let (answer, exchange) = connectors().send(&settings, &call()).await;
    assert_eq!(answer.meaning(), "unknown", "{answer:?}");
    assert_eq!(exchange.status, None);
}

#[tokio::test]
async fn a_broken_answer_is_unknown_and_its_request_is_not_repeated() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"paymentId\":\"pay/1\",\"settleId\":null";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n";
    for (text, status) in
        [("", None), ("no HTTP at all\r\n\r\n", None), (cut, Some(200)), (chunked, Some(200))]
    {
        let (url, requests) = serve_raw(&[text]).await;
        let (answer, exchange) = connectors().send(&settings(&url, &[]), &call()).await;
        assert_eq!(answer.meaning(), "unknown", "{answer:?}");
        assert_eq!(exchange.status, status);
        assert!(exchange.error.is_some());
        assert_eq!(requests.load(Ordering::SeqCst), 1, "{text:?}");
    }
}

#[tokio::test]
async fn a_request_that_breaks_on_a_kept_connection_is_not_repeated() {
    let (url, requests) =
        serve_raw(&["HTTP/1.1 400 Bad Request\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n", ""])
            .await;
    let (connectors, settings) = (connectors(), settings(&url, &[]));
    assert_eq!(connectors.send(&settings, &call()).await.0.meaning(), "refused");
    let (answer, _) = connectors.send(&settings, &call()).await;
    assert_eq!(answer.meaning(), "unknown", "{answer:?}");
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn no_secret_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let reference = |name: &str, secret: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{secret}\n")).unwrap();
        format!("file:{}", path.display())
    };
    let (key, token) = (reference("key", "shop-key-1"), reference("token", "shop-token-1"));
    for (family, prefix) in [("vtex", "x-vtex-api-"), ("provider", "x-provider-api-")] {
        let router = Router::new().fallback(move |headers: HeaderMap| async move {
            let header = |name: &str| headers[format!("{prefix}{name}")].to_str().unwrap().to_owned();
            let (key, token) = (header("appkey"), header("apptoken"));
            let echo = format!(
                r#"{{"code":"E1","message":"'{token}' of {key} is wrong","card":{{"a":1}},"echo":"{token}"}}"#
            );
            assert_eq!((key.as_str(), token.as_str()), ("shop-key-1", "shop-token-1"));
            (StatusCode::BAD_REQUEST, [("x-echo", token)], echo)
        });
        let settings = settings(
            &serve(router).await,
            &[("header_family", family), ("app_key", &key), ("app_token", &token)],
        );
        let sent = connectors().send(&settings, &call()).await;
        assert_eq!(sent.0.meaning(), "refused");
        let (text, headers) = (format!("{sent:?} {settings:?}"), &sent.1.request_headers);
        assert!(!text.contains("shop-key-1") && !text.contains("shop-token-1"), "{text}");
        assert!(headers.contains(&format!("{prefix}apptoken: [redacted]")), "{headers}");
        assert!(sent.1.response_body.contains(r#""card":"[redacted]""#), "{}", sent.1.response_body);
    }
}

/// The signature of the first callback address in a text.
fn signature(text: &str) -> &str {
    text.split("X-VTEX-signature=").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

/// A provider that repeats what it was told, to whichever call.
#[tokio::test]
async fn what_a_provider_repeats_of_a_payment_stays_out_of_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "0123456789abcdef0123456789abcdef").unwrap();
    let reference = format!("file:{}", secret.display());
    let callbacks = Callbacks::read("https://tranche.example", &reference).await.unwrap();
    let connectors = connectors().with_callbacks(Arc::new(callbacks));
    let told = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&told);
    let router = Router::new().fallback(move |body: String| {
        let mut told = log.lock().unwrap();
        told.push_str(&body);
        let answer = format!(r#"{{"code":"E1","message":"{} tok-of-the-payer"}}"#, signature(&told));
        async move { (StatusCode::BAD_REQUEST, answer) }
    });
    let settings = settings(&serve(router).await, &[]);
    let request = AuthorizationRequest {
        payment_method: "Visa".to_owned(),
        token: Some("tok-of-the-payer".to_owned()),
        installments: 1,
        return_url: None,
    };
    let mut authorization = Call { request: Some(request), ..call() };
    authorization.operation.kind = OperationKind::Authorization;
    let mut lapse = authorization.clone();
    lapse.operation.kind = OperationKind::Cancellation;
    lapse.operation.is_final = true;
    for call in [authorization, lapse] {
        let record = format!("{:?}", connectors.send(&settings, &call).await);
        let told = told.lock().unwrap().clone();
        let signature = signature(&told);
        assert!(signature.len() == 32 && told.contains("tok-of-the-payer"), "{told}");
        assert!(!record.contains(signature) && !record.contains("tok-of-the-payer"), "{record}");
        assert!(record.contains("E1"), "{record}");
    }
}

#[tokio::test]
async fn a_huge_answer_is_bounded_and_unknown() {
    let router = Router::new().fallback(|| async { "x".repeat(RESPONSE_BODY_BYTES_MAX + 1) });
    let (answer, exchange) = connectors().send(&settings(&serve(router).await, &[]), &call()).await;
    assert_eq!(answer.meaning(), "unknown", "{answer:?}");
    assert!(exchange.response_body.len() <= EXCHANGE_BODY_BYTES_MAX);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let router = Router::new()
        .route("/payments/{id}/settlements", post(|| async { Redirect::temporary("/elsewhere") }))
        .route("/elsewhere", post(|| async { settled("19.99") }));
    let (answer, exchange) = connectors().send(&settings(&serve(router).await, &[]), &call()).await;
    assert_eq!(answer.meaning(), "unknown", "{answer:?}");
    assert_eq!(exchange.status, Some(307));
}

#[tokio::test]
async fn a_manifest_is_read_or_says_what_to_fix() {
    let good = r#"{"paymentMethods":[{"name":"Visa"}]}"#;
    for (status, body, expected) in [
        (200, good, None),
        (200, "<html>", Some("what GET /manifest answered is no manifest: it is no JSON object")),
        (404, "", Some("what GET /manifest answered is no manifest: it answered 404 Not Found")),
        (401, "", Some("the provider's manifest was not given out: it answered 401; check settings.app_key")),
        (503, good, Some("the provider's manifest could not be read: it answered 503 Service Unavailable")),
    ] {
        let answer =
            move || async move { (StatusCode::from_u16(status).unwrap(), Bytes::from(body)).into_response() };
        let url = serve(Router::new().route("/manifest", get(answer))).await;
        match (connectors().manifest(&settings(&url, &[])).await, expected) {
            (Ok(text), None) => assert_eq!(text, good),
            (Err(error), Some(start)) => assert!(error.to_string().starts_with(start), "{error}"),
            (read, _) => panic!("{status} {body}: {read:?}"),
        }
    }
    let refused = connectors().manifest(&settings(&refusing_address().await, &[])).await.unwrap_err();
    assert!(matches!(refused, ManifestError::Unreachable { .. }), "{refused}");
    let unset = [("app_key", "env:TRANCHE_NEVER_SET"), ("app_token", "env:TRANCHE_NEVER_SET")];
    let unread = connectors().manifest(&settings(&refusing_address().await, &unset)).await.unwrap_err();
    let ManifestError::CredentialsUnreadable { setting, detail } = &unread else {
        panic!("{unread}");
    };
    assert_eq!(setting, "settings.app_key");
    let sentence = "the credential in env:TRANCHE_NEVER_SET cannot be used: the variable is not set";
    assert_eq!(detail, sentence);
}
