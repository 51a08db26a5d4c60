//! The settlement core from outside: tables of events with what they start, and random histories against a model.
//!
//! Every command is decided on the rows that it names and no others, as in production.

#[cfg(test)]
mod allocation;
#[cfg(test)]
mod answers;
mod authorizations;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod books;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod choices;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod events;
#[cfg(test)]
mod excess;
#[cfg(test)]
mod explanations;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod history;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod language;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod minimums;
#[cfg(test)]
mod model;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod rejections;
#[cfg(test)]
mod releases;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod settling;
#[cfg(test)]
mod shares;
#[cfg(test)]
mod sight;
#[cfg(test)]
mod splits;
#[cfg(test)]
mod voids;
