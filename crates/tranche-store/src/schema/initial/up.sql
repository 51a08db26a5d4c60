-- The first schema. {id} is a text that compares byte by byte, {int} 64 bits, {rows} and {hot_rows} the storage of a
-- table: on SQLite a strict one, so that no amount is ever text or a float; on PostgreSQL, where rows change often,
-- pages with room for their next versions, so that a change touches no index.
--
-- Every index but the key has a condition, even where it is true of all rows: only a statement that says the same can
-- be planned over it. Otherwise PostgreSQL, while its tables are small, takes any index that leads with the account for
-- a look-up by key, keeps that plan, and goes through all of the account's rows with it when there are many.

CREATE TABLE accounts (
    account_id {id} NOT NULL,
    partial_settlement {bool} NOT NULL,
    allocation {id} NOT NULL CONSTRAINT accounts_allocation
        CHECK (allocation IN ('lowest_first', 'created_first', 'proportional')),
    refund_order {id} NOT NULL CONSTRAINT accounts_refund_order
        CHECK (refund_order IN ('lowest_settled_first', 'created_first', 'proportional')),
    release_policy {id} NOT NULL CONSTRAINT accounts_release_policy
        CHECK (release_policy IN ('on_completion', 'immediately', 'manual')),
    legacy_mode {id} NOT NULL CONSTRAINT accounts_legacy_mode CHECK (legacy_mode IN ('partial', 'hold', 'total')),
    authorization_lead_time {int} NOT NULL CONSTRAINT accounts_authorization_lead_time
        CHECK (authorization_lead_time >= 0),
    version {int} NOT NULL,
    create_time {int},
    update_time {int},
    CONSTRAINT accounts_key PRIMARY KEY (account_id)
){rows};

CREATE TABLE connectors (
    account_id {id} NOT NULL CONSTRAINT connectors_account CHECK (account_id <> ''),
    connector_id {id} NOT NULL,
    kind {id} NOT NULL,
    settings TEXT NOT NULL,
    default_mode {id} CONSTRAINT connectors_default_mode CHECK (default_mode IN ('partial', 'hold', 'total')),
    settlement_parts {id} NOT NULL CONSTRAINT connectors_settlement_parts
        CHECK (settlement_parts IN ('none', 'once', 'multiple')),
    settlements_max {int} CONSTRAINT connectors_settlements_max CHECK (settlements_max >= 1),
    remainder {id} NOT NULL CONSTRAINT connectors_remainder CHECK (remainder IN ('kept', 'released')),
    partial_cancellation {bool} NOT NULL,
    refunds {id} NOT NULL CONSTRAINT connectors_refunds CHECK (refunds IN ('none', 'full', 'partial')),
    replay_safe {bool} NOT NULL,
    replay_window {int} NOT NULL CONSTRAINT connectors_replay_window CHECK (replay_window >= 0),
    authorization_lifetime {int} CONSTRAINT connectors_authorization_lifetime CHECK (authorization_lifetime > 0),
    minimum_amounts TEXT NOT NULL,
    manifest TEXT NOT NULL,
    version {int} NOT NULL,
    create_time {int} NOT NULL,
    update_time {int} NOT NULL,
    CONSTRAINT connectors_key PRIMARY KEY (account_id, connector_id)
){rows};

CREATE INDEX connectors_page ON connectors (account_id, create_time, connector_id)
    WHERE account_id <> '';

