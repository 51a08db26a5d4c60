//! Our payments and operations against the provider's books: every movement of money is known on both sides, once, with
//! the same value.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use tranche_sandbox::books::{Books, PaymentBooks};
use tranche_sdk::v1::{Operation, Payment, event, operation, payment};

use super::{Account, decimal, is_open};

/// One movement of money, as either side tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Movement {
    value: Decimal,
    provider_id: String,
}

/// Movements by kind and the id of our operation.
type Movements = BTreeMap<(&'static str, String), Vec<Movement>>;

/// The provider's books, by payment.
pub(super) struct Provider<'a> {
    payments: HashMap<&'a str, &'a PaymentBooks>,
}

impl<'a> Provider<'a> {
    pub(super) fn new(books: &'a Books) -> Self {
        Self { payments: books.payments.iter().map(|row| (row.payment_id.as_str(), row)).collect() }
    }

    /// What differs between both sides' books of an order.
    pub(super) fn differences(&self, account: &Account<'_>) -> Vec<String> {
        let surplus = surplus(account);
        let mut found = Vec::new();
        for payment in &account.transaction.payments {
            let who = format!("payment {} of {}", payment.payment_id, account.transaction.transaction_id);
            let id = payment.authorization.as_ref().map(|row| row.provider_payment_id.as_str());
            match id.and_then(|id| self.payments.get(id)) {
                Some(theirs) => {
                    let operations: Vec<&Operation> = operations_of(account, payment).collect();
                    compare_payment(&mut found, &who, payment, &operations, &surplus, theirs);
                }
                // Nothing may have reached it yet.
                None if payment.state() == payment::State::Authorizing => {}
                None => found.push(format!("{who}: the provider does not know it")),
            }
        }
        found
    }
}

fn operations_of<'a>(account: &'a Account<'_>, payment: &'a Payment) -> impl Iterator<Item = &'a Operation> {
    account.operations.iter().filter(|row| row.payment_id == payment.payment_id)
}

/// What a provider moved beyond what an operation asked, by operation.
fn surplus(account: &Account<'_>) -> HashMap<String, Decimal> {
    let mut surplus: HashMap<String, Decimal> = HashMap::new();
    for event in account.events.unwrap_or_default() {
        if let Some(event::Payload::SurplusFound(found)) = &event.payload {
            let operation_id = found.operation.clone().unwrap_or_default().operation_id;
            *surplus.entry(operation_id).or_default() += decimal(found.surplus.as_ref());
        }
    }
    surplus
}

fn compare_payment(
    found: &mut Vec<String>,
    who: &str,
    payment: &Payment,
    operations: &[&Operation],
    surplus: &HashMap<String, Decimal>,
    theirs: &PaymentBooks,
) {
    let done = payment.done.clone().unwrap_or_default();
    let booked = their_movements(theirs);
    // What is still open may have been done: it is then theirs alone for the time being.
    let open: Vec<&&Operation> = operations.iter().filter(|row| is_open(row)).collect();
    let seen = |all: Decimal, kind: &'static str| {
        let of_kind = open.iter().filter(|row| kind_name(row) == Some(kind));
        let unseen = of_kind.filter_map(|row| booked.get(&(kind, row.operation_id.clone()))?.first());
        unseen.fold(all, |left, movement| left - movement.value)
    };
    let canceled = decimal(done.canceled.as_ref());
    // What a last settlement released by itself is booked when nothing more is to come of the payment.
    let released =
        if canceled == seen(theirs.canceled, "cancellation") { Decimal::ZERO } else { theirs.released };
    // It may have authorized what nobody has told us of yet.
    let is_authorizing = payment.state() == payment::State::Authorizing;
    let authorized = if is_authorizing { Decimal::ZERO } else { theirs.authorized };
    for (what, ours, theirs) in [
        ("authorized", decimal(payment.authorized.as_ref()), authorized),
        (
            "settled",
            decimal(done.settled.as_ref()) + decimal(done.surplus.as_ref()),
            seen(theirs.settled, "settlement"),
        ),
        ("refunded", decimal(done.refunded.as_ref()), seen(theirs.refunded, "refund")),
        ("canceled", canceled, seen(theirs.canceled + released, "cancellation")),
    ] {
        if ours != theirs {
            found.push(format!("{who}: we have {ours} {what}, the provider {theirs}"));
        }
    }
    let ours = our_movements(operations, surplus);
    for ((kind, id), movements) in &ours {
        let booked = booked.get(&(*kind, id.clone())).map_or(&[][..], Vec::as_slice);
        if booked != movements.as_slice() {
            found.push(format!("{who}: {kind} {id} is {movements:?} here and {booked:?} at the provider"));
        }
    }
    for ((kind, id), movements) in booked.iter().filter(|(key, _)| !ours.contains_key(*key)) {
        let asked = open.iter().find(|row| row.operation_id == *id && kind_name(row) == Some(kind));
        match (asked, movements.as_slice()) {
            // Done once, and nobody has told us yet.
            (Some(_), [_]) => {}
            (Some(_), _) => found.push(format!("{who}: {kind} {id}, which is open here, is {movements:?}")),
            (None, _) => found.push(format!("{who}: {kind} {id} of {movements:?} is not known here")),
        }
    }
    compare_settlements(found, who, operations, theirs);
}

