//! Outcomes: what providers answer, booked.
//!
//! DONE is evidence: it is accepted from anyone, at any time. Every other answer counts from the holder of the lease
//! only; the others are kept as interactions. Only DONE and REFUSED end an operation.

use super::authorization::{approved, contradicted, denied, due_time, is_lapse, lapsed, undecided};
use crate::authorization::Approval;
use crate::bounds::BACKOFF_MAX;
use crate::command::RecordOutcome;
use crate::decision::{Context, Decision, Reply};
use crate::event::EventKind;
use crate::operation::{
    Answer, Interaction, Operation, OperationKind, OperationState, RefundPurpose, Waiting, backoff,
};
use crate::payment::Payment;
use crate::plan::plan;
use crate::planted::{PlantedBug, is_planted};
use crate::rejection::Rejection;
use crate::state::State;
use crate::time::Timestamp;
use crate::work::Work;

/// Books what a provider answered to one attempt; the same attempt's outcome brought again changes nothing.
pub(super) fn record(
    state: &State,
    command: &RecordOutcome,
    context: &Context,
) -> Result<Decision, Rejection> {
    let RecordOutcome { key, operation_id, attempt, answer, .. } = command;
    let not_found = || Rejection::OperationNotFound(operation_id.clone());
    let cause = format!("{}:{operation_id}:{attempt}", answer.meaning());
    let mut work = Work::open(state, context, key, cause).ok_or_else(not_found)?;
    let mut operation = state.operation(key, operation_id).ok_or_else(not_found)?.clone();
    let is_done = matches!(operation.state, OperationState::Done { .. });
    // A denial is about the payment, not about the attempt.
    let is_evidence = match answer {
        Answer::Done { .. } | Answer::Approved(_) => !is_done,
        Answer::Denied { .. } => !operation.state.is_ended(),
        _ => false,
    };
    // Heard before, or of an attempt that was never made: DONE alone still says something new.
    let is_heard = operation.is_recorded(*attempt);
    if !is_evidence && (is_heard || *attempt > operation.attempts) {
        return Ok(Decision::unchanged(Reply::Done));
    }
    let position = work.payments.iter().position(|payment| payment.payment_id == operation.payment_id);
    let index = position.ok_or_else(not_found)?;
    operation.record(*attempt);
    // What follows is for the same invoice: the rest of a settlement for an output one, of a refund for an input one.
    match operation.kind {
        OperationKind::Refund => work.return_number.clone_from(&operation.invoice_number),
        _ => work.invoice_number.clone_from(&operation.invoice_number),
    }
    if !is_heard {
        work.interactions.push(interaction(command, context));
    }
    let is_holder =
        matches!(operation.state, OperationState::Sent { lease, .. } if lease.attempt == *attempt);
    match answer {
        Answer::Approved(approval) => {
            let value = operation.value;
            approved(&mut work, index, operation, value, approval);
        }
        Answer::Done { value, surplus, provider_id } => {
            done(&mut work, index, operation, *value, *surplus, provider_id);
        }
        Answer::Denied { code, message } if is_evidence => {
            denied(&mut work, index, operation, code, message);
        }
        _ if is_holder => not_done(&mut work, index, operation, command),
        _ => contradicted_or_late(&mut work, operation, answer),
    }
    work.advance(index);
    if !is_planted(PlantedBug::ForgetToPlan) {
        plan(&mut work);
    }
    Ok(work.close(|_| Reply::Done))
}

fn interaction(command: &RecordOutcome, context: &Context) -> Interaction {
    Interaction {
        order: command.key.clone(),
        operation_id: command.operation_id.clone(),
        attempt: command.attempt,
        callback: 0,
        exchange: command.exchange.clone(),
        meaning: command.answer.meaning().to_owned(),
        create_time: context.now,
    }
}

