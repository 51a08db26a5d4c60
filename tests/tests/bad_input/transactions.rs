//! `CreateTransaction` and `UpdateAccount`.

use tranche_sdk::v1::{
    AdoptedAuthorization, CreateTransactionRequest, NewPayment, RequestedAuthorization, UpdateAccountRequest,
    new_payment::Authorization, payment,
};
use tranche_tests::shop::{adopt, money};

use super::table::{Row, invalid, row};

fn create(expected: &str, change: impl FnOnce(&mut CreateTransactionRequest)) -> Row {
    let authorization =
        AdoptedAuthorization { provider_payment_id: "elsewhere".to_owned(), ..Default::default() };
    let mut request = CreateTransactionRequest {
        transaction_id: "order-2-payments".to_owned(),
        order_id: "order-2".to_owned(),
        payments: vec![adopt("card", "partial", money("50.00", "BRL"), authorization)],
    };
    change(&mut request);
    row("/tranche.v1.TransactionService/CreateTransaction", &request, expected)
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = several();
    rows.extend(alone());
    rows
}

/// Of what is wrong with several payments all is told.
fn several() -> Vec<Row> {
    vec![
        create("NotFound CONNECTOR_NOT_FOUND connectorId=nobody", |it| {
            let mut other = it.payments[0].clone();
            (other.payment_id, other.connector_id) = ("other".to_owned(), "unheard of".to_owned());
            it.payments[0].connector_id = "nobody".to_owned();
            it.payments.push(other);
        }),
        create(
            "FailedPrecondition MODE_NOT_SUPPORTED connectorId=total connector/total connector/total",
            |it| {
                it.payments[0].connector_id = "total".to_owned();
                it.payments[0].mode = payment::Mode::Partial.into();
                let mut other = it.payments[0].clone();
                let adopted =
                    AdoptedAuthorization { provider_payment_id: "other".to_owned(), ..Default::default() };
                other.payment_id = "other".to_owned();
                other.authorization = Some(Authorization::Adopted(adopted));
                it.payments.push(other);
            },
        ),
    ]
}

fn alone() -> Vec<Row> {
    vec![
        create(&invalid("transaction_id order_id payments"), |it| *it = CreateTransactionRequest::default()),
        create(
            &invalid(
                "payments[0].payment_id payments[0].connector_id payments[0].amount payments[0].adopted",
            ),
            |it| {
                it.payments = vec![NewPayment::default()];
            },
        ),
        create(
            &invalid("payments[0].amount.amount payments[0].mode payments[0].adopted.provider_payment_id"),
            |it| {
                let adopted = AdoptedAuthorization::default();
                it.payments[0] = adopt("card", "partial", money("0.00", "BRL"), adopted);
                it.payments[0].mode = 99;
            },
        ),
        create(&invalid("payments[1].payment_id"), |it| {
            let authorization =
                AdoptedAuthorization { provider_payment_id: "other".to_owned(), ..Default::default() };
            it.payments.push(adopt("card", "partial", money("1.00", "BRL"), authorization));
        }),
        create(&invalid("payments[1].adopted.provider_payment_id"), |it| {
            let mut twice = it.payments[0].clone();
            twice.payment_id = "other".to_owned();
            it.payments.push(twice);
        }),
        create(&invalid("payments[0].amount.currency_code"), |it| {
            it.payments[0].amount = Some(money("50.00", "USD"));
        }),
        create(&invalid("payments"), |it| it.payments = vec![it.payments[0].clone(); 21]),
        create("NotFound ORDER_NOT_FOUND orderId=order-9", |it| it.order_id = "order-9".to_owned()),
        create("FailedPrecondition ORDER_NOT_OPEN orderId=unpaid state=CANCELED", |it| {
            (it.transaction_id, it.order_id) = ("unpaid-payments".to_owned(), "unpaid".to_owned());
        }),
        create("NotFound CONNECTOR_NOT_FOUND connectorId=nobody", |it| {
            it.payments[0].connector_id = "nobody".to_owned();
        }),
        create(
            "FailedPrecondition PAYMENTS_BELOW_ORDER_VALUE orderId=order-2 value=50.00 authorized=49.99 missing=0.01",
            |it| it.payments[0].amount = Some(money("49.99", "BRL")),
        ),
        create(
            "FailedPrecondition ORDER_HAS_TRANSACTION orderId=order-1 transactionId=order-1-payments",
            |it| {
                it.order_id = "order-1".to_owned();
            },
        ),
        create("AlreadyExists TRANSACTION_ALREADY_EXISTS transactionId=order-1-payments", |it| {
            it.transaction_id = "order-1-payments".to_owned();
        }),
        create(
            "AlreadyExists PAYMENT_ALREADY_ADOPTED connectorId=partial providerPaymentId=order-1-card",
            |it| {
                let adopted = AdoptedAuthorization {
                    provider_payment_id: "order-1-card".to_owned(),
                    ..Default::default()
                };
                it.payments[0].authorization = Some(Authorization::Adopted(adopted));
            },
        ),
        create(
            "FailedPrecondition MODE_NOT_SUPPORTED connectorId=total mode=PARTIAL partialSettlement=ONCE",
            |it| {
                it.payments[0].connector_id = "total".to_owned();
                it.payments[0].mode = payment::Mode::Partial.into();
            },
        ),
        create(&invalid("payments[0].requested.payment_method payments[0].requested.token"), |it| {
            let token = "4444333322221111".to_owned();
            let requested = RequestedAuthorization { token, ..Default::default() };
            it.payments[0].authorization = Some(Authorization::Requested(requested));
        }),
        row(
            "/tranche.v1.AccountService/UpdateAccount",
            &UpdateAccountRequest {
                allocation: 99,
                refund_order: 99,
                release_policy: 99,
                default_legacy_mode: payment::Mode::Partial.into(),
                ..Default::default()
            },
            &invalid("request_id allocation refund_order release_policy default_legacy_mode"),
        ),
    ]
}
