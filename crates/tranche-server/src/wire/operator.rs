//! Acts of operators; whether an operation's id belongs to the account is found when its order is.

pub(crate) mod reconciliation;
pub(crate) mod stuck;

use tranche_connectors::bounds::PROVIDER_ID_BYTES_MAX;
use tranche_core::command::{AdoptMovement, FollowUp, Resolution, ResolveOperation, RetryOperation};
use tranche_core::content::Content;
use tranche_core::id::{ConnectorId, OperationId, OrderKey, PaymentId, RequestId, TransactionId};
use tranche_core::money::Money;
use tranche_core::operation::Operation;
use tranche_core::operator::{Act, ActKind, Actor};
use tranche_core::order::Order;
use tranche_core::time::Timestamp;
use tranche_proto::v1 as pb;

use super::content::Parts;
use super::money::{Least, parse_money};
use super::operation;
use super::time::{parse_timestamp, timestamp};
use super::{Unacceptable, Violations, enumeration};

/// Who acts, and why; both are required.
pub(super) fn actor(violations: &mut Violations, actor: &str, reason: &str) -> Option<Actor> {
    let name = violations.required_text("actor", actor);
    let reason = violations.required_text("reason", reason);
    Some(Actor { name: name?, reason: reason? })
}

/// The act as a message's value.
pub(crate) fn act_kind(kind: ActKind) -> pb::operator_acted::Act {
    match kind {
        ActKind::RetryOperation => pb::operator_acted::Act::RetryOperation,
        ActKind::ResolveOperation => pb::operator_acted::Act::ResolveOperation,
        ActKind::ReleaseRemainder => pb::operator_acted::Act::ReleaseRemainder,
        ActKind::AdoptMovement => pb::operator_acted::Act::AdoptMovement,
    }
}

/// An act as a message.
pub(crate) fn act(act: &Act) -> pb::OperatorAct {
    let told = pb::OperatorActed {
        act: act_kind(act.kind).into(),
        actor: act.by.name.clone(),
        reason: act.by.reason.clone(),
        transaction_id: act.transaction_id.to_string(),
        payment_id: act.payment_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        operation_id: act.operation_id.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    pb::OperatorAct { acted: Some(told), create_time: Some(timestamp(act.create_time)) }
}

/// An act on an operation; the order of the operation is still to be found.
#[derive(Clone, Debug)]
pub(crate) struct OnOperation<A> {
    /// The operation.
    pub(crate) operation_id: OperationId,
    request_id: RequestId,
    content: Content,
    act: A,
    by: Actor,
}

impl OnOperation<()> {
    /// The command, about this order.
    pub(crate) fn of(self, key: OrderKey) -> RetryOperation {
        let Self { operation_id, request_id, content, by, act: () } = self;
        RetryOperation { key, operation_id, request_id, content, by }
    }
}

impl OnOperation<Resolution> {
    /// The command, about this order.
    pub(crate) fn of(self, key: OrderKey) -> ResolveOperation {
        let Self { operation_id, request_id, content, by, act: resolution } = self;
        ResolveOperation { key, operation_id, request_id, content, resolution, by }
    }
}

/// What is tried again.
pub(crate) fn retry(request: &pb::RetryOperationRequest) -> Result<OnOperation<()>, Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let operation_id = violations.id("operation_id", &request.operation_id, OperationId::parse);
    let by = actor(&mut violations, &request.actor, &request.reason);
    let build = || {
        let (operation_id, request_id, by) = (operation_id?, request_id?, by?);
        let content = Content::default()
            .with("act", "retry_operation")
            .with("actor", &by.name)
            .with("reason", &by.reason);
        Some(OnOperation { operation_id, request_id, content, act: (), by })
    };
    let retry = build();
    violations.finish(retry)
}

/// How an operation ended.
pub(crate) fn resolve(
    request: &pb::ResolveOperationRequest,
) -> Result<OnOperation<Resolution>, Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let operation_id = violations.id("operation_id", &request.operation_id, OperationId::parse);
    let resolution = resolution(&mut violations, request.resolution.as_ref());
    let by = actor(&mut violations, &request.actor, &request.reason);
    let build = || {
        let (operation_id, request_id) = (operation_id?, request_id?);
        let (act, by) = (resolution?, by?);
        let content = Content::default()
            .with("act", "resolve_operation")
            .with("resolution", text(&act).text())
            .with("actor", &by.name)
            .with("reason", &by.reason);
        Some(OnOperation { operation_id, request_id, content, act, by })
    };
    let resolve = build();
    violations.finish(resolve)
}

/// A resolution, normalised.
fn text(resolution: &Resolution) -> Parts {
    match resolution {
        Resolution::Done { amount, provider_id } => {
            Parts::default().with("done").with_optional(*amount).with(provider_id)
        }
        Resolution::NotDone(FollowUp::Retry) => Parts::default().with("retry"),
        Resolution::NotDone(FollowUp::Move(id)) => Parts::default().with("move").with_optional(id.as_ref()),
        Resolution::NotDone(FollowUp::GiveUp) => Parts::default().with("give_up"),
        Resolution::Surplus { is_real } => Parts::default().with("surplus").with(is_real.to_string()),
    }
}

