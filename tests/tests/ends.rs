//! Ends of authorizations, over gRPC: told, settled before, and not asked for after. No test goes by the wall clock:
//! each names ends relative to what the server said last, and waits for what must come of it.

use tranche_sdk::v1::connector_capabilities::RemainderPolicy;
use tranche_sdk::v1::{
    ConnectorCapabilities, CreateConnectorRequest, Event, NewPayment, Order, Payment, event::Payload,
    new_payment::Authorization, operation, order, transaction,
};
use tranche_sdk::v1::{GetAccountRequest, GetConnectorRequest, UpdateAccountRequest};
use tranche_tests::audit::differences;
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms, money};
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use crate::PROGRAM;

on_both_databases! {
    what_is_held_is_settled_before_the_end,
    what_has_ended_is_covered_by_another_payment,
    an_end_is_judged_by_whoever_asks,
    an_end_is_taken_and_shown,
}

/// Long enough for a few calls on a slow machine, short enough to wait for.
const LIFE_SECONDS: i64 = 10;

fn brl(amount: &str) -> tranche_sdk::v1::Money {
    money(amount, "BRL")
}

/// Has the payment's authorization end so long after the order was created.
fn end(payment: &mut NewPayment, order: &Order, seconds: i64) {
    let Some(Authorization::Adopted(adopted)) = &mut payment.authorization else { unreachable!() };
    adopted.expire_time = order.create_time;
    adopted.expire_time.get_or_insert_default().seconds += seconds;
}

async fn connect(shop: &Shop, terms: &str) -> Terms {
    let terms = Terms::parse(terms).unwrap();
    shop.connect(terms, 20_000).await.unwrap();
    terms
}

async fn payment(shop: &Shop, order_id: &str, payment_id: &str) -> Payment {
    let transaction = shop.see_transaction(order_id).await.unwrap();
    transaction.payments.into_iter().find(|row| row.payment_id == payment_id).unwrap()
}

/// What is told of ends and of what another payment must cover, in a few words.
async fn told(shop: &Shop) -> Vec<String> {
    let amount = |money: Option<tranche_sdk::v1::Money>| money.unwrap_or_default().amount;
    let words = |event: Event| match event.payload {
        Some(Payload::AuthorizationEnding(told)) => {
            Some(format!("{} ends with {}", told.payment_id, amount(told.room)))
        }
        Some(Payload::AuthorizationEnded(told)) => {
            Some(format!("{} has ended with {}", told.payment_id, amount(told.room)))
        }
        Some(Payload::CoverageMissing(told)) => Some(format!("missing {}", amount(told.missing))),
        _ => None,
    };
    shop.events("").await.unwrap().into_iter().filter_map(words).collect()
}

async fn hears(shop: &Shop, expected: &[&str]) {
    eventually("all is told", async || {
        let told = told(shop).await;
        if told == expected { Ok(()) } else { Err(format!("{told:?}")) }
    })
    .await;
}

async fn what_is_held_is_settled_before_the_end(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    let terms = connect(&shop, "HOLD").await;
    let order = shop.order("o", "100.00", "BRL").await.unwrap();
    let mut payments = shop.payments("o", "BRL", &[("card", "100.00", terms)]).await;
    end(&mut payments[0], &order, LIFE_SECONDS);
    shop.create_transaction("o", payments).await.unwrap();
    shop.invoice("o", "A", brl("20.00")).await.unwrap();
    eventually("what is held is settled", async || {
        let done = payment(&shop, "o", "card").await.done.unwrap();
        let settled = done.settled.unwrap().amount;
        if settled == "20.00" { Ok(()) } else { Err(settled) }
    })
    .await;
    hears(&shop, &["card ends with 80.00", "missing 80.00"]).await;
    let operations = shop.at_rest("o").await;
    let [settlement] = operations.as_slice() else { panic!("{operations:?}") };
    assert_eq!(settlement.cause, "ending:card");
    let row = payment(&shop, "o", "card").await;
    assert_eq!((row.room, row.done.unwrap().held), (Some(brl("0.00")), Some(brl("0.00"))));
    assert_eq!(differences(&shop, "o").await, Vec::<String>::new());
}

