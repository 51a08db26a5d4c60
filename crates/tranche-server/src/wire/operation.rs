//! Operations asked of providers, and the calls that were made for them.

use tranche_core::decision::PlannedOperation;
use tranche_core::id::{AccountId, ConnectorId, OperationId, PaymentId, TransactionId};
use tranche_core::operation::{Interaction, Operation, OperationKind, OperationState, Waiting};
use tranche_core::order::Order;
use tranche_proto::v1 as pb;
use tranche_store::{OperationFilter, OperationStateName};

use super::money::money;
use super::page::{Page, Query};
use super::time::{duration, timestamp};
use super::{Unacceptable, Violations, enumeration};

/// The operation as a message.
pub(crate) fn operation(order: &Order, connector_id: &ConnectorId, operation: &Operation) -> pb::Operation {
    let amount = |minor| money(order.money(minor));
    let transaction_id = order.transaction.as_ref().map(|row| row.transaction_id.to_string());
    let is_settlement = operation.kind == OperationKind::Settlement;
    let next_attempt_time = match operation.state {
        OperationState::Waiting(_) => operation.due_time,
        _ => None,
    };
    pb::Operation {
        operation_id: operation.operation_id.to_string(),
        order_id: operation.order.order_id.to_string(),
        transaction_id: transaction_id.unwrap_or_default(),
        payment_id: operation.payment_id.to_string(),
        connector_id: connector_id.to_string(),
        kind: kind(operation.kind).into(),
        state: state(&operation.state).into(),
        amount: Some(amount(operation.value)),
        amount_done: done_value(operation).map(amount),
        surplus: (operation.surplus > 0).then(|| amount(operation.surplus)),
        cause: operation.cause.clone(),
        ordinal: operation.ordinal,
        final_settlement: is_settlement && operation.is_final,
        attempts: i32::try_from(operation.attempts).unwrap_or(i32::MAX),
        provider_id: provider_id(operation).to_owned(),
        refunded_settle_id: operation
            .refund
            .as_ref()
            .map(|refund| refund.settle_id.clone())
            .unwrap_or_default(),
        refusal: refusal(&operation.state),
        next_attempt_time: next_attempt_time.map(timestamp),
        create_time: Some(timestamp(operation.create_time)),
        update_time: Some(timestamp(operation.update_time)),
        end_time: operation.end_time.map(timestamp),
    }
}

/// What was done of it; `None` until it is done.
pub(crate) fn done_value(operation: &Operation) -> Option<i64> {
    match &operation.state {
        OperationState::Done { value, .. } => Some(*value),
        _ => None,
    }
}

/// The provider's id of what it did; empty until it is done.
pub(crate) fn provider_id(operation: &Operation) -> &str {
    match &operation.state {
        OperationState::Done { provider_id, .. } => provider_id,
        _ => "",
    }
}

fn refusal(state: &OperationState) -> Option<pb::Refusal> {
    match state {
        OperationState::Refused { code, message } => {
            Some(pb::Refusal { provider_code: code.clone(), provider_message: message.clone() })
        }
        _ => None,
    }
}

/// The kind as a message's value.
pub(crate) fn kind(kind: OperationKind) -> pb::operation::Kind {
    match kind {
        OperationKind::Authorization => pb::operation::Kind::Authorization,
        OperationKind::Settlement => pb::operation::Kind::Settlement,
        OperationKind::Refund => pb::operation::Kind::Refund,
        OperationKind::Cancellation => pb::operation::Kind::Cancellation,
    }
}

/// The state as a message's value.
pub(crate) fn state(state: &OperationState) -> pb::operation::State {
    match state {
        OperationState::Waiting(Waiting::Pending) => pb::operation::State::Pending,
        OperationState::Waiting(Waiting::AtProvider) => pb::operation::State::PendingAtProvider,
        OperationState::Waiting(Waiting::Unknown) => pb::operation::State::Unknown,
        OperationState::Sent { .. } => pb::operation::State::Sent,
        OperationState::Manual => pb::operation::State::Manual,
        OperationState::Stuck { .. } => pb::operation::State::Stuck,
        OperationState::Done { .. } => pb::operation::State::Done,
        OperationState::Refused { .. } => pb::operation::State::Refused,
        OperationState::Withdrawn => pb::operation::State::Withdrawn,
    }
}

/// What would be started, as a message.
pub(crate) fn planned(order: &Order, planned: &PlannedOperation) -> pb::PlannedOperation {
    pb::PlannedOperation {
        payment_id: planned.payment_id.to_string(),
        kind: kind(planned.kind).into(),
        amount: Some(money(order.money(planned.value))),
    }
}

