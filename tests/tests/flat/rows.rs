//! The rows that PostgreSQL reads for an act, by its own count.

use futures_util::future::join_all;
use tranche_tests::patience::eventually;
use tranche_tests::shop::Shop;
use tranche_tests::world::{Database, DatabaseKind, World};

use super::{AT_ONCE, FEW, MANY, booked, change, give_back, grow, world};

/// Acts of each kind at a look.
const LOOK: usize = 20;
/// Returns and changes between the looks.
const BETWEEN: usize = 200;

/// Invoices `numbers`, returns as much as `returns` says, and changes the order as often.
async fn act(shop: &Shop, invoices: (usize, usize), returns: (usize, usize)) {
    grow(shop, invoices.0, invoices.1).await;
    let numbers: Vec<usize> = (returns.0..returns.1).collect();
    for some in numbers.chunks(AT_ONCE) {
        join_all(some.iter().map(async |number| give_back(shop, &format!("back {number}")).await)).await;
        join_all(some.iter().map(async |number| {
            let by = if number % 2 == 0 { "1.00" } else { "-1.00" };
            change(shop, &format!("change {number}"), by).await;
        }))
        .await;
    }
    booked(shop, returns.1, |books| books.refunds.len()).await;
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
             WHERE relname IN ('orders', 'lines', 'payments', 'invoices', 'changes', 'operations', 'events', \
             'requests')",
        )
        .await;
    world.start(0).await;
    let counts: Vec<i64> = counts.split_whitespace().map(|count| count.parse().unwrap()).collect();
    (counts[0], counts[1])
}

#[tokio::test]
async fn postgres_reads_as_many_rows() {
    let (mut world, shop) = world(DatabaseKind::Postgres).await;
    grow(&shop, 0, FEW).await;
    let start = rows_read(&mut world).await;
    act(&world.shop(), (FEW, FEW + LOOK), (0, LOOK)).await;
    let few = rows_read(&mut world).await;
    act(&world.shop(), (FEW + LOOK, MANY), (LOOK, LOOK + BETWEEN)).await;
    let later = rows_read(&mut world).await;
    act(&world.shop(), (MANY, MANY + LOOK), (LOOK + BETWEEN, LOOK + BETWEEN + LOOK)).await;
    let many = rows_read(&mut world).await;
    let (first, last) = (few.1 - start.1, many.1 - later.1);
    println!(
        "rows read by key for {LOOK} acts of each kind: {first} after {FEW} invoices, {last} after {MANY}"
    );
    assert_eq!(many.0 - later.0, 0, "rows read by sequential scans");
    // How the acts fall into batches differs a little from run to run; growth would be manyfold.
    assert!(
        last <= first + first / 3,
        "{first} rows read for {LOOK} acts of each kind after {FEW} invoices, {last} after {MANY}"
    );
}
