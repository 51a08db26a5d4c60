//! Ends of authorizations: what of them is known at a time, and what it means.

use std::time::Duration;

use tranche_core::time::Timestamp;

use super::{Model, Pay, Started, What};

/// When an authorization ends, and what was looked at of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Never,
    /// It begins to end, then ends.
    Ahead(Timestamp, Timestamp),
    Near(Timestamp),
    Over,
}

impl End {
    pub(super) fn at(self, now: Timestamp) -> Self {
        match self {
            Self::Ahead(_, over) | Self::Near(over) if over <= now => Self::Over,
            Self::Ahead(near, over) if near <= now => Self::Near(over),
            _ => self,
        }
    }

    /// As it is if the authorization is approved so much after it was asked for.
    pub(crate) fn later(self, waited: Duration) -> Self {
        match self {
            Self::Ahead(near, over) => Self::Ahead(near.after(waited), over.after(waited)),
            _ => self,
        }
    }

    pub(crate) fn is_near(self) -> bool {
        matches!(self, Self::Near(_) | Self::Over)
    }

    pub(crate) fn is_over(self) -> bool {
        self == Self::Over
    }
}

impl Pay {
    /// Whether a refusal of this is as good as having it done.
    pub(crate) fn lapses(&self, index: usize) -> bool {
        self.end.is_over() && matches!(self.all[index].what, What::Cancel { .. })
    }
}

impl Model {
    /// The model as it is for whoever decides something at a time.
    pub(crate) fn at(&self, now: Timestamp) -> Self {
        let mut seen = self.clone();
        for pay in &mut seen.pays {
            // What is not approved yet does not end.
            let end = if pay.is_authorized() { pay.end.at(now) } else { pay.end };
            if end != pay.end && end.is_over() {
                // What was not released then may be asked for once more.
                pay.unreleased = 0;
            }
            pay.end = end;
        }
        seen
    }

    /// Somebody looks.
    pub(crate) fn look(&mut self) -> Started {
        self.plan(Started::new())
    }
}
