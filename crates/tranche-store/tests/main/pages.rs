//! Pages: every row once, in order, whatever the size of the page.

use tranche_core::id::{AccountId, PaymentId};
use tranche_core::operation::{OperationKind, OperationState, Waiting};
use tranche_core::order::OrderState;
use tranche_store::bounds::EXPLAINED_OPERATIONS_MAX;
use tranche_store::{OperationFilter, OperationStateName, PagePoint};

use crate::database::{check, empty};
use crate::rows::*;

#[test]
fn pages_join_without_gap_or_overlap() {
    check(async |place| {
        let store = place.store().await;
        let mut batch = empty(&store).await;
        let mut expected = Vec::new();
        for index in 0..11_i64 {
            let id = format!("o{index:02}");
            let mut row = order(&id);
            // Several of one creation time, and ids that do not follow it.
            row.create_time = at(100 - index / 3);
            if index % 2 == 0 {
                row.state = OrderState::Open;
            }
            expected.push((row.create_time, id.clone()));
            for (line_id, position) in [("b", 0), ("a", 1)] {
                let line = line(&id, line_id, position);
                batch.state.lines.write((line.order.clone(), line.line_id.clone()), line);
            }
            batch.state.orders.write(row.key.clone(), row);
        }
        batch.commit().await.unwrap();
        expected.sort();
        let account = AccountId::trusted("acme");
        for limit in [1, 2, 5, 20] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = store.orders(&account, &[], after.as_ref(), limit).await.unwrap();
                let Some((last, _)) = page.last() else { break };
                after = Some(PagePoint {
                    create_time: last.create_time,
                    id: last.key.order_id.as_str().to_owned(),
                });
                for (row, lines) in page {
                    let ids: Vec<_> = lines.iter().map(|line| line.line_id.as_str()).collect();
                    assert_eq!(ids, ["b", "a"]);
                    found.push((row.create_time, row.key.order_id.as_str().to_owned()));
                }
                assert!(found.len() <= expected.len(), "the pages go on: {found:?}");
            }
            assert_eq!(found, expected, "pages of {limit}");
        }
        let open = store.orders(&account, &[OrderState::Open], None, 20).await.unwrap();
        assert_eq!(open.len(), 6);
        assert_eq!(store.orders(&AccountId::trusted("none"), &[], None, 20).await.unwrap(), []);
    });
}

#[test]
fn changes_are_in_the_order_of_their_acceptance() {
    check(async |place| {
        let store = place.store().await;
        let mut batch = empty(&store).await;
        let mut expected = Vec::new();
        for id in ["o", "o2"] {
            batch.state.orders.write(key(id), order(id));
        }
        for index in 0..11_i64 {
            let mut row = order_change("o", &format!("c{index:02}"));
            row.create_time = at(100 - index / 3);
            expected.push(row.clone());
            batch.state.changes.write((key("o"), row.request_id.clone()), row);
        }
        let other = order_change("o2", "c05");
        batch.state.changes.write((key("o2"), other.request_id.clone()), other.clone());
        batch.commit().await.unwrap();
        expected.sort_by_key(|row| (row.create_time, row.request_id.clone()));
        for limit in [1, 2, 5, 20] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = store.changes(&key("o"), after.as_ref(), limit).await.unwrap();
                let Some(last) = page.last() else { break };
                after = Some(PagePoint { create_time: last.create_time, id: last.request_id.to_string() });
                found.extend(page);
                assert!(found.len() <= expected.len(), "the pages go on: {found:?}");
            }
            assert_eq!(found, expected, "pages of {limit}");
        }
        assert_eq!(store.changes(&key("o2"), None, 20).await.unwrap(), [other]);
        assert_eq!(store.changes(&key("none"), None, 20).await.unwrap(), []);
    });
}

