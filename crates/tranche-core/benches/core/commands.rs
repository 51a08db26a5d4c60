//! Commands as a shop and a provider bring them: ids, texts and contents of the usual lengths.

use std::collections::BTreeMap;
use std::time::Duration;

use tranche_core::account::Allocation;
use tranche_core::command::{
    Command, ConnectorConfiguration, CreateOrder, CreateTransaction, LeaseOperation, NewAuthorization,
    NewLine, NewPayment, NotifyInvoice, RecordOutcome, WriteConnector,
};
use tranche_core::connector::{Capabilities, PartialSettlement, Refunds, Remainder};
use tranche_core::content::Content;
use tranche_core::id::{
    AccountId, ConnectorId, InvoiceNumber, LineId, OrderId, OrderKey, PaymentId, TransactionId,
};
use tranche_core::invoice::{InvoiceLine, InvoiceType, Tracking};
use tranche_core::money::Currency;
use tranche_core::operation::{Answer, Authorization, Exchange, Operation};
use tranche_core::order::Totals;
use tranche_core::payment::Mode;

/// How long a lease lasts.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// Minor units of the order's value that fall on each of its payments.
pub(crate) const ORDERED: i64 = 8_000;
/// Minor units that each payment authorizes: more than is ordered, so that something is left to release or refund.
const AUTHORIZED: i64 = 10_000;
const CONNECTOR: &str = "cards-brazil";

fn key() -> OrderKey {
    OrderKey {
        account_id: AccountId::trusted("shop-sao-paulo"),
        order_id: OrderId::trusted("1532620504863-01"),
    }
}

/// The order's value with so many payments.
pub(crate) fn value(payments: usize) -> i64 {
    ORDERED * i64::try_from(payments).unwrap()
}

fn currency() -> Currency {
    Currency::parse("BRL").unwrap()
}

/// The content of a request with these fields; the values matter to nothing that is measured.
fn content(fields: &[&str]) -> Content {
    fields.iter().fold(Content::default(), |content, field| content.with(field, "a value"))
}

fn line_id(index: usize) -> LineId {
    LineId::trusted(&format!("line-{index:04}"))
}

pub(crate) fn connector(mode: Mode) -> Command {
    let partial_settlement = match mode {
        Mode::Partial => PartialSettlement::Multiple { max: None },
        Mode::Hold => PartialSettlement::Once,
        Mode::Total => PartialSettlement::None,
    };
    let capabilities = Capabilities {
        partial_settlement,
        remainder: Remainder::Kept,
        partial_cancellation: false,
        refunds: Refunds::Partial,
        replay_safe: true,
        replay_window: Duration::from_hours(24),
        authorization_lifetime: None,
    };
    Command::WriteConnector(WriteConnector {
        account_id: key().account_id,
        connector_id: ConnectorId::trusted(CONNECTOR),
        request_id: None,
        content: content(&["settings", "default_mode", "capabilities", "kind"]),
        etag: None,
        configuration: ConnectorConfiguration {
            kind: "ppp".to_owned(),
            settings: BTreeMap::new(),
            default_mode: Some(mode),
            capabilities,
            minimum_amounts: Vec::new(),
            manifest: String::new(),
        },
    })
}

/// An order that so many payments pay. Its invoices fall on all of them.
pub(crate) fn order(payments: usize, lines: usize) -> Command {
    let line = |index: usize| NewLine {
        line_id: line_id(index),
        sku_id: format!("sku-{index:06}"),
        description: "Running shoe, blue, size 42".to_owned(),
        quantity: 1,
        unit_price: 1_999,
    };
    Command::CreateOrder(CreateOrder {
        key: key(),
        content: content(&["currency_code", "lines", "shipping", "tax", "discounts", "fees"]),
        currency: currency(),
        lines: (0..lines).map(line).collect(),
        totals: Totals { items: value(payments), ..Totals::default() },
        allocation: Some(Allocation::Proportional),
        refund_order: None,
        release_policy: None,
    })
}

