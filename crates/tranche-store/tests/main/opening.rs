//! Opening, migrating, and being refused.

use sea_orm::ConnectionTrait;
use tranche_store::{Store, StoreError, StoreOptions, migrate_down, migrate_status, migrate_up};

use crate::database::{check, clock, texts};
use crate::round_trip::filled;

/// All that the schema is made of, as the database tells it.
async fn schema(place: &crate::database::Place) -> Vec<String> {
    let raw = place.raw().await;
    let sql = if place.is_sqlite() {
        "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS t FROM sqlite_schema \
         WHERE name NOT LIKE '%seaql%' ORDER BY 1"
    } else {
        "SELECT c.relname || ' ' || coalesce(a.attname, '') || ' ' || coalesce(a.atttypid::regtype::text, '') AS t \
         FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 \
         WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'seaql%' \
         UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'seaql%' ORDER BY 1"
    };
    texts(&raw, sql, "t").await
}

#[test]
fn the_schema_goes_up_and_down_and_up() {
    check(async |place| {
        let first = schema(&place).await;
        assert!(first.len() > 30, "{}", first.len());
        assert_eq!(migrate_up(&place.url).await.unwrap(), Vec::<String>::new());
        assert_eq!(migrate_down(&place.url).await.unwrap(), ["m0001_books"]);
        assert_eq!(schema(&place).await, Vec::<String>::new());
        assert!(!migrate_status(&place.url).await.unwrap()[0].is_applied);
        let error = Store::open(StoreOptions::new(&place.url, clock())).await.expect_err("an empty database");
        let StoreError::Schema(text) = error else { panic!("{error}") };
        assert!(text.contains("tranche migrate up"), "{text}");
        assert_eq!(migrate_up(&place.url).await.unwrap(), ["m0001_books"]);
        assert_eq!(schema(&place).await, first);
        assert!(migrate_status(&place.url).await.unwrap()[0].is_applied);
        filled(&place).await;
    });
}

#[test]
fn migrations_take_turns() {
    check(async |place| {
        if place.is_sqlite() {
            return;
        }
        migrate_down(&place.url).await.unwrap();
        let (one, other) = tokio::join!(migrate_up(&place.url), migrate_up(&place.url));
        assert_eq!(one.unwrap().len() + other.unwrap().len(), 1);
    });
}

#[test]
fn the_schema_of_another_version_is_refused() {
    check(async |place| {
        let raw = place.raw().await;
        for (unknown, sql) in [
            // An earlier version brought its own tables, under another name.
            ("m0001_initial", "UPDATE seaql_migrations SET version = 'm0001_initial'"),
            (
                "m9999_later",
                "UPDATE seaql_migrations SET version = 'm0001_books'; \
                 INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)",
            ),
        ] {
            raw.execute_unprepared(sql).await.unwrap();
            let opened = Store::open(StoreOptions::new(&place.url, clock())).await.map(drop);
            let up = migrate_up(&place.url).await.map(drop);
            let down = migrate_down(&place.url).await.map(drop);
            let status = migrate_status(&place.url).await.map(drop);
            for refused in [opened, up, down, status] {
                let Err(StoreError::Schema(text)) = &refused else { panic!("{unknown}: {refused:?}") };
                assert!(text.contains("another version") && text.contains(unknown), "{text}");
            }
        }
        assert_ne!(schema(&place).await, Vec::<String>::new(), "nothing was taken back");
    });
}

#[test]
fn a_second_server_on_one_file_is_refused() {
    check(async |place| {
        let store = place.store().await;
        let second = Store::open(StoreOptions::new(&place.url, clock())).await;
        if !place.is_sqlite() {
            second.unwrap();
            return;
        }
        assert!(matches!(second, Err(StoreError::InUse(_))), "{second:?}");
        assert!(matches!(migrate_up(&place.url).await, Err(StoreError::InUse(_))));
        assert!(migrate_status(&place.url).await.unwrap()[0].is_applied);
        let clone = store.clone();
        drop(store);
        let second = Store::open(StoreOptions::new(&place.url, clock())).await;
        assert!(matches!(second, Err(StoreError::InUse(_))), "{second:?}");
        drop(clone);
        place.store().await;
    });
}

#[test]
fn what_cannot_be_opened_is_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::TempDir::new().unwrap();
        let missing = format!("sqlite:{}/none.db", folder.path().display());
        for (url, expected) in [
            (missing.as_str(), "tranche migrate up"),
            ("sqlite::memory:", "names no file"),
            ("mysql://localhost/x", "must be sqlite"),
            ("postgres://nobody@127.0.0.1:1/none", "away"),
        ] {
            let error = Store::open(StoreOptions::new(url, clock())).await.expect_err(url);
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert!(!folder.path().join("none.db").exists());
    });
}

#[test]
fn it_is_open_and_answers() {
    check(async |place| {
        let store = place.store().await;
        store.ping().await.unwrap();
        assert_eq!(store.lanes(), if place.is_sqlite() { 1 } else { 2 });
        let raw = place.raw().await;
        if place.is_sqlite() {
            assert_eq!(texts(&raw, "PRAGMA journal_mode", "journal_mode").await, ["wal"]);
        }
        store.close().await.unwrap();
        assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    });
}
