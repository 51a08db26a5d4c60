//! `CancelOrder`.

use tranche_sdk::v1::CancelOrderRequest;

use super::table::{Row, invalid, row, too_long};

fn cancel(expected: &str, change: impl FnOnce(&mut CancelOrderRequest)) -> Row {
    let mut request = CancelOrderRequest {
        request_id: "cancel-9".to_owned(),
        order_id: "order-2".to_owned(),
        reason: "the customer changed their mind".to_owned(),
        etag: String::new(),
    };
    change(&mut request);
    row("/tranche.v1.OrderService/CancelOrder", &request, expected)
}

/// The rows; `etag` is the version of `order-2`.
pub(super) fn rows(etag: &str) -> Vec<Row> {
    let of = |order_id: &'static str| move |it: &mut CancelOrderRequest| it.order_id = order_id.to_owned();
    vec![
        cancel(&invalid("request_id order_id reason"), |it| *it = CancelOrderRequest::default()),
        cancel(&invalid("request_id order_id reason etag"), |it| {
            *it = CancelOrderRequest {
                request_id: too_long(),
                order_id: "a\tb".to_owned(),
                reason: "a\0b".to_owned(),
                etag: " 1".to_owned(),
            };
        }),
        cancel("NotFound ORDER_NOT_FOUND orderId=order-9", of("order-9")),
        cancel(&format!("Aborted ETAG_MISMATCH etag=0 currentEtag={etag}"), |it| it.etag = "0".to_owned()),
        // Whoever has read another version is told so first: what is in the way then may be something else now.
        cancel("Aborted ETAG_MISMATCH etag=old", |it| {
            (it.order_id, it.etag) = ("canceled".to_owned(), "old".to_owned());
        }),
        cancel("FailedPrecondition ORDER_NOT_OPEN orderId=canceled state=CANCELED", of("canceled")),
        cancel("FailedPrecondition ORDER_NOT_OPEN orderId=finished state=INVOICED", of("finished")),
        cancel(
            "FailedPrecondition ORDER_HAS_INVOICES orderId=order-1 invoiced=20.00 currencyCode=BRL order/order-1",
            of("order-1"),
        ),
        // What was voided is not invoiced; what stands is.
        cancel("FailedPrecondition ORDER_HAS_INVOICES orderId=voided invoiced=30.00", of("voided")),
        cancel("AlreadyExists REQUEST_ID_REUSED requestId=cancel fields=reason", |it| {
            *it = CancelOrderRequest {
                request_id: "cancel".to_owned(),
                order_id: "canceled".to_owned(),
                reason: "another".to_owned(),
                etag: String::new(),
            };
        }),
        // One id names one act of an order, of whatever kind.
        cancel("AlreadyExists REQUEST_ID_REUSED requestId=change-1", |it| {
            (it.request_id, it.order_id) = ("change-1".to_owned(), "changed".to_owned());
        }),
    ]
}
