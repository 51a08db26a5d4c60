//! Random histories in which operators act at any time, also wrongly: whatever they say, the books stay whole; and when
//! somebody has said of everything what became of it, all money has found its place.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tranche_core::operation::{Operation, OperationKind, OperationState, Waiting};
use tranche_core::order::OrderState;

use crate::choices::Choices;
use crate::invariants;
use crate::language::Scene;

/// Histories of an ordinary run; `TRANCHE_TEST_HISTORIES` asks for another number.
const HISTORIES: u32 = 2_000;
/// Choices of the longest history.
const CHOICES_MAX: usize = 300;
/// Rounds in which everything is done and resolved.
const ROUNDS_MAX: usize = 300;

struct History {
    choices: Choices,
    scene: Scene,
    log: Vec<String>,
    invoices: Vec<String>,
    names: u32,
}

impl History {
    fn play(&mut self, event: &str) -> bool {
        self.log.push(event.to_owned());
        let words: Vec<&str> = event.split_whitespace().collect();
        let is_accepted = self.scene.play(&words).is_ok();
        if !is_accepted {
            self.log.push("  refused".to_owned());
        }
        if !self.scene.books.payments().is_empty() {
            invariants::check(&self.scene.books, &format!("{:#?}", self.log));
        }
        is_accepted
    }

    fn name(&mut self, letter: char) -> String {
        self.names += 1;
        format!("{letter}{}", self.names)
    }

    fn set_up(&mut self) {
        let value = self.choices.range(1, 1_000);
        let policy = self.choices.pick(&["", "", "IMMEDIATELY", "PROPORTIONAL"]);
        self.play(&format!("order {value} {policy}"));
        let spare = self.choices.pick(&[0, 0, 7, 400]);
        let mut left = value + spare;
        for payment in ["card", "gift", "cash"] {
            let part = if payment == "cash" { left } else { self.choices.range(0, left) };
            left -= part;
            if part > 0 {
                let (asked, able) = (self.asked(), self.able());
                self.play(&format!("pay {payment} {part} {asked} {able}"));
            }
        }
        // The first event after the payments brings them.
        self.play("calls 100");
    }

