//! What the story needs: a provider in a process of its own, a server on a fresh embedded database, and a client.

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tranche_sandbox::books::Books;
use tranche_sdk::Client;

use crate::child::ListeningChild;
use crate::serve::{Running, ServeArguments};
use crate::{CommandError, shutdown};

/// The account of the story.
const ACCOUNT: &str = "default";

/// How often a payment's provider settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settlements {
    /// As often as the authorization lasts.
    Multiple,
    /// Once; the rest stays authorized until it is canceled.
    OnceKeeps,
}

/// The provider's answer to an authorization.
#[derive(Clone, Debug, Default)]
pub(super) struct Authorized {
    pub(super) authorization_id: String,
    pub(super) tid: String,
    pub(super) nsu: String,
}

/// What the story needs.
pub(super) struct World {
    pub(super) client: Client,
    provider: ListeningChild,
    server: Running,
    http: reqwest::Client,
    folder: TempDir,
}

impl World {
    /// Starts everything.
    pub(super) async fn start(fault: Option<&str>) -> Result<Self, CommandError> {
        let mut arguments = vec!["sandbox", "--listen", "127.0.0.1:0"];
        if let Some(fault) = fault {
            arguments.extend(["--fault", fault]);
        }
        let provider = ListeningChild::start(&arguments).await?;
        let folder = |error| CommandError::new("a temporary folder cannot be made", &error);
        let folder = tempfile::Builder::new().prefix("tranche-demo-").tempdir().map_err(folder)?;
        let database = folder.path().join("demo.db");
        let arguments = ServeArguments::embedded(&database);
        let server = crate::serve::start(&arguments, CancellationToken::new()).await?;
        let unreachable = |error| CommandError::new("the server cannot be reached", &error);
        let address = format!("http://{}", server.address);
        let client = tranche_sdk::connect(&address, ACCOUNT).await.map_err(unreachable)?;
        Ok(Self { client, provider, server, http: reqwest::Client::new(), folder })
    }

    /// Where the provider is.
    pub(super) fn provider_url(&self) -> String {
        format!("http://{}", self.provider.address)
    }

    /// Has the provider authorize a payment, as a shop would have at the checkout.
    pub(super) async fn authorize(
        &self,
        payment_id: &str,
        order_id: &str,
        amount: &str,
        settlements: Settlements,
    ) -> Result<Authorized, CommandError> {
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
        let request = self.http.post(format!("{}/payments", self.provider_url()));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let text = request.send().await.map_err(failed)?.text().await.map_err(failed)?;
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        if answer["status"] != "approved" {
            return Err(CommandError(format!("the provider did not authorize {payment_id}: {text}")));
        }
        let field = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Ok(Authorized { authorization_id: field("authorizationId"), tid: field("tid"), nsu: field("nsu") })
    }

    /// The provider's books.
    pub(super) async fn books(&self) -> Result<Books, CommandError> {
        let failed = |error| CommandError::new("the provider's books cannot be read", &error);
        let request = self.http.get(format!("{}/books", self.provider_url()));
        let text = request.send().await.map_err(failed)?.text().await.map_err(failed)?;
        serde_json::from_str(&text)
            .map_err(|error| CommandError::new("the provider's books cannot be read", &error))
    }

    /// Stays until Ctrl-C, and says what to try meanwhile.
    pub(super) async fn keep(&self) -> Result<(), CommandError> {
        let signals = |error| CommandError::new("signals cannot be watched", &error);
        let token = shutdown::watch(false).map_err(signals)?;
        let address = self.server.address;
        println!("\nThe server stays at {address}, the provider at {}. Try:\n", self.provider_url());
        println!("  grpcurl -plaintext {address} list tranche.v1.InvoiceService");
        println!(
            "  grpcurl -plaintext -d '{{\"transaction_id\": \"order-1004-payments\"}}' {address} \
             tranche.v1.TransactionService/GetTransaction"
        );
        println!(
            "  grpcurl -plaintext -d '{{\"order_id\": \"order-1001\", \"invoice_number\": \"NF-e 000.104\", \"type\": \
             \"TYPE_OUTPUT\", \"value\": {{\"currency_code\": \"BRL\", \"amount\": \"1.00\"}}}}' {address} \
             tranche.v1.InvoiceService/NotifyInvoice"
        );
        println!("\nThe last one is refused, and says what remains to invoice. Ctrl-C ends both.\n");
        token.cancelled().await;
        Ok(())
    }

    /// Ends everything and leaves nothing.
    pub(super) async fn stop(self) {
        let Self { client, provider, server, folder, .. } = self;
        drop(client);
        if let Err(error) = server.stop().await {
            eprintln!("tranche: {error}");
        }
        provider.stop().await;
        drop(folder);
    }
}
