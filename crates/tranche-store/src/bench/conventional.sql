-- The conventional design, in the product's own schema, to compare the product with: an invoice of one line on one
-- payment is one transaction that accepts it and one that records the provider's answer, each statement by itself, each
-- connection an invoice at a time. No gRPC and no provider. It is spared what would slow it down: the orders are each
-- connection's own, so that nobody waits for a lock, and the events' numbers are made by the client, so that nobody waits
-- for the counter that gives the product's events an order without gaps.
--
-- This file is a pgbench script, and the very statements that `tranche bench --floor` runs; with --pgbench it runs both.
\set k :k + 1
\set order 1 + :client_id + :clients * mod(:k, :orders_per_client)
\set invoice 1 + :k / :orders_per_client
\set operation hash(:invoice * 1048576 + :order)
\set event 1000000000000 + 3 * (:invoice * 1048576 + :order)
\set now 1800000000000000 + :k

BEGIN;
SELECT state, value, invoiced, allocation, transaction_id, version FROM orders
    WHERE account_id = 'default' AND order_id = 'open-' || :order::bigint FOR NO KEY UPDATE;
SELECT content, receipt_id FROM invoices
    WHERE account_id = 'default' AND order_id = 'open-' || :order::bigint AND invoice_number = :invoice::bigint::text;
SELECT quantity, removed, invoiced FROM lines
    WHERE account_id = 'default' AND order_id = 'open-' || :order::bigint AND line_id = '1';
SELECT payment_id, connector_id, mode, authorized, asked, settling, settled, canceling, canceled, operations, sent
    FROM payments WHERE account_id = 'default' AND order_id = 'open-' || :order::bigint;
UPDATE orders SET state = 'partially_invoiced', invoiced = invoiced + 1000, version = version + 1,
    update_time = :now::bigint
    WHERE account_id = 'default' AND order_id = 'open-' || :order::bigint;
UPDATE lines SET invoiced = invoiced + 1
    WHERE account_id = 'default' AND order_id = 'open-' || :order::bigint AND line_id = '1';
INSERT INTO invoices (account_id, order_id, invoice_number, ordinal, invoice_type, state, value, lines, legs, remaining,
    receipt_id, invoice_key, invoice_url, tracking_courier, tracking_number, tracking_url, content, create_time, update_time)
    VALUES ('default', 'open-' || :order::bigint, :invoice::bigint::text, :invoice::bigint, 'output', 'accepted', 1000,
    '[{"line_id":"1","quantity":1}]', '[{"payment_id":"card","value":1000}]', 1000,
    'rcpt_01a2102adbfc780587a15a1ec342e5c0', '', '', '', '', '',
    'type=70ea43930cf450fc5681a075 value=0d37e2293d695dca84774327 issue_time=c3f107e9c47101c31febfbfd lines=c76ecd4331180fe4b3816bac payments=e3b0c44298fc1c149afbf4c8 invoice_key=e3b0c44298fc1c149afbf4c8 invoice_url=e3b0c44298fc1c149afbf4c8',
    :now::bigint, :now::bigint);
UPDATE payments SET asked = asked + 1000, settling = settling + 1000, settlements = settlements + 1,
    operations = operations + 1, sent = sent + 1, wire_ordinal = :invoice::bigint, wire_attempt = 1,
    wire_until = :now::bigint + 75000000, update_time = :now::bigint
    WHERE account_id = 'default' AND order_id = 'open-' || :order::bigint AND payment_id = 'card';
INSERT INTO operations (account_id, operation_id, order_id, payment_id, connector_id, ordinal, kind, cause,
    invoice_number, value, is_final, state, waited_as, lease_attempt, lease_until, done_value, is_unclear, due_time, attempts,
    recorded_attempts, attempts_before, callbacks, first_send_time, refund_taken, lacking, surplus, create_time,
    update_time)
    VALUES ('default', 'op_' || :operation::bigint || 'e1b5d90c2f7a48630d9e', 'open-' || :order::bigint, 'card',
    'of-the-past', :invoice::bigint, 'settlement', 'invoice:' || :invoice::bigint, :invoice::bigint::text, 1000,
    false, 'sent', 'pending', 1, :now::bigint + 75000000, 0, false, :now::bigint + 75000000, 1,
    0, 0, 0, :now::bigint, 0, 0, 0, :now::bigint, :now::bigint);
