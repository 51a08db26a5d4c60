//! `AddPayment`, and what an account forbids.

use tranche_sdk::v1::{
    AddPaymentRequest, AdoptedAuthorization, NewPayment, RequestedAuthorization, new_payment::Authorization,
    payment::Mode,
};
use tranche_tests::shop::{adopt, money, transaction_id};

use super::table::{Row, brl, invalid, row, too_long};

/// Adds `more` of 10.00 to an order's transaction.
pub(super) fn add_request(order_id: &str, request_id: &str) -> AddPaymentRequest {
    let adopted = AdoptedAuthorization { provider_payment_id: "elsewhere".to_owned(), ..Default::default() };
    AddPaymentRequest {
        request_id: request_id.to_owned(),
        transaction_id: transaction_id(order_id),
        payment: Some(adopt("more", "partial", brl("10.00"), adopted)),
    }
}

fn add(expected: &str, order_id: &str, change: impl FnOnce(&mut AddPaymentRequest)) -> Row {
    let mut request = add_request(order_id, "add-9");
    change(&mut request);
    row("/tranche.v1.TransactionService/AddPayment", &request, expected)
}

/// A row that is about the payment alone.
fn payment(expected: &str, change: impl FnOnce(&mut NewPayment)) -> Row {
    add(expected, "changed", |it| change(it.payment.as_mut().unwrap()))
}

fn unchanged(_: &mut AddPaymentRequest) {}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = never_right();
    rows.extend(refused());
    rows
}

fn never_right() -> Vec<Row> {
    vec![
        add(&invalid("request_id transaction_id payment"), "changed", |it| {
            *it = AddPaymentRequest::default();
        }),
        payment(&invalid("payment.payment_id payment.connector_id payment.amount payment.adopted"), |it| {
            *it = NewPayment::default();
        }),
        // All that is wrong at once.
        add(
            &invalid(
                "request_id transaction_id payment.payment_id payment.connector_id payment.amount.amount \
                 payment.mode payment.adopted.provider_payment_id payment.adopted.provider_transaction_id \
                 payment.adopted.authorization_id payment.adopted.tid payment.adopted.nsu \
                 payment.adopted.expire_time",
            ),
            "changed",
            |it| {
                let wrong = || " a".to_owned();
                let mut adopted = AdoptedAuthorization {
                    provider_payment_id: String::new(),
                    provider_transaction_id: wrong(),
                    authorization_id: wrong(),
                    tid: wrong(),
                    nsu: too_long(),
                    expire_time: None,
                };
                adopted.expire_time.get_or_insert_default().nanos = -1;
                let new = adopt("a\nb", &too_long(), brl("0.00"), adopted);
                *it = AddPaymentRequest {
                    request_id: wrong(),
                    transaction_id: wrong(),
                    payment: Some(NewPayment { mode: 99, ..new }),
                };
            },
        ),
        payment(&invalid("payment.amount.currency_code payment.amount.amount"), |it| {
            it.amount = Some(money("", "ABC"));
        }),
        payment(&invalid("payment.amount.currency_code"), |it| it.amount = Some(money("10.00", "USD"))),
        // With 120.00 that are authorized it would be more than the largest amount.
        payment(&invalid("payment.amount.amount"), |it| it.amount = Some(brl("9999999999999.99"))),
        // Nothing can be settled of an authorization that has ended.
        payment(&invalid("payment.adopted.expire_time"), |it| {
            let Some(Authorization::Adopted(adopted)) = &mut it.authorization else { unreachable!() };
            adopted.expire_time.get_or_insert_default().seconds = 1_000_000_000;
        }),
        payment(&invalid("payment.requested.return_url payment.requested.installments"), |it| {
            let requested = RequestedAuthorization {
                payment_method: "Visa".to_owned(),
                return_url: "ftp://shop.example".to_owned(),
                installments: 100,
                ..Default::default()
            };
            it.authorization = Some(Authorization::Requested(requested));
        }),
    ]
}

fn refused() -> Vec<Row> {
    vec![
        add("NotFound TRANSACTION_NOT_FOUND transactionId=order-9-payments", "order-9", unchanged),
        add("NotFound TRANSACTION_NOT_FOUND transactionId=order-2-payments", "order-2", unchanged),
        payment("NotFound CONNECTOR_NOT_FOUND connectorId=nobody", |it| {
            it.connector_id = "nobody".to_owned();
        }),
        add(
            "FailedPrecondition TRANSACTION_NOT_OPEN transactionId=finished-payments state=FINISHED \
             transaction/finished-payments",
            "finished",
            unchanged,
        ),
        add(
            "FailedPrecondition TRANSACTION_NOT_OPEN transactionId=canceled-payments state=CANCELED",
            "canceled",
            unchanged,
        ),
        // The order is canceled, and its transaction waits for the provider.
        add("FailedPrecondition ORDER_NOT_OPEN orderId=unreleased state=CANCELED", "unreleased", unchanged),
        payment("AlreadyExists PAYMENT_ALREADY_EXISTS orderId=changed paymentId=card", |it| {
            it.payment_id = "card".to_owned();
        }),
        add(
            "FailedPrecondition TOO_MANY_PAYMENTS transactionId=full-payments maximum=20 \
             transaction/full-payments",
            "full",
            unchanged,
        ),
        payment(
            "FailedPrecondition MODE_NOT_SUPPORTED connectorId=total mode=PARTIAL partialSettlement=ONCE",
            |it| (it.connector_id, it.mode) = ("total".to_owned(), Mode::Partial.into()),
        ),
        payment(
            "AlreadyExists PAYMENT_ALREADY_ADOPTED connectorId=partial providerPaymentId=order-1-card",
            |it| {
                let provider_payment_id = "order-1-card".to_owned();
                let adopted = AdoptedAuthorization { provider_payment_id, ..Default::default() };
                it.authorization = Some(Authorization::Adopted(adopted));
            },
        ),
        add("AlreadyExists REQUEST_ID_REUSED requestId=add-1 fields=payment", "spare", |it| {
            it.request_id = "add-1".to_owned();
        }),
        // One id names one act of a transaction, of whatever kind.
        add("AlreadyExists REQUEST_ID_REUSED requestId=release-1", "spare", |it| {
            it.request_id = "release-1".to_owned();
        }),
    ]
}
