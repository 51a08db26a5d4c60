//! The payment provider of a test: authorizes payments, is told to misbehave, and shows its books.

use reqwest::Client;
use serde_json::{Value, json};
use tranche_sandbox::books::{Books, PaymentBooks};

use crate::patience::must;

/// A sandbox that runs.
#[derive(Clone, Debug)]
pub struct Provider {
    client: Client,
    url: String,
}

/// What the provider gave an authorization.
#[derive(Clone, Debug)]
pub struct Authorized {
    /// The provider's id of the authorization.
    pub authorization_id: String,
    /// The acquirer's transaction id.
    pub tid: String,
    /// The acquirer's sequence number.
    pub nsu: String,
}

impl Provider {
    /// The sandbox at a URL.
    ///
    /// # Panics
    ///
    /// When no HTTP client can be built.
    pub fn new(url: String) -> Self {
        // Only fails if another one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = must("the HTTP client", Client::builder().no_proxy().build());
        Self { client, url }
    }

    /// Its address, as connectors want it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Authorizes a payment whose provider settles as `settlements` says: `MULTIPLE`, `ONCE_KEEPS`, `ONCE_RELEASES`
    /// or `NONE`.
    ///
    /// # Panics
    ///
    /// When it is not approved.
    pub async fn authorize(
        &self,
        payment: &str,
        currency: &str,
        amount: &str,
        settlements: &str,
    ) -> Authorized {
        let value: Value = must(amount, serde_json::from_str(amount));
        let answer = self
            .post(
                "/payments",
                &json!({
                    "paymentId": payment,
                    "transactionId": payment,
                    "orderId": payment,
                    "paymentMethod": "Visa",
                    "value": value,
                    "currency": currency,
                    "merchantSettings": [{ "name": "sandbox.settlements", "value": settlements }],
                }),
            )
            .await;
        let approved = (answer["status"] == "approved").then_some(()).ok_or(&answer);
        must(&format!("authorizing {payment}"), approved);
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Authorized { authorization_id: text("authorizationId"), tid: text("tid"), nsu: text("nsu") }
    }

    /// Lets the next call about a payment go wrong, by the name of a fault such as `lose-answer`, or `refuse`; or by its
    /// JSON.
    ///
    /// # Panics
    ///
    /// When the sandbox does not know the fault.
    pub async fn fault(&self, payment: &str, fault: &str) {
        let fault = match fault {
            // What a provider answers that will not do it.
            "refuse" => json!({ "answer": { "status": 400, "body": { "code": "denied" } } }),
            name => Value::from(name),
        };
        self.post("/faults", &json!({ "paymentId": payment, "fault": fault, "times": 1 })).await;
    }

    /// Lets every call about a payment go wrong from now on.
    ///
    /// # Panics
    ///
    /// When the sandbox does not know the fault.
    pub async fn fault_always(&self, payment: &str, fault: &str) {
        self.post("/faults", &json!({ "paymentId": payment, "fault": fault })).await;
    }

    /// Takes back all that it was told to do wrong.
    ///
    /// # Panics
    ///
    /// When it refuses.
    pub async fn behave(&self) {
        self.answer("/faults", self.client.delete(format!("{}/faults", self.url))).await;
    }

    /// All its books.
    ///
    /// # Panics
    ///
    /// When they cannot be read.
    pub async fn books(&self) -> Books {
        must("the books", serde_json::from_value(self.get("/books").await))
    }

    /// The books of one payment.
    ///
    /// # Panics
    ///
    /// When there is no such payment.
    pub async fn payment(&self, payment: &str) -> PaymentBooks {
        let body = self.get(&format!("/books/{payment}")).await;
        must(&format!("the books of {payment}"), serde_json::from_value(body))
    }

    /// What it answers to a body, or to a question without one.
    ///
    /// # Panics
    ///
    /// When it refuses.
    pub async fn ask(&self, path: &str, body: Option<&Value>) -> Value {
        match body {
            Some(body) => self.post(path, body).await,
            None => self.get(path).await,
        }
    }

    async fn get(&self, path: &str) -> Value {
        self.answer(path, self.client.get(format!("{}{path}", self.url))).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.url)).body(body.to_string());
        self.answer(path, request.header("content-type", "application/json")).await
    }

    async fn answer(&self, path: &str, request: reqwest::RequestBuilder) -> Value {
        let response = must(path, request.send().await);
        let status = response.status();
        let body = must(path, response.text().await);
        let body = if status.is_success() { Ok(body) } else { Err(format!("{status} {body}")) };
        let body = must(path, body);
        if body.is_empty() { Value::Null } else { must(path, serde_json::from_str(&body)) }
    }
}
