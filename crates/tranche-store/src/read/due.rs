//! What is due, connector by connector.
//!
//! First the connectors at which something is due are read, then the operations of those that may be called. However
//! many operations wait for one that may not, they are stepped over with one look into the index `operations_due`.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use tranche_core::id::{AccountId, ConnectorId, OperationId, OrderId, OrderKey};
use tranche_core::time::Timestamp;

use crate::{Store, StoreError};

/// The connectors after `$1`, `$2` at which something will be due, `$3` of them at most, each with the earliest of its
/// times. Each step finds the first entry of the next connector in the index.
const CONNECTORS_POSTGRES: &str = "WITH RECURSIVE d(account_id, connector_id, due_time) AS ( \
    (SELECT t.account_id, t.connector_id, t.due_time FROM operations AS t WHERE t.due_time IS NOT NULL \
    AND (t.account_id, t.connector_id) > ($1, $2) ORDER BY t.account_id, t.connector_id, t.due_time LIMIT 1) \
    UNION ALL SELECT n.* FROM d CROSS JOIN LATERAL ( \
    SELECT t.account_id, t.connector_id, t.due_time FROM operations AS t WHERE t.due_time IS NOT NULL \
    AND (t.account_id, t.connector_id) > (d.account_id, d.connector_id) \
    ORDER BY t.account_id, t.connector_id, t.due_time LIMIT 1) AS n) \
    SELECT d.account_id, d.connector_id, d.due_time, c.version FROM (SELECT * FROM d LIMIT $3) AS d \
    LEFT JOIN connectors AS c ON c.account_id = d.account_id AND c.connector_id = d.connector_id";

/// The same for SQLite, which has no LATERAL and counts the rows of a recursion inside of it. It looks up a pair of texts
/// in an index only if what they are compared with is no column; hence the signs.
const CONNECTORS_SQLITE: &str = "WITH RECURSIVE d(account_id, connector_id, due_time) AS ( \
    SELECT * FROM (SELECT t.account_id, t.connector_id, t.due_time FROM operations AS t WHERE t.due_time IS NOT NULL \
    AND (t.account_id, t.connector_id) > ($1, $2) ORDER BY t.account_id, t.connector_id, t.due_time LIMIT 1) \
    UNION ALL SELECT n.account_id, n.connector_id, n.due_time FROM d CROSS JOIN operations AS n WHERE n.rowid = ( \
    SELECT t.rowid FROM operations AS t WHERE t.due_time IS NOT NULL \
    AND (t.account_id, t.connector_id) > (+d.account_id, +d.connector_id) \
    ORDER BY t.account_id, t.connector_id, t.due_time LIMIT 1) LIMIT $3) \
    SELECT d.account_id, d.connector_id, d.due_time, c.version FROM d \
    LEFT JOIN connectors AS c ON c.account_id = d.account_id AND c.connector_id = d.connector_id";

/// A connector at which something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueConnector {
    /// The account.
    pub account_id: AccountId,
    /// The connector.
    pub connector_id: ConnectorId,
    /// Counts the connector's writes: another number means other settings.
    pub version: i64,
}

/// Connectors at which something is due, in the order of their accounts and ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueConnectors {
    /// Those of the page.
    pub connectors: Vec<DueConnector>,
    /// Where the next page begins; none after the last one.
    pub next: Option<(AccountId, ConnectorId)>,
}

/// An operation that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueOperation {
    /// The order, and its account.
    pub key: OrderKey,
    /// The connector that it is to be sent through.
    pub connector_id: ConnectorId,
    /// The operation.
    pub operation_id: OperationId,
}

/// The first operations of each of so many connectors, by the time since which they are due.
fn operations_text(backend: DbBackend, connectors: usize, most: usize) -> String {
    let due = format!(
        "FROM operations AS t WHERE t.account_id = r.account_id AND t.connector_id = r.connector_id \
         AND t.due_time IS NOT NULL AND t.due_time <= $1 ORDER BY t.due_time LIMIT {most}"
    );
    let found = "f.account_id, f.connector_id, f.order_id, f.operation_id";
    if backend == DbBackend::Postgres {
        return format!(
            "SELECT {found} FROM unnest($2::text[], $3::text[]) AS r(account_id, connector_id) CROSS JOIN LATERAL \
             (SELECT t.account_id, t.connector_id, t.order_id, t.operation_id {due}) AS f"
        );
    }
    let rows = (0..connectors).map(|row| format!("(${}, ${})", 2 * row + 2, 2 * row + 3));
    let rows = rows.collect::<Vec<_>>().join(", ");
    format!(
        "WITH r(account_id, connector_id) AS (VALUES {rows}) SELECT {found} FROM r CROSS JOIN operations AS f \
         WHERE f.rowid IN (SELECT t.rowid {due})"
    )
}

