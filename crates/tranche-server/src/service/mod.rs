//! The gRPC services: parse, submit or read, answer.

mod account;
mod connector;
mod event;
mod invoice;
mod operator;
mod order;
mod transaction;

use std::sync::Arc;

use prost::Message;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Status};
use tranche_connectors::Connectors;
use tranche_core::command::Command;
use tranche_core::decision::Reply;
use tranche_core::id::{AccountId, OrderKey, TransactionId};
use tranche_core::order::{Line, Order};
use tranche_core::rejection::Rejection;
use tranche_core::time::Clock;
use tranche_store::Store;

use crate::engine::Engine;
use crate::layer::CallerAccount;
use crate::server::Entropy;
use crate::status::{About, Refusal};
use crate::wire::reply;

/// What every service works with. Cheap to clone; each service is one, so that the compiler names what it serves.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) connectors: Connectors,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Entropy,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) shutdown: CancellationToken,
}

impl Edge {
    /// Gives a command to the engine.
    async fn decide(&self, command: Command) -> Result<Reply, Refusal> {
        let about = About::command(&command);
        let reply = self.engine.submit(command).await;
        reply.map_err(|failure| Refusal::Failed(failure, about))
    }

    /// The order of a transaction, which the command about it belongs to.
    async fn order_of(&self, account_id: &AccountId, id: &TransactionId) -> Result<OrderKey, Refusal> {
        let found = self.store.transaction(account_id, id).await?;
        let (order, _) = found.ok_or_else(|| not_found(Rejection::TransactionNotFound(id.clone())))?;
        Ok(order.key)
    }

    /// Gives a command to the engine and answers with the message of its reply.
    async fn answer<M: Message + Default>(&self, command: Command) -> Result<M, Status> {
        let reply = self.decide(command).await?;
        Ok(reply::message(&reply)?)
    }

    /// The order that a read is about.
    async fn order(&self, key: &OrderKey) -> Result<(Order, Vec<Line>), Refusal> {
        let found = self.store.order(key).await?;
        found.ok_or_else(|| not_found(Rejection::OrderNotFound(key.order_id.clone())))
    }
}

/// The account of an RPC, and its message.
fn open<M>(request: Request<M>) -> (AccountId, M) {
    let account = request.extensions().get::<CallerAccount>().cloned();
    let CallerAccount(account_id) = account.unwrap_or_default();
    (account_id, request.into_inner())
}

/// What a read names does not exist.
fn not_found(rejection: Rejection) -> Refusal {
    let about = match &rejection {
        Rejection::InvoiceNotFound(order_id, _) => About::order(order_id),
        _ => About::default(),
    };
    Refusal::Rejected(rejection, about)
}
