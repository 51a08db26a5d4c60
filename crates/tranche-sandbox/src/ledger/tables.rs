//! The newest of the books, as tables for people.

use super::newest::Newest;
use super::{Ledger, Payment};
use crate::page::Table;

impl Ledger {
    /// Payments, settlements, refunds and cancellations, the newest first.
    pub(crate) fn tables(&self) -> Vec<Table> {
        let news = &self.news;
        let payments = news.payments.iter().filter_map(|id| self.payments.get(id));
        vec![
            Table {
                title: "Payments",
                columns: &[
                    "payment",
                    "currency",
                    "status",
                    "authorized",
                    "settled",
                    "refunded",
                    "canceled",
                    "released",
                    "calls",
                ],
                rows: payments.map(payment_cells).collect(),
                total: news.payments.total(),
            },
            Table {
                title: "Settlements",
                columns: &["settlement", "payment", "request", "value", "currency", "refunded"],
                rows: self.rows(&news.settlements, |payment, place| {
                    let booked = payment.settlements.get(place)?;
                    let cells = [&booked.settle_id, &payment.asked.payment_id, &booked.request_id];
                    let amounts = [
                        booked.value.to_string(),
                        payment.asked.currency.clone(),
                        booked.refunded.to_string(),
                    ];
                    Some(cells.into_iter().cloned().chain(amounts).collect())
                }),
                total: news.settlements.total(),
            },
            Table {
                title: "Refunds",
                columns: &["refund", "payment", "request", "settlement", "value", "currency"],
                rows: self.rows(&news.refunds, |payment, place| {
                    let booked = payment.refunds.get(place)?;
                    let cells =
                        [&booked.refund_id, &payment.asked.payment_id, &booked.request_id, &booked.settle_id];
                    let amounts = [booked.value.to_string(), payment.asked.currency.clone()];
                    Some(cells.into_iter().cloned().chain(amounts).collect())
                }),
                total: news.refunds.total(),
            },
            Table {
                title: "Cancellations",
                columns: &["cancellation", "payment", "request", "value", "currency"],
                rows: self.rows(&news.cancellations, |payment, place| {
                    let booked = payment.cancellations.get(place)?;
                    let cells = [&booked.cancellation_id, &payment.asked.payment_id, &booked.request_id];
                    let amounts = [booked.value.to_string(), payment.asked.currency.clone()];
                    Some(cells.into_iter().cloned().chain(amounts).collect())
                }),
                total: news.cancellations.total(),
            },
        ]
    }

    fn rows(
        &self,
        newest: &Newest<(String, usize)>,
        cells: impl Fn(&Payment, usize) -> Option<Vec<String>>,
    ) -> Vec<Vec<String>> {
        let found = newest.iter().filter_map(|(id, place)| Some((self.payments.get(id)?, *place)));
        found.filter_map(|(payment, place)| cells(payment, place)).collect()
    }
}

fn payment_cells(payment: &Payment) -> Vec<String> {
    let sums = [payment.authorized, payment.settled, payment.refunded, payment.canceled, payment.released];
    let counts = payment.calls;
    let asked = counts.payment + counts.settlement + counts.refund + counts.cancellation;
    let mut cells = vec![payment.asked.payment_id.clone(), payment.asked.currency.clone()];
    cells.push(payment.status.name().to_owned());
    cells.extend(sums.iter().map(ToString::to_string));
    cells.push(asked.to_string());
    cells
}
