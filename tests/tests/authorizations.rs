//! Authorizations that providers are asked for: approved, denied, undecided; by answer, by repetition and by callback; and
//! a process that dies between an answer and its recording.

mod attacks;
pub(crate) mod fixture;

use std::path::Path;

use tempfile::TempDir;
use tranche_sdk::v1::event::Payload;
use tranche_sdk::v1::{AddPaymentRequest, Operation, operation, payment, transaction};
use tranche_tests::audit::differences;
use tranche_tests::patience::{eventually, must};
use tranche_tests::process::Process;
use tranche_tests::provider::Provider;
use tranche_tests::shop::{Shop, adopt, money, transaction_id};
use tranche_tests::world::{ACCOUNT, Database, DatabaseKind, World};

use crate::PROGRAM;
use fixture::{Callbacks, approval, connect, requested};

on_both_databases!(
    it_is_approved_at_once,
    it_is_denied,
    it_is_decided_later,
    the_provider_calls_back,
    it_is_awaited_and_then_released,
    a_process_dies_with_the_answer,
);

/// The states that events told of a payment.
async fn states(shop: &Shop, payment_id: &str) -> Vec<payment::State> {
    let events = shop.events("").await.unwrap();
    let of_payment = events.into_iter().filter_map(|event| match event.payload {
        Some(Payload::PaymentStateChanged(changed)) if changed.payment_id == payment_id => {
            Some(changed.state())
        }
        _ => None,
    });
    of_payment.collect()
}

/// Waits until a payment stands there.
async fn stands(shop: &Shop, order_id: &str, payment_id: &str, state: payment::State) -> payment::State {
    eventually(&format!("{payment_id} is {state:?}"), async || {
        let transaction = shop.see_transaction(order_id).await.map_err(|status| status.to_string())?;
        let payment = transaction.payments.into_iter().find(|row| row.payment_id == payment_id);
        let seen = payment.map(|row| row.state());
        if seen == Some(state) { Ok(state) } else { Err(format!("{seen:?}")) }
    })
    .await
}

async fn it_is_approved_at_once(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    connect(&shop, "acquirer", "APPROVED").await;
    shop.order("o", "100.00", "BRL").await.unwrap();
    let created = shop.create_transaction("o", vec![requested("card", "acquirer", "100.00")]).await.unwrap();
    assert_eq!(created.payments[0].state(), payment::State::Authorizing);
    assert_eq!(created.payments[0].authorizing, Some(money("100.00", "BRL")));
    assert_eq!(created.payments[0].authorized, Some(money("0.00", "BRL")));
    assert_eq!(created.payments[0].authorization.as_ref().unwrap().authorization_id, "");
    stands(&shop, "o", "card", payment::State::Authorized).await;
    let again = shop.create_transaction("o", vec![requested("card", "acquirer", "100.00")]).await.unwrap();
    assert_eq!(again, created, "a repeat is answered as the first time");

    shop.invoice("o", "A", money("20.01", "BRL")).await.unwrap();
    shop.invoice("o", "B", money("79.99", "BRL")).await.unwrap();
    let operations = shop.at_rest("o").await;
    assert_eq!(operations[0].kind(), operation::Kind::Authorization);
    assert_eq!(operations[0].amount_done, Some(money("100.00", "BRL")));
    let transaction = shop.see_transaction("o").await.unwrap();
    assert_eq!(transaction.state(), transaction::State::Finished);
    assert_eq!(states(&shop, "card").await, [payment::State::Authorized, payment::State::Finished]);
    let adopted = transaction.payments[0].authorization.clone().unwrap();
    assert_eq!(operations[0].provider_id, adopted.authorization_id);
    let books = world.provider().payment(&adopted.provider_payment_id).await;
    assert_eq!((books.authorized.to_string(), books.settled.to_string()), ("100.00".into(), "100.00".into()));
    assert_eq!(differences(&shop, "o").await, Vec::<String>::new());
    let calls = fixture::interactions(&shop, &operations[0]).await;
    assert_eq!(calls.len(), 1);
    assert!(!calls[0].request_body.contains(fixture::TOKEN), "{}", calls[0].request_body);
}

