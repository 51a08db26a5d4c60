//! Every accepted mutation, repeated, is answered as the first time, byte for byte: at once, after others, and by a
//! server that has started anew.

mod validated;

use prost::Message;
use tranche_sdk::v1::{
    AddPaymentRequest, Allocation, CancelOrderRequest, ChangeOrderRequest, ConnectorCapabilities,
    CreateConnectorRequest, CreateTransactionRequest, InvoiceLine, Money, OrderLine, PartialSettlement,
    ReleaseRemainderRequest, RemovedLine, Tracking, UpdateAccountRequest, UpdateConnectorRequest,
    UpdateInvoiceTrackingRequest, VoidInvoiceRequest, connector_capabilities::RemainderPolicy,
};
use tranche_tests::raw::RawClient;
use tranche_tests::shop::{Shop, Terms, change, input, money, order, output, transaction_id};
use tranche_tests::world::{DatabaseKind, World};

use crate::PROGRAM;

on_both_databases! { every_mutation_is_answered_as_the_first_time }

const ORDERS: [&str; 3] = ["sold", "canceled", "changed"];

/// A call.
struct Call {
    path: &'static str,
    body: Vec<u8>,
    /// The order whose operations have all ended before: the answer says how far what pays an invoice is.
    rests: Option<&'static str>,
}

fn call(path: &'static str, request: &impl Message) -> Call {
    Call { path, body: request.encode_to_vec(), rests: None }
}

fn at_rest(order_id: &'static str, path: &'static str, request: &impl Message) -> Call {
    Call { rests: Some(order_id), ..call(path, request) }
}

fn brl(amount: &str) -> Money {
    money(amount, "BRL")
}

async fn calls(world: &World) -> Vec<Call> {
    let mut calls = configurations(world);
    calls.extend(sold(&world.shop()).await);
    calls.extend(canceled(&world.shop()).await);
    calls.extend(changed(&world.shop()).await);
    calls
}

fn configurations(world: &World) -> Vec<Call> {
    let connector = CreateConnectorRequest {
        connector_id: "partial".to_owned(),
        kind: "ppp".to_owned(),
        settings: [
            ("base_url".to_owned(), world.provider().url().to_owned()),
            ("cancellation_unit".to_owned(), "major".to_owned()),
        ]
        .into(),
        capabilities: Some(ConnectorCapabilities {
            partial_settlement: PartialSettlement::Multiple.into(),
            partial_cancellation: Some(true),
            minimum_amounts: vec![brl("0.05"), money("1", "JPY")],
            ..ConnectorCapabilities::default()
        }),
        ..CreateConnectorRequest::default()
    };
    let update_account = UpdateAccountRequest {
        request_id: "account-1".to_owned(),
        allocation: Allocation::CreatedFirst.into(),
        ..UpdateAccountRequest::default()
    };
    let update = |request_id: &str, capabilities| UpdateConnectorRequest {
        request_id: request_id.to_owned(),
        connector_id: "partial".to_owned(),
        capabilities: Some(capabilities),
        ..UpdateConnectorRequest::default()
    };
    let any = ConnectorCapabilities::default;
    let limited = ConnectorCapabilities { max_settlements: Some(5), ..any() };
    // Right of a connector that has a limit; the last one takes that away.
    let released = ConnectorCapabilities { remainder: RemainderPolicy::Released.into(), ..any() };
    let kept =
        ConnectorCapabilities { remainder: RemainderPolicy::Kept.into(), max_settlements: Some(0), ..any() };
    vec![
        call("/tranche.v1.AccountService/UpdateAccount", &update_account),
        call("/tranche.v1.ConnectorService/CreateConnector", &connector),
        call("/tranche.v1.ConnectorService/UpdateConnector", &update("connector-1", limited)),
        call("/tranche.v1.ConnectorService/UpdateConnector", &update("connector-2", released)),
        call("/tranche.v1.ConnectorService/UpdateConnector", &update("connector-3", kept)),
    ]
}

/// An order of 100.00 and its transaction, paid by `card` with this amount.
async fn paid(shop: &Shop, order_id: &str, amount: &str) -> Vec<Call> {
    let terms = Terms::parse("PARTIAL").unwrap();
    let transaction = CreateTransactionRequest {
        transaction_id: transaction_id(order_id),
        order_id: order_id.to_owned(),
        payments: shop.payments(order_id, "BRL", &[("card", amount, terms)]).await,
    };
    vec![
        call("/tranche.v1.OrderService/CreateOrder", &order(order_id, "100.00", "BRL")),
        call("/tranche.v1.TransactionService/CreateTransaction", &transaction),
    ]
}

/// Sold in two invoices, whose parcel moves; and a part comes back.
async fn sold(shop: &Shop) -> Vec<Call> {
    let mut first = output("sold", "A", brl("20.00"));
    first.tracking = Some(Tracking { courier: "Post".to_owned(), ..Tracking::default() });
    let mut second = output("sold", "B", brl("80.00"));
    second.lines = vec![InvoiceLine { line_id: "1".to_owned(), quantity: 1 }];
    let tracking = |request_id: &str, number: &str| UpdateInvoiceTrackingRequest {
        request_id: request_id.to_owned(),
        order_id: "sold".to_owned(),
        invoice_number: "A".to_owned(),
        tracking: Some(Tracking { tracking_number: number.to_owned(), ..Tracking::default() }),
    };
    let mut calls = paid(shop, "sold", "100.00").await;
    calls.extend([
        call("/tranche.v1.InvoiceService/NotifyInvoice", &first),
        at_rest("sold", "/tranche.v1.InvoiceService/UpdateInvoiceTracking", &tracking("tracking-1", "BR 1")),
        call("/tranche.v1.InvoiceService/UpdateInvoiceTracking", &tracking("tracking-2", "BR 2")),
        call("/tranche.v1.InvoiceService/NotifyInvoice", &second),
        call("/tranche.v1.InvoiceService/NotifyInvoice", &input("sold", "R", brl("30.00"))),
    ]);
    calls
}

