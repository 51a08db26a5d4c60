//! Batches of invoices: each item is decided on its own, in its order's order, and told what a call of its own would be.

use futures_util::future::join_all;
use rust_decimal::Decimal;
use tonic::Status;
use tranche_sdk::v1::{
    BatchNotifyInvoicesRequest, InvoiceLine, InvoiceReceipt, InvoiceResult, NotifyInvoiceRequest, Tracking,
    invoice_result::Outcome,
};
use tranche_tests::audit::{decimal, differences};
use tranche_tests::shop::{Shop, Terms, input, money, output};
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use crate::PROGRAM;
use crate::bad_input::told::Told;

on_both_databases! {
    each_item_is_answered_for_itself,
    an_item_with_too_much_wrong_is_told_how_much_more,
    items_of_an_order_are_decided_in_their_order,
    what_is_no_batch_is_refused_as_a_whole,
    a_batch_over_many_orders_settles_all_of_it,
}

/// Invoices of the largest batch.
const INVOICES_MAX: usize = 500;
/// Orders of the largest batch, each with as many invoices.
const ORDERS: usize = 50;

async fn batch(
    shop: &Shop,
    invoices: Vec<NotifyInvoiceRequest>,
) -> Result<Vec<Result<InvoiceReceipt, Box<Told>>>, Status> {
    let request = BatchNotifyInvoicesRequest { invoices };
    let results = shop.client.invoices().batch_notify_invoices(request).await?.into_inner().results;
    let outcome = |result: InvoiceResult| match result.outcome.unwrap() {
        Outcome::Receipt(receipt) => Ok(receipt),
        Outcome::Rejection(rejection) => Err(Box::new(Told::from(&rejection))),
    };
    Ok(results.into_iter().map(outcome).collect())
}

/// An order of 100.00, paid by `card`.
async fn paid(shop: &Shop, order_id: &str, terms: &str) {
    shop.order(order_id, "100.00", "BRL").await.unwrap();
    shop.pay(order_id, "BRL", &[("card", "100.00", Terms::parse(terms).unwrap())]).await.unwrap();
}

async fn shop_with_orders(world: &World, order_ids: &[&str]) -> Shop {
    let shop = world.shop();
    shop.connect(Terms::parse("PARTIAL").unwrap(), 20_000).await.unwrap();
    for order_id in order_ids {
        paid(&shop, order_id, "PARTIAL").await;
    }
    shop
}

fn sale(order_id: &str, number: &str, value: &str) -> NotifyInvoiceRequest {
    output(order_id, number, money(value, "BRL"))
}

fn give_back(order_id: &str, number: &str, value: &str) -> NotifyInvoiceRequest {
    input(order_id, number, money(value, "BRL"))
}

