//! The sandbox as its callers meet it: over HTTP, on a port of its own.

mod answers;
mod faults;
mod page;
mod protocol;
mod provider;
mod weather;
