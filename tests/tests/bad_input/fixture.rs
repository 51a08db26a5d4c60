//! What is there before the bad requests come, and the proof that none of them wrote anything.

use tranche_sdk::v1::{
    Account, AdoptedAuthorization, Change, ChangeOrderRequest, Connector, CreateOrderRequest, Event,
    GetAccountRequest, Invoice, ListChangesRequest, ListConnectorsRequest, ListInvoicesRequest,
    ListOrdersRequest, Operation, Order, OrderLine, RemovedLine, Transaction,
};
use tranche_tests::raw::RawClient;
use tranche_tests::shop::{Shop, Terms, adopt, change, input, order, output};
use tranche_tests::world::{DatabaseKind, World};

use super::table::{Row, brl};
use super::told::Told;
use super::{payments, releases, returns};
use crate::PROGRAM;

/// A world with orders in every state. All are in BRL; their transactions are called like them, with `-payments`.
///
/// | order | |
/// | --- | --- |
/// | `order-1` | 100.00, paid by `gift` with 30.00 and `card` with 70.00; invoice `A` took 20.00 of `gift` |
/// | `order-2` | 50.00, without a transaction |
/// | `changed` | 4 `cups` of 10.00 and 2 `plates` of 30.00, paid by `card` with 120.00; `change-1` took 10.00 off, `change-2` a cup; invoice `A` of 40.00 for 2 cups, of which `R` returned one for 5.00 |
/// | `voided` | 100.00, paid by `card`; invoice `A` of 20.00 was voided by `void-1`, `B` of 30.00 stands |
/// | `canceled` | 100.00, paid by `card`, canceled by `cancel` |
/// | `unpaid` | 10.00, without a transaction, canceled by `cancel` |
/// | `unreleased` | 100.00, paid by `card`, canceled, and the provider refused to release it: the transaction is open |
/// | `finished` | 100.00, paid by `card`; `A` took all of it, and `R` returned 10.00 |
/// | `short` | 100.00, paid by `card` in TOTAL mode, of which the provider settled 99.99; `A` took 20.00 |
/// | `full` | 20.00, paid by 20 payments of 1.00 |
/// | `spare` | 80.00, paid by `card` with 100.00, which can be canceled in parts; `add-1` added `more` of 5.00, and `release-1` released 5.00 |
pub(super) struct Fixture {
    pub(super) world: World,
    client: RawClient,
}

/// Everything that can be read.
#[derive(Debug, PartialEq)]
struct Snapshot {
    account: Option<Account>,
    connectors: Vec<Connector>,
    orders: Vec<OrderSnapshot>,
    events: Vec<Event>,
}

#[derive(Debug, PartialEq)]
struct OrderSnapshot {
    order: Order,
    changes: Vec<Change>,
    invoices: Vec<Invoice>,
    transaction: Option<Transaction>,
    operations: Vec<Operation>,
}

impl Fixture {
    pub(super) async fn new(database: DatabaseKind) -> Self {
        let world = World::new(PROGRAM, database).await;
        let shop = world.shop();
        for terms in ["PARTIAL", "PARTIAL/PARTS", "TOTAL"] {
            shop.connect(Terms::parse(terms).unwrap(), 20_000).await.unwrap();
        }
        let partial = Terms::parse("PARTIAL").unwrap();
        shop.order("order-1", "100.00", "BRL").await.unwrap();
        shop.pay("order-1", "BRL", &[("gift", "30.00", partial), ("card", "70.00", partial)]).await.unwrap();
        shop.invoice("order-1", "A", brl("20.00")).await.unwrap();
        shop.at_rest("order-1").await;
        shop.order("order-2", "50.00", "BRL").await.unwrap();
        change_one(&shop).await;
        void_one(&shop).await;
        cancel_three(&shop).await;
        end_two(&shop).await;
        fill_one(&shop).await;
        release_of_one(&shop).await;
        let client = RawClient::connect(&world.url()).await;
        Self { world, client }
    }

    /// The version of an order.
    pub(super) async fn etag(&self, order_id: &str) -> String {
        self.world.shop().see_order(order_id).await.unwrap().etag
    }

    /// Sends every row, and fails with all that went otherwise than expected.
    pub(super) async fn check(&self, rows: &[Row]) {
        let shop = self.world.shop();
        let before = snapshot(&shop).await;
        let cursor = before.events.last().unwrap().cursor.clone();
        let mut wrong = Vec::new();
        for row in rows {
            let Row { path, request, expected, .. } = row;
            match self.client.call(path, row.body.clone()).await {
                Ok(_) => wrong.push(format!("{path} took {request}\n  instead of {expected}")),
                Err(status) => {
                    if let Err(seen) = Told::from(&status).compare(expected) {
                        wrong.push(format!(
                            "{path} {request}\n  expected {expected}\n  seen     {seen}\n  {status:?}"
                        ));
                    }
                }
            }
            let events = shop.events(&cursor).await.unwrap();
            if !events.is_empty() {
                wrong.push(format!("{path} {request}\n  wrote {events:?}"));
                break;
            }
        }
        let after = snapshot(&shop).await;
        if after != before {
            wrong.push(format!("something was written:\n{before:?}\n{after:?}"));
        }
        assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    }
}

async fn paid(shop: &Shop, order_id: &str, value: &str, terms: &str) {
    shop.order(order_id, value, "BRL").await.unwrap();
    let terms = Terms::parse(terms).unwrap();
    shop.pay(order_id, "BRL", &[("card", value, terms)]).await.unwrap();
}

