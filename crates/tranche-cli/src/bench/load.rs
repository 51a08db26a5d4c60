//! The load: who sends invoices, and when.
//!
//! Latencies count from when an invoice was to be sent. With a rate that is the schedule's time, so that a server that
//! stalls is charged for all that had to wait; callers that wait for their answers send late themselves.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tonic::{Code, Status};
use tranche_sdk::Client;
use tranche_server::core::time::Clock;

use super::journal::Journal;
use super::orders;
use super::supply::{Supply, Ticket};
use crate::entropy::SystemClock;

/// How invoices are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// By so many callers, each of whom waits for its answer: a closed loop.
    Callers(usize),
    /// So many a second, whatever the answers: an open loop.
    Rate(u64),
}

/// Invoices of an open loop that wait for their answers; more would not fit in the server's own bound.
const IN_FLIGHT_MAX: usize = 8_000;
/// How exactly an open loop keeps to its schedule.
const SCHEDULE_PAUSE: Duration = Duration::from_millis(1);
/// Pause of a caller whose invoice was shed.
const SHED_PAUSE: Duration = Duration::from_millis(20);

/// Sends invoices.
#[derive(Clone)]
pub(super) struct Load {
    pub(super) client: Client,
    pub(super) clock: SystemClock,
    pub(super) supply: Arc<Supply>,
    pub(super) journal: Arc<Journal>,
}

impl Load {
    /// Sends for so long, or until all invoices are out; answers once the last one sent has its answer.
    pub(super) async fn run(&self, pace: Pace, time: Duration) {
        let tasks = TaskTracker::new();
        match pace {
            Pace::Callers(callers) => {
                let end = self.clock.now().after(time);
                for _ in 0..callers {
                    let load = self.clone();
                    tasks.spawn(async move {
                        while load.clock.now() < end
                            && let Some(ticket) = load.supply.take()
                        {
                            if !load.send(ticket, load.clock.now().micros()).await {
                                tokio::time::sleep(SHED_PAUSE).await;
                            }
                        }
                    });
                }
            }
            Pace::Rate(rate) => self.schedule(rate, time, &tasks).await,
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn schedule(&self, rate: u64, time: Duration, tasks: &TaskTracker) {
        let places = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
        let start = self.clock.now();
        let mut sent: u64 = 0;
        loop {
            let since = self.clock.now().since(start);
            if since >= time {
                return;
            }
            let due = u64::try_from(since.as_micros()).unwrap_or(u64::MAX).saturating_mul(rate) / 1_000_000;
            while sent < due {
                let (Some(ticket), Ok(place)) =
                    (self.supply.take(), Arc::clone(&places).acquire_owned().await)
                else {
                    return;
                };
                let due = start.after(Duration::from_micros(sent * 1_000_000 / rate)).micros();
                let load = self.clone();
                tasks.spawn(async move {
                    load.send(ticket, due).await;
                    drop(place);
                });
                sent += 1;
            }
            tokio::time::sleep(SCHEDULE_PAUSE).await;
        }
    }

    /// Sends an invoice; says whether the server had room for it.
    async fn send(&self, ticket: Ticket, due: i64) -> bool {
        self.journal.sends(ticket, due);
        let order_id = orders::order_id(ticket.order);
        let request = orders::invoice(order_id.clone(), ticket.invoice);
        match self.client.invoices().notify_invoice(request).await {
            Ok(_) => self.journal.accepts(ticket, due, self.clock.now().micros()),
            Err(status) if is_shed(&status) => {
                self.journal.sheds();
                self.supply.give_back(ticket);
                return false;
            }
            Err(status) => {
                self.journal.fails(format!("invoice {} of {order_id} was answered {status}", ticket.invoice));
            }
        }
        true
    }
}

/// Whether the server did nothing for lack of room.
fn is_shed(status: &Status) -> bool {
    matches!(status.code(), Code::ResourceExhausted | Code::Unavailable)
}
