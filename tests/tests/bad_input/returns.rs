//! `NotifyInvoice` of what comes back, and `VoidInvoice`.

use tranche_sdk::v1::{InvoiceLine, NotifyInvoiceRequest, PaymentAmount, VoidInvoiceRequest, invoice::Type};
use tranche_tests::shop::{input, money};

use super::table::{Row, brl, invalid, row, too_long};

fn give_back(expected: &str, change: impl FnOnce(&mut NotifyInvoiceRequest)) -> Row {
    let mut request = input("changed", "S", brl("5.00"));
    change(&mut request);
    row("/tranche.v1.InvoiceService/NotifyInvoice", &request, expected)
}

/// Takes back the invoice `A` of `voided`.
pub(super) fn void_request(request_id: &str) -> VoidInvoiceRequest {
    VoidInvoiceRequest {
        request_id: request_id.to_owned(),
        order_id: "voided".to_owned(),
        invoice_number: "A".to_owned(),
        reason: "issued by mistake".to_owned(),
    }
}

fn void(expected: &str, change: impl FnOnce(&mut VoidInvoiceRequest)) -> Row {
    let mut request = void_request("void-9");
    change(&mut request);
    row("/tranche.v1.InvoiceService/VoidInvoice", &request, expected)
}

/// A void of another invoice.
fn void_of(expected: &str, order_id: &str, number: &str) -> Row {
    void(expected, |it| (it.order_id, it.invoice_number) = (order_id.to_owned(), number.to_owned()))
}

pub(super) fn line(line_id: &str, quantity: i64) -> InvoiceLine {
    InvoiceLine { line_id: line_id.to_owned(), quantity }
}

pub(super) fn part(payment_id: &str, amount: &str) -> PaymentAmount {
    PaymentAmount { payment_id: payment_id.to_owned(), amount: Some(brl(amount)) }
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = returns_that_cannot_be();
    rows.extend(returns_beyond_what_was_sold());
    rows.extend(voids());
    rows
}

