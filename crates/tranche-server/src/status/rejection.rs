//! What a caller is told of each of the core's rejections.

mod changes;
mod operators;
mod payments;

use tranche_core::id::OrderId;
use tranche_core::money::Money;
use tranche_core::order::OrderState;
use tranche_core::rejection::{LineExcess, Rejection, Resource};
use tranche_proto::v1::ErrorReason;

use super::explanation::Explanation;
use super::{About, decimal, invalid};
use crate::wire;

/// Explains a rejection of a command that was about this.
pub(super) fn explain(rejection: Rejection, about: &About) -> Explanation {
    match rejection {
        Rejection::Invalid(violations) => invalid(violations),
        Rejection::OrderNotFound(id) => {
            not_found(ErrorReason::OrderNotFound, "order", id.as_str()).with("orderId", id.as_str())
        }
        Rejection::InvoiceNotFound(order_id, number) => Explanation::new(
            ErrorReason::InvoiceNotFound,
            format!(
                "The order '{order_id}' has no invoice '{number}'; notify it first, or correct the number."
            ),
        )
        .of("invoice", number.as_str())
        .with("orderId", order_id.as_str())
        .with("invoiceNumber", number.as_str()),
        Rejection::TransactionNotFound(id) => {
            not_found(ErrorReason::TransactionNotFound, "transaction", id.as_str())
                .with("transactionId", id.as_str())
        }
        Rejection::ConnectorNotFound(ids) => payments::connectors_not_found(&ids),
        Rejection::OperationNotFound(id) => {
            not_found(ErrorReason::OperationNotFound, "operation", id.as_str())
                .with("operationId", id.as_str())
        }
        Rejection::AlreadyExists { resource, id, differences } => {
            already_exists(resource, &id, &differences, about)
        }
        Rejection::RequestIdReused { request_id, differences } => request_id_reused(request_id, &differences),
        Rejection::PaymentAlreadyAdopted(taken) => payments::already_adopted(&taken),
        Rejection::OrderHasTransaction { order_id, transaction_id } => {
            let message = format!(
                "The order '{order_id}' has the transaction '{transaction_id}'; an order has one, which more payments \
                 are added to."
            );
            order(ErrorReason::OrderHasTransaction, &order_id, message)
                .with("transactionId", transaction_id.as_str())
        }
        Rejection::OrderNotOpen { order_id, state } => not_open(&order_id, state),
        Rejection::OrderWithoutTransaction(order_id) => {
            let message = format!(
                "The order '{order_id}' has no transaction that could pay an invoice; repeat after CreateTransaction."
            );
            order(ErrorReason::OrderWithoutTransaction, &order_id, message)
        }
        Rejection::ModeNotSupported(refused) => payments::mode_not_supported(&refused),
        Rejection::PartialSettlementDisabled(refused) => payments::partial_settlement_disabled(&refused),
        Rejection::EtagMismatch { given, current } => {
            let message = format!(
                "The version '{given}' is not the present one, '{current}'; read the resource again and decide again."
            );
            Explanation::new(ErrorReason::EtagMismatch, message)
                .with("etag", given)
                .with("currentEtag", current)
        }
        Rejection::PaymentAlreadyExists(_)
        | Rejection::LineAlreadyExists(_)
        | Rejection::PaymentNotFound(..)
        | Rejection::TransactionNotOpen { .. }
        | Rejection::TooManyPayments { .. }
        | Rejection::TooManyLines { .. }
        | Rejection::TooManyInvoices { .. }
        | Rejection::TooManyChanges { .. }
        | Rejection::OrderHasInvoices { .. }
        | Rejection::ValueBelowInvoiced { .. }
        | Rejection::ValueBelowMinimum { .. }
        | Rejection::ValueAboveRoom { .. }
        | Rejection::ValueUnexpected { .. }
        | Rejection::ReturnAboveInvoiced { .. }
        | Rejection::ReturnAbovePayment(_)
        | Rejection::InvoiceNotVoidable { .. }
        | Rejection::ReleaseAboveFree { .. }
        | Rejection::PartialCancellationNotSupported { .. } => changes::explain(rejection, about),
        Rejection::OperationNotRetryable { .. }
        | Rejection::OperationReplayWindowOver { .. }
        | Rejection::OperationNotResolvable { .. }
        | Rejection::NothingLacking { .. }
        | Rejection::NothingToStart { .. }
        | Rejection::MoveAboveRoom { .. }
        | Rejection::MovementAlreadyBooked { .. }
        | Rejection::MovementAboveAuthorization { .. }
        | Rejection::OperationCouldOwnMovement { .. } => operators::explain(rejection),
        Rejection::InvoiceAboveRemaining { .. }
        | Rejection::InvoiceAboveRoom { .. }
        | Rejection::PaymentAboveRoom(_)
        | Rejection::LineQuantityExceeded(_)
        | Rejection::PaymentsBelowOrderValue { .. } => explain_amounts(rejection, about),
    }
}

