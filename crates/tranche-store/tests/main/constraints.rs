//! Every inequality that money is held by is the database's too: broken by hand in SQL, it is refused by name.

use sea_orm::ConnectionTrait;
use tranche_core::operation::{OperationState, Waiting};
use tranche_store::StoreError;

use crate::database::{check, empty};
use crate::round_trip::filled;
use crate::rows::{key, operation, order};

const BROKEN: &[(&str, &str)] = &[
    (
        "orders_value",
        "UPDATE orders SET items = 0, shipping = 0, tax = 0, discounts = 0, fees = 0, value = 0, invoiced = 0, returned = 0",
    ),
    ("orders_value_is_sum", "UPDATE orders SET tax = tax + 1"),
    ("orders_value_is_sum", "UPDATE orders SET value = value + 1"),
    ("orders_invoiced_within_value", "UPDATE orders SET invoiced = value + 1"),
    ("orders_invoiced_within_value", "UPDATE orders SET returned = invoiced + 1"),
    ("orders_invoiced_within_value", "UPDATE orders SET returned = -1"),
    ("orders_discounts", "UPDATE orders SET discounts = -1, items = items - 26"),
    ("orders_missing", "UPDATE orders SET missing = -1"),
    ("orders_state", "UPDATE orders SET state = 'Open'"),
    ("orders_transaction_whole", "UPDATE orders SET transaction_state = NULL WHERE order_id = 'o'"),
    ("lines_invoiced_within_quantity", "UPDATE lines SET invoiced = quantity - removed + 1"),
    ("lines_invoiced_within_quantity", "UPDATE lines SET returned = invoiced + 1"),
    ("lines_invoiced_within_quantity", "UPDATE lines SET returned = -1"),
    ("lines_invoiced_within_quantity", "UPDATE lines SET removed = 4"),
    ("lines_removed", "UPDATE lines SET removed = -1"),
    (
        "payments_within_authorized",
        "UPDATE payments SET settling = authorized - settled - canceling - canceled + 1",
    ),
    (
        "payments_within_authorized",
        "UPDATE payments SET settled = authorized - settling - canceling - canceled + 1",
    ),
    (
        "payments_within_authorized",
        "UPDATE payments SET canceling = authorized - settled - settling - canceled + 1",
    ),
    (
        "payments_within_authorized",
        "UPDATE payments SET canceled = authorized - settled - canceling - settling + 1",
    ),
    ("payments_within_authorized", "UPDATE payments SET authorized = 649"),
    ("payments_refunds_within_settled", "UPDATE payments SET excess_refunding = settled - 9 + 1"),
    ("payments_refunds_within_settled", "UPDATE payments SET excess_refunded = settled - 8 + 1"),
    (
        "payments_refunds_within_settled",
        "UPDATE payments SET returned = 9999, return_refunding = settled - 7 + 1",
    ),
    ("payments_refunds_within_settled", "UPDATE payments SET settled = 9"),
    ("payments_refunds_within_returned", "UPDATE payments SET return_refunding = returned - 9 + 1"),
    ("payments_refunds_within_returned", "UPDATE payments SET return_refunded = returned - 8 + 1"),
    ("payments_refunds_within_returned", "UPDATE payments SET return_given_up = returned - 7 + 1"),
    ("payments_sent_within_operations", "UPDATE payments SET sent = operations + 1"),
    ("payments_wire_whole", "UPDATE payments SET wire_until = 1 WHERE payment_id = 'p'"),
    ("invoices_value", "UPDATE invoices SET value = 0"),
    ("operations_value", "UPDATE operations SET value = 0 WHERE ordinal = 1"),
    ("operations_done_within_value", "UPDATE operations SET done_value = value + 1 WHERE ordinal = 8"),
    (
        "operations_done_within_value",
        "UPDATE operations SET done_value = -1, refund_taken = -1 WHERE ordinal = 8",
    ),
    (
        "operations_refunds_within_done",
        "UPDATE operations SET refund_taken = done_value + 1 WHERE ordinal = 8",
    ),
    ("operations_refunds_within_done", "UPDATE operations SET refund_taken = -1 WHERE ordinal = 8"),
    ("operations_refund_whole", "UPDATE operations SET kind = 'refund' WHERE ordinal = 8"),
    ("operations_sent_whole", "UPDATE operations SET lease_until = NULL WHERE ordinal = 4"),
    ("operations_done_whole", "UPDATE operations SET done_value = 1 WHERE ordinal = 1"),
    ("operations_refused_whole", "UPDATE operations SET refusal_code = NULL WHERE ordinal = 7"),
    ("operations_state", "UPDATE operations SET state = 'paid' WHERE ordinal = 1"),
];

