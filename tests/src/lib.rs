//! What the tests of the whole product need around it.

pub mod postgres;
