//! Explanations of orders.

use tranche_core::explanation::{Part, Place};
use tranche_core::operator::Act;
use tranche_core::order::Order;
use tranche_proto::v1 as pb;

use super::money::money;
use super::operator;

/// The explanation of an order as a message: a sentence about it, and its parts.
pub(crate) fn explanation(
    order: &Order,
    summary: &str,
    parts: &[Part],
    acts: &[Act],
) -> pb::ExplainOrderResponse {
    let entry = |part: &Part| pb::Explanation {
        kind: kind(part.place).into(),
        payment_id: part.payment_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        amount: Some(money(order.money(part.amount))),
        sentence: part.sentence.clone(),
        beside_value: part.is_beside,
    };
    let sentences = parts.iter().map(|part| part.sentence.as_str());
    let lines = std::iter::once(summary).chain(sentences).map(str::to_owned);
    let lines: Vec<String> = lines.chain(acts.iter().map(Act::sentence)).collect();
    pb::ExplainOrderResponse {
        entries: parts.iter().map(entry).collect(),
        text: lines.join("\n"),
        acts: acts.iter().map(operator::act).collect(),
    }
}

fn kind(place: Place) -> pb::explanation::Kind {
    match place {
        Place::Remaining => pb::explanation::Kind::Remaining,
        Place::Uncovered => pb::explanation::Kind::Uncovered,
        Place::Authorizing => pb::explanation::Kind::Authorizing,
        Place::OrderCanceled => pb::explanation::Kind::OrderCanceled,
        Place::Ahead => pb::explanation::Kind::Ahead,
        Place::Held => pb::explanation::Kind::Held,
        Place::Settling => pb::explanation::Kind::Settling,
        Place::Settled => pb::explanation::Kind::Settled,
        Place::Lacking => pb::explanation::Kind::Lacking,
        Place::GivenUp => pb::explanation::Kind::GivenUp,
        Place::ReturnWaiting => pb::explanation::Kind::ReturnWaiting,
        Place::Refunding => pb::explanation::Kind::Refunding,
        Place::Refunded => pb::explanation::Kind::Refunded,
        Place::Spare => pb::explanation::Kind::Spare,
        Place::Canceling => pb::explanation::Kind::Canceling,
        Place::Canceled => pb::explanation::Kind::Canceled,
        Place::Surplus => pb::explanation::Kind::Surplus,
    }
}