INSERT INTO events (account_id, number, order_id, kind, payload, create_time)
    VALUES ('default', :event::bigint, 'open-' || :order::bigint, 'invoice_accepted',
    '{"invoice_number":"1","invoice_type":"output","amount":{"minor":1000,"currency":"BRL"},"remaining":{"minor":19000,"currency":"BRL"}}',
    :now::bigint),
    ('default', :event::bigint + 1, 'open-' || :order::bigint, 'operation_started',
    '{"operation":{"operation_id":"op_ef1474eec9a4ebf6ac53442e63ea3bf6fb781ce9","payment_id":"card","kind":"settlement","value":{"minor":1000,"currency":"BRL"}}}',
    :now::bigint);
COMMIT;

BEGIN;
SELECT state, value, invoiced, allocation, transaction_id, version FROM orders
    WHERE account_id = 'default' AND order_id = 'open-' || :order::bigint FOR NO KEY UPDATE;
SELECT ordinal, kind, value, state, lease_attempt, attempts, recorded_attempts FROM operations
    WHERE account_id = 'default' AND operation_id = 'op_' || :operation::bigint || 'e1b5d90c2f7a48630d9e';
SELECT payment_id, connector_id, mode, authorized, asked, settling, settled, canceling, canceled, operations, sent
    FROM payments WHERE account_id = 'default' AND order_id = 'open-' || :order::bigint;
UPDATE payments SET settling = settling - 1000, settled = settled + 1000, wire_ordinal = NULL, wire_attempt = NULL,
    wire_until = NULL, update_time = :now::bigint
    WHERE account_id = 'default' AND order_id = 'open-' || :order::bigint AND payment_id = 'card';
UPDATE operations SET state = 'done', waited_as = NULL, lease_attempt = NULL, lease_until = NULL, due_time = NULL,
    done_value = 1000, provider_id = 'SET-' || :operation::bigint, recorded_attempts = 2, update_time = :now::bigint,
    end_time = :now::bigint
    WHERE account_id = 'default' AND operation_id = 'op_' || :operation::bigint || 'e1b5d90c2f7a48630d9e';
INSERT INTO interactions (account_id, operation_id, attempt, callback, order_id, method, url, request_headers, request_body,
    status, response_headers, response_body, latency, meaning, create_time)
    VALUES ('default', 'op_' || :operation::bigint || 'e1b5d90c2f7a48630d9e', 1, 0, 'open-' || :order::bigint, 'POST',
    'http://127.0.0.1:51062/payments/open-1234-card/settlements', 'accept: application/json content-type: application/json',
    '{"authorizationId":"AUT-000001","nsu":"NSU-000001","paymentId":"open-1234-card","requestId":"op_ef1474eec9a4ebf6ac53442e63ea3bf6fb781ce9","tid":"TID-000001","transactionId":"open-1234","value":10.00}',
    200, 'content-type: application/json content-length: 143 date: Wed, 25 Nov 2026 00:46:14 GMT',
    '{"code": null,"message": null,"paymentId":"open-1234-card","requestId":"op_ef1474eec9a4ebf6ac53442e63ea3bf6fb781ce9","settleId":"SET-000001","value":10.00}',
    402, 'done', :now::bigint);
INSERT INTO events (account_id, number, order_id, kind, payload, create_time)
    VALUES ('default', :event::bigint + 2, 'open-' || :order::bigint, 'operation_ended',
    '{"operation":{"operation_id":"op_ef1474eec9a4ebf6ac53442e63ea3bf6fb781ce9","payment_id":"card","kind":"settlement","value":{"minor":1000,"currency":"BRL"}},"amount":{"minor":1000,"currency":"BRL"},"is_done": true}',
    :now::bigint);
COMMIT;
