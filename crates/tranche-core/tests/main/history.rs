//! Random histories of one order against the model: who is asked for what, after every single step.

mod steps;

use std::time::Duration;

use tranche_core::account::{Allocation, ReleasePolicy};
use tranche_core::command::Command;
use tranche_core::connector::{PartialSettlement, Remainder};
use tranche_core::operation::{OperationKind, OperationState};
use tranche_core::order::{OrderState, TransactionState};
use tranche_core::payment::{Mode, Payment};

use crate::books::Books;
use crate::commands;
use crate::model::{Fate, Model, Pay, Started};
use crate::random::Random;

/// Histories of an ordinary run; `TRANCHE_TEST_HISTORIES` asks for another number.
const HISTORIES: u64 = 2_000;

#[test]
fn random_histories() {
    #[expect(clippy::disallowed_methods, reason = "a test's own knob")]
    let histories = std::env::var("TRANCHE_TEST_HISTORIES").ok();
    let histories = histories.map_or(HISTORIES, |text| text.parse().expect("a number"));
    let mut finished = 0;
    for seed in 0..histories {
        finished += u64::from(History::new(seed).play());
    }
    assert!(finished * 3 > histories, "most histories end well: {finished} of {histories}");
}

#[derive(Clone, Copy, PartialEq)]
enum Weather {
    /// Everything asked is done in the end.
    Fair,
    /// Sometimes less than asked.
    Short,
    /// Refusals, surplus, people.
    Foul,
}

struct History {
    seed: u64,
    random: Random,
    books: Books,
    model: Model,
    weather: Weather,
    /// Commands that were accepted, to be brought again.
    past: Vec<Command>,
    invoices: i64,
    log: Vec<String>,
}

