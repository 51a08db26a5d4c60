//! A small model of an order's money, written from the ledger. It keeps no totals: it sums what it asked for and what
//! came of it.

mod authorization;
mod end;
mod share;

use std::cmp::Reverse;

use tranche_core::account::{Allocation, RefundOrder, ReleasePolicy};
use tranche_core::operation::OperationKind;
use tranche_core::payment::Mode;

pub(crate) use authorization::Request;
use authorization::is_lapse;
pub(crate) use end::End;
use share::{share, share_of_release};

/// What is asked of a provider, and why money goes back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum What {
    Settle,
    /// All that is unsettled, or a part of it.
    Cancel {
        is_whole: bool,
    },
    /// The authorization.
    Authorize,
    /// All of a payment that its provider has not approved in its own time; it counts if it was approved all the same.
    Lapse {
        counts: bool,
    },
    /// Settled beyond need, of the settlement at this index.
    Excess(usize),
    /// Asked back by a return, of the settlement at this index.
    Return(usize),
}

/// What became of something asked of a provider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    Open,
    Done(i64),
    Refused,
    Withdrawn,
    /// Refused to be released after the authorization had ended, which is as good.
    Lapsed,
    /// Done after it was refused or withdrawn.
    Contradicted,
}

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) what: What,
    pub(crate) value: i64,
    pub(crate) fate: Fate,
    pub(crate) attempts: u32,
    /// The attempts that ended, or had to end, without a clear answer.
    pub(crate) unclear: bool,
    pub(crate) answered: bool,
}

impl Asked {
    /// What it moved, or may still move.
    fn may_move(&self) -> i64 {
        match self.fate {
            Fate::Open | Fate::Lapsed => self.value,
            Fate::Done(value) => value,
            _ => 0,
        }
    }

