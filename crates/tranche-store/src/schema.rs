//! The schema: bringing it up and down, and checking it before anything is served.

mod initial;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use sea_orm_migration::{MigrationStatus, MigrationTrait, MigratorTrait};

use crate::StoreError;
use crate::open::{Purpose, Target};

/// A migration and whether it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// Its name.
    pub name: String,
    /// Whether the database has it.
    pub is_applied: bool,
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(initial::Initial)]
    }
}

/// The advisory lock that migrations of one PostgreSQL database take turns by; any number that nobody else uses.
const MIGRATION_LOCK: i64 = 0x7472_616e_6368_6531;

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Up,
    Down,
}

async fn applied(connection: &impl ConnectionTrait) -> Result<Vec<MigrationState>, StoreError> {
    let migrations = Migrator::get_migration_with_status_read_only(connection).await;
    // The only error of its own that the migrator makes here: the database has a migration that we do not know.
    let migrations = migrations.map_err(|error| match error {
        sea_orm::DbErr::Custom(text) => StoreError::Schema(format!(
            "the database was migrated by another version of this program; {text}"
        )),
        error => StoreError::from(error),
    })?;
    let state = |migration: &sea_orm_migration::Migration| MigrationState {
        name: migration.name().to_owned(),
        is_applied: migration.status() == MigrationStatus::Applied,
    };
    Ok(migrations.iter().map(state).collect())
}

/// Everything in one transaction: a migration that is cut off leaves what was there before.
async fn migrate(url: &str, direction: Direction) -> Result<Vec<String>, StoreError> {
    let target = Target::parse(url)?;
    let (connection, _lock) = target.connect_once(direction == Direction::Up).await?;
    let transaction = connection.begin().await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        let sql = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
        transaction.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    }
    let before = applied(&transaction).await?;
    match direction {
        Direction::Up => Migrator::up(&transaction, None).await?,
        Direction::Down => Migrator::down(&transaction, None).await?,
    }
    let after = applied(&transaction).await?;
    transaction.commit().await?;
    connection.close().await?;
    let changed = before.iter().zip(&after).filter(|(before, after)| before != after);
    let mut names: Vec<String> = changed.map(|(before, _)| before.name.clone()).collect();
    if direction == Direction::Down {
        names.reverse();
    }
    Ok(names)
}

/// Brings the database at `url` to the schema that this program needs; creates an SQLite file. Answers the names of
/// the migrations that it applied.
pub async fn migrate_up(url: &str) -> Result<Vec<String>, StoreError> {
    migrate(url, Direction::Up).await
}

/// Takes back all migrations, and with them all data. Answers their names, the newest first.
pub async fn migrate_down(url: &str) -> Result<Vec<String>, StoreError> {
    migrate(url, Direction::Down).await
}

/// The migrations of this program, the oldest first, and whether the database at `url` has them. Takes no lock.
pub async fn migrate_status(url: &str) -> Result<Vec<MigrationState>, StoreError> {
    let connection = Target::parse(url)?.connect(Purpose::Read).await?;
    let states = applied(&connection).await?;
    connection.close().await?;
    Ok(states)
}

/// Refuses a database whose schema is not the one that this program needs.
pub(crate) async fn check(connection: &DatabaseConnection) -> Result<(), StoreError> {
    let missing: Vec<String> = applied(connection)
        .await?
        .into_iter()
        .filter(|migration| !migration.is_applied)
        .map(|migration| migration.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(", ");
    Err(StoreError::Schema(format!("it lacks {missing}; bring it up to date with `tranche migrate up`")))
}
