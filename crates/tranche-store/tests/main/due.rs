//! What is due is read connector by connector, whatever waits for the others.

use sea_orm::ConnectionTrait;
use tranche_core::id::{AccountId, ConnectorId};
use tranche_core::operation::{Lease, Operation, OperationState, Waiting};
use tranche_core::time::Timestamp;
use tranche_store::{DueConnector, Store};

use crate::database::{Place, check, empty, texts};
use crate::rows::{at, connector, key, operation, order, payment};

/// Operations that wait for the connector that is not called.
const BACKLOG: i64 = 5_000;

/// Writes one order with a payment, and operations by connector, due time and state.
async fn fill(store: &Store, order_id: &str, rows: impl Iterator<Item = Operation>) {
    let mut batch = empty(store).await;
    batch.state.orders.write(key(order_id), order(order_id));
    batch.state.payments.write((key(order_id), 0), payment(order_id, "p", 0));
    for row in rows {
        batch.state.operations.write((key(order_id), row.payment_id.clone(), row.ordinal), row);
    }
    batch.commit().await.unwrap();
}

fn waiting(order_id: &str, ordinal: i64, connector: &str, due: i64) -> Operation {
    let row = operation(order_id, ordinal, OperationState::Waiting(Waiting::Pending));
    Operation { connector_id: ConnectorId::trusted(connector), due_time: Some(at(due)), ..row }
}

fn connector_key(id: &str) -> (AccountId, ConnectorId) {
    (AccountId::trusted("acme"), ConnectorId::trusted(id))
}

fn names(connectors: &[DueConnector]) -> Vec<(&str, i64)> {
    connectors.iter().map(|row| (row.connector_id.as_str(), row.version)).collect()
}

async fn due(store: &Store, now: i64, connectors: &[&str], most: usize) -> Vec<String> {
    let connectors: Vec<_> = connectors.iter().map(|id| connector_key(id)).collect();
    let mut rows = store.due_operations(at(now), &connectors, most).await.unwrap();
    rows.sort_by(|one, other| one.operation_id.cmp(&other.operation_id));
    rows.into_iter().map(|row| format!("{} {}", row.connector_id, row.operation_id)).collect()
}

/// A dead connector with a backlog, and three others around it in the order of their ids.
async fn filled(place: &Place) -> Store {
    let store = place.store().await;
    let mut batch = empty(&store).await;
    for id in ["alive", "dead"] {
        batch.state.connectors.write(connector_key(id), connector(id));
    }
    batch.commit().await.unwrap();
    fill(&store, "a", (1..=BACKLOG).map(|ordinal| waiting("a", ordinal, "dead", 10 + ordinal))).await;
    let lease = Lease { attempt: 1, until: at(90) };
    let from = Waiting::Pending;
    let sent = Operation { state: OperationState::Sent { lease, from }, ..waiting("b", 4, "sent", 90) };
    let later = Operation { due_time: None, ..waiting("b", 5, "alive", 0) };
    let rows = [("alive", 70), ("alive", 60), ("zoo", 70)];
    let rows = (1..).zip(rows).map(|(ordinal, (id, time))| waiting("b", ordinal, id, time));
    fill(&store, "b", rows.chain([sent, later])).await;
    store
}

#[test]
fn connectors_are_found_whatever_waits_for_one_of_them() {
    check(async |place| {
        let store = filled(&place).await;
        let page = store.due_connectors(at(70), None, 9).await.unwrap();
        // One whose row is not there has no version.
        assert_eq!(names(&page.connectors), [("alive", 1), ("dead", 1), ("zoo", 0)]);
        assert_eq!(page.next, None);
        let page = store.due_connectors(at(60), None, 9).await.unwrap();
        assert_eq!(names(&page.connectors), [("alive", 1), ("dead", 1)]);
        let page = store.due_connectors(at(9), None, 9).await.unwrap();
        assert_eq!(names(&page.connectors), []);
        // What is not due counts for the page.
        let page = store.due_connectors(at(70), None, 3).await.unwrap();
        assert_eq!(names(&page.connectors), [("alive", 1), ("dead", 1)]);
        assert_eq!(page.next, Some(connector_key("sent")));
        let page = store.due_connectors(at(70), page.next.as_ref(), 3).await.unwrap();
        assert_eq!((names(&page.connectors), page.next), (vec![("zoo", 0)], None));
    });
}

