//! One step of a history: a command to the books and to the model, and the two compared.

use std::time::Duration;

use tranche_core::authorization::AuthorizationState;
use tranche_core::command::Command;
use tranche_core::decision::{Decision, Reply, Rows};
use tranche_core::id::{OperationId, PaymentId};
use tranche_core::operation::{Answer, Operation, OperationKind, OperationState};
use tranche_core::order::TransactionState;
use tranche_core::payment::Payment;
use tranche_core::rejection::Rejection;

use super::authorization::say_authorization;
use super::{Accepted, History, Weather};
use crate::model::{End, Model, Pay, Started, Unsent, What};
use crate::{commands, invariants};

/// Fills the rooms from the last payment on.
fn from_the_last(value: i64, rooms: &[i64]) -> Vec<i64> {
    let mut left = value;
    let mut parts: Vec<i64> = rooms
        .iter()
        .rev()
        .map(|room| {
            let part = left.min(*room);
            left -= part;
            part
        })
        .collect();
    parts.reverse();
    parts
}

/// The split as the caller names it, if the caller does.
fn legs<'n>(names: &'n [String], parts: &[i64], by_hand: bool) -> Vec<(&'n str, i64)> {
    let all = names.iter().map(String::as_str).zip(parts.iter().copied());
    all.filter(|(_, part)| by_hand && *part > 0).collect()
}

fn legs_told(decision: Decision) -> Vec<i64> {
    let Reply::Invoice(_, invoice, _) = decision.reply else { panic!("a receipt") };
    invoice.legs.iter().map(|leg| leg.value).collect()
}

fn without_nothing(parts: &[i64]) -> Vec<i64> {
    parts.iter().copied().filter(|part| *part > 0).collect()
}

/// The rejection's name; empty if there is none.
fn rejected(result: &Result<Decision, Rejection>) -> String {
    match result {
        Ok(_) => String::new(),
        Err(rejection) => format!("{rejection:?}").split([' ', '(']).next().unwrap().to_owned(),
    }
}

