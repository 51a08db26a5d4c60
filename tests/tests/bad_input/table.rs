//! What a row of bad input expects, and how it is checked.

use std::fmt::Debug;

use prost::Message;
use tonic::Status;
use tonic_types::{ErrorInfo, StatusExt};
use tranche_sdk::v1::{
    Connector, Event, Invoice, ListConnectorsRequest, ListInvoicesRequest, ListOrdersRequest, Operation,
    Order, Transaction,
};
use tranche_tests::raw::RawClient;
use tranche_tests::shop::{Shop, Terms, money};
use tranche_tests::world::{DatabaseKind, World};

use crate::PROGRAM;

/// Most characters of a request that a failure shows.
const REQUEST_CHARS_SHOWN_MAX: usize = 300;
/// The domain of every reason.
const DOMAIN: &str = "tranche.v1";

/// A request, and what is said about it: the code, the reason, then every field that is wrong and, as `key=value`,
/// metadata that must be there.
pub(super) struct Row {
    path: &'static str,
    body: Vec<u8>,
    request: String,
    expected: String,
}

/// A row of a message.
pub(super) fn row<M: Message + Debug>(path: &'static str, request: &M, expected: &str) -> Row {
    let request_text = format!("{request:?}").chars().take(REQUEST_CHARS_SHOWN_MAX).collect();
    Row { path, body: request.encode_to_vec(), request: request_text, expected: expected.to_owned() }
}

/// A row of bytes that are no message.
pub(super) fn bytes(path: &'static str, body: Vec<u8>, expected: &str) -> Row {
    let request = format!("{} bytes", body.len());
    Row { path, body, request, expected: expected.to_owned() }
}

/// What is there before the bad requests come: connectors `partial` and `total`; `order-1` of 100.00, paid by `gift`
/// with 30.00 and `card` with 70.00, of which invoice `A` took 20.00; `order-2` of 50.00 without a transaction.
pub(super) struct Fixture {
    pub(super) world: World,
    client: RawClient,
}

/// Everything that can be read.
#[derive(Debug, PartialEq)]
struct Snapshot {
    events: Vec<Event>,
    orders: Vec<Order>,
    invoices: Vec<Invoice>,
    transaction: Transaction,
    operations: Vec<Operation>,
    connectors: Vec<Connector>,
}

impl Fixture {
    pub(super) async fn new(database: DatabaseKind) -> Self {
        let world = World::new(PROGRAM, database).await;
        let shop = world.shop();
        let partial = Terms::parse("PARTIAL").unwrap();
        shop.connect(partial, 20_000).await.unwrap();
        shop.connect(Terms::parse("TOTAL").unwrap(), 20_000).await.unwrap();
        shop.order("order-1", "100.00", "BRL").await.unwrap();
        shop.pay("order-1", "BRL", &[("gift", "30.00", partial), ("card", "70.00", partial)]).await.unwrap();
        shop.invoice("order-1", "A", money("20.00", "BRL")).await.unwrap();
        shop.at_rest("order-1").await;
        shop.order("order-2", "50.00", "BRL").await.unwrap();
        let client = RawClient::connect(&world.url()).await;
        Self { world, client }
    }

    /// Sends every row, and fails with all that went otherwise than expected.
    pub(super) async fn check(&self, rows: &[Row]) {
        let before = snapshot(&self.world.shop()).await;
        let mut wrong = Vec::new();
        for row in rows {
            let Row { path, request, expected, .. } = row;
            match self.client.call(path, row.body.clone()).await {
                Ok(_) => wrong.push(format!("{path} took {request}\n  instead of {expected}")),
                Err(status) => {
                    if let Err(seen) = compare(&status, expected) {
                        wrong.push(format!(
                            "{path} {request}\n  expected {expected}\n  seen     {seen}\n  {status:?}"
                        ));
                    }
                }
            }
            let events = self.world.shop().events("").await.unwrap().len();
            if events != before.events.len() {
                wrong.push(format!("{path} {request}\n  wrote {} events", events - before.events.len()));
                break;
            }
        }
        assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
        assert_eq!(snapshot(&self.world.shop()).await, before, "something was written");
    }
}

/// Compares a status with what is expected of it; the error is what it says instead.
fn compare(status: &Status, expected: &str) -> Result<(), String> {
    let words: Vec<&str> = expected.split_whitespace().collect();
    let (metadata, fields): (Vec<&str>, Vec<&str>) =
        words.iter().skip(2).partition(|word| word.contains('='));
    let info = status.get_details_error_info().unwrap_or(ErrorInfo::new("", "", []));
    let mut seen = vec![format!("{:?}", status.code()), info.reason.clone()];
    let mut violations: Vec<String> =
        tranche_sdk::violations(status).into_iter().map(|(field, _)| field).collect();
    violations.sort();
    violations.dedup();
    seen.extend(violations);
    let mut wanted: Vec<String> = words.iter().take(2).map(|word| (*word).to_owned()).collect();
    let mut fields: Vec<String> = fields.into_iter().map(str::to_owned).collect();
    fields.sort();
    wanted.extend(fields);
    for pair in metadata {
        let (key, _) = pair.split_once('=').unwrap();
        wanted.push(pair.to_owned());
        seen.push(format!("{key}={}", info.metadata.get(key).cloned().unwrap_or_default()));
    }
    let described = tranche_sdk::violations(status).iter().all(|(_, description)| !description.is_empty());
    let is_whole = described && info.domain == DOMAIN && !status.message().is_empty();
    if seen == wanted && is_whole { Ok(()) } else { Err(format!("{} in {:?}", seen.join(" "), info.domain)) }
}

async fn snapshot(shop: &Shop) -> Snapshot {
    let client = &shop.client;
    let invoices = ListInvoicesRequest { order_id: "order-1".to_owned(), ..ListInvoicesRequest::default() };
    let orders = client.orders().list_orders(ListOrdersRequest::default()).await.unwrap().into_inner();
    let connectors =
        client.connectors().list_connectors(ListConnectorsRequest::default()).await.unwrap().into_inner();
    let pages = [orders.next_page_token, connectors.next_page_token];
    assert_eq!(pages, ["", ""], "more than one page of a few");
    Snapshot {
        events: shop.events("").await.unwrap(),
        orders: orders.orders,
        invoices: client.invoices().list_invoices(invoices).await.unwrap().into_inner().invoices,
        transaction: shop.see_transaction("order-1").await.unwrap(),
        operations: shop.operations("order-1").await.unwrap(),
        connectors: connectors.connectors,
    }
}
