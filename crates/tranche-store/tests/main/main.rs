//! The store on real databases: SQLite always, PostgreSQL where `TRANCHE_TEST_POSTGRES_URL` names a server.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

mod bench;
mod conflicts;
mod constraints;
mod database;
mod due;
mod events;
mod opening;
mod pages;
mod plans;
mod retention;
mod round_trip;
mod rows;
mod stuck;
