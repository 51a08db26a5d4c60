//! The orders that are invoiced: created through the API, paid by authorizations of the provider.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tonic::Status;
use tranche_sdk::Client;
use tranche_sdk::v1::{
    ConnectorCapabilities, CreateConnectorRequest, CreateOrderRequest, CreateTransactionRequest, InvoiceLine,
    Money, NewPayment, NotifyInvoiceRequest, OrderLine, PartialSettlement,
    connector_capabilities::RemainderPolicy, invoice, new_payment,
};

use crate::CommandError;
use crate::provider::{Provider, Settlements};

/// The value of each invoice, in minor units.
const INVOICE_VALUE: u64 = 1_000;
/// The one line of each order; each invoice ships one of it.
const LINE: &str = "1";
const CURRENCY: &str = "BRL";
/// Orders that are created at once.
const CREATED_AT_ONCE: usize = 64;

/// How orders are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Their connector.
    pub(super) connector: &'static str,
    /// Invoices that each has room for.
    pub(super) invoices: u64,
    /// Payments of each.
    pub(super) payments: u64,
}

/// The id of the order with this number.
pub(super) fn order_id(number: u64) -> String {
    format!("order-{number:06}")
}

/// The number of the order with this id.
pub(super) fn order_number(order_id: &str) -> Option<u64> {
    order_id.strip_prefix("order-")?.parse().ok()
}

/// The id of an order's transaction.
pub(super) fn transaction_id(order_id: &str) -> String {
    format!("{order_id}-payments")
}

fn money(minor: u64) -> Money {
    let amount = format!("{}.{:02}", minor / 100, minor % 100);
    Money { currency_code: CURRENCY.to_owned(), amount }
}

fn refused(step: String) -> impl FnOnce(Status) -> CommandError {
    move |status| CommandError::new(&step, &status)
}

/// Creates a connector at the provider, which settles in parts.
pub(super) async fn connect(client: &Client, provider: &Provider, id: &str) -> Result<(), CommandError> {
    let capabilities = ConnectorCapabilities {
        partial_settlement: PartialSettlement::Multiple.into(),
        remainder: RemainderPolicy::Kept.into(),
        ..ConnectorCapabilities::default()
    };
    let request = CreateConnectorRequest {
        connector_id: id.to_owned(),
        kind: "ppp".to_owned(),
        settings: [("base_url".to_owned(), provider.url())].into(),
        capabilities: Some(capabilities),
        ..CreateConnectorRequest::default()
    };
    client.connectors().create_connector(request).await.map_err(refused(format!("CreateConnector {id}")))?;
    Ok(())
}

/// Creates an order with its payments.
pub(super) async fn create(
    client: &Client,
    provider: &Provider,
    order_id: &str,
    shape: Shape,
) -> Result<(), CommandError> {
    let line = OrderLine {
        line_id: LINE.to_owned(),
        sku_id: "SKU-1834".to_owned(),
        description: "Burr grinder".to_owned(),
        quantity: i64::try_from(shape.invoices).unwrap_or(i64::MAX),
        unit_price: Some(money(INVOICE_VALUE)),
        ..OrderLine::default()
    };
    let request = CreateOrderRequest {
        order_id: order_id.to_owned(),
        currency_code: CURRENCY.to_owned(),
        lines: vec![line],
        ..CreateOrderRequest::default()
    };
    client.orders().create_order(request).await.map_err(refused(format!("CreateOrder {order_id}")))?;

    let value = INVOICE_VALUE * shape.invoices;
    let mut payments = Vec::new();
    for number in 0..shape.payments {
        // The last payment takes what the others leave.
        let part = value / shape.payments;
        let part = if number + 1 == shape.payments { value - part * number } else { part };
        payments.push(payment(provider, order_id, number, part, shape.connector).await?);
    }
    let request = CreateTransactionRequest {
        transaction_id: transaction_id(order_id),
        order_id: order_id.to_owned(),
        payments,
    };
    let step = format!("CreateTransaction of {order_id}");
    client.transactions().create_transaction(request).await.map_err(refused(step))?;
    Ok(())
}

async fn payment(
    provider: &Provider,
    order_id: &str,
    number: u64,
    part: u64,
    connector: &str,
) -> Result<NewPayment, CommandError> {
    let payment_id = if number == 0 { "card".to_owned() } else { format!("card-{}", number + 1) };
    let provider_payment_id = format!("{order_id}-{payment_id}");
    let amount = money(part);
    let adopted =
        provider.authorize(&provider_payment_id, order_id, &amount.amount, Settlements::Multiple).await?;
    Ok(NewPayment {
        payment_id,
        connector_id: connector.to_owned(),
        amount: Some(amount),
        authorization: Some(new_payment::Authorization::Adopted(adopted)),
        ..NewPayment::default()
    })
}

/// Creates the orders with the numbers below `count`.
pub(super) async fn create_all(
    client: &Client,
    provider: &Provider,
    count: u64,
    shape: Shape,
    created: impl Fn(),
) -> Result<(), CommandError> {
    let one = async |number: u64| {
        create(client, provider, &order_id(number), shape).await?;
        created();
        Ok(())
    };
    stream::iter(0..count).map(one).buffer_unordered(CREATED_AT_ONCE).try_collect().await
}

/// An invoice of one line of an order.
pub(super) fn invoice(order_id: String, number: u64) -> NotifyInvoiceRequest {
    NotifyInvoiceRequest {
        order_id,
        invoice_number: number.to_string(),
        r#type: invoice::Type::Output.into(),
        value: Some(money(INVOICE_VALUE)),
        lines: vec![InvoiceLine { line_id: LINE.to_owned(), quantity: 1 }],
        ..NotifyInvoiceRequest::default()
    }
}