async fn change_one(shop: &Shop) {
    let line = |line_id: &str, quantity, price| OrderLine {
        line_id: line_id.to_owned(),
        quantity,
        unit_price: Some(brl(price)),
        ..OrderLine::default()
    };
    let lines = vec![line("cups", 4, "10.00"), line("plates", 2, "30.00")];
    let request = CreateOrderRequest { lines, ..order("changed", "0.00", "BRL") };
    shop.client.orders().create_order(request).await.unwrap();
    shop.pay("changed", "BRL", &[("card", "120.00", Terms::parse("PARTIAL").unwrap())]).await.unwrap();
    shop.change("changed", "change-1", brl("-10.00")).await.unwrap();
    let removed_lines = vec![RemovedLine { line_id: "cups".to_owned(), quantity: 1 }];
    let request = ChangeOrderRequest {
        manual_discount: None,
        removed_lines,
        ..change("changed", "change-2", &brl("-1.00"))
    };
    shop.client.orders().change_order(request).await.unwrap();
    let mut invoice = output("changed", "A", brl("40.00"));
    invoice.lines = vec![returns::line("cups", 2)];
    shop.client.invoices().notify_invoice(invoice).await.unwrap();
    let mut invoice = input("changed", "R", brl("5.00"));
    invoice.lines = vec![returns::line("cups", 1)];
    shop.client.invoices().notify_invoice(invoice).await.unwrap();
    shop.at_rest("changed").await;
}

async fn void_one(shop: &Shop) {
    paid(shop, "voided", "100.00", "PARTIAL").await;
    shop.invoice("voided", "A", brl("20.00")).await.unwrap();
    shop.at_rest("voided").await;
    shop.client.invoices().void_invoice(returns::void_request("void-1")).await.unwrap();
    shop.invoice("voided", "B", brl("30.00")).await.unwrap();
    shop.at_rest("voided").await;
}

async fn cancel_three(shop: &Shop) {
    paid(shop, "canceled", "100.00", "PARTIAL").await;
    shop.order("unpaid", "10.00", "BRL").await.unwrap();
    paid(shop, "unreleased", "100.00", "PARTIAL").await;
    shop.provider.fault("unreleased-card", "refuse").await;
    for order_id in ["canceled", "unpaid", "unreleased"] {
        shop.cancel(order_id).await.unwrap();
    }
    shop.at_rest("canceled").await;
    shop.at_rest("unreleased").await;
}

async fn end_two(shop: &Shop) {
    paid(shop, "finished", "100.00", "PARTIAL").await;
    shop.invoice("finished", "A", brl("100.00")).await.unwrap();
    shop.at_rest("finished").await;
    shop.give_back("finished", "R", brl("10.00")).await.unwrap();
    shop.at_rest("finished").await;
    paid(shop, "short", "100.00", "TOTAL").await;
    shop.provider.fault("short-card", "settle-less").await;
    shop.invoice("short", "A", brl("20.00")).await.unwrap();
    shop.at_rest("short").await;
}

/// Nothing is ever asked of these payments, so that the provider need not know them.
async fn fill_one(shop: &Shop) {
    shop.order("full", "20.00", "BRL").await.unwrap();
    let payment = |number: usize| {
        let id = format!("full-{number}");
        let adopted = AdoptedAuthorization { provider_payment_id: id.clone(), ..Default::default() };
        adopt(&id, "partial", brl("1.00"), adopted)
    };
    shop.create_transaction("full", (1..=20).map(payment).collect()).await.unwrap();
}

async fn release_of_one(shop: &Shop) {
    let parts = Terms::parse("PARTIAL/PARTS").unwrap();
    shop.order("spare", "80.00", "BRL").await.unwrap();
    shop.pay("spare", "BRL", &[("card", "100.00", parts)]).await.unwrap();
    let mut request = payments::add_request("spare", "add-1");
    request.payment = shop.payments("spare", "BRL", &[("more", "5.00", parts)]).await.pop();
    shop.client.transactions().add_payment(request).await.unwrap();
    let request = releases::release_request("spare", "release-1", Some(brl("5.00")));
    shop.client.operators().release_remainder(request).await.unwrap();
    shop.at_rest("spare").await;
}

async fn snapshot(shop: &Shop) -> Snapshot {
    let client = &shop.client;
    let account = client.accounts().get_account(GetAccountRequest {}).await.unwrap().into_inner().account;
    let listed = client.orders().list_orders(ListOrdersRequest::default()).await.unwrap().into_inner();
    let connectors = ListConnectorsRequest::default();
    let connectors = client.connectors().list_connectors(connectors).await.unwrap().into_inner();
    let pages = [listed.next_page_token, connectors.next_page_token];
    assert_eq!(pages, ["", ""], "more than one page of a few");
    let mut orders = Vec::new();
    for order in listed.orders {
        orders.push(of_order(shop, order).await);
    }
    let events = shop.events("").await.unwrap();
    Snapshot { account, connectors: connectors.connectors, orders, events }
}

async fn of_order(shop: &Shop, order: Order) -> OrderSnapshot {
    let order_id = order.order_id.clone();
    let changes = ListChangesRequest { order_id: order_id.clone(), ..Default::default() };
    let changes = shop.client.orders().list_changes(changes).await.unwrap().into_inner();
    let invoices = ListInvoicesRequest { order_id: order_id.clone(), ..Default::default() };
    let invoices = shop.client.invoices().list_invoices(invoices).await.unwrap().into_inner();
    let (mut transaction, mut operations) = (None, Vec::new());
    if order.transaction_id.is_some() {
        transaction = Some(shop.see_transaction(&order_id).await.unwrap());
        operations = shop.operations(&order_id).await.unwrap();
    }
    OrderSnapshot { order, changes: changes.changes, invoices: invoices.invoices, transaction, operations }
}