async fn it_is_denied(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    connect(&shop, "acquirer", "APPROVED").await;
    connect(&shop, "strict", "DENIED").await;
    shop.order("o", "100.00", "BRL").await.unwrap();
    let payments = vec![requested("gift", "acquirer", "30.00"), requested("card", "strict", "70.00")];
    shop.create_transaction("o", payments).await.unwrap();
    stands(&shop, "o", "card", payment::State::Denied).await;
    stands(&shop, "o", "gift", payment::State::Authorized).await;
    let transaction = shop.see_transaction("o").await.unwrap();
    assert_eq!(transaction.payments[1].denial.as_ref().unwrap().provider_code, "payment-denied");
    assert_eq!(transaction.room, Some(money("30.00", "BRL")));
    let refused = shop.invoice("o", "A", money("30.01", "BRL")).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition, "{refused}");
    let request = AddPaymentRequest {
        request_id: "another".to_owned(),
        transaction_id: transaction_id("o"),
        payment: Some(requested("bank", "acquirer", "70.00")),
    };
    shop.client.transactions().add_payment(request).await.unwrap();
    stands(&shop, "o", "bank", payment::State::Authorized).await;
    shop.invoice("o", "A", money("100.00", "BRL")).await.unwrap();
    shop.at_rest("o").await;
    let transaction = shop.see_transaction("o").await.unwrap();
    assert_eq!(transaction.state(), transaction::State::Finished);
    assert_eq!(transaction.payments[1].state(), payment::State::Denied);
    assert_eq!(differences(&shop, "o").await, Vec::<String>::new());
    let missing = shop.events("").await.unwrap().into_iter().filter_map(|event| match event.payload {
        Some(Payload::CoverageMissing(coverage)) => coverage.missing.map(|missing| missing.amount),
        _ => None,
    });
    assert_eq!(missing.collect::<Vec<_>>(), ["70.00", "0.00"]);
}

async fn it_is_decided_later(database: DatabaseKind) {
    // No address to call back at: the provider is asked again, under the same id.
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    connect(&shop, "acquirer", "UNDEFINED_ONCE").await;
    shop.order("o", "100.00", "BRL").await.unwrap();
    shop.create_transaction("o", vec![requested("card", "acquirer", "100.00")]).await.unwrap();
    stands(&shop, "o", "card", payment::State::Authorized).await;
    let books = world.provider().books().await;
    assert_eq!(books.payments.len(), 1, "a repeat is the same payment");
    assert_eq!(books.payments[0].calls.payment, 2);
    assert_eq!(shop.operations("o").await.unwrap()[0].attempts, 2);
}