/// One call, as a message.
pub(crate) fn interaction(interaction: &Interaction) -> pb::Interaction {
    let exchange = &interaction.exchange;
    pb::Interaction {
        operation_id: interaction.operation_id.to_string(),
        attempt: i32::try_from(interaction.attempt).unwrap_or(i32::MAX),
        request_method: exchange.method.clone(),
        request_url: exchange.url.clone(),
        request_headers: exchange.request_headers.clone(),
        request_body: exchange.request_body.clone(),
        response_status: exchange.status.map(i32::from),
        response_headers: exchange.response_headers.clone(),
        response_body: exchange.response_body.clone(),
        latency: Some(duration(exchange.latency)),
        error: exchange.error.clone().unwrap_or_default(),
        outcome: outcome(&interaction.meaning).into(),
        create_time: Some(timestamp(interaction.create_time)),
        callback: interaction.callback > 0,
    }
}

/// The attempt and the callback that a page of interactions goes on after.
pub(crate) fn interaction_point(id: &str) -> Option<(u32, u32)> {
    let (attempt, callback) = id.split_once('.')?;
    attempt.parse().ok().zip(callback.parse().ok())
}

/// What an answer was taken to mean, as a message's value.
pub(crate) fn outcome(meaning: &str) -> pb::interaction::Outcome {
    match meaning {
        // A second answer of done names what it differs by.
        meaning if meaning.starts_with("done") => pb::interaction::Outcome::Done,
        "refused" => pb::interaction::Outcome::Refused,
        "pending" => pb::interaction::Outcome::Pending,
        "manual" => pb::interaction::Outcome::Manual,
        "no answer" => pb::interaction::Outcome::NoAnswer,
        _ => pb::interaction::Outcome::Unknown,
    }
}

/// The operation that a request names.
pub(crate) fn id(operation_id: &str) -> Result<OperationId, Unacceptable> {
    let mut violations = Violations::default();
    let id = violations.id("operation_id", operation_id, OperationId::parse);
    violations.finish(id)
}

/// The operation whose interactions are listed, and the page of them.
pub(crate) fn list_interactions(
    account_id: &AccountId,
    request: &pb::ListInteractionsRequest,
) -> Result<(OperationId, Page), Unacceptable> {
    let mut violations = Violations::default();
    let id = violations.id("operation_id", &request.operation_id, OperationId::parse);
    let query = Query::new("interactions", account_id).of(&request.operation_id);
    let page = Page::parse(&mut violations, query, request.page_size, &request.page_token);
    violations.finish(id.zip(page))
}

/// The transaction whose operations are listed, what the list is narrowed to, and the page of it.
pub(crate) fn list(
    account_id: &AccountId,
    request: &pb::ListOperationsRequest,
) -> Result<(TransactionId, OperationFilter, Page), Unacceptable> {
    let mut violations = Violations::default();
    let id = violations.id("transaction_id", &request.transaction_id, TransactionId::parse);
    let filter = filter(&mut violations, request);
    let query = Query::new("operations", account_id).of(&request.transaction_id).of(format!("{filter:?}"));
    let page = Page::parse(&mut violations, query, request.page_size, &request.page_token);
    violations.finish(id.zip(page).map(|(id, page)| (id, filter, page)))
}

fn filter(violations: &mut Violations, request: &pb::ListOperationsRequest) -> OperationFilter {
    let payment_id = match request.payment_id.as_str() {
        "" => None,
        id => violations.id("payment_id", id, PaymentId::parse),
    };
    let mut states = Vec::new();
    for (index, number) in request.states.iter().enumerate() {
        let field = format!("states[{index}]");
        let Some(state) = enumeration(violations, &field, *number) else { continue };
        match state_name(state) {
            Some(name) if states.contains(&name) => {}
            Some(name) => states.push(name),
            None => violations.add(field, "is unspecified; name a state"),
        }
    }
    OperationFilter { payment_id, states }
}

fn state_name(state: pb::operation::State) -> Option<OperationStateName> {
    match state {
        pb::operation::State::Unspecified => None,
        pb::operation::State::Pending => Some(OperationStateName::Pending),
        pb::operation::State::Sent => Some(OperationStateName::Sent),
        pb::operation::State::PendingAtProvider => Some(OperationStateName::PendingAtProvider),
        pb::operation::State::Unknown => Some(OperationStateName::Unknown),
        pb::operation::State::Manual => Some(OperationStateName::Manual),
        pb::operation::State::Stuck => Some(OperationStateName::Stuck),
        pb::operation::State::Done => Some(OperationStateName::Done),
        pb::operation::State::Refused => Some(OperationStateName::Refused),
        pb::operation::State::Withdrawn => Some(OperationStateName::Withdrawn),
    }
}
