//! Events and the cursors that resume after them.

use sha2::{Digest, Sha256};
use tranche_core::event::{EventKind, OperationSummary};
use tranche_core::id::{AccountId, OrderId};
use tranche_core::money::Money;
use tranche_core::time::Timestamp;
use tranche_proto::v1 as pb;
use tranche_proto::v1::event::Payload;
use tranche_proto::v1::watch_events_response::Item;
use tranche_store::NumberedEvent;

use super::money::money;
use super::page::{from_hex, parse_size, to_hex};
use super::time::timestamp;
use super::{Unacceptable, Violations, invoice, operation, operator, order, payment, transaction};

/// Digits of a cursor that tell whose it is.
const CHECK_BYTES: usize = 4;

/// What a reader follows.
#[derive(Clone, Debug)]
pub(crate) struct Following {
    /// Events after this number; `None`: from the oldest that is kept.
    pub(crate) after: Option<i64>,
    /// Only events of this order.
    pub(crate) order_id: Option<OrderId>,
}

/// What a request to follow asks for.
pub(crate) fn watch(
    account_id: &AccountId,
    request: &pb::WatchEventsRequest,
) -> Result<Following, Unacceptable> {
    let mut violations = Violations::default();
    let following = following(&mut violations, account_id, &request.after_cursor, &request.order_id);
    violations.finish(following)
}

/// What a request to list asks for, and how many of it.
pub(crate) fn list(
    account_id: &AccountId,
    request: &pb::ListEventsRequest,
) -> Result<(Following, u64), Unacceptable> {
    let mut violations = Violations::default();
    let following = following(&mut violations, account_id, &request.after_cursor, &request.order_id);
    let size = parse_size(&mut violations, request.page_size);
    violations.finish(following.zip(size))
}

fn following(
    violations: &mut Violations,
    account_id: &AccountId,
    after_cursor: &str,
    order_id: &str,
) -> Option<Following> {
    let after = (!after_cursor.is_empty()).then(|| parse_cursor(account_id, after_cursor));
    let is_cursor = after.is_none_or(|after| after.is_some());
    if !is_cursor {
        violations
            .add("after_cursor", "is not a cursor of this account; use one that an event carried, or none");
    }
    let order_id = match order_id {
        "" => None,
        id => violations.id("order_id", id, OrderId::parse),
    };
    is_cursor.then(|| Following { after: after.flatten(), order_id })
}

/// The cursor that resumes after the event with this number; 0 before the first.
///
/// It is not the empty one: whoever was told that nothing had happened yet must not be taken for somebody new, for whom
/// all that is forgotten is no loss.
pub(crate) fn cursor(account_id: &AccountId, number: i64) -> String {
    let mut bytes = check(account_id, number);
    bytes.extend(number.to_be_bytes());
    to_hex(&bytes)
}

fn parse_cursor(account_id: &AccountId, cursor: &str) -> Option<i64> {
    let bytes = from_hex(cursor)?;
    let number = i64::from_be_bytes(bytes.get(CHECK_BYTES..)?.try_into().ok()?);
    (number >= 0 && bytes.get(..CHECK_BYTES)? == check(account_id, number)).then_some(number)
}

/// A cursor of another account, or one that somebody made up, would silently miss events.
fn check(account_id: &AccountId, number: i64) -> Vec<u8> {
    let digest =
        Sha256::new().chain_update(account_id.as_str()).chain_update(number.to_be_bytes()).finalize();
    digest.iter().copied().take(CHECK_BYTES).collect()
}

/// The event as a message.
pub(crate) fn event(numbered: &NumberedEvent) -> pb::Event {
    let event = &numbered.event;
    pb::Event {
        number: numbered.number,
        cursor: cursor(&event.account_id, numbered.number),
        order_id: event.order_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        create_time: Some(timestamp(numbered.create_time)),
        payload: Some(payload(&event.kind)),
    }
}

/// The event as an item of a stream.
pub(crate) fn item(numbered: &NumberedEvent) -> pb::WatchEventsResponse {
    let event = event(numbered);
    pb::WatchEventsResponse { cursor: event.cursor.clone(), item: Some(Item::Event(event)) }
}

