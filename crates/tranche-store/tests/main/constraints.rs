//! Every inequality that money is held by is the database's too: broken by hand in SQL, it is refused by name.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;
use tranche_core::operation::{OperationState, Waiting};
use tranche_store::StoreError;

use crate::database::{check, empty};
use crate::round_trip::filled;
use crate::rows::{key, operation, order};

const SCHEMA: &str = include_str!("../../src/schema/initial/up.sql");

/// Columns that hold one of a few names.
const NAMES: &[(&str, &[&str])] = &[
    ("accounts", &["allocation", "refund_order", "release_policy", "legacy_mode"]),
    ("connectors", &["default_mode", "settlement_parts", "remainder", "refunds"]),
    ("orders", &["state", "allocation", "refund_order", "release_policy", "transaction_state"]),
    ("payments", &["mode", "settlement_parts", "remainder", "refunds", "validity"]),
    ("invoices", &["state"]),
    ("operations", &["kind", "refund_purpose", "state", "waited_as"]),
    ("acts", &["act"]),
];

/// Columns that are at least 0.
const NOT_NEGATIVE: &[(&str, &[&str])] = &[
    ("accounts", &["authorization_lead_time"]),
    ("connectors", &["replay_window"]),
    (
        "orders",
        &[
            "items",
            "shipping",
            "tax",
            "discounts",
            "fees",
            "manual_discounts",
            "manual_increments",
            "missing",
            "invoices",
            "changes",
        ],
    ),
    ("lines", &["position", "unit_price", "removed"]),
    (
        "payments",
        &[
            "replay_window",
            "minimum",
            "authorized",
            "asked",
            "given_up",
            "settling",
            "settled",
            "canceling",
            "canceled",
            "excess_refunding",
            "excess_refunded",
            "excess_given_up",
            "release_given_up",
            "returned",
            "return_refunding",
            "return_refunded",
            "return_given_up",
            "lacking",
            "excess_lacking",
            "return_lacking",
            "release_lacking",
            "surplus",
            "settlements",
            "shortfalls",
            "operations",
        ],
    ),
    ("invoices", &["remaining"]),
    ("changes", &["manual_discount", "manual_increment"]),
    ("operations", &["attempts", "callbacks", "surplus"]),
    ("interactions", &["attempt", "callback"]),
    ("event_counters", &["last_number"]),
];

/// Columns that are at least 1.
const POSITIVE: &[(&str, &[&str])] = &[
    ("connectors", &["settlements_max", "authorization_lifetime"]),
    ("payments", &["settlements_max", "authorization_lifetime", "installments", "lapse"]),
    ("invoices", &["ordinal", "value"]),
    ("changes", &["value_before", "value_after"]),
    ("event_logs", &["forgotten_number"]),
];

/// Tables that say that their account is not empty, as statements say when they look into an index that is not the key.
const WITH_ACCOUNT: &[&str] =
    &["connectors", "orders", "payments", "invoices", "changes", "operations", "acts"];

