//! Orders and their lines.

use std::collections::BTreeSet;

use tranche_core::bounds::{AMOUNT_MAX, LINES_PER_ORDER_MAX, QUANTITY_MAX};
use tranche_core::command::{CancelOrder, CreateOrder, NewLine};
use tranche_core::content::Content;
use tranche_core::decide::etag;
use tranche_core::id::{AccountId, LineId, OrderId, OrderKey, RequestId};
use tranche_core::money::{Currency, decimal_of};
use tranche_core::order::{Line, Order, OrderState, Totals};
use tranche_proto::v1 as pb;

use super::account::{Policies, allocation, parse_etag, refund_order, release_policy};
use super::content::Parts;
use super::money::{Least, money, parse_currency, parse_money};
use super::page::{Page, Query};
use super::time::timestamp;
use super::{Unacceptable, Violations, enumeration, parse_id};

/// The order with its lines as a message.
pub(crate) fn order(order: &Order, lines: &[Line]) -> pb::Order {
    let amount = |minor| Some(money(order.money(minor)));
    let totals = &order.totals;
    pb::Order {
        order_id: order.key.order_id.to_string(),
        state: state(order.state).into(),
        currency_code: order.currency.code().to_owned(),
        lines: lines.iter().map(|row| line(order, row)).collect(),
        totals: Some(pb::OrderTotals {
            items: amount(totals.items),
            shipping: amount(totals.shipping),
            tax: amount(totals.tax),
            discounts: amount(totals.discounts),
            fees: amount(totals.fees),
            manual_discounts: amount(totals.manual_discounts),
            manual_increments: amount(totals.manual_increments),
        }),
        value: amount(order.value),
        invoiced: amount(order.invoiced),
        returned: amount(order.returned),
        remaining_to_invoice: amount(order.remaining()),
        // Nothing is given up by a server whose operators cannot act yet.
        given_up: amount(order.given_up),
        allocation: allocation(order.allocation).into(),
        refund_order: refund_order(order.refund_order).into(),
        release_policy: release_policy(order.release_policy).into(),
        transaction_id: order.transaction.as_ref().map(|row| row.transaction_id.to_string()),
        etag: etag(order.version),
        create_time: Some(timestamp(order.create_time)),
        update_time: Some(timestamp(order.update_time)),
    }
}

/// A line of the order as a message.
pub(super) fn line(order: &Order, line: &Line) -> pb::OrderLine {
    pb::OrderLine {
        line_id: line.line_id.to_string(),
        sku_id: line.sku_id.clone(),
        description: line.description.clone(),
        quantity: line.quantity,
        unit_price: Some(money(order.money(line.unit_price))),
        removed_quantity: line.removed,
        invoiced_quantity: line.invoiced,
        returned_quantity: line.returned,
    }
}

/// The state as a message's value.
pub(crate) fn state(state: OrderState) -> pb::order::State {
    match state {
        OrderState::Open => pb::order::State::Open,
        OrderState::PartiallyInvoiced => pb::order::State::PartiallyInvoiced,
        OrderState::Invoiced => pb::order::State::Invoiced,
        OrderState::Canceled => pb::order::State::Canceled,
    }
}

/// The states that a list of orders is narrowed to, and the page of it.
pub(crate) fn list(
    account_id: &AccountId,
    request: &pb::ListOrdersRequest,
) -> Result<(Vec<OrderState>, Page), Unacceptable> {
    let mut violations = Violations::default();
    let states = parse_states(&mut violations, &request.states);
    let query = Query::new("orders", account_id).of(format!("{states:?}"));
    let page = Page::parse(&mut violations, query, request.page_size, &request.page_token);
    violations.finish(page.map(|page| (states, page)))
}