/// A sign of life.
pub(crate) fn heartbeat(account_id: &AccountId, after: i64, now: Timestamp) -> pb::WatchEventsResponse {
    pb::WatchEventsResponse {
        cursor: cursor(account_id, after),
        item: Some(Item::Heartbeat(pb::Heartbeat { create_time: Some(timestamp(now)) })),
    }
}

fn payload(kind: &EventKind) -> Payload {
    match kind {
        EventKind::AccountUpdated => Payload::AccountUpdated(pb::AccountUpdated {}),
        EventKind::ConnectorCreated { connector_id } => {
            Payload::ConnectorCreated(pb::ConnectorCreated { connector_id: connector_id.to_string() })
        }
        EventKind::ConnectorUpdated { connector_id } => {
            Payload::ConnectorUpdated(pb::ConnectorUpdated { connector_id: connector_id.to_string() })
        }
        EventKind::OrderCreated { value } => {
            Payload::OrderCreated(pb::OrderCreated { value: Some(money(*value)) })
        }
        EventKind::TransactionCreated { transaction_id, authorized } => {
            Payload::TransactionCreated(pb::TransactionCreated {
                transaction_id: transaction_id.to_string(),
                authorized: Some(money(*authorized)),
            })
        }
        EventKind::OrderChanged { request_id, reason, value_before, value_after } => {
            Payload::OrderChanged(pb::OrderChanged {
                request_id: request_id.to_string(),
                reason: reason.clone(),
                value_before: Some(money(*value_before)),
                value_after: Some(money(*value_after)),
            })
        }
        EventKind::PaymentAdded { payment_id, authorized } => Payload::PaymentAdded(pb::PaymentAdded {
            payment: Some(pb::PaymentAmount {
                payment_id: payment_id.to_string(),
                amount: Some(money(*authorized)),
            }),
        }),
        EventKind::AuthorizationEnding { payment_id, expire_time, room } => {
            Payload::AuthorizationEnding(pb::AuthorizationEnding {
                payment_id: payment_id.to_string(),
                expire_time: Some(timestamp(*expire_time)),
                room: Some(money(*room)),
            })
        }
        EventKind::AuthorizationEnded { payment_id, expire_time, room } => {
            Payload::AuthorizationEnded(pb::AuthorizationEnded {
                payment_id: payment_id.to_string(),
                expire_time: Some(timestamp(*expire_time)),
                room: Some(money(*room)),
            })
        }
        EventKind::PaymentStateChanged { payment_id, state } => {
            Payload::PaymentStateChanged(pb::PaymentStateChanged {
                payment_id: payment_id.to_string(),
                state: payment::state(*state).into(),
            })
        }
        EventKind::InvoiceVoided { invoice_number, value, reason } => {
            Payload::InvoiceVoided(pb::InvoiceVoided {
                invoice_number: invoice_number.to_string(),
                value: Some(money(*value)),
                reason: reason.clone(),
            })
        }
        EventKind::OperatorActed { act, by, transaction_id, payment_id, operation_id } => {
            Payload::OperatorActed(pb::OperatorActed {
                act: operator::act_kind(*act).into(),
                actor: by.name.clone(),
                reason: by.reason.clone(),
                transaction_id: transaction_id.to_string(),
                payment_id: payment_id.as_ref().map(ToString::to_string).unwrap_or_default(),
                operation_id: operation_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            })
        }
        EventKind::InvoiceAccepted { invoice_number, invoice_type, value, remaining } => {
            Payload::InvoiceAccepted(pb::InvoiceAccepted {
                invoice_number: invoice_number.to_string(),
                r#type: invoice::invoice_type(*invoice_type).into(),
                value: Some(money(*value)),
                remaining_to_invoice: Some(money(*remaining)),
            })
        }
        EventKind::TrackingUpdated { invoice_number } => {
            Payload::TrackingUpdated(pb::TrackingUpdated { invoice_number: invoice_number.to_string() })
        }
        EventKind::CoverageChanged { missing } => {
            Payload::CoverageMissing(pb::CoverageMissing { missing: Some(money(*missing)) })
        }
        EventKind::OrderStateChanged { state, reason } => {
            let (state, reason) = (order::state(*state).into(), reason.clone());
            Payload::OrderStateChanged(pb::OrderStateChanged { state, reason })
        }
        EventKind::TransactionStateChanged { state } => {
            Payload::TransactionStateChanged(pb::TransactionStateChanged {
                state: transaction::state(*state).into(),
            })
        }
        EventKind::OperationStarted { .. }
        | EventKind::OperationEnded { .. }
        | EventKind::OperationWithdrawn { .. }
        | EventKind::OperationUnresolved { .. }
        | EventKind::SurplusFound { .. }
        | EventKind::AnswerContradicted { .. } => payload_of_operation(kind),
    }
}

