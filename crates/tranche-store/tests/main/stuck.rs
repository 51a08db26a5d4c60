//! What waits for operators: found by index, and listed once each, in one order, whatever the size of the page.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;
use tranche_core::id::{AccountId, ConnectorId, OrderId};
use tranche_core::operation::OperationState;
use tranche_core::payment::Payment;
use tranche_core::time::Timestamp;
use tranche_core::validity::Validity;
use tranche_store::{Case, PagePoint, Store, StuckCause, StuckFilter};

use crate::database::{Place, check, empty, texts};
use crate::rows::{at, key, operation, order, payment};

fn account() -> AccountId {
    AccountId::trusted("acme")
}

fn filter(causes: &[StuckCause]) -> StuckFilter {
    StuckFilter {
        causes: causes.to_vec(),
        unclear_before: at(1_000),
        now: at(1_000),
        connector_id: None,
        order_id: None,
    }
}

/// A payment whose end is an operator's case since a time, and comes at another.
fn ending(order: &str, since: Timestamp, end: i64) -> Payment {
    let mut row = payment(order, "p", 0);
    row.authorization.expire_time = Some(at(end));
    (row.validity, row.observe_time, row.attention_time) = (Validity::Ending, Some(at(end)), Some(since));
    row
}

/// Orders of which the payment, the one operation, or both are cases since times that several share.
async fn filled(place: &Place) -> (Store, Vec<(Timestamp, String)>) {
    let store = place.store().await;
    let mut batch = empty(&store).await;
    let mut expected = Vec::new();
    for index in 0..12_i64 {
        let id = format!("o{index:02}");
        let since = at(100 - index / 4);
        batch.state.orders.write(key(&id), order(&id));
        let is_ending = index % 3 != 0;
        let row = if is_ending { ending(&id, since, 2_000) } else { payment(&id, "p", 0) };
        batch.state.payments.write((key(&id), 0), row);
        if is_ending {
            // After the operations of the same moment.
            expected.push((since, format!("~{id}\np")));
        }
        let mut row = operation(&id, 1, OperationState::Manual);
        row.surplus = 0;
        if index % 2 == 0 {
            row.attention_time = Some(since);
            expected.push((since, row.operation_id.to_string()));
        }
        batch.state.operations.write((key(&id), row.payment_id.clone(), 1), row);
    }
    // It ended, and nobody has observed that.
    batch.state.orders.write(key("over"), order("over"));
    batch.state.payments.write((key("over"), 0), ending("over", at(50), 1_000));
    batch.commit().await.unwrap();
    expected.sort();
    (store, expected.into_iter().map(|(time, id)| (time, id.trim_start_matches('~').to_owned())).collect())
}

#[test]
fn cases_are_listed_once_in_one_order() {
    check(async |place| {
        let (store, expected) = filled(&place).await;
        let both = filter(&[StuckCause::Manual, StuckCause::AuthorizationEnding]);
        for limit in [1, 2, 3, 5, 50] {
            let (mut found, mut after) = (Vec::new(), None::<PagePoint>);
            loop {
                let page = store.stuck(&account(), &both, after.as_ref(), limit).await.unwrap();
                let Some(last) = page.last() else { break };
                after = Some(last.point());
                found.extend(page.iter().map(|case| (case.point().create_time, case.point().id)));
                assert!(found.len() <= expected.len(), "the pages go on: {found:?}");
            }
            assert_eq!(found, expected, "pages of {limit}");
        }
        assert_eq!(expected.iter().collect::<BTreeSet<_>>().len(), 14);
    });
}

#[test]
fn cases_are_narrowed() {
    check(async |place| {
        let (store, _) = filled(&place).await;
        let count = async |filter: &StuckFilter| {
            let cases = store.stuck(&account(), filter, None, 50).await.unwrap();
            let endings = cases.iter().filter(|case| matches!(case, Case::Ending(_))).count();
            (cases.len() - endings, endings)
        };
        assert_eq!(count(&filter(&[StuckCause::Manual])).await, (6, 0));
        let endings = filter(&[StuckCause::AuthorizationEnding]);
        assert_eq!(count(&endings).await, (0, 8));
        let early = StuckFilter { now: at(999), ..endings.clone() };
        assert_eq!(count(&early).await, (0, 9), "what ends at that moment has not ended before");
        let of_order = StuckFilter { order_id: Some(OrderId::trusted("o02")), ..endings.clone() };
        assert_eq!(count(&of_order).await, (0, 1));
        for (connector, found) in [("psp", 8), ("other", 0)] {
            let connector_id = Some(ConnectorId::trusted(connector));
            let of_connector = StuckFilter { connector_id, ..endings.clone() };
            assert_eq!(count(&of_connector).await, (0, found), "{connector}");
        }
        let elsewhere = store.stuck(&AccountId::trusted("other"), &endings, None, 50).await.unwrap();
        assert_eq!(elsewhere, []);
    });
}

#[test]
fn a_case_says_what_is_at_stake() {
    check(async |place| {
        let store = place.store().await;
        let mut batch = empty(&store).await;
        // Of 700 that are asked, 500 are settled, of which 3 went back; 600 remain, and the other payment has room.
        batch.state.orders.write(key("o"), order("o"));
        batch.state.payments.write((key("o"), 0), ending("o", at(7), 2_000));
        batch.state.payments.write((key("o"), 1), payment("o", "p2", 1));
        batch.commit().await.unwrap();
        let only = filter(&[StuckCause::AuthorizationEnding]);
        let cases = store.stuck(&account(), &only, None, 50).await.unwrap();
        let [Case::Ending(case)] = cases.as_slice() else { panic!("{cases:?}") };
        let room = payment("o", "p2", 1).room();
        let needed = (order("o").remaining() - room).min(case.payment.unasked());
        assert_eq!((case.order.key.clone(), case.payment.payment_id.as_str()), (key("o"), "p"));
        assert_eq!(case.stake, 203 + needed);
    });
}

#[test]
fn cases_are_found_by_index() {
    check(async |place| {
        let (store, expected) = filled(&place).await;
        let all = filter(&[
            StuckCause::Unknown,
            StuckCause::Manual,
            StuckCause::Lacking,
            StuckCause::Surplus,
            StuckCause::AuthorizationEnding,
        ]);
        let raw = place.raw().await;
        let points = expected.iter().map(|(time, id)| PagePoint { create_time: *time, id: id.clone() });
        let operation = points.clone().find(|point| point.id.starts_with("op_"));
        let payment = points.clone().find(|point| !point.id.starts_with("op_"));
        for after in [None, operation, payment] {
            let statements = store.stuck_statements(&account(), &all, after.as_ref(), 9);
            assert_eq!(statements.len(), 2);
            for (text, index) in statements.iter().zip(["operations_attention", "payments_attention"]) {
                let plan = if place.is_sqlite() {
                    texts(&raw, &format!("EXPLAIN QUERY PLAN {text}"), "detail").await
                } else {
                    raw.execute_unprepared("SET enable_seqscan = off; SET enable_bitmapscan = off")
                        .await
                        .unwrap();
                    texts(&raw, &format!("EXPLAIN {text}"), "QUERY PLAN").await
                };
                let plan = plan.join(" ");
                assert!(plan.contains(index), "{text}\n{plan}");
                assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{text}\n{plan}");
            }
        }
        raw.close().await.unwrap();
    });
}
