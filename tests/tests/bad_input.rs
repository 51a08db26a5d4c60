//! Bad input: each request with its status, its reason and everything that is wrong with it; and nothing is written.
//!
//! The tables are one file for each kind of request; [`table`] says what a row expects and checks it.

mod connectors;
mod invoices;
mod orders;
mod protocol;
mod reads;
mod table;
mod transactions;

use table::Fixture;
use tranche_tests::world::DatabaseKind;

on_both_databases! { everything_wrong_is_named_and_nothing_is_written }

async fn everything_wrong_is_named_and_nothing_is_written(database: DatabaseKind) {
    let fixture = Fixture::new(database).await;
    let nonsense = connectors::Nonsense::start().await;
    let mut rows = orders::rows();
    rows.extend(transactions::rows());
    rows.extend(invoices::rows());
    rows.extend(connectors::rows(fixture.world.provider().url(), &nonsense));
    rows.extend(reads::rows(&fixture).await);
    rows.extend(protocol::rows());
    fixture.check(&rows).await;
}
