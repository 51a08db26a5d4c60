//! Follows the event log and notes when the settlement of each invoice can be read there.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tonic::{Status, Streaming};
use tranche_sdk::Client;
use tranche_sdk::v1::{
    Event, ListEventsRequest, WatchEventsRequest, WatchEventsResponse, event, operation, operation_ended,
    watch_events_response,
};
use tranche_server::core::time::Clock;

use super::journal::Journal;
use super::orders;
use super::supply::Ticket;
use crate::CommandError;
use crate::entropy::SystemClock;

/// What is known of the log so far. Operations are started by the very command that accepts their invoice, so that they
/// follow it in the log with nothing of the same order between.
struct Follower {
    clock: SystemClock,
    journal: Arc<Journal>,
    /// The invoice accepted last, by order.
    accepted: HashMap<u64, Ticket>,
    /// How many operations of each invoice have not ended.
    open: HashMap<Ticket, usize>,
    /// Whose operation it is.
    operations: HashMap<String, Ticket>,
}

/// Where the log stands after the events of an order, which should be the last one created.
pub(super) async fn cursor_after(client: &Client, order_id: &str) -> Result<String, CommandError> {
    let request = ListEventsRequest { order_id: order_id.to_owned(), ..ListEventsRequest::default() };
    let refused = |status: Status| CommandError::new("ListEvents", &status);
    let response = client.events().list_events(request).await.map_err(refused)?;
    Ok(response.into_inner().cursor)
}

/// Follows from after a cursor on; ends with the server, or when it is aborted.
pub(super) async fn follow(
    client: &Client,
    after_cursor: String,
    clock: SystemClock,
    journal: Arc<Journal>,
) -> Result<JoinHandle<()>, CommandError> {
    let request = WatchEventsRequest { after_cursor, ..WatchEventsRequest::default() };
    let refused = |status: Status| CommandError::new("WatchEvents", &status);
    let stream = client.events().watch_events(request).await.map_err(refused)?.into_inner();
    let follower = Follower {
        clock,
        journal,
        accepted: HashMap::new(),
        open: HashMap::new(),
        operations: HashMap::new(),
    };
    Ok(tokio::spawn(follower.run(stream)))
}

impl Follower {
    async fn run(mut self, mut stream: Streaming<WatchEventsResponse>) {
        loop {
            match stream.message().await {
                Ok(Some(WatchEventsResponse {
                    item: Some(watch_events_response::Item::Event(event)),
                    ..
                })) => {
                    self.read(event);
                }
                Ok(Some(_)) => {}
                Ok(None) => return,
                Err(status) => return self.journal.complain(format!("the event log broke off: {status}")),
            }
        }
    }

    fn read(&mut self, event: Event) {
        let Some(order) = orders::order_number(&event.order_id) else { return };
        match event.payload {
            Some(event::Payload::InvoiceAccepted(accepted)) => {
                let Ok(invoice) = accepted.invoice_number.parse() else { return };
                let ticket = Ticket { order, invoice };
                self.accepted.insert(order, ticket);
                self.open.insert(ticket, 0);
            }
            Some(event::Payload::OperationStarted(started)) => {
                let summary = started.operation.unwrap_or_default();
                // What the end of an order releases or refunds is no invoice's.
                if summary.kind() != operation::Kind::Settlement {
                    return;
                }
                if let Some(ticket) = self.accepted.get(&order)
                    && let Some(operations) = self.open.get_mut(ticket)
                {
                    *operations += 1;
                    self.operations.insert(summary.operation_id, *ticket);
                }
            }
            Some(event::Payload::OperationEnded(ended)) => self.end(&ended),
            Some(event::Payload::SurplusFound(_)) => {
                self.journal
                    .complain(format!("{}: the provider moved more than it was asked", event.order_id));
            }
            _ => {}
        }
    }

    fn end(&mut self, ended: &tranche_sdk::v1::OperationEnded) {
        let summary = ended.operation.clone().unwrap_or_default();
        let Some(ticket) = self.operations.remove(&summary.operation_id) else { return };
        if ended.outcome() != operation_ended::Outcome::Done {
            self.journal.complain(format!("{} was refused", summary.operation_id));
        }
        let Some(operations) = self.open.get_mut(&ticket) else { return };
        *operations -= 1;
        if *operations == 0 {
            self.open.remove(&ticket);
            self.journal.settles(ticket, self.clock.now().micros());
        }
    }
}
