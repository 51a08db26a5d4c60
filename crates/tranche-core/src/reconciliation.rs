//! Comparing the books with a provider's statement; changes nothing.
//!
//! A movement of the statement is an operation of ours by our id, or else by the provider's. What several operations did
//! under one id of the provider - one that was asked for, and what it did beyond - is one movement of theirs.

use std::collections::BTreeSet;

use crate::id::{OperationId, OrderKey, PaymentId};
use crate::operation::{Operation, OperationKind, OperationState};
use crate::planted::{PlantedBug, is_planted};

/// A movement on a provider's statement, in minor units of its own currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Our operation's id, where the statement repeats it.
    pub operation_id: Option<OperationId>,
    /// The provider's id of it.
    pub provider_id: Option<String>,
    /// Our payment, where the statement names the authorization.
    pub payment: Option<(OrderKey, PaymentId)>,
    /// What it was; `None` if the statement does not tell.
    pub kind: Option<OperationKind>,
    /// How much moved.
    pub value: i64,
}

/// How both sides compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Both say the same.
    Matched(OperationId),
    /// Both know it and differ.
    Different {
        /// Our operation.
        operation_id: OperationId,
        /// The statement's value less ours.
        difference: i64,
    },
    /// The statement names the same movement again; our operation, if there is one.
    Duplicate(Option<OperationId>),
    /// The statement knows it, and no operation of ours could be it.
    MissingHere,
    /// An open operation of ours could be it.
    Candidate(OperationId),
}

/// Compares movements with the operations at hand, in the order of the statement.
///
/// The operations at hand are those that the movements name by either id, and the open ones that could be any of them.
/// Each operation is one movement, and a candidate for one.
pub fn reconcile(movements: &[Movement], operations: &[Operation]) -> Vec<Finding> {
    let mut seen = Seen::default();
    // An operation that a movement names is no candidate for another one.
    let named: BTreeSet<&OperationId> = movements
        .iter()
        .filter_map(|movement| owner(movement, operations))
        .map(|row| &row.operation_id)
        .collect();
    movements.iter().map(|movement| find(movement, operations, &named, &mut seen)).collect()
}

#[derive(Default)]
struct Seen<'a> {
    owners: BTreeSet<(&'a OrderKey, &'a PaymentId, OperationKind, &'a str)>,
    operations: BTreeSet<&'a OperationId>,
    foreign: Vec<(Option<OperationKind>, &'a str)>,
}

impl<'a> Seen<'a> {
    /// Whether a movement under an id of the provider, which no operation of ours has, was not seen before. One of which the
    /// statement does not tell the kind may be any other under its id.
    fn is_new(&mut self, kind: Option<OperationKind>, id: &'a str) -> bool {
        let is_same = |(seen, of): &(Option<OperationKind>, &str)| {
            *of == id && (*seen == kind || seen.is_none() || kind.is_none())
        };
        let is_new = !self.foreign.iter().any(is_same);
        self.foreign.push((kind, id));
        is_new
    }
}

fn find<'a>(
    movement: &'a Movement,
    operations: &'a [Operation],
    named: &BTreeSet<&OperationId>,
    seen: &mut Seen<'a>,
) -> Finding {
    if let Some(own) = owner(movement, operations) {
        return of_owner(movement, own, operations, seen);
    }
    if movement.provider_id.as_deref().is_some_and(|id| !seen.is_new(movement.kind, id)) {
        return Finding::Duplicate(None);
    }
    let free = |row: &&Operation| {
        let id = &row.operation_id;
        may_be(movement, row) && !named.contains(id) && !seen.operations.contains(id)
    };
    let candidates = operations.iter().filter(free);
    // Of several that could be it the one that was asked for as much.
    let candidate = candidates.min_by_key(|row| (row.value != movement.value, row.create_time));
    match candidate {
        Some(row) => {
            seen.operations.insert(&row.operation_id);
            Finding::Candidate(row.operation_id.clone())
        }
        None => Finding::MissingHere,
    }
}

