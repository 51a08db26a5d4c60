//! How the statements read.
//!
//! PostgreSQL takes a list of rows as one array per column, SQLite as rows of parameters. An array cannot carry an
//! absent value (sea-query panics on one), so in arrays an absent text is the empty one and every other text has a `=`
//! before it, and an absent number is the least there is.

use sea_orm::DbBackend;

use super::{Column, Kind, Layout, VERSION};

impl Kind {
    fn postgres(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "bigint",
            Self::Boolean => "boolean",
            Self::Bytes => "bytea",
        }
    }
}

impl Column {
    /// The column's value in the row `r` of a list.
    fn listed(&self, backend: DbBackend) -> String {
        let name = self.name;
        match (backend, self.is_nullable, self.kind) {
            (DbBackend::Postgres, true, Kind::Text) => format!(r#"substr(NULLIF(r."{name}", ''), 2)"#),
            (DbBackend::Postgres, true, Kind::Integer) => {
                format!(r#"NULLIF(r."{name}", '{}'::bigint)"#, i64::MIN)
            }
            _ => format!(r#"r."{name}""#),
        }
    }
}

/// A column of a list that no table has.
fn counting(name: &'static str) -> Column {
    Column { name, kind: Kind::Integer, is_nullable: false, is_key: false }
}

fn joined(columns: impl Iterator<Item = String>, separator: &str) -> String {
    columns.collect::<Vec<_>>().join(separator)
}

fn quoted(columns: &[Column]) -> String {
    joined(columns.iter().map(|column| format!(r#""{}""#, column.name)), ", ")
}

/// `unnest(…) AS r(…)`, with parameters from the `first`th on.
pub(super) fn unnest(columns: &[Column], first: usize) -> String {
    let parameter =
        |(index, column): (usize, &Column)| format!("${}::{}[]", index + first, column.kind.postgres());
    let parameters = joined(columns.iter().enumerate().map(parameter), ", ");
    format!("unnest({parameters}) AS r({})", quoted(columns))
}

/// `(VALUES (?, …), …)` of so many rows.
fn values(columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    format!("(VALUES {})", vec![row.as_str(); rows].join(", "))
}

fn equal(columns: &[Column]) -> String {
    let pair = |column: &Column| format!(r#"t."{0}" = r."{0}""#, column.name);
    joined(columns.iter().map(pair), " AND ")
}

impl Layout {
    /// The columns, as a select lists them.
    pub(super) fn selected(&self) -> String {
        joined(self.columns.iter().map(|column| format!(r#"t."{}""#, column.name)), ", ")
    }

    /// Adds rows.
    pub(crate) fn insert(&self, backend: DbBackend, rows: usize) -> String {
        let (table, columns) = (self.table, quoted(&self.columns));
        if backend == DbBackend::Sqlite {
            let values = values(self.columns.len(), rows);
            let values = values.trim_start_matches('(').trim_end_matches(')');
            return format!(r#"INSERT INTO "{table}" ({columns}) {values})"#);
        }
        let listed = joined(self.columns.iter().map(|column| column.listed(backend)), ", ");
        let list = unnest(&self.columns, 1);
        format!(r#"INSERT INTO "{table}" ({columns}) SELECT {listed} FROM {list}"#)
    }

    /// The columns of a list of updates: those of the table, and the version that was read.
    pub(crate) fn updated(&self) -> Vec<Column> {
        let mut columns = self.columns.clone();
        if self.is_versioned() {
            columns.push(counting("read_version"));
        }
        columns
    }

    /// Writes rows that are there, whole; a row that is not there, or has another version than was read, is left out,
    /// and misses in the number of rows.
    pub(crate) fn update(&self, backend: DbBackend, rows: usize) -> String {
        let table = self.table;
        let keys: Vec<Column> = self.columns.iter().filter(|column| column.is_key).copied().collect();
        let set = |column: &Column| format!(r#""{}" = {}"#, column.name, column.listed(backend));
        let set = joined(self.columns.iter().filter(|column| !column.is_key).map(set), ", ");
        let mut condition = equal(&keys);
        if self.is_versioned() {
            condition = format!(r#"{condition} AND t."{VERSION}" = r."read_version""#);
        }
        let columns = self.updated();
        if backend == DbBackend::Sqlite {
            let (names, values) = (quoted(&columns), values(columns.len(), rows));
            return format!(
                r#"WITH r({names}) AS {values} UPDATE "{table}" AS t SET {set} FROM r WHERE {condition}"#
            );
        }
        let list = unnest(&columns, 1);
        format!(r#"UPDATE "{table}" AS t SET {set} FROM {list} WHERE {condition}"#)
    }

    /// Reads the rows whose columns `by`, the key or the start of it, are in a list.
    pub(crate) fn select(&self, backend: DbBackend, by: &[Column], rows: usize) -> String {
        let (table, selected) = (self.table, self.selected());
        if backend == DbBackend::Sqlite {
            let (names, values) = (quoted(by), values(by.len(), rows));
            return format!(r#"SELECT {selected} FROM "{table}" AS t WHERE ({names}) IN {values}"#);
        }
        let (list, equal) = (unnest(by, 1), equal(by));
        format!(r#"SELECT {selected} FROM {list} JOIN "{table}" AS t ON {equal}"#)
    }

    /// Locks the rows whose keys are in a list, in the order of their keys, and reads them and the database's clock.
    ///
    /// PostgreSQL only. One row at least: without a row of the table, it has the clock alone. The clock is read when
    /// the last lock was granted, as counting has to wait for all of them: a batch that waited for its lock is never
    /// earlier than the one that it waited for. The rows are as the lock found them, not as the statement began.
    pub(crate) fn lock(&self) -> String {
        let keys: Vec<Column> = self.columns.iter().filter(|column| column.is_key).copied().collect();
        let order = joined(keys.iter().map(|key| format!(r#"t."{}""#, key.name)), ", ");
        let (table, selected, list, condition) =
            (self.table, self.selected(), unnest(&keys, 1), equal(&keys));
        format!(
            r#"WITH locked AS MATERIALIZED (SELECT {selected} FROM {list} JOIN "{table}" AS t ON {condition} ORDER BY {order} FOR NO KEY UPDATE OF t), clock AS MATERIALIZED (SELECT count(*) AS locks, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now FROM locked) SELECT clock.now, locked.* FROM clock LEFT JOIN locked ON true"#
        )
    }

    /// Reads, for each entry of a list, the first `most` rows by the column `order` that meet `condition`, which names
    /// the table `t` and the list `r`. Where the list has that column too, the condition says how the two compare.
    ///
    /// The order is what ties the statement to its index, whatever the planner believes of the size of the table: every
    /// other way to the rows has to sort them.
    pub(crate) fn select_first(
        &self,
        backend: DbBackend,
        by: &[Column],
        condition: &str,
        order: &str,
        most: usize,
        rows: usize,
    ) -> String {
        let keys: Vec<Column> = by.iter().filter(|column| column.name != order).copied().collect();
        let (table, selected, equal) = (self.table, self.selected(), equal(&keys));
        if backend == DbBackend::Sqlite {
            let (names, values) = (quoted(by), values(by.len(), rows));
            return format!(
                r#"WITH r({names}) AS {values} SELECT {found} FROM r CROSS JOIN "{table}" AS f WHERE f.rowid IN (SELECT t.rowid FROM "{table}" AS t WHERE {equal} AND {condition} ORDER BY t."{order}" LIMIT {most})"#,
                found = selected.replace(r#"t.""#, r#"f.""#),
            );
        }
        let list = unnest(by, 1);
        format!(
            r#"SELECT f.* FROM {list} CROSS JOIN LATERAL (SELECT {selected} FROM "{table}" AS t WHERE {equal} AND {condition} ORDER BY t."{order}" LIMIT {most}) AS f"#
        )
    }

    /// The columns of a list of spans of numbers, for [`Layout::delete_numbers`].
    pub(crate) fn spans(&self) -> Vec<Column> {
        let mut columns = self.keys(&["account_id"]);
        columns.extend([counting("first"), counting("last")]);
        columns
    }

    /// Deletes the rows whose numbers are in a list of accounts with a first and a last number.
    pub(crate) fn delete_numbers(&self, backend: DbBackend, rows: usize) -> String {
        let (table, columns) = (self.table, self.spans());
        let condition =
            r#"t."account_id" = r."account_id" AND t."number" >= r."first" AND t."number" <= r."last""#;
        if backend == DbBackend::Sqlite {
            let (names, values) = (quoted(&columns), values(columns.len(), rows));
            return format!(
                r#"WITH r({names}) AS {values} DELETE FROM "{table}" AS f WHERE f.rowid IN (SELECT t.rowid FROM r CROSS JOIN "{table}" AS t WHERE {condition})"#
            );
        }
        let list = unnest(&columns, 1);
        format!(r#"DELETE FROM "{table}" AS t USING {list} WHERE {condition}"#)
    }

    /// The columns of a list of accounts, for [`Layout::numbered_insert`].
    pub(crate) fn counted(&self) -> Vec<Column> {
        let mut columns = self.keys(&["account_id"]);
        columns.push(counting("events"));
        columns
    }

    /// The columns of a list of events, for [`Layout::numbered_insert`].
    pub(crate) fn numbered(&self) -> Vec<Column> {
        let mut columns = self.columns.clone();
        columns.push(counting("slot"));
        columns
    }

    /// Takes numbers from the accounts' counters and adds events with them, in one statement, so that the counter is
    /// held for no further round trip than the commit.
    ///
    /// PostgreSQL only. The first two parameters list the accounts, in order, and how many events each has; the others
    /// list the events, in place of the number how many of the account's events come after it, and last which of the
    /// accounts it belongs to, from 1.
    pub(crate) fn numbered_insert(&self) -> String {
        let columns = self.numbered();
        let number =
            r#"(SELECT array_agg(c.last_number ORDER BY c.account_id) FROM c)[r."slot"] - r."number""#;
        let listed = |column: &Column| match column.name {
            "number" => number.to_owned(),
            _ => column.listed(DbBackend::Postgres),
        };
        let listed = joined(self.columns.iter().map(listed), ", ");
        let (table, names, list) = (self.table, quoted(&self.columns), unnest(&columns, 3));
        format!(
            r#"WITH c AS (INSERT INTO event_counters AS t (account_id, last_number) SELECT r.account_id, r.events FROM unnest($1::text[], $2::bigint[]) AS r(account_id, events) ON CONFLICT (account_id) DO UPDATE SET last_number = t.last_number + excluded.last_number RETURNING t.account_id, t.last_number) INSERT INTO "{table}" ({names}) SELECT {listed} FROM {list}"#
        )
    }
}
