//! A random history of one order against the model: who is asked for what, after every single step.

mod authorization;
mod setting;
mod steps;

use std::time::Duration;

use tranche_core::account::ReleasePolicy;
use tranche_core::command::Command;
use tranche_core::operation::{OperationKind, OperationState};
use tranche_core::order::{OrderState, TransactionState};
use tranche_core::payment::Payment;
use tranche_core::time::Timestamp;

use crate::books::Books;
use crate::choices::Choices;
use crate::commands;
use crate::model::{End, Fate, Model, Pay, What};

#[derive(Clone, Copy, PartialEq)]
enum Weather {
    /// Everything asked is done in the end.
    Fair,
    /// Sometimes less than asked.
    Short,
    /// Refusals, surplus, people.
    Foul,
}

/// An invoice that was accepted: its number and what it asked of each payment.
#[derive(Clone, Debug)]
struct Accepted {
    number: String,
    parts: Vec<i64>,
    is_voided: bool,
}

pub(crate) struct History {
    choices: Choices,
    pub(crate) books: Books,
    model: Model,
    weather: Weather,
    /// What was sent, and when: also what was refused.
    pub(crate) sent: Vec<(Timestamp, Command)>,
    /// Commands that were accepted, to be brought again.
    past: Vec<Command>,
    invoices: Vec<Accepted>,
    /// Counts ids, so that none is used twice.
    ids: u32,
    log: Vec<String>,
    calls: &'static [usize],
}

impl History {
    /// A history in which a step can send one of so many calls.
    pub(crate) fn new(mut choices: Choices, calls: &'static [usize]) -> Self {
        let mut history = Self {
            books: Books::new(),
            model: setting::model(&mut choices),
            weather: choices.pick(&[Weather::Fair, Weather::Fair, Weather::Short, Weather::Foul]),
            choices,
            sent: Vec::new(),
            past: Vec::new(),
            invoices: Vec::new(),
            ids: 0,
            log: Vec::new(),
            calls,
        };
        history.set_up();
        history
    }

    /// Plays the history to its end, and says whether all of its money found its place.
    pub(crate) fn play(&mut self) -> bool {
        while !self.choices.are_over() {
            self.books.calls_available = self.choices.pick(self.calls);
            match self.choices.range(0, 99) {
                0..18 => self.invoice(),
                18..60 => self.answer(),
                60..70 => self.lease(),
                70..75 => self.bring_again(),
                75..80 => self.give_back(),
                80..86 => self.change(),
                86..90 => self.void(),
                90..92 => self.add(),
                92..94 => self.release(),
                94 => self.cancel(),
                95..97 => self.look(),
                97 => self.call_back(),
                _ => {
                    let pause = self.choices.pick(&[100, 40_000, 40_000, 3_600_000, 90_000_000]);
                    self.books.pass(Duration::from_millis(pause));
                }
            }
        }
        self.end()
    }

    fn when(&self) -> String {
        format!("{:#?}", self.log)
    }

    fn next_id(&mut self) -> String {
        self.ids += 1;
        format!("{}", self.ids)
    }

    /// Brings the order to its end, lets everything be done, and looks at what is left.
    fn end(&mut self) -> bool {
        self.books.calls_available = 100;
        for name in self.names() {
            self.look_at(&name);
        }
        let is_asking = |pay: &Pay| pay.authorizing() > 0;
        if self.model.pays.iter().any(is_asking) {
            self.let_all_be_done();
        }
        let missing = self.model.remaining() - self.model.room();
        if missing > 0 && !self.model.is_ended() {
            self.add_payment(missing, End::Never);
        }
        if self.model.invoiced > 0 && self.model.remaining() > 0 && self.choices.chance(50) {
            self.change_by(-self.model.remaining());
        }
        let value = self.model.remaining().min(self.model.room());
        if value > 0 {
            self.invoice_value(value, false);
        }
        self.let_all_be_done();
        if self.model.policy == ReleasePolicy::Manual && self.choices.chance(50) {
            for index in 0..self.model.pays.len() {
                self.release_of(index, None);
            }
            self.let_all_be_done();
        }
        self.at_rest()
    }

