//! What waits for operators.

use tranche_core::id::{AccountId, ConnectorId, OrderId};
use tranche_core::operation::{BELOW_MINIMUM, OperationState};
use tranche_core::order::Order;
use tranche_core::payment::Payment;
use tranche_core::time::Timestamp;
use tranche_proto::v1 as pb;
use tranche_proto::v1::stuck_operation::Cause;
use tranche_store::{Case, EndingAuthorization, Placed, StuckCause, StuckFilter};

use crate::bounds::{UNKNOWN_LISTED_AFTER, UNKNOWN_LISTED_AFTER_MAX};
use crate::wire::money::money;
use crate::wire::page::{Page, Query};
use crate::wire::time::{parse_duration, timestamp};
use crate::wire::{Unacceptable, Violations, enumeration, operation};

/// All causes.
const ALL: [StuckCause; 7] = [
    StuckCause::Unknown,
    StuckCause::Manual,
    StuckCause::Stuck,
    StuckCause::Lacking,
    StuckCause::Surplus,
    StuckCause::BelowMinimum,
    StuckCause::AuthorizationEnding,
];

/// What the list is narrowed to, and the page of it.
pub(crate) fn list(
    account_id: &AccountId,
    request: &pb::ListStuckOperationsRequest,
    now: Timestamp,
) -> Result<(StuckFilter, Page), Unacceptable> {
    let mut violations = Violations::default();
    let causes: Vec<Option<StuckCause>> = request
        .causes
        .iter()
        .enumerate()
        .map(|(index, cause)| parse_cause(&mut violations, &format!("causes[{index}]"), *cause))
        .collect();
    let connector_id = match request.connector_id.as_str() {
        "" => Some(None),
        id => violations.id("connector_id", id, ConnectorId::parse).map(Some),
    };
    let order_id = match request.order_id.as_str() {
        "" => Some(None),
        id => violations.id("order_id", id, OrderId::parse).map(Some),
    };
    let unknown_for = match &request.unknown_for {
        None => Some(UNKNOWN_LISTED_AFTER),
        Some(given) => parse_duration(&mut violations, "unknown_for", *given, UNKNOWN_LISTED_AFTER_MAX),
    };
    let query = Query::new("stuck operations", account_id)
        .of(format!("{:?}", request.causes))
        .of(&request.connector_id)
        .of(&request.order_id);
    let page = Page::parse(&mut violations, query, request.page_size, &request.page_token);
    let build = || {
        let causes: Vec<StuckCause> = causes.into_iter().collect::<Option<_>>()?;
        let causes = if causes.is_empty() { ALL.to_vec() } else { causes };
        let unclear_before = now.before(unknown_for?);
        let (connector_id, order_id) = (connector_id?, order_id?);
        Some((StuckFilter { causes, unclear_before, now, connector_id, order_id }, page?))
    };
    let list = build();
    violations.finish(list)
}

fn parse_cause(violations: &mut Violations, field: &str, cause: i32) -> Option<StuckCause> {
    match enumeration::<Cause>(violations, field, cause)? {
        Cause::Unspecified => {
            violations.add(field, "must name a cause; leave the list empty for all");
            None
        }
        Cause::Unknown => Some(StuckCause::Unknown),
        Cause::Manual => Some(StuckCause::Manual),
        Cause::Stuck => Some(StuckCause::Stuck),
        Cause::Lacking => Some(StuckCause::Lacking),
        Cause::Surplus => Some(StuckCause::Surplus),
        Cause::BelowMinimum => Some(StuckCause::BelowMinimum),
        Cause::AuthorizationEnding => Some(StuckCause::AuthorizationEnding),
    }
}

/// A case as a message.
pub(crate) fn stuck(case: &Case) -> pb::StuckOperation {
    match case {
        Case::Operation(placed) => operation_of(placed),
        Case::Ending(ending) => ending_of(ending),
    }
}

fn operation_of((order, payment, row): &Placed) -> pb::StuckOperation {
    let (cause, amount) = match &row.state {
        _ if row.surplus > 0 => (Cause::Surplus, row.surplus),
        OperationState::Manual => (Cause::Manual, row.value),
        OperationState::Stuck { .. } => (Cause::Stuck, row.value),
        OperationState::Refused { code, .. } if code == BELOW_MINIMUM => {
            (Cause::BelowMinimum, payment.lacking_of(row))
        }
        state if state.is_ended() => (Cause::Lacking, payment.lacking_of(row)),
        _ => (Cause::Unknown, row.value),
    };
    pb::StuckOperation {
        operation: Some(operation::operation(order, &payment.connector_id, row)),
        since_time: row.attention_time.map(timestamp),
        ..case_of(order, payment, cause, amount)
    }
}

fn ending_of(EndingAuthorization { order, payment, stake }: &EndingAuthorization) -> pb::StuckOperation {
    pb::StuckOperation {
        since_time: payment.attention_time.map(timestamp),
        expire_time: payment.authorization.expire_time.map(timestamp),
        ..case_of(order, payment, Cause::AuthorizationEnding, *stake)
    }
}

/// What every case says.
fn case_of(order: &Order, payment: &Payment, cause: Cause, amount: i64) -> pb::StuckOperation {
    let transaction_id = order.transaction.as_ref().map(|row| row.transaction_id.to_string());
    pb::StuckOperation {
        cause: cause.into(),
        order_id: order.key.order_id.to_string(),
        transaction_id: transaction_id.unwrap_or_default(),
        payment_id: payment.payment_id.to_string(),
        amount: Some(money(order.money(amount))),
        ..pb::StuckOperation::default()
    }
}
