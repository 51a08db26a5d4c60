//! One provider's trouble is its own: the others' calls go through at once, it is hardly called, and when it is mended
//! everything catches up, once, and step by step.

mod gateway;

use futures_util::future::join_all;
use gateway::{Gateway, Mood};
use tranche_cli::audit;
use tranche_sdk::v1::{Operation, UpdateConnectorRequest};
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms, money, transaction_id};
use tranche_tests::world::{DatabaseKind, World};

use crate::PROGRAM;

/// Orders at the provider in trouble, and payments of each: so many operations are due there at once.
const ORDERS: usize = 60;
const PAYMENTS: usize = 20;
/// Orders at the provider that is well.
const ORDERS_ELSEWHERE: usize = 60;
/// The limit of a call to the provider in trouble; longer than any answer takes, also on a busy machine.
const TIMEOUT_MS: u32 = 2_000;
/// Calls at once through one connector, unless it says otherwise.
const CALLS_AT_ONCE: usize = 256;
/// Pauses of the connector that are waited for.
const PAUSES: usize = 3;
/// What the server logs at the beginning of each.
const PAUSE: &str = "a connector is in trouble";

on_both_databases! {
    a_provider_that_hangs_leaves_the_others_alone,
    a_provider_that_breaks_down_leaves_the_others_alone,
    a_provider_whose_answers_are_lost_is_caught_up_with_once,
    a_connector_has_no_more_calls_at_once_than_it_takes,
    a_pause_that_is_asked_for_is_the_connectors_until_it_is_configured_anew,
}

/// The provider in trouble, and the one that is well.
struct Pair {
    world: World,
    gateway: Gateway,
    troubled: Shop,
    well: Shop,
}

fn troubled_terms() -> Terms {
    Terms::parse("PARTIAL/PARTS").unwrap()
}

fn well_terms() -> Terms {
    Terms::parse("PARTIAL").unwrap()
}

impl Pair {
    async fn new(database: DatabaseKind) -> Self {
        let world = World::new(PROGRAM, database).await;
        let gateway = Gateway::before(world.provider()).await;
        let troubled = Shop::new(world.client(), gateway.provider.clone());
        let well = world.shop();
        troubled.connect(troubled_terms(), TIMEOUT_MS).await.unwrap();
        well.connect(well_terms(), 20_000).await.unwrap();
        Self { world, gateway, troubled, well }
    }

    /// Orders at the provider in trouble, paid and not invoiced.
    async fn orders(&self, orders: usize, payments: usize) -> Vec<String> {
        let order_ids: Vec<String> = (0..orders).map(|number| format!("troubled-{number}")).collect();
        let value = format!("{}.00", 10 * payments);
        let names: Vec<String> = (0..payments).map(|number| format!("p{number}")).collect();
        join_all(order_ids.iter().map(async |order_id| {
            let payments: Vec<_> =
                names.iter().map(|name| (name.as_str(), "10.00", troubled_terms())).collect();
            self.troubled.order(order_id, &value, "BRL").await.unwrap();
            self.troubled.pay(order_id, "BRL", &payments).await.unwrap();
        }))
        .await;
        order_ids
    }

    /// Invoices all that the orders are worth: each payment is asked for its whole.
    async fn invoice(&self, order_ids: &[String], payments: usize) {
        let value = format!("{}.00", 10 * payments);
        join_all(order_ids.iter().map(async |order_id| {
            self.troubled.invoice(order_id, "A", money(&value, "BRL")).await.unwrap();
        }))
        .await;
    }

    /// Orders and settles at the provider that is well, while the other one is in whatever mood it is.
    async fn settle_elsewhere(&self, name: &str) {
        join_all((0..ORDERS_ELSEWHERE).map(async |number| {
            let order_id = format!("{name}-{number}");
            self.well.order(&order_id, "10.00", "BRL").await.unwrap();
            self.well.pay(&order_id, "BRL", &[("card", "10.00", well_terms())]).await.unwrap();
            self.well.invoice(&order_id, "A", money("10.00", "BRL")).await.unwrap();
            let operations = self.well.at_rest(&order_id).await;
            let attempts: Vec<i32> = operations.iter().map(|row| row.attempts).collect();
            assert_eq!(attempts, [1], "{order_id} is settled at once");
        }))
        .await;
    }

    /// Waits until the connector has been given so many pauses.
    async fn pauses(&self, pauses: usize) {
        eventually("the connector is given its pauses", async || {
            let seen = self.world.log(0).matches(PAUSE).count();
            if seen >= pauses { Ok(()) } else { Err(format!("{seen} pauses")) }
        })
        .await;
    }

    /// Everything is settled, and both sides' books agree.
    async fn caught_up(&self, order_ids: &[String]) -> Vec<Operation> {
        let operations = join_all(order_ids.iter().map(|order_id| self.troubled.at_rest(order_id))).await;
        let books = self.world.provider().books().await;
        let ids: Vec<String> = order_ids.iter().map(|order_id| transaction_id(order_id)).collect();
        let found = audit::differences(&self.world.client(), &ids, &books).await.unwrap();
        assert_eq!(found, Vec::<String>::new());
        operations.into_iter().flatten().collect()
    }
}