/// Books that the provider did it.
pub(super) fn done(
    work: &mut Work<'_>,
    index: usize,
    mut operation: Operation,
    value: i64,
    surplus: i64,
    provider_id: &str,
) {
    let value = value.clamp(0, operation.value);
    if operation.kind == OperationKind::Authorization {
        let authorization_id = provider_id.to_owned();
        let approval = Approval { authorization_id, tid: None, nsu: None, max_value: None };
        approved(work, index, operation, value, &approval);
        return;
    }
    let is_known = matches!(operation.state, OperationState::Done { .. });
    if is_lapse(&work.payments[index], &operation) && !is_known {
        lapsed(work, index, operation, provider_id);
        return;
    }
    match &operation.state {
        OperationState::Done { value: known, provider_id: known_id } => {
            if *known != value || known_id != provider_id {
                let meaning = format!("done again: {} as {provider_id}", work.order.money(value));
                let summary = work.summary(&operation);
                work.event(EventKind::AnswerContradicted { operation: summary, meaning });
            }
            work.put(operation);
            return;
        }
        // It was refused after the authorization had ended, and booked as released.
        OperationState::Refused { .. } if has_lapsed(&operation, &work.payments[index]) => {
            found_surplus(work, index, &mut operation, surplus);
            let value = operation.value;
            end(work, operation, OperationState::Done { value, provider_id: provider_id.to_owned() });
            return;
        }
        // What it was for may have been asked for again since: the money stands beside the books.
        OperationState::Refused { .. } | OperationState::Withdrawn => {
            found_surplus(work, index, &mut operation, value + surplus);
            end(work, operation, OperationState::Done { value: 0, provider_id: provider_id.to_owned() });
            return;
        }
        _ => {}
    }
    let payment = &mut work.payments[index];
    let short = operation.value - value;
    payment.shortfalls = if short > 0 { payment.shortfalls + 1 } else { 0 };
    match (operation.kind, operation.refund.as_ref().map(|refund| refund.purpose)) {
        (OperationKind::Authorization, _) => {}
        (OperationKind::Settlement, _) => {
            payment.settling -= operation.value;
            payment.settled += value;
        }
        (OperationKind::Cancellation, _) => {
            let under_way = operation.value.min(payment.canceling);
            payment.canceling -= under_way;
            payment.canceled += value.min(under_way);
        }
        (OperationKind::Refund, Some(RefundPurpose::Return)) => {
            payment.return_refunding -= operation.value;
            payment.return_refunded += value;
        }
        (OperationKind::Refund, _) => {
            payment.excess_refunding -= operation.value;
            payment.excess_refunded += value;
        }
    }
    if short > 0 && operation.kind != OperationKind::Settlement && !payment.may_ask_again() {
        payment.shortfalls = 0;
        operation.lacking = lacks(payment, &operation, short);
    }
    give_back(work, &operation, short);
    found_surplus(work, index, &mut operation, surplus);
    end(work, operation, OperationState::Done { value, provider_id: provider_id.to_owned() });
}