const AMOUNTS: &[&str] = &[
    "authorized",
    "asked",
    "given_up",
    "settling",
    "settled",
    "canceling",
    "canceled",
    "excess_refunding",
    "excess_refunded",
    "returned",
    "return_refunding",
    "return_refunded",
    "return_given_up",
    "lacking",
    "excess_lacking",
    "return_lacking",
    "release_lacking",
    "surplus",
];

#[test]
fn broken_rows_are_refused_by_name() {
    check(async |place| {
        let store = filled(&place).await;
        let raw = place.raw().await;
        let amounts = AMOUNTS
            .iter()
            .map(|column| (format!("payments_{column}"), format!("UPDATE payments SET {column} = -1")));
        let broken = BROKEN.iter().map(|(name, sql)| ((*name).to_owned(), (*sql).to_owned()));
        for (name, sql) in broken.chain(amounts) {
            let error = raw.execute_unprepared(&sql).await.expect_err(&sql);
            let StoreError::Refused(text) = StoreError::from(error) else { panic!("{sql}") };
            // Authorized and settled cannot be negative without breaking what they hold, too.
            let others = ["payments_authorized", "payments_settled", "payments_returned"];
            assert!(text.contains(&name) || others.contains(&&*name), "{sql}: {text}");
        }
        for sql in [
            "UPDATE lines SET order_id = 'none'",
            "UPDATE invoices SET order_id = 'none'",
            "UPDATE operations SET payment_id = 'none'",
            "UPDATE payments SET order_id = 'none' WHERE payment_id = 'p2'",
            "DELETE FROM orders",
        ] {
            let error = raw.execute_unprepared(sql).await.expect_err(sql);
            assert!(matches!(StoreError::from(error), StoreError::Refused(_)), "{sql}");
        }
        store.close().await.unwrap();
    });
}

#[test]
fn no_amount_is_a_float_or_a_text() {
    check(async |place| {
        let store = filled(&place).await;
        let raw = place.raw().await;
        for sql in ["UPDATE invoices SET value = 'much'", "UPDATE invoices SET value = 'NaN'"] {
            assert!(raw.execute_unprepared(sql).await.is_err(), "{sql}");
        }
        if place.is_sqlite() {
            assert!(raw.execute_unprepared("UPDATE invoices SET value = 1.5").await.is_err());
        }
        drop(store);
    });
}

#[test]
fn a_refused_row_takes_the_whole_batch_with_it() {
    check(async |place| {
        let store = filled(&place).await;
        let mut batch = empty(&store).await;
        batch.state.orders.write(key("good"), order("good"));
        let mut bad = order("bad");
        bad.invoiced = bad.value + 1;
        batch.state.orders.write(key("bad"), bad);
        assert!(matches!(batch.commit().await, Err(StoreError::Refused(_))));
        assert_eq!(store.order(&key("good")).await.unwrap(), None);

        let mut batch = empty(&store).await;
        let orphan = operation("none", 1, OperationState::Waiting(Waiting::Pending));
        batch.state.operations.write((orphan.order.clone(), orphan.payment_id.clone(), 1), orphan);
        assert!(matches!(batch.commit().await, Err(StoreError::Refused(_))));
    });
}
