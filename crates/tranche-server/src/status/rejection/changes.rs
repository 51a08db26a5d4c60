//! The rejections of changes, returns, voids, releases and added payments.

use tranche_core::id::{LineId, OrderId};
use tranche_core::invoice::{InvoiceState, InvoiceType};
use tranche_core::order::TransactionState;
use tranche_core::rejection::{PaymentExcess, Rejection, ReturnedExcess};
use tranche_proto::v1::ErrorReason;

use super::order;
use super::payments::of_payments;
use crate::status::explanation::Explanation;
use crate::status::{About, decimal, internal, names};
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
        Rejection::InvoiceNotVoidable { invoice_number, invoice_type, state, returned } => {
            not_voidable(&order_id, invoice_number.as_str(), invoice_type, &state, &returned)
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
        Rejection::ReturnAbovePayment(excess) => return_above_payment(&order_id, &excess),
        Rejection::ValueBelowInvoiced { .. }
        | Rejection::ValueBelowMinimum { .. }
        | Rejection::ValueAboveRoom { .. }
        | Rejection::ValueUnexpected { .. } => value(rejection, &order_id),
        Rejection::LineAlreadyExists(line_ids) => {
            let message = format!(
                "The order '{order_id}' has the {} {} already; add what is new under an id of its own.",
                if line_ids.len() == 1 { "line" } else { "lines" },
                names(&line_ids)
            );
            let first = line_ids.first().map(LineId::as_str).unwrap_or_default();
            order(ErrorReason::LineAlreadyExists, &order_id, message).with("lineId", first)
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
            let message = match amount.filter(|_| free.minor > 0) {
                None => {
                    "Nothing can be released now: all is settled or released, or the order may still need it; repeat \
                     when the order needs less."
                        .to_owned()
                }
                Some(amount) => format!(
                    "{amount} is more than can be released now, {free}: the rest is settled, or the order may still \
                     need it; release less."
                ),
            };
            let explanation = transaction(ErrorReason::ReleaseAboveFree, &id, message)
                .with("free", decimal(free))
                .with("currencyCode", free.currency.code());
            match amount {
                None => explanation,
                Some(amount) => explanation.with("amount", decimal(amount)),
            }
        }
        Rejection::PartialCancellationNotSupported { connector_id, payment_id } => {
            let message = format!(
                "The connector '{connector_id}' cannot cancel a part of the authorization of the payment \
                 '{payment_id}'; repeat when the order is complete, so that all that is left of it is released at once."
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
    returned: &[ReturnedExcess],
) -> Explanation {
    let invoice_type = wire::invoice::invoice_type(invoice_type).as_str_name();
    let invoice_type = invoice_type.strip_prefix("TYPE_").unwrap_or(invoice_type);
    let state = wire::invoice::state(state).as_str_name();
    let state = state.strip_prefix("STATE_").unwrap_or(state);
    let why = match (invoice_type, state) {
        ("INPUT", _) => "is a return, which stays; if goods left again, invoice them".to_owned(),
        (_, "VOIDED") => "is voided already; there is nothing more to do".to_owned(),
        _ => {
            let first = returned.first().map(taken).unwrap_or_default();
            format!("is returned from, {first}; what is left of it goes back with an input invoice")
        }
    };
    let message = format!("The invoice '{number}' of the order '{order_id}' cannot be voided: it {why}.");
    let mut explanation = order(ErrorReason::InvoiceNotVoidable, order_id, message)
        .with("invoiceNumber", number)
        .with("type", invoice_type)
        .with("state", state);
    let subject = |excess: &ReturnedExcess| {
        let subject = match excess {
            ReturnedExcess::Order(_) => format!("order/{order_id}"),
            ReturnedExcess::Payment(payment_id, _) => format!("payment/{payment_id}"),
            ReturnedExcess::Line(line_id, _) => format!("line/{line_id}"),
        };
        (subject, format!("The invoice is returned from, {}.", taken(excess)))
    };
    explanation.preconditions = returned.iter().map(subject).collect();
    explanation
}

/// What returns took of an invoice, as far as the order's other invoices do not have as much.
fn taken(excess: &ReturnedExcess) -> String {
    match excess {
        ReturnedExcess::Order(amount) => {
            format!("{amount} more than the order's other invoices have")
        }
        ReturnedExcess::Payment(payment_id, amount) => {
            format!("{amount} more than the order's other invoices have of the payment '{payment_id}'")
        }
        ReturnedExcess::Line(line_id, units) => {
            format!("{units} more than the order's other invoices have of the line '{line_id}'")
        }
    }
}

fn return_above_payment(order_id: &OrderId, excess: &[PaymentExcess]) -> Explanation {
    let sentence = |part: &PaymentExcess| {
        format!(
            "The return asks {} of the payment '{}' of the order '{order_id}', which can give back {}; name other \
             amounts, or none.",
            part.amount, part.payment_id, part.left
        )
    };
    of_payments(
        order(ErrorReason::ReturnAbovePayment, order_id, String::new()),
        excess,
        "returnable",
        sentence,
    )
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
