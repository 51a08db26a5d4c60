//! A database of its own for each test, on every kind of database there is.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use tempfile::TempDir;
use tranche_core::command::Needs;
use tranche_core::time::{Clock, Timestamp};
use tranche_store::{Batch, Store, StoreOptions, migrate_up};

/// A clock that moves by one microsecond each time it is asked.
pub(crate) struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(Ticks(AtomicI64::new(1_700_000_000_000_000)))
}

/// An empty database, migrated up.
pub(crate) struct Place {
    pub(crate) url: String,
    /// How to reach it around the store.
    raw_url: String,
    is_sqlite: bool,
    _folder: Option<TempDir>,
}

impl Place {
    async fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("tranche 100%.db");
        let place = Self {
            url: format!("sqlite:{}", path.display()),
            raw_url: format!("sqlite:{}", path.display().to_string().replace('%', "%25")),
            is_sqlite: true,
            _folder: Some(folder),
        };
        migrate_up(&place.url).await.unwrap();
        place
    }

    async fn postgres(server: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("store_{}_{count}", std::process::id());
        let connection = Database::connect(server).await.unwrap();
        connection.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE template0")).await.unwrap();
        connection.close().await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        migrate_up(&url).await.unwrap();
        Self { url: url.clone(), raw_url: url, is_sqlite: false, _folder: None }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.is_sqlite
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(StoreOptions::new(&self.url, clock())).await.unwrap()
    }

    /// One connection that knows nothing of the store.
    pub(crate) async fn raw(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.raw_url.clone());
        options.max_connections(1);
        Database::connect(options).await.unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where a test asks for its server")]
fn server() -> Option<String> {
    std::env::var("TRANCHE_TEST_POSTGRES_URL").ok()
}

/// Runs `test` on each kind of database.
pub(crate) fn check<F: Future<Output = ()>>(test: impl Fn(Place) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        test(Place::sqlite().await).await;
        if let Some(server) = server() {
            let place = Place::postgres(&server).await;
            let name = place.url.rsplit('/').next().unwrap_or_default().to_owned();
            test(place).await;
            let connection = Database::connect(&server).await.unwrap();
            connection.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
        }
    });
}

/// The first column of each row, as text.
pub(crate) async fn texts(connection: &DatabaseConnection, sql: &str, column: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", column).unwrap()).collect()
}

/// A batch that needs nothing.
pub(crate) async fn empty(store: &Store) -> Batch {
    store.begin(&Needs::default()).await.unwrap()
}