#[test]
fn operations_are_read_of_those_that_are_called_alone() {
    check(async |place| {
        let store = filled(&place).await;
        assert_eq!(
            due(&store, 70, &["alive", "zoo", "none"], 9).await,
            ["alive op_b_1", "alive op_b_2", "zoo op_b_3"]
        );
        assert_eq!(due(&store, 69, &["alive", "zoo"], 9).await, ["alive op_b_2"]);
        // Those that are due for longest, of each.
        assert_eq!(due(&store, 70, &["alive", "zoo"], 1).await, ["alive op_b_2", "zoo op_b_3"]);
        assert_eq!(due(&store, 70, &["dead"], 2).await, ["dead op_a_1", "dead op_a_2"]);
        assert_eq!(due(&store, 90, &["sent"], 2).await, ["sent op_b_4"]);
        assert_eq!(due(&store, 70, &[], 2).await, Vec::<String>::new());
        let now: Timestamp = at(70);
        let other = (AccountId::trusted("other"), ConnectorId::trusted("alive"));
        assert_eq!(store.due_operations(now, &[other], 9).await.unwrap(), []);
    });
}

/// A connector that is not called costs one look into the index, not one for each operation that waits for it.
#[test]
fn a_backlog_is_stepped_over() {
    check(async |place| {
        let store = filled(&place).await;
        let raw = place.raw().await;
        let [connectors, operations] = store.due_statements(2, 8);
        let connectors = connectors.replace("$1", "''").replace("$2", "''").replace("$3", "9");
        let operations = if place.is_sqlite() {
            let ids = ["'acme'", "'alive'", "'acme'", "'zoo'"];
            (2..).zip(ids).fold(operations, |text, (n, id)| text.replace(&format!("${n}"), id))
        } else {
            operations.replace("$2", "ARRAY['acme', 'acme']").replace("$3", "ARRAY['alive', 'zoo']")
        };
        for text in [connectors, operations.replace("$1", "70")] {
            if place.is_sqlite() {
                let plan = texts(&raw, &format!("EXPLAIN QUERY PLAN {text}"), "detail").await;
                let reads: Vec<_> = plan.iter().filter(|step| step.contains("operations_due")).collect();
                // By its account alone a connector would be found behind all that is due at the one before.
                let conditions = [
                    "((account_id,connector_id)>(?,?))",
                    "(account_id=? AND connector_id=? AND due_time>? AND due_time<?)",
                ];
                let is_cheap = |step: &&String| conditions.iter().any(|condition| step.ends_with(condition));
                assert!(!reads.is_empty() && reads.iter().all(is_cheap), "{text}\n{plan:#?}");
                let is_table = |step: &String| {
                    step.starts_with("SCAN t") || step.starts_with("SCAN n") || step.starts_with("SCAN f")
                };
                assert!(!plan.iter().any(is_table), "{text}\n{plan:#?}");
                assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{text}\n{plan:#?}");
                continue;
            }
            raw.execute_unprepared("ANALYZE operations").await.unwrap();
            let plan = texts(
                &raw,
                &format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {text}"),
                "QUERY PLAN",
            )
            .await;
            let scans: Vec<_> = plan.iter().filter(|step| step.contains("on operations ")).collect();
            assert!(
                !scans.is_empty() && scans.iter().all(|step| step.contains("operations_due")),
                "{plan:#?}"
            );
            assert!(scans.iter().all(|step| rows_read(step) <= 8), "{text}\n{plan:#?}");
            assert!(!plan.iter().any(|step| step.contains("Rows Removed")), "{text}\n{plan:#?}");
        }
        raw.close().await.unwrap();
    });
}

/// The rows of a step, over all of its loops.
fn rows_read(step: &str) -> u64 {
    let number = |name: &str| -> u64 {
        let rest = step.split(name).nth(1).unwrap_or_default();
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    };
    number("rows=") * number("loops=")
}
