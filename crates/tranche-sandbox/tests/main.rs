//! The sandbox as its callers meet it: over HTTP, on a port of its own.

mod answers;
mod authorizations;
mod callbacks;
mod faults;
mod page;
mod protocol;
mod provider;
mod receiver;
mod weather;
