//! What is only validated is not written, and says what would be asked of the providers.

use tranche_sdk::v1::{
    Change, ChangeOrderRequest, CreateOrderRequest, InvoiceReceipt, Money, NotifyInvoiceRequest, Order,
    PlannedOperation, ReleasePolicy, operation,
};
use tranche_tests::shop::{Shop, Terms, change, input, order, output};
use tranche_tests::world::{DatabaseKind, World};

use super::brl;
use crate::PROGRAM;

on_both_databases! { what_is_only_validated_is_not_written }

/// What is asked.
enum Asked {
    Invoice(NotifyInvoiceRequest),
    Change(ChangeOrderRequest),
}

/// What is answered: a receipt, or an order and its change.
#[derive(Debug, PartialEq)]
struct Answered {
    receipt: Option<InvoiceReceipt>,
    order: Option<Order>,
    change: Option<Change>,
    planned: Vec<PlannedOperation>,
}

impl Asked {
    /// What the operations that it starts name as their cause.
    fn cause(&self) -> String {
        match self {
            Self::Invoice(request) => format!("invoice:{}", request.invoice_number),
            Self::Change(request) => format!("change:{}", request.request_id),
        }
    }

    async fn send(&self, shop: &Shop, validate_only: bool) -> Answered {
        match self {
            Self::Invoice(request) => {
                let request = NotifyInvoiceRequest { validate_only, ..request.clone() };
                let answer = shop.client.invoices().notify_invoice(request).await.unwrap().into_inner();
                let planned = answer.planned_operations;
                Answered { receipt: answer.receipt, order: None, change: None, planned }
            }
            Self::Change(request) => {
                let request = ChangeOrderRequest { validate_only, ..request.clone() };
                let answer = shop.client.orders().change_order(request).await.unwrap().into_inner();
                let planned = answer.planned_operations;
                Answered { receipt: None, order: answer.order, change: answer.change, planned }
            }
        }
    }
}

impl Answered {
    /// The same without what only something that was written has, and without a plan.
    fn without_what_was_written(mut self) -> Self {
        if let Some(receipt) = &mut self.receipt {
            receipt.receipt_id.clear();
            receipt.create_time = None;
        }
        if let Some(order) = &mut self.order {
            order.etag.clear();
            order.update_time = None;
        }
        if let Some(change) = &mut self.change {
            change.create_time = None;
        }
        self.planned.clear();
        self
    }

    /// Whether it has nothing that only something that was written has.
    fn refers_to_nothing(&self) -> bool {
        let receipt = |row: &InvoiceReceipt| row.receipt_id.is_empty() && row.create_time.is_none();
        self.receipt.as_ref().is_none_or(receipt)
            && self.order.as_ref().is_none_or(|order| order.etag.is_empty())
            && self.change.as_ref().is_none_or(|change| change.create_time.is_none())
    }
}

async fn what_is_only_validated_is_not_written(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    for terms in ["PARTIAL", "PARTIAL/PARTS", "TOTAL"] {
        shop.connect(Terms::parse(terms).unwrap(), 20_000).await.unwrap();
    }
    let sale = |id: &str, value: &str| Asked::Invoice(output(id, "B", brl(value)));
    let give_back = |id: &str, value: &str| Asked::Invoice(input(id, "R", brl(value)));
    let by = |id: &str, by: &str| Asked::Change(change(id, "change-1", &brl(by)));
    // Each order is of 100.00 under IMMEDIATELY, paid in these terms by `gift` with 30.00 and `card` with 80.00, and
    // invoiced so far already; then what is asked, and the operations that it would start.
    for (id, terms, invoiced, asked, expected) in [
        ("sale", "PARTIAL", None, sale("sale", "50.00"), "settle card 20.00, settle gift 30.00"),
        ("all", "TOTAL", None, sale("all", "20.00"), "settle gift 30.00"),
        ("again", "TOTAL", Some("20.00"), sale("again", "10.00"), ""),
        (
            "return",
            "PARTIAL",
            Some("40.00"),
            give_back("return", "35.00"),
            "refund card 10.00, refund gift 25.00",
        ),
        ("raised", "PARTIAL", None, by("raised", "10.00"), ""),
        ("lowered", "PARTIAL", None, by("lowered", "-20.00"), ""),
        ("released", "PARTIAL/PARTS", None, by("released", "-20.00"), "cancel card 30.00"),
        ("excess", "TOTAL", Some("20.00"), by("excess", "-80.00"), "cancel card 80.00, refund gift 10.00"),
    ] {
        let terms = Terms::parse(terms).unwrap();
        let request = CreateOrderRequest {
            release_policy: ReleasePolicy::Immediately.into(),
            ..order(id, "100.00", "BRL")
        };
        shop.client.orders().create_order(request).await.unwrap();
        shop.pay(id, "BRL", &[("gift", "30.00", terms), ("card", "80.00", terms)]).await.unwrap();
        if let Some(value) = invoiced {
            shop.invoice(id, "A", brl(value)).await.unwrap();
        }
        let before = shop.at_rest(id).await;
        let books = shop.provider.books().await;
        let seen = async || (shop.see_order(id).await.unwrap(), shop.events("").await.unwrap());
        let untouched = seen().await;

        let validated = asked.send(&shop, true).await;
        let planned = validated.planned.iter();
        let planned = planned.map(|row| describe(&row.payment_id, row.kind(), row.amount.as_ref()));
        assert_eq!(joined(planned), expected, "{id}: what is planned");
        assert!(validated.refers_to_nothing(), "{id}: {validated:?}");
        let again = asked.send(&shop, true).await;
        assert_eq!(again.planned, validated.planned, "{id}: asked again");
        assert_eq!(seen().await, untouched, "{id}: something was written");
        assert_eq!(shop.operations(id).await.unwrap(), before, "{id}: something was started");
        assert_eq!(shop.provider.books().await, books, "{id}: the provider was asked");

        // Then it comes about as it was told.
        let accepted = asked.send(&shop, false).await;
        assert!(accepted.planned.is_empty(), "{id}: what is started is not planned any more");
        let after = shop.at_rest(id).await;
        let started = after.iter().filter(|row| row.cause == asked.cause());
        let started = started.map(|row| describe(&row.payment_id, row.kind(), row.amount.as_ref()));
        assert_eq!(joined(started), expected, "{id}: what was started");
        assert_eq!(accepted.without_what_was_written(), validated.without_what_was_written(), "{id}");

        // Validated once more it is the repeat of what was accepted, of which nothing is left to start.
        let untouched = seen().await;
        let repeated = asked.send(&shop, true).await;
        assert!(repeated.planned.is_empty() && repeated.refers_to_nothing(), "{id}: {repeated:?}");
        assert_eq!(seen().await, untouched, "{id}: something was written");
    }
}

fn describe(payment_id: &str, kind: operation::Kind, amount: Option<&Money>) -> String {
    let verb = match kind {
        operation::Kind::Settlement => "settle",
        operation::Kind::Refund => "refund",
        operation::Kind::Cancellation => "cancel",
        other => other.as_str_name(),
    };
    format!("{verb} {payment_id} {}", amount.unwrap().amount)
}

/// In the order of the words, as payments have no order between them.
fn joined(operations: impl Iterator<Item = String>) -> String {
    let mut operations: Vec<String> = operations.collect();
    operations.sort();
    operations.join(", ")
}
