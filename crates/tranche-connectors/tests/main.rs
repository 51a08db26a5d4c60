//! The connectors against small servers on this machine.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be set up fails the test that wanted it")]

mod provider;
mod send;
mod setup;
