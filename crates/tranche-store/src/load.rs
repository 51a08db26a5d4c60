//! Loading what a batch needs: first the locks, then the rest, a statement per table.

use std::collections::BTreeSet;

use sea_orm::{DbBackend, DbErr, FromQueryResult, QueryResult, Value};
use tranche_core::bounds::{EVENTS_FORGOTTEN_PER_COMMAND_MAX, REFUNDS_PER_PLAN_MAX, UNSENT_MAX};
use tranche_core::command::{Needs, RequestKey};
use tranche_core::connector::Connector;
use tranche_core::event::EventLog;
use tranche_core::id::{AccountId, ConnectorId, OperationId, OrderKey, PaymentId, TransactionId};
use tranche_core::state::State;
use tranche_core::time::Timestamp;

use crate::batch::Versions;
use crate::bounds::{INVOICE_OPERATIONS_MAX, MOVEMENT_OPERATIONS_MAX};
use crate::entity::{
    Stored, account, connector, event, event_log, invoice, line, operation, order, payment, request,
};
use crate::layout::NOT_BY_KEY;
use crate::session::{Listed, Session, arrays};
use crate::{StoreError, StoreTime};

fn text(text: &str) -> Value {
    Value::from(text)
}

fn order_columns(key: &OrderKey) -> Listed {
    vec![text(key.account_id.as_str()), text(key.order_id.as_str())]
}

fn with(mut columns: Listed, more: impl Into<Value>) -> Listed {
    columns.push(more.into());
    columns
}

/// Locks the orders and reads them, and the time when all are locked.
async fn lock(
    session: Session<'_>,
    orders: &BTreeSet<OrderKey>,
    time: StoreTime,
    given: &(dyn Fn() -> Timestamp + Sync),
) -> Result<(Vec<tranche_core::order::Order>, Timestamp), StoreError> {
    let keys: Vec<Listed> = orders.iter().map(order_columns).collect();
    let layout = order::Entity::layout();
    if session.backend() != DbBackend::Postgres {
        let by = ["account_id", "order_id"];
        let orders = session.select::<order::Entity>("select", &by, keys).await?;
        return Ok((orders, given()));
    }
    if orders.is_empty() && time == StoreTime::Given {
        return Ok((Vec::new(), given()));
    }
    let sql = session.texts.get((layout.table, "lock", 0), || layout.lock());
    let by = layout.keys(&["account_id", "order_id"]);
    let rows = session.query(sql, arrays(&by, keys)).await?;
    let clock = rows.first().map(|row| row.try_get::<i64>("", "now")).transpose()?;
    let is_order =
        |row: &&QueryResult| row.try_get::<Option<String>>("", "order_id").is_ok_and(|id| id.is_some());
    let read = |row: &QueryResult| -> Result<_, StoreError> {
        order::Entity::read(&order::Model::from_query_result(row, "")?)
    };
    let orders = rows.iter().filter(is_order).map(read).collect::<Result<_, _>>()?;
    let now = match (time, clock) {
        (StoreTime::Database, Some(micros)) => Timestamp::from_micros(micros),
        (StoreTime::Database, None) => {
            return Err(DbErr::Type("the lock statement has no clock".to_owned()).into());
        }
        (StoreTime::Given, _) => given(),
    };
    Ok((orders, now))
}

/// Locks the orders of `needs`, then loads all that it names.
pub(crate) async fn load(
    session: Session<'_>,
    needs: &Needs,
    time: StoreTime,
    given: &(dyn Fn() -> Timestamp + Sync),
) -> Result<(State, Versions, Timestamp), StoreError> {
    let (orders, now) = lock(session, &needs.orders, time, given).await?;
    let mut state = State::default();
    let mut versions = Versions::default();
    let mut locked = BTreeSet::new();
    for row in orders {
        locked.insert(row.key.clone());
        versions.orders.insert(row.key.clone(), row.version);
        state.orders.load(row.key.clone(), row);
    }
    settings(session, needs, &mut state, &mut versions).await?;
    event_logs(session, needs, &mut state, &mut versions).await?;
    keys(session, needs, &mut state).await?;
    of_orders(session, needs, &locked, &mut state).await?;
    follow_ups(session, needs, &locked, &mut state).await?;
    Ok((state, versions, now))
}

