//! No statement of the write path reads a table, or an index, from end to end.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use tranche_core::event::{Event, EventKind};
use tranche_core::id::{AccountId, OrderId};
use tranche_core::state::Table;
use tranche_store::{migrate_down, migrate_up};

use crate::database::{Place, check, empty, texts};
use crate::round_trip::{all_needs, change, filled};
use crate::rows::{at, done, key, line, order, order_change, payment};

#[test]
fn hot_statements_find_their_rows_by_index() {
    check(async |place| {
        let store = filled(&place).await;
        // One account's rows, more than a planner would rather read than look up.
        let mut batch = empty(&store).await;
        for index in 0..1000 {
            let id = format!("x{index}");
            batch.state.orders.write(key(&id), order(&id));
            batch.state.payments.write((key(&id), 0), payment(&id, "p", 0));
            let row = done(&id, 1, 90);
            batch.state.operations.write((key(&id), row.payment_id.clone(), 1), row);
            let row = line(&id, "l", 0);
            batch.state.lines.write((key(&id), row.line_id.clone()), row);
            let row = order_change(&id, "c");
            batch.state.changes.write((key(&id), row.request_id.clone()), row);
        }
        batch.commit().await.unwrap();
        let mut batch = store.begin(&all_needs()).await.unwrap();
        change(&mut batch.state);
        batch.commit().await.unwrap();
        // What is forgotten is first added, then written over.
        let mut batch = store.begin(&all_needs()).await.unwrap();
        change(&mut batch.state);
        batch.state.changes = Table::default();
        batch.commit().await.unwrap();
        let statements = store.hot_statements();
        assert!(statements.len() > 30, "{}", statements.len());
        let read = |table: &str| {
            let name = format!(r#""{table}" AS t"#);
            statements.iter().filter(|text| text.contains("SELECT") && text.contains(&name)).count()
        };
        // Lines by their keys and by their order; operations by their ids, as the next in a queue, as settlements with
        // something left, and by their invoice.
        assert!(read("lines") >= 2 && read("operations") >= 4, "{statements:#?}");
        explain(&place, &statements).await;
        // A plan that is made on empty tables is kept while they grow.
        store.close().await.unwrap();
        drop(store);
        migrate_down(&place.url).await.unwrap();
        migrate_up(&place.url).await.unwrap();
        explain(&place, &statements).await;
    });
}

#[test]
fn reads_of_the_event_log_find_their_rows_by_index() {
    check(async |place| {
        let store = filled(&place).await;
        let statements = store.event_statements();
        let raw = place.raw().await;
        for events in [0, 2_000] {
            let mut batch = empty(&store).await;
            let event = |index: i64| Event {
                account_id: AccountId::trusted(if index % 2 == 0 { "acme" } else { "other" }),
                order_id: Some(OrderId::trusted(&format!("{}", index % 7))),
                kind: EventKind::AccountUpdated,
            };
            batch.state.events = (0..events).map(event).collect();
            batch.commit().await.unwrap();
            if !place.is_sqlite() {
                // As it does by itself, and SQLite does not.
                raw.execute_unprepared("ANALYZE").await.unwrap();
            }
            for text in &statements {
                let text = text.replace("$1", "'acme'").replace("$4", "'3'");
                let text = text.replace("$2", "9").replace("$3", "9");
                if place.is_sqlite() {
                    let plan = texts(&raw, &format!("EXPLAIN QUERY PLAN {text}"), "detail").await;
                    // The page of events is joined as a whole, to one row that is made up.
                    let made = ["SCAN CONSTANT ROW", "SCAN r", "SCAN e LEFT-JOIN"];
                    let is_dear = |step: &String| {
                        (step.starts_with("SCAN ") && !made.contains(&step.as_str()))
                            || step.contains("TEMP B-TREE")
                    };
                    assert!(!plan.iter().any(is_dear), "{text}\n{plan:#?}");
                    continue;
                }
                let sql = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";
                raw.execute_unprepared(sql).await.unwrap();
                let plan = texts(&raw, &format!("EXPLAIN {text}"), "QUERY PLAN").await;
                let count = |what: &str| plan.iter().filter(|step| step.contains(what)).count();
                assert_eq!(
                    count("Seq Scan") + count("Bitmap") + count("Filter:") + count("Sort"),
                    0,
                    "{text}\n{plan:#?}"
                );
                let scans = count("Index Scan") + count("Index Only Scan");
                assert_eq!(scans, count("Index Cond"), "{text}\n{plan:#?}");
            }
        }
        raw.close().await.unwrap();
    });
}

#[test]
fn ends_of_authorizations_are_found_by_index() {
    check(async |place| {
        let store = filled(&place).await;
        let text = store.ends_statement(at(70), 9);
        let raw = place.raw().await;
        let plan = if place.is_sqlite() {
            texts(&raw, &format!("EXPLAIN QUERY PLAN {text}"), "detail").await
        } else {
            raw.execute_unprepared("SET enable_seqscan = off").await.unwrap();
            texts(&raw, &format!("EXPLAIN {text}"), "QUERY PLAN").await
        };
        let plan = plan.join(" ");
        assert!(plan.contains("payments_observe"), "{plan}");
        assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
        raw.close().await.unwrap();
    });
}

async fn explain(place: &Place, statements: &[String]) {
    let raw = place.raw().await;
    for (index, text) in statements.iter().enumerate() {
        if place.is_sqlite() {
            let plan = texts(&raw, &format!("EXPLAIN QUERY PLAN {text}"), "detail").await;
            for step in &plan {
                // Lists are read from end to end; they are called r.
                let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
                let is_list = scanned.is_none_or(|name| {
                    name == "r"
                        || name == "CONSTANT"
                        || name.starts_with(|first: char| first.is_ascii_digit())
                });
                assert!(is_list && !step.contains("AUTOMATIC"), "{text}\n{plan:#?}");
            }
            continue;
        }
        let plan = postgres_plan(&raw, &format!("p{index}"), text).await;
        let count = |what: &str| plan.iter().filter(|step| step.contains(what)).count();
        assert_eq!(count("Seq Scan") + count("Bitmap"), 0, "{text}\n{plan:#?}");
        // Each index is looked into with a condition, and what it does not find by itself is the version only.
        let scans = count("Index Scan") + count("Index Only Scan");
        assert_eq!(scans, count("Index Cond"), "{text}\n{plan:#?}");
        assert_eq!(count("Filter:"), count("Filter: (r.read_version = version)"), "{text}\n{plan:#?}");
    }
    raw.close().await.unwrap();
}

/// How a connection of the store runs the statement, whatever its parameters.
async fn postgres_plan(raw: &DatabaseConnection, name: &str, text: &str) -> Vec<String> {
    let sql = format!(
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
         SET plan_cache_mode = force_generic_plan; PREPARE {name} AS {text}"
    );
    raw.execute_unprepared(&sql).await.unwrap();
    let parameters = (1..99).filter(|n| text.contains(&format!("${n}::"))).count();
    let lists = vec!["'{}'"; parameters].join(", ");
    texts(raw, &format!("EXPLAIN EXECUTE {name}({lists})"), "QUERY PLAN").await
}