CREATE TABLE orders (
    account_id {id} NOT NULL CONSTRAINT orders_account CHECK (account_id <> ''),
    order_id {id} NOT NULL,
    currency {id} NOT NULL,
    state {id} NOT NULL CONSTRAINT orders_state
        CHECK (state IN ('open', 'partially_invoiced', 'invoiced', 'canceled')),
    items {int} NOT NULL CONSTRAINT orders_items CHECK (items >= 0),
    shipping {int} NOT NULL CONSTRAINT orders_shipping CHECK (shipping >= 0),
    tax {int} NOT NULL CONSTRAINT orders_tax CHECK (tax >= 0),
    discounts {int} NOT NULL CONSTRAINT orders_discounts CHECK (discounts >= 0),
    fees {int} NOT NULL CONSTRAINT orders_fees CHECK (fees >= 0),
    manual_discounts {int} NOT NULL CONSTRAINT orders_manual_discounts CHECK (manual_discounts >= 0),
    manual_increments {int} NOT NULL CONSTRAINT orders_manual_increments CHECK (manual_increments >= 0),
    value {int} NOT NULL CONSTRAINT orders_value CHECK (value >= 1),
    invoiced {int} NOT NULL,
    returned {int} NOT NULL,
    given_up {int} NOT NULL CONSTRAINT orders_given_up CHECK (0 <= given_up AND given_up <= invoiced),
    missing {int} NOT NULL CONSTRAINT orders_missing CHECK (missing >= 0),
    allocation {id} NOT NULL CONSTRAINT orders_allocation
        CHECK (allocation IN ('lowest_first', 'created_first', 'proportional')),
    refund_order {id} NOT NULL CONSTRAINT orders_refund_order
        CHECK (refund_order IN ('lowest_settled_first', 'created_first', 'proportional')),
    release_policy {id} NOT NULL CONSTRAINT orders_release_policy
        CHECK (release_policy IN ('on_completion', 'immediately', 'manual')),
    transaction_id {id},
    transaction_state {id} CONSTRAINT orders_transaction_state
        CHECK (transaction_state IN ('open', 'finished', 'canceled')),
    transaction_create_time {int},
    invoices {int} NOT NULL CONSTRAINT orders_invoices CHECK (invoices >= 0),
    changes {int} NOT NULL CONSTRAINT orders_changes CHECK (changes >= 0),
    version {int} NOT NULL,
    create_time {int} NOT NULL,
    update_time {int} NOT NULL,
    CONSTRAINT orders_key PRIMARY KEY (account_id, order_id),
    CONSTRAINT orders_value_is_sum CHECK (
        value = items + shipping + tax + fees + manual_increments - discounts - manual_discounts
    ),
    CONSTRAINT orders_invoiced_within_value CHECK (0 <= returned AND returned <= invoiced AND invoiced <= value),
    CONSTRAINT orders_transaction_whole CHECK (
        (transaction_id IS NULL) = (transaction_state IS NULL)
        AND (transaction_id IS NULL) = (transaction_create_time IS NULL)
    )
){hot_rows};

CREATE UNIQUE INDEX orders_transaction ON orders (account_id, transaction_id) WHERE transaction_id IS NOT NULL;
CREATE INDEX orders_page ON orders (account_id, create_time, order_id)
    WHERE account_id <> '';

CREATE TABLE lines (
    account_id {id} NOT NULL,
    order_id {id} NOT NULL,
    line_id {id} NOT NULL,
    position {int} NOT NULL CONSTRAINT lines_position CHECK (position >= 0),
    sku_id TEXT NOT NULL,
    description TEXT NOT NULL,
    quantity {int} NOT NULL CONSTRAINT lines_quantity CHECK (quantity >= 1),
    unit_price {int} NOT NULL CONSTRAINT lines_unit_price CHECK (unit_price >= 0),
    removed {int} NOT NULL CONSTRAINT lines_removed CHECK (removed >= 0),
    invoiced {int} NOT NULL,
    returned {int} NOT NULL,
    CONSTRAINT lines_key PRIMARY KEY (account_id, order_id, line_id),
    CONSTRAINT lines_order FOREIGN KEY (account_id, order_id) REFERENCES orders (account_id, order_id),
    CONSTRAINT lines_invoiced_within_quantity
        CHECK (0 <= returned AND returned <= invoiced AND invoiced <= quantity - removed)
){hot_rows};

