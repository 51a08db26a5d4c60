//! Authorizations in the model: what a provider was asked for, and what it said.

use std::time::Duration;

use tranche_core::time::Timestamp;

use super::{Asked, Fate, Model, Pay, Started, What};

/// How far the authorization of a payment is, if its provider was asked for one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Request {
    /// What the provider is asked for; 0 where the authorization was adopted.
    pub(crate) value: i64,
    /// When it had surely not been approved, in microseconds: what its lifetime counts from.
    pub(crate) since: i64,
    /// Whether it has not answered.
    pub(crate) is_open: bool,
    /// When it wants the payment canceled, in microseconds.
    pub(crate) until: Option<i64>,
    /// What the authorization may be raised to.
    pub(crate) most: i64,
}

impl Pay {
    pub(crate) fn authorizing(&self) -> i64 {
        if self.request.is_open { self.request.value } else { 0 }
    }

    pub(crate) fn cover(&self) -> i64 {
        self.room() + self.authorizing()
    }

    /// Whether the provider holds what it was asked for, or it was adopted.
    pub(super) fn is_authorized(&self) -> bool {
        self.request.value == 0 || self.authorized > 0
    }

    pub(crate) fn raisable(&self) -> i64 {
        let is_whole = self.released() == 0 && self.surplus == 0;
        let can = is_whole && self.is_authorized() && !self.spent() && !self.whole;
        if can { (self.request.most - self.authorized).max(0) } else { 0 }
    }

    pub(crate) fn last_from(&mut self, time: i64) {
        let later = (time - self.request.since).max(0);
        self.request.since += later;
        self.end = self.end.later(Duration::from_micros(u64::try_from(later).unwrap()));
    }

    fn lapse(&self) -> Option<usize> {
        self.all.iter().position(|row| matches!(row.what, What::Lapse { .. }))
    }

    /// Whether its provider has not decided in its own time, and nobody has asked for the payment's cancellation yet.
    fn is_lapsing(&self, now: i64) -> bool {
        self.request.is_open && self.lapse().is_none() && self.request.until.is_some_and(|until| until <= now)
    }
}

impl Model {
    pub(crate) fn cover(&self) -> i64 {
        self.pays.iter().map(Pay::cover).sum()
    }

    pub(crate) fn raisable(&self) -> i64 {
        self.pays.iter().map(Pay::raisable).sum()
    }

    pub(crate) fn is_lapsing(&self, pay: usize) -> bool {
        self.pays[pay].is_lapsing(self.now)
    }

    /// Raises authorizations by what lacks, the oldest first.
    pub(super) fn raise(&mut self) {
        let mut missing = (self.remaining() - self.cover()).max(0);
        for pay in &mut self.pays {
            let part = missing.min(pay.raisable());
            pay.authorized += part;
            missing -= part;
        }
    }

    /// What of authorizations is to be asked for now.
    pub(super) fn authorize(&mut self, index: usize, started: &mut Started) {
        let pay = &self.pays[index];
        let value = pay.request.value;
        if pay.request.is_open && pay.all.is_empty() {
            self.start(index, What::Authorize, value, started);
        } else if pay.is_lapsing(self.now) {
            self.start(index, What::Lapse { counts: false }, value, started);
        }
    }

    /// The provider says that it holds what it was asked for, first at a time.
    pub(crate) fn approved(&mut self, index: usize, most: i64, first: i64) -> Started {
        let pay = &mut self.pays[index];
        if matches!(pay.all[0].fate, Fate::Done(_)) {
            return self.plan(Started::new());
        }
        let value = pay.request.value;
        pay.last_from(first);
        pay.authorized += value;
        pay.request.is_open = false;
        pay.end = pay.end.at(Timestamp::from_micros(self.now));
        pay.request.most = if most >= value { most } else { 0 };
        pay.all[0].fate = Fate::Done(value);
        let mut started = Started::new();
        match pay.lapse().map(|at| (at, pay.all[at].fate)) {
            Some((at, Fate::Open | Fate::Done(_))) => pay.all[at].what = What::Lapse { counts: true },
            _ if self.is_over => {
                let is_whole = true;
                self.start(index, What::Cancel { is_whole }, value, &mut started);
            }
            _ => {}
        }
        self.plan(started)
    }

    pub(crate) fn denied(&mut self, index: usize) -> Started {
        let pay = &mut self.pays[index];
        if pay.all[0].fate == Fate::Open {
            pay.all[0].fate = Fate::Refused;
            pay.request.is_open = false;
        }
        self.plan(Started::new())
    }

    /// Says by when the provider wants an approval; whether that is news.
    pub(crate) fn undecided(&mut self, index: usize, until: Option<i64>) -> bool {
        let request = &mut self.pays[index].request;
        let is_news = request.is_open && until > request.until;
        if is_news {
            request.until = until;
        }
        is_news
    }

    /// The provider canceled what it had not authorized.
    pub(super) fn lapsed(&mut self, index: usize, at: usize) -> Started {
        let pay = &mut self.pays[index];
        pay.all[at].fate = Fate::Done(pay.all[at].value);
        self.denied(index)
    }
}

/// Whether this is a cancellation of a payment of which nothing is authorized.
pub(super) fn is_lapse(pay: &Pay, row: &Asked) -> bool {
    row.what == What::Lapse { counts: false } && !pay.is_authorized()
}
