//! Invoices, and the operations that pay them.

use std::collections::{BTreeMap, BTreeSet};

use tranche_core::bounds::{LINES_PER_INVOICE_MAX, PAYMENTS_PER_TRANSACTION_MAX};
use tranche_core::command::{NotifyInvoice, UpdateTracking};
use tranche_core::content::Content;
use tranche_core::id::{AccountId, InvoiceNumber, LineId, OrderId, OrderKey, PaymentId, RequestId};
use tranche_core::invoice::{Invoice, InvoiceLine, InvoiceType, Leg, Tracking};
use tranche_core::money::{Money, decimal_of};
use tranche_core::operation::{Operation, OperationState};
use tranche_core::order::Order;
use tranche_core::time::Timestamp;
use tranche_proto::v1 as pb;

use super::content::Parts;
use super::money::{Least, money, parse_money};
use super::order::parse_quantity;
use super::page::{Page, Query};
use super::time::{parse_timestamp, timestamp};
use super::{Unacceptable, Violations, enumeration, operation};

/// The invoice, with the operations that it asked for, as a message.
pub(crate) fn invoice(order: &Order, invoice: &Invoice, operations: &[Operation]) -> pb::Invoice {
    let line =
        |line: &InvoiceLine| pb::InvoiceLine { line_id: line.line_id.to_string(), quantity: line.quantity };
    pb::Invoice {
        order_id: invoice.order.order_id.to_string(),
        invoice_number: invoice.invoice_number.to_string(),
        r#type: invoice_type(invoice.invoice_type).into(),
        // Voiding is not served yet.
        state: pb::invoice::State::Accepted.into(),
        value: Some(money(order.money(invoice.value))),
        issue_time: invoice.issue_time.map(timestamp),
        lines: invoice.lines.iter().map(line).collect(),
        invoice_key: invoice.invoice_key.clone(),
        invoice_url: invoice.invoice_url.clone(),
        tracking: tracking(&invoice.tracking),
        receipt_id: invoice.receipt_id.clone(),
        allocations: allocations(order, invoice),
        settlements: settlements(order, invoice, operations),
        void_reason: String::new(),
        create_time: Some(timestamp(invoice.create_time)),
        update_time: Some(timestamp(invoice.update_time)),
    }
}

/// What the invoice's acceptance meant, as a message.
pub(crate) fn receipt(order: &Order, invoice: &Invoice) -> pb::InvoiceReceipt {
    pb::InvoiceReceipt {
        receipt_id: invoice.receipt_id.clone(),
        order_id: invoice.order.order_id.to_string(),
        invoice_number: invoice.invoice_number.to_string(),
        r#type: invoice_type(invoice.invoice_type).into(),
        value: Some(money(order.money(invoice.value))),
        remaining_to_invoice: Some(money(order.money(invoice.remaining))),
        allocations: allocations(order, invoice),
        create_time: Some(timestamp(invoice.create_time)),
    }
}

fn allocations(order: &Order, invoice: &Invoice) -> Vec<pb::PaymentAmount> {
    let leg = |leg: &Leg| pb::PaymentAmount {
        payment_id: leg.payment_id.to_string(),
        amount: Some(money(order.money(leg.value))),
    };
    invoice.legs.iter().map(leg).collect()
}

/// The part that each operation has in paying the invoice.
///
/// One settlement may pay more than the invoice that started it: of each payment's operations, oldest first, only as
/// much is this invoice's as its leg still needs.
pub(crate) fn settlements(
    order: &Order,
    invoice: &Invoice,
    operations: &[Operation],
) -> Vec<pb::InvoiceSettlement> {
    let mut open: BTreeMap<&PaymentId, i64> =
        invoice.legs.iter().map(|leg| (&leg.payment_id, leg.value)).collect();
    let mut settlement = |row: &Operation| {
        let open = open.get_mut(&row.payment_id)?;
        let asked = row.value.min(*open);
        let done = operation::done_value(row).unwrap_or(0).min(asked);
        *open -= match &row.state {
            OperationState::Done { .. } => done,
            OperationState::Refused { .. } => 0,
            _ => asked,
        };
        Some(pb::InvoiceSettlement {
            operation_id: row.operation_id.to_string(),
            payment_id: row.payment_id.to_string(),
            kind: operation::kind(row.kind).into(),
            state: operation::state(&row.state).into(),
            amount_asked: Some(money(order.money(asked))),
            amount_done: Some(money(order.money(done))),
            provider_id: operation::provider_id(row).to_owned(),
        })
    };
    operations.iter().filter_map(&mut settlement).collect()
}

