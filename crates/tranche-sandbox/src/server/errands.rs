//! What goes on without a call: payments are decided in time, and callbacks are made, repeated and kept in the books.

use std::time::Duration;

use super::Server;
use crate::bounds::{CALLBACK_PAUSE, ERRANDS_MAX};
use crate::callback::{Delivery, courier};
use crate::desk::Errand;

impl Server {
    /// Sets about errands, as far as there is room; a decision for which there is none waits to be told.
    pub(super) fn set_about(&self, errands: Vec<Errand>) {
        for errand in errands {
            if self.errands.len() >= ERRANDS_MAX {
                tracing::warn!(?errand, "too much waits for its time; this does not happen by itself");
                continue;
            }
            let server = self.clone();
            self.errands.spawn(async move { server.run(errand).await });
        }
    }

    async fn run(self, errand: Errand) {
        if !self.pause(errand.after()).await {
            return;
        }
        let deliveries = match errand {
            Errand::Decide { payment_id, .. } => self.sandbox.desk().come_to_verdict(&payment_id),
            Errand::CallBack { deliveries, .. } => deliveries,
        };
        self.deliver(deliveries).await;
    }

    /// Makes callbacks in their order: each until it is answered with 2xx, or as often as it is to be tried.
    pub(super) async fn deliver(self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            if !self.deliver_one(&delivery).await {
                return;
            }
        }
    }

    /// Says whether the server goes on.
    async fn deliver_one(&self, delivery: &Delivery) -> bool {
        if delivery.attempts_max == 0 {
            self.sandbox.desk().called_back(delivery, 0, Err("it is lost, and was never sent".to_owned()));
        }
        let mut closing = self.closing.clone();
        let mut pause = CALLBACK_PAUSE;
        for attempt in 1..=delivery.attempts_max {
            let answer = tokio::select! {
                answer = self.send(delivery) => answer,
                _ = closing.wait_for(|closing| *closing) => return false,
            };
            let is_taken = answer.as_ref().is_ok_and(|status| (200..300).contains(status));
            tracing::debug!(payment_id = delivery.payment_id, attempt, ?answer, "callback");
            self.sandbox.desk().called_back(delivery, attempt, answer);
            if is_taken {
                break;
            }
            if attempt < delivery.attempts_max && !self.pause(pause).await {
                return false;
            }
            pause *= 2;
        }
        true
    }

    async fn send(&self, delivery: &Delivery) -> Result<u16, String> {
        // The semaphore is never closed.
        let _permit = self.in_flight.acquire().await.map_err(|closed| closed.to_string())?;
        courier::send(delivery, &self.sandbox.config).await.map_err(|error| error.to_string())
    }

    /// Waits. Says whether the server goes on.
    async fn pause(&self, pause: Duration) -> bool {
        let mut closing = self.closing.clone();
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            _ = closing.wait_for(|closing| *closing) => false,
        }
    }
}
