//! Output invoices that are taken back.

use crate::command::VoidInvoice;
use crate::decide::replay;
use crate::decision::{Context, Decision, Reply};
use crate::event::EventKind;
use crate::invoice::{Invoice, InvoiceState, InvoiceType};
use crate::operation::{Operation, OperationState};
use crate::order::Line;
use crate::payment::{Mode, Payment};
use crate::plan::plan;
use crate::rejection::{Rejection, ReturnedExcess};
use crate::state::State;
use crate::work::Work;

/// Takes back an output invoice of an open order: what was not sent is withdrawn, what was settled becomes ahead, and its
/// value can be invoiced again under another number.
///
/// Checks, in this order: replay; the order and the invoice exist; it is an output invoice that counts; the order is
/// open; what returns took fits into the order's other invoices, in sum, per payment and per line.
pub(in crate::decide) fn void(
    state: &State,
    command: &VoidInvoice,
    context: &Context,
) -> Result<Decision, Rejection> {
    let request = command.request_key();
    if let Some(decision) = replay(state, &request, &command.content)? {
        return Ok(decision);
    }
    let VoidInvoice { key, invoice_number, reason, .. } = command;
    let not_found = || Rejection::OrderNotFound(key.order_id.clone());
    let cause = format!("void:{invoice_number}");
    let mut work = Work::open(state, context, key, cause).ok_or_else(not_found)?;
    let invoice = state.invoices.get(&(key.clone(), invoice_number.clone()));
    let not_found = || Rejection::InvoiceNotFound(key.order_id.clone(), invoice_number.clone());
    let invoice = invoice.ok_or_else(not_found)?;
    let not_voidable = |returned| Rejection::InvoiceNotVoidable {
        invoice_number: invoice_number.clone(),
        invoice_type: invoice.invoice_type,
        state: invoice.state.clone(),
        returned,
    };
    if invoice.invoice_type == InvoiceType::Input || invoice.is_voided() {
        return Err(not_voidable(Vec::new()));
    }
    if work.order.is_ended() {
        return Err(Rejection::OrderNotOpen { order_id: key.order_id.clone(), state: work.order.state });
    }
    let lines = lines_without(state, invoice);
    let returned = returned_excess(&work, invoice, &lines);
    if !returned.is_empty() {
        return Err(not_voidable(returned));
    }
    work.lines = lines;
    work.order.invoiced -= invoice.value;
    for index in 0..work.payments.len() {
        let withdrawn =
            withdraw(&mut work, index, |row, _| row.invoice_number.as_ref() == Some(invoice_number));
        let payment = &mut work.payments[index];
        let open = invoice.open_leg(&payment.payment_id);
        let given_up = invoice.leg(&payment.payment_id) - open;
        payment.given_up -= given_up;
        work.order.given_up -= given_up;
        ask_less(payment, open, withdrawn);
        withdraw(&mut work, index, is_needless);
    }
    let voided = InvoiceState::Voided { reason: reason.clone() };
    work.invoices.push(Invoice { state: voided, update_time: context.now, ..invoice.clone() });
    let (value, reason) = (work.order.money(invoice.value), reason.clone());
    work.event(EventKind::InvoiceVoided { invoice_number: invoice_number.clone(), value, reason });
    for index in 0..work.payments.len() {
        work.advance(index);
    }
    plan(&mut work);
    let voided = work.invoices[0].clone();
    let mut decision = work.close(|closed| Reply::Voided(closed.order.clone(), voided));
    decision.record = Some((request, command.content.clone()));
    Ok(decision)
}

/// What returns took beyond what the order has without the invoice: in sum, per payment and per line.
fn returned_excess(work: &Work<'_>, invoice: &Invoice, lines: &[Line]) -> Vec<ReturnedExcess> {
    let order = &work.order;
    let in_sum = order.returned - (order.invoiced - invoice.value);
    let of_payment = |payment: &Payment| {
        let above = invoice.leg(&payment.payment_id) - payment.returnable();
        // Returns that still expect money must find it in what the other invoices ask.
        let expected = payment.return_expected();
        let above = above.max(invoice.open_leg(&payment.payment_id) - (payment.asked - expected));
        (above > 0).then(|| ReturnedExcess::Payment(payment.payment_id.clone(), order.money(above)))
    };
    let of_line = |line: &Line| {
        let above = line.returned - line.invoiced;
        (above > 0).then(|| ReturnedExcess::Line(line.line_id.clone(), above))
    };
    let in_sum = (in_sum > 0).then(|| ReturnedExcess::Order(order.money(in_sum)));
    let payments = work.payments.iter().filter_map(of_payment);
    in_sum.into_iter().chain(payments).chain(lines.iter().filter_map(of_line)).collect()
}

/// The lines that the invoice names, without what it took of them.
fn lines_without(state: &State, invoice: &Invoice) -> Vec<Line> {
    let line = |named: &crate::invoice::InvoiceLine| {
        let line = state.lines.get(&(invoice.order.clone(), named.line_id.clone()))?;
        Some(Line { invoiced: line.invoiced - named.quantity, ..line.clone() })
    };
    invoice.lines.iter().filter_map(line).collect()
}

/// Whether a settlement that was decided for no invoice alone is not needed as it is any more; if a part of it still is,
/// the plan starts that.
fn is_needless(operation: &Operation, payment: &Payment) -> bool {
    match payment.mode {
        // It takes all, as long as there is an invoice that asks for any of it.
        Mode::Total => payment.asked == 0,
        Mode::Hold | Mode::Partial => operation.invoice_number.is_none() && payment.ahead_coming() > 0,
    }
}

/// Ends those settlements of a payment that the provider cannot have seen, and says what they were to bring.
fn withdraw(work: &mut Work<'_>, index: usize, is_meant: impl Fn(&Operation, &Payment) -> bool) -> i64 {
    let unsent = work.unsent(&work.payments[index].payment_id);
    let mut withdrawn = 0;
    for operation in unsent {
        if !is_meant(&operation, &work.payments[index]) {
            continue;
        }
        withdrawn += operation.value;
        let payment = &mut work.payments[index];
        payment.settling -= operation.value;
        payment.settlements = payment.settlements.saturating_sub(1);
        let summary = work.summary(&operation);
        work.event(EventKind::OperationWithdrawn { operation: summary });
        let end_time = Some(work.context.now);
        work.put(Operation { state: OperationState::Withdrawn, due_time: None, end_time, ..operation });
    }
    withdrawn
}

/// Takes back what was asked of a payment, of which so much was withdrawn; what lacked of the rest lacks no more.
fn ask_less(payment: &mut Payment, value: i64, withdrawn: i64) {
    let before = payment.owed();
    payment.asked -= value;
    // What is owed falls by as much as was neither settled nor being settled; of that, what lacked comes first.
    let fell = (before - payment.owed() - withdrawn).max(0);
    payment.lacking = (payment.lacking - fell).max(0);
}
