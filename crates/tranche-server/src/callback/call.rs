//! One call of a provider: verified, read, decided, answered.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tracing::info;
use tranche_connectors::callback::{self, Stranger};
use tranche_core::command::{Command, RecordCallback};
use tranche_core::id::{OrderKey, PaymentId};

use super::Route;
use crate::bounds::{CALLBACK_BODY_BYTES_MAX, CALLBACK_BODY_TIME_MAX};
use crate::engine::Failure;

/// A refusal: what the caller is told, and what the log is.
struct Refused(StatusCode, String);

/// Answers a call with a status and no word.
pub(super) async fn answer(route: &Route, request: Request<Incoming>) -> Response<Empty<Bytes>> {
    let status = match take(route, request).await {
        Ok(()) => StatusCode::OK,
        Err(Refused(status, reason)) => {
            route.refusals.note(&reason);
            status
        }
    };
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    response
}

/// Takes a call, if it is one of a provider about a payment whose authorization it was asked for.
///
/// In this order: the address is one that was given out, the body is whole and small enough, the payment exists, and the
/// body is about it.
async fn take(route: &Route, request: Request<Incoming>) -> Result<(), Refused> {
    let (head, body) = request.into_parts();
    let (path, query) = (head.uri.path(), head.uri.query());
    if head.method != Method::POST {
        return Err(Refused(StatusCode::NOT_FOUND, "the method is not POST".to_owned()));
    }
    let (key, payment_id) = route.callbacks.open(path, query).map_err(|stranger| match stranger {
        Stranger::Path => Refused(StatusCode::NOT_FOUND, "there is no such path".to_owned()),
        Stranger::Signature => {
            Refused(StatusCode::FORBIDDEN, "the signature is missing or not ours".to_owned())
        }
    })?;
    let refused = |status, reason: &str| {
        let (order_id, payment_id) = (&key.order_id, &payment_id);
        Refused(status, format!("order {order_id}, payment {payment_id}: {reason}"))
    };
    let body = whole(body).await.map_err(|(status, reason)| refused(status, reason))?;
    let found = route.store.payment(&key, &payment_id).await.map_err(|error| {
        refused(StatusCode::SERVICE_UNAVAILABLE, &format!("the payment cannot be read: {error}"))
    })?;
    let asked = found.filter(|(_, payment)| payment.request.is_some());
    let (order, payment) = asked.ok_or_else(|| {
        refused(StatusCode::NOT_FOUND, "the provider was not asked for such an authorization")
    })?;
    let redaction = callback::redaction(query, payment.request.as_ref());
    let answer = callback::read(&payment.authorization, order.currency, &body, &redaction)
        .map_err(|reason| refused(StatusCode::BAD_REQUEST, &reason))?;
    let told = answer.as_ref().map_or("ask again", |answer| answer.meaning());
    let exchange = callback::record(path, &head.headers, &body, &redaction);
    let command = RecordCallback { key: key.clone(), payment_id: payment_id.clone(), answer, exchange };
    let decided = route.engine.submit(Command::RecordCallback(Box::new(command))).await;
    decided.map_err(|failure| {
        let (status, reason) = failed(&failure);
        refused(status, reason)
    })?;
    log(&key, &payment_id, told);
    Ok(())
}

fn log(key: &OrderKey, payment_id: &PaymentId, told: &str) {
    info!(order_id = %key.order_id, %payment_id, told, "provider called back");
}

/// The body, within its bounds of size and time.
async fn whole(body: Incoming) -> Result<Bytes, (StatusCode, &'static str)> {
    let too_large = (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");
    // One that says itself that it is too large is not waited for.
    if usize::try_from(body.size_hint().lower()).map_or(true, |bytes| bytes > CALLBACK_BODY_BYTES_MAX) {
        return Err(too_large);
    }
    let read = Limited::new(body, CALLBACK_BODY_BYTES_MAX).collect();
    match tokio::time::timeout(CALLBACK_BODY_TIME_MAX, read).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large),
        Ok(Err(_)) => Err((StatusCode::BAD_REQUEST, "the body broke off")),
        Err(_) => Err((StatusCode::BAD_REQUEST, "the body did not come in its time")),
    }
}

/// Nothing was written: the provider may call again.
fn failed(failure: &Failure) -> (StatusCode, &'static str) {
    match failure {
        Failure::Rejected(_) => (StatusCode::NOT_FOUND, "there is no such authorization"),
        Failure::Overloaded => (StatusCode::TOO_MANY_REQUESTS, "the server is overloaded"),
        Failure::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "the server is shutting down"),
        Failure::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "the database is away"),
        Failure::Conflict => (StatusCode::SERVICE_UNAVAILABLE, "it met conflicts beyond its attempts"),
        Failure::Internal => (StatusCode::SERVICE_UNAVAILABLE, "the command was refused"),
    }
}
