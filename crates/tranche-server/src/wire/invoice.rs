//! Invoices, and the operations that pay them.

mod notification;

use tranche_core::attribution::Share;
use tranche_core::command::{UpdateTracking, VoidInvoice};
use tranche_core::content::Content;
use tranche_core::id::{AccountId, InvoiceNumber, OrderId, OrderKey, RequestId};
use tranche_core::invoice::{Invoice, InvoiceLine, InvoiceState, InvoiceType, Leg, Tracking};
use tranche_core::order::Order;
use tranche_core::time::Timestamp;
use tranche_proto::v1 as pb;

use super::content::Parts;
use super::money::money;
use super::page::{Page, Query};
use super::time::{parse_timestamp, timestamp};
use super::{Unacceptable, Violations, operation};
pub(crate) use notification::{batch, notify};

/// The invoice, with what paid it, as a message.
pub(crate) fn invoice(order: &Order, invoice: &Invoice, shares: &[Share<'_>]) -> pb::Invoice {
    let line =
        |line: &InvoiceLine| pb::InvoiceLine { line_id: line.line_id.to_string(), quantity: line.quantity };
    pb::Invoice {
        order_id: invoice.order.order_id.to_string(),
        invoice_number: invoice.invoice_number.to_string(),
        r#type: invoice_type(invoice.invoice_type).into(),
        state: state(&invoice.state).into(),
        value: Some(money(order.money(invoice.value))),
        issue_time: invoice.issue_time.map(timestamp),
        lines: invoice.lines.iter().map(line).collect(),
        invoice_key: invoice.invoice_key.clone(),
        invoice_url: invoice.invoice_url.clone(),
        tracking: tracking(&invoice.tracking),
        receipt_id: invoice.receipt_id.clone(),
        allocations: allocations(order, invoice, |leg| leg.value),
        settlements: settlements(order, shares),
        void_reason: match &invoice.state {
            InvoiceState::Accepted => String::new(),
            InvoiceState::Voided { reason } => reason.clone(),
        },
        create_time: Some(timestamp(invoice.create_time)),
        update_time: Some(timestamp(invoice.update_time)),
        given_up: Some(money(order.money(invoice.legs.iter().map(|leg| leg.given_up).sum()))),
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
        allocations: allocations(order, invoice, |leg| leg.accepted),
        create_time: Some(timestamp(invoice.create_time)),
    }
}

fn allocations(order: &Order, invoice: &Invoice, asked: impl Fn(&Leg) -> i64) -> Vec<pb::PaymentAmount> {
    let part = |leg: &Leg| pb::PaymentAmount {
        payment_id: leg.payment_id.to_string(),
        amount: Some(money(order.money(asked(leg)))),
    };
    invoice.legs.iter().filter(|leg| asked(leg) > 0).map(part).collect()
}

/// The part that each operation has in paying an invoice.
pub(crate) fn settlements(order: &Order, shares: &[Share<'_>]) -> Vec<pb::InvoiceSettlement> {
    let settlement = |share: &Share<'_>| pb::InvoiceSettlement {
        operation_id: share.operation.operation_id.to_string(),
        payment_id: share.operation.payment_id.to_string(),
        kind: operation::kind(share.operation.kind).into(),
        state: operation::state(&share.operation.state).into(),
        amount_asked: Some(money(order.money(share.asked))),
        amount_done: Some(money(order.money(share.done))),
        provider_id: operation::provider_id(share.operation).to_owned(),
    };
    shares.iter().map(settlement).collect()
}

/// The type as a message's value.
pub(crate) fn invoice_type(invoice_type: InvoiceType) -> pb::invoice::Type {
    match invoice_type {
        InvoiceType::Output => pb::invoice::Type::Output,
        InvoiceType::Input => pb::invoice::Type::Input,
    }
}

/// The state as a message's value.
pub(crate) fn state(state: &InvoiceState) -> pb::invoice::State {
    match state {
        InvoiceState::Accepted => pb::invoice::State::Accepted,
        InvoiceState::Voided { .. } => pb::invoice::State::Voided,
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

/// An output invoice to be taken back.
pub(crate) fn void(
    account_id: &AccountId,
    request: &pb::VoidInvoiceRequest,
) -> Result<VoidInvoice, Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let key = parse_key(&mut violations, account_id, &request.order_id, &request.invoice_number);
    let reason = violations.required_text("reason", &request.reason);
    let build = || {
        let ((key, invoice_number), reason) = (key?, reason?);
        let content = Content::default()
            .with("act", "void")
            .with("invoice_number", invoice_number.as_str())
            .with("reason", &reason);
        Some(VoidInvoice { key, invoice_number, request_id: request_id?, content, reason })
    };
    let command = build();
    violations.finish(command)
}