fn resolution(
    violations: &mut Violations,
    resolution: Option<&pb::resolve_operation_request::Resolution>,
) -> Option<Resolution> {
    use pb::resolve_operation_request::Resolution as Given;
    match resolution {
        None => {
            violations.add("resolution", "is required: one of `done`, `not_done` and `surplus`");
            None
        }
        Some(Given::Done(done)) => {
            let amount = match &done.amount {
                None => Some(None),
                amount => parse_money(violations, "done.amount", amount.as_ref(), None, Least::OneMinorUnit)
                    .map(Some),
            };
            let provider_id = provider_id(violations, "done.provider_id", &done.provider_id);
            Some(Resolution::Done { amount: amount?, provider_id: provider_id? })
        }
        Some(Given::NotDone(not_done)) => follow_up(violations, not_done).map(Resolution::NotDone),
        Some(Given::Surplus(surplus)) => match surplus.real {
            None => {
                violations.add("surplus.real", "is required: true if the money moved, false if it never did");
                None
            }
            Some(is_real) => Some(Resolution::Surplus { is_real }),
        },
    }
}

fn follow_up(violations: &mut Violations, not_done: &pb::ResolvedNotDone) -> Option<FollowUp> {
    use pb::resolved_not_done::FollowUp as Given;
    let given = enumeration::<Given>(violations, "not_done.follow_up", not_done.follow_up);
    let payment_id = match not_done.payment_id.as_str() {
        "" => Some(None),
        id => violations.id("not_done.payment_id", id, PaymentId::parse).map(Some),
    };
    let follow_up = match given? {
        Given::Unspecified => {
            violations.add(
                "not_done.follow_up",
                "is required: FOLLOW_UP_RETRY, FOLLOW_UP_MOVE or FOLLOW_UP_GIVE_UP",
            );
            return None;
        }
        Given::Move => return payment_id.map(FollowUp::Move),
        Given::Retry => FollowUp::Retry,
        Given::GiveUp => FollowUp::GiveUp,
    };
    if payment_id?.is_some() {
        violations.add("not_done.payment_id", "is for FOLLOW_UP_MOVE only; leave it out");
        return None;
    }
    Some(follow_up)
}

/// A provider's id of something; required, and bounded as the ids in its answers are.
fn provider_id(violations: &mut Violations, field: &str, id: &str) -> Option<String> {
    let id = violations.required_text(field, id)?;
    if id.len() > PROVIDER_ID_BYTES_MAX {
        violations
            .add(field, format!("is {} bytes long; at most {PROVIDER_ID_BYTES_MAX} are allowed", id.len()));
        return None;
    }
    if id.chars().any(char::is_control) {
        violations.add(field, "has a line feed or a tab; no control character is allowed");
        return None;
    }
    Some(id)
}

/// A movement to be adopted; the order of its transaction is still to be found.
#[derive(Clone, Debug)]
pub(crate) struct Adoption {
    /// The transaction.
    pub(crate) transaction_id: TransactionId,
    payment_id: PaymentId,
    request_id: RequestId,
    content: Content,
    provider_id: String,
    amount: Money,
    movement_time: Option<Timestamp>,
    is_beyond_authorization: bool,
    by: Actor,
}

impl Adoption {
    /// The command, about this order.
    pub(crate) fn of(self, key: OrderKey) -> AdoptMovement {
        AdoptMovement {
            key,
            transaction_id: self.transaction_id,
            payment_id: self.payment_id,
            request_id: self.request_id,
            content: self.content,
            provider_id: self.provider_id,
            amount: self.amount,
            movement_time: self.movement_time,
            is_beyond_authorization: self.is_beyond_authorization,
            by: self.by,
        }
    }
}

/// A movement to be adopted.
pub(crate) fn adopt(request: &pb::AdoptMovementRequest) -> Result<Adoption, Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let transaction_id = violations.id("transaction_id", &request.transaction_id, TransactionId::parse);
    let payment_id = violations.id("payment_id", &request.payment_id, PaymentId::parse);
    let provider_id = provider_id(&mut violations, "provider_id", &request.provider_id);
    let amount = parse_money(&mut violations, "amount", request.amount.as_ref(), None, Least::OneMinorUnit);
    let movement_time = parse_timestamp(&mut violations, "movement_time", request.movement_time.as_ref());
    let by = actor(&mut violations, &request.actor, &request.reason);
    let build = || {
        let (transaction_id, payment_id, request_id) = (transaction_id?, payment_id?, request_id?);
        let (provider_id, amount, by) = (provider_id?, amount?, by?);
        let content = Content::default()
            .with("act", "adopt_movement")
            .with("payment_id", payment_id.as_str())
            .with("provider_id", &provider_id)
            .with("amount", &amount.to_string())
            .with(
                "movement_time",
                Parts::default().with_optional(movement_time.map(Timestamp::micros)).text(),
            )
            .with("beyond_authorization", &request.beyond_authorization.to_string())
            .with("actor", &by.name)
            .with("reason", &by.reason);
        Some(Adoption {
            transaction_id,
            payment_id,
            request_id,
            content,
            provider_id,
            amount,
            movement_time,
            is_beyond_authorization: request.beyond_authorization,
            by,
        })
    };
    let adoption = build();
    violations.finish(adoption)
}

/// Operations as messages, each with its payment's connector.
pub(super) fn operations(
    order: &Order,
    connectors: &[(PaymentId, ConnectorId)],
    rows: &[Operation],
) -> Vec<pb::Operation> {
    let message = |row: &Operation| {
        let (_, connector_id) = connectors.iter().find(|(payment_id, _)| *payment_id == row.payment_id)?;
        Some(operation::operation(order, connector_id, row))
    };
    rows.iter().filter_map(message).collect()
}