impl History {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut books = Books::new();
        let most = random.pick(&[5, 50, 10_000]);
        let (mut pays, mut payments) = (Vec::new(), Vec::new());
        for name in ["p", "q", "r"].into_iter().take(usize::try_from(random.range(1, 3)).unwrap()) {
            let (authorized, max) = (random.range(1, most), random.pick(&[2, 3, 4]));
            let settles = random.pick(&[
                PartialSettlement::None,
                PartialSettlement::Once,
                PartialSettlement::Multiple { max: None },
                PartialSettlement::Multiple { max: Some(max) },
            ]);
            let mut able = commands::capabilities(settles);
            able.remainder = random.pick(&[Remainder::Kept, Remainder::Released]);
            able.replay_safe = random.chance(80);
            able.replay_window = Duration::from_hours(random.pick(&[1, 24, 48]));
            let in_parts = able.settles_in_parts();
            let mode = random.pick(if in_parts {
                &[Mode::Partial, Mode::Partial, Mode::Hold, Mode::Total]
            } else {
                &[Mode::Hold, Mode::Total]
            });
            let max = match settles {
                PartialSettlement::Multiple { max: None } if mode == Mode::Partial => usize::MAX,
                PartialSettlement::Multiple { max: Some(max) } if mode == Mode::Partial => {
                    usize::try_from(max).unwrap()
                }
                _ => 1,
            };
            books.play(&Command::WriteConnector(commands::connector(name, None, able))).unwrap();
            payments.push(commands::payment(name, name, authorized, Some(mode)));
            pays.push(Pay {
                authorized,
                mode,
                whole: settles == PartialSettlement::None,
                max,
                releases: able.remainder == Remainder::Released,
                asked: 0,
                lacking: 0,
                surplus: 0,
                by_itself: 0,
                unrefunded: 0,
                unreleased: 0,
                short_in_a_row: 0,
                all: Vec::new(),
            });
        }
        let sum: i64 = pays.iter().map(|pay| pay.authorized).sum();
        let slack = random.pick(&[0, 3, sum / 2]);
        let value = random.range((sum - slack).max(1), sum);
        let mut order = commands::order(value, &[]);
        let allocation =
            random.pick(&[Allocation::LowestFirst, Allocation::CreatedFirst, Allocation::Proportional]);
        order.allocation = Some(allocation);
        let releases = random.chance(85);
        order.release_policy =
            Some(if releases { ReleasePolicy::OnCompletion } else { ReleasePolicy::Manual });
        books.play(&Command::CreateOrder(order)).unwrap();
        books.play(&Command::CreateTransaction(commands::transaction("t", payments))).unwrap();
        let model = Model { value, invoiced: 0, allocation, releases, pays };
        let weather = random.pick(&[Weather::Fair, Weather::Fair, Weather::Short, Weather::Foul]);
        Self { seed, random, books, model, weather, past: Vec::new(), invoices: 0, log: Vec::new() }
    }

    /// Plays the history to its end, and says whether all of its money found its place.
    fn play(mut self) -> bool {
        for _ in 0..self.random.range(5, 60) {
            self.books.calls_available = self.random.pick(&[0, 1, 2, 100, 100]);
            match self.random.range(0, 99) {
                0..25 => self.invoice(),
                25..70 => self.answer(),
                70..85 => self.lease(),
                85..92 => self.bring_again(),
                _ => {
                    let pause = self.random.pick(&[100, 40_000, 40_000, 3_600_000, 90_000_000]);
                    self.books.pass(Duration::from_millis(pause));
                }
            }
        }
        self.end()
    }

    fn when(&self) -> String {
        format!("seed {}: {:#?}", self.seed, self.log)
    }

    /// Invoices what can be invoiced, lets everything be done, and looks at what is left.
    fn end(mut self) -> bool {
        self.books.calls_available = 100;
        let value = self.model.remaining().min(self.model.room());
        if value > 0 {
            let parts = self.model.parts(value);
            self.log.push(format!("the last invoice {value}"));
            let command = Command::NotifyInvoice(Box::new(commands::invoice("last", value, &[], &[])));
            self.send(&command, |model| model.invoice(&parts)).unwrap();
        }
        for _ in 0..200 {
            let open: Vec<_> =
                self.books.operations().into_iter().filter(|row| !row.state.is_ended()).collect();
            let Some(row) = open.first() else { return self.at_rest() };
            let is_waiting = matches!(row.state, OperationState::Waiting(_));
            if let (true, Some(due)) = (is_waiting, row.due_time) {
                self.books.now = self.books.now.max(due);
                self.log.push(format!("lease {}#{}", row.payment_id, row.ordinal));
                self.send(&commands::lease(row), |_| Started::new()).unwrap();
            } else {
                // On the wire; or with a person, who says so.
                self.tell(row, row.attempts.max(1), &commands::done(row, row.value, 0));
            }
        }
        panic!("it never ends\n{}", self.when());
    }

    fn at_rest(&self) -> bool {
        let (order, payments) = (self.books.order(), self.books.payments());
        let when = self.when();
        let complete = order.remaining() == 0;
        for (row, pay) in payments.iter().zip(&self.model.pays) {
            let booked = pay.all.iter().filter_map(|asked| match asked.fate {
                Fate::Done(value) if asked.kind == OperationKind::Settlement => Some(value),
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
            if self.model.releases && row.lacking == 0 {
                assert_eq!(
                    row.settled + row.canceled + row.release_lacking,
                    row.authorized,
                    "{row:?}\n{when}"
                );
            }
        }
        let clean = |row: &Payment| row.surplus + row.lacking + row.excess_lacking + row.release_lacking == 0;
        let ends_well = complete && payments.iter().all(clean);
        if ends_well {
            let kept: i64 = payments.iter().map(|row| row.settled - row.excess_refunded).sum();
            assert_eq!((kept, order.state), (order.value, OrderState::Invoiced), "{when}");
            let used_up = payments.iter().all(|row| row.settled + row.canceled == row.authorized);
            let expected = if used_up { TransactionState::Finished } else { TransactionState::Open };
            assert_eq!(order.transaction.map(|row| row.state), Some(expected), "{when}");
            assert!(used_up || !self.model.releases, "not released\n{when}");
        }
        assert!(ends_well || self.weather != Weather::Fair, "fair weather ends well\n{when}");
        ends_well
    }
}
