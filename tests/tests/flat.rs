//! The work per invoice does not grow with the invoices that the order already has.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms, money};
use tranche_tests::world::{Database, DatabaseKind, World, WorldOptions};

use crate::PROGRAM;
use crate::sql::Sql;

const ORDER: &str = "grown";
/// The first look is at the invoice after these, the second at the one after those.
const FEW: usize = 10;
const MANY: usize = 1_000;
/// Invoices that are on their way at once while the order grows.
const AT_ONCE: usize = 25;

/// One statement, as the database's client logged it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Statement {
    text: String,
    rows_returned: u64,
    rows_affected: u64,
}

async fn world(database: DatabaseKind) -> (World, Shop) {
    let serve = ["--log", "info,sqlx=debug", "--log-format", "json"].map(str::to_owned).to_vec();
    let world = World::with(WorldOptions { serve, ..WorldOptions::new(PROGRAM, database) }).await;
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 5_000).await.unwrap();
    shop.order(ORDER, "100000.00", "BRL").await.unwrap();
    shop.pay(ORDER, "BRL", &[("card", "100000.00", terms)]).await.unwrap();
    (world, shop)
}

/// Invoices the order until it has `count` invoices, and waits until all are settled.
async fn grow(shop: &Shop, from: usize, count: usize) {
    let numbers: Vec<usize> = (from..count).collect();
    for some in numbers.chunks(AT_ONCE) {
        let send = |number: &usize| {
            let number = number.to_string();
            async move { shop.invoice(ORDER, &number, money("1.00", "BRL")).await.unwrap() }
        };
        join_all(some.iter().map(send)).await;
    }
    settled(shop, count).await;
}

/// Waits until the provider has settled so many; its side is looked at, as every look at ours is work too.
async fn settled(shop: &Shop, count: usize) {
    eventually("every invoice settles", async || {
        let books = shop.provider.books().await;
        let settled = books.payments.first().map_or(0, |payment| payment.settlements.len());
        if settled == count { Ok(()) } else { Err(format!("{settled} of {count}")) }
    })
    .await;
    // The last outcome is still being written.
    tokio::time::sleep(Duration::from_millis(300)).await;
}

/// The statements of one more invoice, from its acceptance to its recorded outcome.
async fn statements(world: &World, shop: &Shop, number: usize) -> Vec<Statement> {
    let before = world.log(0).len();
    grow(shop, number, number + 1).await;
    let mut statements: Vec<Statement> = world.log(0)[before..].lines().filter_map(statement).collect();
    statements.sort();
    statements
}

/// A statement of the write path. What the server asks by the clock is none: the search for due operations, the watch
/// over the database's health, and the connectors' settings, which are read again once a second.
fn statement(line: &str) -> Option<Statement> {
    let event: Value = serde_json::from_str(line).ok()?;
    let fields = event.get("fields").filter(|_| event["target"] == "sqlx::query")?;
    let full = fields["db.statement"].as_str().unwrap_or_default().trim();
    let text = if full.is_empty() { fields["summary"].as_str()? } else { full };
    let asides = ["\"due_time\" <=", "FROM \"connectors\""];
    let is_aside = asides.iter().any(|aside| text.contains(aside)) || text == "SELECT 1";
    (!is_aside).then(|| Statement {
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        rows_returned: fields["rows_returned"].as_u64().unwrap_or_default(),
        rows_affected: fields["rows_affected"].as_u64().unwrap_or_default(),
    })
}

on_both_databases!(statements_and_rows_stay_equal);

async fn statements_and_rows_stay_equal(database: DatabaseKind) {
    let (world, shop) = world(database).await;
    grow(&shop, 0, FEW).await;
    println!("LOG {}", world.log(0).len());
    let few = statements(&world, &shop, FEW).await;
    grow(&shop, FEW + 1, MANY).await;
    let many = statements(&world, &shop, MANY).await;
    println!("LOG {}", world.log(0).len());
    assert!(few.len() > 10, "an acceptance and an outcome are more than {few:#?}");
    let only = |some: &[Statement], others: &[Statement]| -> Vec<String> {
        some.iter().filter(|one| !others.contains(one)).map(|one| format!("{one:?}")).collect()
    };
    assert_eq!(only(&few, &many), only(&many, &few), "only at invoice {FEW}, and only at invoice {MANY}");
    assert_eq!(few.len(), many.len(), "statements at invoice {FEW} and at invoice {MANY}");
    if database == DatabaseKind::Sqlite {
        no_scans(&world, &many).await;
    }
}

/// SQLite finds every row of a hot statement by a key.
async fn no_scans(world: &World, statements: &[Statement]) {
    let sql = Sql::connect(world.database()).await;
    for statement in statements {
        let reads =
            ["SELECT", "INSERT", "UPDATE", "WITH"].iter().any(|verb| statement.text.starts_with(verb));
        if !reads {
            continue;
        }
        for step in sql.plan(&statement.text).await {
            let scans = step.starts_with("SCAN ") && !step.contains("CONSTANT ROW") && !is_listed(&step);
            assert!(!scans, "{step} in {}", statement.text);
        }
    }
}

/// Whether a step goes through the rows that the statement itself lists.
fn is_listed(step: &str) -> bool {
    let name = step.trim_start_matches("SCAN ").split(' ').next().unwrap_or_default();
    !["orders", "lines", "payments", "invoices", "operations", "interactions", "events", "requests", "t"]
        .contains(&name)
}

/// Rows that the server's sessions have read so far: by sequential scans, and by keys.
///
/// A session reports its counts late, but at its end at the latest: the server is stopped for it.
async fn rows_read(world: &mut World) -> (i64, i64) {
    assert!(world.stop(0).await, "an orderly end");
    let Database::Postgres(database) = world.database() else { unreachable!("asked for Postgres") };
    let others = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'", database.name);
    eventually("the server's sessions end", async || match database.query(&others).await.trim() {
        "1" => Ok(()),
        count => Err(format!("{count} sessions")),
    })
    .await;
    let counts = database
        .query(
            "SELECT sum(seq_tup_read)::bigint || ' ' || sum(idx_tup_fetch)::bigint FROM pg_stat_user_tables \
             WHERE relname IN ('orders', 'lines', 'payments', 'invoices', 'operations', 'events', 'requests')",
        )
        .await;
    world.start(0).await;
    let counts: Vec<i64> = counts.split_whitespace().map(|count| count.parse().unwrap()).collect();
    (counts[0], counts[1])
}

#[tokio::test]
async fn postgres_reads_as_many_rows() {
    /// Invoices of each look.
    const LOOK: usize = 20;
    let (mut world, shop) = world(DatabaseKind::Postgres).await;
    grow(&shop, 0, FEW).await;
    let start = rows_read(&mut world).await;
    grow(&world.shop(), FEW, FEW + LOOK).await;
    let few = rows_read(&mut world).await;
    grow(&world.shop(), FEW + LOOK, MANY).await;
    let later = rows_read(&mut world).await;
    grow(&world.shop(), MANY, MANY + LOOK).await;
    let many = rows_read(&mut world).await;
    let (first, last) = (few.1 - start.1, many.1 - later.1);
    println!("rows read by key for {LOOK} invoices: {first} after {FEW}, {last} after {MANY}");
    assert_eq!(many.0 - later.0, 0, "rows read by sequential scans");
    // How the invoices fall into batches differs a little from run to run; growth would be fiftyfold.
    assert!(
        last <= first + first / 3,
        "{first} rows read for {LOOK} invoices after {FEW}, {last} after {MANY}"
    );
}
