//! One step of a history: a command to the books and to the model, and the two compared.

use std::time::Duration;

use tranche_core::command::Command;
use tranche_core::decision::{Decision, Reply, Rows};
use tranche_core::id::OperationId;
use tranche_core::operation::{Answer, Operation, OperationState};
use tranche_core::rejection::Rejection;

use super::{History, Weather};
use crate::model::{Model, Started};
use crate::{commands, invariants};

impl History {
    /// Plays a command, and compares what it started with what the model says.
    pub(super) fn send(
        &mut self,
        command: &Command,
        expected: impl FnOnce(&mut Model) -> Started,
    ) -> Result<Decision, Rejection> {
        let known: Vec<OperationId> =
            self.books.operations().into_iter().map(|row| row.operation_id).collect();
        let result = self.books.play(command);
        let Ok(decision) = &result else {
            return result;
        };
        self.past.push(command.clone());
        let rows = decision.rows.operations.iter().filter(|row| !known.contains(&row.operation_id));
        let mut started: Vec<_> = rows.map(|row| (self.index(row).0, row.kind, row.value)).collect();
        let mut expected = expected(&mut self.model);
        started.sort_unstable();
        expected.sort_unstable();
        assert_eq!(started, expected, "what is started, against the model\n{}", self.when());
        for call in &decision.calls {
            let (pay, index) = self.index(&call.operation);
            let row = &mut self.model.pays[pay].all[index];
            row.unclear |= !row.answered;
            row.answered = false;
            row.attempts += 1;
            assert_eq!(row.attempts, call.attempt, "attempts are counted");
        }
        self.compare();
        result
    }

    /// Where the model keeps an operation.
    fn index(&self, row: &Operation) -> (usize, usize) {
        let payments = self.books.payments();
        let pay = payments.iter().position(|payment| payment.payment_id == row.payment_id).unwrap();
        (pay, usize::try_from(row.ordinal - 1).unwrap())
    }

    fn compare(&self) {
        invariants::check(&self.books, &self.when());
        for (row, pay) in self.books.payments().iter().zip(&self.model.pays) {
            let ours = (
                row.asked,
                row.lacking,
                row.surplus,
                row.room(),
                row.ahead(),
                row.ahead_coming(),
                row.excess_lacking,
                row.release_lacking,
            );
            let model = (
                pay.asked,
                pay.lacking,
                pay.surplus,
                pay.room(),
                pay.ahead(false),
                pay.ahead(true),
                pay.unrefunded,
                pay.unreleased,
            );
            assert_eq!(ours, model, "{row:?}\n{}", self.when());
        }
    }

    pub(super) fn invoice(&mut self) {
        let remaining = self.model.remaining();
        let value =
            if self.random.chance(5) { remaining + 1 } else { self.random.range(1, remaining.max(1)) };
        let by_hand = self.random.chance(25);
        let room = self.model.room();
        let mut parts = if value > remaining.min(room) { Vec::new() } else { self.model.parts(value) };
        if by_hand && !parts.is_empty() {
            let mut left = value;
            for (index, pay) in self.model.pays.iter().enumerate().rev() {
                parts[index] = left.min(pay.room());
                left -= parts[index];
            }
        }
        let names = ["p", "q", "r"];
        let legs: Vec<_> =
            names.into_iter().zip(parts.clone()).filter(|(_, part)| by_hand && *part > 0).collect();
        self.invoices += 1;
        let number = format!("{}", self.invoices);
        let command = Command::NotifyInvoice(Box::new(commands::invoice(&number, value, &legs, &[])));
        self.log.push(format!("invoice {number} {value} {legs:?}"));
        let before = self.model.room();
        let result = self.send(&command, |model| model.invoice(&parts));
        match result {
            Ok(decision) => {
                let Reply::Invoice(_, invoice, _) = decision.reply else { panic!("a receipt") };
                let told: Vec<_> = invoice.legs.iter().map(|leg| leg.value).collect();
                parts.retain(|part| *part > 0);
                assert_eq!(told, parts, "legs\n{}", self.when());
                assert!(
                    before < remaining || self.model.room() >= self.model.remaining(),
                    "an invoice broke the coverage\n{}",
                    self.when()
                );
            }
            Err(Rejection::InvoiceAboveRemaining { .. }) => assert!(value > remaining, "{}", self.when()),
            Err(Rejection::InvoiceAboveRoom { missing, .. }) => {
                assert_eq!(missing.minor, value - room, "{}", self.when());
            }
            Err(other) => panic!("{other:?} {}", self.when()),
        }
    }

