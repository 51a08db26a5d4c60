//! What the sandbox is told about undefined payments and their callbacks.
//!
//! Both controls answer when the callbacks that follow were made, so that who asks need not wait and look.

use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{Server, as_json, json, send};
use crate::answer::Answer;
use crate::bounds::BODY_BYTES_MAX;
use crate::callback::Delivery;
use crate::desk::DecisionAsked;
use crate::refusal::Refusal;

/// `POST /decisions`: decides one undefined payment, or all; answers with what is booked of them.
pub(super) async fn decide(State(server): State<Server>, request: Request) -> Response {
    let decided = read(request).await.and_then(|asked| server.sandbox.desk().decide(&asked));
    let (payment_ids, deliveries) = match decided {
        Ok(decided) => decided,
        Err(refusal) => return send(Answer::error(&refusal)),
    };
    server.call_back(deliveries).await;
    as_json(StatusCode::OK, &server.sandbox.desk().books_of(&payment_ids))
}

/// `POST /callbacks`: makes the callbacks that wait, or calls back again; answers with the callbacks that were made.
pub(super) async fn call_back(State(server): State<Server>, request: Request) -> Response {
    let read = read(request).await;
    let planned = read.and_then(|asked| {
        let deliveries = server.sandbox.desk().call_back_now(asked.payment_id.as_deref())?;
        Ok((asked.payment_id, deliveries))
    });
    let (payment_id, deliveries) = match planned {
        Ok(planned) => planned,
        Err(refusal) => return send(Answer::error(&refusal)),
    };
    server.call_back(deliveries).await;
    as_json(StatusCode::OK, &server.sandbox.desk().callbacks(payment_id.as_deref()))
}

/// `GET /callbacks`
pub(super) async fn callbacks(State(server): State<Server>) -> Response {
    as_json(StatusCode::OK, &server.sandbox.desk().callbacks(None))
}

/// `GET /callbacks/{paymentId}`
pub(super) async fn payment_callbacks(
    State(server): State<Server>,
    Path(payment_id): Path<String>,
) -> Response {
    as_json(StatusCode::OK, &server.sandbox.desk().callbacks(Some(&payment_id)))
}

async fn read(request: Request) -> Result<DecisionAsked, Refusal> {
    let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await.ok();
    DecisionAsked::read(&json(bytes.as_deref())?)
}

impl Server {
    /// Makes callbacks, also if nobody waits for that any longer.
    async fn call_back(&self, deliveries: Vec<Delivery>) {
        // A task that panics has said so; what was sent is in the books.
        let _ = self.errands.spawn(self.clone().deliver(deliveries)).await;
    }
}
