//! A sandbox that runs, and a client of it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails here")]

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tranche_sandbox::books::{Books, PaymentBooks};
use tranche_sandbox::{SandboxConfig, serve};

/// How long a client waits for an answer. Longer than any test needs, shorter than a held call.
const CLIENT_LIMIT: Duration = Duration::from_secs(5);

pub(crate) struct Provider {
    pub(crate) client: Client,
    pub(crate) address: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        Self::with(SandboxConfig::default()).await
    }

    pub(crate) async fn with(config: SandboxConfig) -> Self {
        // A second installation is refused, and the first is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().tls_certs_only([]).no_proxy().timeout(CLIENT_LIMIT).build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let server = tokio::spawn(serve(listener, config, shutdown));
        Self { client, address, stop, server }
    }

    /// Stops the server; it must end by itself.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        drop(self.client);
        let ended = tokio::time::timeout(CLIENT_LIMIT, self.server).await;
        ended.expect("the server ends").unwrap().unwrap();
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address))
    }

    /// Posts text as it is; `None` if the connection was dropped or the limit passed.
    pub(crate) async fn try_post(&self, path: &str, body: &str) -> Option<(u16, String)> {
        let answer = self.request(Method::POST, path).body(body.to_owned()).send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    /// Posts JSON text and reads JSON.
    pub(crate) async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        let (status, text) = self.try_post(path, body).await.expect("an answer");
        (status, serde_json::from_str(&text).expect("a JSON answer"))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    pub(crate) async fn authorize(&self, payment_id: &str, value: &str) {
        self.authorize_with(payment_id, value, "BRL", "MULTIPLE").await;
    }

    pub(crate) async fn authorize_with(
        &self,
        payment_id: &str,
        value: &str,
        currency: &str,
        settlements: &str,
    ) {
        let body = format!(
            r#"{{"paymentId":"{payment_id}","currency":"{currency}","value":{value},
                "merchantSettings":[{{"name":"sandbox.settlements","value":"{settlements}"}}]}}"#
        );
        let (status, answer) = self.post("/payments", &body).await;
        assert_eq!((status, &answer["status"]), (200, &json!("approved")), "{answer}");
    }

    pub(crate) async fn settle(&self, payment_id: &str, request_id: &str, value: &str) -> (u16, Value) {
        self.post(&settlements(payment_id), &settlement(request_id, value)).await
    }

    pub(crate) async fn add_fault(&self, rule: &str) {
        let (status, answer) = self.post("/faults", &format!("[{rule}]")).await;
        assert_eq!(status, 200, "{answer}");
    }

    pub(crate) async fn books(&self) -> Books {
        serde_json::from_value(self.get("/books").await.1).unwrap()
    }

    pub(crate) async fn payment(&self, payment_id: &str) -> PaymentBooks {
        serde_json::from_value(self.get(&format!("/books/{payment_id}")).await.1).unwrap()
    }

    pub(crate) async fn settled(&self, payment_id: &str) -> String {
        self.payment(payment_id).await.settled.to_string()
    }
}

pub(crate) fn settlements(payment_id: &str) -> String {
    format!("/payments/{payment_id}/settlements")
}

pub(crate) fn settlement(request_id: &str, value: &str) -> String {
    format!(r#"{{"requestId":"{request_id}","value":{value}}}"#)
}
