//! Persistence by sea-orm on SQLite and PostgreSQL; the only crate that knows SQL.

mod error;
mod read;

pub use error::StoreError;
pub use read::{NumberedEvent, OperationFilter, OperationStateName, PagePoint};

/// A database with the product's schema. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {}
