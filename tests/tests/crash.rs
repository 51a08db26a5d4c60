//! `kill -9` at random moments under load, of servers and of the database under them: whatever was acknowledged
//! settles, once.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tranche_sdk::Client;
use tranche_tests::audit;
use tranche_tests::patience::{LOOK_PAUSE, LOOKS_MAX};
use tranche_tests::postgres::{self, TestServer};
use tranche_tests::process::{Process, run};
use tranche_tests::provider::Provider;
use tranche_tests::shop::{Shop, Terms, money, provider_payment_id};
use tranche_tests::world::{ACCOUNT, DatabaseKind, World, WorldOptions};

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

/// How often PostgreSQL dies under its servers.
const DATABASE_KILLS: u64 = 4;

#[tokio::test]
async fn the_death_of_the_database_loses_nothing_acknowledged() {
    let mut cluster = postgres::own_cluster().await;
    let folder = TempDir::with_prefix("tranche-test-").unwrap();
    let migrate = async |url: &str| {
        let ended = run(Path::new(PROGRAM), &["migrate", "up", "--database", url]).await;
        if ended.success { Ok(()) } else { Err(ended.stderr) }
    };
    let database = TestServer::new(cluster.endpoint().clone()).database(migrate).await;
    let listen = ["--listen", "127.0.0.1:0", "--exit-when-stdin-closes"];
    let sandbox = [&["sandbox"][..], &listen].concat();
    let sandbox =
        Process::start(Path::new(PROGRAM), &sandbox, &folder.path().join("sandbox.log")).await.unwrap();
    let provider = Provider::new(sandbox.url());
    let mut servers = Vec::new();
    let mut clients = Vec::new();
    for number in 0..2 {
        let serve =
            [&["serve"][..], &listen, &["--lease-ms", LEASE_MS, "--database", &database.url]].concat();
        let log = folder.path().join(format!("server-{number}.log"));
        let server = Process::start(Path::new(PROGRAM), &serve, &log).await.unwrap();
        clients.push(tranche_sdk::connect(&server.url(), ACCOUNT).await.unwrap());
        servers.push(server);
    }
    let shop = Shop::new(clients[0].clone(), provider.clone());
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, TIMEOUT_MS).await.unwrap();
    for index in 0..ORDERS {
        let order_id = format!("order-{index}");
        shop.order(&order_id, "100000.00", "BRL").await.unwrap();
        shop.pay(&order_id, "BRL", &[("card", "100000.00", terms)]).await.unwrap();
    }
    let (_addresses, current) = watch::channel(clients);
    let stopping = Arc::new(AtomicBool::new(false));
    let mut load = JoinSet::new();
    for index in 0..ORDERS {
        let (current, stopping, provider) = (current.clone(), Arc::clone(&stopping), provider.clone());
        load.spawn(async move {
            let mut acknowledged: u32 = 0;
            while !stopping.load(Ordering::Relaxed) {
                acknowledge(&current, &provider, index, acknowledged + 1).await;
                acknowledged += 1;
            }
            (index, acknowledged)
        });
    }
    for kill in 0..DATABASE_KILLS {
        tokio::time::sleep(Duration::from_millis(400 + 170 * kill)).await;
        cluster.kill_nine().await.unwrap();
        cluster.restart().await.unwrap();
    }
    // Once more after the last death.
    tokio::time::sleep(Duration::from_millis(400)).await;
    stopping.store(true, Ordering::Relaxed);
    let acknowledged = load.join_all().await;
    let mut total = 0;
    for (index, invoices) in acknowledged {
        let order_id = format!("order-{index}");
        total += invoices;
        let order = shop.see_order(&order_id).await.unwrap();
        assert_eq!(audit::decimal(order.invoiced.as_ref()), invoices.into(), "{order_id}: acknowledged");
        shop.at_rest(&order_id).await;
        assert_eq!(audit::differences(&shop, &order_id).await, Vec::<String>::new());
        let books = provider.payment(&provider_payment_id(&order_id, "card")).await;
        assert_eq!(books.settled, invoices.into(), "{order_id}: acknowledged and settled");
    }
    assert!(total > 50, "only {total} invoices were acknowledged: that was no load");
    for server in servers {
        assert!(server.stop().await, "a server outlives its database, and ends in order");
    }
    cluster.stop().await.unwrap();
}