/// What happened to an operation.
fn payload_of_operation(kind: &EventKind) -> Payload {
    match kind {
        EventKind::OperationStarted { operation } => {
            Payload::OperationStarted(pb::OperationStarted { operation: Some(summary(operation)) })
        }
        EventKind::OperationEnded { operation, done, is_done } => {
            Payload::OperationEnded(pb::OperationEnded {
                operation: Some(summary(operation)),
                outcome: outcome(*is_done).into(),
                amount_done: Some(money(*done)),
            })
        }
        EventKind::OperationWithdrawn { operation } => Payload::OperationEnded(pb::OperationEnded {
            operation: Some(summary(operation)),
            outcome: pb::operation_ended::Outcome::Withdrawn.into(),
            amount_done: Some(money(Money { minor: 0, ..operation.value })),
        }),
        EventKind::OperationUnresolved { operation, state } => {
            Payload::OperationUnresolved(pb::OperationUnresolved {
                operation: Some(summary(operation)),
                state: unresolved_state(state).into(),
            })
        }
        EventKind::SurplusFound { operation, surplus } => Payload::SurplusFound(pb::SurplusFound {
            operation: Some(summary(operation)),
            surplus: Some(money(*surplus)),
        }),
        EventKind::AnswerContradicted { operation, meaning } => {
            Payload::AnswerContradicted(pb::AnswerContradicted {
                operation: Some(summary(operation)),
                answer: operation::outcome(meaning).into(),
            })
        }
        // The others are not about operations, and come back here by no way.
        other => payload(other),
    }
}

fn summary(operation: &OperationSummary) -> pb::OperationSummary {
    pb::OperationSummary {
        operation_id: operation.operation_id.to_string(),
        payment_id: operation.payment_id.to_string(),
        kind: operation::kind(operation.kind).into(),
        amount: Some(money(operation.value)),
    }
}

fn outcome(is_done: bool) -> pb::operation_ended::Outcome {
    if is_done { pb::operation_ended::Outcome::Done } else { pb::operation_ended::Outcome::Refused }
}

fn unresolved_state(state: &str) -> pb::operation::State {
    match state {
        "pending" => pb::operation::State::PendingAtProvider,
        "manual" => pb::operation::State::Manual,
        "stuck" => pb::operation::State::Stuck,
        _ => pb::operation::State::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_account_and_number() {
        let (mine, theirs) = (AccountId::trusted("a"), AccountId::trusted("b"));
        let resume = cursor(&mine, 42);
        let after = |account, text: &str| {
            let request = pb::WatchEventsRequest { after_cursor: text.to_owned(), ..Default::default() };
            watch(account, &request).map(|following| following.after).ok()
        };
        assert_eq!(after(&mine, &resume), Some(Some(42)));
        assert_eq!(after(&mine, ""), Some(None));
        assert_eq!(after(&mine, &cursor(&mine, 0)), Some(Some(0)), "nobody's first cursor is the empty one");
        for (account, text) in [
            (&theirs, resume.as_str()),
            (&mine, "42"),
            (&mine, "zz"),
            (&mine, &resume[2..]),
            (&mine, &format!("{resume}00")),
        ] {
            assert_eq!(after(account, text), None, "{text}");
        }
    }
}
