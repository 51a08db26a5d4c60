//! A shop: the calls that most tests make, with what does not matter to them filled in.

use tonic::Status;
use tranche_sdk::v1::{
    AddPaymentRequest, AdoptedAuthorization, CancelOrderRequest, ChangeOrderRequest, ConnectorCapabilities,
    CreateConnectorRequest, CreateOrderRequest, CreateTransactionRequest, ErrorReason, Event,
    ExplainOrderRequest, ExplainOrderResponse, GetInvoiceRequest, GetOrderRequest, GetTransactionRequest,
    Invoice, InvoiceReceipt, ListEventsRequest, ListOperationsRequest, Money, NewPayment,
    NotifyInvoiceRequest, Operation, Order, OrderLine, PartialSettlement, ReleaseRemainderRequest,
    Transaction, VoidInvoiceRequest, connector_capabilities::RemainderPolicy, invoice, new_payment,
    operation, payment,
};
use tranche_sdk::{Client, reason};

use crate::patience::{LOOK_PAUSE, LOOKS_MAX, eventually, must};
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
    cancels_parts: bool,
    /// What the sandbox is told.
    pub sandbox: &'static str,
}

impl Terms {
    /// `PARTIAL`, `TOTAL` or `HOLD`, the latter two on a provider that settles once and keeps the rest; with `/NONE` on
    /// one that settles only all. PARTIAL and TOTAL are the connectors' defaults and are not asked for. PARTIAL/PARTS
    /// cancels parts as well.
    pub fn parse(text: &str) -> Option<Self> {
        use PartialSettlement::{Multiple, None as Nothing, Once};
        use payment::Mode::{Hold, Unspecified};
        let cancels_parts = text == "PARTIAL/PARTS";
        let terms = |connector, settles, mode, sandbox| {
            Some(Self { connector, settles, mode, cancels_parts, sandbox })
        };
        match text {
            "PARTIAL" => terms("partial", Multiple, Unspecified, "MULTIPLE"),
            "PARTIAL/PARTS" => terms("parts", Multiple, Unspecified, "MULTIPLE"),
            "TOTAL" => terms("total", Once, Unspecified, "ONCE_KEEPS"),
            "HOLD" => terms("hold", Once, Hold, "ONCE_KEEPS"),
            "TOTAL/NONE" => terms("total-none", Nothing, Unspecified, "NONE"),
            "HOLD/NONE" => terms("hold-none", Nothing, Hold, "NONE"),
            _ => None,
        }
    }
}

