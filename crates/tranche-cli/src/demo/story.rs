//! The chapters: one order, invoiced in three parts, on each kind of connector; then one paid in two ways.

use std::time::Duration;

use tranche_sdk::Client;
use tranche_sdk::v1::{
    ConnectorCapabilities, CreateConnectorRequest, CreateOrderRequest, CreateTransactionRequest,
    GetTransactionRequest, InvoiceLine, ListOperationsRequest, Money, NewPayment, NotifyInvoiceRequest,
    Operation, OrderLine, PartialSettlement, Transaction, connector_capabilities, invoice, new_payment,
    operation, payment,
};

use super::world::World;
use super::{DemoError, tables};
use crate::provider::Settlements;

/// Looks at a transaction until nothing is under way.
const LOOKS_MAX: u32 = 200;
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(25);
/// The currency of every order.
pub(super) const CURRENCY: &str = "BRL";

/// What has been told so far.
pub(super) struct Story<'a> {
    world: &'a World,
    transactions: Vec<String>,
    invoices: usize,
}

/// One parcel of the order, on its way to the customer or back.
pub(super) struct Parcel {
    pub(super) number: &'static str,
    pub(super) invoice_type: invoice::Type,
    pub(super) value: &'static str,
    pub(super) lines: &'static [(&'static str, i64)],
    pub(super) what: &'static str,
}

const fn parcel(
    number: &'static str,
    value: &'static str,
    lines: &'static [(&'static str, i64)],
    what: &'static str,
) -> Parcel {
    Parcel { number, invoice_type: invoice::Type::Output, value, lines, what }
}

/// The order of every chapter: 3 lines, shipping, a discount and a tax; 574.27 in all.
const LINES: [(&str, &str, &str, i64, &str); 3] = [
    ("1", "SKU-7060", "Espresso cups, set of 6", 2, "129.90"),
    ("2", "SKU-1834", "Burr grinder", 1, "249.00"),
    ("3", "SKU-0455", "Filter paper, 100 sheets", 3, "12.49"),
];
const SHIPPING: &str = "31.90";
const TAX: &str = "11.10";
const DISCOUNTS: &str = "15.00";
const VALUE: &str = "574.27";

/// Three parcels; how shipping, tax and discount fall on them is the merchant's to say.
const PARCELS: [Parcel; 3] = [
    parcel("NF-e 000.101", "140.53", &[("1", 1)], "one set of cups"),
    parcel("NF-e 000.102", "270.94", &[("2", 1)], "the grinder"),
    parcel("NF-e 000.103", "162.80", &[("1", 1), ("3", 3)], "the rest"),
];

