//! `NotifyInvoice` of what is sold, and `UpdateInvoiceTracking`.

use tranche_sdk::v1::{Money, NotifyInvoiceRequest, Tracking, UpdateInvoiceTrackingRequest};
use tranche_tests::shop::{money, output};

use super::returns::{line, part};
use super::table::{Row, brl, invalid, row, too_long};

fn notify(expected: &str, change: impl FnOnce(&mut NotifyInvoiceRequest)) -> Row {
    let mut request = output("order-1", "B", money("40.00", "BRL"));
    change(&mut request);
    row("/tranche.v1.InvoiceService/NotifyInvoice", &request, expected)
}

fn track(expected: &str, change: impl FnOnce(&mut UpdateInvoiceTrackingRequest)) -> Row {
    let mut request = UpdateInvoiceTrackingRequest {
        request_id: "tracking-1".to_owned(),
        order_id: "order-1".to_owned(),
        invoice_number: "A".to_owned(),
        tracking: Some(Tracking::default()),
    };
    change(&mut request);
    row("/tranche.v1.InvoiceService/UpdateInvoiceTracking", &request, expected)
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        notify(&invalid("order_id invoice_number type value"), |it| *it = NotifyInvoiceRequest::default()),
        notify(&invalid("value.currency_code value.amount"), |it| it.value = Some(Money::default())),
        notify(&invalid("type"), |it| it.r#type = 99),
        notify(&invalid("value.currency_code"), |it| it.value = Some(money("40.00", "USD"))),
        notify(&invalid("lines[0].line_id lines[0].quantity"), |it| it.lines = vec![line("", 0)]),
        notify(&invalid("lines[1].line_id"), |it| it.lines = vec![line("1", 1), line("1", 1)]),
        notify(&invalid("lines[0].line_id"), |it| it.lines = vec![line("9", 1)]),
        notify(&invalid("payments"), |it| it.payments = vec![part("card", "39.99")]),
        notify(&invalid("payments[1].payment_id"), |it| {
            it.payments = vec![part("card", "20.00"), part("card", "20.00")];
        }),
        notify(&invalid("payments[0].payment_id"), |it| it.payments = vec![part("nobody", "40.00")]),
        notify(&invalid("tracking.courier invoice_key"), |it| {
            it.tracking = Some(Tracking { courier: "x".repeat(2_001), ..Tracking::default() });
            it.invoice_key = "a\0b".to_owned();
        }),
        notify("NotFound ORDER_NOT_FOUND orderId=order-9", |it| it.order_id = "order-9".to_owned()),
        notify("FailedPrecondition ORDER_WITHOUT_TRANSACTION orderId=order-2", |it| {
            it.order_id = "order-2".to_owned();
        }),
        notify(
            "FailedPrecondition INVOICE_ABOVE_REMAINING orderId=order-1 value=100.00 invoiced=20.00 remaining=80.00",
            |it| it.value = Some(brl("80.01")),
        ),
        notify(
            "FailedPrecondition PAYMENT_ABOVE_ROOM orderId=order-1 paymentId=gift amount=40.00 room=10.00 payment/gift",
            |it| {
                it.payments = vec![part("gift", "40.00")];
            },
        ),
        notify(
            "FailedPrecondition LINE_QUANTITY_EXCEEDED orderId=order-1 lineId=1 quantity=2 remaining=1",
            |it| {
                it.lines = vec![line("1", 2)];
            },
        ),
        notify("AlreadyExists INVOICE_ALREADY_EXISTS orderId=order-1 invoiceNumber=A fields=value", |it| {
            it.invoice_number = "A".to_owned();
        }),
        notify(
            "AlreadyExists INVOICE_ALREADY_EXISTS orderId=order-1 invoiceNumber=A fields=invoice_key",
            |it| {
                it.invoice_number = "A".to_owned();
                it.value = Some(brl("20.00"));
                it.invoice_key = "other".to_owned();
            },
        ),
        // The provider settled a unit less than all, and it settles once.
        notify(
            "FailedPrecondition INVOICE_ABOVE_ROOM orderId=short value=80.00 room=79.99 missing=0.01 \
             currencyCode=BRL order/short",
            |it| (it.order_id, it.value) = ("short".to_owned(), Some(brl("80.00"))),
        ),
        // An order that has ended takes nothing more, whether it was ever paid or not.
        notify("FailedPrecondition ORDER_NOT_OPEN orderId=canceled state=CANCELED", |it| {
            it.order_id = "canceled".to_owned();
        }),
        notify("FailedPrecondition ORDER_NOT_OPEN orderId=unpaid state=CANCELED", |it| {
            it.order_id = "unpaid".to_owned();
        }),
        notify("FailedPrecondition INVOICE_ABOVE_REMAINING orderId=finished remaining=0.00", |it| {
            it.order_id = "finished".to_owned();
        }),
        // Of four cups one is removed and two are invoiced.
        notify(
            "FailedPrecondition LINE_QUANTITY_EXCEEDED orderId=changed lineId=cups quantity=2 remaining=1 \
             line/cups line/plates",
            |it| {
                it.order_id = "changed".to_owned();
                it.lines = vec![line("cups", 2), line("plates", 3)];
            },
        ),
        // A voided number stays used.
        notify("AlreadyExists INVOICE_ALREADY_EXISTS orderId=voided invoiceNumber=A fields=value", |it| {
            *it = output("voided", "A", brl("20.01"));
        }),
        track(&invalid("request_id order_id invoice_number tracking"), |it| {
            *it = UpdateInvoiceTrackingRequest::default();
        }),
        track("NotFound ORDER_NOT_FOUND orderId=order-9", |it| it.order_id = "order-9".to_owned()),
        track("NotFound INVOICE_NOT_FOUND orderId=order-1 invoiceNumber=Z", |it| {
            it.invoice_number = "Z".to_owned();
        }),
    ];
    let amounts =
        ["0.00", "-1.00", "0.001", "1234567890123456789", "9999999999999999.99", "1e1", "40,00", ""];
    rows.extend(
        amounts.iter().map(|amount| notify(&invalid("value.amount"), |it| it.value = Some(brl(amount)))),
    );
    let numbers = [too_long(), "é".repeat(51), "a\tb".to_owned(), " a".to_owned()];
    rows.extend(
        numbers.into_iter().map(|number| notify(&invalid("invoice_number"), |it| it.invoice_number = number)),
    );
    rows
}
