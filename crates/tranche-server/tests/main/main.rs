//! The engine on a real database, against the books in memory that the core's own tests keep.
//!
//! The histories, the model and the books are those of the core's tests, so that both play the very same commands.

#[cfg(test)]
#[expect(dead_code, reason = "the core's own tests look at more of it")]
#[path = "../../../tranche-core/tests/main/books.rs"]
mod books;
#[cfg(test)]
#[path = "../../../tranche-core/tests/main/choices.rs"]
mod choices;
#[cfg(test)]
#[expect(dead_code, reason = "the core's own tests give more commands")]
#[path = "../../../tranche-core/tests/main/commands.rs"]
mod commands;
#[cfg(test)]
#[expect(dead_code, reason = "the store's own tests look at more of it")]
#[path = "../../../tranche-store/tests/main/database.rs"]
mod database;
#[cfg(test)]
mod histories;
#[cfg(test)]
#[path = "../../../tranche-core/tests/main/history/mod.rs"]
mod history;
#[cfg(test)]
#[path = "../../../tranche-core/tests/main/invariants.rs"]
mod invariants;
#[cfg(test)]
#[path = "../../../tranche-core/tests/main/model/mod.rs"]
mod model;