CREATE TABLE payments (
    account_id {id} NOT NULL CONSTRAINT payments_account CHECK (account_id <> ''),
    order_id {id} NOT NULL,
    payment_id {id} NOT NULL,
    position {int} NOT NULL CONSTRAINT payments_position_counts CHECK (position >= 0),
    connector_id {id} NOT NULL,
    mode {id} NOT NULL CONSTRAINT payments_mode CHECK (mode IN ('partial', 'hold', 'total')),
    settlement_parts {id} NOT NULL CONSTRAINT payments_settlement_parts
        CHECK (settlement_parts IN ('none', 'once', 'multiple')),
    settlements_max {int} CONSTRAINT payments_settlements_max CHECK (settlements_max >= 1),
    remainder {id} NOT NULL CONSTRAINT payments_remainder CHECK (remainder IN ('kept', 'released')),
    partial_cancellation {bool} NOT NULL,
    refunds {id} NOT NULL CONSTRAINT payments_refunds CHECK (refunds IN ('none', 'full', 'partial')),
    replay_safe {bool} NOT NULL,
    replay_window {int} NOT NULL CONSTRAINT payments_replay_window CHECK (replay_window >= 0),
    authorization_lifetime {int} CONSTRAINT payments_authorization_lifetime CHECK (authorization_lifetime > 0),
    minimum {int} NOT NULL CONSTRAINT payments_minimum CHECK (minimum >= 0),
    provider_payment_id {id} NOT NULL,
    provider_transaction_id TEXT NOT NULL,
    authorization_id TEXT NOT NULL,
    tid TEXT,
    nsu TEXT,
    expire_time {int},
    validity {id} NOT NULL CONSTRAINT payments_validity CHECK (validity IN ('lasting', 'ending', 'ended')),
    observe_time {int},
    attention_time {int},
    authorization_state {id} NOT NULL CONSTRAINT payments_authorization_state
        CHECK (authorization_state IN ('authorizing', 'authorized', 'denied')),
    authorizing_value {int} CONSTRAINT payments_authorizing_value CHECK (authorizing_value > 0),
    authorizing_until {int},
    denial_code TEXT,
    denial_message TEXT,
    payment_method TEXT,
    payment_token TEXT,
    installments {int} CONSTRAINT payments_installments CHECK (installments >= 1),
    return_url TEXT,
    max_value {int},
    lapse {int} CONSTRAINT payments_lapse CHECK (lapse >= 2),
    authorized {int} NOT NULL CONSTRAINT payments_authorized CHECK (authorized >= 0),
    asked {int} NOT NULL CONSTRAINT payments_asked CHECK (asked >= 0),
    given_up {int} NOT NULL CONSTRAINT payments_given_up CHECK (given_up >= 0),
    settling {int} NOT NULL CONSTRAINT payments_settling CHECK (settling >= 0),
    settled {int} NOT NULL CONSTRAINT payments_settled CHECK (settled >= 0),
    canceling {int} NOT NULL CONSTRAINT payments_canceling CHECK (canceling >= 0),
    canceled {int} NOT NULL CONSTRAINT payments_canceled CHECK (canceled >= 0),
    excess_refunding {int} NOT NULL CONSTRAINT payments_excess_refunding CHECK (excess_refunding >= 0),
    excess_refunded {int} NOT NULL CONSTRAINT payments_excess_refunded CHECK (excess_refunded >= 0),
    excess_given_up {int} NOT NULL CONSTRAINT payments_excess_given_up CHECK (excess_given_up >= 0),
    release_given_up {int} NOT NULL CONSTRAINT payments_release_given_up CHECK (release_given_up >= 0),
    returned {int} NOT NULL CONSTRAINT payments_returned CHECK (returned >= 0),
    return_refunding {int} NOT NULL CONSTRAINT payments_return_refunding CHECK (return_refunding >= 0),
    return_refunded {int} NOT NULL CONSTRAINT payments_return_refunded CHECK (return_refunded >= 0),
    return_given_up {int} NOT NULL CONSTRAINT payments_return_given_up CHECK (return_given_up >= 0),
    lacking {int} NOT NULL CONSTRAINT payments_lacking CHECK (lacking >= 0),
    excess_lacking {int} NOT NULL CONSTRAINT payments_excess_lacking CHECK (excess_lacking >= 0),
    return_lacking {int} NOT NULL CONSTRAINT payments_return_lacking CHECK (return_lacking >= 0),
    release_lacking {int} NOT NULL CONSTRAINT payments_release_lacking CHECK (release_lacking >= 0),
    surplus {int} NOT NULL CONSTRAINT payments_surplus CHECK (surplus >= 0),
    settlements {int} NOT NULL CONSTRAINT payments_settlements CHECK (settlements >= 0),
    shortfalls {int} NOT NULL CONSTRAINT payments_shortfalls CHECK (shortfalls >= 0),
    operations {int} NOT NULL CONSTRAINT payments_operations CHECK (operations >= 0),
    sent {int} NOT NULL,
    wire_ordinal {int},
    wire_attempt {int},
    wire_until {int},
    turn {int},
    create_time {int} NOT NULL,
    update_time {int} NOT NULL,
    CONSTRAINT payments_key PRIMARY KEY (account_id, order_id, payment_id),
    CONSTRAINT payments_order FOREIGN KEY (account_id, order_id) REFERENCES orders (account_id, order_id),
    CONSTRAINT payments_authorization_whole CHECK (
        (authorizing_value IS NULL) = (authorization_state = 'authorized')
        AND (authorizing_until IS NULL OR authorization_state = 'authorizing')
        AND (denial_code IS NOT NULL) = (authorization_state = 'denied')
        AND (denial_message IS NOT NULL) = (authorization_state = 'denied')
    ),
    CONSTRAINT payments_request_whole CHECK (
        (payment_method IS NULL) = (installments IS NULL)
        AND (payment_method IS NOT NULL OR authorization_state = 'authorized')
        AND (payment_method IS NOT NULL OR (payment_token IS NULL AND return_url IS NULL))
    ),
    CONSTRAINT payments_asked_once_authorized
        CHECK (authorization_state = 'authorized' OR (authorized = 0 AND asked = 0)),
    CONSTRAINT payments_within_max_value CHECK (max_value IS NULL OR authorized <= max_value),
    CONSTRAINT payments_within_authorized CHECK (settling + settled + canceling + canceled <= authorized),
    CONSTRAINT payments_refunds_within_settled
        CHECK (excess_refunding + excess_refunded + return_refunding + return_refunded <= settled),
    CONSTRAINT payments_refunds_within_returned
        CHECK (return_refunding + return_refunded + return_given_up <= returned),
    CONSTRAINT payments_validity_whole CHECK (
        (expire_time IS NOT NULL OR (validity = 'lasting' AND observe_time IS NULL))
        AND (validity <> 'ended' OR observe_time IS NULL)
        AND (validity = 'ending' OR attention_time IS NULL)
    ),
    CONSTRAINT payments_sent_within_operations CHECK (0 <= sent AND sent <= operations),
    CONSTRAINT payments_wire_whole CHECK (
        (wire_ordinal IS NULL) = (wire_until IS NULL) AND (wire_attempt IS NULL) = (wire_until IS NULL)
    )
){hot_rows};

