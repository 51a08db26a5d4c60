//! Reading what the API says, page by page.

use tonic::Status;
use tranche_sdk::Client;
use tranche_sdk::v1::{
    Event, GetOrderRequest, GetTransactionRequest, Invoice, ListEventsRequest, ListInvoicesRequest,
    ListOperationsRequest, Operation,
};
use tranche_server::bounds::PAGE_SIZE_MAX;

use super::Account;
use super::log::Log;

/// All that the API says of the order of a transaction.
pub(super) async fn account<'a>(
    client: &Client,
    transaction_id: &str,
    log: &'a Log,
) -> Result<Account<'a>, Status> {
    let request = GetTransactionRequest { transaction_id: transaction_id.to_owned() };
    let response = client.transactions().get_transaction(request).await?;
    let transaction = response.into_inner().transaction.unwrap_or_default();
    let request = GetOrderRequest { order_id: transaction.order_id.clone() };
    let order = client.orders().get_order(request).await?.into_inner().order.unwrap_or_default();
    let invoices = invoices(client, &order.order_id).await?;
    let operations = operations(client, transaction_id).await?;
    let events = log.of_order(&order.order_id);
    Ok(Account { order, transaction, invoices, operations, events })
}

fn page_size() -> i32 {
    i32::try_from(PAGE_SIZE_MAX).unwrap_or(i32::MAX)
}

/// All operations of a transaction.
pub async fn operations(client: &Client, transaction_id: &str) -> Result<Vec<Operation>, Status> {
    let mut operations = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListOperationsRequest {
            transaction_id: transaction_id.to_owned(),
            page_size: page_size(),
            page_token,
            ..ListOperationsRequest::default()
        };
        let page = client.transactions().list_operations(request).await?.into_inner();
        operations.extend(page.operations);
        if page.next_page_token.is_empty() {
            return Ok(operations);
        }
        page_token = page.next_page_token;
    }
}

/// All invoices of an order.
pub async fn invoices(client: &Client, order_id: &str) -> Result<Vec<Invoice>, Status> {
    let mut invoices = Vec::new();
    let mut page_token = String::new();
    loop {
        let order_id = order_id.to_owned();
        let request = ListInvoicesRequest { order_id, page_size: page_size(), page_token };
        let page = client.invoices().list_invoices(request).await?.into_inner();
        invoices.extend(page.invoices);
        if page.next_page_token.is_empty() {
            return Ok(invoices);
        }
        page_token = page.next_page_token;
    }
}

/// All events of the account that are kept.
pub(super) async fn events(client: &Client) -> Result<Vec<Event>, Status> {
    let mut events = Vec::new();
    let mut after_cursor = String::new();
    loop {
        let request =
            ListEventsRequest { after_cursor, page_size: page_size(), ..ListEventsRequest::default() };
        let page = client.events().list_events(request).await?.into_inner();
        if page.events.is_empty() {
            return Ok(events);
        }
        events.extend(page.events);
        after_cursor = page.cursor;
    }
}
