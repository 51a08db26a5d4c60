//! How many RPCs are in progress at once.

use std::future::Future;
use std::sync::Arc;

use http::{Request, Response};
use tokio::sync::Semaphore;
use tonic::Status;
use tonic::body::Body;

use super::Around;
use crate::bounds::RPCS_IN_PROGRESS_MAX;
use crate::status::Refusal;

/// Sheds RPCs beyond a number, instead of letting them wait for each other.
#[derive(Clone, Debug)]
pub(crate) struct Admission(Arc<Semaphore>);

impl Admission {
    /// For as many as the bound says.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(RPCS_IN_PROGRESS_MAX)))
    }
}

impl Around for Admission {
    async fn around<F>(
        &self,
        request: Request<Body>,
        rest: impl FnOnce(Request<Body>) -> F + Send,
    ) -> Response<Body>
    where
        F: Future<Output = Response<Body>> + Send,
    {
        match self.0.try_acquire() {
            Ok(_permit) => rest(request).await,
            Err(_) => Status::from(Refusal::TooManyRpcs).into_http(),
        }
    }
}
