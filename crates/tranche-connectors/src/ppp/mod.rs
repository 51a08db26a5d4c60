//! The Payment Provider Protocol: calls to requests, responses to answers. Pure; `http.rs` sends.

mod amount;
pub mod authorization;
pub(crate) mod manifest;
pub mod request;
pub mod response;
