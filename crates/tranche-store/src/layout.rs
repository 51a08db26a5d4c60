//! A table's columns, taken from its entity, and the texts of the statements made of them.
//!
//! Each column stands once, in its entity. A text depends on nothing but the table, the action and, on SQLite, the
//! number of rows, so that a prepared statement is found again.

mod text;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{ColumnTrait, ColumnType, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// 64 bits: amounts, counts, times.
    Integer,
    /// Yes or no.
    Boolean,
    /// Bytes.
    Bytes,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// Whether it may be empty.
    pub(crate) is_nullable: bool,
    /// Whether it is part of the table's key.
    pub(crate) is_key: bool,
}

/// A table.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Its name.
    pub(crate) table: &'static str,
    /// Its columns.
    pub(crate) columns: Vec<Column>,
}

/// What a statement says to be planned over an index that is not the key; true of every row. It must be a condition
/// that no database looks into an index with, or SQLite starts each page at the first row.
pub(crate) const NOT_BY_KEY: &str = "account_id <> ''";

/// The column that counts the writes of a row.
const VERSION: &str = "version";

fn kind(column_type: &ColumnType) -> Kind {
    match column_type {
        ColumnType::BigInteger => Kind::Integer,
        ColumnType::Boolean => Kind::Boolean,
        ColumnType::VarBinary(_) | ColumnType::Binary(_) | ColumnType::Blob => Kind::Bytes,
        _ => Kind::Text,
    }
}

impl Layout {
    /// The layout of an entity.
    pub(crate) fn of<E: EntityTrait>() -> Self {
        let keys: Vec<&str> = E::PrimaryKey::iter().map(|key| key.into_column().as_str()).collect();
        let column = |column: E::Column| Column {
            name: column.as_str(),
            kind: kind(column.def().get_column_type()),
            is_nullable: column.def().is_null(),
            is_key: keys.contains(&column.as_str()),
        };
        Self { table: E::default().table_name(), columns: E::Column::iter().map(column).collect() }
    }

    /// Whether a row is written only over the version that was read.
    pub(crate) fn is_versioned(&self) -> bool {
        self.columns.iter().any(|column| column.name == VERSION)
    }

    /// The columns with these names, as a list of keys has them: what is looked for is never absent.
    pub(crate) fn keys(&self, names: &[&str]) -> Vec<Column> {
        let with_name = |name: &&str| self.columns.iter().find(|column| column.name == *name);
        let key = |column: &Column| Column { is_nullable: false, ..*column };
        names.iter().filter_map(with_name).map(key).collect()
    }
}

/// The texts of the write path's statements, each made once.
#[derive(Debug, Default)]
pub(crate) struct Texts(Mutex<BTreeMap<Key, Arc<str>>>);

/// Table, action, and number of rows where the text depends on it.
type Key = (&'static str, &'static str, usize);

impl Texts {
    /// The text for `key`, made by `make` the first time.
    pub(crate) fn get(&self, key: Key, make: impl FnOnce() -> String) -> String {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = texts.entry(key).or_insert_with(|| make().into());
        String::from(&**text)
    }

    /// All texts so far.
    pub(crate) fn all(&self) -> Vec<String> {
        let texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.values().map(|text| String::from(&**text)).collect()
    }
}
