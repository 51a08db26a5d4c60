//! Lists of rows and keys, to and from one transaction.

use sea_orm::sea_query::ArrayType;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, ExecResult, FromQueryResult, Iterable, ModelTrait,
    QueryResult, Statement, Value,
};

use crate::StoreError;
use crate::bounds::SQLITE_ROWS_PER_STATEMENT_MAX;
use crate::entity::Stored;
use crate::layout::{Column, Kind, Texts};

/// A transaction, with the texts that it uses.
#[derive(Clone, Copy)]
pub(crate) struct Session<'a> {
    pub(crate) transaction: &'a DatabaseTransaction,
    pub(crate) texts: &'a Texts,
}

/// A row, or a key, as the columns of a list have it.
pub(crate) type Listed = Vec<Value>;

/// PostgreSQL has no NUL in texts. One that a provider sends must not make its answer unwritable, so it is written as
/// the character that stands for what cannot be shown.
fn writable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

fn writable_value(value: Value) -> Value {
    match value {
        Value::String(Some(text)) => Value::String(Some(writable(text))),
        value => value,
    }
}

/// One column of a list as an array; see [`crate::layout`] for what is absent.
fn array(column: Column, values: impl Iterator<Item = Value>) -> Value {
    let element = |value: Value| match value {
        Value::String(Some(text)) if column.is_nullable => Value::from(format!("={}", writable(text))),
        Value::String(None) => Value::from(""),
        Value::BigInt(None) => Value::from(i64::MIN),
        value => writable_value(value),
    };
    let array_type = match column.kind {
        Kind::Text => ArrayType::String,
        Kind::Integer => ArrayType::BigInt,
        Kind::Boolean => ArrayType::Bool,
        Kind::Bytes => ArrayType::Bytes,
    };
    Value::Array(array_type, Some(Box::new(values.map(element).collect())))
}

/// A list as one array per column.
pub(crate) fn arrays(columns: &[Column], rows: Vec<Listed>) -> Vec<Value> {
    let mut rows: Vec<_> = rows.into_iter().map(Vec::into_iter).collect();
    let next = |column: &Column| array(*column, rows.iter_mut().filter_map(Iterator::next));
    columns.iter().map(next).collect()
}

/// A list as the parameters of its rows.
fn flat(rows: Vec<Listed>) -> Vec<Value> {
    rows.into_iter().flatten().map(writable_value).collect()
}

/// The row of an entity, in the order of its columns.
pub(crate) fn listed<E: Stored>(model: &E::Model) -> Listed {
    E::Column::iter().map(|column| model.get(column)).collect()
}

/// Takes the next rows of one statement: as many as a power of two has, so that few texts are needed.
fn next_chunk(rows: &mut Vec<Listed>) -> Vec<Listed> {
    let mut size = SQLITE_ROWS_PER_STATEMENT_MAX;
    while size > rows.len() {
        size /= 2;
    }
    rows.drain(..size).collect()
}

/// Fills a list of keys up to a power of two with its last one, which finds nothing new.
fn padded(mut keys: Vec<Listed>) -> Vec<Listed> {
    if let Some(last) = keys.last().cloned() {
        keys.resize(keys.len().next_power_of_two(), last);
    }
    keys
}

impl Session<'_> {
    pub(crate) fn backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    pub(crate) async fn query(
        &self,
        text: String,
        values: Vec<Value>,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let statement = Statement::from_sql_and_values(self.backend(), text, values);
        Ok(self.transaction.query_all_raw(statement).await?)
    }

    pub(crate) async fn execute(&self, text: String, values: Vec<Value>) -> Result<ExecResult, StoreError> {
        let statement = Statement::from_sql_and_values(self.backend(), text, values);
        Ok(self.transaction.execute_raw(statement).await?)
    }

    /// Reads what a list of keys finds. `text` makes the statement for so many keys.
    pub(crate) async fn select_with<E: Stored>(
        &self,
        action: &'static str,
        by: &[Column],
        keys: Vec<Listed>,
        text: impl Fn(usize) -> String + Send + Sync,
    ) -> Result<Vec<E::Domain>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let table = E::layout().table;
        if self.backend() == DbBackend::Postgres {
            let text = self.texts.get((table, action, 0), || text(0));
            found = self.query(text, arrays(by, keys)).await?;
        } else {
            for chunk in keys.chunks(SQLITE_ROWS_PER_STATEMENT_MAX) {
                let keys = padded(chunk.to_vec());
                let text = self.texts.get((table, action, keys.len()), || text(keys.len()));
                found.extend(self.query(text, flat(keys)).await?);
            }
        }
        found.iter().map(|row| E::read(&E::Model::from_query_result(row, "")?)).collect()
    }

    /// Reads the rows whose columns `by` are in a list.
    pub(crate) async fn select<E: Stored>(
        &self,
        action: &'static str,
        by: &[&str],
        keys: Vec<Listed>,
    ) -> Result<Vec<E::Domain>, StoreError> {
        let (layout, backend) = (E::layout(), self.backend());
        let by = layout.keys(by);
        self.select_with::<E>(action, &by, keys, |rows| layout.select(backend, &by, rows)).await
    }

    /// Runs a statement over all rows of a list, and answers how many rows it wrote.
    pub(crate) async fn write(
        &self,
        (table, action): (&'static str, &'static str),
        columns: &[Column],
        mut rows: Vec<Listed>,
        text: impl Fn(usize) -> String + Send + Sync,
    ) -> Result<u64, StoreError> {
        if self.backend() == DbBackend::Postgres {
            let text = self.texts.get((table, action, 0), || text(0));
            return Ok(self.execute(text, arrays(columns, rows)).await?.rows_affected());
        }
        let mut written = 0;
        while !rows.is_empty() {
            let rows = next_chunk(&mut rows);
            let text = self.texts.get((table, action, rows.len()), || text(rows.len()));
            written += self.execute(text, flat(rows)).await?.rows_affected();
        }
        Ok(written)
    }

    /// Adds rows.
    pub(crate) async fn insert<E: Stored>(&self, rows: Vec<Listed>) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let (layout, backend) = (E::layout(), self.backend());
        let expected = rows.len();
        let text = |rows| layout.insert(backend, rows);
        let written = self.write((layout.table, "insert"), &layout.columns, rows, text).await?;
        all_written(layout.table, expected, written, StoreError::Refused)
    }

    /// Writes rows that are there; where the table has versions, the version that was read follows each row.
    pub(crate) async fn update<E: Stored>(&self, rows: Vec<Listed>) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let (layout, backend) = (E::layout(), self.backend());
        let expected = rows.len();
        let text = |rows| layout.update(backend, rows);
        let written = self.write((layout.table, "update"), &layout.updated(), rows, text).await?;
        let error = if layout.is_versioned() { StoreError::Conflict } else { StoreError::Refused };
        all_written(layout.table, expected, written, error)
    }
}

/// A row that is not written is work that is lost.
pub(crate) fn all_written(
    table: &str,
    expected: usize,
    written: u64,
    error: impl Fn(String) -> StoreError,
) -> Result<(), StoreError> {
    if u64::try_from(expected) == Ok(written) {
        return Ok(());
    }
    Err(error(format!("{table}: {written} of {expected} rows were written")))
}