const BROKEN: &[(&str, &str)] = &[
    (
        "orders_value",
        "UPDATE orders SET items = 0, shipping = 0, tax = 0, discounts = 0, fees = 0, manual_discounts = 0, \
         manual_increments = 0, value = 0, invoiced = 0, returned = 0, given_up = 0",
    ),
    ("orders_value_is_sum", "UPDATE orders SET tax = tax + 1"),
    ("orders_value_is_sum", "UPDATE orders SET value = value + 1"),
    ("orders_invoiced_within_value", "UPDATE orders SET invoiced = value + 1"),
    ("orders_invoiced_within_value", "UPDATE orders SET returned = invoiced + 1"),
    ("orders_invoiced_within_value", "UPDATE orders SET returned = -1"),
    ("orders_value_is_sum", "UPDATE orders SET manual_discounts = manual_discounts + 1"),
    ("orders_value_is_sum", "UPDATE orders SET manual_increments = manual_increments + 1"),
    ("orders_manual_discounts", "UPDATE orders SET manual_discounts = -1, items = items - 8"),
    ("orders_manual_increments", "UPDATE orders SET manual_increments = -1, items = items + 10"),
    ("orders_discounts", "UPDATE orders SET discounts = -1, items = items - 28"),
    ("orders_given_up", "UPDATE orders SET given_up = invoiced + 1"),
    ("orders_given_up", "UPDATE orders SET given_up = -1"),
    ("operations_lacking", "UPDATE operations SET lacking = value + 1"),
    ("operations_lacking", "UPDATE operations SET lacking = -1"),
    ("operations_attempts_before", "UPDATE operations SET attempts_before = attempts + 1"),
    ("operations_attempts_before", "UPDATE operations SET attempts_before = -1"),
    ("orders_state", "UPDATE orders SET state = 'Open'"),
    ("orders_transaction_whole", "UPDATE orders SET transaction_state = NULL WHERE order_id = 'o'"),
    ("orders_transaction_whole", "UPDATE orders SET transaction_create_time = NULL WHERE order_id = 'o'"),
    ("orders_transaction_whole", "UPDATE orders SET transaction_id = 't2' WHERE order_id = 'o2'"),
    ("lines_quantity", "UPDATE lines SET quantity = 0, removed = 0, invoiced = 0, returned = 0"),
    ("lines_invoiced_within_quantity", "UPDATE lines SET invoiced = quantity - removed + 1"),
    ("lines_invoiced_within_quantity", "UPDATE lines SET returned = invoiced + 1"),
    ("lines_invoiced_within_quantity", "UPDATE lines SET returned = -1"),
    ("lines_invoiced_within_quantity", "UPDATE lines SET removed = 4"),
    ("payments_position_counts", "UPDATE payments SET position = -1 WHERE payment_id = 'p'"),
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
    ("payments_sent_within_operations", "UPDATE payments SET sent = -1"),
    ("payments_validity_whole", "UPDATE payments SET observe_time = 1 WHERE payment_id = 'p'"),
    ("payments_validity_whole", "UPDATE payments SET validity = 'ending' WHERE payment_id = 'p'"),
    ("payments_validity_whole", "UPDATE payments SET validity = 'ended' WHERE payment_id = 'p2'"),
    ("payments_validity_whole", "UPDATE payments SET attention_time = 1 WHERE payment_id = 'p'"),
    ("payments_validity_whole", "UPDATE payments SET expire_time = NULL WHERE payment_id = 'p2'"),
    (
        "payments_authorization_state",
        "UPDATE payments SET authorization_state = 'other' WHERE payment_id = 'p3'",
    ),
    ("payments_authorizing_value", "UPDATE payments SET authorizing_value = 0 WHERE payment_id = 'p3'"),
    ("payments_authorization_whole", "UPDATE payments SET authorizing_value = NULL WHERE payment_id = 'p3'"),
    ("payments_authorization_whole", "UPDATE payments SET authorizing_value = 1 WHERE payment_id = 'p'"),
    ("payments_authorization_whole", "UPDATE payments SET authorizing_until = 1 WHERE payment_id = 'p'"),
    ("payments_authorization_whole", "UPDATE payments SET denial_code = '' WHERE payment_id = 'p3'"),
    ("payments_authorization_whole", "UPDATE payments SET denial_message = NULL WHERE payment_id = 'p5'"),
    (
        "payments_authorization_whole",
        "UPDATE payments SET authorization_state = 'authorized' WHERE payment_id = 'p4'",
    ),
    ("payments_request_whole", "UPDATE payments SET payment_method = 'Visa' WHERE payment_id = 'p'"),
    ("payments_request_whole", "UPDATE payments SET payment_token = 'x' WHERE payment_id = 'p'"),
    ("payments_request_whole", "UPDATE payments SET return_url = 'x' WHERE payment_id = 'p'"),
    (
        "payments_request_whole",
        "UPDATE payments SET payment_method = NULL, installments = NULL, return_url = NULL WHERE payment_id = 'p4'",
    ),
    ("payments_asked_once_authorized", "UPDATE payments SET authorized = 1 WHERE payment_id = 'p4'"),
    ("payments_asked_once_authorized", "UPDATE payments SET asked = 1 WHERE payment_id = 'p5'"),
    ("payments_within_max_value", "UPDATE payments SET max_value = 999 WHERE payment_id = 'p'"),
    ("payments_wire_whole", "UPDATE payments SET wire_until = 1 WHERE payment_id = 'p'"),
    ("payments_wire_whole", "UPDATE payments SET wire_ordinal = NULL WHERE payment_id = 'p2'"),
    ("payments_wire_whole", "UPDATE payments SET wire_attempt = NULL WHERE payment_id = 'p2'"),
    ("invoices_type", "UPDATE invoices SET invoice_type = 'sale' WHERE invoice_number = '1'"),
    ("invoices_void_whole", "UPDATE invoices SET state = 'voided' WHERE invoice_number = '1'"),
    ("invoices_void_whole", "UPDATE invoices SET void_reason = '' WHERE invoice_number = '1'"),
    ("invoices_void_whole", "UPDATE invoices SET void_reason = NULL WHERE invoice_number = '3'"),
    ("invoices_void_whole", "UPDATE invoices SET state = 'accepted' WHERE invoice_number = '3'"),
    (
        "invoices_returns_stay",
        "UPDATE invoices SET state = 'voided', void_reason = '' WHERE invoice_number = '2'",
    ),
    ("invoices_returns_stay", "UPDATE invoices SET invoice_type = 'input' WHERE invoice_number = '3'"),
    ("operations_ordinal_counts", "UPDATE operations SET ordinal = 0 WHERE ordinal = 1"),
    ("operations_value", "UPDATE operations SET value = 0, lacking = 0 WHERE ordinal = 1"),
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
    ("operations_refund_whole", "UPDATE operations SET refund_operation_id = NULL WHERE ordinal = 9"),
    ("operations_refund_whole", "UPDATE operations SET refund_settle_id = NULL WHERE ordinal = 9"),
    ("operations_refund_whole", "UPDATE operations SET refund_purpose = NULL WHERE ordinal = 9"),
    ("operations_sent_whole", "UPDATE operations SET lease_until = NULL WHERE ordinal = 4"),
    ("operations_sent_whole", "UPDATE operations SET lease_attempt = NULL WHERE ordinal = 4"),
    ("operations_waited_whole", "UPDATE operations SET waited_as = NULL WHERE ordinal = 4"),
    ("operations_waited_whole", "UPDATE operations SET waited_as = NULL WHERE state = 'stuck'"),
    ("operations_sent_whole", "UPDATE operations SET state = 'withdrawn' WHERE ordinal = 4"),
    ("operations_done_whole", "UPDATE operations SET done_value = 1 WHERE ordinal = 1"),
    ("operations_done_whole", "UPDATE operations SET done_value = 1 WHERE state = 'withdrawn'"),
    ("operations_done_whole", "UPDATE operations SET provider_id = '' WHERE state = 'withdrawn'"),
    ("operations_done_whole", "UPDATE operations SET provider_id = NULL WHERE ordinal = 8"),
    ("operations_refused_whole", "UPDATE operations SET refusal_code = NULL WHERE ordinal = 7"),
    ("operations_refused_whole", "UPDATE operations SET refusal_message = NULL WHERE ordinal = 7"),
    ("operations_refused_whole", "UPDATE operations SET state = 'withdrawn' WHERE ordinal = 7"),
    ("operations_state", "UPDATE operations SET state = 'Withdrawn' WHERE ordinal = 13"),
    ("operations_kind", "UPDATE operations SET kind = 'capture' WHERE ordinal = 1"),
    ("events_number", "UPDATE events SET number = 0 WHERE number = 1"),
];

