//! The gRPC services, the engine, the dispatcher, retention and the ends of authorizations; handed its listener, store, connectors and clock.

pub mod bounds;
pub mod bulkhead;
pub mod callback;
pub mod dispatcher;
pub mod ending;
pub mod engine;
pub mod failpoint;
mod layer;
pub mod retention;
mod server;
mod service;
mod status;
mod wire;

pub use server::{Entropy, ServeError, ServerOptions, serve};
pub use tranche_connectors as connectors;
pub use tranche_core as core;
pub use tranche_store as store;
pub use wire::reply::encode as encode_reply;
