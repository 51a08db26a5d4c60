//! Every money inequality, broken by hand in SQL, is refused by both databases.

use tranche_tests::shop::{Terms, money};
use tranche_tests::world::{DatabaseKind, World};

use crate::PROGRAM;
use crate::sql::Sql;

on_both_databases!(the_database_refuses_what_cannot_be);

async fn the_database_refuses_what_cannot_be(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 5_000).await.unwrap();
    shop.order("kept", "100.00", "BRL").await.unwrap();
    shop.pay("kept", "BRL", &[("card", "100.00", terms)]).await.unwrap();
    shop.invoice("kept", "1", money("40.00", "BRL")).await.unwrap();
    shop.at_rest("kept").await;

    let sql = Sql::connect(world.database()).await;
    // Authorized 10000, settled 4000; value 10000, invoiced 4000; quantity 1.
    for (table, assignment) in [
        ("payments", "settled = 10001"),
        ("payments", "settling = 6001"),
        ("payments", "canceled = 6001"),
        ("payments", "canceling = 6001"),
        ("payments", "settling = 2001, canceling = 2000, canceled = 2000"),
        ("payments", "authorized = 3999"),
        ("payments", "excess_refunded = 4001"),
        ("payments", "excess_refunding = 4001"),
        ("payments", "returned = 4001, return_refunded = 4001"),
        ("payments", "returned = 4001, return_refunding = 4001"),
        ("payments", "excess_refunded = 2001, returned = 2000, return_refunded = 2000"),
        ("payments", "returned = 1, return_refunded = 2"),
        ("payments", "settled = -1"),
        ("payments", "asked = -1"),
        ("payments", "lacking = -1"),
        ("payments", "surplus = -1"),
        ("orders", "invoiced = 10001"),
        ("orders", "invoiced = -1"),
        ("orders", "returned = 4001"),
        ("orders", "returned = -1"),
        ("orders", "value = 3999"),
        ("orders", "value = 0"),
        ("lines", "invoiced = 2"),
        ("lines", "removed = 2"),
        ("lines", "removed = 1, invoiced = 1"),
        ("lines", "returned = 1"),
        ("lines", "quantity = -1"),
        ("operations", "value = 0"),
        ("operations", "done_value = value + 1"),
        ("operations", "refund_taken = done_value + 1"),
        ("invoices", "value = 0"),
    ] {
        let refused = sql.run(&format!("UPDATE {table} SET {assignment}")).await;
        let error = refused.expect_err(&format!("{table}: {assignment}")).to_string().to_lowercase();
        assert!(error.contains("constraint"), "{table}: {assignment}: refused for another reason: {error}");
    }
    // What holds is written.
    sql.run("UPDATE payments SET surplus = 999999").await.unwrap();
}
