//! Events: pages of them, and streams that follow.
//!
//! A stream reads the store when its client takes what it has, a page at a time: a slow client holds one page and
//! nothing else, and costs nobody anything. It is woken by this process's commits; a pause finds those of others.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tonic::{Request, Response, Status};
use tranche_core::id::AccountId;
use tranche_core::time::Timestamp;
use tranche_proto::v1::event_service_server::EventService;
use tranche_proto::v1::{ListEventsRequest, ListEventsResponse, WatchEventsRequest, WatchEventsResponse};
use tranche_store::NumberedEvent;

use super::{Edge, open};
use crate::bounds::{WATCH_HEARTBEAT_PAUSE, WATCH_PAGE_SIZE, WATCH_PAUSE_MAX, WATCH_PAUSE_MIN};
use crate::status::Refusal;
use crate::wire::event::{self, Following, cursor, heartbeat, item};

/// One open stream.
struct Watch {
    edge: Edge,
    account_id: AccountId,
    following: Following,
    commits: watch::Receiver<u64>,
    ready: VecDeque<NumberedEvent>,
    /// Whether the last read found all there was.
    caught_up: bool,
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
                self.following.after = numbered.number;
                return Ok(item(&numbered));
            }
            let now = self.edge.clock.now();
            if now.since(self.last_sent) >= WATCH_HEARTBEAT_PAUSE {
                return Ok(heartbeat(&self.account_id, self.following.after, now));
            }
            if self.caught_up {
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
        let Following { after, order_id } = &self.following;
        let store = &self.edge.store;
        let page = store.events(&self.account_id, *after, order_id.as_ref(), WATCH_PAGE_SIZE).await?;
        self.caught_up = u64::try_from(page.len()).is_ok_and(|length| length < WATCH_PAGE_SIZE);
        self.ready = page.into();
        Ok(())
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
            caught_up: false,
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
        let (Following { after, order_id }, size) = event::list(&account_id, &request)?;
        let rows =
            self.store.events(&account_id, after, order_id.as_ref(), size).await.map_err(Refusal::from)?;
        let last = rows.last().map_or(after, |numbered| numbered.number);
        let cursor = cursor(&account_id, last);
        let events = rows.iter().map(event::event).collect();
        Ok(Response::new(ListEventsResponse { events, cursor }))
    }
}
