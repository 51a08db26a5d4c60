//! The audit that ends the other tests sees a provider that did something else than it said, and rows that do not fit
//! together.

use tranche_tests::audit::differences;
use tranche_tests::shop::{Terms, money};
use tranche_tests::world::{DatabaseKind, World};

use crate::PROGRAM;
use crate::sql::Sql;

on_both_databases! { rows_that_do_not_fit_together_are_named }

#[tokio::test]
async fn a_difference_names_its_payment() {
    let world = World::new(PROGRAM, DatabaseKind::Sqlite).await;
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 20_000).await.unwrap();
    for (order_id, fault, expected) in [
        ("order-1", None, ""),
        (
            "order-2",
            Some("settle-twice"),
            "payment card of order-2-payments: we have 20.00 settled, the provider 40.00",
        ),
        (
            "order-3",
            Some("forget"),
            "payment card of order-3-payments: we have 20.00 settled, the provider 0.00",
        ),
    ] {
        shop.order(order_id, "100.00", "BRL").await.unwrap();
        shop.pay(order_id, "BRL", &[("card", "100.00", terms)]).await.unwrap();
        if let Some(fault) = fault {
            world.provider().fault(&format!("{order_id}-card"), fault).await;
        }
        shop.invoice(order_id, "A", money("20.00", "BRL")).await.unwrap();
        assert_eq!(shop.at_rest(order_id).await.len(), 1);
        let found = differences(&shop, order_id).await;
        // The sum, and the movement that is not what it should be.
        assert_eq!(found.len(), if fault.is_some() { 2 } else { 0 }, "{found:?}");
        assert_eq!(found.first().map_or("", String::as_str), expected);
    }
}

/// Each row breaks one amount by hand, as no constraint forbids, and says what is then told.
async fn rows_that_do_not_fit_together_are_named(database: DatabaseKind) {
    let rows = [
        ("payments", "asked = 1999", "requested and the invoices' parts: 19.99 is not 20.00"),
        ("payments", "lacking = 1", "settled + settling + held + lacking - excess"),
        ("payments", "surplus = 5", "surplus and the operations: 0.05 is not 0"),
        ("payments", "authorized = 10001", "we have 100.01 authorized, the provider 100.00"),
        ("payments", "canceled = 3", "we have 0.03 canceled, the provider 0"),
        ("orders", "returned = 1", "returned and the returns: 0.01 is not 0"),
        ("orders", "state = 'invoiced'", "event log of order-6: it tells (PartiallyInvoiced, Open)"),
        ("invoices", "value = 1999", "value and its parts: 19.99 is not 20.00"),
        ("operations", "done_value = 1999", "settled and the operations: 20.00 is not 19.99"),
        (
            "operations",
            "provider_id = 'another'",
            "is [Movement { value: 20.00, provider_id: \"another\" }] here",
        ),
        ("operations", "value = 2001", "which is Told"),
        ("operations", "surplus = 5", "we have 20.05 settled, the provider 20.00"),
    ];
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 20_000).await.unwrap();
    let sql = Sql::connect(world.database()).await;
    for (index, (table, assignment, told)) in rows.iter().enumerate() {
        let order_id = format!("order-{index}");
        shop.order(&order_id, "100.00", "BRL").await.unwrap();
        shop.pay(&order_id, "BRL", &[("card", "100.00", terms)]).await.unwrap();
        shop.invoice(&order_id, "A", money("20.00", "BRL")).await.unwrap();
        shop.at_rest(&order_id).await;
        assert_eq!(differences(&shop, &order_id).await, Vec::<String>::new());
        sql.run(&format!("UPDATE {table} SET {assignment} WHERE order_id = '{order_id}'")).await.unwrap();
        let found = differences(&shop, &order_id).await;
        assert!(found.iter().any(|sentence| sentence.contains(told)), "{table}: {assignment}: {found:#?}");
    }
    // What was released beside what was asked, which a settlement's books do not see.
    shop.order("canceled", "100.00", "BRL").await.unwrap();
    shop.pay("canceled", "BRL", &[("card", "100.00", terms)]).await.unwrap();
    shop.cancel("canceled").await.unwrap();
    shop.at_rest("canceled").await;
    assert_eq!(differences(&shop, "canceled").await, Vec::<String>::new());
    sql.run("UPDATE operations SET surplus = 5 WHERE order_id = 'canceled'").await.unwrap();
    let found = differences(&shop, "canceled").await;
    let told = "we have 100.05 canceled, the provider 100.00";
    assert!(found.iter().any(|sentence| sentence.contains(told)), "{found:#?}");
    // What is missing in the log.
    sql.run("DELETE FROM events WHERE order_id = 'order-10' AND number % 2 = 0").await.unwrap();
    let found = differences(&shop, "order-10").await;
    assert!(found.iter().any(|sentence| sentence.starts_with("event log: after ")), "{found:#?}");
    assert!(found.iter().any(|sentence| sentence.starts_with("event log of order-10: ")), "{found:#?}");
}
