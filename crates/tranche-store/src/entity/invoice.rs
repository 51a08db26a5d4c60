//! Invoices, with their lines and legs as JSON: they are read and written as a whole, and never searched.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use tranche_core::content::Content;
use tranche_core::id::{InvoiceNumber, LineId, PaymentId};
use tranche_core::invoice::{Invoice, InvoiceLine, InvoiceState, Leg, Tracking};
use tranche_core::time::Timestamp;

use super::name::Named;
use super::value::{count, from_json, micros, named, order_key, time, to_json};
use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// An invoice's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invoices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub invoice_number: String,
    pub ordinal: i64,
    pub invoice_type: String,
    pub state: String,
    pub void_reason: Option<String>,
    pub value: i64,
    pub lines: String,
    pub legs: String,
    pub remaining: i64,
    pub receipt_id: String,
    pub issue_time: Option<i64>,
    pub invoice_key: String,
    pub invoice_url: String,
    pub tracking_courier: String,
    pub tracking_number: String,
    pub tracking_url: String,
    pub dispatch_time: Option<i64>,
    pub content: String,
    pub create_time: i64,
    pub update_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineJson {
    line_id: String,
    quantity: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LegJson {
    payment_id: String,
    value: i64,
    #[serde(default, skip_serializing_if = "is_nothing")]
    given_up: i64,
    /// Only where it is another one than the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accepted: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_nothing(amount: &i64) -> bool {
    *amount == 0
}

fn lines_json(lines: &[InvoiceLine]) -> Result<String, StoreError> {
    let json = |line: &InvoiceLine| LineJson { line_id: line.line_id.to_string(), quantity: line.quantity };
    to_json(&lines.iter().map(json).collect::<Vec<_>>())
}

fn legs_json(legs: &[Leg]) -> Result<String, StoreError> {
    let json = |leg: &Leg| LegJson {
        payment_id: leg.payment_id.to_string(),
        value: leg.value,
        given_up: leg.given_up,
        accepted: (leg.accepted != leg.value).then_some(leg.accepted),
    };
    to_json(&legs.iter().map(json).collect::<Vec<_>>())
}

fn lines(row: &Model) -> Result<Vec<InvoiceLine>, Unreadable> {
    let line =
        |line: LineJson| InvoiceLine { line_id: LineId::trusted(&line.line_id), quantity: line.quantity };
    let lines: Vec<LineJson> = from_json("lines", &row.lines)?;
    Ok(lines.into_iter().map(line).collect())
}

fn legs(row: &Model) -> Result<Vec<Leg>, Unreadable> {
    let leg = |leg: LegJson| Leg {
        payment_id: PaymentId::trusted(&leg.payment_id),
        value: leg.value,
        given_up: leg.given_up,
        accepted: leg.accepted.unwrap_or(leg.value),
    };
    let legs: Vec<LegJson> = from_json("legs", &row.legs)?;
    Ok(legs.into_iter().map(leg).collect())
}

const ACCEPTED: &str = "accepted";
const VOIDED: &str = "voided";

fn state(row: &Model) -> Result<InvoiceState, Unreadable> {
    match (row.state.as_str(), &row.void_reason) {
        (ACCEPTED, None) => Ok(InvoiceState::Accepted),
        (VOIDED, Some(reason)) => Ok(InvoiceState::Voided { reason: reason.clone() }),
        (held, _) => Err(Unreadable::column("state", held)),
    }
}

impl Stored for Entity {
    type Domain = Invoice;

    fn row(invoice: &Invoice) -> Result<Model, StoreError> {
        Ok(Model {
            account_id: invoice.order.account_id.to_string(),
            order_id: invoice.order.order_id.to_string(),
            invoice_number: invoice.invoice_number.to_string(),
            ordinal: i64::from(invoice.ordinal),
            invoice_type: invoice.invoice_type.name().to_owned(),
            state: if invoice.is_voided() { VOIDED } else { ACCEPTED }.to_owned(),
            void_reason: match &invoice.state {
                InvoiceState::Accepted => None,
                InvoiceState::Voided { reason } => Some(reason.clone()),
            },
            value: invoice.value,
            lines: lines_json(&invoice.lines)?,
            legs: legs_json(&invoice.legs)?,
            remaining: invoice.remaining,
            receipt_id: invoice.receipt_id.clone(),
            issue_time: micros(invoice.issue_time),
            invoice_key: invoice.invoice_key.clone(),
            invoice_url: invoice.invoice_url.clone(),
            tracking_courier: invoice.tracking.courier.clone(),
            tracking_number: invoice.tracking.number.clone(),
            tracking_url: invoice.tracking.url.clone(),
            dispatch_time: micros(invoice.tracking.dispatch_time),
            content: invoice.content.to_text(),
            create_time: invoice.create_time.micros(),
            update_time: invoice.update_time.micros(),
        })
    }

    fn domain(row: &Model) -> Result<Invoice, Unreadable> {
        Ok(Invoice {
            order: order_key(&row.account_id, &row.order_id),
            invoice_number: InvoiceNumber::trusted(&row.invoice_number),
            ordinal: count("ordinal", row.ordinal)?,
            invoice_type: named("invoice_type", &row.invoice_type)?,
            state: state(row)?,
            value: row.value,
            lines: lines(row)?,
            legs: legs(row)?,
            remaining: row.remaining,
            receipt_id: row.receipt_id.clone(),
            issue_time: time(row.issue_time),
            invoice_key: row.invoice_key.clone(),
            invoice_url: row.invoice_url.clone(),
            tracking: Tracking {
                courier: row.tracking_courier.clone(),
                number: row.tracking_number.clone(),
                url: row.tracking_url.clone(),
                dispatch_time: time(row.dispatch_time),
            },
            content: Content::from_text(&row.content),
            create_time: Timestamp::from_micros(row.create_time),
            update_time: Timestamp::from_micros(row.update_time),
        })
    }

    layout!();
}