#[test]
fn what_belongs_together_is_read_together() {
    check(async |place| {
        let store = crate::round_trip::filled(&place).await;
        let account = AccountId::trusted("acme");
        let (order, lines) = store.order(&key("o")).await.unwrap().unwrap();
        assert_eq!(order.key, key("o"));
        assert_eq!(lines.iter().map(|line| line.position).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(store.order(&key("none")).await.unwrap(), None);

        let id = order.transaction.unwrap().transaction_id;
        let (_, payments) = store.transaction(&account, &id).await.unwrap().unwrap();
        assert_eq!(payments.iter().map(|row| row.position).collect::<Vec<_>>(), [0, 1]);

        let number = invoice("o", "1").invoice_number;
        let (_, read, operations) = store.invoice(&key("o"), &number).await.unwrap().unwrap();
        assert_eq!(read, invoice("o", "1"));
        assert_eq!(operations.len(), 12);
        let invoices = store.invoices(&key("o"), None, 9).await.unwrap();
        assert_eq!(invoices.iter().map(|(_, operations)| operations.len()).collect::<Vec<_>>(), [12, 0, 1]);

        let id = done("o", 8, 30).operation_id;
        let (_, payment, read) = store.operation(&account, &id).await.unwrap().unwrap();
        assert_eq!((payment.position, read), (0, done("o", 8, 30)));
        let filter = OperationFilter {
            payment_id: Some(payment.payment_id),
            states: vec![OperationStateName::Done, OperationStateName::Sent],
        };
        assert_eq!(store.operations(&key("o"), &filter, None, 99).await.unwrap().len(), 4);
        let all = store.operations(&key("o"), &OperationFilter::default(), None, 99).await.unwrap();
        assert_eq!(all.len(), 14);
        let filter = OperationFilter { payment_id: None, states: vec![OperationStateName::Withdrawn] };
        let withdrawn = store.operations(&key("o"), &filter, None, 99).await.unwrap();
        assert_eq!(withdrawn.iter().map(|row| row.ordinal).collect::<Vec<_>>(), [13]);
        let after = PagePoint { create_time: at(40), id: "op_o_7".to_owned() };
        let rest = store.operations(&key("o"), &OperationFilter::default(), Some(&after), 99).await.unwrap();
        assert_eq!(rest.len(), 2);

        let ends = store.ends_to_observe(at(70), 9).await.unwrap();
        assert_eq!(ends, [(key("o"), PaymentId::trusted("p2"))]);
        assert_eq!(store.ends_to_observe(at(69), 9).await.unwrap(), []);
        assert_eq!(store.account(&account).await.unwrap(), Some(crate::rows::account("acme")));
        assert_eq!(store.connectors(&account, None, 9).await.unwrap().len(), 2);
    });
}

#[test]
fn what_explains_an_order_is_read_together() {
    check(async |place| {
        let store = crate::round_trip::filled(&place).await;
        let (order, payments, operations) = store.unsettled(&key("o")).await.unwrap().unwrap();
        assert_eq!(order.key, key("o"));
        assert_eq!(payments.iter().map(|row| row.position).collect::<Vec<_>>(), [0, 1]);
        // Without those that are done, 8, 10 and 11, and without the withdrawn one, 13.
        let ordinals: Vec<_> = operations.iter().map(|row| row.ordinal).collect();
        assert_eq!(ordinals, [1, 2, 3, 4, 5, 6, 7, 9, 12, 14]);
        assert_eq!(store.unsettled(&key("none")).await.unwrap(), None);

        let (invoices, operations) = store.ledger(&key("o")).await.unwrap();
        let numbers: Vec<_> = invoices.iter().map(|row| row.invoice_number.as_str()).collect();
        assert_eq!(numbers, ["1", "2", "3"]);
        // All but the cancellation.
        assert_eq!(operations.len(), 13);
        assert!(operations.iter().all(|row| row.kind != OperationKind::Cancellation));
    });
}

#[test]
fn an_explanation_names_so_many_operations() {
    check(async |place| {
        let store = place.store().await;
        let mut batch = empty(&store).await;
        batch.state.orders.write(key("o"), order("o"));
        let mut row = payment("o", "p", 0);
        (row.operations, row.sent) = (150, 0);
        batch.state.payments.write((key("o"), 0), row);
        for ordinal in 1..=150 {
            let row = operation("o", ordinal, OperationState::Waiting(Waiting::Pending));
            batch.state.operations.write((key("o"), row.payment_id.clone(), ordinal), row);
        }
        batch.commit().await.unwrap();
        let (_, _, operations) = store.unsettled(&key("o")).await.unwrap().unwrap();
        let ordinals: Vec<_> = operations.iter().map(|row| row.ordinal).collect();
        assert_eq!(ordinals, (1..).take(ordinals.len()).collect::<Vec<i64>>());
        assert_eq!(u64::try_from(ordinals.len()), Ok(EXPLAINED_OPERATIONS_MAX));
    });
}
