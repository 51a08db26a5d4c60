use tranche_core::command::WriteConnector;
use tranche_core::connector::Connector;
use tranche_core::payment::Mode;
use tranche_core::time::Timestamp;
use tranche_proto::v1::connector_capabilities::RemainderPolicy;

use super::*;
use crate::wire::{Unacceptable, account as accounts, connector as connectors, invoice as invoices};
use crate::wire::{event, operation, order as orders, transaction as transactions};

/// Takes a request that is right, spoils it, and compares the fields that are then named.
fn check<R: Clone, T>(base: &R, parse: impl Fn(&R) -> Result<T, Unacceptable>, rows: &[Row<R>]) {
    assert!(parse(base).is_ok(), "the request itself is right");
    for (index, (spoil, fields)) in rows.iter().enumerate() {
        let mut request = base.clone();
        spoil(&mut request);
        let named = match parse(&request) {
            Ok(_) => Vec::new(),
            Err(Unacceptable(violations)) => {
                assert!(violations.iter().all(|violation| !violation.description.is_empty()));
                violations.into_iter().map(|violation| violation.field).collect()
            }
        };
        assert_eq!(&named, fields, "row {index}");
    }
}

fn money_of(currency: &str, amount: &str) -> pb::Money {
    pb::Money { currency_code: currency.to_owned(), amount: amount.to_owned() }
}

fn adopted_until(seconds: i64) -> pb::AdoptedAuthorization {
    pb::AdoptedAuthorization {
        provider_payment_id: "p".to_owned(),
        expire_time: Some(prost_types::Timestamp { seconds, nanos: 0 }),
        ..pb::AdoptedAuthorization::default()
    }
}

#[test]
fn orders_name_every_violation() {
    check(
        &order(),
        |request| orders::create(&account(), request),
        &[
            (|r| *r = pb::CreateOrderRequest::default(), &["order_id", "currency_code", "lines"]),
            (|r| r.order_id = "x".repeat(101), &["order_id"]),
            (|r| r.order_id = "a\u{200b}".to_owned(), &["order_id"]),
            (|r| r.currency_code = "XXX".to_owned(), &["currency_code"]),
            (|r| r.currency_code = "brl".repeat(1_000), &["currency_code"]),
            (|r| r.lines[1].line_id = "a".to_owned(), &["lines[1].line_id"]),
            (|r| r.lines[0].line_id.clear(), &["lines[0].line_id"]),
            (|r| r.lines[0].quantity = 0, &["lines[0].quantity"]),
            (|r| r.lines[0].quantity = 1_000_000_001, &["lines[0].quantity"]),
            (|r| r.lines[0].sku_id = "a\0".to_owned(), &["lines[0].sku_id"]),
            (|r| r.lines[0].description = "x".repeat(2_001), &["lines[0].description"]),
            (|r| r.lines[1].unit_price = None, &["lines[1].unit_price"]),
            (|r| r.lines[1].unit_price = Some(money("-1.00")), &["lines[1].unit_price.amount"]),
            (|r| r.lines[1].unit_price = Some(money("1.001")), &["lines[1].unit_price.amount"]),
            (|r| r.lines[1].unit_price = Some(money("")), &["lines[1].unit_price.amount"]),
            (|r| r.lines[1].unit_price = Some(money("1e3")), &["lines[1].unit_price.amount"]),
            (|r| r.lines[1].unit_price = Some(money(&"9".repeat(19))), &["lines[1].unit_price.amount"]),
            (|r| r.lines[1].unit_price = Some(money_of("USD", "5")), &["lines[1].unit_price.currency_code"]),
            (
                |r| r.lines[1].unit_price = Some(money_of("", "")),
                &["lines[1].unit_price.currency_code", "lines[1].unit_price.amount"],
            ),
            (
                |r| {
                    r.lines[0].quantity = -1;
                    r.shipping = Some(money("-1"));
                    r.tax = Some(money_of("JPY", "1.5"));
                    r.fees = Some(money_of("EURO", "1"));
                },
                &[
                    "lines[0].quantity",
                    "shipping.amount",
                    "tax.currency_code",
                    "tax.amount",
                    "fees.currency_code",
                ],
            ),
            (|r| r.lines = vec![line("a", 1_000_000_000, "9999999999.99")], &["lines"]),
            (|r| r.lines = vec![line("a", 1, "9999999999999.99")], &["lines"]),
            (|r| r.lines = (0..501).map(|index| line(&index.to_string(), 1, "1")).collect(), &["lines"]),
            (
                |r| {
                    r.lines[0].removed_quantity = 1;
                    r.lines[1].invoiced_quantity = -1;
                    r.lines[1].returned_quantity = 2;
                },
                &["lines[0].removed_quantity", "lines[1].invoiced_quantity", "lines[1].returned_quantity"],
            ),
            (|r| r.discounts = Some(money("30")), &["discounts"]),
            (|r| r.discounts = Some(money("29.99")), &[]),
            (
                |r| {
                    r.lines = vec![line("a", 1, "0")];
                    r.shipping = None;
                    r.discounts = None;
                },
                &["lines"],
            ),
            (|r| r.allocation = 9, &["allocation"]),
            (|r| r.refund_order = -1, &["refund_order"]),
            (|r| r.release_policy = 9, &["release_policy"]),
            (|r| r.allocation = pb::Allocation::Proportional.into(), &[]),
        ],
    );
}

