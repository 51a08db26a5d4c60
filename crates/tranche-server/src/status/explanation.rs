//! What a caller is told of a refusal, before it is a status.

use tranche_core::rejection::Violation;
use tranche_proto::v1::ErrorReason;

/// What a caller is told of a refusal.
#[derive(Clone, Debug)]
pub(crate) struct Explanation {
    /// Decides the code.
    pub(super) reason: ErrorReason,
    /// A sentence that says what to do.
    pub(super) message: String,
    /// Every variable of the sentence.
    pub(super) metadata: Vec<(&'static str, String)>,
    /// The kind and the id of what the refusal is about.
    pub(super) subject: Option<(&'static str, String)>,
    /// What is wrong with the request's fields.
    pub(super) violations: Vec<Violation>,
    /// What is in the way, where it is more than one thing: subjects and sentences.
    pub(super) preconditions: Vec<(String, String)>,
}

impl Explanation {
    /// A reason and a sentence.
    pub(super) fn new(reason: ErrorReason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            metadata: Vec::new(),
            subject: None,
            violations: Vec::new(),
            preconditions: Vec::new(),
        }
    }

    /// With a variable of the sentence.
    #[must_use]
    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.metadata.push((key, value.into()));
        self
    }

    /// About a resource.
    #[must_use]
    pub(super) fn of(mut self, kind: &'static str, id: impl Into<String>) -> Self {
        self.subject = Some((kind, id.into()));
        self
    }
}
