//! Refusals that need more than a row: a bound that many requests reach, and an account with settings of its own.

use futures_util::stream::{self, StreamExt};
use rust_decimal::Decimal;
use tranche_sdk::v1::{Change, ListChangesRequest, UpdateAccountRequest, payment::Mode};
use tranche_tests::audit::decimal;
use tranche_tests::shop::{Shop, Terms, change};
use tranche_tests::world::{DatabaseKind, World};

use super::table::brl;
use super::told::Told;
use crate::PROGRAM;
use crate::sql::Sql;

on_both_databases! {
    an_order_takes_a_thousand_changes,
    an_order_takes_ten_thousand_invoices,
    an_account_forbids_settling_in_parts,
}

/// Changes of one order.
const CHANGES_MAX: usize = 1_000;
/// Requests at once.
const AT_ONCE: usize = 100;
/// Changes of a page.
const PAGE_SIZE: i32 = 300;

async fn an_order_takes_a_thousand_changes(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    shop.order("order-1", "1.00", "BRL").await.unwrap();
    let raise = async |number: usize| {
        let request = change("order-1", &format!("change-{number}"), &brl("0.01"));
        shop.client.orders().change_order(request).await.map(tonic::Response::into_inner)
    };
    let answers = stream::iter(1..=CHANGES_MAX).map(raise).buffered(AT_ONCE);
    let answers: Vec<_> = answers.map(Result::unwrap).collect().await;

    let refused = raise(CHANGES_MAX + 1).await.unwrap_err();
    let expected = "FailedPrecondition TOO_MANY_CHANGES orderId=order-1 maximum=1000 order/order-1";
    assert_eq!(Told::from(&refused).compare(expected), Ok(()));
    // A repeat is no further change.
    for number in [1, CHANGES_MAX] {
        assert_eq!(raise(number).await.unwrap(), answers[number - 1]);
    }
    assert_eq!(shop.see_order("order-1").await.unwrap().value, Some(brl("11.00")));

    let mut changes = Vec::new();
    let mut request =
        ListChangesRequest { order_id: "order-1".to_owned(), page_size: PAGE_SIZE, ..Default::default() };
    for _ in 0..=CHANGES_MAX {
        let page = shop.client.orders().list_changes(request.clone()).await.unwrap().into_inner();
        changes.extend(page.changes);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    let time = |change: &Change| change.create_time.map(|time| (time.seconds, time.nanos));
    assert!(changes.is_sorted_by_key(time), "oldest first");
    // Together they are one way from the first value to the last, each accepted alone.
    changes.sort_by_key(|change| decimal(change.value_before.as_ref()));
    for (change, cents) in changes.iter().zip(100..) {
        let values = [&change.value_before, &change.value_after].map(|value| decimal(value.as_ref()));
        assert_eq!(values, [Decimal::new(cents, 2), Decimal::new(cents + 1, 2)], "{change:?}");
    }
    assert_eq!(changes.len(), CHANGES_MAX);
}

async fn an_order_takes_ten_thousand_invoices(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 20_000).await.unwrap();
    shop.order("order-1", "100.00", "BRL").await.unwrap();
    shop.pay("order-1", "BRL", &[("card", "100.00", terms)]).await.unwrap();
    // As many invoices as there can be would take minutes; the order counts them, and is told that it has all but one.
    let sql = Sql::connect(world.database()).await;
    sql.run("UPDATE orders SET invoices = 9999").await.unwrap();
    let last = shop.invoice("order-1", "last", brl("1.00")).await.unwrap();
    let refused = shop.invoice("order-1", "one more", brl("1.00")).await.unwrap_err();
    let expected = "FailedPrecondition TOO_MANY_INVOICES orderId=order-1 maximum=10000 order/order-1";
    assert_eq!(Told::from(&refused).compare(expected), Ok(()));
    assert_eq!(
        shop.invoice("order-1", "last", brl("1.00")).await.unwrap(),
        last,
        "a repeat is no further invoice"
    );
}

async fn an_account_forbids_settling_in_parts(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let account = tranche_sdk::connect(&world.url(), "whole").await.unwrap();
    let shop = Shop::new(account, world.provider().clone());
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 20_000).await.unwrap();
    let request = UpdateAccountRequest {
        request_id: "account-1".to_owned(),
        partial_settlement_enabled: Some(false),
        ..UpdateAccountRequest::default()
    };
    shop.client.accounts().update_account(request).await.unwrap();
    shop.order("order-1", "10.00", "BRL").await.unwrap();
    let payment = shop.payments("order-1", "BRL", &[("card", "10.00", terms)]).await.remove(0);
    let of = |mode: Mode| {
        let mut payment = payment.clone();
        payment.set_mode(mode);
        vec![payment]
    };
    let told = "FailedPrecondition PARTIAL_SETTLEMENT_DISABLED connectorId=partial connector/partial";
    for (mode, name) in [(Mode::Partial, "PARTIAL"), (Mode::Hold, "HOLD")] {
        let refused = shop.create_transaction("order-1", of(mode)).await.unwrap_err();
        assert_eq!(Told::from(&refused).compare(&format!("{told} mode={name}")), Ok(()));
    }
    let transaction = shop.create_transaction("order-1", of(Mode::Unspecified)).await.unwrap();
    assert_eq!(transaction.payments[0].mode(), Mode::Total);
}
