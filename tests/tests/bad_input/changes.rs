//! `ChangeOrder`.

use tranche_sdk::v1::{ChangeOrderRequest, Money, OrderLine, RemovedLine};
use tranche_tests::shop::{change, money};

use super::table::{Row, brl, invalid, row, too_long};

/// The order that most rows are about.
const CHANGED: &str = "changed";
/// The largest amount.
const LARGEST: &str = "9999999999999.99";

fn alter(expected: &str, alter: impl FnOnce(&mut ChangeOrderRequest)) -> Row {
    let mut request = change(CHANGED, "change-9", &brl("-1.00"));
    alter(&mut request);
    row("/tranche.v1.OrderService/ChangeOrder", &request, expected)
}

/// A change by hand that has a reason of its own to be refused.
fn by(expected: &str, by: &str) -> Row {
    alter(expected, |it| *it = change(CHANGED, "change-9", &brl(by)))
}

fn added(line_id: &str, quantity: i64, unit_price: Option<Money>) -> OrderLine {
    OrderLine { line_id: line_id.to_owned(), quantity, unit_price, ..OrderLine::default() }
}

/// So many new lines of one minor unit each.
fn many(count: usize) -> Vec<OrderLine> {
    (0..count).map(|line| added(&format!("new-{line}"), 1, Some(brl("0.01")))).collect()
}

fn removed(line_id: &str, quantity: i64) -> RemovedLine {
    RemovedLine { line_id: line_id.to_owned(), quantity }
}

/// The rows; `etag` is the version of the order that most of them are about.
pub(super) fn rows(etag: &str) -> Vec<Row> {
    let mut rows = never_right();
    rows.extend(lines_that_cannot_be());
    rows.extend(beyond_what_the_order_is());
    rows.extend(reused());
    rows.extend(refused(etag));
    rows
}

fn never_right() -> Vec<Row> {
    vec![
        alter(&invalid("request_id order_id reason removed_lines"), |it| *it = ChangeOrderRequest::default()),
        alter(&invalid("reason"), |it| it.reason = " \n".to_owned()),
        alter(&invalid("reason"), |it| it.reason = "x".repeat(2_001)),
        // An amount of nothing is not the same as no amount.
        alter(&invalid("removed_lines"), |it| it.manual_discount = None),
        alter(&invalid("manual_discount.currency_code manual_discount.amount"), |it| {
            it.manual_discount = Some(Money::default());
        }),
        alter(&invalid("manual_discount.amount manual_increment.amount expected_value.amount"), |it| {
            it.manual_discount = Some(brl("0.00"));
            it.manual_increment = Some(brl("-1.00"));
            it.expected_value = Some(brl("1e2"));
        }),
        // All that is wrong at once.
        alter(
            &invalid(
                "request_id order_id reason added_lines[0].sku_id added_lines[0].description \
                 added_lines[0].quantity added_lines[0].unit_price.amount added_lines[1].line_id \
                 added_lines[1].unit_price.currency_code removed_lines[0].line_id removed_lines[0].quantity \
                 manual_discount.currency_code manual_increment.amount expected_value.amount etag",
            ),
            |it| {
                it.request_id = " a".to_owned();
                it.order_id = too_long();
                it.reason = "a\0b".to_owned();
                it.added_lines = vec![
                    OrderLine {
                        sku_id: "x".repeat(2_001),
                        description: "a\u{1b}b".to_owned(),
                        ..added("a", 0, Some(brl("1.001")))
                    },
                    added("a", 1, Some(money("1.00", "ABC"))),
                ];
                it.removed_lines = vec![removed("", -1)];
                it.manual_discount = Some(money("1.00", "brl"));
                it.manual_increment = Some(brl("1234567890123456789"));
                it.expected_value = Some(brl("0.00"));
                it.etag = "a\nb".to_owned();
            },
        ),
    ]
}

fn lines_that_cannot_be() -> Vec<Row> {
    vec![
        alter(&invalid("added_lines[0].line_id added_lines[0].quantity added_lines[0].unit_price"), |it| {
            it.added_lines = vec![OrderLine::default()];
        }),
        alter(&invalid("added_lines[0].unit_price.amount"), |it| {
            it.added_lines = vec![added("new", 1, Some(brl("-0.01")))];
        }),
        alter(&invalid("added_lines[0].returned_quantity"), |it| {
            it.added_lines = vec![OrderLine { returned_quantity: 1, ..added("new", 1, Some(brl("1.00"))) }];
        }),
        alter(&invalid("added_lines[1].line_id"), |it| {
            it.added_lines = vec![added("new", 1, Some(brl("1.00"))); 2];
        }),
        alter(&invalid("removed_lines[1].line_id"), |it| it.removed_lines = vec![removed("cups", 1); 2]),
        alter(&invalid("added_lines[0].quantity removed_lines[0].quantity"), |it| {
            it.added_lines = vec![added("new", i64::MAX, Some(brl("1.00")))];
            it.removed_lines = vec![removed("cups", i64::MIN)];
        }),
        alter(&invalid("added_lines removed_lines"), |it| {
            it.added_lines = many(501);
            it.removed_lines = vec![removed("cups", 1); 501];
        }),
    ]
}