/// An item, and what is said of it: what remains to invoice after it, or a refusal.
type Item = (NotifyInvoiceRequest, &'static str);

/// Sends the items as one batch and compares each result with what is expected of it.
async fn check(shop: &Shop, items: &[Item]) -> Vec<Result<InvoiceReceipt, Box<Told>>> {
    let requests = items.iter().map(|(request, _)| request.clone()).collect();
    let results = batch(shop, requests).await.unwrap();
    assert_eq!(results.len(), items.len());
    for (index, (result, (request, expected))) in results.iter().zip(items).enumerate() {
        match result {
            Ok(receipt) => {
                let remaining = receipt.remaining_to_invoice.clone().unwrap_or_default().amount;
                assert_eq!(remaining, *expected, "item {index}: {receipt:?}");
                let named = (&receipt.order_id, &receipt.invoice_number, receipt.value.as_ref());
                assert_eq!(named, (&request.order_id, &request.invoice_number, request.value.as_ref()));
            }
            Err(told) => assert_eq!(told.compare(expected), Ok(()), "item {index}: {told:?}"),
        }
    }
    results
}

async fn each_item_is_answered_for_itself(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = shop_with_orders(&world, &["order-1", "order-2"]).await;
    shop.order("unpaid", "100.00", "BRL").await.unwrap();
    let line = InvoiceLine { line_id: "1".to_owned(), quantity: 2 };
    let tracking = Tracking { courier: "Post".to_owned(), ..Tracking::default() };
    let validated = sale("order-1", "V", "1.00");
    // What is refused leaves `order-2` as it is, so that each refusal is the same when it is asked for alone.
    let items: [Item; 12] = [
        (sale("order-1", "A", "10.00"), "90.00"),
        (
            NotifyInvoiceRequest::default(),
            "InvalidArgument INVALID_ARGUMENT order_id invoice_number type value",
        ),
        // The same number with the same content, tracking aside, is the same receipt.
        (NotifyInvoiceRequest { tracking: Some(tracking), ..sale("order-1", "A", "10.00") }, "90.00"),
        (
            sale("order-1", "A", "11.00"),
            "AlreadyExists INVOICE_ALREADY_EXISTS orderId=order-1 invoiceNumber=A fields=value",
        ),
        (sale("nobody", "A", "10.00"), "NotFound ORDER_NOT_FOUND orderId=nobody"),
        (
            sale("order-2", "A", "100.01"),
            "FailedPrecondition INVOICE_ABOVE_REMAINING orderId=order-2 value=100.00 invoiced=0.00 \
             remaining=100.00 currencyCode=BRL",
        ),
        (
            give_back("order-2", "R", "0.01"),
            "FailedPrecondition RETURN_ABOVE_INVOICED orderId=order-2 value=0.01 invoiced=0.00 returned=0.00",
        ),
        (
            NotifyInvoiceRequest { validate_only: true, ..validated.clone() },
            "InvalidArgument INVALID_ARGUMENT validate_only",
        ),
        (
            NotifyInvoiceRequest {
                lines: vec![line],
                invoice_url: "a\0b".to_owned(),
                ..output("order-2", "B", money("1.001", "BRL"))
            },
            "InvalidArgument INVALID_ARGUMENT value.amount invoice_url",
        ),
        (
            output("order-2", "B", money("10.00", "USD")),
            "InvalidArgument INVALID_ARGUMENT value.currency_code",
        ),
        (sale("unpaid", "A", "10.00"), "FailedPrecondition ORDER_WITHOUT_TRANSACTION orderId=unpaid"),
        (sale("order-1", "B", "20.00"), "70.00"),
    ];
    let results = check(&shop, &items).await;
    assert_eq!(results[0], results[2], "one receipt");
    for ((request, _), result) in items.iter().zip(&results) {
        let Err(told) = result else { continue };
        if !request.validate_only {
            let alone = shop.client.invoices().notify_invoice(request.clone()).await.unwrap_err();
            assert_eq!(**told, Told::from(&alone).without_subjects(), "{request:?}");
        }
    }
    // Nothing is left of the rest, and what was only refused for where it stood is taken alone.
    assert_eq!(shop.see_order("order-2").await.unwrap().invoiced, Some(money("0.00", "BRL")));
    assert!(shop.see_invoice("order-1", "V").await.is_err());
    shop.client.invoices().notify_invoice(validated).await.unwrap();
    shop.at_rest("order-1").await;
    let books = world.provider().payment("order-1-card").await;
    assert_eq!((books.settlements.len(), books.settled), (3, Decimal::from(31)));
}

/// A status lists some violations and counts the others; an item says the same.
async fn an_item_with_too_much_wrong_is_told_how_much_more(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = shop_with_orders(&world, &["order-1"]).await;
    let lines = vec![InvoiceLine::default(); 20];
    let request = NotifyInvoiceRequest { lines, ..sale("order-1", "A", "10.00") };
    let alone = shop.client.invoices().notify_invoice(request.clone()).await.unwrap_err();
    let told = batch(&shop, vec![request]).await.unwrap().remove(0).unwrap_err();
    assert_eq!(*told, Told::from(&alone).without_subjects());
}

async fn items_of_an_order_are_decided_in_their_order(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = shop_with_orders(&world, &["order-1", "order-2"]).await;
    let above = |order_id: &str, invoiced: &str, remaining: &str| -> &'static str {
        format!(
            "FailedPrecondition INVOICE_ABOVE_REMAINING orderId={order_id} value=100.00 invoiced={invoiced} \
             remaining={remaining}"
        )
        .leak()
    };
    let items: [Item; 10] = [
        // Nothing is sold yet.
        (give_back("order-1", "R", "10.00"), "FailedPrecondition RETURN_ABOVE_INVOICED invoiced=0.00"),
        (sale("order-1", "A", "60.00"), "40.00"),
        (sale("order-2", "A", "30.00"), "70.00"),
        (sale("order-1", "B", "50.00"), above("order-1", "60.00", "40.00")),
        // Now it is, and a number that was refused is free.
        (give_back("order-1", "R", "10.00"), "40.00"),
        (sale("order-2", "B", "70.01"), above("order-2", "30.00", "70.00")),
        (sale("order-1", "B", "40.00"), "0.00"),
        (sale("order-2", "B", "70.00"), "0.00"),
        (sale("order-1", "C", "0.01"), above("order-1", "100.00", "0.00")),
        (give_back("order-1", "S", "90.01"), "FailedPrecondition RETURN_ABOVE_INVOICED returned=10.00"),
    ];
    check(&shop, &items).await;
    for order_id in ["order-1", "order-2"] {
        shop.at_rest(order_id).await;
        assert_eq!(differences(&shop, order_id).await, Vec::<String>::new());
    }
}