#[test]
fn transactions_name_every_violation() {
    check(
        &transaction(),
        |request| transactions::create(&account(), request),
        &[
            (|r| *r = pb::CreateTransactionRequest::default(), &["transaction_id", "order_id", "payments"]),
            (|r| r.payments[1].payment_id = "gift".to_owned(), &["payments[1].payment_id"]),
            (|r| r.payments = (0..21).map(|index| payment(&index.to_string(), "1")).collect(), &["payments"]),
            (|r| r.payments[0].amount = Some(money("0")), &["payments[0].amount.amount"]),
            (|r| r.payments[0].amount = None, &["payments[0].amount"]),
            (|r| r.payments[0].mode = 7, &["payments[0].mode"]),
            (|r| r.payments[0].authorization = None, &["payments[0].adopted"]),
            (
                |r| {
                    r.payments[0].authorization = Some(Source::Adopted(pb::AdoptedAuthorization::default()));
                    r.payments[1].connector_id.clear();
                },
                &["payments[0].adopted.provider_payment_id", "payments[1].connector_id"],
            ),
            (
                |r| {
                    let time = prost_types::Timestamp { seconds: 0, nanos: -1 };
                    r.payments[0].authorization = Some(Source::Adopted(pb::AdoptedAuthorization {
                        provider_payment_id: "p".to_owned(),
                        tid: "\u{7}".to_owned(),
                        expire_time: Some(time),
                        ..pb::AdoptedAuthorization::default()
                    }));
                },
                &["payments[0].adopted.tid", "payments[0].adopted.expire_time"],
            ),
            (
                |r| {
                    let most = "9999999999999.99";
                    r.payments = vec![payment("a", most), payment("b", most)];
                },
                &["payments"],
            ),
            (
                |r| {
                    r.payments[0].authorization =
                        Some(Source::Requested(pb::RequestedAuthorization::default()));
                },
                &["payments[0].requested.payment_method"],
            ),
            (
                |r| {
                    r.payments[0].authorization = Some(Source::Requested(pb::RequestedAuthorization {
                        payment_method: "Visa".to_owned(),
                        token: "card 4444 3333 2222 1111".to_owned(),
                        installments: 100,
                        return_url: "shop.example".to_owned(),
                    }));
                    r.payments[1].authorization = Some(Source::Requested(pb::RequestedAuthorization {
                        payment_method: "Pix\n".to_owned(),
                        token: "\u{7}".to_owned(),
                        installments: -1,
                        return_url: format!("https://{}", "x".repeat(2_000)),
                    }));
                },
                &[
                    "payments[0].requested.token",
                    "payments[0].requested.return_url",
                    "payments[0].requested.installments",
                    "payments[1].requested.payment_method",
                    "payments[1].requested.token",
                    "payments[1].requested.return_url",
                    "payments[1].requested.installments",
                ],
            ),
            (
                |r| {
                    let mut adopted = adopted_until(4_000_000_000);
                    adopted.provider_payment_id.clear();
                    r.payments[0].authorization = Some(Source::Adopted(adopted));
                },
                &["payments[0].adopted.provider_payment_id"],
            ),
        ],
    );
}

