//! No statement of the write path reads a table, or an index, from end to end.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::ConnectionTrait;

use crate::database::{check, empty};
use crate::round_trip::{all_needs, change, filled};
use crate::rows::{done, key, order, payment};

const TABLES: &[&str] = &[
    "accounts",
    "connectors",
    "orders",
    "lines",
    "payments",
    "invoices",
    "operations",
    "interactions",
    "events",
    "event_counters",
    "requests",
];

#[test]
fn hot_statements_find_their_rows_by_index() {
    check(async |place| {
        let store = filled(&place).await;
        // One account's rows, more than the planner would rather read than look up.
        let mut batch = empty(&store).await;
        for index in 0..1000 {
            let id = format!("x{index}");
            batch.state.orders.write(key(&id), order(&id));
            batch.state.payments.write((key(&id), 0), payment(&id, "p", 0));
            let row = done(&id, 1, 90);
            batch.state.operations.write((key(&id), row.payment_id.clone(), 1), row);
        }
        batch.commit().await.unwrap();
        let mut batch = store.begin(&all_needs()).await.unwrap();
        change(&mut batch.state);
        batch.commit().await.unwrap();
        let statements = store.hot_statements();
        assert!(statements.len() > 25, "{}", statements.len());
        let raw = place.raw().await;
        let mut plans = Vec::new();
        for text in &statements {
            let plan = if place.is_sqlite() {
                crate::database::texts(&raw, &format!("EXPLAIN QUERY PLAN {text}"), "detail").await
            } else {
                plan(&raw, text, "force_custom_plan").await
            };
            if !place.is_sqlite() {
                let count = |what: &str| plan.iter().filter(|step| step.contains(what)).count();
                assert_eq!(
                    count("Index Scan") + count("Index Only Scan"),
                    count("Index Cond"),
                    "{text}\n{plan:#?}"
                );
                // What an index does not find by itself is filtered: the version, and nothing else.
                let filters = plan.iter().filter(|step| step.contains("Filter:"));
                let others = filters.filter(|step| !step.ends_with("Filter: (r.read_version = version)"));
                assert_eq!(others.count(), 0, "{text}\n{plan:#?}");
            }
            for step in &plan {
                let is_scan = |table: &&&str| {
                    step.contains(&format!("SCAN {table}")) || step.contains(&format!("Seq Scan on {table}"))
                };
                let scan = TABLES.iter().find(is_scan);
                let by_alias = ["SCAN t", "SCAN f"].iter().find(|scan| {
                    step.strip_prefix(**scan).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
                });
                assert!(scan.is_none() && by_alias.is_none(), "{text}\n{plan:#?}");
            }
            println!("{text}\n{}\n", plan.join("\n"));
            plans.push(plan.join("\n"));
        }
        assert!(plans.iter().any(|plan| plan.contains("operations_refundable")), "{plans:#?}");
    });
}

/// How a connection of the store would run the statement, whatever its parameters.
async fn plan(raw: &sea_orm::DatabaseConnection, text: &str, mode: &str) -> Vec<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("p{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let sql = format!(
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
         SET plan_cache_mode = {mode}; PREPARE {name} AS {text}"
    );
    raw.execute_unprepared(&sql).await.unwrap();
    let parameters = (1..99).filter(|n| text.contains(&format!("${n}::"))).count();
    let lists = vec!["'{}'"; parameters].join(", ");
    crate::database::texts(raw, &format!("EXPLAIN EXECUTE {name}({lists})"), "QUERY PLAN").await
}
