//! `kill -9` of a server at random moments under load: whatever was acknowledged settles, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tranche_sdk::Client;
use tranche_tests::audit;
use tranche_tests::patience::{LOOK_PAUSE, LOOKS_MAX};
use tranche_tests::provider::Provider;
use tranche_tests::shop::{Shop, Terms, money, provider_payment_id};
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use crate::PROGRAM;

/// How often the server dies.
const KILLS: u64 = 20;
/// Orders that are invoiced meanwhile, each by a client of its own.
const ORDERS: usize = 6;
/// How long a provider may take; its lease is a little longer, so that what a kill left is soon sent again.
const TIMEOUT_MS: u32 = 1_000;
const LEASE_MS: &str = "2500";

on_both_databases!(whatever_was_acknowledged_settles_once);

async fn whatever_was_acknowledged_settles_once(database: DatabaseKind) {
    let replicas = if database == DatabaseKind::Postgres { 2 } else { 1 };
    let serve = vec!["--lease-ms".to_owned(), LEASE_MS.to_owned()];
    let mut world =
        World::with(WorldOptions { replicas, serve, ..WorldOptions::new(PROGRAM, database) }).await;
    let shop = world.shop();
    let terms =
        ["PARTIAL", "PARTIAL", "PARTIAL", "PARTIAL", "TOTAL", "HOLD"].map(|name| Terms::parse(name).unwrap());
    for name in ["PARTIAL", "TOTAL", "HOLD"] {
        shop.connect(Terms::parse(name).unwrap(), TIMEOUT_MS).await.unwrap();
    }
    let order_id = |index: usize| format!("order-{index}");
    for (index, terms) in terms.into_iter().enumerate() {
        shop.order(&order_id(index), "100000.00", "BRL").await.unwrap();
        shop.pay(&order_id(index), "BRL", &[("card", "100000.00", terms)]).await.unwrap();
    }

    let (addresses, current) = watch::channel(clients(&world, replicas));
    let stopping = Arc::new(AtomicBool::new(false));
    let mut load = JoinSet::new();
    for index in 0..ORDERS {
        let (current, stopping, provider) =
            (current.clone(), Arc::clone(&stopping), world.provider().clone());
        load.spawn(async move {
            let mut acknowledged: u32 = 0;
            while !stopping.load(Ordering::Relaxed) {
                acknowledge(&current, &provider, index, acknowledged + 1).await;
                acknowledged += 1;
            }
            (index, acknowledged)
        });
    }
    let mut seed = 0x5eed_u64;
    for kill in 0..KILLS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(kill | 1);
        tokio::time::sleep(Duration::from_millis(30 + (seed >> 33) % 250)).await;
        let victim = usize::try_from(kill).unwrap() % replicas;
        world.kill(victim).await;
        world.start(victim).await;
        addresses.send_replace(clients(&world, replicas));
    }
    stopping.store(true, Ordering::Relaxed);
    let acknowledged = load.join_all().await;

    let shop = world.shop();
    let mut total = 0;
    for (index, invoices) in acknowledged {
        let order_id = order_id(index);
        total += invoices;
        let order = shop.see_order(&order_id).await.unwrap();
        assert_eq!(
            audit::decimal(order.invoiced.as_ref()),
            invoices.into(),
            "{order_id}: accepted and acknowledged"
        );
        shop.at_rest(&order_id).await;
        assert_eq!(audit::differences(&shop, &order_id).await, Vec::<String>::new());
        // In PARTIAL each acknowledged invoice is one settlement; TOTAL took all at once, HOLD still waits.
        let books = world.provider().payment(&provider_payment_id(&order_id, "card")).await;
        let expected = match index {
            0..4 => invoices.into(),
            4 => 100_000.into(),
            _ => 0.into(),
        };
        assert_eq!(books.settled, expected, "{order_id}: acknowledged and settled");
    }
    assert!(total > 50, "only {total} invoices were acknowledged: that was no load");
}

/// Asks for an invoice until somebody says yes: its number is the key.
async fn acknowledge(current: &watch::Receiver<Vec<Client>>, provider: &Provider, index: usize, number: u32) {
    for attempt in 0..usize::try_from(LOOKS_MAX).unwrap() {
        // Another server with every attempt, as a balancer would choose.
        let client = {
            let clients = current.borrow();
            clients[(index + attempt) % clients.len()].clone()
        };
        let shop = Shop::new(client, provider.clone());
        if shop
            .invoice(&format!("order-{index}"), &format!("INV-{number}"), money("1.00", "BRL"))
            .await
            .is_ok()
        {
            return;
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
    panic!("INV-{number} of order-{index} was never acknowledged");
}

fn clients(world: &World, replicas: usize) -> Vec<Client> {
    (0..replicas).map(|number| world.client_of(number)).collect()
}
