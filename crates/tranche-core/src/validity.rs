//! The end of an authorization, and how much of it was observed.
//!
//! What a payment has room for follows from its row alone, which has no clock. So the row says how near to its end the
//! authorization was when it was last looked at; every command that decides about money looks first.

use std::time::Duration;

use crate::authorization::AuthorizationState;
use crate::payment::Payment;
use crate::time::Timestamp;

/// How near its end an authorization is, as far as that was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Validity {
    /// Its end is not known, or the lead time before it has not come.
    Lasting,
    /// It ends soon: what is asked of it is not held back any more.
    Ending,
    /// It has ended: nothing more is asked of it than what is settled ahead.
    Ended,
}

/// When an authorization that is known from `now` on begins to end: the lead time before its end, but not before half of
/// what is left of it, so that a short one has a time in which it lasts.
pub(crate) fn ending_time(now: Timestamp, end: Timestamp, lead_time: Duration) -> Timestamp {
    end.before(lead_time.min(end.since(now) / 2))
}

impl Payment {
    /// Whether the authorization ends soon, or has ended.
    pub fn is_ending(&self) -> bool {
        self.validity != Validity::Lasting
    }

    /// Whether the authorization has ended.
    pub fn is_ended(&self) -> bool {
        self.validity == Validity::Ended
    }

    /// The authorization's end, if it is known: of one that was asked for, once the provider has approved it.
    pub fn expire_time(&self) -> Option<Timestamp> {
        let is_authorized = self.authorization_state == AuthorizationState::Authorized;
        self.authorization.expire_time.filter(|_| is_authorized)
    }

    /// The authorization's end, if there is something about it to be observed at `now`.
    pub(crate) fn end_to_observe(&self, now: Timestamp) -> Option<Timestamp> {
        self.expire_time().filter(|_| self.observe_time.is_some_and(|time| time <= now))
    }

    /// Has the lifetime of an authorization that was asked for count from `time`, if it counts from an earlier one: the
    /// last at which its provider surely had not approved it. So an approval that is heard of late ends too early in our
    /// books rather than too late.
    pub(crate) fn last_from(&mut self, time: Timestamp) {
        let end = self.authorization.expire_time.zip(self.capabilities.authorization_lifetime);
        let Some((end, lifetime)) = end else { return };
        let later = time.after(lifetime).since(end);
        self.authorization.expire_time = Some(end.after(later));
        self.observe_time = self.observe_time.map(|time| time.after(later));
    }

    /// Observes at `now` that the authorization ends soon, or has ended. What a provider refused to release before the
    /// end is asked of it once more after it.
    pub(crate) fn observe_end(&mut self, now: Timestamp, end: Timestamp) {
        let is_ended = end <= now;
        self.validity = if is_ended { Validity::Ended } else { Validity::Ending };
        self.observe_time = (!is_ended).then_some(end);
        if is_ended {
            self.release_lacking = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authorization_begins_to_end_the_lead_time_before_its_end() {
        let seconds = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        for (now, end, lead_time, expected) in [
            (0, 100, 10, 90),
            (0, 100, 50, 50),
            // Not before half of it is over.
            (0, 100, 51, 50),
            (80, 100, 50, 90),
            (0, 100, 1_000, 50),
        ] {
            let begins = ending_time(seconds(now), seconds(end), Duration::from_secs(lead_time));
            assert_eq!(begins, seconds(expected), "{now} {end} {lead_time}");
        }
    }
}
