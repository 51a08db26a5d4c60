//! The settlement core: synchronous, total and pure decisions about other people's money.
//!
//! [`decide::decide`] takes the rows at hand, a command and the time, and answers with the rows to write, the events
//! to append and the operations to send, or with a rejection. Commands change only what is *asked*; one function, the
//! plan, compares asked with done after every command and every outcome, and starts what is due.
//!
//! No async, no clock, no randomness, no database, no wire format.

pub mod account;
pub mod allocation;
pub mod attribution;
pub mod authorization;
pub mod bounds;
pub mod change;
pub mod command;
pub mod connector;
pub mod content;
pub mod decide;
pub mod decision;
pub mod event;
pub mod explanation;
pub mod id;
pub mod invoice;
mod lease;
pub mod money;
pub mod operation;
pub mod operator;
pub mod order;
pub mod payment;
mod plan;
pub mod planted;
pub mod reconciliation;
pub mod rejection;
pub mod stake;
pub mod state;
pub mod time;
pub mod validity;
mod work;