    fn let_all_be_done(&mut self) {
        for _ in 0..400 {
            let open: Vec<_> =
                self.books.operations().into_iter().filter(|row| !row.state.is_ended()).collect();
            let Some(row) = open.first() else { return };
            let is_waiting = matches!(row.state, OperationState::Waiting(_));
            if let (true, Some(due)) = (is_waiting, row.due_time) {
                self.books.now = self.books.now.max(due);
                self.lease_row(row);
            } else if is_waiting && row.attempts == 0 {
                // Behind one that was withdrawn, which is looked at when it is due.
                let withdrawn = self
                    .books
                    .operations()
                    .into_iter()
                    .find(|row| row.state == OperationState::Withdrawn && row.due_time.is_some());
                let row = withdrawn.unwrap_or_else(|| row.clone());
                self.lease_row(&row);
            } else {
                // On the wire; or with a person, who says so. Of what has ended there is mostly nothing left to cancel.
                let is_lapsing = self.is_of_an_ended_one(row)
                    && row.kind == OperationKind::Cancellation
                    && matches!(row.state, OperationState::Sent { .. })
                    && row.value % 4 > 0;
                let answer = if is_lapsing {
                    commands::no_money("refused", None)
                } else {
                    commands::done(row, row.value, 0)
                };
                self.tell(row, row.attempts.max(1), &answer);
            }
        }
        panic!("it never ends\n{}", self.when());
    }

    fn at_rest(&self) -> bool {
        let (order, payments) = (self.books.order(), self.books.payments());
        let when = self.when();
        let complete = order.remaining() == 0;
        let releases = self.model.policy != ReleasePolicy::Manual || self.model.is_canceled;
        let lacking: i64 = payments.iter().map(|row| row.lacking).sum();
        for (row, pay) in payments.iter().zip(&self.model.pays) {
            let booked = pay.all.iter().filter_map(|asked| match asked.fate {
                Fate::Done(value) if asked.what == What::Settle => Some(value),
                _ => None,
            });
            assert_eq!(row.settled, booked.sum::<i64>(), "the provider's own books\n{when}");
            if row.surplus > 0 || !complete {
                continue;
            }
            assert_eq!(
                row.settled - row.excess_refunded - row.ahead() + row.lacking,
                row.asked,
                "{row:?}\n{when}"
            );
            assert!(row.ahead() <= row.excess_lacking, "excess is kept: {row:?}\n{when}");
            assert!(row.return_waiting() <= row.return_lacking + row.lacking, "{row:?}\n{when}");
            if releases && lacking == 0 && row.release_lacking == 0 {
                assert_eq!(row.settled + row.canceled, row.authorized, "{row:?}\n{when}");
            }
        }
        let clean = |row: &Payment| {
            row.surplus + row.lacking + row.excess_lacking + row.return_lacking + row.release_lacking == 0
        };
        let ends_well = complete && payments.iter().all(clean);
        if ends_well {
            let kept: i64 = payments.iter().map(|row| row.settled - row.excess_refunded).sum();
            let given_back: i64 = payments.iter().map(|row| row.return_refunded).sum();
            let (value, state, end) = if self.model.is_canceled {
                (0, OrderState::Canceled, TransactionState::Canceled)
            } else {
                (order.value, OrderState::Invoiced, TransactionState::Finished)
            };
            assert_eq!((kept, given_back, order.state), (value, order.returned, state), "{when}");
            let used_up = payments.iter().all(|row| row.settled + row.canceled == row.authorized);
            let expected = if used_up { end } else { TransactionState::Open };
            assert_eq!(order.transaction.map(|row| row.state), Some(expected), "{when}");
            assert!(used_up || !releases, "not released\n{when}");
        }
        assert!(
            ends_well || self.weather != Weather::Fair || !self.is_fair(),
            "fair weather ends well\n{when}"
        );
        ends_well
    }

    /// Whether nothing but the weather could go wrong: an amount below a minimum lacks in any weather.
    fn is_fair(&self) -> bool {
        self.model.pays.iter().all(|pay| pay.minimum == 0)
    }
}
