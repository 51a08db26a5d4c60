//! The rejections of changes, returns, voids, releases and added payments.

use tranche_core::id::{OrderId, PaymentId};
use tranche_core::invoice::{InvoiceState, InvoiceType};
use tranche_core::money::Money;
use tranche_core::order::TransactionState;
use tranche_core::rejection::Rejection;
use tranche_proto::v1::ErrorReason;

use super::order;
use crate::status::explanation::Explanation;
use crate::status::{About, decimal, internal};
use crate::wire;

/// Explains a rejection of one of these commands.
pub(super) fn explain(rejection: Rejection, about: &About) -> Explanation {
    let order_id = about.order_id.clone().unwrap_or_else(|| OrderId::trusted(""));
    match rejection {
        Rejection::OrderHasInvoices { invoiced } => {
            let message = format!(
                "{invoiced} of the order '{order_id}' is invoiced, so that it cannot be canceled; lower its value to \
                 what is invoiced, or void its invoices and repeat."
            );
            order(ErrorReason::OrderHasInvoices, &order_id, message)
                .with("invoiced", decimal(invoiced))
                .with("currencyCode", invoiced.currency.code())
        }
        Rejection::InvoiceNotVoidable { invoice_number, invoice_type, state } => {
            not_voidable(&order_id, invoice_number.as_str(), invoice_type, &state)
        }
        Rejection::ReturnAboveInvoiced { value, invoiced, returned } => {
            let message = format!(
                "The return of {value} is above what is invoiced and not returned of the order '{order_id}': \
                 {invoiced} is invoiced and {returned} is returned; lower the return, or repeat after the sale is \
                 invoiced."
            );
            order(ErrorReason::ReturnAboveInvoiced, &order_id, message)
                .with("value", decimal(value))
                .with("invoiced", decimal(invoiced))
                .with("returned", decimal(returned))
                .with("currencyCode", value.currency.code())
        }
        Rejection::ReturnAbovePayment { payment_id, returnable } => {
            return_above_payment(&order_id, about, &payment_id, returnable)
        }
        Rejection::ValueBelowInvoiced { .. }
        | Rejection::ValueBelowMinimum { .. }
        | Rejection::ValueAboveRoom { .. }
        | Rejection::ValueUnexpected { .. } => value(rejection, &order_id),
        Rejection::LineAlreadyExists(line_id) => {
            let message = format!(
                "The order '{order_id}' has a line '{line_id}'; add another line under an id of its own."
            );
            order(ErrorReason::LineAlreadyExists, &order_id, message).with("lineId", line_id.as_str())
        }
        Rejection::TooManyLines { maximum } => {
            let message =
                format!("The order '{order_id}' would have more than {maximum} lines; use another order.");
            order(ErrorReason::TooManyLines, &order_id, message).with("maximum", maximum.to_string())
        }
        Rejection::TooManyInvoices { maximum } => {
            let message = format!("The order '{order_id}' has {maximum} invoices, which is all it can have.");
            order(ErrorReason::TooManyInvoices, &order_id, message).with("maximum", maximum.to_string())
        }
        Rejection::TooManyChanges { maximum } => {
            let message = format!("The order '{order_id}' has {maximum} changes, which is all it can have.");
            order(ErrorReason::TooManyChanges, &order_id, message).with("maximum", maximum.to_string())
        }
        other => of_transaction(other, &order_id, about),
    }
}

/// The rejections that are about a transaction and its payments.
fn of_transaction(rejection: Rejection, order_id: &OrderId, about: &About) -> Explanation {
    match rejection {
        Rejection::PaymentAlreadyExists(payment_id) => {
            let message = format!(
                "The order '{order_id}' has a payment '{payment_id}'; add another payment under an id of its own."
            );
            order(ErrorReason::PaymentAlreadyExists, order_id, message).with("paymentId", payment_id.as_str())
        }
        Rejection::PaymentNotFound(order_id, payment_id) => {
            let message = format!(
                "The order '{order_id}' has no payment '{payment_id}'; add it first, or correct the id."
            );
            Explanation::new(ErrorReason::PaymentNotFound, message)
                .of("payment", payment_id.as_str())
                .with("orderId", order_id.as_str())
                .with("paymentId", payment_id.as_str())
        }
        Rejection::TransactionNotOpen { transaction_id, state } => not_open(transaction_id.as_str(), state),
        Rejection::TooManyPayments { transaction_id, maximum } => {
            let message = format!(
                "The transaction '{transaction_id}' has {maximum} payments, which is all it can have."
            );
            transaction(ErrorReason::TooManyPayments, transaction_id.as_str(), message)
                .with("maximum", maximum.to_string())
        }
        Rejection::ReleaseAboveFree { amount, free } => {
            let id = about.transaction_id.as_ref().map(ToString::to_string).unwrap_or_default();
            let message = if free.minor == 0 {
                "Nothing can be released now: all is settled or released, or the order may still need it."
                    .to_owned()
            } else {
                format!(
                    "{amount} is more than can be released now, {free}: the rest is settled, or the order may still \
                     need it; release less."
                )
            };
            transaction(ErrorReason::ReleaseAboveFree, &id, message)
                .with("amount", decimal(amount))
                .with("free", decimal(free))
                .with("currencyCode", free.currency.code())
        }
        Rejection::PartialCancellationNotSupported { connector_id, payment_id } => {
            let message = format!(
                "The connector '{connector_id}' cannot cancel a part of the authorization of the payment \
                 '{payment_id}'; wait until the order is complete."
            );
            Explanation::new(ErrorReason::PartialCancellationNotSupported, message)
                .of("connector", connector_id.as_str())
                .with("connectorId", connector_id.as_str())
                .with("paymentId", payment_id.as_str())
        }
        // The others are not about transactions, and come here by no way.
        other => internal(&format!("{other:?}")),
    }
}

