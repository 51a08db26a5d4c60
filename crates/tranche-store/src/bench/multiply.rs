//! A past, made of one real order: its rows under other ids, as often as asked for.
//!
//! Copies look like what the product itself wrote, whatever its tables look like, since they are made of that. Ids that
//! are hashes are scattered again, so that new rows find the index as a real past would have left it.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, TransactionTrait, Value};
use tranche_core::id::OrderKey;

use super::connect;
use crate::StoreError;
use crate::entity::{Stored, change, event, interaction, invoice, line, operation, order, payment, request};
use crate::layout::{Column, Layout};

/// Copies that one transaction makes.
const COPIES_PER_TRANSACTION: u64 = 500;
/// Spreads numbers over 32 bits, each to a place of its own: odd, and near the golden section.
const SCATTER: u64 = 2_654_435_761;

/// Adds `copies` of an order and all that belongs to it, events included; the copies' ids are the order's own with
/// `-1`, `-2` and so on behind them. Says after each part how many there are. No server may have the database open.
pub async fn multiply(
    url: &str,
    order: &OrderKey,
    copies: u64,
    made: impl Fn(u64) + Send + Sync,
) -> Result<(), StoreError> {
    let (connection, _lock) = connect(url).await?;
    let mut first = 1;
    while first <= copies {
        let last = copies.min(first + COPIES_PER_TRANSACTION - 1);
        let transaction = connection.begin().await?;
        let copying = Copying { transaction, order, first, last };
        copying.rows(order::Entity::layout()).await?;
        copying.rows(line::Entity::layout()).await?;
        copying.rows(payment::Entity::layout()).await?;
        copying.rows(invoice::Entity::layout()).await?;
        copying.rows(change::Entity::layout()).await?;
        copying.rows(operation::Entity::layout()).await?;
        copying.rows(interaction::Entity::layout()).await?;
        copying.rows(request::Entity::layout()).await?;
        copying.events().await?;
        copying.transaction.commit().await?;
        made(last);
        first = last + 1;
    }
    Ok(connection.close().await?)
}

/// One part of the copies.
struct Copying<'a> {
    transaction: DatabaseTransaction,
    order: &'a OrderKey,
    first: u64,
    last: u64,
}

impl Copying<'_> {
    fn backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    /// The copy's value of a column of `t`; `n.i` is the number of the copy.
    fn copied(&self, column: &Column) -> String {
        let own = format!(r#"t."{}""#, column.name);
        match column.name {
            "order_id" | "transaction_id" | "provider_payment_id" | "resource" => {
                format!("{own} || '-' || n.i")
            }
            "operation_id" | "refund_operation_id" => {
                let place = format!("(n.i * {SCATTER}) % 4294967296");
                let digits = match self.backend() {
                    DbBackend::Postgres => format!("lpad(to_hex({place}), 8, '0')"),
                    _ => format!("printf('%08x', {place})"),
                };
                format!("substr({own}, 1, 3) || {digits} || substr({own}, 4)")
            }
            _ => own,
        }
    }

    /// Copies the order's rows of one table.
    async fn rows(&self, layout: &Layout) -> Result<(), StoreError> {
        let condition = match layout.table {
            "requests" => {
                "resource IN ('order/' || $2, (SELECT 'transaction/' || transaction_id FROM orders WHERE \
                 account_id = $1 AND order_id = $2))"
            }
            _ => "order_id = $2",
        };
        let values: Vec<String> = layout.columns.iter().map(|column| self.copied(column)).collect();
        let own = format!(r#"SELECT * FROM "{}" WHERE account_id = $1 AND {condition}"#, layout.table);
        self.insert(layout, &own, &values.join(", "), vec![]).await.map(drop)
    }

    /// Copies the order's events, with the numbers that are next.
    async fn events(&self) -> Result<(), StoreError> {
        let layout = event::Entity::layout();
        let last = "SELECT last_number FROM event_counters WHERE account_id = $1 AND $2 <> ''";
        let row = self.transaction.query_one_raw(self.statement(last, vec![])).await?;
        let Some(row) = row else { return Ok(()) };
        let last_number: i64 = row.try_get("", "last_number")?;
        let value = |column: &Column| match column.name {
            "number" => format!("$3 + (n.i - {}) * t.places + t.place", self.first),
            _ => self.copied(column),
        };
        let values: Vec<String> = layout.columns.iter().map(value).collect();
        let own = "SELECT *, row_number() OVER (ORDER BY number) AS place, count(*) OVER () AS places FROM events \
                   WHERE account_id = $1 AND order_id = $2";
        let made = self.insert(layout, own, &values.join(", "), vec![Value::from(last_number)]).await?;
        let made = i64::try_from(made).unwrap_or(i64::MAX);
        let take =
            "UPDATE event_counters SET last_number = last_number + $3 WHERE account_id = $1 AND $2 <> ''";
        self.transaction.execute_raw(self.statement(take, vec![Value::from(made)])).await?;
        Ok(())
    }

    /// Adds `values` of each of the order's `own` rows to a table, once for each copy. The rows are found once.
    async fn insert(
        &self,
        layout: &Layout,
        own: &str,
        values: &str,
        more: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let names: Vec<String> =
            layout.columns.iter().map(|column| format!(r#""{}""#, column.name)).collect();
        let (table, names, first, last) = (layout.table, names.join(", "), self.first, self.last);
        let text = format!(
            r#"INSERT INTO "{table}" ({names}) WITH RECURSIVE n(i) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {last}), t AS MATERIALIZED ({own}) SELECT {values} FROM n CROSS JOIN t"#
        );
        Ok(self.transaction.execute_raw(self.statement(&text, more)).await?.rows_affected())
    }

    /// A statement whose first two parameters are the order's key.
    fn statement(&self, text: &str, more: Vec<Value>) -> Statement {
        let backend = self.backend();
        // Numbered parameters begin with another character there, and `||` needs to be told that they are texts.
        let text = match backend {
            DbBackend::Sqlite => text.replace('$', "?"),
            _ => text.replace("$2", "$2::text").replace("$3", "$3::bigint"),
        };
        let mut values =
            vec![Value::from(self.order.account_id.as_str()), Value::from(self.order.order_id.as_str())];
        values.extend(more);
        Statement::from_sql_and_values(backend, text, values)
    }
}