/// The operation that a movement names.
fn owner<'a>(movement: &Movement, operations: &'a [Operation]) -> Option<&'a Operation> {
    let by_ours = |row: &&Operation| movement.operation_id.as_ref() == Some(&row.operation_id);
    let by_theirs = |row: &&Operation| {
        let is_kind = movement.kind.is_none_or(|kind| kind == row.kind);
        let is_payment = of_payment(movement, row);
        let is_like = is_planted(PlantedBug::MatchByAmount) && moved(row) == movement.value;
        is_kind
            && is_payment
            && (is_like || provider_id(row).is_some_and(|id| movement.provider_id.as_deref() == Some(id)))
    };
    operations.iter().find(by_ours).or_else(|| operations.iter().find(by_theirs))
}

fn of_owner<'a>(
    movement: &Movement,
    own: &'a Operation,
    operations: &'a [Operation],
    seen: &mut Seen<'a>,
) -> Finding {
    let operation_id = own.operation_id.clone();
    let is_new = match provider_id(own) {
        Some(id) => seen.owners.insert((&own.order, &own.payment_id, own.kind, id)),
        None => seen.operations.insert(&own.operation_id),
    };
    if !is_new {
        return Finding::Duplicate(Some(operation_id));
    }
    let is_open = !own.state.is_ended();
    // A surplus that nobody has looked into is not in the books yet.
    let together = operations.iter().filter(|row| is_same_movement(row, own));
    let ours: i64 = together.map(moved).sum();
    match movement.value - ours {
        _ if is_open => Finding::Candidate(operation_id),
        0 => Finding::Matched(operation_id),
        difference => Finding::Different { operation_id, difference },
    }
}

fn provider_id(row: &Operation) -> Option<&str> {
    match &row.state {
        OperationState::Done { provider_id, .. } => Some(provider_id),
        _ => None,
    }
}

fn moved(row: &Operation) -> i64 {
    match row.state {
        OperationState::Done { value, .. } => value,
        _ => 0,
    }
}

fn is_same_movement(row: &Operation, own: &Operation) -> bool {
    let is_own = row.operation_id == own.operation_id;
    let is_shared = provider_id(own).is_some() && provider_id(row) == provider_id(own);
    is_own
        || (is_shared && row.kind == own.kind && row.payment_id == own.payment_id && row.order == own.order)
}

fn of_payment(movement: &Movement, row: &Operation) -> bool {
    let Some((order, payment_id)) = &movement.payment else {
        return true;
    };
    *order == row.order && *payment_id == row.payment_id
}

/// Whether an open operation that may have left could be the movement. Where the statement does not name the
/// authorization, only one for the same value could be told from the others.
fn may_be(movement: &Movement, row: &Operation) -> bool {
    let is_kind = movement.kind.is_none_or(|kind| kind == row.kind);
    let is_like = movement.payment.is_some() || row.value == movement.value;
    is_kind && row.may_be_done() && is_like && of_payment(movement, row)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a movement that nobody here knows, every further line under the same id is a duplicate, unless both tell their
    /// kinds and these differ.
    #[test]
    fn a_foreign_movement_is_counted_once() {
        let (untold, settled, refunded) =
            (None, Some(OperationKind::Settlement), Some(OperationKind::Refund));
        for (kinds, duplicates) in [
            (vec![settled, settled], vec![false, true]),
            (vec![settled, refunded], vec![false, false]),
            (vec![untold, untold], vec![false, true]),
            (vec![untold, settled, refunded], vec![false, true, true]),
            (vec![settled, untold, refunded], vec![false, true, true]),
        ] {
            let movement = |kind: &Option<OperationKind>| Movement {
                operation_id: None,
                provider_id: Some("S-9".to_owned()),
                payment: None,
                kind: *kind,
                value: 100,
            };
            let movements: Vec<Movement> = kinds.iter().map(movement).collect();
            let expected: Vec<Finding> = duplicates
                .iter()
                .map(
                    |is_duplicate| {
                        if *is_duplicate { Finding::Duplicate(None) } else { Finding::MissingHere }
                    },
                )
                .collect();
            assert_eq!(reconcile(&movements, &[]), expected, "{kinds:?}");
        }
    }
}
