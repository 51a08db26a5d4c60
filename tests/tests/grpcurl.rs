//! The API as somebody finds it who has nothing but grpcurl.

mod page;

use page::the_page_about_the_sandbox_is_played;
use serde_json::{Value, json};
use tranche_tests::grpcurl::Grpcurl;
use tranche_tests::shop::Terms;
use tranche_tests::world::{DatabaseKind, World};

use crate::PROGRAM;

on_both_databases! {
    the_main_job_is_played_and_a_refusal_is_read,
    the_page_about_the_sandbox_is_played,
}

const SERVICES: [&str; 8] = [
    "grpc.health.v1.Health",
    "tranche.v1.AccountService",
    "tranche.v1.ConnectorService",
    "tranche.v1.EventService",
    "tranche.v1.InvoiceService",
    "tranche.v1.OperatorService",
    "tranche.v1.OrderService",
    "tranche.v1.TransactionService",
];

async fn call(grpcurl: &Grpcurl, method: &str, body: &Value) -> Value {
    let answer = grpcurl.ask(Some(&body.to_string()), &[&format!("tranche.v1.{method}")]).await;
    serde_json::from_str(&answer).unwrap()
}

async fn the_main_job_is_played_and_a_refusal_is_read(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let grpcurl = Grpcurl::new(world.url().trim_start_matches("http://"));

    let listed = grpcurl.ask(None, &["list"]).await;
    let listed: Vec<&str> = listed.lines().collect();
    for service in SERVICES {
        assert!(listed.contains(&service), "{service} is not in {listed:?}");
    }
    assert!(listed.iter().any(|service| service.starts_with("grpc.reflection.")), "{listed:?}");
    let described = grpcurl.ask(None, &["describe", "tranche.v1.Money"]).await;
    assert!(
        described.contains("string currency_code = 1") && described.contains("string amount = 2"),
        "{described}"
    );

    let brl = |amount: &str| json!({ "currency_code": "BRL", "amount": amount });
    world
        .provider()
        .authorize("order-1-card", "BRL", "100.00", Terms::parse("PARTIAL").unwrap().sandbox)
        .await;
    let settings = json!({ "base_url": world.provider().url() });
    let connector = json!({ "connector_id": "acquirer", "kind": "ppp", "settings": settings });
    call(&grpcurl, "ConnectorService/CreateConnector", &connector).await;
    let line = json!({ "line_id": "1", "quantity": 2, "unit_price": brl("50.00") });
    let order = json!({ "order_id": "order-1", "currency_code": "BRL", "lines": [line] });
    let created = call(&grpcurl, "OrderService/CreateOrder", &order).await;
    assert_eq!(created["order"]["value"]["amount"], "100.00", "{created}");
    let payment = json!({
        "payment_id": "card",
        "connector_id": "acquirer",
        "amount": brl("100.00"),
        "adopted": { "provider_payment_id": "order-1-card" },
    });
    let transaction = json!({ "transaction_id": "tx-1", "order_id": "order-1", "payments": [payment] });
    call(&grpcurl, "TransactionService/CreateTransaction", &transaction).await;
    let invoice = |number: &str, value: Value| json!({ "order_id": "order-1", "invoice_number": number, "type": "TYPE_OUTPUT", "value": value });
    let receipt = call(&grpcurl, "InvoiceService/NotifyInvoice", &invoice("A", brl("20.00"))).await;
    assert_eq!(receipt["receipt"]["remainingToInvoice"]["amount"], "80.00", "{receipt}");
    let settled = tranche_tests::patience::eventually("the invoice settles", async || {
        let seen =
            call(&grpcurl, "TransactionService/GetTransaction", &json!({ "transaction_id": "tx-1" })).await;
        let settled = seen["transaction"]["payments"][0]["done"]["settled"]["amount"].clone();
        if settled == "20.00" { Ok(settled) } else { Err(seen.to_string()) }
    });
    assert_eq!(settled.await, "20.00");
    assert_eq!(world.provider().payment("order-1-card").await.settlements.len(), 1);

    refused(&grpcurl, &invoice("B", brl("1.001")), &["InvalidArgument", "value.amount", "INVALID_ARGUMENT"])
        .await;
    let above = ["FailedPrecondition", "INVOICE_ABOVE_REMAINING", "\"remaining\":\"80.00\"", "tranche.v1"];
    refused(&grpcurl, &invoice("B", brl("80.01")), &above).await;
}

/// The refusal is printed with all of this, readably.
async fn refused(grpcurl: &Grpcurl, body: &Value, expected: &[&str]) {
    let ended = grpcurl.run(Some(&body.to_string()), &["tranche.v1.InvoiceService/NotifyInvoice"]).await;
    assert!(!ended.success, "{ended:?}");
    // Versions of grpcurl indent details differently.
    let printed: String = ended.stderr.split_whitespace().collect();
    for text in expected {
        assert!(printed.contains(text), "no {text} in: {}", ended.stderr);
    }
}