fn parse_states(violations: &mut Violations, numbers: &[i32]) -> Vec<OrderState> {
    let mut states = BTreeSet::new();
    for (index, number) in numbers.iter().enumerate() {
        let field = format!("states[{index}]");
        match enumeration(violations, &field, *number) {
            Some(pb::order::State::Open) => drop(states.insert(OrderState::Open)),
            Some(pb::order::State::PartiallyInvoiced) => drop(states.insert(OrderState::PartiallyInvoiced)),
            Some(pb::order::State::Invoiced) => drop(states.insert(OrderState::Invoiced)),
            Some(pb::order::State::Canceled) => drop(states.insert(OrderState::Canceled)),
            Some(pb::order::State::Unspecified) => violations.add(field, "is unspecified; name a state"),
            None => {}
        }
    }
    states.into_iter().collect()
}

/// The key of the order that a request names.
pub(crate) fn key(account_id: &AccountId, order_id: &str) -> Result<OrderKey, Unacceptable> {
    let mut violations = Violations::default();
    let order_id = violations.check("order_id", parse_id(order_id, OrderId::parse));
    let key = order_id.map(|order_id| OrderKey { account_id: account_id.clone(), order_id });
    violations.finish(key)
}

/// A new order.
pub(crate) fn create(
    account_id: &AccountId,
    request: &pb::CreateOrderRequest,
) -> Result<CreateOrder, Unacceptable> {
    let mut violations = Violations::default();
    let order_id = violations.id("order_id", &request.order_id, OrderId::parse);
    let currency = parse_currency(&mut violations, "currency_code", &request.currency_code);
    let lines = parse_lines(&mut violations, &request.lines, currency);
    let mut part = |field: &str, money: Option<&pb::Money>| {
        money.map_or(Some(0), |money| {
            parse_money(&mut violations, field, Some(money), currency, Least::Zero).map(|money| money.minor)
        })
    };
    let shipping = part("shipping", request.shipping.as_ref());
    let tax = part("tax", request.tax.as_ref());
    let discounts = part("discounts", request.discounts.as_ref());
    let fees = part("fees", request.fees.as_ref());
    let policies =
        Policies::parse(&mut violations, request.allocation, request.refund_order, request.release_policy);
    let build = || {
        let (currency, lines) = (currency?, lines?);
        let totals = Totals {
            items: sum_of_items(&mut violations, &lines)?,
            shipping: shipping?,
            tax: tax?,
            discounts: discounts?,
            fees: fees?,
            ..Totals::default()
        };
        check_value(&mut violations, &totals, currency);
        let key = OrderKey { account_id: account_id.clone(), order_id: order_id? };
        Some(CreateOrder {
            content: policies.add_to(content(currency, &lines, &totals)),
            key,
            currency,
            lines,
            totals,
            allocation: policies.allocation,
            refund_order: policies.refund_order,
            release_policy: policies.release_policy,
        })
    };
    let command = build();
    violations.finish(command)
}

fn parse_lines(
    violations: &mut Violations,
    lines: &[pb::OrderLine],
    currency: Option<Currency>,
) -> Option<Vec<NewLine>> {
    if lines.is_empty() {
        violations.add("lines", "is required: an order has at least one line");
        return None;
    }
    parse_new_lines(violations, "lines", lines, currency)
}

/// New lines, which stand in the request under this name.
pub(super) fn parse_new_lines(
    violations: &mut Violations,
    name: &str,
    lines: &[pb::OrderLine],
    currency: Option<Currency>,
) -> Option<Vec<NewLine>> {
    if !violations.is_bounded(name, lines.len(), LINES_PER_ORDER_MAX) {
        return None;
    }
    let mut seen = BTreeSet::new();
    let parse = |(index, line): (usize, &pb::OrderLine)| {
        let field = |part: &str| format!("{name}[{index}].{part}");
        let line_id = violations.id(&field("line_id"), &line.line_id, LineId::parse);
        if line_id.as_ref().is_some_and(|id| !seen.insert(id.clone())) {
            violations.add(field("line_id"), "is the id of an earlier line; every line has its own");
        }
        let sku_id = violations.text(&field("sku_id"), &line.sku_id);
        let description = violations.text(&field("description"), &line.description);
        let quantity = parse_quantity(violations, &field("quantity"), line.quantity);
        for (part, quantity) in [
            ("removed_quantity", line.removed_quantity),
            ("invoiced_quantity", line.invoiced_quantity),
            ("returned_quantity", line.returned_quantity),
        ] {
            if quantity != 0 {
                violations.add(field(part), "is counted by the server, from 0; leave it out");
            }
        }
        let unit_price =
            parse_money(violations, &field("unit_price"), line.unit_price.as_ref(), currency, Least::Zero);
        Some(NewLine {
            line_id: line_id?,
            sku_id: sku_id?,
            description: description?,
            quantity: quantity?,
            unit_price: unit_price?.minor,
        })
    };
    let parsed: Vec<Option<NewLine>> = lines.iter().enumerate().map(parse).collect();
    parsed.into_iter().collect()
}

