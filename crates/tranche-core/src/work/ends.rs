//! Ends of authorizations, observed before anything is decided.

use super::Work;
use crate::event::EventKind;
use crate::planted::{PlantedBug, is_planted};

impl Work<'_> {
    /// Observes which authorizations end soon or have ended at the time of the command. What follows from it is left to
    /// the checks of the command and to the plan, which must run in the same command.
    pub(crate) fn observe_ends(&mut self) {
        let now = self.context.now;
        for index in 0..self.payments.len() {
            let payment = &mut self.payments[index];
            let Some(end) = payment.end_to_observe(now) else { continue };
            // What is lost is told as it was before: afterwards it is nothing.
            let room = payment.unasked();
            payment.observe_end(now, end);
            let is_told = payment.is_ended() || !is_planted(PlantedBug::ForgetWarning);
            if payment.is_spent() || payment.unsettled() == 0 || !is_told {
                // Nothing more could be settled of it anyway.
                continue;
            }
            let (payment_id, is_ended) = (payment.payment_id.clone(), payment.is_ended());
            let (expire_time, room) = (end, self.order.money(room));
            self.event(if is_ended {
                EventKind::AuthorizationEnded { payment_id, expire_time, room }
            } else {
                EventKind::AuthorizationEnding { payment_id, expire_time, room }
            });
        }
    }
}