/// Where the database names another constraint that the same row breaks: what goes back is never less than nothing, and so
/// cannot fit into less than nothing.
const NAMED_BY: &[(&str, &str)] = &[
    ("payments_settled", "payments_refunds_within_settled"),
    ("payments_returned", "payments_refunds_within_returned"),
];

/// A constraint, and a statement that would break it.
fn broken() -> Vec<(String, String)> {
    let set = |columns: &'static [(&str, &[&str])], value: &'static str| {
        let all = columns.iter().flat_map(|(table, names)| names.iter().map(move |name| (table, name)));
        all.map(move |(table, name)| {
            (format!("{table}_{name}"), format!("UPDATE {table} SET {name} = {value}"))
        })
    };
    let by_hand = BROKEN.iter().map(|(name, sql)| ((*name).to_owned(), (*sql).to_owned()));
    let account = WITH_ACCOUNT
        .iter()
        .map(|table| (format!("{table}_account"), format!("UPDATE {table} SET account_id = ''")));
    by_hand
        .chain(set(NAMES, "'other'"))
        .chain(set(NOT_NEGATIVE, "-1"))
        .chain(set(POSITIVE, "0"))
        .chain(account)
        .collect()
}

/// Whether the error names the constraint, and not one whose name begins the same.
fn names(text: &str, constraint: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_').any(|word| word == constraint)
}

