//! What a provider can do, as connectors and payments spell it in eight columns.

use tranche_core::connector::{Capabilities, PartialSettlement};

use super::name::Named;
use super::value::{Unreadable, count, duration, duration_micros, named};

/// The columns, by their names.
pub(super) struct Columns<'a> {
    pub(super) settlement_parts: &'a str,
    pub(super) settlements_max: Option<i64>,
    pub(super) remainder: &'a str,
    pub(super) partial_cancellation: bool,
    pub(super) refunds: &'a str,
    pub(super) replay_safe: bool,
    pub(super) replay_window: i64,
    pub(super) authorization_lifetime: Option<i64>,
}

impl Columns<'static> {
    /// Spells what a provider can do.
    pub(super) fn of(capabilities: &Capabilities) -> Self {
        let (settlement_parts, settlements_max) = match capabilities.partial_settlement {
            PartialSettlement::None => ("none", None),
            PartialSettlement::Once => ("once", None),
            PartialSettlement::Multiple { max } => ("multiple", max),
        };
        Self {
            settlement_parts,
            settlements_max: settlements_max.map(i64::from),
            remainder: capabilities.remainder.name(),
            partial_cancellation: capabilities.partial_cancellation,
            refunds: capabilities.refunds.name(),
            replay_safe: capabilities.replay_safe,
            replay_window: duration_micros(capabilities.replay_window),
            authorization_lifetime: capabilities.authorization_lifetime.map(duration_micros),
        }
    }
}

impl Columns<'_> {
    /// Reads what a provider can do.
    pub(super) fn read(&self) -> Result<Capabilities, Unreadable> {
        let max = self.settlements_max.map(|max| count("settlements_max", max)).transpose()?;
        let partial_settlement = match (self.settlement_parts, max) {
            ("none", None) => PartialSettlement::None,
            ("once", None) => PartialSettlement::Once,
            ("multiple", max) => PartialSettlement::Multiple { max },
            (other, max) => return Err(Unreadable(format!("settlement_parts holds {other} with {max:?}"))),
        };
        Ok(Capabilities {
            partial_settlement,
            remainder: named("remainder", self.remainder)?,
            partial_cancellation: self.partial_cancellation,
            refunds: named("refunds", self.refunds)?,
            replay_safe: self.replay_safe,
            replay_window: duration("replay_window", self.replay_window)?,
            authorization_lifetime: self
                .authorization_lifetime
                .map(|life| duration("authorization_lifetime", life))
                .transpose()?,
        })
    }
}
