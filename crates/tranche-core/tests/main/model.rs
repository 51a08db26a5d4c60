//! A small model of an order's money, written from the ledger. It keeps no totals: it sums what it asked for and what came of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tranche_core::account::Allocation;
use tranche_core::operation::OperationKind::{self, Cancellation, Refund, Settlement};
use tranche_core::payment::Mode;

/// What became of something asked of a provider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    Open,
    Done(i64),
    Refused,
    /// Done after it was refused.
    Contradicted,
}

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) kind: OperationKind,
    pub(crate) value: i64,
    pub(crate) fate: Fate,
    pub(crate) attempts: u32,
    /// The attempts that ended, or had to end, without a clear answer.
    pub(crate) unclear: bool,
    pub(crate) answered: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Pay {
    pub(crate) authorized: i64,
    pub(crate) mode: Mode,
    /// Settles only as a whole.
    pub(crate) whole: bool,
    pub(crate) max: usize,
    pub(crate) releases: bool,
    pub(crate) asked: i64,
    pub(crate) lacking: i64,
    pub(crate) surplus: i64,
    pub(crate) by_itself: i64,
    pub(crate) unrefunded: i64,
    pub(crate) unreleased: i64,
    pub(crate) short_in_a_row: u32,
    pub(crate) all: Vec<Asked>,
}

impl Pay {
    fn sum(&self, kind: OperationKind, open: bool) -> i64 {
        let value = |row: &Asked| match row.fate {
            Fate::Open if open => row.value,
            Fate::Done(value) if !open => value,
            _ => 0,
        };
        self.all.iter().filter(|row| row.kind == kind).map(value).sum()
    }

    fn both(&self, kind: OperationKind) -> i64 {
        self.sum(kind, true) + self.sum(kind, false)
    }

    fn spent(&self) -> bool {
        let counts = |row: &&Asked| row.kind == Settlement && matches!(row.fate, Fate::Open | Fate::Done(_));
        self.all.iter().filter(counts).count() >= self.max
    }

    /// Beyond what is asked: settled, and with what is under way.
    pub(crate) fn ahead(&self, under_way: bool) -> i64 {
        let coming = if under_way { self.sum(Settlement, true) } else { 0 };
        (self.sum(Settlement, false) + coming - self.both(Refund) - self.asked).max(0)
    }

    fn held(&self) -> i64 {
        (self.asked - self.lacking - self.both(Settlement) + self.both(Refund)).max(0)
    }

    fn unsettled(&self) -> i64 {
        self.authorized - self.both(Settlement) - self.both(Cancellation) - self.by_itself
    }

    pub(crate) fn room(&self) -> i64 {
        if self.spent() {
            self.ahead(true)
        } else {
            self.authorized - self.both(Cancellation) - self.by_itself - self.asked
        }
    }

    /// Waits for the end: HOLD, and the last settlement that the limit allows.
    fn waits(&self) -> bool {
        let settlements = self
            .all
            .iter()
            .filter(|row| row.kind == Settlement && matches!(row.fate, Fate::Open | Fate::Done(_)));
        self.mode == Mode::Hold || self.mode == Mode::Partial && settlements.count() + 1 >= self.max
    }
}

pub(crate) struct Model {
    pub(crate) value: i64,
    pub(crate) invoiced: i64,
    pub(crate) allocation: Allocation,
    pub(crate) releases: bool,
    pub(crate) pays: Vec<Pay>,
}

/// On which payment, what, and how much.
pub(crate) type Started = Vec<(usize, OperationKind, i64)>;

impl Model {
    pub(crate) fn remaining(&self) -> i64 {
        self.value - self.invoiced
    }

    pub(crate) fn room(&self) -> i64 {
        self.pays.iter().map(Pay::room).sum()
    }

    /// What an invoice asks of each payment: what is ahead, then room.
    pub(crate) fn parts(&self, value: i64) -> Vec<i64> {
        let ahead: Vec<i64> = self.pays.iter().map(|pay| pay.ahead(true)).collect();
        let first = value.min(ahead.iter().sum());
        let mut parts = share(self.allocation, first, &ahead);
        let left: Vec<i64> = self.pays.iter().zip(&parts).map(|(pay, part)| pay.room() - part).collect();
        let rest = share(self.allocation, value - first, &left);
        parts.iter_mut().zip(rest).for_each(|(part, more)| *part += more);
        parts
    }

    pub(crate) fn invoice(&mut self, parts: &[i64]) -> Started {
        self.invoiced += parts.iter().sum::<i64>();
        self.pays.iter_mut().zip(parts).for_each(|(pay, part)| pay.asked += part);
        self.plan()
    }

    /// A provider did it: `value` of what was asked, and `more` unasked.
    pub(crate) fn done(&mut self, pay: usize, index: usize, value: i64, more: i64) -> Started {
        let pay = &mut self.pays[pay];
        match pay.all[index].fate {
            Fate::Open => {}
            Fate::Refused => {
                pay.surplus += value + more;
                pay.all[index].fate = Fate::Contradicted;
                return self.plan();
            }
            _ => return self.plan(),
        }
        let (kind, short) = (pay.all[index].kind, pay.all[index].value - value);
        pay.all[index].fate = Fate::Done(value);
        pay.surplus += more;
        pay.short_in_a_row = if short > 0 { pay.short_in_a_row + 1 } else { 0 };
        if pay.short_in_a_row == 10 && kind != Settlement {
            pay.short_in_a_row = 0;
            *if kind == Refund { &mut pay.unrefunded } else { &mut pay.unreleased } += short;
        }
        self.plan()
    }