#[test]
fn every_check_is_broken_here() {
    let words: Vec<&str> = SCHEMA.split_whitespace().collect();
    let checks: BTreeSet<String> = words
        .windows(3)
        .filter(|words| words[0] == "CONSTRAINT" && words[2].starts_with("CHECK"))
        .map(|words| words[1].to_owned())
        .collect();
    assert!(checks.len() > 80, "{}", checks.len());
    assert_eq!(words.iter().filter(|word| word.starts_with("CHECK")).count(), checks.len());
    let broken: BTreeSet<String> = broken().into_iter().map(|(name, _)| name).collect();
    assert_eq!(checks, broken);
}

#[test]
fn broken_rows_are_refused_by_name() {
    check(async |place| {
        let store = filled(&place).await;
        let raw = place.raw().await;
        // A log has a row once it forgot something.
        raw.execute_unprepared("INSERT INTO event_logs VALUES ('acme', 1, 1)").await.unwrap();
        for (name, sql) in broken() {
            let error = raw.execute_unprepared(&sql).await.expect_err(&sql);
            let StoreError::Refused(text) = StoreError::from(error) else { panic!("{sql}") };
            let also = NAMED_BY.iter().find(|(broken, _)| *broken == name).map(|(_, by)| *by);
            assert!(names(&text, &name) || also.is_some_and(|by| names(&text, by)), "{sql}: {text}");
        }
        for sql in [
            "UPDATE lines SET order_id = 'none'",
            "UPDATE invoices SET order_id = 'none'",
            "UPDATE changes SET order_id = 'none'",
            "UPDATE operations SET payment_id = 'none'",
            "UPDATE payments SET order_id = 'none' WHERE payment_id = 'p2'",
            "DELETE FROM orders",
            "UPDATE event_logs SET account_id = 'none'",
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
        for sql in [
            "UPDATE invoices SET value = 'much'",
            "UPDATE invoices SET value = 'NaN'",
            "UPDATE changes SET value_after = 'NaN'",
            "UPDATE payments SET minimum = 'little'",
        ] {
            assert!(raw.execute_unprepared(sql).await.is_err(), "{sql}");
        }
        if place.is_sqlite() {
            for sql in ["UPDATE invoices SET value = 1.5", "UPDATE changes SET manual_discount = 0.5"] {
                assert!(raw.execute_unprepared(sql).await.is_err(), "{sql}");
            }
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
