//! What is to be done outside of the desk, once a call was handled.

use std::time::Duration;

use super::Desk;
use crate::callback::Delivery;

/// One thing to do, after a while.
#[derive(Debug)]
pub(crate) enum Errand {
    /// Let an undefined payment come to its verdict.
    Decide { payment_id: String, after: Duration },
    /// Call back.
    CallBack { deliveries: Vec<Delivery>, after: Duration },
}

impl Errand {
    pub(crate) fn after(&self) -> Duration {
        match self {
            Self::Decide { after, .. } | Self::CallBack { after, .. } => *after,
        }
    }
}

impl Desk {
    /// Hands over what is to be done because of the calls since the last time.
    pub(crate) fn take_errands(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.errands)
    }
}
