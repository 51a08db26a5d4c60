//! Every accepted mutation, repeated, is answered as the first time, byte for byte: at once, after others, and by a
//! server that has started anew.

use prost::Message;
use tranche_sdk::v1::{
    Allocation, ConnectorCapabilities, CreateConnectorRequest, CreateTransactionRequest, InvoiceLine,
    PartialSettlement, Tracking, UpdateAccountRequest, UpdateConnectorRequest, UpdateInvoiceTrackingRequest,
};
use tranche_tests::raw::RawClient;
use tranche_tests::shop::{Terms, money, order, output, transaction_id};
use tranche_tests::world::{DatabaseKind, World};

use crate::PROGRAM;

on_both_databases! { every_mutation_is_answered_as_the_first_time }

/// A call: its path and its body.
type Call = (&'static str, Vec<u8>);

async fn calls(world: &World) -> Vec<Call> {
    let connector = CreateConnectorRequest {
        connector_id: "partial".to_owned(),
        kind: "ppp".to_owned(),
        // One setting, as the order of a map's entries on the wire is nobody's promise.
        settings: [("base_url".to_owned(), world.provider().url().to_owned())].into(),
        capabilities: Some(ConnectorCapabilities {
            partial_settlement: PartialSettlement::Multiple.into(),
            ..ConnectorCapabilities::default()
        }),
        ..CreateConnectorRequest::default()
    };
    let update_account = UpdateAccountRequest {
        request_id: "account-1".to_owned(),
        allocation: Allocation::CreatedFirst.into(),
        ..UpdateAccountRequest::default()
    };
    let update_connector = UpdateConnectorRequest {
        request_id: "connector-1".to_owned(),
        connector_id: "partial".to_owned(),
        capabilities: Some(ConnectorCapabilities {
            max_settlements: Some(5),
            ..ConnectorCapabilities::default()
        }),
        ..UpdateConnectorRequest::default()
    };
    let terms = Terms::parse("PARTIAL").unwrap();
    let payments = world.shop().payments("order-1", "BRL", &[("card", "100.00", terms)]).await;
    let transaction = CreateTransactionRequest {
        transaction_id: transaction_id("order-1"),
        order_id: "order-1".to_owned(),
        payments,
    };
    let mut first = output("order-1", "A", money("20.00", "BRL"));
    first.tracking = Some(Tracking { courier: "Post".to_owned(), ..Tracking::default() });
    let mut second = output("order-1", "B", money("80.00", "BRL"));
    second.lines = vec![InvoiceLine { line_id: "1".to_owned(), quantity: 1 }];
    let tracking = |request_id: &str, number: &str| UpdateInvoiceTrackingRequest {
        request_id: request_id.to_owned(),
        order_id: "order-1".to_owned(),
        invoice_number: "A".to_owned(),
        tracking: Some(Tracking { tracking_number: number.to_owned(), ..Tracking::default() }),
    };
    vec![
        ("/tranche.v1.AccountService/UpdateAccount", update_account.encode_to_vec()),
        ("/tranche.v1.ConnectorService/CreateConnector", connector.encode_to_vec()),
        ("/tranche.v1.ConnectorService/UpdateConnector", update_connector.encode_to_vec()),
        ("/tranche.v1.OrderService/CreateOrder", order("order-1", "100.00", "BRL").encode_to_vec()),
        ("/tranche.v1.TransactionService/CreateTransaction", transaction.encode_to_vec()),
        ("/tranche.v1.InvoiceService/NotifyInvoice", first.encode_to_vec()),
        ("/tranche.v1.InvoiceService/UpdateInvoiceTracking", tracking("tracking-1", "BR 1").encode_to_vec()),
        ("/tranche.v1.InvoiceService/UpdateInvoiceTracking", tracking("tracking-2", "BR 2").encode_to_vec()),
        ("/tranche.v1.InvoiceService/NotifyInvoice", second.encode_to_vec()),
    ]
}

async fn every_mutation_is_answered_as_the_first_time(database: DatabaseKind) {
    let mut world = World::new(PROGRAM, database).await;
    let client = RawClient::connect(&world.url()).await;
    let mut answered = Vec::new();
    for (path, body) in calls(&world).await {
        let answer =
            client.call(path, body.clone()).await.unwrap_or_else(|status| panic!("{path}: {status:?}"));
        assert!(!answer.is_empty(), "{path}");
        let again = client.call(path, body.clone()).await;
        assert_eq!(again.unwrap(), answer, "{path}: repeated at once");
        answered.push((path, body, answer));
    }
    assert_eq!(world.shop().at_rest("order-1").await.len(), 2, "no repeat settles again");
    let before = world.shop().events("").await.unwrap();

    same(&client, &answered, "when all is done").await;
    world.kill(0).await;
    world.start(0).await;
    same(&RawClient::connect(&world.url()).await, &answered, "after a kill").await;

    assert_eq!(world.shop().events("").await.unwrap(), before, "a repeat writes nothing");
    let settlements = world.provider().payment("order-1-card").await.settlements;
    assert_eq!(settlements.len(), 2, "{settlements:?}");
    let differences = tranche_tests::audit::differences(&world.shop(), "order-1").await;
    assert!(differences.is_empty(), "{differences:?}");

    // The tracking is not part of what an invoice is compared by.
    let mut other = output("order-1", "A", money("20.00", "BRL"));
    other.tracking = Some(Tracking { courier: "Somebody else".to_owned(), ..Tracking::default() });
    let again =
        RawClient::connect(&world.url()).await.call(answered[5].0, other.encode_to_vec()).await.unwrap();
    assert_eq!(again, answered[5].2, "the same receipt");
}

async fn same(client: &RawClient, answered: &[(&'static str, Vec<u8>, Vec<u8>)], when: &str) {
    for (path, body, answer) in answered {
        let again =
            client.call(path, body.clone()).await.unwrap_or_else(|status| panic!("{path}: {status:?}"));
        assert_eq!(again, *answer, "{path}: repeated {when}");
    }
}
