//! The tables, one file each: the row as sea-orm sees it, and what it is in the domain.
//!
//! Rows are a type of their own: a column may be renamed or split without the domain knowing, and what a row says is
//! checked when it is read.
#![expect(unreachable_pub, reason = "the derive makes public items, which need public neighbours")]

pub mod account;
pub mod act;
mod authorization;
mod capability;
pub mod change;
pub mod connector;
pub mod event;
pub mod event_counter;
pub mod event_log;
pub mod interaction;
pub mod invoice;
pub mod line;
mod name;
pub mod operation;
pub mod order;
pub mod payment;
pub mod request;
mod value;

use sea_orm::{EntityTrait, Iterable, ModelTrait, PrimaryKeyToColumn};

use crate::StoreError;
use crate::layout::Layout;

pub(crate) use name::Named;
pub(crate) use value::Unreadable;

/// A table whose rows are domain values.
pub(crate) trait Stored: EntityTrait {
    /// What a row is in the domain.
    type Domain: Send;

    /// The row of a domain value.
    fn row(domain: &Self::Domain) -> Result<Self::Model, StoreError>;

    /// The domain value of a row, if the row makes sense.
    fn domain(row: &Self::Model) -> Result<Self::Domain, Unreadable>;

    /// The table's columns and key.
    fn layout() -> &'static Layout;

    /// [`Stored::domain`], with an error that names the row.
    fn read(row: &Self::Model) -> Result<Self::Domain, StoreError> {
        Self::domain(row).map_err(|Unreadable(what)| {
            let key: Vec<String> =
                Self::PrimaryKey::iter().map(|key| row.get(key.into_column()).to_string()).collect();
            let table = Self::default();
            StoreError::Corrupt(format!("{} ({}): {what}", table.table_name(), key.join(", ")))
        })
    }
}

/// Gives an entity its layout, made once.
macro_rules! layout {
    () => {
        fn layout() -> &'static crate::layout::Layout {
            static LAYOUT: std::sync::LazyLock<crate::layout::Layout> =
                std::sync::LazyLock::new(crate::layout::Layout::of::<Entity>);
            &LAYOUT
        }
    };
}
use layout;
