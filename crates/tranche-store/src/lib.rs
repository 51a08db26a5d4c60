//! Persistence by sea-orm on SQLite and PostgreSQL; the only crate that knows SQL.

mod batch;
pub mod bench;
pub mod bounds;
mod entity;
mod error;
mod layout;
mod load;
mod open;
mod read;
mod save;
mod schema;
mod session;
mod tally;

pub use batch::{Batch, Written};
pub use error::StoreError;
pub use open::{Store, StoreOptions, StoreTime};
pub use read::{
    Case, DueConnector, DueConnectors, DueOperation, EndingAuthorization, EventPage, NumberedEvent,
    OldestEvent, OperationFilter, OperationStateName, PagePoint, Placed, StuckCause, StuckFilter,
};
pub use schema::{MigrationState, migrate_down, migrate_status, migrate_up};
pub use tally::StoreCounts;
