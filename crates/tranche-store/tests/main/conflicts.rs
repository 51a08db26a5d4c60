//! Two writers at the same rows.

use std::time::Duration;

use tranche_core::command::Needs;
use tranche_core::id::{AccountId, ConnectorId};
use tranche_core::operation::Operation;
use tranche_core::payment::Payment;
use tranche_core::state::State;
use tranche_store::StoreError;

use crate::database::{check, empty};
use crate::round_trip::filled;
use crate::rows::*;

#[test]
fn the_second_insert_of_a_key_is_a_conflict() {
    check(async |place| {
        let store = filled(&place).await;
        let rows: [fn(&mut State); 6] = [
            |state| state.orders.write(key("o"), order("o")),
            |state| state.orders.write(key("n"), with_transaction(order("n"), "t")),
            |state| {
                let authorization = payment("o", "p", 0).authorization;
                let row = Payment { authorization, ..payment("o2", "x", 0) };
                state.payments.write((key("o2"), 0), row);
            },
            |state| {
                let payment_id = payment("o", "p2", 1).payment_id;
                let row = Operation { payment_id: payment_id.clone(), ..done("o", 3, 0) };
                state.operations.write((key("o"), payment_id, 3), row);
            },
            |state| state.requests.write(request("r").key, request("r")),
            |state| state.interactions.push(interaction("o", 1, 1)),
        ];
        for (index, row) in rows.iter().enumerate() {
            let mut batch = empty(&store).await;
            row(&mut batch.state);
            let error = batch.commit().await.expect_err("a second row of one key");
            assert!(matches!(error, StoreError::Conflict(_)), "{index}: {error}");
        }
    });
}

#[test]
fn a_row_that_is_not_there_is_not_written() {
    check(async |place| {
        let store = filled(&place).await;
        let mut batch = empty(&store).await;
        batch.state.lines.load((key("o"), line("o", "none", 0).line_id), line("o", "none", 0));
        batch.state.lines.write((key("o"), line("o", "none", 0).line_id), line("o", "none", 0));
        let error = batch.commit().await.expect_err("a line that is not there");
        let StoreError::Refused(text) = error else { panic!("{error}") };
        assert!(text.contains("0 of 1"), "{text}");
    });
}

#[test]
fn settings_are_written_over_the_version_that_was_read() {
    check(async |place| {
        let store = filled(&place).await;
        let id = AccountId::trusted("acme");
        let connector_key = (id.clone(), ConnectorId::trusted("psp"));
        let needs = Needs {
            accounts: [id.clone()].into(),
            connectors: [connector_key.clone()].into(),
            ..Needs::default()
        };
        let write = async |version| {
            let mut batch = store.begin(&needs).await.unwrap();
            batch
                .state
                .accounts
                .write(id.clone(), tranche_core::account::Account { version, ..account("acme") });
            batch
        };
        if place.is_sqlite() {
            write(2).await.commit().await.unwrap();
            return;
        }
        let (first, second) = (write(2).await, write(2).await);
        first.commit().await.unwrap();
        let error = second.commit().await.expect_err("over a version that is gone");
        assert!(matches!(error, StoreError::Conflict(_)), "{error}");
        write(3).await.commit().await.unwrap();

        let write = async || {
            let mut batch = store.begin(&needs).await.unwrap();
            let row = tranche_core::connector::Connector { version: 2, ..connector("psp") };
            batch.state.connectors.write(connector_key.clone(), row);
            batch
        };
        let (first, second) = (write().await, write().await);
        first.commit().await.unwrap();
        assert!(matches!(second.commit().await, Err(StoreError::Conflict(_))));
    });
}

#[test]
fn who_waits_for_an_order_finds_it_as_it_was_left() {
    check(async |place| {
        let store = filled(&place).await;
        let needs = Needs { orders: [key("o")].into(), ..Needs::default() };
        let mut first = store.begin(&needs).await.unwrap();
        let waiting = tokio::spawn({
            let (store, needs) = (store.clone(), needs.clone());
            async move { store.begin(&needs).await }
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!waiting.is_finished());
        let mut changed = with_transaction(order("o"), "t");
        (changed.version, changed.invoiced) = (2, 701);
        first.state.orders.write(key("o"), changed);
        let mut changed = payment("o", "p", 0);
        changed.asked = 701;
        first.state.payments.write((key("o"), 0), changed);
        let before = first.now;
        first.commit().await.unwrap();
        let second = waiting.await.unwrap().unwrap();
        assert_eq!(second.state.orders.get(&key("o")).unwrap().invoiced, 701);
        assert_eq!(second.state.payments.get(&(key("o"), 0)).unwrap().asked, 701);
        let waited = if place.is_sqlite() { Duration::ZERO } else { Duration::from_millis(190) };
        assert!(second.now.since(before) > waited, "the time is from before the lock");
    });
}

#[test]
fn who_waits_too_long_is_told_of_a_conflict() {
    check(async |place| {
        if place.is_sqlite() {
            return;
        }
        let store = filled(&place).await;
        let needs = Needs { orders: [key("o")].into(), ..Needs::default() };
        let _first = store.begin(&needs).await.unwrap();
        let error = store.begin(&needs).await.expect_err("the order is locked");
        assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    });
}

#[test]
fn a_dropped_batch_changes_nothing_and_holds_nothing() {
    check(async |place| {
        let store = filled(&place).await;
        let needs = Needs { orders: [key("o")].into(), ..Needs::default() };
        for _ in 0..4 {
            let mut batch = store.begin(&needs).await.unwrap();
            batch.state.orders.write(key("n"), order("n"));
            drop(batch);
        }
        // A commit that is cut off in its midst, too.
        for micros in [0, 100, 300, 1000, 3000] {
            let mut batch = store.begin(&needs).await.unwrap();
            batch.state.orders.write(key(&format!("c{micros}")), order(&format!("c{micros}")));
            let _ = tokio::time::timeout(Duration::from_micros(micros), batch.commit()).await;
        }
        let batch = store.begin(&needs).await.unwrap();
        batch.rollback().await.unwrap();
        assert_eq!(store.order(&key("n")).await.unwrap(), None);
    });
}
