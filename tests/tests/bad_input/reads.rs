//! Reads: what is not there, and pages of other queries.

use tranche_sdk::v1::{
    ExplainOrderRequest, GetConnectorRequest, GetInvoiceRequest, GetOperationRequest, GetOrderRequest,
    GetTransactionRequest, ListChangesRequest, ListEventsRequest, ListInteractionsRequest,
    ListInvoicesRequest, ListOperationsRequest, ListOrdersRequest, order,
};

use super::fixture::Fixture;
use super::table::{Row, invalid, row};

pub(super) async fn rows(fixture: &Fixture) -> Vec<Row> {
    let mut rows = pages_and_single_ones(fixture).await;
    rows.extend(changes(fixture).await);
    rows.extend(explanations());
    rows
}

/// The token of the changes' second page belongs to that order's changes only.
async fn changes(fixture: &Fixture) -> Vec<Row> {
    let list = |order_id: &str, page_token: &str, page_size| ListChangesRequest {
        order_id: order_id.to_owned(),
        page_token: page_token.to_owned(),
        page_size,
    };
    let first = fixture.world.client().orders().list_changes(list("changed", "", 1)).await.unwrap();
    let token = first.into_inner().next_page_token;
    assert!(!token.is_empty());
    let of = |request: ListChangesRequest, expected: &str| {
        row("/tranche.v1.OrderService/ListChanges", &request, expected)
    };
    vec![
        of(list("", "", 0), &invalid("order_id")),
        of(list(" a", "nonsense", -1), &invalid("order_id page_token page_size")),
        of(list("order-1", &token, 1), &invalid("page_token")),
        of(list("order-3", "", 0), "NotFound ORDER_NOT_FOUND orderId=order-3"),
        row(
            "/tranche.v1.InvoiceService/ListInvoices",
            &ListInvoicesRequest {
                order_id: "changed".to_owned(),
                page_token: token.clone(),
                ..Default::default()
            },
            &invalid("page_token"),
        ),
    ]
}

fn explanations() -> Vec<Row> {
    let of = |order_id: &str, expected: &str| {
        let request = ExplainOrderRequest { order_id: order_id.to_owned() };
        row("/tranche.v1.OrderService/ExplainOrder", &request, expected)
    };
    vec![
        of("", &invalid("order_id")),
        of("a\nb", &invalid("order_id")),
        of("order-3", "NotFound ORDER_NOT_FOUND orderId=order-3"),
    ]
}

/// The token of the orders' second page belongs to that query only.
async fn pages_and_single_ones(fixture: &Fixture) -> Vec<Row> {
    let first = ListOrdersRequest { page_size: 1, ..ListOrdersRequest::default() };
    let first = fixture.world.client().orders().list_orders(first).await.unwrap().into_inner();
    let token = first.next_page_token;
    assert!(!token.is_empty());
    let orders = |states: Vec<i32>, page_token: &str, page_size| ListOrdersRequest {
        states,
        page_token: page_token.to_owned(),
        page_size,
    };
    let other_states = orders(vec![order::State::Open.into()], &token, 1);
    let order_id = || "order-1".to_owned();
    let events =
        ListEventsRequest { after_cursor: "nonsense".to_owned(), page_size: -1, ..Default::default() };
    vec![
        row("/tranche.v1.OrderService/ListOrders", &other_states, &invalid("page_token")),
        row(
            "/tranche.v1.OrderService/ListOrders",
            &orders(vec![99], "nonsense", -1),
            &invalid("page_size page_token states[0]"),
        ),
        row(
            "/tranche.v1.InvoiceService/ListInvoices",
            &ListInvoicesRequest { order_id: order_id(), page_size: 1, page_token: token.clone() },
            &invalid("page_token"),
        ),
        row(
            "/tranche.v1.TransactionService/ListOperations",
            &ListOperationsRequest {
                transaction_id: "order-1-payments".to_owned(),
                page_token: token,
                ..Default::default()
            },
            &invalid("page_token"),
        ),
        row("/tranche.v1.EventService/ListEvents", &events, &invalid("after_cursor page_size")),
        row("/tranche.v1.OrderService/GetOrder", &GetOrderRequest::default(), &invalid("order_id")),
        row(
            "/tranche.v1.OrderService/GetOrder",
            &GetOrderRequest { order_id: "order-3".to_owned() },
            "NotFound ORDER_NOT_FOUND orderId=order-3",
        ),
        row(
            "/tranche.v1.InvoiceService/GetInvoice",
            &GetInvoiceRequest { order_id: order_id(), invoice_number: "B".to_owned() },
            "NotFound INVOICE_NOT_FOUND orderId=order-1 invoiceNumber=B",
        ),
        row(
            "/tranche.v1.InvoiceService/ListInvoices",
            &ListInvoicesRequest { order_id: "order-3".to_owned(), ..Default::default() },
            "NotFound ORDER_NOT_FOUND orderId=order-3",
        ),
        row(
            "/tranche.v1.TransactionService/GetTransaction",
            &GetTransactionRequest { transaction_id: "order-2-payments".to_owned() },
            "NotFound TRANSACTION_NOT_FOUND transactionId=order-2-payments",
        ),
        row(
            "/tranche.v1.TransactionService/GetOperation",
            &GetOperationRequest { operation_id: "op_0".to_owned() },
            "NotFound OPERATION_NOT_FOUND operationId=op_0",
        ),
        row(
            "/tranche.v1.TransactionService/ListInteractions",
            &ListInteractionsRequest { operation_id: "op_0".to_owned(), ..Default::default() },
            "NotFound OPERATION_NOT_FOUND operationId=op_0",
        ),
        row(
            "/tranche.v1.ConnectorService/GetConnector",
            &GetConnectorRequest { connector_id: "new".to_owned() },
            "NotFound CONNECTOR_NOT_FOUND connectorId=new",
        ),
    ]
}