/// How a chapter's order is paid: payment, connector, amount and what its provider settles.
pub(super) type PaidBy = (&'static str, &'static str, &'static str, Settlements);

pub(super) fn money(amount: &str) -> Money {
    Money { currency_code: CURRENCY.to_owned(), amount: amount.to_owned() }
}

pub(super) fn refused(step: &str) -> impl FnOnce(tonic::Status) -> DemoError {
    let step = step.to_owned();
    move |status| DemoError::Refused { step, status: Box::new(status) }
}

impl<'a> Story<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self { world, transactions: Vec::new(), invoices: 0 }
    }

    /// The transactions of the story.
    pub(super) fn transactions(&self) -> &[String] {
        &self.transactions
    }

    /// How many invoices were accepted.
    pub(super) fn invoices(&self) -> usize {
        self.invoices
    }

    /// Tells all chapters.
    pub(super) async fn tell(&mut self) -> Result<(), DemoError> {
        use PartialSettlement::{Multiple, Once};
        use payment::Mode::{Hold, Unspecified};
        self.connector("acquirer", Multiple, Unspecified).await?;
        self.connector("legacy", Once, Unspecified).await?;
        self.connector("batch", Once, Hold).await?;
        self.chapter(
            "order-1001",
            "PARTIAL: the provider settles in parts, so that each invoice settles exactly its own value",
            &[("card", "acquirer", VALUE, Settlements::Multiple)],
        )
        .await?;
        self.chapter(
            "order-1002",
            "TOTAL: a legacy provider settles once, so that the first invoice settles the order; the rest stands ahead",
            &[("card", "legacy", VALUE, Settlements::OnceKeeps)],
        )
        .await?;
        self.chapter(
            "order-1003",
            "HOLD: the same provider, but invoices accumulate until nothing more is to come",
            &[("card", "batch", VALUE, Settlements::OnceKeeps)],
        )
        .await?;
        self.chapter(
            "order-1004",
            "Two payments: the lowest is filled first, and the parts sum to each invoice",
            &[
                ("card", "acquirer", "424.27", Settlements::Multiple),
                ("gift-card", "acquirer", "150.00", Settlements::Multiple),
            ],
        )
        .await?;
        self.second_thoughts(&[
            ("card", "acquirer", "424.27", Settlements::Multiple),
            ("gift-card", "acquirer", "150.00", Settlements::Multiple),
        ])
        .await
    }

    pub(super) fn client(&self) -> &Client {
        &self.world.client
    }

    async fn connector(
        &self,
        id: &str,
        settles: PartialSettlement,
        mode: payment::Mode,
    ) -> Result<(), DemoError> {
        let capabilities = ConnectorCapabilities {
            partial_settlement: settles.into(),
            remainder: connector_capabilities::RemainderPolicy::Kept.into(),
            ..ConnectorCapabilities::default()
        };
        let request = CreateConnectorRequest {
            connector_id: id.to_owned(),
            kind: "ppp".to_owned(),
            settings: [("base_url".to_owned(), self.world.provider.url())].into(),
            default_mode: mode.into(),
            capabilities: Some(capabilities),
        };
        let step = format!("CreateConnector {id}");
        self.world.client.connectors().create_connector(request).await.map_err(refused(&step))?;
        Ok(())
    }

    async fn chapter(&mut self, order_id: &str, title: &str, paid_by: &[PaidBy]) -> Result<(), DemoError> {
        println!("\n━━ {title}\n");
        let transaction_id = self.open(order_id, paid_by).await?;
        for parcel in &PARCELS {
            self.ship(order_id, &transaction_id, parcel).await?;
        }
        Ok(())
    }

    /// Creates an order and its transaction.
    pub(super) async fn open(&mut self, order_id: &str, paid_by: &[PaidBy]) -> Result<String, DemoError> {
        self.create_order(order_id).await?;
        let transaction_id = self.create_transaction(order_id, paid_by).await?;
        println!("  {order_id}: {VALUE} {CURRENCY} in {} lines, paid by {}", LINES.len(), payers(paid_by));
        Ok(transaction_id)
    }

    async fn create_order(&self, order_id: &str) -> Result<(), DemoError> {
        let line =
            |(line_id, sku_id, description, quantity, price): &(&str, &str, &str, i64, &str)| OrderLine {
                line_id: (*line_id).to_owned(),
                sku_id: (*sku_id).to_owned(),
                description: (*description).to_owned(),
                quantity: *quantity,
                unit_price: Some(money(price)),
                ..OrderLine::default()
            };
        let request = CreateOrderRequest {
            order_id: order_id.to_owned(),
            currency_code: CURRENCY.to_owned(),
            lines: LINES.iter().map(line).collect(),
            shipping: Some(money(SHIPPING)),
            tax: Some(money(TAX)),
            discounts: Some(money(DISCOUNTS)),
            ..CreateOrderRequest::default()
        };
        let step = format!("CreateOrder {order_id}");
        self.world.client.orders().create_order(request).await.map_err(refused(&step))?;
        Ok(())
    }

    async fn create_transaction(&mut self, order_id: &str, paid_by: &[PaidBy]) -> Result<String, DemoError> {
        let mut payments = Vec::new();
        for (payment_id, connector_id, amount, settlements) in paid_by {
            // The shop has had the payment authorized; the transaction adopts it.
            let provider_payment_id = format!("{order_id}-{payment_id}");
            let adopted =
                self.world.provider.authorize(&provider_payment_id, order_id, amount, *settlements).await?;
            payments.push(NewPayment {
                payment_id: (*payment_id).to_owned(),
                connector_id: (*connector_id).to_owned(),
                amount: Some(money(amount)),
                authorization: Some(new_payment::Authorization::Adopted(adopted)),
                ..NewPayment::default()
            });
        }
        let transaction_id = format!("{order_id}-payments");
        let order_id = order_id.to_owned();
        let request = CreateTransactionRequest { transaction_id: transaction_id.clone(), order_id, payments };
        let step = format!("CreateTransaction {transaction_id}");
        self.world.client.transactions().create_transaction(request).await.map_err(refused(&step))?;
        self.transactions.push(transaction_id.clone());
        Ok(transaction_id)
    }

    /// Sends one parcel's invoice, waits until nothing is under way, and shows what came of it.
    pub(super) async fn ship(
        &mut self,
        order_id: &str,
        transaction_id: &str,
        parcel: &Parcel,
    ) -> Result<(), DemoError> {
        let before = self.operations(transaction_id).await?.len();
        let line = |(line_id, quantity): &(&str, i64)| InvoiceLine {
            line_id: (*line_id).to_owned(),
            quantity: *quantity,
        };
        let request = NotifyInvoiceRequest {
            order_id: order_id.to_owned(),
            invoice_number: parcel.number.to_owned(),
            r#type: parcel.invoice_type.into(),
            value: Some(money(parcel.value)),
            lines: parcel.lines.iter().map(line).collect(),
            ..NotifyInvoiceRequest::default()
        };
        let step = format!("NotifyInvoice {}", parcel.number);
        let response = self.world.client.invoices().notify_invoice(request).await.map_err(refused(&step))?;
        let receipt = response.into_inner().receipt.unwrap_or_default();
        self.invoices += 1;
        let asked = receipt
            .allocations
            .iter()
            .map(|part| format!("{} of {}", part.amount.clone().unwrap_or_default().amount, part.payment_id));
        let asked = asked.collect::<Vec<_>>().join(" and ");
        let (kind, verb) = match parcel.invoice_type {
            invoice::Type::Input => ("input invoice", "asks back"),
            _ => ("invoice", "asks"),
        };
        println!(
            "\n  {kind} {} ({}): {} {CURRENCY}, {verb} {asked}",
            parcel.number, parcel.what, parcel.value
        );
        let transaction = self.at_rest(transaction_id).await?;
        let operations = self.operations(transaction_id).await?;
        println!("{}", tables::operations(operations.get(before..).unwrap_or_default()));
        println!("{}", tables::ledgers(&transaction.payments));
        check(transaction_id, &transaction)
    }

    async fn operations(&self, transaction_id: &str) -> Result<Vec<Operation>, DemoError> {
        let request =
            ListOperationsRequest { transaction_id: transaction_id.to_owned(), ..Default::default() };
        let step = format!("ListOperations {transaction_id}");
        let response =
            self.world.client.transactions().list_operations(request).await.map_err(refused(&step))?;
        Ok(response.into_inner().operations)
    }

    /// The transaction once every operation has ended.
    async fn at_rest(&self, transaction_id: &str) -> Result<Transaction, DemoError> {
        for _ in 0..LOOKS_MAX {
            let ended = [operation::State::Done, operation::State::Refused];
            if self.operations(transaction_id).await?.iter().all(|row| ended.contains(&row.state())) {
                let request = GetTransactionRequest { transaction_id: transaction_id.to_owned() };
                let step = format!("GetTransaction {transaction_id}");
                let mut client = self.world.client.transactions();
                let response = client.get_transaction(request).await.map_err(refused(&step))?;
                return Ok(response.into_inner().transaction.unwrap_or_default());
            }
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        Err(DemoError::Unsettled(format!("{transaction_id} did not come to rest")))
    }
}

/// Everything asked must be settled, held or ahead; nothing may lack.
fn check(transaction_id: &str, transaction: &Transaction) -> Result<(), DemoError> {
    for payment in &transaction.payments {
        let done = payment.done.clone().unwrap_or_default();
        let lacking = done.lacking.unwrap_or_default().amount;
        let surplus = done.surplus.unwrap_or_default().amount;
        let nothing = |amount: &str| amount.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        if !nothing(&lacking) || !nothing(&surplus) {
            let id = &payment.payment_id;
            return Err(DemoError::Unsettled(format!(
                "payment {id} of {transaction_id}: {lacking} {CURRENCY} of what was asked lacks, {surplus} is surplus"
            )));
        }
    }
    Ok(())
}

fn payers(paid_by: &[PaidBy]) -> String {
    let payers =
        paid_by.iter().map(|(payment, connector, amount, _)| format!("{payment} {amount} (via {connector})"));
    payers.collect::<Vec<_>>().join(" + ")
}