/// A number of units out of a request.
pub(crate) fn parse_quantity(violations: &mut Violations, field: &str, quantity: i64) -> Option<i64> {
    if (1..=QUANTITY_MAX).contains(&quantity) {
        return Some(quantity);
    }
    violations.add(field, format!("is {quantity}; it must be from 1 to {QUANTITY_MAX}"));
    None
}

/// The sum of the lines, which is an amount like every other.
fn sum_of_items(violations: &mut Violations, lines: &[NewLine]) -> Option<i64> {
    let price = |line: &NewLine| i128::from(line.quantity) * i128::from(line.unit_price);
    let sum: i128 = lines.iter().map(price).sum();
    let items = i64::try_from(sum).ok().filter(|sum| *sum <= AMOUNT_MAX);
    if items.is_none() {
        violations.add("lines", format!("sums to more than the largest amount, {AMOUNT_MAX} minor units"));
    }
    items
}

fn check_value(violations: &mut Violations, totals: &Totals, currency: Currency) {
    let value = totals.value();
    if value > AMOUNT_MAX {
        violations.add(
            "lines",
            format!("takes the order's value above the largest amount, {AMOUNT_MAX} minor units"),
        );
    }
    if value < 1 {
        let field = if totals.discounts > 0 { "discounts" } else { "lines" };
        let (value, least) = (decimal_of(value, currency), decimal_of(1, currency));
        violations.add(field, format!("takes the order's value to {value}; it must be at least {least}"));
    }
}

fn content(currency: Currency, lines: &[NewLine], totals: &Totals) -> Content {
    Content::default()
        .with("currency_code", currency.code())
        .with("lines", lines_text(lines).text())
        .with("shipping", &totals.shipping.to_string())
        .with("tax", &totals.tax.to_string())
        .with("discounts", &totals.discounts.to_string())
        .with("fees", &totals.fees.to_string())
}

/// Lines, as what a request asked for.
pub(super) fn lines_text(lines: &[NewLine]) -> Parts {
    lines.iter().fold(Parts::default(), |parts, line| {
        parts
            .with(line.line_id.as_str())
            .with(&line.sku_id)
            .with(&line.description)
            .with(line.quantity.to_string())
            .with(line.unit_price.to_string())
    })
}

/// The cancellation of an order.
pub(crate) fn cancel(
    account_id: &AccountId,
    request: &pb::CancelOrderRequest,
) -> Result<CancelOrder, Unacceptable> {
    let mut violations = Violations::default();
    let request_id = violations.id("request_id", &request.request_id, RequestId::parse);
    let order_id = violations.id("order_id", &request.order_id, OrderId::parse);
    let reason = violations.required_text("reason", &request.reason);
    let etag = parse_etag(&mut violations, &request.etag);
    let build = || {
        let reason = reason?;
        Some(CancelOrder {
            key: OrderKey { account_id: account_id.clone(), order_id: order_id? },
            request_id: request_id?,
            content: Content::default().with("act", "cancel").with("reason", &reason),
            etag,
            reason,
        })
    };
    let command = build();
    violations.finish(command)
}