/// The rejections that are about how much of something there is.
fn explain_amounts(rejection: Rejection, about: &About) -> Explanation {
    let order_id = about.order_id.clone().unwrap_or_else(|| OrderId::trusted(""));
    match rejection {
        Rejection::InvoiceAboveRemaining { value, invoiced, remaining, is_final } => {
            let remedy = if is_final {
                "the order has ended, and what is sold on top needs another order"
            } else {
                "lower the invoice, or raise the order's value first"
            };
            let message = format!(
                "The invoice is above what remains to invoice of the order '{order_id}', {remaining}: of its value, \
                 {value}, {invoiced} is invoiced; {remedy}."
            );
            order(ErrorReason::InvoiceAboveRemaining, &order_id, message)
                .with("value", decimal(value))
                .with("invoiced", decimal(invoiced))
                .with("remaining", decimal(remaining))
                .with("currencyCode", remaining.currency.code())
        }
        Rejection::InvoiceAboveRoom { room, missing } => {
            let value = Money { minor: room.minor.saturating_add(missing.minor), ..room };
            let message = format!(
                "The invoice of {value} is above what the payments of the order '{order_id}' can still be asked for, \
                 {room}; {missing} are missing, which another payment must cover first, or one that is still being \
                 authorized."
            );
            order(ErrorReason::InvoiceAboveRoom, &order_id, message)
                .with("value", decimal(value))
                .with("room", decimal(room))
                .with("missing", decimal(missing))
                .with("currencyCode", room.currency.code())
        }
        Rejection::PaymentAboveRoom(excess) => payments::payment_above_room(&order_id, &excess),
        Rejection::LineQuantityExceeded(excess) => line_quantity_exceeded(&order_id, &excess),
        Rejection::PaymentsBelowOrderValue { value, authorized, missing } => {
            let message = format!(
                "The payments sum to {authorized} and the order '{order_id}' to {value}; {missing} are missing, name \
                 payments that cover them too."
            );
            order(ErrorReason::PaymentsBelowOrderValue, &order_id, message)
                .with("value", decimal(value))
                .with("authorized", decimal(authorized))
                .with("missing", decimal(missing))
                .with("currencyCode", value.currency.code())
        }
        // The others are not about amounts, and come back here by no way.
        other => explain(other, about),
    }
}

fn request_id_reused(request_id: String, differences: &[String]) -> Explanation {
    let fields = differences.join(",");
    let message = format!(
        "The request id '{request_id}' was used for other content: it differs in {}; make a new id for a new intent.",
        differences.join(", ")
    );
    Explanation::new(ErrorReason::RequestIdReused, message)
        .with("requestId", request_id)
        .with("fields", fields)
}

fn not_found(reason: ErrorReason, kind: &'static str, id: &str) -> Explanation {
    let remedy = match reason {
        ErrorReason::OperationNotFound => "name an id that the server gave",
        _ => "create it first, or correct the id or the account",
    };
    Explanation::new(reason, format!("The account has no {kind} '{id}'; {remedy}.")).of(kind, id)
}

/// An explanation about an order.
fn order(reason: ErrorReason, order_id: &OrderId, message: String) -> Explanation {
    Explanation::new(reason, message).of("order", order_id.as_str()).with("orderId", order_id.as_str())
}

fn already_exists(resource: Resource, id: &str, differences: &[String], about: &About) -> Explanation {
    let (reason, kind, key) = match resource {
        Resource::Order => (ErrorReason::OrderAlreadyExists, "order", "orderId"),
        Resource::Invoice => (ErrorReason::InvoiceAlreadyExists, "invoice", "invoiceNumber"),
        Resource::Transaction => (ErrorReason::TransactionAlreadyExists, "transaction", "transactionId"),
        Resource::Connector => (ErrorReason::ConnectorAlreadyExists, "connector", "connectorId"),
    };
    let fields = differences.join(",");
    let message = if fields.is_empty() {
        format!(
            "The {kind} '{id}' exists, and what it was created with is no longer kept; read it, or use another id."
        )
    } else {
        format!(
            "The {kind} '{id}' exists with other content: it differs in {}; use another id for another {kind}.",
            differences.join(", ")
        )
    };
    let explanation = Explanation::new(reason, message).of(kind, id).with(key, id).with("fields", fields);
    match (resource, &about.order_id) {
        (Resource::Invoice, Some(order_id)) => explanation.with("orderId", order_id.as_str()),
        _ => explanation,
    }
}

fn not_open(order_id: &OrderId, row: OrderState) -> Explanation {
    let state = wire::order::state(row).as_str_name();
    let state = state.strip_prefix("STATE_").unwrap_or(state);
    let remedy = match row {
        OrderState::Invoiced => {
            "what goes back takes an input invoice, and what is sold on top another order"
        }
        _ => "use another order",
    };
    let message = format!(
        "The order '{order_id}' is {state}, which is final, and the request needs an open one; {remedy}."
    );
    order(ErrorReason::OrderNotOpen, order_id, message).with("state", state)
}

fn line_quantity_exceeded(order_id: &OrderId, excess: &[LineExcess]) -> Explanation {
    let sentence = |line: &LineExcess| {
        format!(
            "the line '{}' has {} left, and the request names {}",
            line.line_id, line.remaining, line.quantity
        )
    };
    let first = excess.first();
    let message = format!(
        "More is named than the order '{order_id}' has left: {}; lower the quantities that the details list.",
        first.map(sentence).unwrap_or_default()
    );
    let mut explanation = order(ErrorReason::LineQuantityExceeded, order_id, message);
    if let Some(line) = first {
        explanation = explanation
            .with("lineId", line.line_id.as_str())
            .with("quantity", line.quantity.to_string())
            .with("remaining", line.remaining.to_string());
    }
    let subject = |line: &LineExcess| (format!("line/{}", line.line_id), format!("{}.", sentence(line)));
    explanation.preconditions = excess.iter().map(subject).collect();
    explanation
}