/// Accounts and connectors. Nobody locks them; whoever writes one does so over the version that was read.
async fn settings(
    session: Session<'_>,
    needs: &Needs,
    state: &mut State,
    versions: &mut Versions,
) -> Result<(), StoreError> {
    let keys = needs.accounts.iter().map(|id| vec![text(id.as_str())]).collect();
    for row in session.select::<account::Entity>("select", &["account_id"], keys).await? {
        versions.accounts.insert(row.account_id.clone(), row.version);
        state.accounts.load(row.account_id.clone(), row);
    }
    for row in connectors(session, needs.connectors.iter()).await? {
        let key = (row.account_id.clone(), row.connector_id.clone());
        versions.connectors.insert(key.clone(), row.version);
        state.connectors.load(key, row);
    }
    Ok(())
}

/// Connectors.
pub(crate) async fn connectors(
    session: Session<'_>,
    keys: impl Iterator<Item = &(AccountId, ConnectorId)> + Send,
) -> Result<Vec<Connector>, StoreError> {
    let key = |(account, id): &(AccountId, ConnectorId)| vec![text(account.as_str()), text(id.as_str())];
    let by = ["account_id", "connector_id"];
    session.select::<connector::Entity>("select", &by, keys.map(key).collect()).await
}

/// Event logs, and the oldest events of each that are kept. Nobody locks them; a log is written over the version that
/// was read, so that of two who would forget the same events one decides again.
async fn event_logs(
    session: Session<'_>,
    needs: &Needs,
    state: &mut State,
    versions: &mut Versions,
) -> Result<(), StoreError> {
    let keys = needs.event_logs.iter().map(|id| vec![text(id.as_str())]).collect();
    for row in session.select::<event_log::Entity>("select", &["account_id"], keys).await? {
        versions.event_logs.insert(row.account_id.clone(), row.version);
        state.event_logs.load(row.account_id.clone(), row);
    }
    let forgotten =
        |id: &AccountId| state.event_logs.get(id).map_or(0, |EventLog { forgotten, .. }| *forgotten);
    let keys = needs.event_logs.iter().map(|id| vec![text(id.as_str()), forgotten(id).into()]).collect();
    let (layout, backend) = (event::Entity::layout(), session.backend());
    let by = layout.keys(&["account_id", "number"]);
    let kept = "t.number > r.number";
    let most = EVENTS_FORGOTTEN_PER_COMMAND_MAX;
    let sql = |rows| layout.select_first(backend, &by, kept, "number", most, rows);
    for row in session.select_with::<event::Entity>("select oldest", &by, keys, sql).await? {
        state.oldest_events.insert((row.event.account_id, row.number), row.create_time);
    }
    Ok(())
}

/// Keys that are taken across orders: idempotency keys, transaction ids and adopted authorizations.
///
/// Of another order's row only the key is used. That no two orders take one at the same time is the work of the unique
/// constraints.
async fn keys(session: Session<'_>, needs: &Needs, state: &mut State) -> Result<(), StoreError> {
    let key =
        |key: &RequestKey| vec![text(key.account_id.as_str()), text(&key.resource), text(&key.request_id)];
    let keys = needs.requests.iter().map(key).collect();
    let by = ["account_id", "resource", "request_id"];
    for row in session.select::<request::Entity>("select", &by, keys).await? {
        state.requests.load(row.key.clone(), row);
    }
    let key = |(account, id): &(AccountId, TransactionId)| vec![text(account.as_str()), text(id.as_str())];
    let keys = needs.transactions.iter().map(key).collect();
    let (layout, backend) = (order::Entity::layout(), session.backend());
    let by = layout.keys(&["account_id", "transaction_id"]);
    let same = "t.transaction_id >= r.transaction_id AND t.transaction_id <= r.transaction_id";
    let sql = |rows| layout.select_first(backend, &by, same, "transaction_id", 1, rows);
    for row in session.select_with::<order::Entity>("select by transaction", &by, keys, sql).await? {
        if let Some(transaction) = row.transaction {
            let id = (row.key.account_id.clone(), transaction.transaction_id);
            state.transactions.insert(id, row.key);
        }
    }
    let key = |(account, connector, id): &(AccountId, ConnectorId, String)| {
        vec![text(account.as_str()), text(connector.as_str()), text(id)]
    };
    let keys = needs.adoptions.iter().map(key).collect();
    let (layout, backend) = (payment::Entity::layout(), session.backend());
    let by = layout.keys(&["account_id", "connector_id", "provider_payment_id"]);
    let same = format!(
        "t.provider_payment_id >= r.provider_payment_id AND t.provider_payment_id <= r.provider_payment_id \
         AND t.{NOT_BY_KEY}"
    );
    let sql = |rows| layout.select_first(backend, &by, &same, "provider_payment_id", 1, rows);
    for row in session.select_with::<payment::Entity>("select by adoption", &by, keys, sql).await? {
        let id = row.authorization.provider_payment_id;
        state.adoptions.insert((row.order.account_id, row.connector_id, id));
    }
    Ok(())
}

