//! What is older than events are kept is forgotten, and whoever would miss it is told.

use std::path::Path;

use tonic::transport::Endpoint;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tranche_sdk::v1::WatchEventsRequest;
use tranche_sdk::v1::event_service_client::EventServiceClient;
use tranche_tests::patience::eventually;
use tranche_tests::process::run;
use tranche_tests::world::{DatabaseKind, World};

use super::{create, list, take};
use crate::PROGRAM;
use crate::sql::Sql;

on_both_databases! {
    a_cursor_older_than_what_is_kept_is_refused,
    a_stream_whose_place_is_forgotten_is_refused,
    a_cursor_of_a_day_that_was_undone_is_refused,
}

/// Microseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;
/// How long events are kept by default, in days.
const DAYS_KEPT: i64 = 90;
/// What a client takes of a stream before it reads, in bytes: a few events.
const WINDOW: u32 = 1_024;

#[tokio::test]
async fn events_are_kept_for_a_day_at_least() {
    for (days, told) in [("0", "1..=3650"), ("3651", "1..=3650"), ("0.5", "invalid digit")] {
        let ended = run(Path::new(PROGRAM), &["serve", "--keep-events-days", days]).await;
        assert!(!ended.success, "{days}");
        assert!(
            ended.stderr.contains("--keep-events-days") && ended.stderr.contains(told),
            "{}",
            ended.stderr
        );
    }
}

/// Has events up to this number be older than they are.
async fn age(world: &World, last: i64, days: i64) {
    let sql = Sql::connect(world.database()).await;
    let by = days * DAY;
    let aged = format!("UPDATE events SET create_time = create_time - {by} WHERE number <= {last}");
    sql.run(&aged).await.unwrap();
}

/// A refusal that says where to go on.
fn assert_expired(refusal: &Status, oldest: &str, what: &str) {
    assert_eq!(refusal.code(), Code::FailedPrecondition, "{what}: {refusal:?}");
    let info = refusal.get_details_error_info().unwrap();
    assert_eq!(info.reason, "EVENT_CURSOR_EXPIRED", "{what}");
    assert_eq!(info.metadata, [("oldestCursor".to_owned(), oldest.to_owned())].into(), "{what}");
    assert!(refusal.message().contains(oldest), "{what}: {refusal:?}");
}

async fn a_cursor_older_than_what_is_kept_is_refused(database: DatabaseKind) {
    let mut world = World::new(PROGRAM, database).await;
    let before_the_first = list(&world.client(), "", "").await.unwrap().cursor;
    create(&world.shop(), "order", 30).await;
    let all = world.shop().events("").await.unwrap();
    assert!(world.stop(0).await);
    age(&world, 20, 1).await;
    world.serve_with(&["--keep-events-days", "1"]);
    world.start(0).await;

    let client = world.client();
    let oldest = all[19].cursor.as_str();
    eventually("a day is over", async || match list(&client, &all[0].cursor, "").await {
        Ok(page) => Err(format!("{} events", page.events.len())),
        Err(_) => Ok(()),
    })
    .await;
    let order_id = all[24].order_id.as_str();
    for (what, cursor, order_id, expected) in [
        ("before the first", before_the_first.as_str(), "", None),
        ("after the first", all[0].cursor.as_str(), "", None),
        ("after the last but one that is forgotten", all[18].cursor.as_str(), "", None),
        ("after one that is forgotten, of one order", all[18].cursor.as_str(), order_id, None),
        ("none", "", "", Some(&all[20..])),
        ("the oldest", oldest, "", Some(&all[20..])),
        ("none, of one order", "", order_id, Some(&all[24..25])),
        ("the oldest, of one order", oldest, order_id, Some(&all[24..25])),
        ("after one that is kept", all[25].cursor.as_str(), "", Some(&all[26..])),
        ("after the last", all[29].cursor.as_str(), "", Some(&[])),
    ] {
        let listed = list(&client, cursor, order_id).await;
        let (after_cursor, order_id) = (cursor.to_owned(), order_id.to_owned());
        let request = WatchEventsRequest { after_cursor, order_id };
        let mut stream = client.events().watch_events(request).await.unwrap().into_inner();
        match expected {
            None => {
                assert_expired(&listed.unwrap_err(), oldest, what);
                let (events, refusal) = take(&mut stream, 1).await;
                assert_eq!(events, [], "{what}");
                assert_expired(&refusal.unwrap(), oldest, what);
            }
            Some(expected) => {
                assert_eq!(listed.unwrap().events, expected, "{what}");
                if let Some(last) = expected.last() {
                    assert_eq!(take(&mut stream, last.number).await.0, expected, "{what}");
                }
            }
        }
    }
    // A reader of one order has passed all the others: its cursor expires no sooner than it must.
    assert_eq!(list(&client, "", order_id).await.unwrap().cursor, all[29].cursor);
    // The numbers go on, although most of them are gone.
    create(&world.shop(), "later", 1).await;
    let later = list(&client, &all[29].cursor, "").await.unwrap().events;
    assert_eq!(later.iter().map(|event| event.number).collect::<Vec<_>>(), [31]);
}

