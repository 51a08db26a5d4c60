//! Changes of orders, with their lines as JSON: they are written once, read as a whole, and never searched.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use tranche_core::change::{Change, RemovedLine};
use tranche_core::command::NewLine;
use tranche_core::id::{LineId, RequestId};
use tranche_core::time::Timestamp;

use super::value::{from_json, order_key, to_json};
use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// A change's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub request_id: String,
    pub reason: String,
    pub added_lines: String,
    pub removed_lines: String,
    pub manual_discount: i64,
    pub manual_increment: i64,
    pub value_before: i64,
    pub value_after: i64,
    pub create_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddedJson {
    line_id: String,
    sku_id: String,
    description: String,
    quantity: i64,
    unit_price: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovedJson {
    line_id: String,
    quantity: i64,
}

fn added_json(lines: &[NewLine]) -> Result<String, StoreError> {
    let json = |line: &NewLine| AddedJson {
        line_id: line.line_id.to_string(),
        sku_id: line.sku_id.clone(),
        description: line.description.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
    };
    to_json(&lines.iter().map(json).collect::<Vec<_>>())
}

fn removed_json(lines: &[RemovedLine]) -> Result<String, StoreError> {
    let json =
        |line: &RemovedLine| RemovedJson { line_id: line.line_id.to_string(), quantity: line.quantity };
    to_json(&lines.iter().map(json).collect::<Vec<_>>())
}

fn added(row: &Model) -> Result<Vec<NewLine>, Unreadable> {
    let line = |line: AddedJson| NewLine {
        line_id: LineId::trusted(&line.line_id),
        sku_id: line.sku_id,
        description: line.description,
        quantity: line.quantity,
        unit_price: line.unit_price,
    };
    let lines: Vec<AddedJson> = from_json("added_lines", &row.added_lines)?;
    Ok(lines.into_iter().map(line).collect())
}

fn removed(row: &Model) -> Result<Vec<RemovedLine>, Unreadable> {
    let line =
        |line: RemovedJson| RemovedLine { line_id: LineId::trusted(&line.line_id), quantity: line.quantity };
    let lines: Vec<RemovedJson> = from_json("removed_lines", &row.removed_lines)?;
    Ok(lines.into_iter().map(line).collect())
}

impl Stored for Entity {
    type Domain = Change;

    fn row(change: &Change) -> Result<Model, StoreError> {
        Ok(Model {
            account_id: change.order.account_id.to_string(),
            order_id: change.order.order_id.to_string(),
            request_id: change.request_id.to_string(),
            reason: change.reason.clone(),
            added_lines: added_json(&change.added_lines)?,
            removed_lines: removed_json(&change.removed_lines)?,
            manual_discount: change.manual_discount,
            manual_increment: change.manual_increment,
            value_before: change.value_before,
            value_after: change.value_after,
            create_time: change.create_time.micros(),
        })
    }

    fn domain(row: &Model) -> Result<Change, Unreadable> {
        Ok(Change {
            order: order_key(&row.account_id, &row.order_id),
            request_id: RequestId::trusted(&row.request_id),
            reason: row.reason.clone(),
            added_lines: added(row)?,
            removed_lines: removed(row)?,
            manual_discount: row.manual_discount,
            manual_increment: row.manual_increment,
            value_before: row.value_before,
            value_after: row.value_after,
            create_time: Timestamp::from_micros(row.create_time),
        })
    }

    layout!();
}
