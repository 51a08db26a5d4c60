//! `ReleaseRemainder`.

use tranche_sdk::v1::{Money, ReleaseRemainderRequest};
use tranche_tests::shop::{money, transaction_id};

use super::table::{Row, brl, invalid, row, too_long};

/// Releases an amount of an order's transaction, or all that can be spared.
pub(super) fn release_request(
    order_id: &str,
    request_id: &str,
    amount: Option<Money>,
) -> ReleaseRemainderRequest {
    ReleaseRemainderRequest {
        request_id: request_id.to_owned(),
        transaction_id: transaction_id(order_id),
        payment_id: String::new(),
        amount,
        actor: "an operator".to_owned(),
        reason: "nothing more is to come".to_owned(),
    }
}

fn release(expected: &str, order_id: &str, change: impl FnOnce(&mut ReleaseRemainderRequest)) -> Row {
    let mut request = release_request(order_id, "release-9", None);
    change(&mut request);
    row("/tranche.v1.OperatorService/ReleaseRemainder", &request, expected)
}

fn amount(expected: &str, order_id: &str, amount: Money) -> Row {
    release(expected, order_id, |it| it.amount = Some(amount))
}

fn unchanged(_: &mut ReleaseRemainderRequest) {}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = never_right();
    rows.extend(refused());
    rows
}

fn never_right() -> Vec<Row> {
    vec![
        release(&invalid("request_id transaction_id actor reason"), "changed", |it| {
            *it = ReleaseRemainderRequest::default();
        }),
        // All that is wrong at once.
        release(
            &invalid("request_id transaction_id payment_id amount.amount actor reason"),
            "changed",
            |it| {
                *it = ReleaseRemainderRequest {
                    request_id: " a".to_owned(),
                    transaction_id: too_long(),
                    payment_id: "a\u{a0}b".to_owned(),
                    amount: Some(brl("0.00")),
                    actor: " ".to_owned(),
                    reason: "a\0b".to_owned(),
                };
            },
        ),
        amount(&invalid("amount.currency_code amount.amount"), "changed", Money::default()),
        amount(&invalid("amount.amount"), "changed", brl("-1.00")),
        amount(&invalid("amount.currency_code"), "changed", money("1.00", "USD")),
        release(&invalid("actor"), "changed", |it| it.actor = "x".repeat(2_001)),
    ]
}

fn refused() -> Vec<Row> {
    vec![
        release("NotFound TRANSACTION_NOT_FOUND transactionId=order-9-payments", "order-9", unchanged),
        release(
            "FailedPrecondition TRANSACTION_NOT_OPEN transactionId=finished-payments state=FINISHED",
            "finished",
            unchanged,
        ),
        release(
            "FailedPrecondition TRANSACTION_NOT_OPEN transactionId=canceled-payments state=CANCELED",
            "canceled",
            unchanged,
        ),
        release("NotFound PAYMENT_NOT_FOUND orderId=changed paymentId=nobody", "changed", |it| {
            it.payment_id = "nobody".to_owned();
        }),
        // 40.00 remain to invoice, and the card has room for 80.00.
        amount(
            "FailedPrecondition RELEASE_ABOVE_FREE transactionId=changed-payments amount=40.01 free=40.00 \
             currencyCode=BRL transaction/changed-payments",
            "changed",
            brl("40.01"),
        ),
        release(
            "FailedPrecondition RELEASE_ABOVE_FREE transactionId=order-1-payments free=0.00 currencyCode=BRL amount=",
            "order-1",
            unchanged,
        ),
        amount(
            "FailedPrecondition PARTIAL_CANCELLATION_NOT_SUPPORTED connectorId=partial paymentId=card \
             connector/partial",
            "changed",
            brl("40.00"),
        ),
        release(
            "FailedPrecondition PARTIAL_CANCELLATION_NOT_SUPPORTED connectorId=partial paymentId=card",
            "changed",
            |it| it.payment_id = "card".to_owned(),
        ),
        release("AlreadyExists REQUEST_ID_REUSED requestId=release-1 fields=amount", "spare", |it| {
            it.request_id = "release-1".to_owned();
        }),
        // The same number of minor units of another currency is something else.
        release("AlreadyExists REQUEST_ID_REUSED requestId=release-1 fields=amount", "spare", |it| {
            (it.request_id, it.amount) = ("release-1".to_owned(), Some(money("5.00", "USD")));
        }),
        release(
            "AlreadyExists REQUEST_ID_REUSED requestId=release-1 fields=actor,payment_id",
            "spare",
            |it| {
                *it = release_request("spare", "release-1", Some(brl("5.00")));
                (it.actor, it.payment_id) = ("another".to_owned(), "card".to_owned());
            },
        ),
        // One id names one act of a transaction, of whatever kind.
        release("AlreadyExists REQUEST_ID_REUSED requestId=add-1", "spare", |it| {
            it.request_id = "add-1".to_owned();
        }),
    ]
}