async fn canceled(shop: &Shop) -> Vec<Call> {
    let cancel = CancelOrderRequest {
        request_id: "cancel-1".to_owned(),
        order_id: "canceled".to_owned(),
        reason: "the customer changed their mind".to_owned(),
        etag: String::new(),
    };
    let mut calls = paid(shop, "canceled", "100.00").await;
    calls.push(call("/tranche.v1.OrderService/CancelOrder", &cancel));
    calls
}

/// Changed by its lines and by hand, invoiced by mistake, paid by one more payment, and freed of what it does not need.
async fn changed(shop: &Shop) -> Vec<Call> {
    let saucers = OrderLine {
        line_id: "2".to_owned(),
        quantity: 3,
        unit_price: Some(brl("5.00")),
        ..OrderLine::default()
    };
    let lines = ChangeOrderRequest {
        added_lines: vec![saucers],
        expected_value: Some(brl("105.00")),
        ..change("changed", "change-1", &brl("-10.00"))
    };
    let removed = ChangeOrderRequest {
        removed_lines: vec![RemovedLine { line_id: "2".to_owned(), quantity: 1 }],
        ..change("changed", "change-2", &brl("1.00"))
    };
    let void = VoidInvoiceRequest {
        request_id: "void-1".to_owned(),
        order_id: "changed".to_owned(),
        invoice_number: "A".to_owned(),
        reason: "issued by mistake".to_owned(),
    };
    let terms = Terms::parse("PARTIAL").unwrap();
    let add = AddPaymentRequest {
        request_id: "add-1".to_owned(),
        transaction_id: transaction_id("changed"),
        payment: shop.payments("changed", "BRL", &[("more", "30.00", terms)]).await.pop(),
    };
    let release = ReleaseRemainderRequest {
        request_id: "release-1".to_owned(),
        transaction_id: transaction_id("changed"),
        payment_id: "card".to_owned(),
        amount: Some(brl("15.00")),
        actor: "an operator".to_owned(),
        reason: "nothing more is to come".to_owned(),
    };
    let mut calls = paid(shop, "changed", "120.00").await;
    calls.extend([
        call("/tranche.v1.OrderService/ChangeOrder", &lines),
        call("/tranche.v1.InvoiceService/NotifyInvoice", &output("changed", "A", brl("20.00"))),
        at_rest("changed", "/tranche.v1.InvoiceService/VoidInvoice", &void),
        call("/tranche.v1.OrderService/ChangeOrder", &removed),
        call("/tranche.v1.TransactionService/AddPayment", &add),
        call("/tranche.v1.OperatorService/ReleaseRemainder", &release),
        call("/tranche.v1.InvoiceService/NotifyInvoice", &output("changed", "B", brl("101.00"))),
    ]);
    calls
}

async fn every_mutation_is_answered_as_the_first_time(database: DatabaseKind) {
    let mut world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    let client = RawClient::connect(&world.url()).await;
    let mut answered = Vec::new();
    for Call { path, body, rests } in calls(&world).await {
        if let Some(order_id) = rests {
            shop.at_rest(order_id).await;
        }
        let answer =
            client.call(path, body.clone()).await.unwrap_or_else(|status| panic!("{path}: {status:?}"));
        assert!(!answer.is_empty(), "{path}");
        let again = client.call(path, body.clone()).await;
        assert_eq!(again.unwrap(), answer, "{path}: repeated at once");
        answered.push((path, body, answer));
    }
    for order_id in ORDERS {
        shop.at_rest(order_id).await;
    }
    let (events, books) = (shop.events("").await.unwrap(), shop.provider.books().await);

    same(&client, &answered, "when all is done").await;
    world.kill(0).await;
    world.start(0).await;
    let (shop, client) = (world.shop(), RawClient::connect(&world.url()).await);
    same(&client, &answered, "after a kill").await;

    assert_eq!(shop.events("").await.unwrap(), events, "a repeat writes nothing");
    assert_eq!(shop.provider.books().await, books, "a repeat asks the provider for nothing");
    for order_id in ORDERS {
        let differences = tranche_tests::audit::differences(&shop, order_id).await;
        assert!(differences.is_empty(), "{order_id}: {differences:?}");
    }

    // The tracking is not part of what an invoice is compared by.
    let (path, _, receipt) = answered.iter().find(|(path, ..)| path.ends_with("/NotifyInvoice")).unwrap();
    let mut other = output("sold", "A", brl("20.00"));
    other.tracking = Some(Tracking { courier: "Somebody else".to_owned(), ..Tracking::default() });
    let again = client.call(path, other.encode_to_vec()).await.unwrap();
    assert_eq!(again, *receipt, "the same receipt");
}

async fn same(client: &RawClient, answered: &[(&'static str, Vec<u8>, Vec<u8>)], when: &str) {
    for (path, body, answer) in answered {
        let again =
            client.call(path, body.clone()).await.unwrap_or_else(|status| panic!("{path}: {status:?}"));
        assert_eq!(again, *answer, "{path}: repeated {when}");
    }
}