impl History {
    /// Plays a command, and compares what it started with what the model says.
    pub(super) fn send(
        &mut self,
        command: &Command,
        expected: impl FnOnce(&mut Model) -> Started,
    ) -> Result<Decision, Rejection> {
        let known: Vec<OperationId> =
            self.books.operations().into_iter().map(|row| row.operation_id).collect();
        self.sent.push((self.books.now, command.clone()));
        self.model.now = self.books.now.micros();
        let transaction = self.books.order().transaction;
        self.model.is_over = transaction.is_some_and(|row| row.state != TransactionState::Open);
        let result = self.books.play(command);
        let Ok(decision) = &result else {
            self.compare();
            return result;
        };
        // Who decides about money sees which authorizations have ended; who decides nothing, and leases, do not look.
        let looks = !matches!(command, Command::LeaseOperation(_)) && decision.rows != Rows::default();
        if looks {
            self.model = self.seen();
        }
        self.past.push(command.clone());
        // What only says that something lacks is asked of nobody.
        let is_asked = |row: &&Operation| !matches!(row.state, OperationState::Refused { .. });
        let rows = decision.rows.operations.iter().filter(|row| !known.contains(&row.operation_id));
        let rows = rows.filter(is_asked);
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

    /// The model as it is for whoever decides something now.
    pub(super) fn seen(&self) -> Model {
        self.model.at(self.books.now)
    }

    /// Whether an operation is of a payment whose authorization has ended by now.
    pub(super) fn is_of_an_ended_one(&self, row: &Operation) -> bool {
        self.seen().pays[self.index(row).0].end.is_over()
    }

    /// Where the model keeps an operation.
    pub(super) fn index(&self, row: &Operation) -> (usize, usize) {
        let payments = self.books.payments();
        let pay = payments.iter().position(|payment| payment.payment_id == row.payment_id).unwrap();
        (pay, usize::try_from(row.ordinal - 1).unwrap())
    }

    fn compare(&self) {
        invariants::check(&self.books, &self.when());
        let order = self.books.order();
        let (ours, model) = (&order, &self.model);
        assert_eq!(
            (ours.value, ours.invoiced, ours.returned, ours.is_ended()),
            (model.value, model.invoiced, model.returned, model.is_ended()),
            "{order:?}\n{}",
            self.when()
        );
        for (row, pay) in self.books.payments().iter().zip(&self.model.pays) {
            let of_authorization = (row.authorized, row.authorizing());
            assert_eq!(of_authorization, (pay.authorized, pay.authorizing()), "{row:?}\n{}", self.when());
            let ours = (
                row.asked,
                row.lacking,
                row.surplus,
                row.room(),
                row.ahead(),
                row.ahead_coming(),
                row.returned,
                row.return_waiting(),
                (row.excess_lacking, row.return_lacking, row.release_lacking),
                (row.canceling, row.canceled),
            );
            let model = (
                pay.asked,
                pay.lacking,
                pay.surplus,
                pay.room(),
                pay.ahead(false),
                pay.ahead(true),
                pay.returned,
                pay.waiting(),
                (pay.unrefunded, pay.unreturned, pay.unreleased),
                pay.canceled(),
            );
            assert_eq!(ours, model, "{row:?}\n{}", self.when());
        }
    }

    pub(super) fn invoice(&mut self) {
        let remaining = self.model.remaining();
        let value =
            if self.choices.chance(5) { remaining + 1 } else { self.choices.range(1, remaining.max(1)) };
        let by_hand = self.choices.chance(25);
        self.invoice_value(value, by_hand);
    }

    pub(super) fn invoice_value(&mut self, value: i64, by_hand: bool) {
        let seen = self.seen();
        let (remaining, room) = (seen.remaining(), seen.room());
        let mut parts = if value > remaining.min(room) { Vec::new() } else { seen.parts(value) };
        if by_hand && !parts.is_empty() {
            parts = from_the_last(value, &seen.pays.iter().map(Pay::room).collect::<Vec<_>>());
        }
        // Where an authorization is about to end, the next invoice may take the last settlement of it.
        let is_ending = seen.pays.iter().any(|pay| pay.end.is_near());
        let number = self.next_id();
        let names = self.names();
        let legs = legs(&names, &parts, by_hand);
        let command = Command::NotifyInvoice(Box::new(commands::invoice(&number, value, &legs, &[])));
        self.log.push(format!("invoice {number} {value} {legs:?}"));
        match self.send(&command, |model| model.invoice(&parts)) {
            Ok(decision) => {
                assert_eq!(legs_told(decision), without_nothing(&parts), "legs\n{}", self.when());
                assert!(
                    room < remaining || is_ending || self.model.room() >= self.model.remaining(),
                    "an invoice broke the coverage\n{}",
                    self.when()
                );
                self.invoices.push(Accepted { number, parts, is_voided: false });
            }
            Err(Rejection::OrderNotOpen { .. }) => assert!(self.model.is_canceled, "{}", self.when()),
            Err(Rejection::InvoiceAboveRemaining { .. }) => assert!(value > remaining, "{}", self.when()),
            Err(Rejection::InvoiceAboveRoom { missing, .. }) => {
                assert_eq!(missing.minor, value - room, "{}", self.when());
            }
            Err(other) => panic!("{other:?} {}", self.when()),
        }
    }

    pub(super) fn give_back(&mut self) {
        let left = self.model.invoiced - self.model.returned;
        let value = if self.choices.chance(5) { left + 1 } else { self.choices.range(1, left.max(1)) };
        let by_hand = self.choices.chance(25);
        let mut parts = if value > left { Vec::new() } else { self.seen().return_parts(value) };
        if by_hand && !parts.is_empty() {
            let rooms = self.model.pays.iter().map(|pay| pay.asked - pay.returned);
            parts = from_the_last(value, &rooms.collect::<Vec<_>>());
        }
        let number = self.next_id();
        let names = self.names();
        let legs = legs(&names, &parts, by_hand);
        let command = Command::NotifyInvoice(Box::new(commands::input(&number, value, &legs, &[])));
        self.log.push(format!("return {number} {value} {legs:?}"));
        match self.send(&command, |model| model.give_back(&parts)) {
            Ok(decision) => {
                assert_eq!(legs_told(decision), without_nothing(&parts), "legs\n{}", self.when());
            }
            Err(Rejection::ReturnAboveInvoiced { .. }) => assert!(value > left, "{}", self.when()),
            Err(other) => panic!("{other:?} {}", self.when()),
        }
    }

    pub(super) fn change(&mut self) {
        let value = self.model.value;
        let by = match self.choices.range(0, 3) {
            0 => self.choices.range(1, value),
            1 => -self.model.remaining(),
            _ => -self.choices.range(1, value),
        };
        if by != 0 {
            self.change_by(by);
        }
    }

    pub(super) fn change_by(&mut self, by: i64) {
        let request = self.next_id();
        let command = Command::ChangeOrder(Box::new(commands::change_by(&request, by)));
        self.log.push(format!("change {request} {by}"));
        let (value, invoiced) = (self.model.value + by, self.model.invoiced);
        let missing = value - invoiced - self.seen().cover() - self.seen().raisable();
        let expected = match () {
            () if self.model.is_ended() => "OrderNotOpen",
            () if value < 1 => "ValueBelowMinimum",
            () if value < invoiced => "ValueBelowInvoiced",
            () if by > 0 && missing > 0 => "ValueAboveRoom",
            () => "",
        };
        let result = self.send(&command, |model| model.change(by));
        if let Err(Rejection::ValueAboveRoom { missing: told, .. }) = &result {
            assert_eq!(told.minor, missing, "{}", self.when());
        }
        assert_eq!(rejected(&result), expected, "{}", self.when());
    }

    pub(super) fn void(&mut self) {
        let Some(last) = self.invoices.len().checked_sub(1) else { return };
        let index = usize::try_from(self.choices.range(0, i64::try_from(last).unwrap())).unwrap();
        let Accepted { number, parts, is_voided } = self.invoices[index].clone();
        let request = self.next_id();
        self.log.push(format!("void {number}"));
        let unsent = self.unsent(&number);
        let value: i64 = parts.iter().sum();
        let is_returned = self.model.returned > self.model.invoiced - value
            || self.model.pays.iter().zip(&parts).any(|(pay, part)| pay.returned > pay.asked - part);
        let expected = match () {
            () if is_voided => "InvoiceNotVoidable",
            () if self.model.is_ended() => "OrderNotOpen",
            () if is_returned => "InvoiceNotVoidable",
            () => "",
        };
        let command = Command::VoidInvoice(commands::void(&number, &request));
        let result = self.send(&command, |model| model.void(&parts, &unsent));
        assert_eq!(rejected(&result), expected, "{}", self.when());
        self.invoices[index].is_voided |= result.is_ok();
    }

    pub(super) fn add(&mut self) {
        let most = self.choices.pick(&[5, 50, 10_000]);
        let end = self.end_of_a_new_payment();
        self.add_payment(most, end);
    }

    /// Adds a payment of exactly so much.
    pub(super) fn add_payment(&mut self, authorized: i64, end: End) {
        let name = format!("x{}", self.next_id());
        let mut pay = Pay { authorized, end, ..super::setting::pay(&mut self.choices, 1) };
        if self.choices.chance(30) {
            pay = super::setting::to_be_asked_for(pay);
            pay.request.since = self.books.now.micros();
        }
        let payment = self.connect(&name, &pay);
        self.log.push(format!("add {name} {pay:?}"));
        let order = self.books.order();
        let is_open = order.transaction.is_some_and(|row| row.state == TransactionState::Open);
        let expected = match () {
            () if !is_open => "TransactionNotOpen",
            () if self.model.is_ended() => "OrderNotOpen",
            () => "",
        };
        let command = Command::AddPayment(Box::new(commands::add(&name, payment)));
        let result = self.send(&command, |model| model.add(pay));
        assert_eq!(rejected(&result), expected, "{}", self.when());
    }

    pub(super) fn release(&mut self) {
        let last = i64::try_from(self.model.pays.len()).unwrap() - 1;
        let index = usize::try_from(self.choices.range(0, last)).unwrap();
        let amount = if self.choices.chance(50) { Some(self.choices.range(1, 50)) } else { None };
        self.release_of(index, amount);
    }

    pub(super) fn release_of(&mut self, index: usize, amount: Option<i64>) {
        let request = self.next_id();
        let name = self.books.payments()[index].payment_id.to_string();
        self.log.push(format!("release {name} {amount:?}"));
        let seen = self.seen();
        let free = seen.free(index);
        let value = amount.unwrap_or(free);
        let order = self.books.order();
        let is_open = order.transaction.is_some_and(|row| row.state == TransactionState::Open);
        let expected = match () {
            () if !is_open => "TransactionNotOpen",
            () if value > free || free == 0 => "ReleaseAboveFree",
            () if !seen.can_cancel(index, value) => "PartialCancellationNotSupported",
            () => "",
        };
        let command = Command::ReleaseRemainder(commands::release(&request, Some(&name), amount));
        let result = self.send(&command, |model| model.release(index, value));
        assert_eq!(rejected(&result), expected, "{}", self.when());
    }

    pub(super) fn cancel(&mut self) {
        let request = self.next_id();
        self.log.push("cancel".to_owned());
        let expected = match () {
            () if self.model.is_ended() => "OrderNotOpen",
            () if self.model.invoiced > 0 => "OrderHasInvoices",
            () => "",
        };
        let result = self.send(&Command::CancelOrder(commands::cancel(&request)), Model::cancel);
        assert_eq!(rejected(&result), expected, "{}", self.when());
    }

    /// The settlements that were not sent, and that the void of an invoice looks at. The newest comes first.
    fn unsent(&self, number: &str) -> Vec<Unsent> {
        let mut rows = self.books.operations();
        rows.retain(|row| row.kind == OperationKind::Settlement && row.is_unsent());
        let look = |row: &Operation| {
            let (pay, index) = self.index(row);
            let is_own = row.invoice_number.as_ref().is_some_and(|own| own.as_str() == number);
            Unsent { pay, index, is_own, is_of_none: row.invoice_number.is_none() }
        };
        rows.iter().rev().map(look).collect()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.books.payments().iter().map(|payment| payment.payment_id.to_string()).collect()
    }

    pub(super) fn answer(&mut self) {
        let late = self.choices.chance(15);
        // What was never sent is done by a provider in foul weather only.
        let is_foul = self.weather == Weather::Foul;
        let rows = self.books.operations();
        let rows = rows
            .into_iter()
            .filter(|row| is_foul || row.state != OperationState::Withdrawn)
            .filter(|row| row.attempts > 0 && (late || matches!(row.state, OperationState::Sent { .. })));
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return;
        }
        let row = self.choices.pick(&rows);
        let attempt = if late { self.choices.range(1, row.attempts.into()) } else { row.attempts.into() };
        let answer = self.say(&row);
        self.tell(&row, u32::try_from(attempt).unwrap(), &answer);
    }

