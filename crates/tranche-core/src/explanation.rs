//! Where every unit of an order's value is, and why.
//!
//! The parts that are not beside the value sum to it exactly: what is not invoiced, and what each payment was asked for.
//! Beside it stands what is authorized or moved and not part of what is sold.

mod sentence;

use crate::allocation::split;
use crate::id::PaymentId;
use crate::operation::Operation;
use crate::order::{Order, OrderState};
use crate::payment::Payment;
use sentence::Words;

/// Where a part of the money is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Not invoiced, and covered by a payment's room.
    Remaining,
    /// Not invoiced, and covered once a payment is authorized that is being asked for.
    Authorizing,
    /// Not invoiced, and covered by no payment.
    Uncovered,
    /// Not to be invoiced any more: the order is canceled.
    OrderCanceled,
    /// Settled or being settled before any invoice asked for it.
    Ahead,
    /// Invoiced, and kept back until the payment's settlement is due.
    Held,
    /// Invoiced, and in a settlement that has not ended.
    Settling,
    /// Invoiced and settled.
    Settled,
    /// Invoiced, and not obtained.
    Lacking,
    /// Invoiced, and given up by an operator.
    GivenUp,
    /// Returned, and not in a refund yet.
    ReturnWaiting,
    /// In a refund that has not ended.
    Refunding,
    /// Refunded.
    Refunded,
    /// Authorized, and not needed; or not to be asked for any more, as the authorization has ended.
    Spare,
    /// In a cancellation that has not ended.
    Canceling,
    /// Released.
    Canceled,
    /// Moved by the provider without being asked.
    Surplus,
}

/// A part of an order's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it is.
    pub place: Place,
    /// The payment that it belongs to, if it belongs to one.
    pub payment_id: Option<PaymentId>,
    /// Minor units, above 0.
    pub amount: i64,
    /// Whether it stands beside the order's value.
    pub is_beside: bool,
    /// Where it is and why, for people.
    pub sentence: String,
}

/// Explains an order: in one sentence, and in parts, from what is not invoiced to what came back, then what stands beside
/// the value.
///
/// `unsettled` are the operations that say why something is not where it should be: those that have not ended, and those
/// that were refused.
pub fn explain(order: &Order, payments: &[Payment], unsettled: &[Operation]) -> (String, Vec<Part>) {
    let lacking = payments.iter().map(|payment| payment.lacking).sum();
    let has_lost = |payment: &&Payment| payment.is_ended() && payment.unasked() > 0;
    let ended = payments.iter().filter(has_lost).map(|payment| payment.payment_id.as_str()).collect();
    let mut parts = Parts { words: Words { order, unsettled, lacking, ended }, found: Vec::new() };
    let remaining = parts.not_invoiced(payments);
    for payment in payments {
        parts.invoiced(payment);
    }
    for (payment, remaining) in payments.iter().zip(remaining) {
        parts.beside(payment, remaining);
    }
    let mut parts = parts.found;
    parts.sort_by_key(|part| (part.is_beside, part.place));
    (sentence::summary(order), parts)
}

struct Parts<'a> {
    words: Words<'a>,
    found: Vec<Part>,
}

impl Parts<'_> {
    fn put(&mut self, place: Place, payment: Option<&Payment>, amount: i64, is_beside: bool) {
        if amount > 0 {
            let sentence = self.words.sentence(place, payment, amount, is_beside);
            let payment_id = payment.map(|payment| payment.payment_id.clone());
            self.found.push(Part { place, payment_id, amount, is_beside, sentence });
        }
    }

    /// What is not invoiced, as the next invoices would ask it; says what each payment's unsettled room covers of it and
    /// what is ahead of what the order can need.
    fn not_invoiced(&mut self, payments: &[Payment]) -> Vec<Covered> {
        let order = self.words.order;
        if order.state == OrderState::Canceled {
            self.put(Place::OrderCanceled, None, order.value, false);
        }
        let remaining = order.remaining();
        let ahead: Vec<i64> = payments.iter().map(Payment::ahead_coming).collect();
        let from_ahead = remaining.min(ahead.iter().sum());
        let rooms: Vec<i64> =
            payments.iter().zip(&ahead).map(|(payment, ahead)| payment.room() - ahead).collect();
        let from_room = (remaining - from_ahead).min(rooms.iter().sum());
        let by_ahead = split(order.allocation, from_ahead, &ahead);
        let by_room = split(order.allocation, from_room, &rooms);
        let authorizing: Vec<i64> = payments.iter().map(Payment::authorizing).collect();
        let to_come = (remaining - from_ahead - from_room).min(authorizing.iter().sum());
        let by_authorizing = split(order.allocation, to_come, &authorizing);
        let mut covered = Vec::new();
        for (index, payment) in payments.iter().enumerate() {
            self.put(Place::Ahead, Some(payment), by_ahead[index], false);
            self.put(Place::Remaining, Some(payment), by_room[index], false);
            self.put(Place::Authorizing, Some(payment), by_authorizing[index], false);
            self.put(Place::Authorizing, Some(payment), authorizing[index] - by_authorizing[index], true);
            covered.push(Covered { room: by_room[index], excess: ahead[index] - by_ahead[index] });
        }
        self.put(Place::Uncovered, None, remaining - from_ahead - from_room - to_come, false);
        covered
    }

    /// What invoices asked of a payment: each unit once, the returned ones as what became of the return.
    fn invoiced(&mut self, payment: &Payment) {
        let (held, lacking) = (payment.due(), payment.lacking);
        let settled = payment.asked.min(payment.settled - payment.excess());
        let settling = payment.asked - settled - held - lacking;
        // What was returned is settled money first, then what is nearest to being settled.
        let mut waiting = payment.return_waiting();
        let mut without_returned = |amount: i64| {
            let returned = waiting.min(amount);
            waiting -= returned;
            amount - returned
        };
        let settled = without_returned(settled - payment.return_refunding - payment.return_refunded);
        let settling = without_returned(settling);
        let held = without_returned(held);
        let lacking = without_returned(lacking);
        let all = [
            (Place::Held, held),
            (Place::Settling, settling),
            (Place::Settled, settled),
            (Place::Lacking, lacking),
            (Place::GivenUp, payment.given_up),
            (Place::ReturnWaiting, payment.return_waiting()),
            (Place::Refunding, payment.return_refunding),
            (Place::Refunded, payment.return_refunded),
        ];
        for (place, amount) in all {
            self.put(place, Some(payment), amount, false);
        }
    }

    /// What stands beside the value.
    fn beside(&mut self, payment: &Payment, covered: Covered) {
        let owed = if payment.is_spent() { 0 } else { payment.due() + payment.lacking };
        let given_up = covered.excess.min(payment.excess_given_up);
        let spare = payment.unsettled() - owed - covered.room;
        let unreleased = spare.min(payment.release_given_up);
        let all = [
            (Place::Ahead, covered.excess - given_up),
            (Place::Refunding, payment.excess_refunding),
            (Place::Refunded, payment.excess_refunded),
            (Place::Spare, spare - unreleased),
            (Place::Canceling, payment.canceling),
            (Place::Canceled, payment.canceled),
            (Place::GivenUp, given_up + unreleased),
            (Place::Surplus, payment.surplus),
        ];
        for (place, amount) in all {
            self.put(place, Some(payment), amount, true);
        }
    }
}

/// What a payment covers of what is not invoiced.
#[derive(Clone, Copy)]
struct Covered {
    /// By its unsettled room.
    room: i64,
    /// What is ahead of all that the order can need.
    excess: i64,
}