    fn is_settlement_that_counts(&self) -> bool {
        self.what == What::Settle && matches!(self.fate, Fate::Open | Fate::Done(_))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Pay {
    pub(crate) authorized: i64,
    pub(crate) request: Request,
    pub(crate) mode: Mode,
    /// Settles only as a whole.
    pub(crate) whole: bool,
    pub(crate) max: usize,
    pub(crate) releases: bool,
    pub(crate) cancels_parts: bool,
    pub(crate) minimum: i64,
    pub(crate) end: End,
    pub(crate) asked: i64,
    pub(crate) returned: i64,
    pub(crate) lacking: i64,
    pub(crate) surplus: i64,
    pub(crate) by_itself: i64,
    pub(crate) unrefunded: i64,
    pub(crate) unreturned: i64,
    pub(crate) unreleased: i64,
    pub(crate) short_in_a_row: u32,
    pub(crate) all: Vec<Asked>,
}

impl Pay {
    /// What is held is asked of nobody; that it was to be asked is kept.
    fn lack(&mut self) {
        let value = self.held();
        self.lacking += value;
        if value > 0 {
            let (what, fate) = (What::Settle, Fate::Refused);
            self.all.push(Asked { what, value, fate, attempts: 0, unclear: false, answered: true });
        }
    }

    fn sum(&self, is_one: impl Fn(What) -> bool, open: bool) -> i64 {
        let counts = |row: &&Asked| is_one(row.what) && (row.fate == Fate::Open) == open;
        self.all.iter().filter(counts).map(Asked::may_move).sum()
    }

    fn both(&self, is_one: impl Fn(What) -> bool + Copy) -> i64 {
        self.sum(is_one, true) + self.sum(is_one, false)
    }

    pub(crate) fn settled(&self) -> i64 {
        self.sum(is_settlement, false)
    }

    fn settling(&self) -> i64 {
        self.sum(is_settlement, true)
    }

    fn excess(&self) -> i64 {
        self.both(is_excess)
    }

    fn released(&self) -> i64 {
        self.both(is_cancellation) + self.by_itself
    }

    /// In cancellations, and canceled.
    pub(crate) fn canceled(&self) -> (i64, i64) {
        (self.sum(is_cancellation, true), self.sum(is_cancellation, false) + self.by_itself)
    }

    fn spent(&self) -> bool {
        self.all.iter().filter(|row| row.is_settlement_that_counts()).count() >= self.max
    }

    /// Beyond what is asked: settled, and with what is under way.
    pub(crate) fn ahead(&self, under_way: bool) -> i64 {
        let coming = if under_way { self.settling() } else { 0 };
        (self.settled() + coming - self.excess() - self.asked).max(0)
    }

    /// Asked, and neither settled nor being settled.
    fn owed(&self) -> i64 {
        (self.asked - self.settled() - self.settling() + self.excess()).max(0)
    }

    fn held(&self) -> i64 {
        (self.owed() - self.lacking).max(0)
    }

    fn unsettled(&self) -> i64 {
        self.authorized - self.settled() - self.settling() - self.released()
    }

    pub(crate) fn room(&self) -> i64 {
        // What went back as excess was settled of the same authorization, and cannot be settled of it again.
        if self.spent() || self.end.is_over() {
            self.ahead(true)
        } else {
            self.authorized - self.released() - self.excess() - self.asked
        }
    }

    pub(crate) fn waiting(&self) -> i64 {
        self.returned - self.both(is_return)
    }

    fn returnable(&self) -> i64 {
        self.asked - self.returned
    }

    fn returnable_now(&self) -> i64 {
        (self.asked.min(self.settled() - self.excess()) - self.returned).clamp(0, self.returnable())
    }

    /// Waits for the end: HOLD, and the last settlement that the limit allows.
    fn waits(&self) -> bool {
        let settlements = self.all.iter().filter(|row| row.is_settlement_that_counts()).count();
        self.mode == Mode::Hold || self.mode == Mode::Partial && settlements + 1 >= self.max
    }

    /// What of a settlement is left to refund.
    fn left_of(&self, settlement: usize) -> i64 {
        let Fate::Done(value) = self.all[settlement].fate else { return 0 };
        let takes =
            |row: &&Asked| matches!(row.what, What::Excess(of) | What::Return(of) if of == settlement);
        value - self.all.iter().filter(takes).map(Asked::may_move).sum::<i64>()
    }

    fn releasable(&self, spare: i64) -> i64 {
        match (self.surplus, self.spent()) {
            (1.., _) => 0,
            (_, false) if self.end.is_over() => self.unsettled() - self.owed(),
            (_, false) => (self.room() - self.ahead(true)).min(spare),
            (_, true) if self.settling() > 0 || self.releases => 0,
            (_, true) => self.unsettled(),
        }
    }
}

fn is_settlement(what: What) -> bool {
    what == What::Settle
}

fn is_cancellation(what: What) -> bool {
    matches!(what, What::Cancel { .. } | What::Lapse { counts: true })
}

fn is_excess(what: What) -> bool {
    matches!(what, What::Excess(_))
}

fn is_return(what: What) -> bool {
    matches!(what, What::Return(_))
}

pub(crate) fn kind(what: What) -> OperationKind {
    match what {
        What::Authorize => OperationKind::Authorization,
        What::Settle => OperationKind::Settlement,
        What::Cancel { .. } | What::Lapse { .. } => OperationKind::Cancellation,
        What::Excess(_) | What::Return(_) => OperationKind::Refund,
    }
}

#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) value: i64,
    pub(crate) invoiced: i64,
    pub(crate) returned: i64,
    pub(crate) is_canceled: bool,
    pub(crate) allocation: Allocation,
    pub(crate) refund_order: RefundOrder,
    pub(crate) policy: ReleasePolicy,
    pub(crate) pays: Vec<Pay>,
    /// The time, in microseconds.
    pub(crate) now: i64,
    /// Whether the transaction has ended.
    pub(crate) is_over: bool,
}

/// A settlement that was not sent: of which payment, at which index, and for whom.
#[derive(Clone, Debug)]
pub(crate) struct Unsent {
    pub(crate) pay: usize,
    pub(crate) index: usize,
    pub(crate) is_own: bool,
    pub(crate) is_of_none: bool,
}

/// On which payment, what, and how much.
pub(crate) type Started = Vec<(usize, OperationKind, i64)>;

impl Model {
    pub(crate) fn remaining(&self) -> i64 {
        if self.is_canceled { 0 } else { self.value - self.invoiced }
    }

    pub(crate) fn room(&self) -> i64 {
        self.pays.iter().map(Pay::room).sum()
    }

    pub(crate) fn spare(&self) -> i64 {
        (self.room() - self.remaining()).max(0)
    }

    /// Whether no invoice, change or cancellation is possible any more.
    pub(crate) fn is_ended(&self) -> bool {
        let owes = |pay: &Pay| pay.settling() + pay.held() + pay.lacking > 0;
        self.is_canceled || self.invoiced > 0 && self.remaining() == 0 && !self.pays.iter().any(owes)
    }