async fn a_stream_whose_place_is_forgotten_is_refused(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    create(&world.shop(), "order", 1_000).await;
    let all = world.shop().events("").await.unwrap();
    let endpoint = Endpoint::from_shared(world.url()).unwrap();
    let slow = endpoint.initial_stream_window_size(WINDOW).connect().await.unwrap();
    let watch = WatchEventsRequest::default();
    let mut stream = EventServiceClient::new(slow).watch_events(watch).await.unwrap().into_inner();
    let (mut events, refusal) = take(&mut stream, 1).await;
    assert!(refusal.is_none());

    // It looks away, and its place is forgotten meanwhile, in more than one step.
    age(&world, 900, DAYS_KEPT).await;
    eventually("they are forgotten", async || {
        let number = list(&world.client(), "", "").await.unwrap().events[0].number;
        if number == 901 { Ok(()) } else { Err(format!("the oldest is {number}")) }
    })
    .await;
    let (more, refusal) = take(&mut stream, 1_000).await;
    events.extend(more);
    // Some may have been read after their times were changed.
    let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
    let expected: Vec<i64> = (1..).take(events.len()).collect();
    assert_eq!(numbers, expected, "what came before the refusal has no gap");
    let oldest = &all[899].cursor;
    assert_expired(&refusal.expect("the pages at hand, and no more"), oldest, "a slow stream");
    let listed = list(&world.client(), oldest, "").await.unwrap().events;
    assert_eq!(listed, all[900..], "the cursor of the refusal leads on");
}

/// As after a restore: the database is the one of an earlier day, and readers know events that it never had.
async fn a_cursor_of_a_day_that_was_undone_is_refused(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let before_the_first = list(&world.client(), "", "").await.unwrap().cursor;
    create(&world.shop(), "order", 10).await;
    let all = world.shop().events("").await.unwrap();
    let sql = Sql::connect(world.database()).await;
    sql.run("DELETE FROM events WHERE number > 6").await.unwrap();
    sql.run("UPDATE event_counters SET last_number = 6").await.unwrap();
    let client = world.client();
    assert_eq!(list(&client, &all[5].cursor, "").await.unwrap().events, [], "the last one that is there");
    assert_expired(
        &list(&client, &all[6].cursor, "").await.unwrap_err(),
        &before_the_first,
        "one that is not",
    );
    let request = WatchEventsRequest { after_cursor: all[9].cursor.clone(), ..WatchEventsRequest::default() };
    let mut stream = client.events().watch_events(request).await.unwrap().into_inner();
    assert_expired(&take(&mut stream, 1).await.1.unwrap(), &before_the_first, "watched");
    // What comes next there is told to whoever begins anew.
    create(&world.shop(), "another", 1).await;
    let again = list(&client, &before_the_first, "").await.unwrap().events;
    assert_eq!((again.len(), &again[..6]), (7, &all[..6]));
}