fn returns_that_cannot_be() -> Vec<Row> {
    vec![
        give_back(&invalid("order_id invoice_number value"), |it| {
            *it = NotifyInvoiceRequest { r#type: Type::Input.into(), ..NotifyInvoiceRequest::default() };
        }),
        // All that is wrong at once.
        give_back(
            &invalid(
                "order_id invoice_number value.amount lines[0].line_id lines[0].quantity lines[2].line_id \
                 payments[0].payment_id payments[0].amount payments[1].amount.amount \
                 payments[1].amount.currency_code invoice_url",
            ),
            |it| {
                it.order_id = too_long();
                it.invoice_number = " R".to_owned();
                it.value = Some(brl("-5.00"));
                it.lines = vec![line("", 0), line("cups", 1), line("cups", 1)];
                it.payments = vec![PaymentAmount::default(), part("card", "")];
                it.payments[1].amount = Some(money("", "ABC"));
                it.invoice_url = "a\0b".to_owned();
            },
        ),
        give_back(&invalid("value.currency_code"), |it| it.value = Some(money("5.00", "USD"))),
        give_back(&invalid("payments[0].amount.currency_code"), |it| {
            it.payments = vec![part("card", "5.00")];
            it.payments[0].amount = Some(money("5.00", "USD"));
        }),
        give_back(&invalid("lines[0].line_id payments[0].payment_id"), |it| {
            it.lines = vec![line("forks", 1)];
            it.payments = vec![part("nobody", "5.00")];
        }),
        give_back(&invalid("payments"), |it| it.payments = vec![part("card", "5.01")]),
        give_back(&invalid("payments[1].payment_id"), |it| {
            it.payments = vec![part("card", "2.50"), part("card", "2.50")];
        }),
    ]
}

fn returns_beyond_what_was_sold() -> Vec<Row> {
    vec![
        give_back("NotFound ORDER_NOT_FOUND orderId=order-9", |it| it.order_id = "order-9".to_owned()),
        // The same number is the same invoice, whichever way the goods went.
        give_back("AlreadyExists INVOICE_ALREADY_EXISTS orderId=order-1 invoiceNumber=A fields=type", |it| {
            *it = input("order-1", "A", brl("20.00"));
        }),
        give_back(
            "AlreadyExists INVOICE_ALREADY_EXISTS orderId=changed invoiceNumber=R fields=lines,value",
            |it| *it = input("changed", "R", brl("6.00")),
        ),
        // A voided number stays used.
        give_back(
            "AlreadyExists INVOICE_ALREADY_EXISTS orderId=voided invoiceNumber=A fields=type,value",
            |it| *it = input("voided", "A", brl("5.00")),
        ),
        give_back(
            "FailedPrecondition RETURN_ABOVE_INVOICED orderId=changed value=35.01 invoiced=40.00 \
             returned=5.00 currencyCode=BRL order/changed",
            |it| it.value = Some(brl("35.01")),
        ),
        give_back("FailedPrecondition RETURN_ABOVE_INVOICED value=35.01", |it| {
            (it.value, it.validate_only) = (Some(brl("35.01")), true);
        }),
        give_back(
            "FailedPrecondition RETURN_ABOVE_INVOICED orderId=voided value=30.01 invoiced=30.00",
            |it| {
                *it = input("voided", "R", brl("30.01"));
            },
        ),
        // Nothing was ever sold of these; that the one is canceled and the other not paid does not matter.
        give_back(
            "FailedPrecondition RETURN_ABOVE_INVOICED orderId=canceled invoiced=0.00 returned=0.00",
            |it| {
                it.order_id = "canceled".to_owned();
            },
        ),
        give_back(
            "FailedPrecondition RETURN_ABOVE_INVOICED orderId=order-2 invoiced=0.00 returned=0.00",
            |it| {
                it.order_id = "order-2".to_owned();
            },
        ),
        // All of the invoice was asked of the gift card.
        give_back(
            "FailedPrecondition RETURN_ABOVE_PAYMENT orderId=order-1 paymentId=card amount=5.00 \
             returnable=0.00 currencyCode=BRL payment/card",
            |it| {
                it.order_id = "order-1".to_owned();
                it.payments = vec![part("card", "5.00")];
            },
        ),
        // Two cups were sold, and one of them came back.
        give_back(
            "FailedPrecondition LINE_QUANTITY_EXCEEDED orderId=changed lineId=cups quantity=2 remaining=1 \
             line/cups line/plates",
            |it| it.lines = vec![line("cups", 2), line("plates", 1)],
        ),
    ]
}

fn voids() -> Vec<Row> {
    let not_voidable = |order_id: &str, number: &str, told: &str| {
        let expected = format!(
            "FailedPrecondition INVOICE_NOT_VOIDABLE orderId={order_id} invoiceNumber={number} {told} \
             order/{order_id}"
        );
        void_of(&expected, order_id, number)
    };
    vec![
        void(&invalid("request_id order_id invoice_number reason"), |it| {
            *it = VoidInvoiceRequest::default();
        }),
        void(&invalid("request_id order_id invoice_number reason"), |it| {
            *it = VoidInvoiceRequest {
                request_id: "a\u{200b}b".to_owned(),
                order_id: " a".to_owned(),
                invoice_number: too_long(),
                reason: "x".repeat(2_001),
            };
        }),
        void_of("NotFound ORDER_NOT_FOUND orderId=order-9", "order-9", "A"),
        void_of("NotFound INVOICE_NOT_FOUND orderId=voided invoiceNumber=C", "voided", "C"),
        not_voidable("voided", "A", "type=OUTPUT state=VOIDED"),
        not_voidable("changed", "R", "type=INPUT state=ACCEPTED"),
        // Something of it was returned: in sum, of the payment and of a line.
        void_of(
            "FailedPrecondition INVOICE_NOT_VOIDABLE orderId=changed invoiceNumber=A type=OUTPUT state=ACCEPTED \
             order/changed payment/card line/cups",
            "changed",
            "A",
        ),
        // Of an order that has ended too: it could not be voided at any time.
        not_voidable("finished", "R", "type=INPUT state=ACCEPTED"),
        void_of("FailedPrecondition ORDER_NOT_OPEN orderId=finished state=INVOICED", "finished", "A"),
        void("AlreadyExists REQUEST_ID_REUSED requestId=void-1 fields=invoice_number,reason", |it| {
            *it = VoidInvoiceRequest {
                invoice_number: "B".to_owned(),
                reason: "another".to_owned(),
                ..void_request("void-1")
            };
        }),
        // One id names one act of an order, of whatever kind.
        void("AlreadyExists REQUEST_ID_REUSED requestId=change-1", |it| {
            (it.request_id, it.order_id) = ("change-1".to_owned(), "changed".to_owned());
        }),
    ]
}