#[test]
fn invoices_name_every_violation() {
    check(
        &invoice(),
        |request| invoices::notify(&account(), request, "receipt".to_owned()),
        &[
            (|r| *r = pb::NotifyInvoiceRequest::default(), &["order_id", "invoice_number", "type", "value"]),
            (|r| r.invoice_number = " 1".to_owned(), &["invoice_number"]),
            (|r| r.r#type = 9, &["type"]),
            (|r| r.value = Some(money("0")), &["value.amount"]),
            (|r| r.value = Some(money("-1")), &["value.amount"]),
            (|r| r.value = Some(money("1234567890123456789")), &["value.amount"]),
            (|r| r.value = Some(money("12.505")), &["value.amount"]),
            (|r| r.value = Some(money_of("ZZZ", "1")), &["value.currency_code"]),
            (|r| r.payments[1].amount = Some(money("3.49")), &["payments"]),
            (|r| r.payments[1].payment_id = "gift".to_owned(), &["payments[1].payment_id"]),
            (|r| r.payments[1].amount = Some(money("0")), &["payments[1].amount.amount"]),
            (|r| r.payments[1].amount = Some(money_of("USD", "3.50")), &["payments[1].amount.currency_code"]),
            (|r| r.payments.clear(), &[]),
            (
                |r| r.lines.push(pb::InvoiceLine { line_id: "a".to_owned(), quantity: 0 }),
                &["lines[1].line_id", "lines[1].quantity"],
            ),
            (|r| r.invoice_key = "\0".to_owned(), &["invoice_key"]),
            (
                |r| {
                    r.invoice_url = "x".repeat(2_001);
                    r.tracking =
                        Some(pb::Tracking { courier: "\u{1b}".to_owned(), ..pb::Tracking::default() });
                    r.issue_time = Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 });
                },
                &["issue_time", "invoice_url", "tracking.courier"],
            ),
        ],
    );
    let update = pb::UpdateInvoiceTrackingRequest {
        request_id: "r".to_owned(),
        order_id: "order 1".to_owned(),
        invoice_number: "INV/1".to_owned(),
        tracking: Some(pb::Tracking::default()),
    };
    check(
        &update,
        |request| invoices::update_tracking(&account(), request),
        &[
            (|r| r.tracking = None, &["tracking"]),
            (
                |r| *r = pb::UpdateInvoiceTrackingRequest::default(),
                &["request_id", "order_id", "invoice_number", "tracking"],
            ),
        ],
    );
}

#[test]
fn connectors_name_every_violation() {
    fn can(request: &mut pb::CreateConnectorRequest) -> &mut pb::ConnectorCapabilities {
        request.capabilities.get_or_insert_default()
    }
    check(
        &connector(),
        |request| connectors::create(&account(), request),
        &[
            (|r| *r = pb::CreateConnectorRequest::default(), &["connector_id", "kind"]),
            (|r| r.kind = "unheard-of".to_owned(), &["kind"]),
            (|r| drop(r.settings.remove("base_url")), &["settings.base_url"]),
            (|r| r.settings.extend([("merchant_settings.a".to_owned(), "\0".to_owned())]), &["settings"]),
            (|r| r.default_mode = 4, &["default_mode"]),
            (|r| can(r).minimum_amounts = vec![money("0")], &["capabilities.minimum_amounts[0].amount"]),
            (
                |r| can(r).minimum_amounts = vec![money("1"), money("2")],
                &["capabilities.minimum_amounts[1].currency_code"],
            ),
            (|r| can(r).minimum_amounts = vec![money("1"); 51], &["capabilities.minimum_amounts"]),
            (|r| can(r).partial_settlement = 9, &["capabilities.partial_settlement"]),
            (|r| can(r).remainder = 9, &["capabilities.remainder"]),
            (|r| can(r).max_settlements = Some(1), &["capabilities.max_settlements"]),
            (|r| can(r).max_settlements = Some(-1), &["capabilities.max_settlements"]),
            (|r| can(r).max_settlements = Some(2), &[]),
            (
                |r| {
                    can(r).partial_settlement = pb::PartialSettlement::Once.into();
                    can(r).max_settlements = Some(2);
                    can(r).refunds = Some(false);
                    can(r).partial_refunds = Some(true);
                    can(r).replay_safe = Some(false);
                    can(r).replay_window = Some(prost_types::Duration { seconds: 1, nanos: 0 });
                },
                &[
                    "capabilities.max_settlements",
                    "capabilities.partial_refunds",
                    "capabilities.replay_window",
                ],
            ),
            (
                |r| can(r).authorization_lifetime = Some(prost_types::Duration { seconds: -1, nanos: 0 }),
                &["capabilities.authorization_lifetime"],
            ),
            (
                |r| {
                    let beyond = prost_types::Duration { seconds: 366 * 86_400, nanos: 1 };
                    can(r).authorization_lifetime = Some(beyond);
                },
                &["capabilities.authorization_lifetime"],
            ),
            (|r| can(r).authorization_lifetime = Some(prost_types::Duration::default()), &[]),
            (
                |r| can(r).replay_window = Some(prost_types::Duration { seconds: 0, nanos: 0 }),
                &["capabilities.replay_window"],
            ),
        ],
    );
}

