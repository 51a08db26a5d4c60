//! A reader goes on where it was, however long it was away and whatever happened to the server.

use tranche_sdk::v1::{Event, WatchEventsRequest};
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use super::{create, take};
use crate::PROGRAM;

on_both_databases!(a_reader_resumes_after_thousands_of_events);

/// Events that happen while the reader is away: many pages.
const MISSED: usize = 2_500;

async fn a_reader_resumes_after_thousands_of_events(database: DatabaseKind) {
    let options = WorldOptions { replicas: 2, ..WorldOptions::new(PROGRAM, database) };
    let mut world = World::with(options).await;
    create(&world.shop(), "before", 10).await;
    let watch = async |world: &World, number: usize, after: &[Event]| {
        let after_cursor = after.last().map(|event| event.cursor.clone()).unwrap_or_default();
        let request = WatchEventsRequest { after_cursor, order_id: String::new() };
        world.client_of(number).events().watch_events(request).await.unwrap().into_inner()
    };
    let (mut read, _) = take(&mut watch(&world, 0, &[]).await, 5).await;

    create(&world.shop(), "meanwhile", MISSED).await;
    world.kill(0).await;
    world.start(0).await;
    let last = i64::try_from(10 + MISSED).unwrap();
    // The first half where it was, which has been started anew; the rest at the other replica, if there is one.
    for (number, to) in [(0, last / 2), (1, last)] {
        let (more, refusal) = take(&mut watch(&world, number, &read).await, to).await;
        assert!(refusal.is_none(), "{refusal:?}");
        read.extend(more);
    }
    let numbers: Vec<i64> = read.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "each came once, in order");
    assert_eq!(read, world.shop().events("").await.unwrap());
}
