//! Accounts.

use sea_orm::entity::prelude::*;
use tranche_core::account::Account;
use tranche_core::id::AccountId;

use super::name::Named;
use super::value::{duration, duration_micros, micros, named, time};
use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// An account's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    pub partial_settlement: bool,
    pub allocation: String,
    pub refund_order: String,
    pub release_policy: String,
    pub legacy_mode: String,
    pub authorization_lead_time: i64,
    pub version: i64,
    pub create_time: Option<i64>,
    pub update_time: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Stored for Entity {
    type Domain = Account;

    fn row(account: &Account) -> Result<Model, StoreError> {
        Ok(Model {
            account_id: account.account_id.to_string(),
            partial_settlement: account.partial_settlement,
            allocation: account.allocation.name().to_owned(),
            refund_order: account.refund_order.name().to_owned(),
            release_policy: account.release_policy.name().to_owned(),
            legacy_mode: account.legacy_mode.name().to_owned(),
            authorization_lead_time: duration_micros(account.authorization_lead_time),
            version: account.version,
            create_time: micros(account.create_time),
            update_time: micros(account.update_time),
        })
    }

    fn domain(row: &Model) -> Result<Account, Unreadable> {
        Ok(Account {
            account_id: AccountId::trusted(&row.account_id),
            partial_settlement: row.partial_settlement,
            allocation: named("allocation", &row.allocation)?,
            refund_order: named("refund_order", &row.refund_order)?,
            release_policy: named("release_policy", &row.release_policy)?,
            legacy_mode: named("legacy_mode", &row.legacy_mode)?,
            authorization_lead_time: duration("authorization_lead_time", row.authorization_lead_time)?,
            version: row.version,
            create_time: time(row.create_time),
            update_time: time(row.update_time),
        })
    }

    layout!();
}
