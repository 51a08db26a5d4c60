//! Giving up: nobody is asked for what lacks any more.

use super::take_up;
use crate::invoice::{Invoice, Leg};
use crate::operation::{Operation, OperationKind, RefundPurpose};
use crate::work::Work;

/// Gives up `value` of what lacks of an operation.
pub(super) fn give_up(work: &mut Work<'_>, index: usize, operation: &Operation, value: i64) {
    take_up(work, index, operation, value);
    let payment = &mut work.payments[index];
    match (operation.kind, operation.refund.as_ref().map(|refund| refund.purpose)) {
        // One that was not done is denied, and lacks nothing.
        (OperationKind::Authorization, _) => {}
        (OperationKind::Settlement, _) => ask_no_more(work, index, operation, value),
        (OperationKind::Cancellation, _) => payment.release_given_up += value,
        (OperationKind::Refund, Some(RefundPurpose::Return)) => payment.return_given_up += value,
        (OperationKind::Refund, _) => payment.excess_given_up += value,
    }
}

/// Counts `value` of what invoices asked of a payment as given up. The invoices say which part of them that is.
pub(super) fn ask_no_more(work: &mut Work<'_>, index: usize, operation: &Operation, value: i64) {
    let payment = &mut work.payments[index];
    payment.asked -= value;
    payment.given_up += value;
    work.order.given_up += value;
    let payment_id = payment.payment_id.clone();
    take_from_legs(work, index, operation, value, |invoice, part| {
        let leg = invoice.legs.iter_mut().find(|leg| leg.payment_id == payment_id);
        if let Some(leg) = leg {
            leg.given_up += part;
        }
    });
}

/// Takes `value` from what invoices ask of a payment: of the invoice that the operation was for first, then of the
/// newest.
pub(super) fn take_from_legs(
    work: &mut Work<'_>,
    index: usize,
    operation: &Operation,
    value: i64,
    mut take: impl FnMut(&mut Invoice, i64),
) {
    let payment_id = work.payments[index].payment_id.clone();
    let mut invoices = work.asking_invoices();
    invoices.sort_by_key(|invoice| {
        let is_own = operation.invoice_number.as_ref() == Some(&invoice.invoice_number);
        (!is_own, std::cmp::Reverse(invoice.ordinal))
    });
    let mut left = value;
    for mut invoice in invoices {
        let part = left.min(invoice.open_leg(&payment_id));
        if part > 0 {
            take(&mut invoice, part);
            work.put_invoice(invoice);
            left -= part;
        }
    }
}

/// Adds to what an invoice asks of a payment.
pub(super) fn add_to_leg(invoice: &mut Invoice, payment_id: &crate::id::PaymentId, value: i64) {
    match invoice.legs.iter_mut().find(|leg| leg.payment_id == *payment_id) {
        Some(leg) => leg.value += value,
        None => invoice.legs.push(Leg { accepted: 0, ..Leg::new(payment_id.clone(), value) }),
    }
}