    pub(super) fn answer(&mut self) {
        let late = self.random.chance(15);
        let rows = self.books.operations();
        let rows = rows
            .into_iter()
            .filter(|row| row.attempts > 0 && (late || matches!(row.state, OperationState::Sent { .. })));
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return;
        }
        let row = self.random.pick(&rows);
        let attempt = if late { self.random.range(1, row.attempts.into()) } else { row.attempts.into() };
        let answer = self.say(&row);
        self.tell(&row, u32::try_from(attempt).unwrap(), &answer);
    }

    fn say(&mut self, row: &Operation) -> Answer {
        let word = match self.random.range(0, 99) {
            55..75 => self.random.pick(&["pending", "unknown", "no-answer"]),
            75..90 if self.weather != Weather::Fair => "less",
            90..93 if self.weather == Weather::Foul => "more",
            93..96 if self.weather == Weather::Foul => "manual",
            96..100 if self.weather == Weather::Foul => "refused",
            _ => "done",
        };
        match word {
            // One settlement brings the same, whoever tells of it.
            "done" | "less" | "more" => match (&row.state, word) {
                (OperationState::Done { value, .. }, _) => commands::done(row, *value, 0),
                (OperationState::Refused { .. }, "less") => {
                    commands::done(row, self.random.range(1, row.value), 0)
                }
                (_, "less") => commands::done(row, self.random.range(0, row.value), 0),
                (_, "more") => commands::done(row, row.value, self.random.range(1, 9)),
                _ => commands::done(row, row.value, 0),
            },
            other => commands::no_money(other, self.random.chance(50).then(|| Duration::from_secs(100))),
        }
    }

    pub(super) fn tell(&mut self, row: &Operation, attempt: u32, answer: &Answer) {
        self.log.push(format!(
            "{}#{} {:?} {} @{attempt}: {answer:?}",
            row.payment_id, row.ordinal, row.kind, row.value
        ));
        let (pay, index) = self.index(row);
        let holds = matches!(row.state, OperationState::Sent { lease, .. } if lease.attempt == attempt);
        let asked = self.model.pays[pay].all[index].clone();
        let heard_before = row.is_recorded(attempt);
        let command = commands::outcome(row, attempt, answer.clone());
        let told = self.send(&command, |model| {
            let row = &mut model.pays[pay].all[index];
            row.answered |= attempt == row.attempts;
            match answer {
                Answer::Done { value, surplus, .. } => model.done(pay, index, *value, *surplus),
                Answer::Refused { .. } if holds && !heard_before && !asked.unclear => {
                    model.refused(pay, index)
                }
                _ => {
                    row.unclear |= holds && matches!(answer, Answer::Unknown { .. });
                    Started::new()
                }
            }
        });
        told.unwrap();
    }

    pub(super) fn lease(&mut self) {
        let rows = self.books.operations();
        let open: Vec<_> = rows.into_iter().filter(|row| !row.state.is_ended()).collect();
        if !open.is_empty() {
            let row = self.random.pick(&open);
            self.log.push(format!("lease {}#{}", row.payment_id, row.ordinal));
            self.send(&commands::lease(&row), |_| Started::new()).unwrap();
        }
    }

    /// Brings a command again that was accepted once.
    pub(super) fn bring_again(&mut self) {
        let past: Vec<_> = self
            .past
            .iter()
            .filter(|command| !matches!(command, Command::LeaseOperation(_)))
            .cloned()
            .collect();
        if !past.is_empty() {
            let command = self.random.pick(&past);
            let decision =
                self.books.play(&command).unwrap_or_else(|rejection| panic!("{rejection:?} {}", self.when()));
            assert_eq!(
                decision.rows,
                Rows::default(),
                "a replay writes nothing: {command:?}\n{}",
                self.when()
            );
        }
    }
}
