//! Many clients, one order: what is accepted is what settles, and the losers learn what remains.

use rust_decimal::Decimal;
use tokio::task::JoinSet;
use tonic::Code;
use tranche_sdk::v1::ErrorReason;
use tranche_tests::audit;
use tranche_tests::shop::{Terms, money, provider_payment_id};
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use crate::PROGRAM;

/// Clients at once.
const CLIENTS: usize = 32;
/// Invoices that each of them tries; together they ask for far more than there is.
const TRIES: usize = 8;

on_both_databases!(what_is_accepted_is_what_settles);

async fn what_is_accepted_is_what_settles(database: DatabaseKind) {
    let world = World::with(WorldOptions { replicas: 2, ..WorldOptions::new(PROGRAM, database) }).await;
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 5_000).await.unwrap();
    shop.order("raced", "300.00", "BRL").await.unwrap();
    shop.pay("raced", "BRL", &[("gift-card", "100.00", terms), ("card", "200.00", terms)]).await.unwrap();

    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let shop = world.shop_of(client);
        clients.spawn(async move {
            let mut accepted = Decimal::ZERO;
            let mut rejected = 0;
            for attempt in 0..TRIES {
                let cents = 100 + i64::try_from(client * 37 + attempt * 101).unwrap() % 400;
                let value = Decimal::new(cents, 2);
                match shop
                    .invoice("raced", &format!("{client}/{attempt}"), money(&value.to_string(), "BRL"))
                    .await
                {
                    Ok(_) => accepted += value,
                    Err(status) => {
                        assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
                        assert_eq!(tranche_sdk::reason(&status), Some(ErrorReason::InvoiceAboveRemaining));
                        let metadata = tranche_sdk::metadata(&status);
                        let remaining: Decimal = metadata["remaining"].parse().unwrap();
                        assert!(remaining < value, "{value} was refused although {remaining} remained");
                        rejected += 1;
                    }
                }
            }
            (accepted, rejected)
        });
    }
    let answers = clients.join_all().await;
    let accepted: Decimal = answers.iter().map(|(accepted, _)| accepted).sum();
    let rejected: i32 = answers.iter().map(|(_, rejected)| rejected).sum();
    assert!(rejected > 0, "nobody lost the race");

    let order = shop.see_order("raced").await.unwrap();
    assert_eq!(audit::decimal(order.invoiced.as_ref()), accepted, "accepted and invoiced");
    shop.at_rest("raced").await;
    let mut settled = Decimal::ZERO;
    for payment in ["gift-card", "card"] {
        settled += world.provider().payment(&provider_payment_id("raced", payment)).await.settled;
    }
    assert_eq!(settled, accepted, "settled in the provider's books and accepted");
    assert_eq!(audit::differences(&shop, "raced").await, Vec::<String>::new());
}