CREATE UNIQUE INDEX payments_position ON payments (account_id, order_id, position) WHERE account_id <> '';
CREATE UNIQUE INDEX payments_adoption ON payments (account_id, connector_id, provider_payment_id)
    WHERE account_id <> '';
CREATE INDEX payments_observe ON payments (observe_time)
    WHERE observe_time IS NOT NULL AND authorization_state = 'authorized';
CREATE INDEX payments_attention ON payments (account_id, attention_time, order_id, payment_id)
    WHERE attention_time IS NOT NULL;

CREATE TABLE invoices (
    account_id {id} NOT NULL CONSTRAINT invoices_account CHECK (account_id <> ''),
    order_id {id} NOT NULL,
    invoice_number {id} NOT NULL,
    ordinal {int} NOT NULL CONSTRAINT invoices_ordinal CHECK (ordinal >= 1),
    invoice_type {id} NOT NULL CONSTRAINT invoices_type CHECK (invoice_type IN ('output', 'input')),
    state {id} NOT NULL CONSTRAINT invoices_state CHECK (state IN ('accepted', 'voided')),
    void_reason TEXT,
    value {int} NOT NULL CONSTRAINT invoices_value CHECK (value >= 1),
    lines TEXT NOT NULL,
    legs TEXT NOT NULL,
    remaining {int} NOT NULL CONSTRAINT invoices_remaining CHECK (remaining >= 0),
    receipt_id TEXT NOT NULL,
    issue_time {int},
    invoice_key TEXT NOT NULL,
    invoice_url TEXT NOT NULL,
    tracking_courier TEXT NOT NULL,
    tracking_number TEXT NOT NULL,
    tracking_url TEXT NOT NULL,
    dispatch_time {int},
    content TEXT NOT NULL,
    create_time {int} NOT NULL,
    update_time {int} NOT NULL,
    CONSTRAINT invoices_key PRIMARY KEY (account_id, order_id, invoice_number),
    CONSTRAINT invoices_order FOREIGN KEY (account_id, order_id) REFERENCES orders (account_id, order_id),
    CONSTRAINT invoices_void_whole CHECK ((void_reason IS NOT NULL) = (state = 'voided')),
    CONSTRAINT invoices_returns_stay CHECK (invoice_type = 'output' OR state = 'accepted')
){rows};