    fn say(&mut self, row: &Operation) -> Answer {
        if row.kind == OperationKind::Authorization {
            return self.say_of_authorization();
        }
        let has_ended = self.is_of_an_ended_one(row);
        let word = match self.choices.range(0, 99) {
            // There is nothing left to cancel, as providers say in any weather.
            0..40 if has_ended && row.kind == OperationKind::Cancellation => "refused",
            55..75 => self.choices.pick(&["pending", "unknown", "no-answer"]),
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
                (OperationState::Refused { .. } | OperationState::Withdrawn, "less") => {
                    commands::done(row, self.choices.range(1, row.value), 0)
                }
                (_, "less") => commands::done(row, self.choices.range(0, row.value), 0),
                (_, "more") => commands::done(row, row.value, self.choices.range(1, 9)),
                _ => commands::done(row, row.value, 0),
            },
            other => commands::no_money(other, self.choices.chance(50).then(|| Duration::from_secs(100))),
        }
    }

    pub(super) fn tell(&mut self, row: &Operation, attempt: u32, answer: &Answer) {
        self.log.push(format!(
            "{}#{} {:?} {} @{attempt}: {answer:?}",
            row.payment_id, row.ordinal, row.kind, row.value
        ));
        let (pay, index) = self.index(row);
        let asked_time = match row.state {
            OperationState::Sent { lease, .. } if lease.attempt == attempt => {
                Some(lease.until.before(self.books.context().lease))
            }
            _ => None,
        };
        let holds = asked_time.is_some();
        let asked = self.model.pays[pay].all[index].clone();
        let heard_before = row.is_recorded(attempt);
        let first_send = row.first_send_time;
        let command = commands::outcome(row, attempt, answer.clone());
        let is_evidence = match answer {
            Answer::Done { .. } | Answer::Approved(_) => !matches!(row.state, OperationState::Done { .. }),
            Answer::Denied { .. } => !row.state.is_ended(),
            _ => false,
        };
        let is_heard = is_evidence || !heard_before && attempt <= row.attempts;
        let told = self.send(&command, |model| {
            let row = &mut model.pays[pay].all[index];
            row.answered |= attempt == row.attempts;
            match answer {
                // Nothing is looked at.
                _ if !is_heard => Started::new(),
                Answer::Approved(_) | Answer::Denied { .. } | Answer::Undecided { .. } => {
                    say_authorization(model, pay, answer, first_send, asked_time)
                }
                Answer::Done { value, .. } if asked.what == What::Authorize => {
                    assert_eq!(*value, asked.value, "no part is authorized");
                    model.approved(pay, 0, first_send.unwrap().micros())
                }
                Answer::Done { value, surplus, .. } => model.done(pay, index, *value, *surplus),
                Answer::Refused { .. } if holds && (!asked.unclear || model.pays[pay].lapses(index)) => {
                    model.refused(pay, index)
                }
                _ => {
                    let row = &mut model.pays[pay].all[index];
                    row.unclear |= holds && matches!(answer, Answer::Unknown { .. });
                    // Time may have passed.
                    model.look()
                }
            }
        });
        told.unwrap();
    }

    pub(super) fn lease(&mut self) {
        let rows = self.books.operations();
        let open: Vec<_> = rows.into_iter().filter(|row| !row.state.is_ended()).collect();
        if !open.is_empty() {
            let row = self.choices.pick(&open);
            self.lease_row(&row);
        }
    }

    /// Looks at an operation that may be due.
    pub(super) fn lease_row(&mut self, row: &Operation) {
        self.log.push(format!("lease {}#{}", row.payment_id, row.ordinal));
        let (pay, _) = self.index(row);
        let is_due = row.due_time.is_some_and(|due| due <= self.books.now);
        let is_sent = matches!(row.state, OperationState::Sent { .. });
        let may_lapse = row.kind == OperationKind::Authorization && is_due && !is_sent;
        let now = self.books.now;
        let look = |model: &mut Model| {
            if !(may_lapse && model.is_lapsing(pay)) {
                return Started::new();
            }
            // What lapses is looked at, with all that time brought.
            *model = model.at(now);
            model.look()
        };
        self.send(&commands::lease(row), look).unwrap();
    }

    /// Looks whether the authorization of a payment ends.
    pub(super) fn look(&mut self) {
        let name = self.choices.pick(&self.names());
        self.look_at(&name);
    }

    pub(super) fn look_at(&mut self, name: &str) {
        self.log.push(format!("look {name}"));
        let pay = self.names().iter().position(|other| other == name).unwrap();
        let is_news = self.seen().pays[pay].end != self.model.pays[pay].end;
        let look = |model: &mut Model| if is_news { model.look() } else { Started::new() };
        self.send(&commands::observe(name), look).unwrap();
    }

    fn is_approved(&self, payment_id: &PaymentId) -> bool {
        let approved = |row: &Payment| row.authorization_state == AuthorizationState::Authorized;
        self.books.payments().iter().any(|row| row.payment_id == *payment_id && approved(row))
    }

    /// Brings a command again that was accepted once.
    pub(super) fn bring_again(&mut self) {
        let past: Vec<_> = self
            .past
            .iter()
            .filter(|command| match command {
                // Asked again at another time, these are asked anew.
                Command::LeaseOperation(_) | Command::ObserveAuthorizationEnd(_) => false,
                Command::RecordCallback(callback) => match &callback.answer {
                    None => false,
                    // An old denial of what was approved since is news: it contradicts.
                    Some(Answer::Denied { .. }) => !self.is_approved(&callback.payment_id),
                    Some(_) => true,
                },
                _ => true,
            })
            .cloned()
            .collect();
        if !past.is_empty() {
            let command = self.choices.pick(&past);
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
