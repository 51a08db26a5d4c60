//! A configured payment provider and what it can do.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::id::{AccountId, ConnectorId};
use crate::money::{Currency, Money};
use crate::payment::Mode;
use crate::planted::{PlantedBug, is_planted};
use crate::time::Timestamp;

/// How many settlements one authorization takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialSettlement {
    /// One, of all that is authorized.
    None,
    /// One, of any value up to what is authorized.
    Once,
    /// Several; with a limit, if the provider has one.
    Multiple {
        /// Most settlements of one authorization, at least 2; `None` for no limit.
        max: Option<u32>,
    },
}

/// What becomes of authorized money that the last settlement leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remainder {
    /// It stays authorized until it is canceled.
    Kept,
    /// The provider releases it with the last settlement that it takes.
    Released,
}

/// Which refunds a provider makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refunds {
    /// None; each one is a person's work.
    None,
    /// Only of a whole settlement.
    Full,
    /// Any part of a settlement.
    Partial,
}

/// What a provider can do. Copied to each payment when it is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Settlements of one authorization.
    pub partial_settlement: PartialSettlement,
    /// What the last settlement leaves.
    pub remainder: Remainder,
    /// Whether a part of the unsettled authorization can be canceled.
    pub partial_cancellation: bool,
    /// Which refunds it makes.
    pub refunds: Refunds,
    /// Whether the same operation id sent again is the same operation.
    pub replay_safe: bool,
    /// For how long after the first send it is.
    pub replay_window: Duration,
    /// How long an authorization can be settled, where its own end is not known: counted from its payment's creation, or,
    /// where it was asked for, from when it was surely not approved; `None` if that is not known either.
    pub authorization_lifetime: Option<Duration>,
}

impl Capabilities {
    /// Settlements of one authorization that the provider takes, at least 1; `None` for no limit.
    pub fn settlements_taken(&self) -> Option<u32> {
        match self.partial_settlement {
            PartialSettlement::None | PartialSettlement::Once => Some(1),
            PartialSettlement::Multiple { max } => max,
        }
    }

    /// Settlements that an authorization in `mode` may take; `None` for no limit.
    pub fn settlements_max(&self, mode: Mode) -> Option<u32> {
        match (mode, self.partial_settlement) {
            (Mode::Partial, PartialSettlement::Multiple { max }) => max,
            _ => Some(1),
        }
    }

    /// Whether new payments may have this mode unless they say otherwise: PARTIAL only where the provider settles several
    /// times.
    pub fn may_default_to(&self, mode: Option<Mode>) -> bool {
        mode != Some(Mode::Partial) || self.settles_in_parts() || is_planted(PlantedBug::AcceptAnyMode)
    }

    /// Whether the provider can settle a value below the authorization more than once.
    pub fn settles_in_parts(&self) -> bool {
        matches!(self.partial_settlement, PartialSettlement::Multiple { .. })
    }
}

/// A configured payment provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    /// The account.
    pub account_id: AccountId,
    /// The caller's id.
    pub connector_id: ConnectorId,
    /// The protocol it speaks.
    pub kind: String,
    /// Address, credential references and options; read by the kind alone.
    pub settings: BTreeMap<String, String>,
    /// The mode of new payments; `None` for PARTIAL where it is possible and the account's legacy mode elsewhere.
    pub default_mode: Option<Mode>,
    /// What it can do.
    pub capabilities: Capabilities,
    /// The smallest settlement in each of these currencies; in others there is none.
    pub minimum_amounts: Vec<Money>,
    /// The provider's manifest, as it was read when the connector was created.
    pub manifest: String,
    /// Counts the writes; the etag.
    pub version: i64,
    /// First write.
    pub create_time: Timestamp,
    /// Last write.
    pub update_time: Timestamp,
}

impl Connector {
    /// The smallest settlement in a currency, in minor units; 0 where there is none.
    pub fn minimum(&self, currency: Currency) -> i64 {
        let minimum = self.minimum_amounts.iter().find(|amount| amount.currency == currency);
        minimum.map_or(0, |amount| amount.minor)
    }
}