async fn what_is_no_batch_is_refused_as_a_whole(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = shop_with_orders(&world, &["order-1"]).await;
    let events = shop.events("").await.unwrap();
    let good = |number: usize| sale("order-1", &format!("A-{number}"), "0.01");
    for count in [0, INVOICES_MAX + 1] {
        let refused = batch(&shop, (0..count).map(good).collect()).await.unwrap_err();
        let told = Told::from(&refused).compare("InvalidArgument INVALID_ARGUMENT invoices");
        assert_eq!(told, Ok(()), "{count} invoices");
    }
    assert_eq!(shop.events("").await.unwrap(), events, "nothing was written");
}

/// Every order has invoices and a return that come interleaved with those of the others, and all of them come twice at
/// once, on Postgres at two replicas.
async fn a_batch_over_many_orders_settles_all_of_it(database: DatabaseKind) {
    let world = World::with(WorldOptions { replicas: 2, ..WorldOptions::new(PROGRAM, database) }).await;
    let shop = world.shop();
    let terms = ["PARTIAL", "TOTAL", "HOLD"];
    for terms in terms {
        shop.connect(Terms::parse(terms).unwrap(), 20_000).await.unwrap();
    }
    let order_ids: Vec<String> = (0..ORDERS).map(|index| format!("order-{index}")).collect();
    let orders = order_ids.iter().zip(terms.into_iter().cycle());
    join_all(orders.map(|(order_id, terms)| paid(&shop, order_id, terms))).await;
    // Nine of 11.00 leave 1.00; the last one gives a unit back.
    let item = |index: usize| {
        let order_id = &order_ids[index % ORDERS];
        match index / ORDERS {
            9 => give_back(order_id, "R", "0.01"),
            number => sale(order_id, &format!("A-{number}"), "11.00"),
        }
    };
    let items: Vec<NotifyInvoiceRequest> = (0..INVOICES_MAX).map(item).collect();
    let second = world.shop_of(1);
    let (one, other) = tokio::join!(batch(&shop, items.clone()), batch(&second, items.clone()));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one, other, "both are told the same");
    for (index, result) in one.iter().enumerate() {
        let receipt = result.as_ref().unwrap();
        let number = u32::try_from(index / ORDERS).unwrap();
        let remaining = if number == 9 { 1 } else { 100 - 11 * (number + 1) };
        assert_eq!(decimal(receipt.remaining_to_invoice.as_ref()), Decimal::from(remaining), "{index}");
        assert_eq!((&receipt.order_id, receipt.r#type), (&items[index].order_id, items[index].r#type));
    }
    let again = batch(&shop, items).await.unwrap();
    assert_eq!(again, one, "and again when it is repeated");

    let rest: Vec<NotifyInvoiceRequest> =
        order_ids.iter().map(|order_id| sale(order_id, "Z", "1.00")).collect();
    assert!(batch(&shop, rest).await.unwrap().iter().all(Result::is_ok));
    for order_id in &order_ids {
        shop.at_rest(order_id).await;
        assert_eq!(differences(&shop, order_id).await, Vec::<String>::new(), "{order_id}");
    }
}
