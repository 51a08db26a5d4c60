use tranche_core::content::Content;

use super::*;
use crate::wire::{connector as connectors, invoice as invoices, order as orders};
use crate::wire::{reply, transaction as transactions};

/// Changes a request and compares the fields in which its content then differs.
fn check<R: Clone>(base: &R, content: impl Fn(&R) -> Content, rows: &[Row<R>]) {
    let first = content(base);
    for (index, (change, fields)) in rows.iter().enumerate() {
        let mut request = base.clone();
        change(&mut request);
        assert_eq!(&first.differences(&content(&request)), fields, "row {index}");
    }
}

#[test]
fn orders_that_mean_the_same_have_the_same_content() {
    check(
        &order(),
        |request| orders::create(&account(), request).unwrap().content,
        &[
            (|r| r.lines[0].unit_price = Some(money("10")), &[]),
            (|r| r.shipping = Some(money("4.5000")), &[]),
            (|r| r.tax = Some(money("0.00")), &[]),
            (|r| r.lines[0].unit_price = Some(money("10.01")), &["lines"]),
            (|r| r.lines.swap(0, 1), &["lines"]),
            (|r| r.lines[0].description = "a".to_owned(), &["lines"]),
            (|r| r.allocation = 2, &["allocation"]),
            (
                |r| {
                    r.tax = Some(money("1"));
                    r.fees = Some(money("1"));
                    r.discounts = None;
                },
                &["discounts", "fees", "tax"],
            ),
        ],
    );
}

#[test]
fn invoices_that_mean_the_same_have_the_same_content() {
    check(
        &invoice(),
        |request| invoices::notify(&account(), request, "any".to_owned()).unwrap().content,
        &[
            (|r| r.value = Some(money("12.50")), &[]),
            (|r| r.tracking = Some(pb::Tracking { courier: "c".to_owned(), ..pb::Tracking::default() }), &[]),
            (|r| r.validate_only = true, &[]),
            (
                |r| {
                    r.value = Some(money("12.49"));
                    r.payments.clear();
                },
                &["payments", "value"],
            ),
            (|r| r.lines.clear(), &["lines"]),
            (|r| r.issue_time = Some(prost_types::Timestamp { seconds: 0, nanos: 0 }), &["issue_time"]),
            (|r| r.invoice_key = "1".to_owned(), &["invoice_key"]),
            (|r| r.invoice_url = "1".to_owned(), &["invoice_url"]),
        ],
    );
}

#[test]
fn transactions_and_connectors_that_mean_the_same_have_the_same_content() {
    check(
        &transaction(),
        |request| transactions::create(&account(), request).unwrap().content,
        &[
            (|r| r.payments[0].amount = Some(money("9.00")), &[]),
            (|r| r.payments[0].mode = 2, &["payments"]),
            (
                |r| {
                    let Some(Source::Adopted(adopted)) = &mut r.payments[0].authorization else { return };
                    adopted.expire_time.get_or_insert_default().seconds = 4_000_000_000;
                },
                &["payments"],
            ),
            (|r| r.order_id = "other".to_owned(), &["order_id"]),
        ],
    );
    check(
        &connector(),
        |request| connectors::create(&account(), request).unwrap().0.content,
        &[
            (|r| r.capabilities = Some(pb::ConnectorCapabilities::default()), &[]),
            (|r| r.default_mode = 2, &["default_mode"]),
            (
                |r| {
                    let able = r.capabilities.get_or_insert_default();
                    able.authorization_lifetime.get_or_insert_default().seconds = 60;
                },
                &["capabilities"],
            ),
            (|r| r.settings.extend([("timeout_ms".to_owned(), "500".to_owned())]), &["settings"]),
        ],
    );
}

#[test]
fn a_recorded_answer_is_the_first_answer() {
    let row = tranche_core::account::Account::unseen(account());
    let first = tranche_core::decision::Reply::Account(row);
    let recorded = tranche_core::decision::Reply::Recorded(reply::encode(&first));
    let answer = |given| reply::message::<pb::UpdateAccountResponse>(given).unwrap();
    assert_eq!(answer(&first), answer(&recorded));
    assert_eq!(answer(&first).account.unwrap().account_id, "shop");
}
