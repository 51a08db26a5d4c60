//! The conventional design: a transaction per command, a statement at a time.
//!
//! Its statements stand in a pgbench script, which this reads, so that both run the same.

use std::sync::Arc;

use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{AssertSqlSafe, Connection as _, PgConnection, query};

use crate::StoreError;
use crate::open::{Target, writing};

/// The script, for pgbench; see there for what it does, and which variables it is to be given.
pub const SCRIPT: &str = include_str!("conventional.sql");

/// What the script calls its variables, as far as statements name them.
const ORDER: &str = "order";
const INVOICE: &str = "invoice";
const OPERATION: &str = "operation";
const EVENT: &str = "event";
const NOW: &str = "now";

/// Spreads the numbers of operations over all numbers, as hashes would be; odd, so that no two meet.
const SCATTER: u64 = 0x9e37_79b9_7f4a_7c15;
/// Orders that there may be; what is numbered by invoice and order counts in these.
const ORDERS_MAX: u64 = 1 << 20;
/// Events of one invoice.
const EVENTS: u64 = 3;
/// Where the events' numbers begin: above all that the product gave.
const EVENTS_FIRST: u64 = 1_000_000_000_000;

/// A statement of the script, and the variables that it names, in the order of its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    text: Arc<str>,
    variables: Vec<&'static str>,
    /// Whether it must write a row; one that finds none would be work left out.
    writes: bool,
}

/// How a database spells what the script says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Postgres,
    Sqlite,
}

/// One connection of the conventional design.
pub struct Conventional {
    connection: Connection,
    steps: Vec<Step>,
}

enum Connection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Conventional {
    /// Connects. On SQLite, which has one writer, a second connection would only wait for the first.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Ok(match Target::parse(url)? {
            Target::Postgres(url) => Self {
                connection: Connection::Postgres(PgConnection::connect(&url).await?),
                steps: steps(SCRIPT, Dialect::Postgres),
            },
            Target::Sqlite(path) => {
                let options = writing(SqliteConnectOptions::new().filename(path));
                Self {
                    connection: Connection::Sqlite(SqliteConnection::connect_with(&options).await?),
                    steps: steps(SCRIPT, Dialect::Sqlite),
                }
            }
        })
    }

    /// Accepts the `invoice`th invoice of the `order`th open order, and records that its provider settled it: two
    /// transactions. Both are counted from 1.
    pub async fn settle(&mut self, order: u64, invoice: u64, now: i64) -> Result<(), StoreError> {
        let place = invoice * ORDERS_MAX + order;
        let value = |variable: &str| match variable {
            ORDER => order.cast_signed(),
            INVOICE => invoice.cast_signed(),
            OPERATION => place.wrapping_mul(SCATTER).cast_signed(),
            EVENT => (EVENTS_FIRST + EVENTS * place).cast_signed(),
            _ => now,
        };
        for step in &self.steps {
            let text = AssertSqlSafe(Arc::clone(&step.text));
            let values = step.variables.iter().map(|variable| value(variable));
            let mut written = None;
            match &mut self.connection {
                Connection::Postgres(connection) => {
                    let query = values.fold(query(text), Query::bind);
                    if step.writes {
                        written = Some(query.execute(connection).await?.rows_affected());
                    } else {
                        query.fetch_all(connection).await?;
                    }
                }
                Connection::Sqlite(connection) => {
                    let query = values.fold(query(text), Query::bind);
                    if step.writes {
                        written = Some(query.execute(connection).await?.rows_affected());
                    } else {
                        query.fetch_all(connection).await?;
                    }
                }
            }
            if written == Some(0) {
                return Err(StoreError::Refused(format!("nothing was written by {}", step.text)));
            }
        }
        Ok(())
    }

    /// Disconnects, in order.
    pub async fn close(self) -> Result<(), StoreError> {
        match self.connection {
            Connection::Postgres(connection) => connection.close().await?,
            Connection::Sqlite(connection) => connection.close().await?,
        }
        Ok(())
    }
}

/// The statements of a pgbench script.
fn steps(script: &str, dialect: Dialect) -> Vec<Step> {
    let is_statement = |line: &&str| !line.starts_with('\\') && !line.starts_with("--");
    let text = script.lines().filter(is_statement).collect::<Vec<_>>().join("\n");
    let statements = text.split(';').map(str::trim).filter(|statement| !statement.is_empty());
    statements.map(|statement| step(statement, dialect)).collect()
}

/// A statement with its variables as parameters.
fn step(statement: &str, dialect: Dialect) -> Step {
    let statement = match dialect {
        Dialect::Postgres => statement.to_owned(),
        Dialect::Sqlite if statement == "BEGIN" => "BEGIN IMMEDIATE".to_owned(),
        Dialect::Sqlite => ["::bigint", "::text", " FOR NO KEY UPDATE"]
            .iter()
            .fold(statement.to_owned(), |text, word| text.replace(word, "")),
    };
    let mut variables = Vec::new();
    let mut text = statement;
    for variable in [ORDER, INVOICE, OPERATION, EVENT, NOW] {
        let name = format!(":{variable}");
        if text.contains(&name) {
            variables.push(variable);
            let mark = if dialect == Dialect::Postgres { '$' } else { '?' };
            text = text.replace(&name, &format!("{mark}{}", variables.len()));
        }
    }
    let writes = ["INSERT", "UPDATE"].iter().any(|verb| text.starts_with(verb));
    Step { text: text.into(), variables, writes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_parameters() {
        let statement = "SELECT 'open-' || :order::bigint, :now::bigint FROM orders WHERE a = :order::bigint \
                         FOR NO KEY UPDATE";
        let postgres = step(statement, Dialect::Postgres);
        assert_eq!(postgres.variables, ["order", "now"]);
        assert_eq!(
            &*postgres.text,
            "SELECT 'open-' || $1::bigint, $2::bigint FROM orders WHERE a = $1::bigint FOR NO KEY UPDATE"
        );
        let sqlite = step(statement, Dialect::Sqlite);
        assert_eq!(sqlite.variables, ["order", "now"]);
        assert_eq!(&*sqlite.text, "SELECT 'open-' || ?1, ?2 FROM orders WHERE a = ?1");
    }

    #[test]
    fn the_script_is_two_transactions() {
        for (dialect, begin) in [(Dialect::Postgres, "BEGIN"), (Dialect::Sqlite, "BEGIN IMMEDIATE")] {
            let steps = steps(SCRIPT, dialect);
            let count = |text: &str| steps.iter().filter(|step| &*step.text == text).count();
            assert_eq!((count(begin), count("COMMIT")), (2, 2), "{steps:#?}");
            assert!(steps.iter().all(|step| !step.text.contains('\\')), "{steps:#?}");
            let unknown = steps.iter().filter(|step| {
                step.text
                    .as_bytes()
                    .windows(3)
                    .any(|word| word[0] != b':' && word[1] == b':' && word[2].is_ascii_alphabetic())
            });
            assert_eq!(unknown.count(), 0, "a variable that is not bound: {steps:#?}");
        }
    }
}
