//! The record of a call: what went out and what came back, without secrets.

use std::time::Duration;

use ::http::header::RETRY_AFTER;
use tranche_core::operation::{Answer, Exchange};

use crate::bounds::DETAIL_BYTES_MAX;
use crate::http::{Failure, Incoming, Outgoing};
use crate::ppp::response;
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

/// The pause that the provider asked for with its answer, whatever else that answer said.
pub fn retry_after(exchange: &Exchange) -> Option<Duration> {
    let headers = exchange.response_headers.lines().filter_map(|line| line.split_once(": "));
    let mut pauses = headers.filter(|(name, _)| name.eq_ignore_ascii_case(RETRY_AFTER.as_str()));
    response::pause(pauses.next()?.1)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_that_is_asked_for_is_read_from_the_record() {
        for (headers, seconds) in [
            ("date: now\nretry-after: 30", Some(30)),
            ("Retry-After: 0\nserver: x", Some(0)),
            // A day at most.
            ("retry-after: 99999999999999999999999", Some(86_400)),
            ("retry-after: Wed, 21 Oct 2015 07:28:00 GMT", None),
            ("retry-after: ", None),
            ("x-retry-after: 30\nserver: retry-after: 7", None),
            ("", None),
        ] {
            let exchange = Exchange {
                status: Some(503),
                response_headers: headers.to_owned(),
                ..Exchange::not_tried(String::new(), Duration::ZERO)
            };
            assert_eq!(retry_after(&exchange), seconds.map(Duration::from_secs), "{headers}");
        }
    }
}
