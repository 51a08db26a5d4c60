//! The audit that ends the other tests sees a provider that did something else than it said.

use tranche_tests::audit::differences;
use tranche_tests::shop::{Terms, money};
use tranche_tests::world::{DatabaseKind, World};

use crate::PROGRAM;

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
