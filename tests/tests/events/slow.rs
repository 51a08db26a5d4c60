//! A reader that does not read costs nobody anything.

use futures_util::future::{join_all, try_join_all};
use tonic::transport::Endpoint;
use tranche_sdk::v1::WatchEventsRequest;
use tranche_sdk::v1::event_service_client::EventServiceClient;
use tranche_tests::patience::eventually;
use tranche_tests::shop::Terms;
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use super::{ORDERS_PER_WRITER, create, take, write};
use crate::PROGRAM;

on_both_databases!(streams_that_nobody_reads_stand_still);

/// Streams that are open at once, well below their bound.
const STREAMS: usize = 250;
/// Streams that are read in the end.
const READ: usize = 10;
/// Events of the past, more than a stream is sent unasked.
const PAST: usize = 700;
/// Shops that work meanwhile; every commit of theirs would wake a stream that waits for one.
const WRITERS: usize = 4;
/// What a client takes of a stream before it reads, in bytes: a few events.
const WINDOW: u32 = 1_024;
/// Pages that a stream may have read of which its client has taken nothing: what fills the window and a buffer, and one to spare.
const PAGES_AHEAD_MAX: usize = 4;

/// Pages of events that the server has read.
fn pages_read(world: &World) -> usize {
    let log = world.log(0);
    log.lines().filter(|line| line.contains("sqlx::query") && line.contains("l.forgotten_number, e.")).count()
}

async fn streams_that_nobody_reads_stand_still(database: DatabaseKind) {
    let serve = ["--log", "info,sqlx=debug", "--log-format", "json"].map(str::to_owned).to_vec();
    let world = World::with(WorldOptions { serve, ..WorldOptions::new(PROGRAM, database) }).await;
    create(&world.shop(), "past", PAST).await;
    let endpoint = Endpoint::from_shared(world.url()).unwrap();
    let channel = endpoint.initial_stream_window_size(WINDOW).connect().await.unwrap();
    let before = pages_read(&world);
    let open = (0..STREAMS).map(|_| {
        let mut client = EventServiceClient::new(channel.clone());
        async move { client.watch_events(WatchEventsRequest::default()).await }
    });
    let streams = try_join_all(open).await.unwrap();
    eventually("every stream has read its first page", async || match pages_read(&world) - before {
        pages if pages >= STREAMS => Ok(()),
        pages => Err(format!("{pages} pages")),
    })
    .await;

    world.shop().connect(Terms::parse("PARTIAL").unwrap(), 20_000).await.unwrap();
    join_all((0..WRITERS).map(|writer| write(world.shop(), writer))).await;
    let pages = pages_read(&world) - before;
    assert!(pages <= STREAMS * PAGES_AHEAD_MAX, "{STREAMS} streams have read {pages} pages");

    // Whoever reads after all has missed nothing.
    let all = world.shop().events("").await.unwrap();
    assert!(all.len() > PAST + WRITERS * ORDERS_PER_WRITER * 5, "the work was done: {}", all.len());
    for stream in streams.into_iter().take(READ) {
        let (read, refusal) = take(&mut stream.into_inner(), all[all.len() - 1].number).await;
        assert!(refusal.is_none(), "{refusal:?}");
        assert_eq!(read, all);
    }
}