impl Terms {
    /// The same on another connector.
    #[must_use]
    pub fn on(self, connector: &'static str) -> Self {
        Self { connector, ..self }
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

    /// Configures the connector of some terms. Tests make the time of a call short, and a loaded machine is slow: a provider
    /// that did not give out its manifest in that time is asked again, and until then nothing is written.
    pub async fn connect(&self, terms: Terms, timeout_ms: u32) -> Result<(), Status> {
        let settings = [
            ("base_url".to_owned(), self.provider.url().to_owned()),
            ("timeout_ms".to_owned(), timeout_ms.to_string()),
        ];
        let unit = terms.cancels_parts.then(|| ("cancellation_unit".to_owned(), "major".to_owned()));
        let capabilities = ConnectorCapabilities {
            partial_settlement: terms.settles.into(),
            remainder: RemainderPolicy::Kept.into(),
            partial_cancellation: Some(terms.cancels_parts),
            ..ConnectorCapabilities::default()
        };
        let request = CreateConnectorRequest {
            connector_id: terms.connector.to_owned(),
            kind: "ppp".to_owned(),
            settings: settings.into_iter().chain(unit).collect(),
            default_mode: terms.mode.into(),
            capabilities: Some(capabilities),
        };
        let mut attempts_left = LOOKS_MAX;
        loop {
            let created = self.client.connectors().create_connector(request.clone()).await;
            let is_slow = |status: &Status| reason(status) == Some(ErrorReason::ConnectorUnreachable);
            match created {
                Err(status) if is_slow(&status) && attempts_left > 0 => attempts_left -= 1,
                other => return other.map(drop),
            }
            tokio::time::sleep(LOOK_PAUSE).await;
        }
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

    /// Gives a value back.
    pub async fn give_back(
        &self,
        order_id: &str,
        number: &str,
        value: Money,
    ) -> Result<InvoiceReceipt, Status> {
        let response = self.client.invoices().notify_invoice(input(order_id, number, value)).await?;
        Ok(must(number, response.into_inner().receipt.ok_or("no receipt in the answer")))
    }

    /// Changes an order's value by hand: `-` before the amount lowers it.
    pub async fn change(&self, order_id: &str, request_id: &str, by: Money) -> Result<Order, Status> {
        let response = self.client.orders().change_order(change(order_id, request_id, &by)).await?;
        Ok(must(request_id, response.into_inner().order.ok_or("no order in the answer")))
    }

    /// Takes an invoice back.
    pub async fn void(&self, order_id: &str, number: &str) -> Result<Invoice, Status> {
        let request = VoidInvoiceRequest {
            request_id: format!("void {number}"),
            order_id: order_id.to_owned(),
            invoice_number: number.to_owned(),
            reason: "issued by mistake".to_owned(),
        };
        let response = self.client.invoices().void_invoice(request).await?;
        Ok(must(number, response.into_inner().invoice.ok_or("no invoice in the answer")))
    }

    /// Cancels an order.
    pub async fn cancel(&self, order_id: &str) -> Result<Order, Status> {
        let request = CancelOrderRequest {
            request_id: "cancel".to_owned(),
            order_id: order_id.to_owned(),
            reason: "the customer changed their mind".to_owned(),
            etag: String::new(),
        };
        let response = self.client.orders().cancel_order(request).await?;
        Ok(must(order_id, response.into_inner().order.ok_or("no order in the answer")))
    }

    /// Adds a payment that the provider has authorized.
    pub async fn add(
        &self,
        order_id: &str,
        currency: &str,
        paid_by: PaidBy<'_>,
    ) -> Result<Transaction, Status> {
        let request = AddPaymentRequest {
            request_id: format!("add {}", paid_by.0),
            transaction_id: transaction_id(order_id),
            payment: self.payments(order_id, currency, &[paid_by]).await.pop(),
        };
        let response = self.client.transactions().add_payment(request).await?;
        Ok(must(order_id, response.into_inner().transaction.ok_or("no transaction in the answer")))
    }

    /// Releases what the order cannot need, of a payment (of any, where it is empty), or so much of it.
    pub async fn release(
        &self,
        order_id: &str,
        payment_id: &str,
        amount: Option<Money>,
    ) -> Result<Transaction, Status> {
        let request = ReleaseRemainderRequest {
            request_id: format!("release {payment_id} {amount:?}"),
            transaction_id: transaction_id(order_id),
            payment_id: payment_id.to_owned(),
            amount,
            actor: "an operator".to_owned(),
            reason: "nothing more is to come".to_owned(),
        };
        let response = self.client.operators().release_remainder(request).await?;
        Ok(must(order_id, response.into_inner().transaction.ok_or("no transaction in the answer")))
    }

    /// Where the order's value is.
    pub async fn explain(&self, order_id: &str) -> Result<ExplainOrderResponse, Status> {
        let request = ExplainOrderRequest { order_id: order_id.to_owned() };
        Ok(self.client.orders().explain_order(request).await?.into_inner())
    }

    /// An invoice now.
    pub async fn see_invoice(&self, order_id: &str, number: &str) -> Result<Invoice, Status> {
        let (order_id, invoice_number) = (order_id.to_owned(), number.to_owned());
        let response =
            self.client.invoices().get_invoice(GetInvoiceRequest { order_id, invoice_number }).await?;
        Ok(must(number, response.into_inner().invoice.ok_or("no invoice in the answer")))
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
    use operation::State::{Done, Refused, Withdrawn};
    matches!(operation.state(), Done | Refused | Withdrawn)
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

/// An input invoice.
pub fn input(order_id: &str, number: &str, value: Money) -> NotifyInvoiceRequest {
    NotifyInvoiceRequest { r#type: invoice::Type::Input.into(), ..output(order_id, number, value) }
}

/// A change of an order's value by hand: `-` before the amount lowers it.
pub fn change(order_id: &str, request_id: &str, by: &Money) -> ChangeOrderRequest {
    let amount = by.amount.trim_start_matches(['-', '+']).to_owned();
    let (amount, lowers) = (Some(Money { amount, ..by.clone() }), by.amount.starts_with('-'));
    let (discount, increment) = if lowers { (amount, None) } else { (None, amount) };
    ChangeOrderRequest {
        request_id: request_id.to_owned(),
        order_id: order_id.to_owned(),
        reason: "agreed with the customer".to_owned(),
        manual_discount: discount,
        manual_increment: increment,
        ..ChangeOrderRequest::default()
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
