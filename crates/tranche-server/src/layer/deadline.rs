//! How long an RPC may take.

use std::future::Future;
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use tonic::Status;
use tonic::body::Body;

use super::Around;
use crate::bounds::RPC_TIME_MAX;
use crate::status::Refusal;

/// Ends an RPC at the caller's deadline or at our own, whichever is earlier.
///
/// tonic watches the caller's deadline too, but answers without a reason. It starts its clock after this one, so that
/// this one is always the first.
#[derive(Clone, Debug)]
pub(crate) struct Deadline;

impl Around for Deadline {
    async fn around<F>(
        &self,
        request: Request<Body>,
        rest: impl FnOnce(Request<Body>) -> F + Send,
    ) -> Response<Body>
    where
        F: Future<Output = Response<Body>> + Send,
    {
        let limit = callers_limit(request.headers()).map_or(RPC_TIME_MAX, |limit| limit.min(RPC_TIME_MAX));
        match tokio::time::timeout(limit, rest(request)).await {
            Ok(response) => response,
            Err(_) => Status::from(Refusal::TimedOut).into_http(),
        }
    }
}

/// The `grpc-timeout` header: up to eight digits and a unit.
fn callers_limit(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number = (1..=8).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number: u64 = is_number.then(|| digits.parse().ok())??;
    match unit {
        "H" => Some(Duration::from_secs(number * 60 * 60)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn deadlines_are_read_as_the_protocol_writes_them() {
        for (text, expected) in [
            ("2H", Some(Duration::from_hours(2))),
            ("5S", Some(Duration::from_secs(5))),
            ("250m", Some(Duration::from_millis(250))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("999999999m", None),
            ("5", None),
            ("S", None),
            ("+5S", None),
            ("5d", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", HeaderValue::from_static(text));
            assert_eq!(callers_limit(&headers), expected, "{text}");
        }
    }
}
