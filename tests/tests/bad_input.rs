//! Bad input: each request with its status, its reason and everything that is wrong with it; and nothing is written.
//!
//! The tables are one file for each kind of request. [`fixture`] says what is there before; [`told`] says in which words
//! a row expects what it is told.

mod cancellations;
mod changes;
mod connectors;
mod fixture;
mod invoices;
mod limits;
mod operators;
mod orders;
mod payments;
mod protocol;
mod reads;
mod releases;
mod returns;
mod table;
pub(crate) mod told;
mod transactions;

use fixture::Fixture;
use tranche_tests::world::DatabaseKind;

on_both_databases! { everything_wrong_is_named_and_nothing_is_written }

async fn everything_wrong_is_named_and_nothing_is_written(database: DatabaseKind) {
    let fixture = Fixture::new(database).await;
    let nonsense = connectors::Nonsense::start().await;
    let mut rows = orders::rows();
    rows.extend(changes::rows(&fixture.etag("changed").await));
    rows.extend(cancellations::rows(&fixture.etag("order-2").await));
    rows.extend(transactions::rows());
    rows.extend(payments::rows());
    rows.extend(releases::rows());
    rows.extend(operators::rows(&fixture).await);
    rows.extend(invoices::rows());
    rows.extend(returns::rows());
    rows.extend(connectors::rows(fixture.world.provider().url(), &nonsense));
    rows.extend(reads::rows(&fixture).await);
    rows.extend(protocol::rows());
    fixture.check(&rows).await;
}