    pub(crate) fn refused(&mut self, pay: usize, index: usize) -> Started {
        let pay = &mut self.pays[pay];
        pay.all[index].fate = Fate::Refused;
        let value = pay.all[index].value;
        match pay.all[index].kind {
            Settlement => pay.lacking += value.min(pay.held()),
            Refund => pay.unrefunded += value,
            Cancellation => pay.unreleased += value,
        }
        self.plan()
    }

    /// What is due now that was not asked for before.
    pub(crate) fn plan(&mut self) -> Started {
        let mut started = Started::new();
        let remaining = self.remaining();
        for index in 0..self.pays.len() {
            let others: i64 = (0..self.pays.len())
                .filter(|other| *other != index)
                .map(|other| self.pays[other].ahead(true))
                .sum();
            let pay = &mut self.pays[index];
            if pay.surplus > 0 || pay.held() == 0 {
                continue;
            }
            let under_way = pay.sum(Settlement, true) > 0;
            if pay.spent() && !under_way || pay.short_in_a_row >= 10 {
                pay.lacking += pay.held();
                pay.short_in_a_row = 0;
                continue;
            }
            let is_complete = (remaining == 0 || pay.room() == 0) && !under_way;
            let value = match pay.mode {
                _ if pay.spent() => 0,
                Mode::Total if pay.whole => pay.unsettled(),
                Mode::Total => {
                    let owed = pay.held() + pay.lacking;
                    (owed + pay.room().min((remaining - others).max(0))).min(pay.unsettled())
                }
                _ if pay.waits() && !is_complete => 0,
                _ if pay.whole => pay.unsettled(),
                _ => pay.held(),
            };
            if value > 0 {
                pay.lacking = if pay.mode == Mode::Total { 0 } else { pay.lacking };
                self.start(index, Settlement, value, &mut started);
            }
        }
        // What failed to go back and is asked for since is no excess any more.
        self.pays.iter_mut().for_each(|pay| pay.unrefunded = pay.unrefunded.min(pay.ahead(false)));
        let failed: i64 = self.pays.iter().map(|pay| pay.unrefunded).sum();
        let mut excess = self.pays.iter().map(|pay| pay.ahead(false)).sum::<i64>() - remaining - failed;
        let mut order: Vec<usize> = (0..self.pays.len()).collect();
        order.sort_by_key(|index| (Reverse(self.pays[*index].ahead(false)), *index));
        for index in order {
            let value = excess.min(self.pays[index].ahead(false) - self.pays[index].unrefunded);
            if value > 0 && self.pays[index].surplus == 0 {
                self.start(index, Refund, value, &mut started);
                excess -= value;
            }
        }
        for index in 0..self.pays.len() {
            let pay = &mut self.pays[index];
            let busy = pay.sum(Settlement, true)
                + pay.held()
                + pay.lacking
                + pay.surplus
                + pay.sum(Cancellation, true);
            let rest = pay.unsettled() - pay.unreleased;
            if remaining > 0 || !self.releases || busy > 0 || rest <= 0 {
                continue;
            }
            if pay.releases && pay.spent() {
                pay.by_itself += rest;
            } else {
                self.start(index, Cancellation, rest, &mut started);
            }
        }
        started
    }

    fn start(&mut self, index: usize, kind: OperationKind, value: i64, started: &mut Started) {
        self.pays[index].all.push(Asked {
            kind,
            value,
            fate: Fate::Open,
            attempts: 0,
            unclear: false,
            answered: true,
        });
        started.push((index, kind, value));
    }
}

/// A part is what is left of the value after the payments that come before, as far as there is room.
fn share(allocation: Allocation, value: i64, rooms: &[i64]) -> Vec<i64> {
    let indices = 0..rooms.len();
    if allocation != Allocation::Proportional {
        let rank = |index: usize| {
            if allocation == Allocation::LowestFirst { (rooms[index], index) } else { (0, index) }
        };
        let before = |index: usize| -> i64 {
            indices.clone().filter(|other| rank(*other) < rank(index)).map(|other| rooms[other]).sum()
        };
        return indices.clone().map(|index| (value - before(index)).clamp(0, rooms[index])).collect();
    }
    let sum = rooms.iter().sum::<i64>().max(1);
    let mut parts: BTreeMap<usize, i64> =
        indices.clone().map(|index| (index, value * rooms[index] / sum)).collect();
    let mut by_rest: Vec<usize> = indices.collect();
    by_rest.sort_by_key(|index| (Reverse(value * rooms[*index] % sum), *index));
    let left = usize::try_from(value - parts.values().sum::<i64>()).unwrap();
    for index in by_rest.iter().take(left) {
        *parts.entry(*index).or_default() += 1;
    }
    parts.into_values().collect()
}
