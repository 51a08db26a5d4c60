//! What the server's log says of its statements.

use serde_json::Value;
use tranche_tests::world::World;

use crate::sql::Sql;

/// The tables whose rows grow in number.
const TABLES: &[&str] = &[
    "orders",
    "lines",
    "payments",
    "invoices",
    "changes",
    "operations",
    "interactions",
    "events",
    "requests",
];

/// One statement, as the database's client logged it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Statement {
    pub(super) text: String,
    pub(super) rows_returned: u64,
    pub(super) rows_affected: u64,
}

impl Statement {
    /// Whether it writes what providers answered.
    pub(super) fn records_outcome(&self) -> bool {
        self.text.starts_with(r#"INSERT INTO "interactions""#)
    }
}

/// The statements that acts caused in a part of the log.
pub(super) fn statements_of(log: &str) -> Vec<Statement> {
    log.lines().filter_map(statement).collect()
}

/// A statement that an act causes. What the server asks by the clock is none: the searches for due operations, for ends
/// of authorizations and for old events, the watch over the database's health, and the connectors' settings, which are
/// read again once a second; nor is what opens a connection.
fn statement(line: &str) -> Option<Statement> {
    let event: Value = serde_json::from_str(line).ok()?;
    let fields = event.get("fields").filter(|_| event["target"] == "sqlx::query")?;
    let full = fields["db.statement"].as_str().unwrap_or_default().trim();
    let text = if full.is_empty() { fields["summary"].as_str()? } else { full };
    let asides = [
        "WITH RECURSIVE d(",
        "t.due_time <= $1",
        "\"observe_time\" <=",
        "FROM \"connectors\"",
        "AS oldest_time",
    ];
    let is_aside =
        asides.iter().any(|aside| text.contains(aside)) || text == "SELECT 1" || text.starts_with("PRAGMA ");
    // With a statement that only reads, SQLite's client logs what the last one that writes affected.
    let writes = ["INSERT ", "UPDATE "].iter().any(|verb| text.contains(verb));
    let rows_affected = fields["rows_affected"].as_u64().filter(|_| writes);
    (!is_aside).then(|| Statement {
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        rows_returned: fields["rows_returned"].as_u64().unwrap_or_default(),
        rows_affected: rows_affected.unwrap_or_default(),
    })
}

/// SQLite finds every row of a hot statement by a key.
pub(super) async fn no_scans(world: &World, statements: &[Statement]) {
    let sql = Sql::connect(world.database()).await;
    for statement in statements {
        let reads =
            ["SELECT", "INSERT", "UPDATE", "WITH"].iter().any(|verb| statement.text.starts_with(verb));
        if !reads {
            continue;
        }
        for step in sql.plan(&statement.text).await {
            let scans = step.starts_with("SCAN ") && !step.contains("CONSTANT ROW") && !is_listed(&step);
            assert!(!scans, "{step} in {}", statement.text);
        }
    }
}

/// Whether a step goes through the rows that the statement itself lists; `t` and `f` stand for a table.
fn is_listed(step: &str) -> bool {
    let name = step.trim_start_matches("SCAN ").split(' ').next().unwrap_or_default();
    !TABLES.contains(&name) && !["t", "f"].contains(&name)
}
