//! Lines of orders.

use sea_orm::entity::prelude::*;
use tranche_core::id::LineId;
use tranche_core::order::Line;

use super::value::{order_key, position};
use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// A line's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_id: String,
    pub position: i64,
    pub sku_id: String,
    pub description: String,
    pub quantity: i64,
    pub unit_price: i64,
    pub removed: i64,
    pub invoiced: i64,
    pub returned: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Stored for Entity {
    type Domain = Line;

    fn row(line: &Line) -> Result<Model, StoreError> {
        Ok(Model {
            account_id: line.order.account_id.to_string(),
            order_id: line.order.order_id.to_string(),
            line_id: line.line_id.to_string(),
            position: i64::from(line.position),
            sku_id: line.sku_id.clone(),
            description: line.description.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            removed: line.removed,
            invoiced: line.invoiced,
            returned: line.returned,
        })
    }

    fn domain(row: &Model) -> Result<Line, Unreadable> {
        Ok(Line {
            order: order_key(&row.account_id, &row.order_id),
            line_id: LineId::trusted(&row.line_id),
            position: position(row.position)?,
            sku_id: row.sku_id.clone(),
            description: row.description.clone(),
            quantity: row.quantity,
            unit_price: row.unit_price,
            removed: row.removed,
            invoiced: row.invoiced,
            returned: row.returned,
        })
    }

    layout!();
}