CREATE INDEX invoices_page ON invoices (account_id, order_id, create_time, invoice_number)
    WHERE account_id <> '';

CREATE TABLE changes (
    account_id {id} NOT NULL CONSTRAINT changes_account CHECK (account_id <> ''),
    order_id {id} NOT NULL,
    request_id {id} NOT NULL,
    reason TEXT NOT NULL,
    added_lines TEXT NOT NULL,
    removed_lines TEXT NOT NULL,
    manual_discount {int} NOT NULL CONSTRAINT changes_manual_discount CHECK (manual_discount >= 0),
    manual_increment {int} NOT NULL CONSTRAINT changes_manual_increment CHECK (manual_increment >= 0),
    value_before {int} NOT NULL CONSTRAINT changes_value_before CHECK (value_before >= 1),
    value_after {int} NOT NULL CONSTRAINT changes_value_after CHECK (value_after >= 1),
    create_time {int} NOT NULL,
    CONSTRAINT changes_key PRIMARY KEY (account_id, order_id, request_id),
    CONSTRAINT changes_order FOREIGN KEY (account_id, order_id) REFERENCES orders (account_id, order_id)
){rows};

CREATE INDEX changes_page ON changes (account_id, order_id, create_time, request_id)
    WHERE account_id <> '';

CREATE TABLE operations (
    account_id {id} NOT NULL CONSTRAINT operations_account CHECK (account_id <> ''),
    operation_id {id} NOT NULL,
    order_id {id} NOT NULL,
    payment_id {id} NOT NULL,
    connector_id {id} NOT NULL,
    ordinal {int} NOT NULL CONSTRAINT operations_ordinal_counts CHECK (ordinal >= 1),
    kind {id} NOT NULL CONSTRAINT operations_kind 
        CHECK (kind IN ('authorization', 'settlement', 'refund', 'cancellation')),
    cause {id} NOT NULL,
    invoice_number {id},
    value {int} NOT NULL CONSTRAINT operations_value CHECK (value > 0),
    is_final {bool} NOT NULL,
    refund_operation_id {id},
    refund_settle_id TEXT,
    refund_purpose {id} CONSTRAINT operations_refund_purpose CHECK (refund_purpose IN ('excess', 'return')),
    state {id} NOT NULL CONSTRAINT operations_state CHECK (
        state IN (
            'pending', 'sent', 'pending_at_provider', 'unknown', 'manual', 'stuck', 'done', 'refused', 'withdrawn'
        )
    ),
    waited_as {id} CONSTRAINT operations_waited_as CHECK (waited_as IN ('pending', 'pending_at_provider', 'unknown')),
    lease_attempt {int},
    lease_until {int},
    done_value {int} NOT NULL,
    provider_id TEXT,
    refusal_code TEXT,
    refusal_message TEXT,
    is_unclear {bool} NOT NULL,
    due_time {int},
    attempts {int} NOT NULL CONSTRAINT operations_attempts CHECK (attempts >= 0),
    recorded_attempts {int} NOT NULL,
    attempts_before {int} NOT NULL,
    callbacks {int} NOT NULL CONSTRAINT operations_callbacks CHECK (callbacks >= 0),
    contradiction TEXT,
    first_send_time {int},
    retry_time {int},
    refund_taken {int} NOT NULL,
    lacking {int} NOT NULL CONSTRAINT operations_lacking CHECK (0 <= lacking AND lacking <= value),
    surplus {int} NOT NULL CONSTRAINT operations_surplus CHECK (surplus >= 0),
    attention_time {int},
    create_time {int} NOT NULL,
    update_time {int} NOT NULL,
    end_time {int},
    CONSTRAINT operations_key PRIMARY KEY (account_id, operation_id),
    CONSTRAINT operations_payment FOREIGN KEY (account_id, order_id, payment_id)
        REFERENCES payments (account_id, order_id, payment_id),
    CONSTRAINT operations_attempts_before CHECK (0 <= attempts_before AND attempts_before <= attempts),
    CONSTRAINT operations_done_within_value CHECK (0 <= done_value AND done_value <= value),
    CONSTRAINT operations_refunds_within_done CHECK (0 <= refund_taken AND refund_taken <= done_value),
    CONSTRAINT operations_refund_whole CHECK (
        (refund_operation_id IS NOT NULL) = (kind = 'refund')
        AND (refund_settle_id IS NOT NULL) = (kind = 'refund')
        AND (refund_purpose IS NOT NULL) = (kind = 'refund')
    ),
    CONSTRAINT operations_sent_whole CHECK (
        (lease_attempt IS NOT NULL) = (state = 'sent')
        AND (lease_until IS NOT NULL) = (state = 'sent')
    ),
    CONSTRAINT operations_waited_whole CHECK ((waited_as IS NOT NULL) = (state IN ('sent', 'stuck'))),
    CONSTRAINT operations_done_whole CHECK (
        (provider_id IS NOT NULL) = (state = 'done') AND (done_value = 0 OR state = 'done')
    ),
    CONSTRAINT operations_refused_whole CHECK (
        (refusal_code IS NOT NULL) = (state = 'refused') AND (refusal_message IS NOT NULL) = (state = 'refused')
    )
){hot_rows};