    fn each(&self, amount: impl Fn(&Pay) -> i64) -> Vec<i64> {
        self.pays.iter().map(amount).collect()
    }

    /// What an invoice asks of each payment: what is ahead, then room.
    pub(crate) fn parts(&self, value: i64) -> Vec<i64> {
        let ahead = self.each(|pay| pay.ahead(true));
        let first = value.min(ahead.iter().sum());
        let mut parts = share(self.allocation, first, &ahead, &ahead);
        let left: Vec<i64> = self.pays.iter().zip(&parts).map(|(pay, part)| pay.room() - part).collect();
        let rest = share(self.allocation, value - first, &left, &left);
        parts.iter_mut().zip(rest).for_each(|(part, more)| *part += more);
        parts
    }

    /// What a return asks back of each payment: what is settled, then what is still to be.
    pub(crate) fn return_parts(&self, value: i64) -> Vec<i64> {
        // Where it is not by share, it is by what is settled, or by creation.
        let (by, ranks) = match self.refund_order {
            RefundOrder::LowestSettledFirst => (Allocation::LowestFirst, self.each(Pay::settled)),
            RefundOrder::CreatedFirst => (Allocation::CreatedFirst, Vec::new()),
            RefundOrder::Proportional => (Allocation::Proportional, Vec::new()),
        };
        let now = self.each(Pay::returnable_now);
        let first = value.min(now.iter().sum());
        let mut parts = share(by, first, &now, &ranks);
        let left = self.pays.iter().zip(&parts).map(|(pay, part)| pay.returnable() - part);
        let left: Vec<i64> = left.collect();
        let rest = share(by, value - first, &left, &ranks);
        parts.iter_mut().zip(rest).for_each(|(part, more)| *part += more);
        parts
    }

    pub(crate) fn invoice(&mut self, parts: &[i64]) -> Started {
        self.invoiced += parts.iter().sum::<i64>();
        self.pays.iter_mut().zip(parts).for_each(|(pay, part)| pay.asked += part);
        self.plan(Started::new())
    }

    pub(crate) fn give_back(&mut self, parts: &[i64]) -> Started {
        self.returned += parts.iter().sum::<i64>();
        self.pays.iter_mut().zip(parts).for_each(|(pay, part)| pay.returned += part);
        self.plan(Started::new())
    }

    pub(crate) fn change(&mut self, by: i64) -> Started {
        self.value += by;
        if by > 0 {
            self.raise();
        }
        let mut started = Started::new();
        if by < 0 && self.policy == ReleasePolicy::Immediately && self.remaining() > 0 {
            let able = |pay: &Pay| {
                let may = pay.mode == Mode::Partial && pay.cancels_parts && !pay.end.is_over();
                may && !pay.spent() && pay.unreleased == 0
            };
            let spare = self.spare();
            let free = self.each(|pay| if able(pay) { pay.releasable(i64::MAX) } else { 0 });
            let value = spare.min(free.iter().sum());
            let parts = share_of_release(self.allocation, value, &free, &self.each(Pay::room));
            for (index, part) in parts.into_iter().enumerate().filter(|(_, part)| *part > 0) {
                self.release_part(index, part, &mut started);
            }
        }
        self.plan(started)
    }

    pub(crate) fn cancel(&mut self) -> Started {
        self.is_canceled = true;
        self.plan(Started::new())
    }

    /// Takes back an invoice that asked these parts; `unsent` are settlements that can be withdrawn.
    pub(crate) fn void(&mut self, parts: &[i64], unsent: &[Unsent]) -> Started {
        self.invoiced -= parts.iter().sum::<i64>();
        for (index, pay) in self.pays.iter_mut().enumerate() {
            let of_pay = unsent.iter().filter(|row| row.pay == index);
            let mut withdrawn = 0;
            for row in of_pay.clone().filter(|row| row.is_own) {
                pay.all[row.index].fate = Fate::Withdrawn;
                withdrawn += pay.all[row.index].value;
            }
            let owed = pay.owed();
            pay.asked -= parts.get(index).copied().unwrap_or(0);
            // The void takes first what was not sent for the invoice, then what lacked, then what is held.
            let fell = (owed - pay.owed() - withdrawn).max(0);
            pay.lacking = (pay.lacking - fell).clamp(0, pay.owed());
            for row in of_pay.filter(|row| !row.is_own) {
                let is_needless = match pay.mode {
                    Mode::Total => pay.asked == 0,
                    _ => row.is_of_none && pay.ahead(true) > 0,
                };
                if is_needless {
                    pay.all[row.index].fate = Fate::Withdrawn;
                }
            }
        }
        self.plan(Started::new())
    }

