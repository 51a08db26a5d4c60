//! Our payments and operations against the provider's books: every movement of money is known on both sides, once, with
//! the same value.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use tranche_sandbox::books::{Books, PaymentBooks};
use tranche_sdk::v1::{Operation, Payment, operation, payment};

use super::{Account, decimal, has_lapsed, is_adopted, is_open};

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
        let mut found = Vec::new();
        for payment in &account.transaction.payments {
            let who = format!("payment {} of {}", payment.payment_id, account.transaction.transaction_id);
            let id = payment.authorization.as_ref().map(|row| row.provider_payment_id.as_str());
            match id.and_then(|id| self.payments.get(id)) {
                Some(theirs) => {
                    let operations: Vec<&Operation> = operations_of(account, payment).collect();
                    compare_payment(&mut found, &who, payment, &operations, theirs);
                }
                // Nothing may have reached it, yet or for good.
                None if matches!(payment.state(), payment::State::Authorizing | payment::State::Denied) => {}
                None => found.push(format!("{who}: the provider does not know it")),
            }
        }
        found
    }
}

fn operations_of<'a>(account: &'a Account<'_>, payment: &'a Payment) -> impl Iterator<Item = &'a Operation> {
    account.operations.iter().filter(|row| row.payment_id == payment.payment_id)
}

fn compare_payment(
    found: &mut Vec<String>,
    who: &str,
    payment: &Payment,
    operations: &[&Operation],
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
    // What an operator still has to look at was moved by an operation of its kind.
    let surplus = |kind: &'static str| -> Decimal {
        let of_kind = operations.iter().filter(|row| kind_name(row) == Some(kind));
        of_kind.map(|row| decimal(row.surplus.as_ref())).sum()
    };
    let is_unmoved = |row: &&&Operation| {
        has_lapsed(payment, row) && !booked.contains_key(&("cancellation", row.operation_id.clone()))
    };
    let unmoved = operations.iter().filter(is_unmoved).map(|row| decimal(row.amount.as_ref()));
    let canceled = decimal(done.canceled.as_ref()) + surplus("cancellation") - unmoved.sum::<Decimal>();
    // What a last settlement released by itself is booked when nothing more is to come of the payment.
    let released =
        if canceled == seen(theirs.canceled, "cancellation") { Decimal::ZERO } else { theirs.released };
    // What the provider settled beyond the authorization counts as authorized here, so that it can be given back.
    let unasked = operations.iter().filter(|row| is_adopted(row) && kind_name(row) == Some("settlement"));
    let unasked: Decimal = unasked.map(|row| decimal(row.amount_done.as_ref())).sum();
    // It may have authorized what nobody has told us of yet.
    let is_authorizing = payment.state() == payment::State::Authorizing;
    // What it had approved without our knowing, and canceled when it was asked to, was never authorized here.
    let is_denied = payment.state() == payment::State::Denied;
    let undone = if is_denied { theirs.canceled.min(theirs.authorized) } else { Decimal::ZERO };
    let authorized = if is_authorizing { Decimal::ZERO } else { theirs.authorized - undone };
    let beyond = (decimal(payment.authorized.as_ref()) - authorized).clamp(Decimal::ZERO, unasked);
    for (what, ours, theirs) in [
        ("authorized", decimal(payment.authorized.as_ref()), authorized + beyond),
        (
            "settled",
            decimal(done.settled.as_ref()) + surplus("settlement"),
            seen(theirs.settled, "settlement"),
        ),
        ("refunded", decimal(done.refunded.as_ref()) + surplus("refund"), seen(theirs.refunded, "refund")),
        ("canceled", canceled, seen(theirs.canceled + released - undone, "cancellation")),
    ] {
        if ours != theirs {
            found.push(format!("{who}: we have {ours} {what}, the provider {theirs}"));
        }
    }
    let ours = our_movements(operations, &booked);
    for ((kind, id), movements) in &ours {
        let booked = booked.get(&(*kind, id.clone())).map_or(&[][..], Vec::as_slice);
        // Canceled before it was approved: nothing was there to be moved.
        if is_denied && *kind == "cancellation" && booked.is_empty() {
            continue;
        }
        if booked != movements.as_slice() {
            found.push(format!("{who}: {kind} {id} is {movements:?} here and {booked:?} at the provider"));
        }
    }
    for ((kind, id), movements) in booked.iter().filter(|(key, _)| !ours.contains_key(*key)) {
        let mut asked = operations.iter().filter(|row| is_open(row) || has_lapsed(payment, row));
        let asked = asked.find(|row| row.operation_id == *id && kind_name(row) == Some(kind));
        match (asked, movements.as_slice()) {
            // Done once, and nobody has told us yet, or will.
            (Some(_), [_]) => {}
            (Some(_), _) => {
                found.push(format!("{who}: {kind} {id}, which is not done here, is {movements:?}"));
            }
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
            done += decimal(row.amount_done.as_ref()) + decimal(row.surplus.as_ref());
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

/// Our movements. One that was adopted is a part of the movement under the same id of the provider.
fn our_movements(operations: &[&Operation], booked: &Movements) -> Movements {
    let mut movements = Movements::new();
    let done = || operations.iter().filter(|row| row.state() == operation::State::Done);
    for row in done().filter(|row| !is_adopted(row)) {
        let Some(kind) = kind_name(row) else { continue };
        let value = decimal(row.amount_done.as_ref()) + decimal(row.surplus.as_ref());
        let movement = Movement { value, provider_id: row.provider_id.clone() };
        movements.entry((kind, row.operation_id.clone())).or_default().push(movement);
    }
    for row in done().filter(|row| is_adopted(row)) {
        let Some(kind) = kind_name(row) else { continue };
        let value = decimal(row.amount_done.as_ref());
        let is_same = |((of_kind, _), rows): &(&(&str, String), &Vec<Movement>)| {
            *of_kind == kind && rows.iter().any(|movement| movement.provider_id == row.provider_id)
        };
        // The provider's own doing stands in its books under a key that is not ours.
        let own = movements.iter().find(is_same).map(|(key, _)| key.clone());
        let key = own.or_else(|| booked.iter().find(is_same).map(|(key, _)| key.clone()));
        let rows = movements.entry(key.unwrap_or((kind, row.operation_id.clone()))).or_default();
        match rows.iter_mut().find(|movement| movement.provider_id == row.provider_id) {
            Some(movement) => movement.value += value,
            None => rows.push(Movement { value, provider_id: row.provider_id.clone() }),
        }
    }
    // Where nothing moved there is nothing to compare, however it was booked.
    for rows in movements.values_mut() {
        rows.retain(|movement| !movement.value.is_zero());
    }
    movements.retain(|_, rows| !rows.is_empty());
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
