//! The sandbox in a process of its own, as a shop sees it at the checkout and an auditor sees it afterwards.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tranche_sandbox::books::Books;
use tranche_sandbox::{Fault, FaultError};
use tranche_sdk::v1::AdoptedAuthorization;

use crate::CommandError;
use crate::child::{ListeningChild, Log};

/// How often a payment's provider settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settlements {
    /// As often as the authorization lasts.
    Multiple,
    /// Once; the rest stays authorized until it is canceled.
    OnceKeeps,
}

/// The name of a fault, as a provider is given it.
pub(crate) fn fault_name(text: &str) -> Result<String, FaultError> {
    text.parse::<Fault>().map(|_| text.to_owned())
}

/// A provider that runs, and ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Provider {
    process: ListeningChild,
    http: reqwest::Client,
}

impl Provider {
    /// Starts a provider on a free port, that misbehaves as `fault` says, with further arguments of `tranche sandbox`.
    pub(crate) async fn start(fault: Option<&str>, more: &[&str]) -> Result<Self, CommandError> {
        let mut arguments = vec!["sandbox", "--listen", "127.0.0.1:0"];
        arguments.extend(fault.iter().flat_map(|fault| ["--fault", fault]));
        arguments.extend(more);
        let process = ListeningChild::start(&arguments, Log::Errors).await?;
        Ok(Self { process, http: reqwest::Client::new() })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.process.address
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Its process.
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.process.process_id()
    }

    /// Has the provider authorize a payment, as a shop would have at the checkout; for a transaction to adopt.
    pub(crate) async fn authorize(
        &self,
        payment_id: &str,
        order_id: &str,
        amount: &str,
        settlements: Settlements,
    ) -> Result<AdoptedAuthorization, CommandError> {
        let failed = |error| CommandError::new("the provider cannot authorize", &error);
        let settlements = match settlements {
            Settlements::Multiple => "MULTIPLE",
            Settlements::OnceKeeps => "ONCE_KEEPS",
        };
        let unreadable = |error| CommandError::new("the amount cannot be written", &error);
        // A number from its own digits: never through a float.
        let value: serde_json::Number = amount.parse().map_err(unreadable)?;
        let body = json!({
            "paymentId": payment_id,
            "transactionId": order_id,
            "orderId": order_id,
            "reference": order_id,
            "value": value,
            "currency": "BRL",
            "paymentMethod": "Visa",
            "callbackUrl": "http://127.0.0.1/not-used",
            "returnUrl": "http://127.0.0.1/not-used",
            "miniCart": {},
            "merchantSettings": [{ "name": "sandbox.settlements", "value": settlements }],
        });
        let request = self.http.post(format!("{}/payments", self.url()));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let text = request.send().await.map_err(failed)?.text().await.map_err(failed)?;
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        if answer["status"] != "approved" {
            return Err(CommandError(format!("the provider did not authorize {payment_id}: {text}")));
        }
        let field = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Ok(AdoptedAuthorization {
            provider_payment_id: payment_id.to_owned(),
            provider_transaction_id: order_id.to_owned(),
            authorization_id: field("authorizationId"),
            tid: field("tid"),
            nsu: field("nsu"),
            expire_time: None,
        })
    }

    /// The provider's books.
    pub(crate) async fn books(&self) -> Result<Books, CommandError> {
        let failed = |error| CommandError::new("the provider's books cannot be read", &error);
        let request = self.http.get(format!("{}/books", self.url()));
        let text = request.send().await.map_err(failed)?.text().await.map_err(failed)?;
        serde_json::from_str(&text)
            .map_err(|error| CommandError::new("the provider's books cannot be read", &error))
    }

    /// Ends it and waits for that.
    pub(crate) async fn stop(self) {
        self.process.stop().await;
    }
}
