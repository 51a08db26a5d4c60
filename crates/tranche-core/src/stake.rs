//! What is at stake with the ends of an order's authorizations, while that can still be avoided.

use crate::order::Order;
use crate::payment::Payment;
use crate::validity::Validity;

/// What would be lost with each payment's authorization, in minor units and in the payments' order; 0 of one that does
/// not end soon, or has ended.
///
/// That is what invoices asked of it and is not settled, also what is under way, as its provider may still refuse; and as
/// much of its unsettled room as the order would lack if all of its authorizations that end soon had ended.
pub fn stakes(order: &Order, payments: &[Payment]) -> Vec<i64> {
    let is_near = |payment: &Payment| payment.validity == Validity::Ending;
    let left = |payment: &Payment| if is_near(payment) { payment.ahead_coming() } else { payment.cover() };
    let left: i64 = payments.iter().map(left).sum();
    let needed = (order.remaining() - left).max(0);
    let stake = |payment: &Payment| {
        if !is_near(payment) {
            return 0;
        }
        let unsettled = (payment.asked - payment.settled + payment.excess()).max(0);
        // What no settlement can follow for is an operator's case already, whatever ends.
        let lost = if payment.is_spent() { payment.owed() } else { 0 };
        unsettled - lost + needed.min(payment.unasked())
    };
    payments.iter().map(stake).collect()
}
