//! Group commit is real: commands share commits, and a poisoned one fails alone.

use std::time::Duration;

use futures_util::future::join_all;
use tonic::Code;
use tranche_sdk::v1::{BatchNotifyInvoicesRequest, ErrorReason, invoice_result};
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms, money, output};
use tranche_tests::world::{Database, DatabaseKind, World};

use crate::PROGRAM;
use crate::sql::Sql;

/// Clients at once, each with an order of its own.
const CLIENTS: usize = 64;

async fn orders(shop: &Shop) {
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 5_000).await.unwrap();
    for index in 0..CLIENTS {
        let order_id = format!("order-{index}");
        shop.order(&order_id, "1000.00", "BRL").await.unwrap();
        shop.pay(&order_id, "BRL", &[("card", "1000.00", terms)]).await.unwrap();
    }
}

#[tokio::test]
async fn settled_invoices_share_commits() {
    /// Invoices of each client.
    const INVOICES: usize = 40;
    let world = World::new(PROGRAM, DatabaseKind::Postgres).await;
    let shop = world.shop();
    orders(&shop).await;
    let Database::Postgres(database) = world.database() else { unreachable!("asked for Postgres") };
    let commits = async || {
        // A server process reports its counts at most once a second.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let query = format!("SELECT xact_commit FROM pg_stat_database WHERE datname = '{}'", database.name);
        database.query(&query).await.trim().parse::<f64>().unwrap()
    };
    let before = commits().await;
    let client = async |index: usize| {
        for number in 0..INVOICES {
            let (order_id, number) = (format!("order-{index}"), number.to_string());
            shop.invoice(&order_id, &number, money("1.00", "BRL")).await.unwrap();
        }
    };
    join_all((0..CLIENTS).map(client)).await;
    // The provider's side is looked at, as every look at ours is a commit too.
    let invoices = CLIENTS * INVOICES;
    eventually("every invoice settles", async || {
        let books = world.provider().books().await;
        let settled: usize = books.payments.iter().map(|payment| payment.settlements.len()).sum();
        if settled == invoices { Ok(()) } else { Err(format!("{settled} of {invoices}")) }
    })
    .await;
    let commits = commits().await - before;
    let per_invoice = commits / f64::from(u32::try_from(invoices).unwrap());
    println!("{commits} commits for {invoices} settled invoices: {per_invoice:.3} each");
    assert!(per_invoice < 0.5, "{commits} commits for {invoices} settled invoices");
}

on_both_databases!(a_poisoned_command_fails_alone);

async fn a_poisoned_command_fails_alone(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    orders(&shop).await;
    let sql = Sql::connect(world.database()).await;
    sql.poison_invoice("POISON").await;
    let send = async |index: usize| {
        let number = if index == CLIENTS / 2 { "POISON" } else { "1" };
        shop.invoice(&format!("order-{index}"), number, money("1.00", "BRL")).await
    };
    for (index, answer) in join_all((0..CLIENTS).map(send)).await.into_iter().enumerate() {
        match answer {
            Ok(receipt) => assert_eq!(receipt.invoice_number, "1"),
            Err(status) => {
                assert_eq!(index, CLIENTS / 2, "{status:?}");
                assert_eq!(status.code(), Code::Internal);
                assert_eq!(tranche_sdk::reason(&status), Some(ErrorReason::Internal));
                let text = format!("{status:?}").to_lowercase();
                assert!(
                    !text.contains("constraint") && !text.contains("trigger"),
                    "the database's words: {text}"
                );
            }
        }
    }
    let unharmed = shop.see_order(&format!("order-{}", CLIENTS / 2)).await.unwrap();
    assert_eq!(unharmed.invoiced.unwrap().amount, "0.00");
}

on_both_databases!(one_batch_of_invoices_shares_commits);

async fn one_batch_of_invoices_shares_commits(database: DatabaseKind) {
    let mut world = World::new(PROGRAM, database).await;
    orders(&world.shop()).await;
    // Only acceptances are to be counted: nothing is sent, and so nothing is answered.
    assert!(world.stop(0).await, "an orderly end");
    world.serve_with(&["--pause-sending"]);
    world.start(0).await;
    let shop = world.shop();
    let invoice = |index: usize| output(&format!("order-{index}"), "1", money("1.00", "BRL"));
    let invoices = (0..CLIENTS).map(invoice).collect();
    let request = BatchNotifyInvoicesRequest { invoices };
    let answer = shop.client.invoices().batch_notify_invoices(request).await.unwrap().into_inner();
    for (index, result) in answer.results.iter().enumerate() {
        let Some(invoice_result::Outcome::Receipt(receipt)) = &result.outcome else { panic!("{result:?}") };
        assert_eq!(receipt.order_id, format!("order-{index}"), "results are in order");
    }
    assert_eq!(answer.results.len(), CLIENTS);
    assert!(world.stop(0).await, "an orderly end");
    let commits = stopped(&world.log(0), "commits=");
    println!("{commits} commits for {CLIENTS} invoices of one batch");
    assert!(commits * 4 <= CLIENTS, "{commits} commits for {CLIENTS} invoices of one batch");
}

/// A count of the line that the server's last orderly end logged.
fn stopped(log: &str, name: &str) -> usize {
    let line = log.lines().rev().find(|line| line.contains(" stopped ")).unwrap();
    let count = line.split_whitespace().find_map(|word| word.strip_prefix(name)).unwrap();
    count.parse().unwrap()
}
