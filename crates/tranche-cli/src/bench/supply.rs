//! Which invoice is sent next.
//!
//! Orders are invoiced a block at a time: the first invoice of each of its orders, then the second of each, to the last,
//! which finishes them. So an order's next invoice comes when the one before has long been settled, as parcels do, and
//! orders open and close all the time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Orders that are invoiced at the same time.
const BLOCK_ORDERS: u64 = 1_024;

/// An invoice to send: the order and the number of the invoice within it, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ticket {
    pub(super) order: u64,
    pub(super) invoice: u64,
}

/// All invoices of a run, each given out once; one that the server had no room for comes back.
#[derive(Debug)]
pub(super) struct Supply {
    orders: u64,
    invoices_per_order: u64,
    next: AtomicU64,
    returned: Mutex<Vec<Ticket>>,
}

impl Supply {
    pub(super) fn new(orders: u64, invoices_per_order: u64) -> Self {
        Self { orders, invoices_per_order, next: AtomicU64::new(0), returned: Mutex::default() }
    }

    /// The next one; `None` when all are out.
    pub(super) fn take(&self) -> Option<Ticket> {
        if let Some(ticket) = self.returned.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Some(ticket);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.orders * self.invoices_per_order).then(|| self.ticket(number))
    }

    /// Gives one back that was not accepted.
    pub(super) fn give_back(&self, ticket: Ticket) {
        self.returned.lock().unwrap_or_else(PoisonError::into_inner).push(ticket);
    }

    /// Whether more were asked for than there are.
    pub(super) fn is_out(&self) -> bool {
        self.next.load(Ordering::Relaxed) > self.orders * self.invoices_per_order
    }

    fn ticket(&self, number: u64) -> Ticket {
        let of_block = BLOCK_ORDERS * self.invoices_per_order;
        let first = number / of_block * BLOCK_ORDERS;
        let (place, orders) = (number % of_block, BLOCK_ORDERS.min(self.orders - first));
        Ticket { order: first + place % orders, invoice: place / orders }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_invoice_is_given_out_once_and_in_the_order_of_its_order() {
        for (orders, invoices_per_order) in [(1, 3), (5, 1), (1_024, 2), (2_500, 3)] {
            let supply = Supply::new(orders, invoices_per_order);
            let tickets: Vec<Ticket> = std::iter::from_fn(|| supply.take()).collect();
            let distinct: BTreeSet<(u64, u64)> =
                tickets.iter().map(|ticket| (ticket.order, ticket.invoice)).collect();
            let all: BTreeSet<(u64, u64)> = (0..orders)
                .flat_map(|order| (0..invoices_per_order).map(move |invoice| (order, invoice)))
                .collect();
            assert_eq!(distinct, all);
            assert_eq!(tickets.len(), all.len());
            let last = tickets.iter().rev().find(|ticket| ticket.order == 0);
            assert_eq!(last.map(|ticket| ticket.invoice), Some(invoices_per_order - 1));
        }
    }

    #[test]
    fn one_that_comes_back_is_given_out_again() {
        let supply = Supply::new(1, 1);
        let ticket = supply.take().unwrap();
        assert_eq!(supply.take(), None);
        supply.give_back(ticket);
        assert_eq!(supply.take(), Some(ticket));
        assert_eq!(supply.take(), None);
    }
}
