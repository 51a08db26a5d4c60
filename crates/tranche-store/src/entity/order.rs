//! Orders, with the transaction that each may have.

use sea_orm::entity::prelude::*;
use tranche_core::id::TransactionId;
use tranche_core::order::{Order, Totals, Transaction};
use tranche_core::time::Timestamp;

use super::name::Named;
use super::value::{count, currency, named, order_key};
use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// An order's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: String,
    pub currency: String,
    pub state: String,
    pub items: i64,
    pub shipping: i64,
    pub tax: i64,
    pub discounts: i64,
    pub fees: i64,
    pub manual_discounts: i64,
    pub manual_increments: i64,
    pub value: i64,
    pub invoiced: i64,
    pub returned: i64,
    pub given_up: i64,
    pub missing: i64,
    pub allocation: String,
    pub refund_order: String,
    pub release_policy: String,
    pub transaction_id: Option<String>,
    pub transaction_state: Option<String>,
    pub transaction_create_time: Option<i64>,
    pub invoices: i64,
    pub changes: i64,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn transaction(row: &Model) -> Result<Option<Transaction>, Unreadable> {
    match (&row.transaction_id, &row.transaction_state, row.transaction_create_time) {
        (None, None, None) => Ok(None),
        (Some(id), Some(state), Some(create_time)) => Ok(Some(Transaction {
            transaction_id: TransactionId::trusted(id),
            state: named("transaction_state", state)?,
            create_time: Timestamp::from_micros(create_time),
        })),
        _ => Err(Unreadable("the transaction's columns are half empty".to_owned())),
    }
}

impl Stored for Entity {
    type Domain = Order;

    fn row(order: &Order) -> Result<Model, StoreError> {
        let transaction = order.transaction.as_ref();
        Ok(Model {
            account_id: order.key.account_id.to_string(),
            order_id: order.key.order_id.to_string(),
            currency: order.currency.code().to_owned(),
            state: order.state.name().to_owned(),
            items: order.totals.items,
            shipping: order.totals.shipping,
            tax: order.totals.tax,
            discounts: order.totals.discounts,
            fees: order.totals.fees,
            manual_discounts: order.totals.manual_discounts,
            manual_increments: order.totals.manual_increments,
            value: order.value,
            invoiced: order.invoiced,
            returned: order.returned,
            given_up: order.given_up,
            missing: order.missing,
            allocation: order.allocation.name().to_owned(),
            refund_order: order.refund_order.name().to_owned(),
            release_policy: order.release_policy.name().to_owned(),
            transaction_id: transaction.map(|row| row.transaction_id.to_string()),
            transaction_state: transaction.map(|row| row.state.name().to_owned()),
            transaction_create_time: transaction.map(|row| row.create_time.micros()),
            invoices: i64::from(order.invoices),
            changes: i64::from(order.changes),
            version: order.version,
            create_time: order.create_time.micros(),
            update_time: order.update_time.micros(),
        })
    }

    fn domain(row: &Model) -> Result<Order, Unreadable> {
        Ok(Order {
            key: order_key(&row.account_id, &row.order_id),
            currency: currency(&row.currency)?,
            state: named("state", &row.state)?,
            totals: Totals {
                items: row.items,
                shipping: row.shipping,
                tax: row.tax,
                discounts: row.discounts,
                fees: row.fees,
                manual_discounts: row.manual_discounts,
                manual_increments: row.manual_increments,
            },
            value: row.value,
            invoiced: row.invoiced,
            returned: row.returned,
            given_up: row.given_up,
            missing: row.missing,
            allocation: named("allocation", &row.allocation)?,
            refund_order: named("refund_order", &row.refund_order)?,
            release_policy: named("release_policy", &row.release_policy)?,
            transaction: transaction(row)?,
            invoices: count("invoices", row.invoices)?,
            changes: count("changes", row.changes)?,
            version: row.version,
            create_time: Timestamp::from_micros(row.create_time),
            update_time: Timestamp::from_micros(row.update_time),
        })
    }

    layout!();
}
