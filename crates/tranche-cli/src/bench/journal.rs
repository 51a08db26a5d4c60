//! What the load sent and what became of each invoice: when it was to be sent, whether it was acknowledged, and when its
//! settlement could be read in the event log.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hdrhistogram::Histogram;
use rust_decimal::Decimal;
use tranche_sdk::v1::InvoiceReceipt;

use super::supply::Ticket;

/// Longest latency that is told apart, in microseconds: ten minutes.
const LATENCY_MICROS_MAX: u64 = 600_000_000;
/// Digits of a latency that count.
const LATENCY_DIGITS: u8 = 3;
/// Complaints that are kept; one is enough to fail.
const COMPLAINTS_MAX: usize = 10;

/// What happened in a run.
#[derive(Debug)]
pub(super) struct Journal {
    invoices_per_order: u64,
    /// When each invoice was to be sent, in microseconds of the process's clock.
    due: Vec<AtomicI64>,
    /// What acknowledgements said was asked of each payment, by order.
    asked: Mutex<HashMap<(u64, String), Decimal>>,
    accepted: AtomicU64,
    shed: AtomicU64,
    unsent: AtomicU64,
    failed: AtomicU64,
    settled: AtomicU64,
    last_settled: AtomicI64,
    acknowledgements: Mutex<Histogram<u64>>,
    settlements: Mutex<Histogram<u64>>,
    complaints: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A histogram or a list is whole after every statement.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn latencies() -> Histogram<u64> {
    // The bounds are fixed and fit.
    Histogram::new_with_max(LATENCY_MICROS_MAX, LATENCY_DIGITS).unwrap_or_else(|_| {
        unreachable!("a histogram of {LATENCY_DIGITS} digits up to {LATENCY_MICROS_MAX} can be made")
    })
}

fn note(latencies: &Mutex<Histogram<u64>>, from: i64, to: i64) {
    lock(latencies).saturating_record(u64::try_from(to - from).unwrap_or(0));
}

impl Journal {
    pub(super) fn new(orders: u64, invoices_per_order: u64) -> Self {
        Self {
            invoices_per_order,
            due: (0..orders * invoices_per_order).map(|_| AtomicI64::new(0)).collect(),
            asked: Mutex::default(),
            accepted: AtomicU64::new(0),
            shed: AtomicU64::new(0),
            unsent: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            settled: AtomicU64::new(0),
            last_settled: AtomicI64::new(0),
            acknowledgements: Mutex::new(latencies()),
            settlements: Mutex::new(latencies()),
            complaints: Mutex::default(),
        }
    }

    fn due(&self, ticket: Ticket) -> Option<&AtomicI64> {
        let index = ticket.order * self.invoices_per_order + ticket.invoice;
        self.due.get(usize::try_from(index).ok()?)
    }

    /// An invoice is about to be sent, that was to be sent at `due`.
    pub(super) fn sends(&self, ticket: Ticket, due: i64) {
        if let Some(kept) = self.due(ticket) {
            kept.store(due, Ordering::Relaxed);
        }
    }

    /// It was acknowledged, and the receipt says what is asked of whom.
    pub(super) fn accepts(&self, ticket: Ticket, receipt: &InvoiceReceipt, due: i64, now: i64) {
        for part in &receipt.allocations {
            let amount = part.amount.as_ref().and_then(|amount| amount.amount.parse::<Decimal>().ok());
            let key = (ticket.order, part.payment_id.clone());
            *lock(&self.asked).entry(key).or_default() += amount.unwrap_or_default();
        }
        self.accepted.fetch_add(1, Ordering::Relaxed);
        note(&self.acknowledgements, due, now);
    }

    /// The server had no room for it, and did nothing.
    pub(super) fn sheds(&self) {
        self.shed.fetch_add(1, Ordering::Relaxed);
    }

    /// An invoice was due while too many waited already, and was not sent.
    pub(super) fn leaves_unsent(&self) {
        self.unsent.fetch_add(1, Ordering::Relaxed);
    }

    /// It got another answer than it should.
    pub(super) fn fails(&self, complaint: String) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.complain(complaint);
    }

    /// Something is not as it should be; the run cannot end well.
    pub(super) fn complain(&self, complaint: String) {
        let mut complaints = lock(&self.complaints);
        if complaints.len() < COMPLAINTS_MAX {
            complaints.push(complaint);
        }
    }

    /// The end of its last operation could be read.
    pub(super) fn settles(&self, ticket: Ticket, now: i64) {
        if let Some(due) = self.due(ticket) {
            note(&self.settlements, due.load(Ordering::Relaxed), now);
        }
        self.last_settled.store(now, Ordering::Relaxed);
        self.settled.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    pub(super) fn shed(&self) -> u64 {
        self.shed.load(Ordering::Relaxed)
    }

    pub(super) fn unsent(&self) -> u64 {
        self.unsent.load(Ordering::Relaxed)
    }

    pub(super) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    pub(super) fn settled(&self) -> u64 {
        self.settled.load(Ordering::Relaxed)
    }

    /// When the last settlement could be read.
    pub(super) fn last_settled(&self) -> i64 {
        self.last_settled.load(Ordering::Relaxed)
    }

    /// What acknowledgements said was asked of each payment, by order.
    pub(super) fn asked(&self) -> HashMap<(u64, String), Decimal> {
        lock(&self.asked).clone()
    }

    /// From when an invoice was to be sent to its acknowledgement, in microseconds.
    pub(super) fn acknowledgements(&self) -> Histogram<u64> {
        lock(&self.acknowledgements).clone()
    }

    /// From when an invoice was to be sent until its settlement could be read, in microseconds.
    pub(super) fn settlements(&self) -> Histogram<u64> {
        lock(&self.settlements).clone()
    }

    /// What was not as it should be.
    pub(super) fn complaints(&self) -> Vec<String> {
        lock(&self.complaints).clone()
    }
}