/// What only the order itself can tell: its currency, its lines, the room for an amount.
fn beyond_what_the_order_is() -> Vec<Row> {
    vec![
        alter(
            &invalid(
                "added_lines[1].unit_price.currency_code manual_discount.currency_code \
                 manual_increment.currency_code expected_value.currency_code removed_lines[1].line_id",
            ),
            |it| {
                it.added_lines =
                    vec![added("a", 1, Some(brl("1.00"))), added("b", 1, Some(money("1.00", "USD")))];
                it.removed_lines = vec![removed("cups", 1), removed("forks", 1)];
                it.manual_discount = Some(money("1", "JPY"));
                it.manual_increment = Some(money("1.000", "KWD"));
                it.expected_value = Some(money("80.00", "USD"));
            },
        ),
        alter(&invalid("added_lines"), |it| {
            it.added_lines = vec![added("new", 1_000_000_000, Some(brl(LARGEST)))];
        }),
        alter(&invalid("added_lines"), |it| it.added_lines = vec![added("new", 1, Some(brl(LARGEST)))]),
        by(&invalid("manual_increment"), LARGEST),
        by(&invalid("manual_discount"), &format!("-{LARGEST}")),
    ]
}

fn reused() -> Vec<Row> {
    let reused = |request_id: &str, fields: &str| {
        format!("AlreadyExists REQUEST_ID_REUSED requestId={request_id} fields={fields}")
    };
    let first = || change(CHANGED, "change-1", &brl("-10.00"));
    vec![
        alter(&reused("change-1", "manual_discount"), |it| it.request_id = "change-1".to_owned()),
        alter(&reused("change-1", "reason"), |it| {
            *it = ChangeOrderRequest { reason: "another".to_owned(), ..first() };
        }),
        // As many minor units of another currency are something else.
        alter(&reused("change-1", "currency_code"), |it| {
            *it = ChangeOrderRequest { manual_discount: Some(money("10.00", "USD")), ..first() };
        }),
        alter(&reused("change-1", "added_lines,currency_code"), |it| {
            *it = ChangeOrderRequest { added_lines: many(1), ..first() };
        }),
        alter(&reused("change-1", "currency_code,expected_value"), |it| {
            *it = ChangeOrderRequest { expected_value: Some(brl("90.00")), ..first() };
        }),
        alter(&reused("change-2", "removed_lines"), |it| {
            it.request_id = "change-2".to_owned();
            (it.manual_discount, it.removed_lines) = (None, vec![removed("cups", 2)]);
        }),
        // One id names one act of an order, of whatever kind.
        alter("AlreadyExists REQUEST_ID_REUSED requestId=cancel", |it| {
            (it.request_id, it.order_id) = ("cancel".to_owned(), "canceled".to_owned());
        }),
        alter("AlreadyExists REQUEST_ID_REUSED requestId=void-1", |it| {
            (it.request_id, it.order_id) = ("void-1".to_owned(), "voided".to_owned());
        }),
    ]
}

fn refused(etag: &str) -> Vec<Row> {
    vec![
        alter("NotFound ORDER_NOT_FOUND orderId=order-9", |it| it.order_id = "order-9".to_owned()),
        alter("AlreadyExists LINE_ALREADY_EXISTS orderId=changed lineId=cups", |it| {
            it.added_lines =
                ["cups", "new", "plates"].map(|line_id| added(line_id, 1, Some(brl("1.00")))).to_vec();
        }),
        alter(&format!("Aborted ETAG_MISMATCH etag=old currentEtag={etag}"), |it| it.etag = "old".to_owned()),
        alter("FailedPrecondition ORDER_NOT_OPEN orderId=canceled state=CANCELED order/canceled", |it| {
            it.order_id = "canceled".to_owned();
        }),
        alter("FailedPrecondition ORDER_NOT_OPEN orderId=finished state=INVOICED order/finished", |it| {
            it.order_id = "finished".to_owned();
        }),
        alter("FailedPrecondition TOO_MANY_LINES orderId=changed maximum=500", |it| {
            it.added_lines = many(499);
        }),
        // Of four cups one is removed and two are invoiced.
        alter(
            "FailedPrecondition LINE_QUANTITY_EXCEEDED orderId=changed lineId=cups quantity=2 remaining=1 \
             line/cups line/plates",
            |it| it.removed_lines = vec![removed("cups", 2), removed("plates", 3)],
        ),
        by("FailedPrecondition VALUE_BELOW_MINIMUM orderId=changed value=0.00 currencyCode=BRL", "-80.00"),
        by("FailedPrecondition VALUE_BELOW_MINIMUM orderId=changed value=-20.00 currencyCode=BRL", "-100.00"),
        by(
            "FailedPrecondition VALUE_BELOW_INVOICED orderId=changed value=39.99 invoiced=40.00 currencyCode=BRL",
            "-40.01",
        ),
        alter(
            "FailedPrecondition VALUE_UNEXPECTED orderId=changed value=79.00 expectedValue=78.00 \
             currencyCode=BRL",
            |it| it.expected_value = Some(brl("78.00")),
        ),
        by(
            "FailedPrecondition VALUE_ABOVE_ROOM orderId=changed value=120.01 room=80.00 missing=0.01 \
             currencyCode=BRL",
            "40.01",
        ),
        // To only validate is refused for the same reasons.
        alter("FailedPrecondition VALUE_ABOVE_ROOM orderId=changed missing=0.01", |it| {
            *it = ChangeOrderRequest { validate_only: true, ..change(CHANGED, "change-9", &brl("40.01")) };
        }),
    ]
}
