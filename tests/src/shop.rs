//! A shop: the calls that most tests make, with what does not matter to them filled in.

use tonic::Status;
use tranche_sdk::Client;
use tranche_sdk::v1::{
    AdoptedAuthorization, ConnectorCapabilities, CreateConnectorRequest, CreateOrderRequest,
    CreateTransactionRequest, Event, GetOrderRequest, GetTransactionRequest, InvoiceReceipt,
    ListEventsRequest, ListOperationsRequest, Money, NewPayment, NotifyInvoiceRequest, Operation, Order,
    OrderLine, PartialSettlement, Transaction, connector_capabilities::RemainderPolicy, invoice, new_payment,
    operation, payment,
};

use crate::patience::{eventually, must};
use crate::provider::Provider;

/// Pages of a list that are read; more means that a list does not end.
const PAGES_MAX: usize = 1_000;

/// An amount of money.
pub fn money(amount: &str, currency: &str) -> Money {
    Money { currency_code: currency.to_owned(), amount: amount.to_owned() }
}

/// What a payment's provider settles, and when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The connector that has these terms.
    pub connector: &'static str,
    settles: PartialSettlement,
    mode: payment::Mode,
    /// What the sandbox is told.
    pub sandbox: &'static str,
}

impl Terms {
    /// `PARTIAL`, `TOTAL` or `HOLD`, the latter two on a provider that settles once and keeps the rest; with `/NONE` on
    /// one that settles only all. PARTIAL and TOTAL are the connectors' defaults and are not asked for.
    pub fn parse(text: &str) -> Option<Self> {
        use PartialSettlement::{Multiple, None as Nothing, Once};
        use payment::Mode::{Hold, Unspecified};
        let terms = |connector, settles, mode, sandbox| Some(Self { connector, settles, mode, sandbox });
        match text {
            "PARTIAL" => terms("partial", Multiple, Unspecified, "MULTIPLE"),
            "TOTAL" => terms("total", Once, Unspecified, "ONCE_KEEPS"),
            "HOLD" => terms("hold", Once, Hold, "ONCE_KEEPS"),
            "TOTAL/NONE" => terms("total-none", Nothing, Unspecified, "NONE"),
            "HOLD/NONE" => terms("hold-none", Nothing, Hold, "NONE"),
            _ => None,
        }
    }
}

/// A payment of an order: its id, its amount, its terms.
pub type PaidBy<'a> = (&'a str, &'a str, Terms);

/// A caller of the API whose customers pay at the provider.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Its client.
    pub client: Client,
    /// Where its customers pay.
    pub provider: Provider,
}

impl Shop {
    /// A shop.
    pub fn new(client: Client, provider: Provider) -> Self {
        Self { client, provider }
    }

    /// Configures the connector of some terms.
    pub async fn connect(&self, terms: Terms, timeout_ms: u32) -> Result<(), Status> {
        let settings = [
            ("base_url".to_owned(), self.provider.url().to_owned()),
            ("timeout_ms".to_owned(), timeout_ms.to_string()),
        ];
        let capabilities = ConnectorCapabilities {
            partial_settlement: terms.settles.into(),
            remainder: RemainderPolicy::Kept.into(),
            ..ConnectorCapabilities::default()
        };
        let request = CreateConnectorRequest {
            connector_id: terms.connector.to_owned(),
            kind: "ppp".to_owned(),
            settings: settings.into(),
            default_mode: terms.mode.into(),
            capabilities: Some(capabilities),
        };
        self.client.connectors().create_connector(request).await.map(drop)
    }

    /// Creates an order of one line, one unit of this price.
    pub async fn order(&self, order_id: &str, value: &str, currency: &str) -> Result<Order, Status> {
        let response = self.client.orders().create_order(order(order_id, value, currency)).await?;
        Ok(must(order_id, response.into_inner().order.ok_or("no order in the answer")))
    }

