//! The load: who sends invoices, and when.
//!
//! Latencies count from when an invoice was to be sent. With a rate that is the schedule's time, so that a server that
//! stalls is charged for all that had to wait; callers that wait for their answers send late themselves.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tonic::Status;
use tranche_sdk::Client;
use tranche_sdk::v1::ErrorReason;
use tranche_server::bounds::RPCS_IN_PROGRESS_MAX;
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

/// Invoices of an open loop that wait for their answers; what is due beyond them is not sent, and counted. More than the
/// server takes, so that it is the server that turns invoices away.
const IN_FLIGHT_MAX: usize = 12_000;
const _: () = assert!(IN_FLIGHT_MAX > RPCS_IN_PROGRESS_MAX);
/// Invoices that wait for their answers on one connection; the server takes no more than about twice as many.
const IN_FLIGHT_PER_CONNECTION: usize = 512;
/// How exactly an open loop keeps to its schedule.
const SCHEDULE_PAUSE: Duration = Duration::from_millis(1);
/// Pause of a caller whose invoice was shed.
const SHED_PAUSE: Duration = Duration::from_millis(20);

impl Pace {
    /// How many connections it takes.
    pub(super) fn connections(self) -> usize {
        let in_flight = match self {
            Self::Callers(callers) => callers,
            Self::Rate(_) => IN_FLIGHT_MAX,
        };
        in_flight.div_ceil(IN_FLIGHT_PER_CONNECTION)
    }
}

/// Sends invoices.
#[derive(Clone)]
pub(super) struct Load {
    /// One for each connection.
    pub(super) clients: Arc<[Client]>,
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

    /// Sends one invoice every `1 / rate` seconds, the first at once. What was due before the end is sent, however late.
    async fn schedule(&self, rate: u64, time: Duration, tasks: &TaskTracker) {
        let places = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
        let start = self.clock.now();
        let offset = |number: u64| Duration::from_micros(number * 1_000_000 / rate);
        let mut number = 0;
        while offset(number) < time {
            while offset(number) < time && offset(number) <= self.clock.now().since(start) {
                let due = start.after(offset(number)).micros();
                number += 1;
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                    self.journal.leaves_unsent();
                    continue;
                };
                let Some(ticket) = self.supply.take() else { return };
                let load = self.clone();
                tasks.spawn(async move {
                    load.send(ticket, due).await;
                    drop(place);
                });
            }
            tokio::time::sleep(SCHEDULE_PAUSE).await;
        }
    }

    /// The connection of an order's invoices.
    fn client(&self, ticket: Ticket) -> &Client {
        let number = usize::try_from(ticket.order).unwrap_or(0);
        &self.clients[number % self.clients.len()]
    }

    /// Sends an invoice; says whether the server had room for it.
    async fn send(&self, ticket: Ticket, due: i64) -> bool {
        self.journal.sends(ticket, due);
        let order_id = orders::order_id(ticket.order);
        let request = orders::invoice(order_id.clone(), ticket.invoice);
        match self.client(ticket).invoices().notify_invoice(request).await {
            Ok(response) => {
                let receipt = response.into_inner().receipt.unwrap_or_default();
                self.journal.accepts(ticket, &receipt, due, self.clock.now().micros());
            }
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

/// Whether the server did nothing for lack of room. No other answer says that for sure.
fn is_shed(status: &Status) -> bool {
    tranche_sdk::reason(status) == Some(ErrorReason::Overloaded)
}
