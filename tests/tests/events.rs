//! Events: a reader by cursor sees each once, in order, whoever writes.

mod forgotten;
mod resumed;
mod slow;

use futures_util::future::join_all;
use tonic::{Response, Status, Streaming};
use tranche_sdk::Client;
use tranche_sdk::v1::{
    Event, ListEventsRequest, ListEventsResponse, WatchEventsRequest, WatchEventsResponse,
    watch_events_response::Item,
};
use tranche_tests::patience::LOOKS_MAX;
use tranche_tests::shop::{Shop, Terms};
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use crate::PROGRAM;

on_both_databases! { a_reader_sees_every_event_once_and_in_order, events_of_one_order_are_read_alone }

const WRITERS: usize = 8;
const ORDERS_PER_WRITER: usize = 12;
/// Events after which the reader leaves and comes back, at the other replica.
const EVENTS_PER_CONNECTION: usize = 37;
const PAGE_SIZE: i32 = 7;

async fn a_reader_sees_every_event_once_and_in_order(database: DatabaseKind) {
    let world = World::with(WorldOptions { replicas: 2, ..WorldOptions::new(PROGRAM, database) }).await;
    world.shop().connect(Terms::parse("PARTIAL").unwrap(), 20_000).await.unwrap();
    let writers = (0..WRITERS).map(|writer| write(world.shop_of(writer), writer));
    // What each order says for certain: created, transaction, invoice, operation started and ended.
    let at_least = WRITERS * ORDERS_PER_WRITER * 5;
    let (_, read) = tokio::join!(join_all(writers), read(&world, at_least));

    let all = world.shop().events("").await.unwrap();
    assert!(read.len() <= all.len(), "{} were read, and there are {}", read.len(), all.len());
    let numbers: Vec<i64> = all.iter().map(|event| event.number).collect();
    let expected: Vec<i64> = (1..).take(all.len()).collect();
    assert_eq!(numbers, expected, "the numbers have no gap, none comes twice, and they are in order");
    assert_eq!(read, all[..read.len()], "the reader saw what there is");
    let times: Vec<_> =
        all.iter().filter_map(|event| event.create_time).map(|time| (time.seconds, time.nanos)).collect();
    assert_eq!(times.len(), all.len());
    assert_eq!(pages(&world.shop_of(1)).await, all, "pages say the same, at the other replica too");
}

/// Each order: created, paid and invoiced, and its settlement awaited.
async fn write(shop: Shop, writer: usize) {
    for number in 0..ORDERS_PER_WRITER {
        let order_id = format!("order-{writer}-{number}");
        let value = format!("{}.00", number + 1);
        shop.order(&order_id, &value, "BRL").await.unwrap();
        shop.pay(&order_id, "BRL", &[("card", &value, Terms::parse("PARTIAL").unwrap())]).await.unwrap();
        shop.invoice(&order_id, "A", tranche_tests::shop::money(&value, "BRL")).await.unwrap();
        assert_eq!(shop.at_rest(&order_id).await.len(), 1);
    }
}

/// Orders that are created at once.
const AT_ONCE: usize = 50;

/// Creates orders, each of which is an event of its own.
async fn create(shop: &Shop, name: &str, orders: usize) {
    let ids: Vec<String> = (0..orders).map(|number| format!("{name}-{number}")).collect();
    for some in ids.chunks(AT_ONCE) {
        for created in join_all(some.iter().map(|id| shop.order(id, "1.00", "BRL"))).await {
            created.unwrap();
        }
    }
}

/// A page of events after a cursor, the largest there is.
async fn list(client: &Client, after_cursor: &str, order_id: &str) -> Result<ListEventsResponse, Status> {
    let (after_cursor, order_id) = (after_cursor.to_owned(), order_id.to_owned());
    let request = ListEventsRequest { after_cursor, page_size: i32::MAX, order_id };
    client.events().list_events(request).await.map(Response::into_inner)
}

/// Events from a stream, up to and with the one of this number; or those that came before it ended with a refusal.
async fn take(stream: &mut Streaming<WatchEventsResponse>, last: i64) -> (Vec<Event>, Option<Status>) {
    let mut events: Vec<Event> = Vec::new();
    while events.last().is_none_or(|event| event.number < last) {
        match stream.message().await {
            Ok(message) => match message.expect("the stream goes on").item.unwrap() {
                Item::Event(event) => events.push(event),
                Item::Heartbeat(_) => {}
            },
            Err(refusal) => return (events, Some(refusal)),
        }
    }
    (events, None)
}

/// Reads at least so many events, by the cursor of the last one.
async fn read(world: &World, at_least: usize) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    let mut after_cursor = String::new();
    for connection in 0..usize::try_from(LOOKS_MAX).unwrap() {
        let mut client = world.client_of(connection).events();
        let request = WatchEventsRequest { after_cursor: after_cursor.clone(), order_id: String::new() };
        let mut stream = client.watch_events(request).await.unwrap().into_inner();
        for _ in 0..EVENTS_PER_CONNECTION {
            if events.len() >= at_least {
                return events;
            }
            let message = stream.message().await.unwrap().expect("the stream goes on");
            after_cursor = message.cursor;
            if let Some(Item::Event(event)) = message.item {
                assert_eq!(event.cursor, after_cursor, "an event and its message resume at the same place");
                events.push(event);
            }
        }
    }
    panic!("only {} events came", events.len());
}

async fn pages(shop: &Shop) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    let mut after_cursor = String::new();
    loop {
        let request = ListEventsRequest { after_cursor, page_size: PAGE_SIZE, order_id: String::new() };
        let page = shop.client.events().list_events(request).await.unwrap().into_inner();
        assert!(page.events.len() <= usize::try_from(PAGE_SIZE).unwrap());
        if page.events.is_empty() {
            return events;
        }
        events.extend(page.events);
        after_cursor = page.cursor;
    }
}

async fn events_of_one_order_are_read_alone(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    for order_id in ["order-1", "order-2", "order-3"] {
        shop.order(order_id, "1.00", "BRL").await.unwrap();
    }
    let request = ListEventsRequest { order_id: "order-2".to_owned(), ..ListEventsRequest::default() };
    let listed = shop.client.events().list_events(request).await.unwrap().into_inner().events;
    let request = WatchEventsRequest { order_id: "order-2".to_owned(), ..WatchEventsRequest::default() };
    let mut stream = shop.client.events().watch_events(request).await.unwrap().into_inner();
    let first = stream.message().await.unwrap().unwrap().item;
    let all = shop.events("").await.unwrap();
    assert_eq!(listed, [all[1].clone()]);
    assert_eq!(first, Some(Item::Event(all[1].clone())));
    // Another tenant sees none of it.
    let stranger = tranche_sdk::connect(&world.url(), "somebody-else").await.unwrap();
    let seen = stranger.events().list_events(ListEventsRequest::default()).await.unwrap().into_inner();
    assert!(seen.events.is_empty(), "{seen:?}");
}