CREATE UNIQUE INDEX operations_ordinal ON operations (account_id, order_id, payment_id, ordinal)
    WHERE account_id <> '';
CREATE INDEX operations_due ON operations (account_id, connector_id, due_time) WHERE due_time IS NOT NULL;
CREATE INDEX operations_attention ON operations (account_id, attention_time, operation_id)
    WHERE attention_time IS NOT NULL;
CREATE INDEX operations_may_own ON operations (account_id, order_id, payment_id, ordinal)
    WHERE kind = 'settlement' AND (state = 'sent' OR attention_time IS NOT NULL) AND end_time IS NULL;
CREATE INDEX operations_movement ON operations (account_id, provider_id, order_id) WHERE provider_id IS NOT NULL;
CREATE INDEX operations_ended ON operations (account_id, end_time, operation_id) WHERE end_time IS NOT NULL;
CREATE INDEX operations_refundable ON operations (account_id, order_id, payment_id, ordinal)
    WHERE kind = 'settlement' AND done_value > refund_taken;
CREATE INDEX operations_unsent ON operations (account_id, order_id, payment_id, ordinal)
    WHERE kind = 'settlement' AND state = 'pending';
CREATE INDEX operations_invoice ON operations (account_id, order_id, invoice_number)
    WHERE invoice_number IS NOT NULL;