/// Books any answer but DONE, from the holder of the lease.
fn not_done(work: &mut Work<'_>, index: usize, mut operation: Operation, command: &RecordOutcome) {
    let OperationState::Sent { from, lease } = operation.state else {
        return;
    };
    if let Answer::Undecided { cancel_after } = &command.answer {
        undecided(&mut work.payments[index], &operation, *cancel_after);
        // When it was asked, it had not approved; when its answer is booked, it may have.
        work.payments[index].last_from(lease.until.before(work.context.lease));
    }
    let next = Some(next_attempt(work.context.now, operation.attempts_since(), command));
    let payment = &work.payments[index];
    let (state, next_due) = match &command.answer {
        Answer::Refused { code, message }
            if !operation.is_unclear && operation.kind == OperationKind::Authorization =>
        {
            denied(work, index, operation, code, message);
            return;
        }
        Answer::Refused { code, message } if !operation.is_unclear || lapses(&operation, payment) => {
            not_obtained(work, index, operation, code, message);
            return;
        }
        Answer::Manual { .. } => {
            operation.attention_time.get_or_insert(work.context.now);
            (OperationState::Manual, None)
        }
        // It may take days, and is nobody's case.
        Answer::Undecided { .. } => (OperationState::Waiting(Waiting::AtProvider), next),
        Answer::Pending => {
            operation.attention_time.get_or_insert(work.context.now);
            (OperationState::Waiting(Waiting::AtProvider), next)
        }
        Answer::NoAnswer { .. } => (OperationState::Waiting(from), next),
        // Those that end an operation are booked already.
        Answer::Refused { .. }
        | Answer::Unknown { .. }
        | Answer::Done { .. }
        | Answer::Approved(_)
        | Answer::Denied { .. } => {
            let is_news = !operation.is_unclear;
            operation.is_unclear = true;
            if !is_planted(PlantedBug::HideUnknown) {
                // It is unclear since now, also where its provider had wanted to be asked again before.
                let since = operation.attention_time.filter(|_| !is_news);
                operation.attention_time = since.or(Some(work.context.now));
            }
            let repeats = work.payments[index].capabilities.replay_safe;
            (OperationState::Waiting(Waiting::Unknown), next.filter(|_| repeats))
        }
    };
    let before = OperationState::Waiting(from);
    let name = match &state {
        OperationState::Manual => "manual",
        OperationState::Waiting(Waiting::AtProvider) => "pending",
        _ => "unknown",
    };
    if state != before {
        let summary = work.summary(&operation);
        work.event(EventKind::OperationUnresolved { operation: summary, state: name.to_owned() });
    }
    let due_time = match state {
        OperationState::Waiting(_) => due_time(&work.payments[index], next_due),
        _ => None,
    };
    work.put(Operation { state, due_time, ..operation });
}

/// Ends an operation that was surely not done: what it was for lacks.
pub(super) fn not_obtained(
    work: &mut Work<'_>,
    index: usize,
    mut operation: Operation,
    code: &str,
    message: &str,
) {
    if operation.is_unclear && is_planted(PlantedBug::KeepUnknown) {
        return;
    }
    operation.lacking = refused(&mut work.payments[index], &operation);
    give_back(work, &operation, operation.value);
    let state = OperationState::Refused { code: code.to_owned(), message: message.to_owned() };
    let time = refusal_time(work.context.now, &operation, &work.payments[index]);
    end_at(work, operation, state, time);
}

/// Whether a refusal says that the money is released all the same: of a cancellation after the authorization has ended,
/// whatever became of its earlier attempts.
fn lapses(operation: &Operation, payment: &Payment) -> bool {
    operation.kind == OperationKind::Cancellation && payment.is_ended()
}

/// When a refusal is booked: what is released by it lies after the authorization's end, also if the clock has gone back
/// since that was observed.
fn refusal_time(now: Timestamp, operation: &Operation, payment: &Payment) -> Timestamp {
    let end = payment.authorization.expire_time.filter(|_| lapses(operation, payment));
    end.map_or(now, |end| now.max(end))
}

/// Whether a cancellation was booked as done when it was refused.
fn has_lapsed(operation: &Operation, payment: &Payment) -> bool {
    let end = payment.authorization.expire_time;
    let is_after = operation.end_time.zip(end).is_some_and(|(ended, end)| end <= ended);
    // What cancels a payment of which nothing was authorized releases nothing by being refused.
    operation.kind == OperationKind::Cancellation && is_after && payment.lapse != Some(operation.ordinal)
}

/// Keeps an answer that does not count; alarms if it contradicts what is known.
fn contradicted_or_late(work: &mut Work<'_>, operation: Operation, answer: &Answer) {
    let is_done = matches!(operation.state, OperationState::Done { .. });
    if is_done && matches!(answer, Answer::Denied { .. }) {
        let operation = contradicted(work, operation, answer.meaning().to_owned());
        work.put(operation);
        return;
    }
    if is_done && matches!(answer, Answer::Refused { .. } | Answer::Manual { .. }) {
        let summary = work.summary(&operation);
        let meaning = answer.meaning().to_owned();
        work.event(EventKind::AnswerContradicted { operation: summary, meaning });
    }
    work.put(operation);
}

