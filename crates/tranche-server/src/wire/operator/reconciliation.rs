//! A provider's statement, and what our books say of it.

use tranche_core::id::{ConnectorId, OperationId};
use tranche_core::money::Money;
use tranche_core::operation::OperationKind;
use tranche_core::payment::Payment;
use tranche_core::reconciliation::{Finding, Movement};
use tranche_core::time::Timestamp;
use tranche_proto::v1 as pb;
use tranche_proto::v1::reconciled_movement::Finding as Told;
use tranche_store::Placed;

use crate::bounds::STATEMENT_ENTRIES_MAX;
use crate::wire::money::{Least, money, parse_money};
use crate::wire::time::parse_timestamp;
use crate::wire::{Unacceptable, Violations, enumeration, operation};

/// A statement that is compared.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// Whose statement it is.
    pub(crate) connector_id: ConnectorId,
    /// The movements, in the order of the request.
    pub(crate) entries: Vec<Entry>,
    /// The period that it covers, the end not included.
    pub(crate) period: Option<(Timestamp, Timestamp)>,
}

/// A movement of a statement.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) operation_id: Option<OperationId>,
    pub(crate) provider_id: Option<String>,
    pub(crate) provider_payment_id: Option<String>,
    kind: Option<OperationKind>,
    /// How much moved.
    pub(crate) amount: Money,
}

impl Entry {
    /// The movement, given the payments that the statement's authorizations belong to.
    ///
    /// One in another currency than its payment's is compared by its digits, and differs in what the caller is told.
    pub(crate) fn movement(&self, payments: &[Payment]) -> Movement {
        let payment = self
            .provider_payment_id
            .as_ref()
            .and_then(|id| payments.iter().find(|payment| payment.authorization.provider_payment_id == *id));
        Movement {
            operation_id: self.operation_id.clone(),
            provider_id: self.provider_id.clone(),
            payment: payment.map(|payment| (payment.order.clone(), payment.payment_id.clone())),
            kind: self.kind,
            value: self.amount.minor,
        }
    }
}

/// A statement out of a request.
pub(crate) fn statement(request: &pb::ReconcileRequest) -> Result<Statement, Unacceptable> {
    let mut violations = Violations::default();
    let connector_id = violations.id("connector_id", &request.connector_id, ConnectorId::parse);
    let is_bounded = violations.is_bounded("entries", request.entries.len(), STATEMENT_ENTRIES_MAX);
    let taken = if is_bounded { request.entries.as_slice() } else { &[] };
    let entries: Vec<Option<Entry>> =
        taken.iter().enumerate().map(|(index, row)| entry(&mut violations, index, row)).collect();
    let start = parse_timestamp(&mut violations, "period_start_time", request.period_start_time.as_ref());
    let end = parse_timestamp(&mut violations, "period_end_time", request.period_end_time.as_ref());
    let period = match (start, end) {
        (Some(start), Some(end)) if end <= start => {
            violations.add("period_end_time", "must be after period_start_time");
            None
        }
        (Some(start), Some(end)) => Some((start, end)),
        (None, None) => None,
        (Some(_), None) => {
            violations.add("period_end_time", "is required with period_start_time");
            None
        }
        (None, Some(_)) => {
            violations.add("period_start_time", "is required with period_end_time");
            None
        }
    };
    if request.entries.is_empty() && period.is_none() {
        violations.add("entries", "is required, unless a period asks what our books have in it");
    }
    let build = || {
        let entries = entries.into_iter().collect::<Option<_>>()?;
        Some(Statement { connector_id: connector_id?, entries, period })
    };
    let statement = build();
    violations.finish(statement)
}

fn entry(violations: &mut Violations, index: usize, row: &pb::StatementEntry) -> Option<Entry> {
    let path = |field: &str| format!("entries[{index}].{field}");
    let operation_id = match row.operation_id.as_str() {
        "" => Some(None),
        id => violations.id(&path("operation_id"), id, OperationId::parse).map(Some),
    };
    let optional = |violations: &mut Violations, field: &str, text: &str| match text {
        "" => Some(None),
        id => violations.text(&path(field), id).map(Some),
    };
    let provider_id = optional(violations, "provider_id", &row.provider_id);
    let provider_payment_id = optional(violations, "provider_payment_id", &row.provider_payment_id);
    if row.operation_id.is_empty() && row.provider_id.is_empty() {
        violations.add(path("provider_id"), "is required where there is no operation_id");
    }
    let kind = enumeration::<pb::operation::Kind>(violations, &path("kind"), row.kind);
    let kind = match kind? {
        pb::operation::Kind::Unspecified => Some(None),
        pb::operation::Kind::Settlement => Some(Some(OperationKind::Settlement)),
        pb::operation::Kind::Refund => Some(Some(OperationKind::Refund)),
        pb::operation::Kind::Cancellation => Some(Some(OperationKind::Cancellation)),
        pb::operation::Kind::Authorization => {
            violations.add(path("kind"), "must be a settlement, a refund or a cancellation");
            None
        }
    };
    let least = Least::OneMinorUnit;
    let amount = parse_money(violations, &path("amount"), row.amount.as_ref(), None, least);
    parse_timestamp(violations, &path("movement_time"), row.movement_time.as_ref());
    Some(Entry {
        operation_id: operation_id?,
        provider_id: provider_id?,
        provider_payment_id: provider_payment_id?,
        kind: kind?,
        amount: amount?,
    })
}

/// What our books say of a movement, as a message.
pub(crate) fn found(
    entry: &pb::StatementEntry,
    amount: Money,
    finding: &Finding,
    rows: &[Placed],
) -> pb::ReconciledMovement {
    let placed = |id: &OperationId| rows.iter().find(|(_, _, row)| row.operation_id == *id);
    let (mut told, own, difference) = match finding {
        Finding::Matched(id) => (Told::Matched, placed(id), Some(0)),
        Finding::Different { operation_id, difference } => {
            (Told::Different, placed(operation_id), Some(*difference))
        }
        Finding::Duplicate(id) => (Told::Duplicate, id.as_ref().and_then(placed), None),
        Finding::MissingHere => (Told::MissingHere, None, None),
        Finding::Candidate(id) => (Told::Candidate, placed(id), None),
    };
    let mut difference = difference.zip(own).map(|(minor, (order, _, _))| order.money(minor));
    if own.is_some_and(|(order, _, _)| order.currency != amount.currency) {
        // The same digits of another currency are another amount, and the difference is none.
        told = if told == Told::Matched { Told::Different } else { told };
        difference = None;
    }
    pb::ReconciledMovement {
        finding: told.into(),
        entry: Some(entry.clone()),
        operation: own.map(message),
        difference: difference.map(money),
    }
}

/// An operation of ours that the statement does not have, as a message.
pub(crate) fn missing_there(placed: &Placed) -> pb::ReconciledMovement {
    pb::ReconciledMovement {
        finding: Told::MissingThere.into(),
        entry: None,
        operation: Some(message(placed)),
        difference: None,
    }
}

fn message((order, payment, row): &Placed) -> pb::Operation {
    operation::operation(order, &payment.connector_id, row)
}