pub(crate) fn transaction(mode: Mode, payments: usize) -> Command {
    let payment = |index: usize| NewPayment {
        payment_id: PaymentId::trusted(&format!("payment-{index:04}")),
        connector_id: ConnectorId::trusted(CONNECTOR),
        currency: currency(),
        authorized: AUTHORIZED,
        mode: Some(mode),
        authorization: NewAuthorization::Adopted(Authorization {
            provider_payment_id: format!("F5C1A4E20D3B4E07B5B7E871F5B5{index:04}"),
            provider_transaction_id: "D3AA1FC8372E430E8236649DB5EBD08E".to_owned(),
            authorization_id: format!("auth-{index:08}"),
            tid: Some(format!("tid-{index:08}")),
            nsu: Some(format!("nsu-{index:08}")),
            expire_time: None,
        }),
    };
    Command::CreateTransaction(CreateTransaction {
        key: key(),
        transaction_id: TransactionId::trusted("D3AA1FC8372E430E8236649DB5EBD08E"),
        content: content(&["order_id", "payments"]),
        payments: (0..payments).map(payment).collect(),
    })
}

/// Brings an invoice over the first so many lines.
pub(crate) fn notify(value: i64, lines: usize) -> Command {
    Command::NotifyInvoice(Box::new(invoice(value, lines)))
}

/// Asks what an invoice over the first line would start.
pub(crate) fn validate(value: i64) -> Command {
    Command::NotifyInvoice(Box::new(NotifyInvoice { validate_only: true, ..invoice(value, 1) }))
}

fn invoice(value: i64, lines: usize) -> NotifyInvoice {
    let fields = ["type", "value", "issue_time", "lines", "payments", "invoice_key", "invoice_url"];
    NotifyInvoice {
        invoice_type: InvoiceType::Output,
        key: key(),
        invoice_number: InvoiceNumber::trusted("NFE-000123456"),
        receipt_id: "019b7a3e-4c00-7000-8000-000000000001".to_owned(),
        content: content(&fields),
        currency: currency(),
        value,
        lines: (0..lines).map(|index| InvoiceLine { line_id: line_id(index), quantity: 1 }).collect(),
        legs: Vec::new(),
        issue_time: None,
        invoice_key: "35260112345678000190550010001234561001234560".to_owned(),
        invoice_url: "https://shop.example/invoices/NFE-000123456.xml".to_owned(),
        tracking: Tracking::default(),
        validate_only: false,
    }
}

pub(crate) fn lease(operation: &Operation) -> Command {
    Command::LeaseOperation(LeaseOperation { key: key(), operation_id: operation.operation_id.clone() })
}

/// What the provider answered to an attempt, with the record of the call.
pub(crate) fn outcome(operation: &Operation, attempt: u32, answer: Answer) -> Command {
    let exchange = Exchange {
        method: "POST".to_owned(),
        url: "https://provider.example/ppp/payments/F5C1A4E20D3B4E07B5B7E871F5B50000/settlements".to_owned(),
        request_headers: "accept: application/json\ncontent-type: application/json".to_owned(),
        request_body: "{}".repeat(150),
        status: Some(200),
        response_headers: "content-type: application/json\ncontent-length: 300".to_owned(),
        response_body: "{}".repeat(150),
        latency: Duration::from_millis(80),
        error: None,
    };
    Command::RecordOutcome(Box::new(RecordOutcome {
        key: key(),
        operation_id: operation.operation_id.clone(),
        attempt,
        answer,
        exchange,
        jitter: 500,
    }))
}

/// The provider did all that was asked.
pub(crate) fn done(operation: &Operation) -> Command {
    let provider_id = "settle-0000000001".to_owned();
    let answer = Answer::Done { value: operation.value, surplus: 0, provider_id };
    outcome(operation, operation.attempts, answer)
}
