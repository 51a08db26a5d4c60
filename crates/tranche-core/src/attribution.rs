//! Which operations paid which invoice, to the last unit.
//!
//! One settlement may pay several invoices: where a provider settles once, where the first invoice settles all, and
//! after an invoice was voided. Of each payment, an operation first serves the invoice that it was decided for, up to
//! what that asked; what is left of the operations, in the order in which they are sent, serves what is still open of the
//! other invoices, in the order in which they were accepted. Money that went back as excess serves none.

use std::collections::{BTreeMap, VecDeque};

use crate::id::{InvoiceNumber, OperationId, PaymentId};
use crate::invoice::{Invoice, InvoiceType, Leg};
use crate::operation::{Operation, OperationKind, OperationState, RefundPurpose};

/// The part that an operation has in paying an invoice, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share<'o> {
    /// The operation: a settlement for an output invoice, a refund for an input one.
    pub operation: &'o Operation,
    /// What it was asked for this invoice.
    pub asked: i64,
    /// What it did for this invoice; 0 until it is done.
    pub done: i64,
}

/// The shares of each invoice, by payment and by the order in which operations are sent.
///
/// `invoices` are all of an order, in the order of their acceptance; `operations` are all of its settlements and refunds.
pub fn shares<'o>(
    invoices: &[Invoice],
    operations: &'o [Operation],
) -> BTreeMap<InvoiceNumber, Vec<Share<'o>>> {
    let mut shares = BTreeMap::new();
    for invoice_type in [InvoiceType::Output, InvoiceType::Input] {
        let invoices: Vec<&Invoice> =
            invoices.iter().filter(|invoice| invoice.invoice_type == invoice_type).collect();
        let serves = |row: &&Operation| match (invoice_type, row.kind) {
            (InvoiceType::Output, kind) => kind == OperationKind::Settlement,
            (InvoiceType::Input, _) => purpose(row) == Some(RefundPurpose::Return),
        };
        let mut rows: Vec<&Operation> = operations.iter().filter(serves).collect();
        rows.sort_by_key(|row| (&row.payment_id, row.ordinal));
        let excess = excess_of(operations);
        attribute(&invoices, &rows, &excess, &mut shares);
    }
    for shares in shares.values_mut() {
        shares.sort_by_key(|share| (&share.operation.payment_id, share.operation.ordinal));
    }
    shares
}

/// The shares of one invoice, where the operations that were decided for it tell all: they are to bring, or brought,
/// exactly what it asked of each payment, and nothing of that was refunded; or the invoice was voided. `None` where
/// [`shares`] must look at the order's other invoices too.
pub fn own_shares<'o>(invoice: &Invoice, own: &'o [Operation]) -> Option<Vec<Share<'o>>> {
    let is_exact = |leg: &Leg| {
        let of_leg = own.iter().filter(|row| row.payment_id == leg.payment_id);
        of_leg.map(units).sum::<i64>() == leg.value - leg.given_up
    };
    let is_asked = |row: &Operation| invoice.leg(&row.payment_id) > 0;
    let is_whole = |row: &Operation| row.refund_taken == 0 && is_asked(row);
    // A voided invoice is paid by nobody; which operations were decided for it, they tell themselves.
    let is_told = invoice.legs.iter().all(is_exact) && own.iter().all(is_whole);
    if !is_told && !invoice.is_voided() {
        return None;
    }
    let mut found = shares(std::slice::from_ref(invoice), own);
    Some(found.remove(&invoice.invoice_number).unwrap_or_default())
}

fn purpose(row: &Operation) -> Option<RefundPurpose> {
    row.refund.as_ref().map(|refund| refund.purpose)
}

/// What each settlement gave back as excess, or is giving back.
fn excess_of(operations: &[Operation]) -> BTreeMap<&OperationId, i64> {
    let mut excess = BTreeMap::new();
    for row in operations.iter().filter(|row| purpose(row) == Some(RefundPurpose::Excess)) {
        if let Some(target) = &row.refund {
            *excess.entry(&target.operation_id).or_default() += units(row);
        }
    }
    excess
}

/// What the operation moved, or may still move.
fn units(row: &Operation) -> i64 {
    match &row.state {
        OperationState::Done { value, .. } => *value,
        OperationState::Refused { .. } | OperationState::Withdrawn => 0,
        _ => row.value,
    }
}

fn attribute<'o>(
    invoices: &[&Invoice],
    operations: &[&'o Operation],
    excess: &BTreeMap<&OperationId, i64>,
    shares: &mut BTreeMap<InvoiceNumber, Vec<Share<'o>>>,
) {
    let mut open: BTreeMap<(&InvoiceNumber, &PaymentId), i64> = BTreeMap::new();
    for invoice in invoices.iter().filter(|invoice| !invoice.is_voided()) {
        let legs = invoice.legs.iter();
        open.extend(legs.map(|leg| ((&invoice.invoice_number, &leg.payment_id), leg.value - leg.given_up)));
    }
    let mut share = |number: &InvoiceNumber, operation: &'o Operation, asked: i64, units: i64| {
        let is_done = matches!(operation.state, OperationState::Done { .. });
        let done = if is_done { units } else { 0 };
        shares.entry(number.clone()).or_default().push(Share { operation, asked, done });
    };
    let by_number: BTreeMap<&InvoiceNumber, &Invoice> =
        invoices.iter().map(|invoice| (&invoice.invoice_number, *invoice)).collect();
    let mut left: BTreeMap<&PaymentId, VecDeque<(&'o Operation, i64)>> = BTreeMap::new();
    for operation in operations.iter().copied() {
        let mut free = units(operation) - excess.get(&operation.operation_id).copied().unwrap_or(0);
        let own = operation.invoice_number.as_ref().and_then(|number| by_number.get(number));
        if let Some(invoice) = own {
            let number = &invoice.invoice_number;
            let leg = open.get_mut(&(number, &operation.payment_id));
            let asked = leg.as_ref().map_or(invoice.leg(&operation.payment_id), |leg| **leg);
            let served = leg.map_or(0, |leg| {
                let served = free.min(*leg);
                *leg -= served;
                served
            });
            free -= served;
            // An operation of an invoice that asked nothing of its payment is another's by all means.
            if asked > 0 {
                share(number, operation, operation.value.min(asked), served);
            }
        }
        if free > 0 {
            left.entry(&operation.payment_id).or_default().push_back((operation, free));
        }
    }
    for invoice in invoices {
        for leg in &invoice.legs {
            let Some(open) = open.get_mut(&(&invoice.invoice_number, &leg.payment_id)) else { continue };
            let Some(left) = left.get_mut(&leg.payment_id) else { continue };
            while let Some((operation, free)) = left.front_mut() {
                let served = (*free).min(*open);
                if served == 0 {
                    break;
                }
                *free -= served;
                *open -= served;
                share(&invoice.invoice_number, operation, served, served);
                if *free == 0 {
                    left.pop_front();
                }
            }
        }
    }
}
