//! Callbacks that wait for something else to happen.

use std::collections::BTreeMap;

use super::{Delivery, Wait};
use crate::bounds::HELD_CALLBACKS_MAX;

/// The callbacks that wait.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// For a repeated `POST /payments`, by payment.
    late: BTreeMap<String, Vec<Delivery>>,
    /// For the next callback.
    overtaken: Vec<Delivery>,
    count: usize,
}

impl Held {
    /// Keeps what has to wait. Returns what can go now; all of it, if there is no more room.
    pub(crate) fn keep(&mut self, deliveries: Vec<Delivery>, wait: Wait) -> Vec<Delivery> {
        if self.count + deliveries.len() > HELD_CALLBACKS_MAX {
            return deliveries;
        }
        match wait {
            Wait::Not => return deliveries,
            Wait::Repeat => {
                self.count += deliveries.len();
                for delivery in deliveries {
                    self.late.entry(delivery.payment_id.clone()).or_default().push(delivery);
                }
            }
            Wait::Next => {
                self.count += deliveries.len();
                self.overtaken.extend(deliveries);
            }
        }
        Vec::new()
    }

    /// Takes out what waits for a repeat of this payment's authorization.
    pub(crate) fn of(&mut self, payment_id: &str) -> Vec<Delivery> {
        let taken = self.late.remove(payment_id).unwrap_or_default();
        self.count -= taken.len();
        taken
    }

    /// Takes out what waits for the next callback.
    pub(crate) fn overtaken(&mut self) -> Vec<Delivery> {
        let taken = std::mem::take(&mut self.overtaken);
        self.count -= taken.len();
        taken
    }

    /// Takes out everything, of one payment or of all.
    pub(crate) fn all(&mut self, payment_id: Option<&str>) -> Vec<Delivery> {
        let is_wanted = |delivery: &Delivery| payment_id.is_none_or(|wanted| delivery.payment_id == wanted);
        let late = std::mem::take(&mut self.late).into_values().flatten();
        let (taken, kept): (Vec<_>, Vec<_>) = late.partition(is_wanted);
        for delivery in kept {
            self.late.entry(delivery.payment_id.clone()).or_default().push(delivery);
        }
        let (overtaken, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.overtaken).into_iter().partition(is_wanted);
        self.overtaken = kept;
        let taken: Vec<_> = taken.into_iter().chain(overtaken).collect();
        self.count -= taken.len();
        taken
    }
}
