//! Accounts and the policies that orders copy from them.

use tranche_core::account::{Account, Allocation, RefundOrder, ReleasePolicy};
use tranche_core::bounds::AUTHORIZATION_LEAD_TIME_MAX;
use tranche_core::command::UpdateAccount;
use tranche_core::content::Content;
use tranche_core::decide::etag;
use tranche_core::id::{AccountId, RequestId};
use tranche_core::payment::Mode;
use tranche_proto::v1 as pb;

use super::content::Parts;
use super::payment::{mode, parse_mode};
use super::time::{duration, parse_duration, timestamp};
use super::{Unacceptable, Violations, enumeration};

/// The account as a message.
pub(crate) fn account(account: &Account) -> pb::Account {
    pb::Account {
        account_id: account.account_id.to_string(),
        partial_settlement_enabled: account.partial_settlement,
        allocation: allocation(account.allocation).into(),
        refund_order: refund_order(account.refund_order).into(),
        release_policy: release_policy(account.release_policy).into(),
        default_legacy_mode: mode(Some(account.legacy_mode)).into(),
        etag: etag(account.version),
        create_time: account.create_time.map(timestamp),
        update_time: account.update_time.map(timestamp),
        authorization_lead_time: Some(duration(account.authorization_lead_time)),
    }
}

/// An update of an account's settings.
pub(crate) fn update(
    account_id: &AccountId,
    request: &pb::UpdateAccountRequest,
) -> Result<UpdateAccount, Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let policies =
        Policies::parse(&mut violations, request.allocation, request.refund_order, request.release_policy);
    let legacy_mode = parse_mode(&mut violations, "default_legacy_mode", request.default_legacy_mode);
    if legacy_mode == Some(Mode::Partial) {
        violations.add(
            "default_legacy_mode",
            "is partial, which connectors that cannot settle several times never do; use total or hold",
        );
    }
    let field = "authorization_lead_time";
    let lead_time = request.authorization_lead_time;
    let authorization_lead_time =
        lead_time.and_then(|time| parse_duration(&mut violations, field, time, AUTHORIZATION_LEAD_TIME_MAX));
    let etag = parse_etag(&mut violations, &request.etag);
    let content = Content::default().with(
        "partial_settlement_enabled",
        Parts::default().with_optional(request.partial_settlement_enabled).text(),
    );
    let content =
        policies.add_to(content).with("default_legacy_mode", &request.default_legacy_mode.to_string());
    let micros = authorization_lead_time.map(|time| time.as_micros());
    let content = content.with(field, Parts::default().with_optional(micros).text());
    let command = request_id.map(|request_id| UpdateAccount {
        account_id: account_id.clone(),
        request_id,
        content,
        etag,
        partial_settlement: request.partial_settlement_enabled,
        allocation: policies.allocation,
        refund_order: policies.refund_order,
        release_policy: policies.release_policy,
        legacy_mode,
        authorization_lead_time,
    });
    violations.finish(command)
}

/// A version that the caller has read; empty is none.
pub(crate) fn parse_etag(violations: &mut Violations, etag: &str) -> Option<String> {
    if etag.is_empty() {
        return None;
    }
    violations.id("etag", etag, |text| tranche_core::id::check(text).map(|()| text.to_owned()))
}

/// The policies that a request names; `None` for what it leaves as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policies {
    pub(crate) allocation: Option<Allocation>,
    pub(crate) refund_order: Option<RefundOrder>,
    pub(crate) release_policy: Option<ReleasePolicy>,
    numbers: [i32; 3],
}

impl Policies {
    /// Reads them.
    pub(crate) fn parse(
        violations: &mut Violations,
        allocation: i32,
        refund_order: i32,
        release_policy: i32,
    ) -> Self {
        Self {
            allocation: parse_allocation(violations, allocation),
            refund_order: parse_refund_order(violations, refund_order),
            release_policy: parse_release_policy(violations, release_policy),
            numbers: [allocation, refund_order, release_policy],
        }
    }

    /// Adds them to what the request asked for, as given: what a default means may differ tomorrow.
    pub(crate) fn add_to(&self, content: Content) -> Content {
        let fields = ["allocation", "refund_order", "release_policy"];
        fields
            .iter()
            .zip(self.numbers)
            .fold(content, |content, (field, number)| content.with(field, &number.to_string()))
    }
}

fn parse_allocation(violations: &mut Violations, number: i32) -> Option<Allocation> {
    match enumeration(violations, "allocation", number)? {
        pb::Allocation::Unspecified => None,
        pb::Allocation::LowestFirst => Some(Allocation::LowestFirst),
        pb::Allocation::CreatedFirst => Some(Allocation::CreatedFirst),
        pb::Allocation::Proportional => Some(Allocation::Proportional),
    }
}

fn parse_refund_order(violations: &mut Violations, number: i32) -> Option<RefundOrder> {
    match enumeration(violations, "refund_order", number)? {
        pb::RefundOrder::Unspecified => None,
        pb::RefundOrder::LowestSettledFirst => Some(RefundOrder::LowestSettledFirst),
        pb::RefundOrder::CreatedFirst => Some(RefundOrder::CreatedFirst),
        pb::RefundOrder::Proportional => Some(RefundOrder::Proportional),
    }
}

fn parse_release_policy(violations: &mut Violations, number: i32) -> Option<ReleasePolicy> {
    match enumeration(violations, "release_policy", number)? {
        pb::ReleasePolicy::Unspecified => None,
        pb::ReleasePolicy::OnCompletion => Some(ReleasePolicy::OnCompletion),
        pb::ReleasePolicy::Immediately => Some(ReleasePolicy::Immediately),
        pb::ReleasePolicy::Manual => Some(ReleasePolicy::Manual),
    }
}

/// The allocation as a message's value.
pub(crate) fn allocation(allocation: Allocation) -> pb::Allocation {
    match allocation {
        Allocation::LowestFirst => pb::Allocation::LowestFirst,
        Allocation::CreatedFirst => pb::Allocation::CreatedFirst,
        Allocation::Proportional => pb::Allocation::Proportional,
    }
}

/// The refund order as a message's value.
pub(crate) fn refund_order(refund_order: RefundOrder) -> pb::RefundOrder {
    match refund_order {
        RefundOrder::LowestSettledFirst => pb::RefundOrder::LowestSettledFirst,
        RefundOrder::CreatedFirst => pb::RefundOrder::CreatedFirst,
        RefundOrder::Proportional => pb::RefundOrder::Proportional,
    }
}

/// The release policy as a message's value.
pub(crate) fn release_policy(release_policy: ReleasePolicy) -> pb::ReleasePolicy {
    match release_policy {
        ReleasePolicy::OnCompletion => pb::ReleasePolicy::OnCompletion,
        ReleasePolicy::Immediately => pb::ReleasePolicy::Immediately,
        ReleasePolicy::Manual => pb::ReleasePolicy::Manual,
    }
}