async fn is_left_alone(database: DatabaseKind, mood: Mood) {
    let pair = Pair::new(database).await;
    let order_ids = pair.orders(ORDERS, PAYMENTS).await;
    pair.gateway.be(mood);
    pair.invoice(&order_ids, PAYMENTS).await;
    pair.settle_elsewhere("beside").await;
    pair.pauses(PAUSES).await;
    pair.settle_elsewhere("later").await;
    let operations = join_all(order_ids.iter().map(|order_id| pair.troubled.operations(order_id))).await;
    let tried = operations.iter().flatten().flatten().filter(|row| row.attempts > 0).count();
    let seen = pair.gateway.be(Mood::Well);
    // One may be on its way.
    assert!(tried <= seen.calls + 1, "what is not sent uses up no attempt: {tried} for {seen:?}");
    // All that was sent before it was noticed, and then one for each pause: not one for each operation.
    assert!(seen.calls >= 5 && seen.calls <= 2 * CALLS_AT_ONCE, "{seen:?}");
    assert!(seen.at_once <= CALLS_AT_ONCE, "{seen:?}");
    let operations = pair.caught_up(&order_ids).await;
    assert_eq!(operations.len(), ORDERS * PAYMENTS);
    let seen = pair.gateway.seen();
    assert!(seen.calls >= operations.len() && seen.at_once <= CALLS_AT_ONCE, "{seen:?}");
    assert!(seen.ahead_of_answers <= 1, "a call more with each answer, and no herd: {seen:?}");
}

async fn a_provider_that_hangs_leaves_the_others_alone(database: DatabaseKind) {
    is_left_alone(database, Mood::Hangs).await;
}

async fn a_provider_that_breaks_down_leaves_the_others_alone(database: DatabaseKind) {
    is_left_alone(database, Mood::Answers(503, None)).await;
}

async fn a_provider_whose_answers_are_lost_is_caught_up_with_once(database: DatabaseKind) {
    let pair = Pair::new(database).await;
    let order_ids = pair.orders(30, 4).await;
    pair.gateway.be(Mood::LosesAnswers);
    pair.invoice(&order_ids, 4).await;
    pair.pauses(2).await;
    pair.gateway.be(Mood::Well);
    pair.caught_up(&order_ids).await;
    for row in pair.world.provider().books().await.payments {
        assert_eq!(row.settlements.len(), 1, "{row:?}");
    }
}

async fn a_connector_has_no_more_calls_at_once_than_it_takes(database: DatabaseKind) {
    let pair = Pair::new(database).await;
    let limit = [("max_calls_in_flight".to_owned(), "3".to_owned())];
    configure(&pair, "limit", limit).await;
    let order_ids = pair.orders(30, 4).await;
    pair.gateway.be(Mood::Well);
    pair.invoice(&order_ids, 4).await;
    pair.settle_elsewhere("beside").await;
    let operations = pair.caught_up(&order_ids).await;
    assert!(operations.iter().all(|row| row.attempts == 1), "to wait is no attempt");
    let seen = pair.gateway.seen();
    assert_eq!((seen.calls, seen.at_once), (120, 3), "{seen:?}");
}

async fn a_pause_that_is_asked_for_is_the_connectors_until_it_is_configured_anew(database: DatabaseKind) {
    let pair = Pair::new(database).await;
    let order_ids = pair.orders(30, 4).await;
    // One call shows what it takes, and the others wait; an hour is longer than this test.
    pair.gateway.be(Mood::Answers(503, Some(3_600)));
    pair.invoice(&order_ids[..1], 4).await;
    pair.pauses(1).await;
    pair.invoice(&order_ids[1..], 4).await;
    pair.settle_elsewhere("beside").await;
    let seen = pair.gateway.be(Mood::Well);
    assert!(seen.calls <= 4, "{seen:?}");
    pair.settle_elsewhere("later").await;
    assert_eq!(pair.gateway.seen().calls, 0, "it is mended, and nobody knows");
    configure(&pair, "mended", [("merchant_settings.mended".to_owned(), "yes".to_owned())]).await;
    let operations = pair.caught_up(&order_ids).await;
    assert_eq!(operations.len(), 120);
    assert!(pair.gateway.seen().ahead_of_answers <= 1, "{:?}", pair.gateway.seen());
}

async fn configure(pair: &Pair, request_id: &str, settings: impl IntoIterator<Item = (String, String)>) {
    let request = UpdateConnectorRequest {
        request_id: request_id.to_owned(),
        connector_id: troubled_terms().connector.to_owned(),
        settings: settings.into_iter().collect(),
        ..UpdateConnectorRequest::default()
    };
    pair.troubled.client.connectors().update_connector(request).await.unwrap();
}