    /// Has payments authorized at the provider, and creates the order's transaction of them.
    pub async fn pay(
        &self,
        order_id: &str,
        currency: &str,
        paid_by: &[PaidBy<'_>],
    ) -> Result<Transaction, Status> {
        let payments = self.payments(order_id, currency, paid_by).await;
        self.create_transaction(order_id, payments).await
    }

    /// Payments that the provider has authorized.
    pub async fn payments(&self, order_id: &str, currency: &str, paid_by: &[PaidBy<'_>]) -> Vec<NewPayment> {
        let mut payments = Vec::new();
        for (payment_id, amount, terms) in paid_by {
            let provider_payment_id = provider_payment_id(order_id, payment_id);
            let authorized =
                self.provider.authorize(&provider_payment_id, currency, amount, terms.sandbox).await;
            let adopted = AdoptedAuthorization {
                provider_payment_id,
                provider_transaction_id: order_id.to_owned(),
                authorization_id: authorized.authorization_id,
                tid: authorized.tid,
                nsu: authorized.nsu,
                expire_time: None,
            };
            payments.push(adopt(payment_id, terms.connector, money(amount, currency), adopted));
        }
        payments
    }

    /// Creates the transaction of an order.
    pub async fn create_transaction(
        &self,
        order_id: &str,
        payments: Vec<NewPayment>,
    ) -> Result<Transaction, Status> {
        let (transaction_id, order_id) = (transaction_id(order_id), order_id.to_owned());
        let request = CreateTransactionRequest { transaction_id, order_id, payments };
        let response = self.client.transactions().create_transaction(request).await?;
        Ok(must("CreateTransaction", response.into_inner().transaction.ok_or("no transaction in the answer")))
    }

    /// Notifies an output invoice.
    pub async fn invoice(
        &self,
        order_id: &str,
        number: &str,
        value: Money,
    ) -> Result<InvoiceReceipt, Status> {
        let response = self.client.invoices().notify_invoice(output(order_id, number, value)).await?;
        Ok(must(number, response.into_inner().receipt.ok_or("no receipt in the answer")))
    }

    /// The order now.
    pub async fn see_order(&self, order_id: &str) -> Result<Order, Status> {
        let request = GetOrderRequest { order_id: order_id.to_owned() };
        let response = self.client.orders().get_order(request).await?;
        Ok(must(order_id, response.into_inner().order.ok_or("no order in the answer")))
    }

    /// The transaction of an order now.
    pub async fn see_transaction(&self, order_id: &str) -> Result<Transaction, Status> {
        let request = GetTransactionRequest { transaction_id: transaction_id(order_id) };
        let response = self.client.transactions().get_transaction(request).await?;
        Ok(must(order_id, response.into_inner().transaction.ok_or("no transaction in the answer")))
    }

    /// All operations of an order's transaction: by payment, in the order in which they are sent.
    pub async fn operations(&self, order_id: &str) -> Result<Vec<Operation>, Status> {
        let mut operations = Vec::new();
        let mut page_token = String::new();
        for _ in 0..PAGES_MAX {
            let transaction_id = transaction_id(order_id);
            let request =
                ListOperationsRequest { transaction_id, page_token, ..ListOperationsRequest::default() };
            let page = self.client.transactions().list_operations(request).await?.into_inner();
            operations.extend(page.operations);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                operations.sort_by(|a, b| (&a.payment_id, a.ordinal).cmp(&(&b.payment_id, b.ordinal)));
                return Ok(operations);
            }
        }
        must("the operations", Err("their pages do not end"))
    }

    /// All events after a cursor.
    pub async fn events(&self, after_cursor: &str) -> Result<Vec<Event>, Status> {
        let mut events = Vec::new();
        let mut after_cursor = after_cursor.to_owned();
        for _ in 0..PAGES_MAX {
            let request = ListEventsRequest { after_cursor, ..ListEventsRequest::default() };
            let page = self.client.events().list_events(request).await?.into_inner();
            if page.events.is_empty() {
                return Ok(events);
            }
            events.extend(page.events);
            after_cursor = page.cursor;
        }
        must("the events", Err("their pages do not end"))
    }

    /// Waits until every operation of an order has ended, and returns them.
    ///
    /// # Panics
    ///
    /// When they do not.
    pub async fn at_rest(&self, order_id: &str) -> Vec<Operation> {
        eventually(&format!("every operation of {order_id} ends"), async || {
            let operations = self.operations(order_id).await.map_err(|status| status.to_string())?;
            let open: Vec<&Operation> = operations.iter().filter(|row| !has_ended(row)).collect();
            if open.is_empty() {
                return Ok(operations);
            }
            Err(format!("{} of {} are open, first {:#?}", open.len(), operations.len(), open[0]))
        })
        .await
    }
}

/// Whether nothing more happens to an operation by itself.
pub fn has_ended(operation: &Operation) -> bool {
    matches!(operation.state(), operation::State::Done | operation::State::Refused)
}

/// The transaction of an order, as shops name it.
pub fn transaction_id(order_id: &str) -> String {
    format!("{order_id}-payments")
}

/// The provider's id of an order's payment, as shops name it.
pub fn provider_payment_id(order_id: &str, payment_id: &str) -> String {
    format!("{order_id}-{payment_id}")
}

/// An order of one line, one unit of this price.
pub fn order(order_id: &str, value: &str, currency: &str) -> CreateOrderRequest {
    let line = OrderLine {
        line_id: "1".to_owned(),
        sku_id: "SKU-1".to_owned(),
        description: "Espresso cups".to_owned(),
        quantity: 1,
        unit_price: Some(money(value, currency)),
        ..OrderLine::default()
    };
    CreateOrderRequest {
        order_id: order_id.to_owned(),
        currency_code: currency.to_owned(),
        lines: vec![line],
        ..CreateOrderRequest::default()
    }
}

/// An output invoice.
pub fn output(order_id: &str, number: &str, value: Money) -> NotifyInvoiceRequest {
    NotifyInvoiceRequest {
        order_id: order_id.to_owned(),
        invoice_number: number.to_owned(),
        r#type: invoice::Type::Output.into(),
        value: Some(value),
        ..NotifyInvoiceRequest::default()
    }
}

/// A payment that was authorized elsewhere.
pub fn adopt(
    payment_id: &str,
    connector_id: &str,
    amount: Money,
    adopted: AdoptedAuthorization,
) -> NewPayment {
    NewPayment {
        payment_id: payment_id.to_owned(),
        connector_id: connector_id.to_owned(),
        amount: Some(amount),
        authorization: Some(new_payment::Authorization::Adopted(adopted)),
        ..NewPayment::default()
    }
}
