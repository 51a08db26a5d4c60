//! Events: pages of them, and streams that follow.
//!
//! A stream reads the store when its client takes what it has, a page at a time: a slow client holds one page and
//! nothing else, and costs nobody anything. It is woken by this process's commits; a pause finds those of others.
//!
//! Every read says how far the log has forgotten, at the moment of the read itself: a reader whose place is below that
//! is refused, be it the first read or one of a stream that was slow, so that nobody misses an event unknowingly.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tonic::{Request, Response, Status};
use tranche_core::id::AccountId;
use tranche_core::time::Timestamp;
use tranche_proto::v1::event_service_server::EventService;
use tranche_proto::v1::{ListEventsRequest, ListEventsResponse, WatchEventsRequest, WatchEventsResponse};
use tranche_store::{EventPage, NumberedEvent};

use super::{Edge, open};
use crate::bounds::{WATCH_HEARTBEAT_PAUSE, WATCH_PAGE_SIZE, WATCH_PAUSE_MAX, WATCH_PAUSE_MIN};
use crate::status::Refusal;
use crate::wire::event::{self, Following, cursor, heartbeat, item};

/// One open stream.
struct Watch {
    edge: Edge,
    account_id: AccountId,
    /// What is read next.
    following: Following,
    commits: watch::Receiver<u64>,
    ready: VecDeque<NumberedEvent>,
    /// The last number there was, if the last read found all there was.
    caught_up: Option<i64>,
    last_sent: Timestamp,
    is_over: bool,
    _permit: OwnedSemaphorePermit,
}

impl Watch {
    /// The next item; `None` after the last one.
    async fn next(&mut self) -> Option<Result<WatchEventsResponse, Status>> {
        if self.is_over {
            return None;
        }
        let shutdown = self.edge.shutdown.clone();
        let item = tokio::select! {
            item = self.item() => item,
            () = shutdown.cancelled() => Err(Refusal::ShuttingDown),
        };
        // Whatever went wrong, the client resumes by its cursor.
        self.is_over = item.is_err();
        self.last_sent = self.edge.clock.now();
        Some(item.map_err(Status::from))
    }

    async fn item(&mut self) -> Result<WatchEventsResponse, Refusal> {
        loop {
            if let Some(numbered) = self.ready.pop_front() {
                return Ok(item(&numbered));
            }
            if let Some(last) = self.caught_up {
                let now = self.edge.clock.now();
                if now.since(self.last_sent) >= WATCH_HEARTBEAT_PAUSE {
                    return Ok(heartbeat(&self.account_id, last, now));
                }
                self.wait().await;
            }
            self.read().await?;
        }
    }

    /// Waits for a commit, but never so shortly that all streams together ask all the time.
    async fn wait(&mut self) {
        tokio::time::sleep(WATCH_PAUSE_MIN).await;
        tokio::select! {
            Ok(()) = self.commits.changed() => {}
            () = tokio::time::sleep(WATCH_PAUSE_MAX) => {}
        }
    }

    async fn read(&mut self) -> Result<(), Refusal> {
        // Seen before the read, so that a commit during it wakes the next one.
        self.commits.mark_unchanged();
        let (edge, account_id) = (self.edge.clone(), self.account_id.clone());
        let following = self.following.clone();
        // A task of its own: a stream whose client takes nothing is not polled any more, wherever it stands, and would
        // keep the connection that it reads on, or the next place in the queue for one, from everybody else.
        let read = tokio::spawn(async move { edge.events(&account_id, &following, WATCH_PAGE_SIZE).await });
        let page = read.await.map_err(|_| Refusal::Panicked)??;
        self.caught_up = page.is_last.then_some(page.next_after);
        self.following.after = Some(page.next_after);
        self.ready = page.events.into();
        Ok(())
    }
}

/// Events that a reader gets at once.
struct Page {
    events: Vec<NumberedEvent>,
    /// Where the reader goes on after them.
    next_after: i64,
    /// Whether there was nothing more.
    is_last: bool,
}

impl Edge {
    /// The next events of a reader, none of which was forgotten.
    async fn events(
        &self,
        account_id: &AccountId,
        following: &Following,
        size: u64,
    ) -> Result<Page, Refusal> {
        let Following { after, order_id } = following;
        let EventPage { events, forgotten, last } =
            self.store.events(account_id, after.unwrap_or(0), order_id.as_ref(), size).await?;
        // Whoever has no place yet begins with the oldest.
        let after = after.unwrap_or(forgotten);
        // A place beyond the end is one of a log that was restored from an older day: what comes next there is another
        // event than the one that the reader waits for.
        if after < forgotten || after > last {
            let oldest_cursor = cursor(account_id, forgotten);
            return Err(Refusal::CursorExpired { account_id: account_id.clone(), oldest_cursor });
        }
        let is_last = u64::try_from(events.len()).is_ok_and(|length| length < size);
        let last_read = events.last().map(|numbered| numbered.number);
        // A reader of one order has passed the events of all others too, or its place would be forgotten behind it.
        let next_after = if is_last { last.max(after) } else { last_read.unwrap_or(after) };
        Ok(Page { events, next_after, is_last })
    }
}

#[tonic::async_trait]
impl EventService for Edge {
    type WatchEventsStream = BoxStream<'static, Result<WatchEventsResponse, Status>>;

    async fn watch_events(
        &self,
        request: Request<WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        let (account_id, request) = open(request);
        let following = event::watch(&account_id, &request)?;
        let permit = Arc::clone(&self.streams).try_acquire_owned().map_err(|_| Refusal::TooManyStreams)?;
        let watch = Watch {
            edge: self.clone(),
            account_id,
            following,
            commits: self.engine.commits(),
            ready: VecDeque::new(),
            caught_up: None,
            last_sent: self.clock.now(),
            is_over: false,
            _permit: permit,
        };
        let items = stream::unfold(watch, |mut watch| async move {
            let item = watch.next().await?;
            Some((item, watch))
        });
        Ok(Response::new(items.boxed()))
    }

    async fn list_events(
        &self,
        request: Request<ListEventsRequest>,
    ) -> Result<Response<ListEventsResponse>, Status> {
        let (account_id, request) = open(request);
        let (following, size) = event::list(&account_id, &request)?;
        let page = self.events(&account_id, &following, size).await?;
        let cursor = cursor(&account_id, page.next_after);
        let events = page.events.iter().map(event::event).collect();
        Ok(Response::new(ListEventsResponse { events, cursor }))
    }
}
