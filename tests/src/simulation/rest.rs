//! What must be so at rest, when everything that could be done is done: nothing is asked and not settled, returned and
//! not refunded, or authorized and not released, without somebody having caused it.

use rust_decimal::Decimal;
use tranche_cli::server::core::time::Clock as _;
use tranche_sdk::v1::{
    Invoice, Operation, Order, Payment, ReleasePolicy, Transaction, invoice, order, transaction,
};

use super::player::Player;
use super::terms::Terms;
use crate::audit::decimal;
use crate::shop::has_ended;

/// An order at rest, as the API tells it.
pub(super) struct Resting<'a> {
    pub(super) order: &'a Order,
    pub(super) transaction: &'a Transaction,
    pub(super) operations: &'a [Operation],
    pub(super) invoices: &'a [Invoice],
}

/// What of a payment is where.
struct Amounts {
    settled: Decimal,
    refunded: Decimal,
    canceled: Decimal,
    held: Decimal,
    lacking: Decimal,
    waiting: Decimal,
    /// What may still be needed.
    ahead: Decimal,
    /// What nobody refunds any more of what is not needed; an invoice may use it all the same.
    unrefunded: Decimal,
    room: Decimal,
    authorized: Decimal,
    /// What nobody releases any more.
    unreleased: Decimal,
}

impl Amounts {
    fn of(payment: &Payment) -> Self {
        let done = payment.done.clone().unwrap_or_default();
        let unrefunded = decimal(done.excess_given_up.as_ref());
        Self {
            settled: decimal(done.settled.as_ref()),
            refunded: decimal(done.refunded.as_ref()),
            canceled: decimal(done.canceled.as_ref()),
            held: decimal(done.held.as_ref()),
            lacking: decimal(done.lacking.as_ref()),
            waiting: decimal(done.return_waiting.as_ref()),
            ahead: decimal(payment.ahead.as_ref()) - unrefunded,
            unrefunded,
            room: decimal(payment.room.as_ref()),
            authorized: decimal(payment.authorized.as_ref()),
            unreleased: decimal(done.release_given_up.as_ref()),
        }
    }
}

impl Player {
    /// What is not as it must be, when operators have looked into everything. Of a payment that its provider wronged,
    /// more may be settled than was asked.
    pub(super) fn unrest(&self, resting: &Resting<'_>) -> Vec<String> {
        let Resting { order, transaction, operations, invoices } = resting;
        let mut found = Vec::new();
        let provider_id = |payment: &Payment| self.at_provider(&order.order_id, &payment.payment_id);
        let is_wronged = |payment: &Payment| self.wronged.contains(&provider_id(payment));
        let is_quiet = |payment: &Payment| {
            let own = operations.iter().filter(|row| row.payment_id == payment.payment_id);
            own.into_iter().all(has_ended)
        };
        let all_quiet = transaction.payments.iter().all(is_quiet);
        let is_complete = decimal(order.remaining_to_invoice.as_ref()).is_zero();
        for payment in transaction.payments.iter().filter(|payment| is_quiet(payment)) {
            let amounts = Amounts::of(payment);
            let who = provider_id(payment);
            let terms = self.payments.get(&who).map(|paid| paid.terms);
            let sends_each = terms.is_some_and(Terms::sends_each);
            let is_over = self.has_ended(&who);
            // Of a transaction that has ended nobody asks anything, whatever was given up releasing.
            let is_open = transaction.state() == transaction::State::Open;
            if is_over && is_open && amounts.room != amounts.ahead + amounts.unrefunded {
                found.push(format!("{who}: it has ended, and {} may be asked of it", amounts.room));
            }
            let is_near = is_over || self.is_near(payment);
            if (sends_each || is_complete || is_near) && !amounts.held.is_zero() {
                found.push(format!("{who}: {} is asked, and nobody settles it", amounts.held));
            }
            if !amounts.lacking.is_zero() {
                found.push(format!("{who}: {} lacks, and no operator sees it", amounts.lacking));
            }
            if amounts.waiting.min(amounts.settled - amounts.refunded) > Decimal::ZERO {
                found.push(format!("{who}: {} is returned, and nobody refunds it", amounts.waiting));
            }
            let parts = invoices.iter().filter(|row| row.r#type() == invoice::Type::Output);
            let parts = parts.flat_map(|row| &row.allocations);
            let own = parts.filter(|part| part.payment_id == payment.payment_id);
            let ever: Decimal = own.map(|part| decimal(part.amount.as_ref())).sum();
            if terms.is_some_and(Terms::is_exact) && !is_wronged(payment) && amounts.settled > ever {
                found.push(format!("{who}: {} is settled, and {ever} was ever asked", amounts.settled));
            }
        }
        if all_quiet {
            let ahead: Decimal = transaction.payments.iter().map(|payment| Amounts::of(payment).ahead).sum();
            if ahead > decimal(order.remaining_to_invoice.as_ref()) {
                found.push(format!("{}: {ahead} is ahead, and nobody can need it", order.order_id));
            }
            found.extend(unfinished(order, transaction, is_complete));
        }
        found
    }
}

impl Player {
    /// Whether a payment's authorization is in the second half of its life, which is so soon before the end that nothing
    /// is held back: those of simulations live for less than twice the lead time.
    fn is_near(&self, payment: &Payment) -> bool {
        let micros = |seconds: i64, nanos: i32| seconds * 1_000_000 + i64::from(nanos / 1_000);
        let create = payment.create_time.map(|time| micros(time.seconds, time.nanos));
        let end = payment.expire_time.map(|time| micros(time.seconds, time.nanos));
        let near = create.zip(end).map(|(create, end)| end - (end - create) / 2);
        near.is_some_and(|near| near <= self.clock.now().micros())
    }
}

/// What of an order has not come to its end, although nothing stands in its way.
fn unfinished(order: &Order, transaction: &Transaction, is_complete: bool) -> Vec<String> {
    let mut found = Vec::new();
    let is_invoiced = !decimal(order.invoiced.as_ref()).is_zero();
    if is_complete && is_invoiced && order.state() != order::State::Invoiced {
        found.push(format!("{}: all is invoiced and settled, and it is {:?}", order.order_id, order.state()));
    }
    let is_final = matches!(order.state(), order::State::Invoiced | order::State::Canceled);
    let releases = order.release_policy() != ReleasePolicy::Manual || order.state() == order::State::Canceled;
    if !is_final || !releases {
        return found;
    }
    if transaction.state() == transaction::State::Open {
        found.push(format!("{}: its transaction never ends", order.order_id));
    }
    for payment in &transaction.payments {
        let Amounts { authorized, settled, canceled, unreleased, .. } = Amounts::of(payment);
        if authorized != settled + canceled + unreleased {
            let who = &payment.payment_id;
            found.push(format!(
                "{}: of {authorized} on {who} {settled} is settled and {canceled} released",
                order.order_id
            ));
        }
    }
    found
}
