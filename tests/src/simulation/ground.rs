//! The database that simulations stand on, one after the other.

use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use tempfile::TempDir;
use tranche_cli::server::store::migrate_up;

use crate::patience::must;
use crate::postgres::{self, TestDatabase};
use crate::world::DatabaseKind;

/// Where files are written that need not survive the machine; a simulation kills processes, not machines.
const MEMORY_FOLDER: &str = "/dev/shm";

/// A migrated database without a row, for one simulation at a time.
#[derive(Debug)]
pub struct Ground {
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A file made anew for each simulation, as a copy of the first one.
    Sqlite { folder: TempDir, template: PathBuf, made: u32 },
    /// A database of a cluster, emptied for each simulation.
    Postgres { database: TestDatabase, tables: Vec<String>, connection: DatabaseConnection },
}

impl Ground {
    /// A database of this kind; on Postgres, of the cluster of the run.
    ///
    /// # Panics
    ///
    /// When there is none to be had.
    pub async fn new(kind: DatabaseKind) -> Self {
        let place = match kind {
            DatabaseKind::Sqlite => {
                let parent = Path::new(MEMORY_FOLDER);
                let parent = if parent.is_dir() { parent.to_owned() } else { std::env::temp_dir() };
                let folder = must("a folder", TempDir::with_prefix_in("tranche-simulation-", parent));
                let template = folder.path().join("template.db");
                must("the schema", migrate_up(&format!("sqlite:{}", template.display())).await);
                Place::Sqlite { folder, template, made: 0 }
            }
            DatabaseKind::Postgres => {
                let migrate =
                    async |url: &str| migrate_up(url).await.map(drop).map_err(|error| error.to_string());
                let database = postgres::database(migrate).await;
                let text = database
                    .query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
                    .await;
                let is_ours = |name: &&str| !name.contains("migration");
                let tables = text.lines().filter(is_ours).map(str::to_owned).collect();
                let connection = must("the database", Database::connect(&database.url).await);
                Place::Postgres { database, tables, connection }
            }
        };
        Self { place }
    }

    /// How many replicas it takes.
    pub(super) fn replicas(&self) -> usize {
        match self.place {
            Place::Sqlite { .. } => 1,
            Place::Postgres { .. } => 2,
        }
    }

    /// Makes it empty, and says where it is.
    pub(super) async fn clear(&mut self) -> String {
        match &mut self.place {
            Place::Sqlite { folder, template, made } => {
                let before = folder.path().join(format!("{made}"));
                let _ = std::fs::remove_dir_all(before);
                *made += 1;
                let own = folder.path().join(format!("{made}"));
                must("a folder", std::fs::create_dir(&own));
                let path = own.join("tranche.db");
                must("a copy of the schema", std::fs::copy(template, &path));
                format!("sqlite:{}", path.display())
            }
            Place::Postgres { database, tables, connection } => {
                let statements: Vec<String> =
                    tables.iter().map(|table| format!("DELETE FROM {table}")).collect();
                let all = format!("SET session_replication_role = replica; {}", statements.join("; "));
                must("an empty database", connection.execute_unprepared(&all).await);
                database.url.clone()
            }
        }
    }
}
