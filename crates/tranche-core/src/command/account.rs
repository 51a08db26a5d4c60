//! Commands about accounts and their connectors.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::account::{Allocation, RefundOrder, ReleasePolicy};
use crate::connector::Capabilities;
use crate::content::Content;
use crate::id::{AccountId, ConnectorId, RequestId};
use crate::money::Money;
use crate::payment::Mode;

/// Writes an account's settings; what is absent stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateAccount {
    /// The account.
    pub account_id: AccountId,
    /// The idempotency key.
    pub request_id: RequestId,
    /// What was asked for.
    pub content: Content,
    /// The version that the caller read.
    pub etag: Option<String>,
    /// See [`crate::account::Account`].
    pub partial_settlement: Option<bool>,
    /// See [`crate::account::Account`].
    pub allocation: Option<Allocation>,
    /// See [`crate::account::Account`].
    pub refund_order: Option<RefundOrder>,
    /// See [`crate::account::Account`].
    pub release_policy: Option<ReleasePolicy>,
    /// See [`crate::account::Account`].
    pub legacy_mode: Option<Mode>,
    /// See [`crate::account::Account`].
    pub authorization_lead_time: Option<Duration>,
}

/// What a connector is configured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorConfiguration {
    /// The protocol.
    pub kind: String,
    /// Address, credential references and options.
    pub settings: BTreeMap<String, String>,
    /// The mode of new payments.
    pub default_mode: Option<Mode>,
    /// What the provider can do.
    pub capabilities: Capabilities,
    /// The smallest settlement in each of these currencies, which are distinct.
    pub minimum_amounts: Vec<Money>,
    /// The manifest that the provider answered.
    pub manifest: String,
}

/// Creates a connector, or writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteConnector {
    /// The account.
    pub account_id: AccountId,
    /// The caller's id.
    pub connector_id: ConnectorId,
    /// `None` creates; with a request id an existing connector is written.
    pub request_id: Option<RequestId>,
    /// What was asked for.
    pub content: Content,
    /// The version that the caller read.
    pub etag: Option<String>,
    /// The whole configuration.
    pub configuration: ConnectorConfiguration,
}
