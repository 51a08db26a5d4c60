//! An operator's day, with nothing but grpcurl and the provider's books.

use serde_json::{Value, json};
use tranche_tests::grpcurl::Grpcurl;
use tranche_tests::patience::eventually;
use tranche_tests::shop::Terms;
use tranche_tests::world::World;

use super::DatabaseKind;
use crate::PROGRAM;

async fn call(grpcurl: &Grpcurl, method: &str, body: &Value) -> Value {
    let answer = grpcurl.ask(Some(&body.to_string()), &[&format!("tranche.v1.{method}")]).await;
    serde_json::from_str(&answer).unwrap()
}

fn brl(amount: &str) -> Value {
    json!({ "currency_code": "BRL", "amount": amount })
}

/// A connector that may do twice what it is asked twice, so that nothing is repeated; and an order paid by it.
async fn set_up(world: &World, grpcurl: &Grpcurl) {
    world
        .provider()
        .authorize("order-1-card", "BRL", "100.00", Terms::parse("PARTIAL").unwrap().sandbox)
        .await;
    let settings = json!({ "base_url": world.provider().url(), "timeout_ms": "500" });
    let capabilities = json!({ "replay_safe": false });
    let connector = json!({
        "connector_id": "acquirer",
        "kind": "ppp",
        "settings": settings,
        "capabilities": capabilities,
    });
    call(grpcurl, "ConnectorService/CreateConnector", &connector).await;
    let line = json!({ "line_id": "1", "quantity": 2, "unit_price": brl("50.00") });
    let order = json!({ "order_id": "order-1", "currency_code": "BRL", "lines": [line] });
    call(grpcurl, "OrderService/CreateOrder", &order).await;
    let payment = json!({
        "payment_id": "card",
        "connector_id": "acquirer",
        "amount": brl("100.00"),
        "adopted": { "provider_payment_id": "order-1-card" },
    });
    let transaction = json!({ "transaction_id": "tx-1", "order_id": "order-1", "payments": [payment] });
    call(grpcurl, "TransactionService/CreateTransaction", &transaction).await;
}

/// The cases that wait, the moment that they do.
async fn stuck(grpcurl: &Grpcurl) -> Vec<Value> {
    let asked = json!({ "unknown_for": "0.001s", "connector_id": "acquirer" });
    let listed = call(grpcurl, "OperatorService/ListStuckOperations", &asked).await;
    listed["stuckOperations"].as_array().cloned().unwrap_or_default()
}

pub(super) async fn a_timeout_is_listed_compared_resolved_and_explained(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let grpcurl = Grpcurl::new(world.url().trim_start_matches("http://"));
    set_up(&world, &grpcurl).await;

    // The provider settles, and its answer is lost.
    world.provider().fault("order-1-card", "lose-answer").await;
    let invoice = json!({
        "order_id": "order-1",
        "invoice_number": "A",
        "type": "TYPE_OUTPUT",
        "value": brl("100.00"),
    });
    call(&grpcurl, "InvoiceService/NotifyInvoice", &invoice).await;
    let case = eventually("the case is listed", async || {
        stuck(&grpcurl).await.first().cloned().ok_or("nothing".to_owned())
    });
    let case = case.await;
    assert_eq!(case["cause"], "CAUSE_UNKNOWN", "{case}");
    assert_eq!(case["amount"]["amount"], "100.00", "{case}");
    assert_eq!((&case["orderId"], &case["paymentId"]), (&json!("order-1"), &json!("card")), "{case}");
    let operation_id = case["operation"]["operationId"].as_str().unwrap().to_owned();
    // Most are answered soon: by default one is listed after minutes.
    let listed = call(&grpcurl, "OperatorService/ListStuckOperations", &json!({})).await;
    assert_eq!(listed, json!({}), "not yet");

    // The provider's statement has a movement that it could be.
    let settled = world.provider().payment("order-1-card").await.settlements.remove(0);
    let statement = json!({
        "connector_id": "acquirer",
        "entries": [{
            "provider_id": settled.settle_id,
            "provider_payment_id": "order-1-card",
            "kind": "KIND_SETTLEMENT",
            "amount": brl("100.00"),
        }],
    });
    let compared = call(&grpcurl, "OperatorService/Reconcile", &statement).await;
    assert_eq!(compared["movements"][0]["finding"], "FINDING_CANDIDATE", "{compared}");
    assert_eq!(compared["movements"][0]["operation"]["operationId"], operation_id.as_str(), "{compared}");

    let resolution = json!({
        "request_id": "resolve-1",
        "operation_id": operation_id,
        "actor": "olga",
        "reason": "on the statement of today",
        "done": { "amount": brl("100.00"), "provider_id": settled.settle_id },
    });
    let resolved = call(&grpcurl, "OperatorService/ResolveOperation", &resolution).await;
    assert_eq!(resolved["operation"]["state"], "STATE_DONE", "{resolved}");
    let again = call(&grpcurl, "OperatorService/ResolveOperation", &resolution).await;
    assert_eq!(again, resolved, "a repeat is answered as the first time");

    let order = call(&grpcurl, "OrderService/GetOrder", &json!({ "order_id": "order-1" })).await;
    assert_eq!(order["order"]["state"], "STATE_INVOICED", "{order}");
    let seen =
        call(&grpcurl, "TransactionService/GetTransaction", &json!({ "transaction_id": "tx-1" })).await;
    assert_eq!(seen["transaction"]["state"], "STATE_FINISHED", "{seen}");
    assert_eq!(stuck(&grpcurl).await, Vec::<Value>::new(), "nothing waits any more");

    let told = call(&grpcurl, "OrderService/ExplainOrder", &json!({ "order_id": "order-1" })).await;
    let text = told["text"].as_str().unwrap();
    let act = format!("olga said what became of {operation_id} of card: on the statement of today");
    assert!(text.contains(&act) && text.contains("100.00 BRL is invoiced and settled on card"), "{text}");
    assert_eq!(told["acts"][0]["acted"]["act"], "ACT_RESOLVE_OPERATION", "{told}");

    let compared = call(&grpcurl, "OperatorService/Reconcile", &statement).await;
    assert_eq!(compared["movements"][0]["finding"], "FINDING_MATCHED", "{compared}");
    assert_eq!(world.provider().payment("order-1-card").await.settlements.len(), 1, "settled once");
}
