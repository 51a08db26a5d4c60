//! A reason for what tonic answers by itself.

use std::future::Future;

use http::{HeaderMap, Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};

use super::Around;
use crate::status::explain_foreign;

/// Tells tonic's own answers (too large, undecodable, unknown method) like ours. They are refusals without details.
#[derive(Clone, Debug)]
pub(crate) struct Reason;

impl Around for Reason {
    async fn around<F>(
        &self,
        request: Request<Body>,
        rest: impl FnOnce(Request<Body>) -> F + Send,
    ) -> Response<Body>
    where
        F: Future<Output = Response<Body>> + Send,
    {
        let path = request.uri().path().to_owned();
        let mut response = rest(request).await;
        if let Some(status) = foreign(response.headers(), &path)
            && status.add_header(response.headers_mut()).is_ok()
        {
            response.extensions_mut().insert(status);
        }
        response
    }
}

fn foreign(headers: &HeaderMap, path: &str) -> Option<Status> {
    let code = Code::from_bytes(headers.get(Status::GRPC_STATUS)?.as_bytes());
    if code == Code::Ok || headers.contains_key(Status::GRPC_STATUS_DETAILS) {
        return None;
    }
    let message = headers.get(Status::GRPC_MESSAGE).and_then(|message| message.to_str().ok());
    // The message is percent-encoded; only its first plain words are looked at.
    explain_foreign(code, &message.unwrap_or_default().replace("%20", " "), path)
}
