//! `CreateOrder`.

use tranche_sdk::v1::{CreateOrderRequest, Money, OrderLine};
use tranche_tests::shop::{money, order};

use super::table::{Row, brl, invalid, row, too_long};

fn create(expected: &str, change: impl FnOnce(&mut CreateOrderRequest)) -> Row {
    let mut request = order("order-3", "10.00", "BRL");
    change(&mut request);
    row("/tranche.v1.OrderService/CreateOrder", &request, expected)
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        create(&invalid("order_id currency_code lines"), |order| *order = CreateOrderRequest::default()),
        create(&invalid("lines[0].line_id lines[0].quantity lines[0].unit_price"), |order| {
            order.lines[0] = OrderLine::default();
        }),
        create(&invalid("lines[0].unit_price.currency_code lines[0].unit_price.amount"), |order| {
            order.lines[0].unit_price = Some(Money::default());
        }),
        // All that is wrong at once.
        create(
            &invalid(
                "order_id lines[0].quantity lines[1].line_id lines[1].unit_price.amount shipping.amount \
                 tax.currency_code discounts.amount fees.amount allocation refund_order release_policy",
            ),
            |order| {
                order.order_id = "a\u{200b}b".to_owned();
                let mut line = order.lines[0].clone();
                line.unit_price = Some(brl("1.001"));
                order.lines[0].quantity = -1;
                order.lines.push(line);
                order.shipping = Some(brl("-0.01"));
                order.tax = Some(money("1.00", "USD"));
                order.discounts = Some(brl("1e2"));
                order.fees = Some(brl("1234567890123456789"));
                (order.allocation, order.refund_order, order.release_policy) = (99, 99, 99);
            },
        ),
        create(&invalid("lines[1].line_id"), |order| order.lines.push(order.lines[0].clone())),
        create(&invalid("lines"), |order| order.lines = vec![order.lines[0].clone(); 501]),
        create(&invalid("lines[0].description"), |order| order.lines[0].description = "x".repeat(2_001)),
        create(&invalid("lines[0].quantity"), |order| order.lines[0].quantity = i64::MAX),
        create(&invalid("lines"), |order| {
            order.lines[0].quantity = 1_000_000_000;
            order.lines[0].unit_price = Some(brl("9999999999999.99"));
        }),
        create(&invalid("lines[0].unit_price.currency_code"), |order| {
            order.lines[0].unit_price = Some(money("10.00", "USD"));
        }),
        create(&invalid("currency_code"), |order| order.currency_code = "brl".to_owned()),
        create(&invalid("discounts"), |order| order.discounts = Some(brl("10.00"))),
        // What the server counts is not taken from callers.
        create(
            &invalid("lines[0].removed_quantity lines[0].invoiced_quantity lines[0].returned_quantity"),
            |order| {
                let line = &mut order.lines[0];
                (line.removed_quantity, line.invoiced_quantity, line.returned_quantity) = (1, 1, 1);
            },
        ),
        create(&invalid("lines"), |order| order.lines[0].unit_price = Some(brl("0.00"))),
        create("AlreadyExists ORDER_ALREADY_EXISTS orderId=order-2 fields=lines", |order| {
            order.order_id = "order-2".to_owned();
        }),
        create("AlreadyExists ORDER_ALREADY_EXISTS orderId=order-2 fields=shipping", |order| {
            order.order_id = "order-2".to_owned();
            order.lines[0].unit_price = Some(brl("50.00"));
            order.shipping = Some(brl("1.00"));
        }),
    ];
    let ids = [
        too_long(),
        " a".to_owned(),
        "a ".to_owned(),
        "a\nb".to_owned(),
        "a\0b".to_owned(),
        "a\u{a0}b".to_owned(),
    ];
    rows.extend(ids.into_iter().map(|id| create(&invalid("order_id"), |order| order.order_id = id)));
    let amounts = [
        "-1.00",
        "0.001",
        "1.999",
        "1234567890123456789",
        "9999999999999999.99",
        "+1",
        "1,00",
        "01",
        ".5",
        "5.",
        "1e2",
        "NaN",
        "0x10",
        "١",
        " 1",
        "1 ",
        "--1",
        "",
    ];
    let of_amount = |amount: &&str| {
        create(&invalid("lines[0].unit_price.amount"), |order| order.lines[0].unit_price = Some(brl(amount)))
    };
    rows.extend(amounts.iter().map(of_amount));
    rows
}