    pub(crate) fn add(&mut self, pay: Pay) -> Started {
        self.pays.push(pay);
        self.plan(Started::new())
    }

    /// What an operator may release of one payment, and whether the provider can be asked for so much.
    pub(crate) fn free(&self, pay: usize) -> i64 {
        self.pays[pay].releasable(self.spare())
    }

    pub(crate) fn can_cancel(&self, pay: usize, value: i64) -> bool {
        let pay = &self.pays[pay];
        let under_way = pay.settling() + pay.sum(is_cancellation, true);
        pay.cancels_parts || value == pay.unsettled() && under_way == 0
    }

    pub(crate) fn release(&mut self, pay: usize, value: i64) -> Started {
        let mut started = Started::new();
        self.release_part(pay, value, &mut started);
        self.plan(started)
    }

    fn release_part(&mut self, index: usize, value: i64, started: &mut Started) {
        let pay = &mut self.pays[index];
        pay.unreleased = (pay.unreleased - value).max(0);
        let under_way = pay.settling() + pay.sum(is_cancellation, true);
        let is_whole = value == pay.unsettled() && under_way == 0;
        self.start(index, What::Cancel { is_whole }, value, started);
    }

    /// A provider did it: `value` of what was asked, and `more` unasked.
    pub(crate) fn done(&mut self, pay: usize, index: usize, value: i64, more: i64) -> Started {
        if is_lapse(&self.pays[pay], &self.pays[pay].all[index]) {
            let is_new = matches!(self.pays[pay].all[index].fate, Fate::Open | Fate::Refused);
            return if is_new { self.lapsed(pay, index) } else { self.plan(Started::new()) };
        }
        let pay = &mut self.pays[pay];
        match pay.all[index].fate {
            Fate::Open => {}
            Fate::Lapsed => {
                pay.surplus += more;
                pay.all[index].fate = Fate::Done(pay.all[index].value);
                return self.plan(Started::new());
            }
            Fate::Refused | Fate::Withdrawn => {
                pay.surplus += value + more;
                pay.all[index].fate = Fate::Contradicted;
                return self.plan(Started::new());
            }
            _ => return self.plan(Started::new()),
        }
        let (what, short) = (pay.all[index].what, pay.all[index].value - value);
        pay.all[index].fate = Fate::Done(value);
        pay.surplus += more;
        pay.short_in_a_row = if short > 0 { pay.short_in_a_row + 1 } else { 0 };
        if pay.short_in_a_row == 10 && what != What::Settle {
            pay.short_in_a_row = 0;
            pay.fail(what, short);
        }
        self.plan(Started::new())
    }

    pub(crate) fn refused(&mut self, pay: usize, index: usize) -> Started {
        if self.pays[pay].all[index].what == What::Authorize {
            return self.denied(pay);
        }
        let pay = &mut self.pays[pay];
        let is_released = pay.lapses(index);
        pay.all[index].fate = if is_released { Fate::Lapsed } else { Fate::Refused };
        let (what, value) = (pay.all[index].what, pay.all[index].value);
        match what {
            What::Settle => pay.lacking += value.min(pay.held()),
            What::Cancel { .. } if is_released => {}
            _ => pay.fail(what, value),
        }
        self.plan(Started::new())
    }

