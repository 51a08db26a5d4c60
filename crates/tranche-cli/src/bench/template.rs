//! The past of every run: one database that all runs begin with a copy of.
//!
//! One order is played through the product to its end and then multiplied, so that the tables are as full, and the
//! indexes as scattered, as years of work would leave them. A second one stays open, for the floor.

use std::time::Duration;

use tranche_sdk::Client;
use tranche_sdk::v1::{GetTransactionRequest, transaction};
use tranche_server::core::id::{AccountId, OrderId, OrderKey};
use tranche_server::store::bench::multiply;

use super::lab::Lab;
use super::orders::{self, Shape};
use super::{ACCOUNT, progress};
use crate::CommandError;
use crate::child::{ListeningChild, Log};
use crate::provider::Provider;

/// The name of the database.
pub(super) const TEMPLATE: &str = "template";
/// The order that is multiplied into a past.
const PAST: &str = "past";
/// The order that is multiplied into the floor's open orders; its script calls them so.
const OPEN: &str = "open";
/// Invoices of each order of the past.
const PAST_INVOICES: u64 = 20;
/// Invoices that each open order has room for.
pub(super) const OPEN_INVOICES: u64 = 1_000;
/// Looks until the past is settled, and the pause between two.
const LOOKS_MAX: u32 = 600;
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// Makes the database, with so many settled invoices and so many open orders.
pub(super) async fn make(lab: &Lab, settled_invoices: u64, open_orders: u64) -> Result<(), CommandError> {
    lab.create(TEMPLATE).await?;
    let provider = Provider::start(None, &["--forget-calls"]).await?;
    let url = lab.url(TEMPLATE);
    let server = serve(&url, Log::Errors).await?;
    let client = connect(&server).await?;
    play(&client, &provider).await?;
    drop(client);
    server.stop().await;
    provider.stop().await;

    let copies = settled_invoices.div_ceil(PAST_INVOICES).saturating_sub(1);
    for (order_id, copies, title) in [(PAST, copies, "a past"), (OPEN, open_orders, "open orders")] {
        let bar = progress::bar(title, copies);
        let key = OrderKey { account_id: AccountId::trusted(ACCOUNT), order_id: OrderId::trusted(order_id) };
        let failed = |error| CommandError::new("the past cannot be made", &error);
        multiply(&url, &key, copies, |made| bar.set_position(made)).await.map_err(failed)?;
    }
    lab.quiesce(TEMPLATE).await
}

/// Starts a server of its own process on a database.
pub(super) async fn serve(url: &str, log: Log) -> Result<ListeningChild, CommandError> {
    ListeningChild::start(&["serve", "--listen", "127.0.0.1:0", "--database", url], log).await
}

/// A client of a server.
pub(super) async fn connect(server: &ListeningChild) -> Result<Client, CommandError> {
    let unreachable = |error| CommandError::new("the server cannot be reached", &error);
    tranche_sdk::connect(&format!("http://{}", server.address), ACCOUNT).await.map_err(unreachable)
}

async fn play(client: &Client, provider: &Provider) -> Result<(), CommandError> {
    let connector = "of-the-past";
    orders::connect(client, provider, connector).await?;
    orders::create(client, provider, PAST, Shape { connector, invoices: PAST_INVOICES, payments: 1 }).await?;
    orders::create(client, provider, OPEN, Shape { connector, invoices: OPEN_INVOICES, payments: 1 }).await?;
    let refused = |status: tonic::Status| CommandError::new("NotifyInvoice", &status);
    for invoice in 0..PAST_INVOICES {
        let request = orders::invoice(PAST.to_owned(), invoice);
        client.invoices().notify_invoice(request).await.map_err(refused)?;
    }
    for _ in 0..LOOKS_MAX {
        let request = GetTransactionRequest { transaction_id: orders::transaction_id(PAST) };
        let refused = |status: tonic::Status| CommandError::new("GetTransaction", &status);
        let response = client.transactions().get_transaction(request).await.map_err(refused)?;
        let transaction = response.into_inner().transaction.unwrap_or_default();
        if transaction.state() == transaction::State::Finished {
            return Ok(());
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
    Err(CommandError("the past did not settle".to_owned()))
}
