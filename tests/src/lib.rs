//! What the tests of the whole product need around it: processes, databases, a provider, a shop that calls the API,
//! and an audit of both sides' books.
//!
//! Everything here fails by panicking with a sentence: a test without its surroundings cannot go on.

pub mod audit;
pub mod grpcurl;
pub mod patience;
pub mod postgres;
pub mod process;
pub mod provider;
pub mod raw;
pub mod shop;
pub mod simulation;
pub mod world;
