//! What happens around every RPC, one file per concern.
//!
//! Each is an [`Around`]: one function that gets the request and the rest of the stack.

mod account;
mod admission;
mod deadline;
mod log;
mod panic;
mod reason;

use std::convert::Infallible;
use std::future::Future;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::{Request, Response};
use tonic::body::Body;
use tonic::codegen::Service;
use tower::Layer;

pub(crate) use account::{Account, CallerAccount};
pub(crate) use admission::Admission;
pub(crate) use deadline::Deadline;
pub(crate) use log::Log;
pub(crate) use panic::Panic;
pub(crate) use reason::Reason;

/// Something that happens around an RPC.
pub(crate) trait Around: Clone + Send + Sync + 'static {
    /// Answers the request, by the rest of the stack or without it.
    fn around<F>(
        &self,
        request: Request<Body>,
        rest: impl FnOnce(Request<Body>) -> F + Send,
    ) -> impl Future<Output = Response<Body>> + Send
    where
        F: Future<Output = Response<Body>> + Send;
}

/// An [`Around`] as a layer of a tower stack.
#[derive(Clone, Debug)]
pub(crate) struct AroundLayer<A>(pub(crate) A);

impl<A: Clone, S> Layer<S> for AroundLayer<A> {
    type Service = AroundService<A, S>;

    fn layer(&self, rest: S) -> Self::Service {
        AroundService { around: self.0.clone(), rest }
    }
}

/// The rest of a stack with an [`Around`] in front of it.
#[derive(Clone, Debug)]
pub(crate) struct AroundService<A, S> {
    around: A,
    rest: S,
}

impl<A, S> Service<Request<Body>> for AroundService<A, S>
where
    A: Around,
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.rest.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let around = self.around.clone();
        let unready = self.rest.clone();
        // The clone has not been asked whether it is ready; the service itself has.
        let mut rest = std::mem::replace(&mut self.rest, unready);
        Box::pin(async move {
            let rest = |request| async move {
                match rest.call(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            };
            Ok(around.around(request, rest).await)
        })
    }
}
