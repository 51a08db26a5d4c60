//! What a table may look at: `see order …`, `see card …` for a payment, `see card#1 …` for an operation.

use tranche_core::attribution::shares;
use tranche_core::id::InvoiceNumber;
use tranche_core::operation::{Operation, OperationState, Waiting};
use tranche_core::order::Order;
use tranche_core::payment::Payment;
use tranche_core::stake::stakes;

use crate::books::Books;

/// Compares the fields that `expected` names, as `field=value`.
pub(crate) fn see(books: &Books, what: &str, expected: &[&str]) {
    for word in expected {
        let (field, value) = word.split_once('=').expect("field=value");
        let seen = match what.split_once('#') {
            Some((payment, ordinal)) => {
                of_operation(books, &books.operation(payment, ordinal.parse().unwrap()), field)
            }
            None if what == "order" => of_order(&books.order(), field),
            None => {
                let payments = books.payments();
                let payment = payments.iter().find(|row| row.payment_id.as_str() == what);
                of_payment(books, payment.expect("the payment exists"), field)
            }
        };
        assert_eq!(seen, value, "{field} of {what}");
    }
}

/// What each operation did for an invoice, of what it was asked for it, as `card#1 2000/2500`.
pub(crate) fn shares_of(books: &Books, number: &str) -> Vec<String> {
    let mut invoices = books.invoices();
    invoices.sort_by_key(|row| row.ordinal);
    let operations = books.operations();
    let shares = shares(&invoices, &operations);
    let own = shares.get(&InvoiceNumber::trusted(number)).into_iter().flatten();
    let words = |share: &tranche_core::attribution::Share<'_>| {
        let Operation { payment_id, ordinal, .. } = share.operation;
        format!("{payment_id}#{ordinal} {}/{}", share.done, share.asked)
    };
    own.map(words).collect()
}

fn of_order(order: &Order, field: &str) -> String {
    match field {
        "state" => format!("{:?}", order.state),
        "transaction" => {
            order.transaction.as_ref().map_or_else(String::new, |row| format!("{:?}", row.state))
        }
        "remaining" => order.remaining().to_string(),
        "missing" => order.missing.to_string(),
        "value" => order.value.to_string(),
        "invoiced" => order.invoiced.to_string(),
        "returned" => order.returned.to_string(),
        "given-up" => order.given_up.to_string(),
        "changes" => order.changes.to_string(),
        "version" => order.version.to_string(),
        other => panic!("an order has no '{other}'"),
    }
}

fn of_payment(books: &Books, payment: &Payment, field: &str) -> String {
    let number = match field {
        "asked" => payment.asked,
        "settling" => payment.settling,
        "settled" => payment.settled,
        "canceling" => payment.canceling,
        "canceled" => payment.canceled,
        "returned" => payment.returned,
        "returning" => payment.return_refunding,
        "given-back" => payment.return_refunded,
        "waiting" => payment.return_waiting(),
        "unreturned" => payment.return_lacking,
        "refunded" => payment.excess_refunded,
        "refunding" => payment.excess_refunding,
        "ahead" => payment.ahead(),
        "room" => payment.room(),
        "held" => payment.due(),
        "lacking" => payment.lacking,
        "unrefunded" => payment.excess_lacking,
        "unreleased" => payment.release_lacking,
        "surplus" => payment.surplus,
        "given-up" => payment.given_up,
        "kept" => payment.excess_given_up,
        "unreleasable" => payment.release_given_up,
        "authorized" => payment.authorized,
        "fallen" => payment.return_given_up,
        "stake" => stake(&books.order(), &books.payments(), payment),
        "validity" => return format!("{:?}", payment.validity),
        "authorizing" => payment.authorizing(),
        "mode" => return format!("{:?}", payment.mode),
        "state" => return format!("{:?}", payment.state(&books.order())),
        "authorization" => return payment.authorization.authorization_id.replace(' ', "-"),
        "token" => {
            let request = payment.request.as_ref();
            return request.and_then(|request| request.token.clone()).unwrap_or_else(|| "gone".to_owned());
        }
        other => panic!("a payment has no '{other}'"),
    };
    number.to_string()
}

/// What is at stake with the end of a payment's authorization.
fn stake(order: &Order, payments: &[Payment], payment: &Payment) -> i64 {
    let own = payments.iter().zip(stakes(order, payments)).find(|(row, _)| *row == payment);
    own.map_or(0, |(_, stake)| stake)
}

fn of_operation(books: &Books, operation: &Operation, field: &str) -> String {
    match field {
        "state" => match &operation.state {
            OperationState::Waiting(Waiting::Pending) => "waiting",
            OperationState::Waiting(Waiting::AtProvider) => "pending",
            OperationState::Waiting(Waiting::Unknown) => "unknown",
            OperationState::Sent { .. } => "sent",
            OperationState::Manual => "manual",
            OperationState::Stuck { .. } => "stuck",
            OperationState::Done { .. } => "done",
            OperationState::Refused { .. } => "refused",
            OperationState::Withdrawn => "withdrawn",
        }
        .to_owned(),
        "attempts" => operation.attempts.to_string(),
        "lacking" => operation.lacking.to_string(),
        "surplus" => operation.surplus.to_string(),
        "attention" => operation.attention_time.is_some().to_string(),
        "waiting" => operation
            .attention_time
            .map_or("never".to_owned(), |since| books.now.since(since).as_secs().to_string()),
        "kind" => operation.kind.name().to_owned(),
        "callbacks" => operation.callbacks.to_string(),
        "final" => operation.is_final.to_string(),
        "unclear" => operation.is_unclear.to_string(),
        // Milliseconds from now.
        "due" => operation.due_time.map_or_else(
            || "never".to_owned(),
            |due| ((due.micros() - books.now.micros()) / 1000).to_string(),
        ),
        other => panic!("an operation has no '{other}'"),
    }
}