fn invoice_type(invoice_type: InvoiceType) -> pb::invoice::Type {
    match invoice_type {
        InvoiceType::Output => pb::invoice::Type::Output,
        InvoiceType::Input => pb::invoice::Type::Input,
    }
}

fn tracking(tracking: &Tracking) -> Option<pb::Tracking> {
    (*tracking != Tracking::default()).then(|| pb::Tracking {
        courier: tracking.courier.clone(),
        tracking_number: tracking.number.clone(),
        tracking_url: tracking.url.clone(),
        dispatch_time: tracking.dispatch_time.map(timestamp),
    })
}

/// The invoice that a request names.
pub(crate) fn key(
    account_id: &AccountId,
    order_id: &str,
    invoice_number: &str,
) -> Result<(OrderKey, InvoiceNumber), Unacceptable> {
    let mut violations = Violations::default();
    let key = parse_key(&mut violations, account_id, order_id, invoice_number);
    violations.finish(key)
}

fn parse_key(
    violations: &mut Violations,
    account_id: &AccountId,
    order_id: &str,
    invoice_number: &str,
) -> Option<(OrderKey, InvoiceNumber)> {
    let order_id = violations.id("order_id", order_id, OrderId::parse);
    let invoice_number = violations.id("invoice_number", invoice_number, InvoiceNumber::parse);
    let key = OrderKey { account_id: account_id.clone(), order_id: order_id? };
    Some((key, invoice_number?))
}

/// The order whose invoices are listed, and the page of them.
pub(crate) fn list(
    account_id: &AccountId,
    request: &pb::ListInvoicesRequest,
) -> Result<(OrderKey, Page), Unacceptable> {
    let mut violations = Violations::default();
    let order_id = violations.id("order_id", &request.order_id, OrderId::parse);
    let query = Query::new("invoices", account_id).of(&request.order_id);
    let page = Page::parse(&mut violations, query, request.page_size, &request.page_token);
    let key = order_id.map(|order_id| OrderKey { account_id: account_id.clone(), order_id });
    violations.finish(key.zip(page))
}

/// A new invoice.
pub(crate) fn notify(
    account_id: &AccountId,
    request: &pb::NotifyInvoiceRequest,
    receipt_id: String,
) -> Result<NotifyInvoice, Unacceptable> {
    let mut violations = Violations::default();
    let key = parse_key(&mut violations, account_id, &request.order_id, &request.invoice_number);
    match enumeration(&mut violations, "type", request.r#type) {
        Some(pb::invoice::Type::Unspecified) => violations.add("type", "is required"),
        Some(pb::invoice::Type::Input) => violations.not_served("input invoices"),
        Some(pb::invoice::Type::Output) | None => {}
    }
    let value = request.value.as_ref();
    let value = parse_money(&mut violations, "value", value, None, Least::OneMinorUnit);
    let issue_time = parse_timestamp(&mut violations, "issue_time", request.issue_time.as_ref());
    let lines = parse_lines(&mut violations, &request.lines);
    let legs = parse_legs(&mut violations, &request.payments, value);
    let invoice_key = violations.text("invoice_key", &request.invoice_key);
    let invoice_url = violations.text("invoice_url", &request.invoice_url);
    let tracking = parse_tracking(&mut violations, request.tracking.as_ref());
    let build = || {
        let (key, invoice_number) = key?;
        let value = value?;
        let mut command = NotifyInvoice {
            key,
            invoice_number,
            receipt_id,
            content: Content::default(),
            currency: value.currency,
            value: value.minor,
            lines: lines?,
            legs: legs?,
            issue_time,
            invoice_key: invoice_key?,
            invoice_url: invoice_url?,
            tracking: tracking?,
            validate_only: request.validate_only,
        };
        command.content = content(&command);
        Some(command)
    };
    let command = build();
    violations.finish(command)
}

fn parse_lines(violations: &mut Violations, lines: &[pb::InvoiceLine]) -> Option<Vec<InvoiceLine>> {
    if !violations.is_bounded("lines", lines.len(), LINES_PER_INVOICE_MAX) {
        return None;
    }
    let mut seen = BTreeSet::new();
    let parse = |(index, line): (usize, &pb::InvoiceLine)| {
        let path = format!("lines[{index}].line_id");
        let line_id = violations.id(&path, &line.line_id, LineId::parse);
        if line_id.as_ref().is_some_and(|id| !seen.insert(id.clone())) {
            violations.add(path, "is named before; name every line once, with its whole quantity");
        }
        let quantity = parse_quantity(violations, &format!("lines[{index}].quantity"), line.quantity);
        Some(InvoiceLine { line_id: line_id?, quantity: quantity? })
    };
    let parsed: Vec<Option<InvoiceLine>> = lines.iter().enumerate().map(parse).collect();
    parsed.into_iter().collect()
}

