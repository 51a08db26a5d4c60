//! The callbacks that were made.

use std::collections::VecDeque;

use crate::books::Callback;
use crate::bounds::{CALLBACKS_KEPT_MAX, PAGE_ROWS_MAX};
use crate::page::Table;

/// The last callbacks, if any are kept.
#[derive(Debug)]
pub(crate) struct Sent(Option<VecDeque<Callback>>);

impl Sent {
    pub(crate) fn new(is_kept: bool) -> Self {
        Self(is_kept.then(VecDeque::new))
    }

    /// Keeps one; the oldest makes room.
    pub(crate) fn push(&mut self, callback: Callback) {
        let Some(kept) = &mut self.0 else { return };
        if kept.len() >= CALLBACKS_KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back(callback);
    }

    /// Those of one payment, or all, oldest first.
    pub(crate) fn list(&self, payment_id: Option<&str>) -> Vec<Callback> {
        let is_wanted = |callback: &&Callback| payment_id.is_none_or(|wanted| callback.payment_id == wanted);
        self.0.iter().flatten().filter(is_wanted).cloned().collect()
    }

    /// The newest, for people.
    pub(crate) fn table(&self) -> Table {
        let newest = self.0.iter().flatten().rev().take(PAGE_ROWS_MAX);
        Table {
            title: "Callbacks kept",
            columns: &["payment", "attempt", "URL", "body", "fault", "answer"],
            rows: newest.map(cells).collect(),
            total: self.0.as_ref().map_or(0, VecDeque::len),
        }
    }
}

fn cells(callback: &Callback) -> Vec<String> {
    let answer = match (callback.status, &callback.failure) {
        (Some(status), _) => status.to_string(),
        (None, failure) => failure.clone().unwrap_or_default(),
    };
    let body = if callback.body.is_null() { String::new() } else { callback.body.to_string() };
    let fault = callback.fault.clone().unwrap_or_default();
    vec![callback.payment_id.clone(), callback.attempt.to_string(), callback.url.clone(), body, fault, answer]
}