async fn what_has_ended_is_covered_by_another_payment(database: DatabaseKind) {
    let options = WorldOptions { replicas: 2, ..WorldOptions::new(PROGRAM, database) };
    let world = World::with(options).await;
    let shop = world.shop();
    // As late as can be, so that the invoice comes before.
    let mut update = UpdateAccountRequest { request_id: "1".to_owned(), ..Default::default() };
    update.authorization_lead_time.get_or_insert_default().seconds = 1;
    shop.client.accounts().update_account(update).await.unwrap();
    let terms = connect(&shop, "PARTIAL").await;
    let order = shop.order("o", "100.00", "BRL").await.unwrap();
    let paid_by = [("gift", "30.00", terms), ("card", "70.00", terms)];
    let mut payments = shop.payments("o", "BRL", &paid_by).await;
    end(&mut payments[1], &order, LIFE_SECONDS);
    shop.create_transaction("o", payments).await.unwrap();
    shop.invoice("o", "A", brl("50.00")).await.unwrap();
    // Of the ends both servers look for, each is told once.
    eventually("all is told", async || match told(&shop).await.as_slice() {
        // Where nobody looked in the second before, the end alone.
        [end, missing] if [end.as_str(), missing] == ["card has ended with 50.00", "missing 50.00"] => Ok(()),
        [near, end, missing]
            if [near.as_str(), end, missing]
                == ["card ends with 50.00", "card has ended with 50.00", "missing 50.00"] =>
        {
            Ok(())
        }
        told => Err(format!("{told:?}")),
    })
    .await;
    let row = payment(&shop, "o", "card").await;
    assert_eq!(row.room, Some(brl("0.00")));
    let refused = shop.invoice("o", "B", brl("50.00")).await.unwrap_err();
    let reason = tranche_sdk::reason(&refused).map(|reason| reason.as_str_name());
    assert_eq!(reason, Some("ERROR_REASON_INVOICE_ABOVE_ROOM"), "{refused}");
    let text = shop.explain("o").await.unwrap().text;
    for sentence in [
        "50.00 BRL is not invoiced, and no payment covers it, as the authorization of card has ended: add a payment.",
        "Beside the order's value, 50.00 BRL was authorized on card, and no invoice can ask for it any more, as the \
         authorization has ended: it is released when nothing remains to invoice.",
    ] {
        assert!(text.contains(sentence), "{text}");
    }
    shop.at_rest("o").await;
    shop.add("o", "BRL", ("cash", "50.00", terms)).await.unwrap();
    world.provider().fault("o-card", "refuse").await;
    shop.invoice("o", "B", brl("50.00")).await.unwrap();
    let operations = shop.at_rest("o").await;
    let refused = operations.iter().find(|row| row.kind() == operation::Kind::Cancellation).unwrap();
    assert_eq!(refused.state(), operation::State::Refused);
    let seen = shop.see_transaction("o").await.unwrap();
    assert_eq!(seen.state(), transaction::State::Finished);
    assert_eq!(payment(&shop, "o", "card").await.done.unwrap().canceled, Some(brl("50.00")));
    assert_eq!(shop.see_order("o").await.unwrap().state(), order::State::Invoiced);
    assert_eq!(told(&shop).await.last().map(String::as_str), Some("missing 0.00"));
    assert_eq!(differences(&shop, "o").await, Vec::<String>::new());
}

