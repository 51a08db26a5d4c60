//! A panic ends one RPC and nothing else.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;

use super::Around;
use crate::status::Refusal;

/// Answers for a handler that panicked. Handlers own what they change, so that nothing half done is seen by others.
#[derive(Clone, Debug)]
pub(crate) struct Panic;

impl Around for Panic {
    async fn around<F>(
        &self,
        request: Request<Body>,
        rest: impl FnOnce(Request<Body>) -> F + Send,
    ) -> Response<Body>
    where
        F: Future<Output = Response<Body>> + Send,
    {
        match AssertUnwindSafe(rest(request)).catch_unwind().await {
            Ok(response) => response,
            Err(_) => Status::from(Refusal::Panicked).into_http(),
        }
    }
}
