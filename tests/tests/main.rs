//! What the product promises, checked from outside. One binary, so that it links once.
//!
//! Each module says `cfg(test)`, which is always so here: clippy then knows its helping functions as test code.

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod tidy;
