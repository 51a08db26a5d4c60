//! Many clients, two replicas: whoever acts on an order at the same moment, what is accepted is what is done, and the
//! losers learn why they lost.

mod act;
mod field;
mod one_order;
mod pairs;
mod rest;
mod returns;