CREATE INDEX operations_page ON operations (account_id, order_id, create_time, operation_id)
    WHERE account_id <> '';

CREATE TABLE interactions (
    account_id {id} NOT NULL,
    operation_id {id} NOT NULL,
    attempt {int} NOT NULL CONSTRAINT interactions_attempt CHECK (attempt >= 0),
    callback {int} NOT NULL CONSTRAINT interactions_callback CHECK (callback >= 0),
    order_id {id} NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    request_headers TEXT NOT NULL,
    request_body TEXT NOT NULL,
    status {int},
    response_headers TEXT NOT NULL,
    response_body TEXT NOT NULL,
    latency {int} NOT NULL,
    error TEXT,
    meaning TEXT NOT NULL,
    create_time {int} NOT NULL,
    CONSTRAINT interactions_key PRIMARY KEY (account_id, operation_id, attempt, callback)
){rows};

CREATE TABLE acts (
    account_id {id} NOT NULL CONSTRAINT acts_account CHECK (account_id <> ''),
    order_id {id} NOT NULL,
    resource {id} NOT NULL,
    request_id {id} NOT NULL,
    act {id} NOT NULL CONSTRAINT acts_act
        CHECK (act IN ('retry_operation', 'resolve_operation', 'release_remainder', 'adopt_movement')),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    transaction_id {id} NOT NULL,
    payment_id {id},
    operation_id {id},
    create_time {int} NOT NULL,
    CONSTRAINT acts_key PRIMARY KEY (account_id, order_id, resource, request_id),
    CONSTRAINT acts_order FOREIGN KEY (account_id, order_id) REFERENCES orders (account_id, order_id)
){rows};

CREATE TABLE event_counters (
    account_id {id} NOT NULL,
    last_number {int} NOT NULL CONSTRAINT event_counters_last_number CHECK (last_number >= 0),
    CONSTRAINT event_counters_key PRIMARY KEY (account_id)
){counter_rows};

CREATE TABLE event_logs (
    account_id {id} NOT NULL,
    forgotten_number {int} NOT NULL CONSTRAINT event_logs_forgotten_number CHECK (forgotten_number >= 1),
    version {int} NOT NULL,
    CONSTRAINT event_logs_key PRIMARY KEY (account_id),
    CONSTRAINT event_logs_counter FOREIGN KEY (account_id) REFERENCES event_counters (account_id)
){rows};

CREATE TABLE events (
    account_id {id} NOT NULL,
    number {int} NOT NULL CONSTRAINT events_number CHECK (number >= 1),
    order_id {id},
    kind {id} NOT NULL,
    payload TEXT NOT NULL,
    create_time {int} NOT NULL,
    CONSTRAINT events_key PRIMARY KEY (account_id, number)
){rows};

CREATE INDEX events_order ON events (account_id, order_id, number) WHERE order_id IS NOT NULL;

CREATE TABLE requests (
    account_id {id} NOT NULL,
    resource {id} NOT NULL,
    request_id {id} NOT NULL,
    content TEXT NOT NULL,
    reply {bytes} NOT NULL,
    create_time {int} NOT NULL,
    CONSTRAINT requests_key PRIMARY KEY (account_id, resource, request_id)
){rows};