    fn able(&mut self) -> &'static str {
        self.choices.pick(&[
            "",
            "",
            "CANCELS_PARTS",
            "HOLD ONCE",
            "TOTAL ONCE",
            "TOTAL NONE",
            "HOLD NONE",
            "max=2",
            "minimum=40",
            "SENT_ONCE",
            "NO_REFUNDS",
            "FULL_REFUNDS",
            "TOTAL ONCE RELEASED",
        ])
    }

    /// Whether the provider of a new payment is asked for its authorization.
    fn asked(&mut self) -> &'static str {
        self.choices.pick(&["", "", "", "ASKED"])
    }

    fn operation(&mut self, is_meant: impl Fn(&Operation) -> bool) -> Option<Operation> {
        let rows: Vec<Operation> = self.scene.books.operations().into_iter().filter(is_meant).collect();
        if rows.is_empty() { None } else { Some(self.choices.pick(&rows)) }
    }

    fn payment(&mut self) -> String {
        let payments = self.scene.books.payments();
        let ids: Vec<String> = payments.iter().map(|row| row.payment_id.to_string()).collect();
        self.choices.pick(&ids)
    }

    fn step(&mut self) {
        let order = self.scene.books.order();
        match self.choices.range(0, 99) {
            0..15 => {
                let (number, value) = (self.name('I'), self.choices.range(1, order.remaining().max(1)));
                let of_payment = if self.choices.chance(20) { self.payment() } else { String::new() };
                let split = if of_payment.is_empty() { of_payment } else { format!("{of_payment}:{value}") };
                if self.play(&format!("invoice {number} {value} {split}")) {
                    self.invoices.push(number);
                }
            }
            15..20 => {
                let number = self.name('R');
                let value = self.choices.range(1, (order.invoiced - order.returned).max(1));
                self.play(&format!("return {number} {value}"));
            }
            20..25 if !self.invoices.is_empty() => {
                let number = self.choices.pick(&self.invoices);
                self.play(&format!("void {number}"));
            }
            25..29 => {
                let (id, by) = (self.name('C'), self.choices.range(-order.remaining().max(1), 20));
                self.play(&format!("change {id} {}{}", if by < 0 { "-" } else { "+" }, by.abs()));
            }
            29 => {
                self.play("cancel");
            }
            30..33 => {
                let (id, value) = (self.name('x'), self.choices.range(1, 500));
                let (asked, able) = (self.asked(), self.able());
                self.play(&format!("add {id} {value} {asked} {able}"));
            }
            33..60 => self.answer(),
            60..70 => self.look(),
            70..75 => {
                let seconds = self.choices.pick(&["1", "40", "3600", "90000"]);
                self.play(&format!("wait {seconds}"));
            }
            75..80 => {
                let (payment, value, id) = (self.payment(), self.choices.range(1, 300), self.name('S'));
                let beyond = self.choices.pick(&["", "beyond"]);
                self.play(&format!("adopt {payment} {value} {id} {beyond}"));
            }
            _ => self.act(),
        }
    }

    /// A provider answers, now and then one that was answered before.
    fn answer(&mut self) {
        let is_late = self.choices.chance(10);
        let is_meant =
            |row: &Operation| is_late && row.attempts > 0 || matches!(row.state, OperationState::Sent { .. });
        let Some(row) = self.operation(is_meant) else { return };
        let name = format!("{}#{}", row.payment_id, row.ordinal);
        if row.kind == OperationKind::Authorization {
            return self.say_of_authorization(&row, &name);
        }
        let answer = match self.choices.range(0, 19) {
            0..9 => format!("done {name}"),
            9 => format!("done {name} {}", self.choices.range(1, row.value)),
            10 => format!("done {name} {} +{}", row.value, self.choices.range(1, 30)),
            11..14 => format!("refused {name}"),
            14..16 => format!("unknown {name}"),
            16 => format!("manual {name}"),
            17 => format!("pending {name}"),
            _ => format!("no-answer {name}"),
        };
        self.play(&answer);
    }

    /// A provider says of an authorization what it can say of nothing else, in its answer or by calling back.
    fn say_of_authorization(&mut self, row: &Operation, name: &str) {
        let says =
            self.choices.pick(&["approved", "approved", "approved 2", "denied", "undecided", "undecided 40"]);
        let event = match self.choices.range(0, 9) {
            0 => format!("callback {} again", row.payment_id),
            1 => format!("{} {name}", self.choices.pick(&["refused", "unknown", "no-answer"])),
            2..5 => format!("callback {} {says}", row.payment_id),
            _ => match says.split_once(' ') {
                Some((word, more)) => format!("{word} {name} {more}"),
                None => format!("{says} {name}"),
            },
        };
        self.play(&event);
    }

    /// A dispatcher looks for what is due.
    fn look(&mut self) {
        let now = self.scene.books.now;
        if let Some(row) = self.operation(|row| row.due_time.is_some_and(|due| due <= now)) {
            self.play(&format!("lease {}#{}", row.payment_id, row.ordinal));
        }
    }

    /// An operator says something, true or not.
    fn act(&mut self) {
        let is_case = |row: &Operation| row.attention_time.is_some();
        let any = self.choices.chance(20);
        let Some(row) = self.operation(|row| any || is_case(row)) else { return };
        let name = format!("{}#{}", row.payment_id, row.ordinal);
        let act = match self.choices.range(0, 9) {
            0 | 1 => format!("retry {name}"),
            2 => format!("resolve {name} done {}", row.value),
            3 => format!("resolve {name} done {}", self.choices.range(1, row.value + 20)),
            4 => format!("resolve {name} retry"),
            5 => format!("resolve {name} move"),
            6 => format!("resolve {name} move {}", self.payment()),
            7 => format!("resolve {name} give-up"),
            8 => format!("resolve {name} real"),
            _ => format!("resolve {name} unreal"),
        };
        self.play(&act);
    }

    /// Everything is done, and of what nobody can do somebody says what became of it.
    fn mend(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let rows = self.scene.books.operations();
            let name = |row: &Operation| format!("{}#{}", row.payment_id, row.ordinal);
            let sent = rows.iter().find(|row| matches!(row.state, OperationState::Sent { .. }));
            let due = rows.iter().filter(|row| row.due_time.is_some()).min_by_key(|row| row.due_time);
            let open = |row: &&Operation| {
                let waits =
                    matches!(row.state, OperationState::Waiting(Waiting::Unknown | Waiting::AtProvider));
                waits || matches!(row.state, OperationState::Manual | OperationState::Stuck { .. })
            };
            let payments = self.scene.books.payments();
            let lacks = |row: &&Operation| {
                payments
                    .iter()
                    .any(|payment| payment.payment_id == row.payment_id && payment.lacking_of(row) > 0)
            };
            if let Some(row) = sent {
                self.play(&format!("done {}", name(row)));
            } else if let Some(row) = due {
                self.scene.books.now = self.scene.books.now.max(row.due_time.unwrap());
                self.play(&format!("lease {}", name(row)));
            } else if let Some(row) = rows.iter().find(open) {
                self.play(&format!("resolve {} done {}", name(row), row.value));
            } else if let Some(row) = rows.iter().find(|row| row.surplus > 0) {
                if !self.play(&format!("resolve {} real", name(row))) {
                    self.play(&format!("resolve {} unreal", name(row)));
                }
            } else if let Some(row) = rows.iter().find(lacks) {
                self.play(&format!("resolve {} give-up", name(row)));
            } else {
                return;
            }
        }
        panic!("it never ends\n{:#?}", self.log);
    }

    fn at_rest(&self) {
        let (order, when) = (self.scene.books.order(), format!("{:#?}", self.log));
        let open = self.scene.books.operations().into_iter().find(|row| !row.state.is_ended());
        assert_eq!(open, None, "{when}");
        let is_final = matches!(order.state, OrderState::Invoiced | OrderState::Canceled);
        assert_eq!(
            is_final,
            order.remaining() == 0 && (order.invoiced > 0 || order.value > order.remaining()),
            "{order:?}\n{when}"
        );
        for row in self.scene.books.payments() {
            let lacking = row.lacking + row.excess_lacking + row.return_lacking + row.release_lacking;
            assert_eq!((lacking, row.surplus, row.settling), (0, 0, 0), "{row:?}\n{when}");
            let kept = row.settled - row.excess_refunded - row.return_refunded;
            let expected = row.asked - row.due() - row.return_expected() + row.return_waiting();
            assert_eq!(kept, expected + row.ahead(), "{row:?}\n{when}");
            if is_final {
                let left = (row.due(), row.ahead(), row.return_waiting());
                assert_eq!(left, (0, row.excess_given_up, 0), "{row:?}\n{when}");
                let used = row.settled + row.canceled + row.release_given_up;
                assert_eq!(used, row.authorized, "{row:?}\n{when}");
            }
        }
    }
}

#[test]
fn whatever_they_say_the_books_stay_whole() {
    #[expect(clippy::disallowed_methods, reason = "a test's own knob")]
    let histories = std::env::var("TRANCHE_TEST_HISTORIES").ok();
    let histories = histories.map_or(HISTORIES, |text| text.parse().expect("a number"));
    let config = Config { cases: histories, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&vec(any::<u32>(), 20..CHOICES_MAX), |choices| {
        let mut history = History {
            choices: Choices::new(choices),
            scene: Scene::new(),
            log: Vec::new(),
            invoices: Vec::new(),
            names: 0,
        };
        history.set_up();
        while !history.choices.are_over() {
            history.step();
        }
        history.mend();
        history.at_rest();
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
