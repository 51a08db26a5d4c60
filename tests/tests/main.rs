//! What the product promises, checked from outside. One binary, so that it links once.
//!
//! Each module says `cfg(test)`, which is always so here: clippy then knows its helping functions as test code.

/// Runs async functions that take a `DatabaseKind` as two tests each, `sqlite` and `postgres`, in a module of their
/// name.
#[cfg(test)]
macro_rules! on_both_databases {
    ($($body:ident),* $(,)?) => {$(
        mod $body {
            use tranche_tests::world::DatabaseKind;

            #[tokio::test]
            async fn sqlite() {
                super::$body(DatabaseKind::Sqlite).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$body(DatabaseKind::Postgres).await;
            }
        }
    )*};
}

/// The product, as a program.
#[cfg(test)]
const PROGRAM: &str = env!("CARGO_BIN_EXE_tranche-under-test");

#[cfg(test)]
mod answers;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod authorizations;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod batching;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod cluster;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod events;
#[cfg(test)]
mod explained;
#[cfg(test)]
mod flat;
#[cfg(test)]
mod grpcurl;
#[cfg(test)]
mod inequalities;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod lessons;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod race;
#[cfg(test)]
mod replays;
#[cfg(test)]
mod scenario;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod sql;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod tidy;
