//! New invoices, one by one and in batches.

use std::collections::BTreeSet;

use tranche_core::bounds::{LINES_PER_INVOICE_MAX, PAYMENTS_PER_TRANSACTION_MAX};
use tranche_core::command::NotifyInvoice;
use tranche_core::content::Content;
use tranche_core::id::{AccountId, LineId, PaymentId};
use tranche_core::invoice::{InvoiceLine, InvoiceType, Leg};
use tranche_core::money::{Money, decimal_of};
use tranche_core::time::Timestamp;
use tranche_proto::v1 as pb;

use super::{invoice_type, parse_key, parse_tracking};
use crate::bounds::BATCH_INVOICES_MAX;
use crate::wire::content::Parts;
use crate::wire::money::{Least, parse_money};
use crate::wire::order::parse_quantity;
use crate::wire::time::parse_timestamp;
use crate::wire::{Unacceptable, Violations, enumeration};

/// The invoices of a batch, each by itself; the batch is refused as a whole only where it is none.
pub(crate) fn batch(
    account_id: &AccountId,
    request: &pb::BatchNotifyInvoicesRequest,
    mut receipt_id: impl FnMut() -> String,
) -> Result<Vec<Result<NotifyInvoice, Unacceptable>>, Unacceptable> {
    let mut violations = Violations::default();
    if request.invoices.is_empty() {
        violations.add("invoices", "is required: a batch has at least one invoice");
    }
    violations.is_bounded("invoices", request.invoices.len(), BATCH_INVOICES_MAX);
    violations.finish(Some(()))?;
    let item = |item: &pb::NotifyInvoiceRequest| {
        let mut violations = Violations::default();
        if item.validate_only {
            let description = "is not taken in a batch, which writes; validate invoices one by one";
            violations.add("validate_only", description);
        }
        parse(violations, account_id, item, receipt_id())
    };
    Ok(request.invoices.iter().map(item).collect())
}

/// A new invoice.
pub(crate) fn notify(
    account_id: &AccountId,
    request: &pb::NotifyInvoiceRequest,
    receipt_id: String,
) -> Result<NotifyInvoice, Unacceptable> {
    parse(Violations::default(), account_id, request, receipt_id)
}

fn parse(
    mut violations: Violations,
    account_id: &AccountId,
    request: &pb::NotifyInvoiceRequest,
    receipt_id: String,
) -> Result<NotifyInvoice, Unacceptable> {
    let key = parse_key(&mut violations, account_id, &request.order_id, &request.invoice_number);
    let invoice_type = parse_type(&mut violations, request.r#type);
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
            invoice_type: invoice_type?,
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
        Some(Leg::new(payment_id?, amount?.minor))
    };
    let parsed: Vec<Option<Leg>> = payments.iter().enumerate().map(parse).collect();
    let legs: Vec<Leg> = parsed.into_iter().collect::<Option<_>>()?;
    let sum: i64 = legs.iter().map(|leg| leg.value).sum();
    if let Some(value) = value.filter(|value| !legs.is_empty() && value.minor != sum) {
        let sum = decimal_of(sum, value.currency);
        violations.add(
            "payments",
            format!("sums to {sum}; it must sum to the invoice's value, {}", value.decimal()),
        );
    }
    Some(legs)
}

fn parse_type(violations: &mut Violations, number: i32) -> Option<InvoiceType> {
    match enumeration(violations, "type", number)? {
        pb::invoice::Type::Output => Some(InvoiceType::Output),
        pb::invoice::Type::Input => Some(InvoiceType::Input),
        pb::invoice::Type::Unspecified => {
            violations.add("type", "is required");
            None
        }
    }
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
        .with("type", invoice_type(command.invoice_type).as_str_name())
        .with("value", value.text())
        .with("issue_time", issue_time.text())
        .with("lines", lines.text())
        .with("payments", legs.text())
        .with("invoice_key", &command.invoice_key)
        .with("invoice_url", &command.invoice_url)
}