/// The caller's own split, which sums to the invoice's value.
fn parse_legs(
    violations: &mut Violations,
    payments: &[pb::PaymentAmount],
    value: Option<Money>,
) -> Option<Vec<Leg>> {
    if !violations.is_bounded("payments", payments.len(), PAYMENTS_PER_TRANSACTION_MAX) {
        return None;
    }
    let mut seen = BTreeSet::new();
    let currency = value.map(|value| value.currency);
    let parse = |(index, payment): (usize, &pb::PaymentAmount)| {
        let path = format!("payments[{index}].payment_id");
        let payment_id = violations.id(&path, &payment.payment_id, PaymentId::parse);
        if payment_id.as_ref().is_some_and(|id| !seen.insert(id.clone())) {
            violations.add(path, "is named before; name every payment once, with its whole amount");
        }
        let amount = payment.amount.as_ref();
        let path = format!("payments[{index}].amount");
        let amount = parse_money(violations, &path, amount, currency, Least::OneMinorUnit);
        Some(Leg { payment_id: payment_id?, value: amount?.minor })
    };
    let parsed: Vec<Option<Leg>> = payments.iter().enumerate().map(parse).collect();
    let legs: Vec<Leg> = parsed.into_iter().collect::<Option<_>>()?;
    let sum: i64 = legs.iter().map(|leg| leg.value).sum();
    if let Some(value) = value.filter(|value| !legs.is_empty() && value.minor != sum) {
        let sum = decimal_of(sum, value.currency);
        violations.add(
            "payments",
            format!("sum to {sum}; they must sum to the invoice's value, {}", value.decimal()),
        );
    }
    Some(legs)
}

fn parse_tracking(violations: &mut Violations, tracking: Option<&pb::Tracking>) -> Option<Tracking> {
    let Some(tracking) = tracking else {
        return Some(Tracking::default());
    };
    let courier = violations.text("tracking.courier", &tracking.courier);
    let number = violations.text("tracking.tracking_number", &tracking.tracking_number);
    let url = violations.text("tracking.tracking_url", &tracking.tracking_url);
    let dispatch_time = tracking.dispatch_time.as_ref();
    let dispatch_time = parse_timestamp(violations, "tracking.dispatch_time", dispatch_time);
    Some(Tracking { courier: courier?, number: number?, url: url?, dispatch_time })
}

/// What a repeat is compared by. Where the parcel is may have changed since; asking to only validate asks for the same.
fn content(command: &NotifyInvoice) -> Content {
    let lines = command.lines.iter().fold(Parts::default(), |parts, line| {
        parts.with(line.line_id.as_str()).with(line.quantity.to_string())
    });
    let legs = command
        .legs
        .iter()
        .fold(Parts::default(), |parts, leg| parts.with(leg.payment_id.as_str()).with(leg.value.to_string()));
    let value = Parts::default().with(command.currency.code()).with(command.value.to_string());
    let issue_time = Parts::default().with_optional(command.issue_time.map(Timestamp::micros));
    Content::default()
        .with("type", pb::invoice::Type::Output.as_str_name())
        .with("value", value.text())
        .with("issue_time", issue_time.text())
        .with("lines", lines.text())
        .with("payments", legs.text())
        .with("invoice_key", &command.invoice_key)
        .with("invoice_url", &command.invoice_url)
}

/// New tracking of an invoice.
pub(crate) fn update_tracking(
    account_id: &AccountId,
    request: &pb::UpdateInvoiceTrackingRequest,
) -> Result<UpdateTracking, Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let key = parse_key(&mut violations, account_id, &request.order_id, &request.invoice_number);
    if request.tracking.is_none() {
        violations.add("tracking", "is required");
    }
    let tracking = parse_tracking(&mut violations, request.tracking.as_ref());
    let build = || {
        let (key, invoice_number) = key?;
        let tracking = tracking?;
        let parts = Parts::default()
            .with(&tracking.courier)
            .with(&tracking.number)
            .with(&tracking.url)
            .with_optional(tracking.dispatch_time.map(Timestamp::micros));
        Some(UpdateTracking {
            key,
            invoice_number,
            request_id: request_id?,
            content: Content::default().with("tracking", parts.text()),
            tracking,
        })
    };
    let command = build();
    violations.finish(command)
}