fn number(limit: usize) -> Value {
    i64::try_from(limit).unwrap_or(i64::MAX).into()
}

impl Store {
    /// The connectors of all accounts at which something is due at `now`, from where the page before ended. The work is
    /// that of the connectors at which something is due or under way, `limit` of them at most, however much that is.
    pub async fn due_connectors(
        &self,
        now: Timestamp,
        after: Option<&(AccountId, ConnectorId)>,
        limit: usize,
    ) -> Result<DueConnectors, StoreError> {
        let backend = self.reads.get_database_backend();
        let (account, connector) =
            after.map_or(("", ""), |(account, connector)| (account.as_str(), connector.as_str()));
        let values = vec![Value::from(account), Value::from(connector), number(limit)];
        let text = connectors_text(backend);
        let rows = self.reads.query_all_raw(Statement::from_sql_and_values(backend, text, values)).await?;
        let mut page = DueConnectors::default();
        for row in &rows {
            let account_id = AccountId::trusted(&row.try_get::<String>("", "account_id")?);
            let connector_id = ConnectorId::trusted(&row.try_get::<String>("", "connector_id")?);
            if rows.len() == limit {
                page.next = Some((account_id.clone(), connector_id.clone()));
            }
            if row.try_get::<i64>("", "due_time")? <= now.micros() {
                let version = row.try_get::<Option<i64>>("", "version")?.unwrap_or_default();
                page.connectors.push(DueConnector { account_id, connector_id, version });
            }
        }
        Ok(page)
    }

    /// Operations that are due at `now` at these connectors, at most `most` of each, those that are due for longest.
    pub async fn due_operations(
        &self,
        now: Timestamp,
        connectors: &[(AccountId, ConnectorId)],
        most: usize,
    ) -> Result<Vec<DueOperation>, StoreError> {
        if connectors.is_empty() {
            return Ok(Vec::new());
        }
        let backend = self.reads.get_database_backend();
        let mut values = vec![Value::from(now.micros())];
        if backend == DbBackend::Postgres {
            let (accounts, ids): (Vec<_>, Vec<_>) =
                connectors.iter().map(|(account, id)| (account.to_string(), id.to_string())).unzip();
            values.extend([Value::from(accounts), Value::from(ids)]);
        } else {
            let pair = |(account, id): &(AccountId, ConnectorId)| {
                [Value::from(account.as_str()), Value::from(id.as_str())]
            };
            values.extend(connectors.iter().flat_map(pair));
        }
        let text = operations_text(backend, connectors.len(), most);
        let statement = Statement::from_sql_and_values(backend, text, values);
        let operation = |row: &QueryResult| -> Result<DueOperation, StoreError> {
            let text = |column: &str| row.try_get::<String>("", column);
            let account_id = AccountId::trusted(&text("account_id")?);
            let key = OrderKey { account_id, order_id: OrderId::trusted(&text("order_id")?) };
            Ok(DueOperation {
                key,
                connector_id: ConnectorId::trusted(&text("connector_id")?),
                operation_id: OperationId::trusted(&text("operation_id")?),
            })
        };
        self.reads.query_all_raw(statement).await?.iter().map(operation).collect()
    }

    /// The texts of the reads of what is due, for so many connectors and so many operations of each, for tests that have
    /// them explained.
    pub fn due_statements(&self, connectors: usize, most: usize) -> [String; 2] {
        let backend = self.reads.get_database_backend();
        [connectors_text(backend).to_owned(), operations_text(backend, connectors, most)]
    }
}

fn connectors_text(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres { CONNECTORS_POSTGRES } else { CONNECTORS_SQLITE }
}
