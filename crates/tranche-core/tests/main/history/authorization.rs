//! What providers say of authorizations that they are asked for, by answer and by callback.

use tranche_core::bounds::CALLBACKS_KEPT_MAX;
use tranche_core::operation::{Answer, Operation, OperationKind, OperationState};
use tranche_core::time::Timestamp;

use super::{History, Weather};
use crate::commands;
use crate::model::{Model, Started};

/// When a provider wants a payment canceled that it has not approved, in microseconds.
fn until(answer: &Answer, first_send: Option<Timestamp>) -> Option<i64> {
    let Answer::Undecided { cancel_after } = answer else { return None };
    Some(first_send?.after((*cancel_after)?).micros())
}

/// What a provider says of an authorization, to the model; `asked` is when whoever may say that it is undecided was.
pub(super) fn say_authorization(
    model: &mut Model,
    pay: usize,
    answer: &Answer,
    first_send: Option<Timestamp>,
    asked: Option<Timestamp>,
) -> Started {
    match answer {
        Answer::Approved(approval) => {
            model.approved(pay, approval.max_value.unwrap_or(0), first_send.unwrap().micros())
        }
        Answer::Denied { .. } => model.denied(pay),
        _ if let Some(asked) = asked => {
            model.undecided(pay, until(answer, first_send));
            model.pays[pay].last_from(asked.micros());
            model.plan(Started::new())
        }
        _ => model.plan(Started::new()),
    }
}

impl History {
    /// A provider calls back about an authorization that it was asked for.
    pub(super) fn call_back(&mut self) {
        let rows = self.books.operations();
        let asked = |row: &Operation| row.kind == OperationKind::Authorization && row.attempts > 0;
        let rows: Vec<_> = rows.into_iter().filter(asked).collect();
        if rows.is_empty() {
            return;
        }
        let row = self.choices.pick(&rows);
        let (pay, _) = self.index(&row);
        let nobody_lapses = (0..self.model.pays.len()).all(|pay| {
            self.model.now = self.books.now.micros();
            !self.model.is_lapsing(pay)
        });
        let answer = match self.say_of_authorization() {
            answer @ (Answer::Approved(_) | Answer::Denied { .. } | Answer::Undecided { .. }) => Some(answer),
            _ if nobody_lapses => None,
            _ => return,
        };
        self.log.push(format!("callback {}: {answer:?}", row.payment_id));
        let is_open = !row.state.is_ended();
        let is_patient = row.callbacks < CALLBACKS_KEPT_MAX;
        let command = commands::callback(row.payment_id.as_str(), answer.clone());
        let is_done = matches!(row.state, OperationState::Done { .. });
        let hear = |model: &mut Model| match &answer {
            None => Started::new(),
            // Nothing new is told, and nothing is looked at.
            Some(Answer::Approved(_)) if is_done => Started::new(),
            Some(Answer::Denied { .. }) if !is_open && !is_done => Started::new(),
            Some(Answer::Denied { .. }) if is_done && (!is_patient || row.contradiction.is_some()) => {
                Started::new()
            }
            Some(Answer::Undecided { .. }) if !is_open || !is_patient => Started::new(),
            Some(answer @ Answer::Undecided { .. }) => {
                let is_news = model.undecided(pay, until(answer, row.first_send_time));
                if is_news { model.plan(Started::new()) } else { Started::new() }
            }
            Some(answer) => say_authorization(model, pay, answer, row.first_send_time, None),
        };
        self.send(&command, hear).unwrap();
    }

    pub(super) fn say_of_authorization(&mut self) -> Answer {
        let is_foul = self.weather == Weather::Foul;
        match self.choices.range(0, 99) {
            0..45 => {
                let most = self.choices.pick(&[None, None, Some(20), Some(20_000)]);
                let most = most.map(|most| format!("max={most}")).unwrap_or_default();
                let words = ["approved", "1", &most];
                commands::of_authorization(&words[..if most.is_empty() { 2 } else { 3 }])
            }
            45..55 if is_foul => commands::of_authorization(&["denied"]),
            55..70 if is_foul => {
                let seconds = self.choices.pick(&["10", "600", "90000"]);
                commands::of_authorization(&["undecided", seconds])
            }
            70..75 if is_foul => commands::no_money("refused", None),
            75..80 => commands::no_money("unknown", None),
            80..85 => commands::no_money("no-answer", None),
            _ => commands::of_authorization(&["undecided"]),
        }
    }
}