async fn the_provider_calls_back(database: DatabaseKind) {
    let callbacks = Callbacks::new();
    let world = callbacks.world(database).await;
    let shop = world.shop();
    connect(&shop, "acquirer", "UNDEFINED").await;
    shop.order("o", "100.00", "BRL").await.unwrap();
    let payments = vec![requested("gift", "acquirer", "30.00"), requested("card", "acquirer", "70.00")];
    shop.create_transaction("o", payments).await.unwrap();
    let (gift, card) = (callbacks.asked(&world, "gift").await, callbacks.asked(&world, "card").await);
    assert_eq!(shop.see_transaction("o").await.unwrap().payments[0].state(), payment::State::Authorizing);

    let approved = approval(&gift.payment_id, "AUT-000001");
    let denied = format!(r#"{{"paymentId":"{}","status":"denied","code":"E51"}}"#, card.payment_id);
    assert_eq!(callbacks.post(&world, &gift.path, &approved).await, 200);
    assert_eq!(callbacks.post(&world, &card.path, &denied).await, 200);
    // Only now, so that the callbacks are what tells: the payments are asked for again all the time.
    let decide = serde_json::json!({ "paymentId": gift.payment_id, "status": "approved" });
    world.provider().ask("/decisions", Some(&decide)).await;
    let decide = serde_json::json!({ "paymentId": card.payment_id, "status": "denied" });
    world.provider().ask("/decisions", Some(&decide)).await;
    stands(&shop, "o", "gift", payment::State::Authorized).await;
    stands(&shop, "o", "card", payment::State::Denied).await;
    let events = shop.events("").await.unwrap().len();
    for _ in 0..3 {
        assert_eq!(callbacks.post(&world, &gift.path, &approved).await, 200, "the same again");
        assert_eq!(callbacks.post(&world, &card.path, &denied).await, 200, "the same again");
    }
    assert_eq!(shop.events("").await.unwrap().len(), events, "changes nothing");
    shop.invoice("o", "A", money("30.00", "BRL")).await.unwrap();
    let operations = shop.at_rest("o").await;
    let books = world.provider().payment(&gift.payment_id).await;
    assert_eq!(books.settled.to_string(), "30.00");
    let is_asked =
        |row: &&Operation| row.kind() == operation::Kind::Authorization && row.payment_id == "gift";
    let calls = fixture::interactions(&shop, operations.iter().find(is_asked).unwrap()).await;
    let called_back: Vec<_> = calls.iter().filter(|call| call.callback).collect();
    assert_eq!(called_back.len(), 1, "{calls:#?}");
    assert!(called_back[0].request_body.contains("AUT-000001"));
    let told = format!("{calls:?}");
    assert!(!told.contains(&gift.signature), "the signature is kept: {told}");
    assert!(!world.log(0).contains(&gift.signature), "the signature is logged");
}

async fn it_is_awaited_and_then_released(database: DatabaseKind) {
    let callbacks = Callbacks::new();
    let world = callbacks.world(database).await;
    let shop = world.shop();
    connect(&shop, "acquirer", "UNDEFINED").await;
    shop.order("o", "100.00", "BRL").await.unwrap();
    shop.create_transaction("o", vec![requested("card", "acquirer", "100.00")]).await.unwrap();
    let card = callbacks.asked(&world, "card").await;
    shop.cancel("o").await.unwrap();
    let transaction = shop.see_transaction("o").await.unwrap();
    assert_eq!(transaction.state(), transaction::State::Open, "the answer is awaited");
    let explained = shop.explain("o").await.unwrap();
    assert!(explained.text.contains("being authorized on card"), "{}", explained.text);
    let decide = serde_json::json!({ "paymentId": card.payment_id, "status": "approved" });
    world.provider().ask("/decisions", Some(&decide)).await;
    assert_eq!(callbacks.post(&world, &card.path, &approval(&card.payment_id, "AUT-000001")).await, 200);
    stands(&shop, "o", "card", payment::State::Canceled).await;
    assert_eq!(shop.see_transaction("o").await.unwrap().state(), transaction::State::Canceled);
    assert_eq!(world.provider().payment(&card.payment_id).await.canceled.to_string(), "100.00");
}

async fn a_process_dies_with_the_answer(database: DatabaseKind) {
    let folder = must("a folder", TempDir::with_prefix("tranche-test-"));
    let log = folder.path().join("sandbox.log");
    let sandbox = ["sandbox", "--listen", "127.0.0.1:0", "--exit-when-stdin-closes"];
    let sandbox = Process::start(Path::new(PROGRAM), &sandbox, &log).await;
    let sandbox = must("the sandbox", sandbox.map_err(|ended| ended.stderr));
    let provider = Provider::new(sandbox.url());
    let database = Database::new(database, Path::new(PROGRAM), folder.path()).await;
    let serve = async |die_at: &[&str]| {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--exit-when-stdin-closes"];
        arguments.extend(["--lease-ms", "2500", "--database", database.url()]);
        arguments.extend(die_at);
        let started = Process::start(Path::new(PROGRAM), &arguments, &folder.path().join("server.log")).await;
        let process = must("the server", started.map_err(|ended| ended.stderr));
        let client = must("a client", tranche_sdk::connect(&process.url(), ACCOUNT).await);
        (process, Shop::new(client, provider.clone()))
    };
    let (mut process, shop) = serve(&["--die-at", "call-answered:1"]).await;
    connect(&shop, "acquirer", "APPROVED").await;
    shop.order("o", "100.00", "BRL").await.unwrap();
    // The process may be gone before it has told anybody that the transaction was accepted.
    let _ = shop.create_transaction("o", vec![requested("card", "acquirer", "100.00")]).await;
    eventually("the process dies", async || process.has_ended().then_some(()).ok_or("it lives".to_owned()))
        .await;
    assert_eq!(provider.books().await.payments.len(), 1, "the provider has authorized");

    let (_process, shop) = serve(&[]).await;
    shop.create_transaction("o", vec![requested("card", "acquirer", "100.00")]).await.unwrap();
    stands(&shop, "o", "card", payment::State::Authorized).await;
    let books = provider.books().await;
    assert_eq!(books.payments.len(), 1, "asked again, it is the same payment");
    assert_eq!(books.payments[0].calls.payment, 2);
    shop.invoice("o", "A", money("100.00", "BRL")).await.unwrap();
    shop.at_rest("o").await;
    assert_eq!(differences(&shop, "o").await, Vec::<String>::new());
}

/// An adopted authorization whose id would be one of ours belongs to one payment only.
#[tokio::test]
async fn an_id_of_ours_is_taken_once() {
    let world = World::new(PROGRAM, DatabaseKind::Sqlite).await;
    let shop = world.shop();
    connect(&shop, "acquirer", "APPROVED").await;
    for order_id in ["o", "p"] {
        shop.order(order_id, "100.00", "BRL").await.unwrap();
    }
    shop.create_transaction("o", vec![requested("card", "acquirer", "100.00")]).await.unwrap();
    stands(&shop, "o", "card", payment::State::Authorized).await;
    let ours = shop.see_transaction("o").await.unwrap().payments[0].authorization.clone().unwrap();
    let stolen = adopt("card", "acquirer", money("100.00", "BRL"), ours);
    let refused = shop.create_transaction("p", vec![stolen]).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::AlreadyExists, "{refused}");
}