#[test]
fn an_update_is_judged_by_what_the_connector_was() {
    fn can(request: &mut pb::UpdateConnectorRequest) -> &mut pb::ConnectorCapabilities {
        request.capabilities.get_or_insert_default()
    }
    let (mut created, _) = connectors::create(&account(), &connector()).unwrap();
    created.configuration.default_mode = Some(Mode::Partial);
    let WriteConnector { account_id, connector_id, configuration, .. } = created;
    let before = Connector {
        account_id,
        connector_id,
        kind: configuration.kind,
        settings: configuration.settings,
        default_mode: configuration.default_mode,
        capabilities: configuration.capabilities,
        minimum_amounts: configuration.minimum_amounts,
        manifest: String::new(),
        version: 1,
        create_time: Timestamp::from_micros(1),
        update_time: Timestamp::from_micros(1),
    };
    let update = pb::UpdateConnectorRequest {
        request_id: "r".to_owned(),
        connector_id: before.connector_id.to_string(),
        ..pb::UpdateConnectorRequest::default()
    };
    check(
        &update,
        |request| connectors::update(&before, request),
        &[
            (
                |r| can(r).partial_settlement = pb::PartialSettlement::Once.into(),
                &["capabilities.partial_settlement"],
            ),
            (
                |r| {
                    can(r).partial_settlement = pb::PartialSettlement::Once.into();
                    r.default_mode = pb::payment::Mode::Hold.into();
                },
                &[],
            ),
            (|r| can(r).remainder = RemainderPolicy::Released.into(), &["capabilities.remainder"]),
            (
                |r| {
                    can(r).remainder = RemainderPolicy::Released.into();
                    can(r).max_settlements = Some(3);
                },
                &[],
            ),
            (|r| can(r).partial_cancellation = Some(true), &["settings.cancellation_unit"]),
            (
                |r| {
                    can(r).partial_cancellation = Some(true);
                    r.settings.insert("cancellation_unit".to_owned(), "minor".to_owned());
                },
                &[],
            ),
            (|r| can(r).query = Some(true), &["capabilities.query"]),
            (|r| can(r).query = Some(false), &[]),
        ],
    );
}

#[test]
fn account_updates_name_every_violation() {
    let update =
        pb::UpdateAccountRequest { request_id: "r".to_owned(), ..pb::UpdateAccountRequest::default() };
    check(
        &update,
        |request| accounts::update(&account(), request),
        &[
            (|r| r.request_id.clear(), &["request_id"]),
            (|r| r.etag = "x".repeat(101), &["etag"]),
            (
                |r| r.authorization_lead_time = Some(prost_types::Duration::default()),
                &["authorization_lead_time"],
            ),
            (
                |r| {
                    let beyond = prost_types::Duration { seconds: 30 * 86_400, nanos: 1 };
                    r.authorization_lead_time = Some(beyond);
                },
                &["authorization_lead_time"],
            ),
            (|r| r.default_legacy_mode = pb::payment::Mode::Partial.into(), &["default_legacy_mode"]),
            (
                |r| {
                    r.allocation = 9;
                    r.refund_order = 9;
                    r.release_policy = 9;
                    r.default_legacy_mode = 9;
                },
                &["allocation", "refund_order", "release_policy", "default_legacy_mode"],
            ),
        ],
    );
}

#[test]
fn lists_name_all_that_is_wrong_at_once() {
    let fields = |refused: Option<Unacceptable>| match refused {
        Some(Unacceptable(found)) => {
            found.into_iter().map(|violation| violation.field).collect::<Vec<_>>().join(" ")
        }
        None => panic!("it was taken"),
    };
    let (account, page_size, page_token) = (account(), -1, "nonsense".to_owned());
    let orders = pb::ListOrdersRequest { states: vec![99], page_size, page_token: page_token.clone() };
    assert_eq!(fields(orders::list(&account, &orders).err()), "states[0] page_size page_token");
    let invoices =
        pb::ListInvoicesRequest { page_size, page_token: page_token.clone(), ..Default::default() };
    assert_eq!(fields(invoices::list(&account, &invoices).err()), "order_id page_size page_token");
    let operations = pb::ListOperationsRequest {
        states: vec![0],
        payment_id: " ".to_owned(),
        page_size,
        page_token: page_token.clone(),
        ..Default::default()
    };
    let expected = "transaction_id payment_id states[0] page_size page_token";
    assert_eq!(fields(operation::list(&account, &operations).err()), expected);
    let interactions =
        pb::ListInteractionsRequest { page_size, page_token: page_token.clone(), ..Default::default() };
    let expected = "operation_id page_size page_token";
    assert_eq!(fields(operation::list_interactions(&account, &interactions).err()), expected);
    let connectors = pb::ListConnectorsRequest { page_size, page_token };
    assert_eq!(fields(connectors::list(&account, &connectors).err()), "page_size page_token");
    let events = pb::ListEventsRequest { after_cursor: "x".to_owned(), order_id: " ".to_owned(), page_size };
    assert_eq!(fields(event::list(&account, &events).err()), "after_cursor order_id page_size");
    let update = pb::UpdateConnectorRequest { etag: " ".to_owned(), default_mode: 99, ..Default::default() };
    let expected = "connector_id request_id default_mode etag";
    assert_eq!(fields(connectors::updated_id(&update).err()), expected);
}
