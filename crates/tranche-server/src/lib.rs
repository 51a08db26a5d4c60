//! The gRPC services, the engine and the dispatcher; handed its listener, store, connectors and clock.

pub mod engine;
