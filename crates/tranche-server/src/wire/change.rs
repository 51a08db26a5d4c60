//! Changes of orders.

use std::collections::BTreeSet;

use tranche_core::bounds::LINES_PER_ORDER_MAX;
use tranche_core::change::{Change, RemovedLine};
use tranche_core::command::{ChangeOrder, NewLine};
use tranche_core::content::Content;
use tranche_core::id::{AccountId, LineId, OrderId, OrderKey, RequestId};
use tranche_core::money::{Currency, Money};
use tranche_core::order::Order;
use tranche_proto::v1 as pb;

use super::account::parse_etag;
use super::content::Parts;
use super::money::{Least, money, parse_money};
use super::order::{lines_text, parse_new_lines, parse_quantity};
use super::page::{Page, Query};
use super::time::timestamp;
use super::{Unacceptable, Violations};

/// The change as a message.
pub(crate) fn change(order: &Order, change: &Change) -> pb::Change {
    let amount = |minor| money(order.money(minor));
    let added = |line: &NewLine| pb::OrderLine {
        line_id: line.line_id.to_string(),
        sku_id: line.sku_id.clone(),
        description: line.description.clone(),
        quantity: line.quantity,
        unit_price: Some(amount(line.unit_price)),
        ..pb::OrderLine::default()
    };
    let manual = |minor: i64| (minor > 0).then(|| amount(minor));
    pb::Change {
        request_id: change.request_id.to_string(),
        order_id: change.order.order_id.to_string(),
        reason: change.reason.clone(),
        added_lines: change.added_lines.iter().map(added).collect(),
        removed_lines: change.removed_lines.iter().map(removed).collect(),
        manual_discount: manual(change.manual_discount),
        manual_increment: manual(change.manual_increment),
        value_before: Some(amount(change.value_before)),
        value_after: Some(amount(change.value_after)),
        create_time: Some(timestamp(change.create_time)),
    }
}

fn removed(line: &RemovedLine) -> pb::RemovedLine {
    pb::RemovedLine { line_id: line.line_id.to_string(), quantity: line.quantity }
}

/// The order whose changes are listed, and the page of them.
pub(crate) fn list(
    account_id: &AccountId,
    request: &pb::ListChangesRequest,
) -> Result<(OrderKey, Page), Unacceptable> {
    let mut violations = Violations::default();
    let order_id = violations.id("order_id", &request.order_id, OrderId::parse);
    let query = Query::new("changes", account_id).of(&request.order_id);
    let page = Page::parse(&mut violations, query, request.page_size, &request.page_token);
    let key = order_id.map(|order_id| OrderKey { account_id: account_id.clone(), order_id });
    violations.finish(key.zip(page))
}

/// A change of an order.
pub(crate) fn parse(
    account_id: &AccountId,
    request: &pb::ChangeOrderRequest,
) -> Result<ChangeOrder, Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let order_id = violations.id("order_id", &request.order_id, OrderId::parse);
    let reason = violations.required_text("reason", &request.reason);
    let added_lines = parse_new_lines(&mut violations, "added_lines", &request.added_lines, None);
    let removed_lines = parse_removed_lines(&mut violations, &request.removed_lines);
    let mut amount = |field: &str, amount: Option<&pb::Money>| match amount {
        None => Some(None),
        Some(amount) => {
            parse_money(&mut violations, field, Some(amount), None, Least::OneMinorUnit).map(Some)
        }
    };
    let manual_discount = amount("manual_discount", request.manual_discount.as_ref());
    let manual_increment = amount("manual_increment", request.manual_increment.as_ref());
    let expected_value = amount("expected_value", request.expected_value.as_ref());
    let etag = parse_etag(&mut violations, &request.etag);
    let is_empty = request.added_lines.is_empty()
        && request.removed_lines.is_empty()
        && request.manual_discount.is_none()
        && request.manual_increment.is_none();
    if is_empty {
        let description =
            "is required, or added_lines, manual_discount or manual_increment: nothing is changed";
        violations.add("removed_lines", description);
    }
    let build = || {
        let (manual_discount, manual_increment) = (manual_discount?, manual_increment?);
        let expected_value = expected_value?;
        let amounts = [
            ("manual_discount", manual_discount),
            ("manual_increment", manual_increment),
            ("expected_value", expected_value),
        ];
        let mut command = ChangeOrder {
            key: OrderKey { account_id: account_id.clone(), order_id: order_id? },
            request_id: request_id?,
            content: Content::default(),
            etag,
            reason: reason?,
            currencies: currencies(request, &amounts),
            added_lines: added_lines?,
            removed_lines: removed_lines?,
            manual_discount: manual_discount.map_or(0, |amount| amount.minor),
            manual_increment: manual_increment.map_or(0, |amount| amount.minor),
            expected_value: expected_value.map(|amount| amount.minor),
            validate_only: request.validate_only,
        };
        command.content = content(&command);
        Some(command)
    };
    let command = build();
    violations.finish(command)
}

/// The currency of each amount, by the field that it stands in.
fn currencies(
    request: &pb::ChangeOrderRequest,
    amounts: &[(&str, Option<Money>)],
) -> Vec<(String, Currency)> {
    let of_line = |(index, line): (usize, &pb::OrderLine)| {
        let code = &line.unit_price.as_ref()?.currency_code;
        Some((format!("added_lines[{index}].unit_price"), Currency::parse(code).ok()?))
    };
    let of_amount =
        |(field, amount): &(&str, Option<Money>)| amount.map(|amount| ((*field).to_owned(), amount.currency));
    let lines = request.added_lines.iter().enumerate().filter_map(of_line);
    lines.chain(amounts.iter().filter_map(of_amount)).collect()
}

fn parse_removed_lines(violations: &mut Violations, lines: &[pb::RemovedLine]) -> Option<Vec<RemovedLine>> {
    if !violations.is_bounded("removed_lines", lines.len(), LINES_PER_ORDER_MAX) {
        return None;
    }
    let mut seen = BTreeSet::new();
    let parse = |(index, line): (usize, &pb::RemovedLine)| {
        let path = format!("removed_lines[{index}].line_id");
        let line_id = violations.id(&path, &line.line_id, LineId::parse);
        if line_id.as_ref().is_some_and(|id| !seen.insert(id.clone())) {
            violations.add(path, "is named before; name every line once, with its whole quantity");
        }
        let quantity = parse_quantity(violations, &format!("removed_lines[{index}].quantity"), line.quantity);
        Some(RemovedLine { line_id: line_id?, quantity: quantity? })
    };
    let parsed: Vec<Option<RemovedLine>> = lines.iter().enumerate().map(parse).collect();
    parsed.into_iter().collect()
}

/// What a repeat is compared by. The version that the caller had read is no part of what is asked for; asking to only
/// validate asks for the same.
fn content(command: &ChangeOrder) -> Content {
    let removed = command.removed_lines.iter().fold(Parts::default(), |parts, line| {
        parts.with(line.line_id.as_str()).with(line.quantity.to_string())
    });
    let codes = command
        .currencies
        .iter()
        .fold(Parts::default(), |parts, (field, currency)| parts.with(field).with(currency.code()));
    Content::default()
        .with("act", "change")
        .with("reason", &command.reason)
        .with("added_lines", lines_text(&command.added_lines).text())
        .with("removed_lines", removed.text())
        .with("manual_discount", &command.manual_discount.to_string())
        .with("manual_increment", &command.manual_increment.to_string())
        .with("expected_value", Parts::default().with_optional(command.expected_value).text())
        .with("currency_code", codes.text())
}