/// The rows of locked orders that the commands name, and all payments of each.
async fn of_orders(
    session: Session<'_>,
    needs: &Needs,
    locked: &BTreeSet<OrderKey>,
    state: &mut State,
) -> Result<(), StoreError> {
    let by = ["account_id", "order_id", "line_id"];
    let keys = needs.lines.iter().filter(|(order, _)| locked.contains(order));
    let keys = keys.map(|(order, id)| with(order_columns(order), id.as_str()));
    for row in session.select::<line::Entity>("select", &by, keys.collect()).await? {
        state.lines.load((row.order.clone(), row.line_id.clone()), row);
    }
    let keys = needs.whole.iter().filter(|order| locked.contains(*order)).map(order_columns).collect();
    for row in session.select::<line::Entity>("select by order", &["account_id", "order_id"], keys).await? {
        state.lines.load((row.order.clone(), row.line_id.clone()), row);
    }
    let keys = locked.iter().map(order_columns).collect();
    for row in session.select::<payment::Entity>("select by order", &["account_id", "order_id"], keys).await?
    {
        state.payments.load((row.order.clone(), row.position), row);
    }
    let by = ["account_id", "order_id", "invoice_number"];
    let keys = needs.invoices.iter().filter(|(order, _)| locked.contains(order));
    let keys = keys.map(|(order, number)| with(order_columns(order), number.as_str()));
    for row in session.select::<invoice::Entity>("select", &by, keys.collect()).await? {
        state.invoices.load((row.order.clone(), row.invoice_number.clone()), row);
    }
    let keys = needs.invoiced.iter().filter(|order| locked.contains(*order)).map(order_columns).collect();
    let by = ["account_id", "order_id"];
    for row in session.select::<invoice::Entity>("select by order", &by, keys).await? {
        state.invoices.load((row.order.clone(), row.invoice_number.clone()), row);
    }
    of_invoices(session, needs, locked, state).await?;
    of_movements(session, needs, locked, state).await?;
    operations(session, needs.operations.iter().cloned().collect(), locked, state).await
}

/// The operations that were decided for an invoice. Those that can be withdrawn are few of them, and not worth an index.
async fn of_invoices(
    session: Session<'_>,
    needs: &Needs,
    locked: &BTreeSet<OrderKey>,
    state: &mut State,
) -> Result<(), StoreError> {
    let (layout, backend) = (operation::Entity::layout(), session.backend());
    let by = layout.keys(&["account_id", "order_id", "invoice_number"]);
    let same = "t.invoice_number >= r.invoice_number AND t.invoice_number <= r.invoice_number \
                  AND t.invoice_number IS NOT NULL";
    let most = INVOICE_OPERATIONS_MAX;
    let sql = |rows| layout.select_first(backend, &by, same, "invoice_number", most, rows);
    let keys = needs.withdrawing.iter().filter(|(order, _)| locked.contains(order));
    let keys = keys.map(|(order, number)| with(order_columns(order), number.as_str())).collect();
    for row in session.select_with::<operation::Entity>("select by invoice", &by, keys, sql).await? {
        state.load_operation(row);
    }
    Ok(())
}

