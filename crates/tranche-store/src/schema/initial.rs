//! The first schema, with every constraint that money is held by.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// See `up.sql`.
pub(super) struct Initial;

impl MigrationName for Initial {
    fn name(&self) -> &'static str {
        "m0001_books"
    }
}

/// Spells the types and the storage of a schema as the database does.
fn spelled(sql: &str, backend: DbBackend) -> String {
    let words = match backend {
        DbBackend::Sqlite => [
            ("{id}", "TEXT"),
            ("{int}", "INTEGER"),
            ("{bool}", "INTEGER"),
            ("{bytes}", "BLOB"),
            ("{rows}", " STRICT"),
            ("{hot_rows}", " STRICT"),
            ("{counter_rows}", " STRICT"),
        ],
        _ => [
            ("{id}", "TEXT COLLATE \"C\""),
            ("{int}", "BIGINT"),
            ("{bool}", "BOOLEAN"),
            ("{bytes}", "BYTEA"),
            ("{rows}", ""),
            ("{hot_rows}", " WITH (fillfactor = 80)"),
            ("{counter_rows}", " WITH (fillfactor = 10)"),
        ],
    };
    words.iter().fold(sql.to_owned(), |sql, (word, spelling)| sql.replace(word, spelling))
}

#[async_trait::async_trait]
impl MigrationTrait for Initial {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = spelled(include_str!("initial/up.sql"), manager.get_database_backend());
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = include_str!("initial/down.sql");
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }
}