/// Books a refusal: what it was for lacks, and is not repeated by itself. Says how much that is.
fn refused(payment: &mut Payment, operation: &Operation) -> i64 {
    if is_lapse(payment, operation) {
        return 0;
    }
    if payment.lapse == Some(operation.ordinal) {
        // What was approved meanwhile is room again.
        payment.canceling -= operation.value.min(payment.canceling);
        return 0;
    }
    match (operation.kind, operation.refund.as_ref().map(|refund| refund.purpose)) {
        (OperationKind::Authorization, _) => return 0,
        (OperationKind::Settlement, _) => {
            payment.settling -= operation.value;
            payment.settlements = payment.settlements.saturating_sub(1);
        }
        (OperationKind::Cancellation, _) => payment.canceling -= operation.value,
        (OperationKind::Refund, Some(RefundPurpose::Return)) => payment.return_refunding -= operation.value,
        (OperationKind::Refund, _) => payment.excess_refunding -= operation.value,
    }
    if lapses(operation, payment) {
        payment.canceled += operation.value;
        return 0;
    }
    lacks(payment, operation, operation.value)
}

/// Books that `value` of what was asked is not asked for again by itself, and says how much of it lacks.
fn lacks(payment: &mut Payment, operation: &Operation, value: i64) -> i64 {
    let lacks = match (operation.kind, operation.is_final) {
        (OperationKind::Authorization, _) => return 0,
        (OperationKind::Settlement, _) if is_planted(PlantedBug::RepeatRefusals) => 0,
        (OperationKind::Settlement, _) => value.min(payment.due()),
        // A part that is not released is room again, and is released with the rest.
        (OperationKind::Cancellation, false) => 0,
        (OperationKind::Cancellation, true) | (OperationKind::Refund, _) => value,
    };
    *payment.lacking_mut(operation) += lacks;
    lacks
}

/// Gives a settlement back what a refund did not take from it.
fn give_back(work: &mut Work<'_>, operation: &Operation, value: i64) {
    let Some(target) = operation.refund.as_ref().filter(|_| value > 0) else {
        return;
    };
    let Some(settlement) = work.settlement(&target.operation_id) else {
        return;
    };
    let refund_taken = settlement.refund_taken - value;
    work.put(Operation { refund_taken, ..settlement });
}

fn found_surplus(work: &mut Work<'_>, index: usize, operation: &mut Operation, surplus: i64) {
    if surplus == 0 {
        return;
    }
    work.payments[index].surplus += surplus;
    operation.surplus += surplus;
    let (operation, surplus) = (work.summary(operation), work.order.money(surplus));
    work.event(EventKind::SurplusFound { operation, surplus });
}

pub(super) fn end(work: &mut Work<'_>, operation: Operation, state: OperationState) {
    let now = work.context.now;
    end_at(work, operation, state, now);
}

fn end_at(work: &mut Work<'_>, operation: Operation, state: OperationState, time: Timestamp) {
    let since = operation.attention_time.unwrap_or(work.context.now);
    let attention_time = (operation.lacking > 0 || operation.surplus > 0).then_some(since);
    let operation = Operation { state, due_time: None, attention_time, end_time: Some(time), ..operation };
    let done = match &operation.state {
        OperationState::Done { value, .. } => Some(*value),
        _ => None,
    };
    let (summary, is_done) = (work.summary(&operation), done.is_some());
    let done = work.order.money(done.unwrap_or(0));
    work.event(EventKind::OperationEnded { operation: summary, done, is_done });
    work.put(operation);
}

/// When to try again: exponential with jitter, or later if the provider asked for it, but never beyond the time in which
/// an operation is repeated: nothing sleeps for longer without becoming stuck.
fn next_attempt(now: Timestamp, attempts: u32, command: &RecordOutcome) -> Timestamp {
    let pause = backoff(attempts);
    let spread = pause / 2 + (pause / 2 / 1000) * command.jitter.min(1000);
    let asked = match &command.answer {
        Answer::NoAnswer { retry_after, .. } => retry_after.unwrap_or_default().min(BACKOFF_MAX),
        _ => std::time::Duration::ZERO,
    };
    now.after(spread.max(asked))
}
