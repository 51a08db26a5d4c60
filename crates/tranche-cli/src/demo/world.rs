//! What the story needs: a provider in a process of its own, a server on a fresh embedded database, and a client.

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tranche_sdk::Client;

use crate::provider::Provider;
use crate::serve::{Running, ServeArguments};
use crate::{CommandError, shutdown};

/// The account of the story.
const ACCOUNT: &str = "default";

/// What the story needs.
pub(super) struct World {
    pub(super) client: Client,
    pub(super) provider: Provider,
    server: Running,
    folder: TempDir,
}

impl World {
    /// Starts everything.
    pub(super) async fn start(fault: Option<&str>) -> Result<Self, CommandError> {
        let provider = Provider::start(fault, &[]).await?;
        let folder = |error| CommandError::new("a temporary folder cannot be made", &error);
        let folder = tempfile::Builder::new().prefix("tranche-demo-").tempdir().map_err(folder)?;
        let database = folder.path().join("demo.db");
        let arguments = ServeArguments::embedded(&database);
        let server = crate::serve::start(&arguments, CancellationToken::new()).await?;
        let unreachable = |error| CommandError::new("the server cannot be reached", &error);
        let address = format!("http://{}", server.address);
        let client = tranche_sdk::connect(&address, ACCOUNT).await.map_err(unreachable)?;
        Ok(Self { client, provider, server, folder })
    }

    /// Stays until Ctrl-C, and says what to try meanwhile.
    pub(super) async fn keep(&self) -> Result<(), CommandError> {
        let signals = |error| CommandError::new("signals cannot be watched", &error);
        let token = shutdown::watch(false).map_err(signals)?;
        let address = self.server.address;
        println!("\nThe server stays at {address}, the provider at {}. Try:\n", self.provider.url());
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
        let Self { client, provider, server, folder } = self;
        drop(client);
        if let Err(error) = server.stop().await {
            eprintln!("tranche: {error}");
        }
        provider.stop().await;
        drop(folder);
    }
}