    /// What is due now that was not asked for before.
    pub(crate) fn plan(&mut self, mut started: Started) -> Started {
        // What did not go back is there, and lacks no more.
        self.pays.iter_mut().for_each(|pay| pay.lacking = pay.lacking.min(pay.owed()));
        for index in 0..self.pays.len() {
            self.authorize(index, &mut started);
        }
        for index in 0..self.pays.len() {
            self.settle(index, &mut started);
        }
        // What failed to go back and is asked for since is no excess any more.
        self.pays.iter_mut().for_each(|pay| pay.unrefunded = pay.unrefunded.min(pay.ahead(false)));
        let failed: i64 = self.pays.iter().map(|pay| pay.unrefunded).sum();
        let mut excess =
            self.pays.iter().map(|pay| pay.ahead(false)).sum::<i64>() - self.remaining() - failed;
        let mut order: Vec<usize> = (0..self.pays.len()).collect();
        order.sort_by_key(|index| (Reverse(self.pays[*index].ahead(false)), *index));
        for index in order {
            let value = excess.min(self.pays[index].ahead(false) - self.pays[index].unrefunded);
            if value > 0 && self.pays[index].surplus == 0 {
                excess -= self.refund(index, What::Excess, value, &mut started);
            }
        }
        for index in 0..self.pays.len() {
            let pay = &self.pays[index];
            let there = pay.settled() - pay.excess() - pay.both(is_return);
            let value = pay.waiting().min(there) - pay.unreturned;
            if value > 0 && pay.surplus == 0 {
                self.refund(index, What::Return, value, &mut started);
            }
        }
        self.release_rest(&mut started);
        started
    }

    fn settle(&mut self, index: usize, started: &mut Started) {
        let remaining = self.remaining();
        let others = (0..self.pays.len()).filter(|other| *other != index);
        let others: i64 = others.map(|other| self.pays[other].ahead(true)).sum();
        let pay = &mut self.pays[index];
        if pay.surplus > 0 || pay.held() == 0 {
            return;
        }
        let under_way = pay.settling() > 0;
        if pay.spent() && !under_way || pay.short_in_a_row >= 10 {
            pay.lack();
            pay.short_in_a_row = 0;
            return;
        }
        let is_complete = (remaining == 0 || pay.room() == 0 || pay.end.is_near()) && !under_way;
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
        if value > 0 && value < pay.minimum {
            let may_grow = under_way || remaining > 0 && pay.room() > 0;
            if !may_grow {
                pay.lack();
            }
        } else if value > 0 {
            pay.lacking = if pay.mode == Mode::Total || pay.whole { 0 } else { pay.lacking };
            self.start(index, What::Settle, value, started);
        }
    }

    /// Of the settlements with something left, the oldest first, at most eight at once; says how much.
    fn refund(&mut self, index: usize, what: fn(usize) -> What, value: i64, started: &mut Started) -> i64 {
        let mut left = value;
        let pay = &self.pays[index];
        let with_some: Vec<usize> = (0..pay.all.len())
            .filter(|row| pay.all[*row].what == What::Settle && pay.left_of(*row) > 0)
            .take(8)
            .collect();
        for settlement in with_some {
            let part = left.min(self.pays[index].left_of(settlement));
            if part > 0 {
                self.start(index, what(settlement), part, started);
                left -= part;
            }
        }
        value - left
    }

    fn release_rest(&mut self, started: &mut Started) {
        // What was settled or released since is not unreleased any more.
        self.pays.iter_mut().for_each(|pay| pay.unreleased = pay.unreleased.min(pay.unsettled()));
        let lacking: i64 = self.pays.iter().map(|pay| pay.lacking).sum();
        if self.remaining() > 0 || lacking > 0 {
            return;
        }
        for index in 0..self.pays.len() {
            let pay = &mut self.pays[index];
            let busy = pay.settling() + pay.held() + pay.surplus + pay.sum(is_cancellation, true);
            let rest = if pay.unreleased > 0 { 0 } else { pay.unsettled() };
            let settles = pay.all.iter().any(Asked::is_settlement_that_counts);
            if busy > 0 || rest <= 0 {
                continue;
            }
            if pay.releases && pay.spent() && settles {
                pay.by_itself += rest;
            } else if self.is_canceled || self.policy != ReleasePolicy::Manual {
                self.start(index, What::Cancel { is_whole: true }, rest, started);
            }
        }
    }

    fn start(&mut self, index: usize, what: What, value: i64, started: &mut Started) {
        let (fate, attempts, unclear, answered) = (Fate::Open, 0, false, true);
        self.pays[index].all.push(Asked { what, value, fate, attempts, unclear, answered });
        started.push((index, kind(what), value));
    }
}

impl Pay {
    /// Keeps what a provider refused of this; a part that is not released is just room again.
    fn fail(&mut self, what: What, value: i64) {
        match what {
            What::Return(_) => self.unreturned += value,
            What::Cancel { is_whole } => self.unreleased += if is_whole { value } else { 0 },
            // What was approved meanwhile is room again.
            What::Lapse { .. } | What::Authorize => {}
            What::Excess(_) | What::Settle => self.unrefunded += value,
        }
    }
}