/// An explanation about a transaction.
fn transaction(reason: ErrorReason, id: &str, message: String) -> Explanation {
    Explanation::new(reason, message).of("transaction", id).with("transactionId", id)
}

fn not_open(transaction_id: &str, state: TransactionState) -> Explanation {
    let state = wire::transaction::state(state).as_str_name();
    let state = state.strip_prefix("STATE_").unwrap_or(state);
    let message = format!(
        "The transaction '{transaction_id}' is {state}, and the request needs an open one; the state is final."
    );
    transaction(ErrorReason::TransactionNotOpen, transaction_id, message).with("state", state)
}

fn not_voidable(
    order_id: &OrderId,
    number: &str,
    invoice_type: InvoiceType,
    state: &InvoiceState,
) -> Explanation {
    let invoice_type = wire::invoice::invoice_type(invoice_type).as_str_name();
    let invoice_type = invoice_type.strip_prefix("TYPE_").unwrap_or(invoice_type);
    let state = wire::invoice::state(state).as_str_name();
    let state = state.strip_prefix("STATE_").unwrap_or(state);
    let why = match (invoice_type, state) {
        ("INPUT", _) => "is a return, which stays; if goods left again, invoice them".to_owned(),
        (_, "VOIDED") => "is voided already; there is nothing more to do".to_owned(),
        _ => "has been returned from, or returns fell on its payments or lines; what is left of it goes back with an \
              input invoice"
            .to_owned(),
    };
    let message = format!("The invoice '{number}' of the order '{order_id}' cannot be voided: it {why}.");
    order(ErrorReason::InvoiceNotVoidable, order_id, message)
        .with("invoiceNumber", number)
        .with("type", invoice_type)
        .with("state", state)
}

fn return_above_payment(
    order_id: &OrderId,
    about: &About,
    payment_id: &PaymentId,
    returnable: Money,
) -> Explanation {
    let leg = about.legs.iter().find(|leg| leg.payment_id == *payment_id);
    let amount = Money { minor: leg.map_or(0, |leg| leg.value), ..returnable };
    let message = format!(
        "The return asks {amount} of the payment '{payment_id}' of the order '{order_id}', which can give back \
         {returnable}; name other amounts, or none."
    );
    order(ErrorReason::ReturnAbovePayment, order_id, message)
        .with("paymentId", payment_id.as_str())
        .with("amount", decimal(amount))
        .with("returnable", decimal(returnable))
        .with("currencyCode", returnable.currency.code())
}

/// The rejections that are about the value that a change would give the order.
fn value(rejection: Rejection, order_id: &OrderId) -> Explanation {
    match rejection {
        Rejection::ValueBelowInvoiced { value, invoiced } => {
            let message = format!(
                "The change would take the order '{order_id}' to {value}, below what is invoiced, {invoiced}; change \
                 less."
            );
            order(ErrorReason::ValueBelowInvoiced, order_id, message)
                .with("value", decimal(value))
                .with("invoiced", decimal(invoiced))
                .with("currencyCode", value.currency.code())
        }
        Rejection::ValueBelowMinimum { value } => {
            let message = format!(
                "The change would take the order '{order_id}' to {value}, below one minor unit; change less, or \
                 cancel the order."
            );
            order(ErrorReason::ValueBelowMinimum, order_id, message)
                .with("value", decimal(value))
                .with("currencyCode", value.currency.code())
        }
        Rejection::ValueUnexpected { value, expected } => {
            let message = format!(
                "The change would take the order '{order_id}' to {value}, not to {expected} as is expected; read the \
                 order and decide again."
            );
            order(ErrorReason::ValueUnexpected, order_id, message)
                .with("value", decimal(value))
                .with("expectedValue", decimal(expected))
                .with("currencyCode", value.currency.code())
        }
        Rejection::ValueAboveRoom { value, room, missing } => {
            let message = format!(
                "The change would take the order '{order_id}' to {value}, of which its payments do not cover \
                 {missing}: they have room for {room}; add a payment first."
            );
            order(ErrorReason::ValueAboveRoom, order_id, message)
                .with("value", decimal(value))
                .with("room", decimal(room))
                .with("missing", decimal(missing))
                .with("currencyCode", value.currency.code())
        }
        // The others are not about values, and come here by no way.
        other => internal(&format!("{other:?}")),
    }
}