/// The operations that own movements of providers.
async fn of_movements(
    session: Session<'_>,
    needs: &Needs,
    locked: &BTreeSet<OrderKey>,
    state: &mut State,
) -> Result<(), StoreError> {
    let (layout, backend) = (operation::Entity::layout(), session.backend());
    let by = layout.keys(&["account_id", "order_id", "provider_id"]);
    let owns = "t.provider_id IS NOT NULL";
    let most = MOVEMENT_OPERATIONS_MAX;
    let sql = |rows| layout.select_first(backend, &by, owns, "ordinal", most, rows);
    let keys = needs.movements.iter().filter(|(order, _)| locked.contains(order));
    let keys = keys.map(|(order, id)| with(order_columns(order), id.as_str())).collect();
    for row in session.select_with::<operation::Entity>("select by movement", &by, keys, sql).await? {
        state.load_operation(row);
    }
    Ok(())
}

/// Operations of locked orders, by their ids.
async fn operations(
    session: Session<'_>,
    wanted: BTreeSet<(OrderKey, OperationId)>,
    locked: &BTreeSet<OrderKey>,
    state: &mut State,
) -> Result<(), StoreError> {
    let is_wanted = |(order, id): &&(OrderKey, OperationId)| {
        locked.contains(order) && state.operation(order, id).is_none()
    };
    let key =
        |(order, id): &(OrderKey, OperationId)| vec![text(order.account_id.as_str()), text(id.as_str())];
    let keys = wanted.iter().filter(is_wanted).map(key).collect();
    let by = ["account_id", "operation_id"];
    for row in session.select::<operation::Entity>("select", &by, keys).await? {
        // The id alone finds the row; one that names another order than its own finds nothing.
        if wanted.contains(&(row.order.clone(), row.operation_id.clone())) {
            state.load_operation(row);
        }
    }
    Ok(())
}

/// What the payments at hand lead to: the next operations to send, settlements to refund from, and the settlements of
/// refunds at hand. The number of rows is bounded by the number of payments.
async fn follow_ups(
    session: Session<'_>,
    needs: &Needs,
    locked: &BTreeSet<OrderKey>,
    state: &mut State,
) -> Result<(), StoreError> {
    let found = state.follow_ups(needs);

    let (layout, backend) = (operation::Entity::layout(), session.backend());
    // Ordinals have no gaps: the first from the next one on is the next one.
    let by = layout.keys(&["account_id", "order_id", "payment_id", "ordinal"]);
    let next = format!("t.ordinal >= r.ordinal AND t.{NOT_BY_KEY}");
    let sql = |rows| layout.select_first(backend, &by, &next, "ordinal", 1, rows);
    let key = |(order, payment, ordinal): &(OrderKey, PaymentId, i64)| {
        with(with(order_columns(order), payment.as_str()), *ordinal)
    };
    let keys = found.queued.iter().map(key).collect();
    for row in session.select_with::<operation::Entity>("select next", &by, keys, sql).await? {
        state.load_operation(row);
    }

    let by = layout.keys(&["account_id", "order_id", "payment_id"]);
    let refundable = "t.kind = 'settlement' AND t.done_value > t.refund_taken";
    let sql = |rows| layout.select_first(backend, &by, refundable, "ordinal", REFUNDS_PER_PLAN_MAX, rows);
    let key = |(order, payment): &(OrderKey, PaymentId)| with(order_columns(order), payment.as_str());
    let keys = found.refundable.iter().map(key).collect();
    for row in session.select_with::<operation::Entity>("select refundable", &by, keys, sql).await? {
        state.load_operation(row);
    }

    let unsent = "t.kind = 'settlement' AND t.state = 'pending'";
    let sql = |rows| layout.select_first(backend, &by, unsent, "ordinal", UNSENT_MAX, rows);
    let keys = found.unsent.iter().map(key).collect();
    for row in session.select_with::<operation::Entity>("select unsent", &by, keys, sql).await? {
        state.load_operation(row);
    }

    let may_own = "t.kind = 'settlement' AND (t.state = 'sent' OR t.attention_time IS NOT NULL) \
                   AND t.end_time IS NULL";
    let sql = |rows| layout.select_first(backend, &by, may_own, "ordinal", 1, rows);
    let keys = found.adopting.iter().filter(|(order, _)| locked.contains(order)).map(key).collect();
    for row in session.select_with::<operation::Entity>("select may own", &by, keys, sql).await? {
        state.load_operation(row);
    }

    // Asked again, as an operation that was queued may be a refund.
    let settlements = state.follow_ups(needs).settlements;
    operations(session, settlements.into_iter().collect(), locked, state).await
}