/// Per settlement: what went back of it, on both sides.
fn compare_settlements(found: &mut Vec<String>, who: &str, operations: &[&Operation], theirs: &PaymentBooks) {
    for settlement in &theirs.settlements {
        let of_settlement = operations.iter().filter(|row| {
            row.kind() == operation::Kind::Refund && row.refunded_settle_id == settlement.settle_id
        });
        let (mut done, mut open) = (Decimal::ZERO, Decimal::ZERO);
        for row in of_settlement {
            done += decimal(row.amount_done.as_ref());
            open += if is_open(row) { decimal(row.amount.as_ref()) } else { Decimal::ZERO };
        }
        if settlement.refunded < done || settlement.refunded > done + open {
            let refunded = settlement.refunded;
            let id = &settlement.settle_id;
            found.push(format!("{who}: of {id} we have {done} refunded, the provider {refunded}"));
        }
    }
}

fn kind_name(operation: &Operation) -> Option<&'static str> {
    match operation.kind() {
        operation::Kind::Settlement => Some("settlement"),
        operation::Kind::Refund => Some("refund"),
        operation::Kind::Cancellation => Some("cancellation"),
        operation::Kind::Authorization | operation::Kind::Unspecified => None,
    }
}

fn our_movements(operations: &[&Operation], surplus: &HashMap<String, Decimal>) -> Movements {
    let mut movements = Movements::new();
    for row in operations.iter().filter(|row| row.state() == operation::State::Done) {
        let Some(kind) = kind_name(row) else { continue };
        let beyond = surplus.get(&row.operation_id).copied().unwrap_or_default();
        let value = decimal(row.amount_done.as_ref()) + beyond;
        // Where nothing moved there is nothing to compare, however it was booked.
        if !value.is_zero() {
            let movement = Movement { value, provider_id: row.provider_id.clone() };
            movements.entry((kind, row.operation_id.clone())).or_default().push(movement);
        }
    }
    movements
}

fn their_movements(books: &PaymentBooks) -> Movements {
    let mut movements = Movements::new();
    let settlements =
        books.settlements.iter().map(|row| ("settlement", &row.request_id, row.value, &row.settle_id));
    let refunds = books.refunds.iter().map(|row| ("refund", &row.request_id, row.value, &row.refund_id));
    let cancellations = books.cancellations.iter();
    let cancellations =
        cancellations.map(|row| ("cancellation", &row.request_id, row.value, &row.cancellation_id));
    let all = settlements.chain(refunds).chain(cancellations);
    for (kind, id, value, provider_id) in all.filter(|(_, _, value, _)| !value.is_zero()) {
        let movement = Movement { value, provider_id: provider_id.clone() };
        movements.entry((kind, id.clone())).or_default().push(movement);
    }
    movements
}