async fn an_end_is_judged_by_whoever_asks(database: DatabaseKind) {
    let mut world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    let terms = connect(&shop, "PARTIAL").await;
    let order = shop.order("o", "100.00", "BRL").await.unwrap();
    let mut payments = shop.payments("o", "BRL", &[("card", "100.00", terms)]).await;
    end(&mut payments[0], &order, LIFE_SECONDS);
    shop.create_transaction("o", payments.clone()).await.unwrap();
    world.stop(0).await;
    // While sending is paused nobody looks, and yet an invoice finds no room.
    world.serve_with(&["--pause-sending"]);
    world.start(0).await;
    let shop = world.shop();
    let is_told = async || told(&shop).await.iter().any(|told| told.contains("has ended"));
    let was_told = is_told().await;
    let mut number = 0;
    eventually("an invoice is refused", async || {
        number += 1;
        let invoice = shop.invoice("o", &format!("{number}"), brl("0.01")).await;
        match invoice {
            Ok(receipt) => Err(format!("{receipt:?}")),
            Err(status) => {
                let reason = tranche_sdk::reason(&status).map(|reason| reason.as_str_name());
                assert_eq!(reason, Some("ERROR_REASON_INVOICE_ABOVE_ROOM"), "{status}");
                Ok(())
            }
        }
    })
    .await;
    assert_eq!(is_told().await, was_told, "what is refused writes nothing");
    // The same request again is answered as the first time; another one of an authorization that has ended is not taken.
    shop.create_transaction("o", payments.clone()).await.unwrap();
    shop.order("o2", "100.00", "BRL").await.unwrap();
    let refused = shop.create_transaction("o2", payments).await.unwrap_err();
    assert!(refused.message().contains("payments[0].adopted.expire_time"), "{refused:?}");
}

async fn an_end_is_taken_and_shown(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    let client = &shop.client;
    let account = client.accounts().get_account(GetAccountRequest {}).await.unwrap().into_inner();
    let lead_time = account.account.unwrap().authorization_lead_time.unwrap();
    assert_eq!(lead_time.seconds, 24 * 3_600, "a day, as long as nobody says otherwise");
    let mut update = UpdateAccountRequest { request_id: "1".to_owned(), ..Default::default() };
    update.authorization_lead_time.get_or_insert_default().seconds = 90;
    let updated = client.accounts().update_account(update).await.unwrap().into_inner().account.unwrap();
    assert_eq!(updated.authorization_lead_time.unwrap().seconds, 90);

    let terms = connect(&shop, "PARTIAL").await;
    let mut capabilities =
        ConnectorCapabilities { remainder: RemainderPolicy::Kept.into(), ..ConnectorCapabilities::default() };
    capabilities.authorization_lifetime.get_or_insert_default().seconds = 7 * 86_400;
    let request = CreateConnectorRequest {
        connector_id: "for-a-week".to_owned(),
        kind: "ppp".to_owned(),
        settings: [("base_url".to_owned(), world.provider().url().to_owned())].into(),
        capabilities: Some(capabilities),
        ..CreateConnectorRequest::default()
    };
    client.connectors().create_connector(request).await.unwrap();
    for (connector_id, seconds) in [("for-a-week", 7 * 86_400), (terms.connector, 0)] {
        let request = GetConnectorRequest { connector_id: connector_id.to_owned() };
        let connector = client.connectors().get_connector(request).await.unwrap().into_inner().connector;
        let life = connector.unwrap().capabilities.unwrap().authorization_lifetime.unwrap();
        assert_eq!(life.seconds, seconds, "{connector_id}");
    }

    let order = shop.order("o", "100.00", "BRL").await.unwrap();
    let paid_by = [("told", "30.00", terms), ("derived", "30.00", terms), ("unknown", "40.00", terms)];
    let mut payments = shop.payments("o", "BRL", &paid_by).await;
    end(&mut payments[0], &order, 1_000_000);
    payments[1].connector_id = "for-a-week".to_owned();
    shop.create_transaction("o", payments).await.unwrap();
    let seen = shop.see_transaction("o").await.unwrap().payments;
    let lives: Vec<Option<i64>> = seen
        .iter()
        .map(|row| row.expire_time.map(|end| end.seconds - row.create_time.unwrap().seconds))
        .collect();
    assert_eq!(lives[1..], [Some(7 * 86_400), None]);
    let told = order.create_time.unwrap().seconds + 1_000_000;
    assert_eq!(seen[0].expire_time.unwrap().seconds, told);
    assert_eq!(seen[0].authorization.clone().unwrap().expire_time, seen[0].expire_time);
}
