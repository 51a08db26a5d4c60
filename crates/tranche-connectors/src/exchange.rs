//! The record of a call: what went out and what came back, without secrets.

use std::time::Duration;

use tranche_core::operation::{Answer, Exchange};

use crate::bounds::DETAIL_BYTES_MAX;
use crate::http::{Failure, Incoming, Outgoing};
use crate::redaction::{Redaction, cut};

/// The record of a call that was tried.
pub(crate) fn record(
    outgoing: &Outgoing,
    incoming: &Incoming,
    latency: Duration,
    redaction: &Redaction,
) -> Exchange {
    let error = incoming.failure.as_ref().map(|failure| match failure {
        Failure::NotSent(detail) | Failure::Lost(detail) => detail,
    });
    Exchange {
        method: outgoing.method.to_string(),
        url: redaction.text(&outgoing.url),
        request_headers: redaction.headers(&outgoing.headers),
        request_body: redaction.body(outgoing.body.as_bytes()),
        status: incoming.status.map(|status| status.as_u16()),
        response_headers: redaction.headers(&incoming.headers),
        response_body: redaction.body(&incoming.body),
        latency,
        error: error.map(|detail| cut(&redaction.text(detail), DETAIL_BYTES_MAX)),
    }
}

/// The record of a call that could not even be tried.
pub(crate) fn not_tried(error: &str, latency: Duration) -> Exchange {
    Exchange::not_tried(cut(error, DETAIL_BYTES_MAX), latency)
}

/// An answer whose texts, which a provider chose, carry no secrets. Its id is kept as it is: refunds are made with it.
pub(crate) fn without_secrets(answer: Answer, redaction: &Redaction) -> Answer {
    let clean = |text: String| cut(&redaction.text(&text), DETAIL_BYTES_MAX);
    match answer {
        Answer::Done { .. } | Answer::Pending | Answer::Approved(_) | Answer::Undecided { .. } => answer,
        Answer::Denied { code, message } => Answer::Denied { code: clean(code), message: clean(message) },
        Answer::Refused { code, message } => Answer::Refused { code: clean(code), message: clean(message) },
        Answer::Manual { code, message } => Answer::Manual { code: clean(code), message: clean(message) },
        Answer::Unknown { detail } => Answer::Unknown { detail: clean(detail) },
        Answer::NoAnswer { detail, retry_after } => Answer::NoAnswer { detail: clean(detail), retry_after },
    }
}
