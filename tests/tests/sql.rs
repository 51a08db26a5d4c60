//! A test's own hands on a database, past the product.

use sea_orm::{
    ConnectionTrait, Database as Connector, DatabaseBackend, DatabaseConnection, DbErr, Statement,
};
use tranche_tests::world::Database;

/// A connection.
pub(crate) struct Sql {
    connection: DatabaseConnection,
}

impl Sql {
    pub(crate) async fn connect(database: &Database) -> Self {
        Self { connection: Connector::connect(database.url()).await.unwrap() }
    }

    /// Runs a statement.
    pub(crate) async fn run(&self, statement: &str) -> Result<(), DbErr> {
        self.connection.execute_unprepared(statement).await.map(drop)
    }

    /// The steps by which SQLite would run a statement.
    pub(crate) async fn plan(&self, statement: &str) -> Vec<String> {
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        let rows =
            self.connection.query_all_raw(Statement::from_string(DatabaseBackend::Sqlite, explain)).await;
        rows.unwrap().iter().map(|row| row.try_get("", "detail").unwrap()).collect()
    }

    /// Has the database refuse invoices of this number.
    pub(crate) async fn poison_invoice(&self, number: &str) {
        let statement = match self.connection.get_database_backend() {
            DatabaseBackend::Sqlite => format!(
                "CREATE TRIGGER poison BEFORE INSERT ON invoices WHEN NEW.invoice_number = '{number}' \
                 BEGIN SELECT RAISE(ABORT, 'poison trigger'); END"
            ),
            _ => format!("ALTER TABLE invoices ADD CONSTRAINT poison CHECK (invoice_number <> '{number}')"),
        };
        self.run(&statement).await.unwrap();
    }
}
