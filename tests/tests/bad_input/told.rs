//! What a refusal tells, and how it is compared with what a table expects of it.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorInfo, StatusExt};
use tranche_sdk::v1::ItemRejection;

/// The domain of every reason.
const DOMAIN: &str = "tranche.v1";

/// What a refusal tells, as a status or as an item of a batch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    code: Code,
    reason: String,
    message: String,
    metadata: HashMap<String, String>,
    /// What is wrong with the fields: path and description.
    fields: Vec<(String, String)>,
    /// What is in the way, each as kind and id. An item of a batch has no place for it.
    subjects: Vec<String>,
    is_ours: bool,
}

/// Whether a description goes on from the name of its field, as in "the field 'value' is required".
fn goes_on_from_its_field(description: &str) -> bool {
    const VERBS: [&str; 10] =
        ["is", "has", "must", "names", "sums", "takes", "starts", "needs", "means", "carries"];
    description.split(' ').next().is_some_and(|word| VERBS.contains(&word))
}

impl From<&Status> for Told {
    fn from(status: &Status) -> Self {
        let info = status.get_details_error_info().unwrap_or(ErrorInfo::new("", "", []));
        let preconditions = status.get_details_precondition_failure().map(|failure| failure.violations);
        Self {
            code: status.code(),
            reason: info.reason,
            message: status.message().to_owned(),
            metadata: info.metadata,
            fields: tranche_sdk::violations(status),
            subjects: preconditions.into_iter().flatten().map(|violation| violation.subject).collect(),
            is_ours: info.domain == DOMAIN,
        }
    }
}

impl From<&ItemRejection> for Told {
    fn from(item: &ItemRejection) -> Self {
        let fields = item.field_violations.iter();
        Self {
            code: Code::from_i32(item.code),
            reason: item.reason.clone(),
            message: item.message.clone(),
            metadata: item.metadata.clone(),
            fields: fields.map(|row| (row.field.clone(), row.description.clone())).collect(),
            subjects: Vec::new(),
            is_ours: true,
        }
    }
}

impl Told {
    /// The same without what an item of a batch has no place for.
    pub(crate) fn without_subjects(self) -> Self {
        Self { subjects: Vec::new(), ..self }
    }

    /// Compares with a row's words: the code, the reason, then every field that is wrong and, as `key=value`, metadata
    /// and, as `kind/id`, things in the way that must be there. The error is what is told instead.
    pub(crate) fn compare(&self, expected: &str) -> Result<(), String> {
        let mut words = expected.split_whitespace();
        let mut wanted: Vec<String> = words.by_ref().take(2).map(str::to_owned).collect();
        let mut seen = vec![format!("{:?}", self.code), self.reason.clone()];
        let (metadata, others): (Vec<&str>, Vec<&str>) = words.partition(|word| word.contains('='));
        let (subjects, mut fields): (Vec<&str>, Vec<&str>) =
            others.iter().partition(|word| word.contains('/'));
        fields.sort_unstable();
        wanted.extend(fields.into_iter().map(str::to_owned));
        let mut paths: Vec<String> = self.fields.iter().map(|(path, _)| path.clone()).collect();
        paths.sort();
        paths.dedup();
        seen.extend(paths);
        if !subjects.is_empty() {
            wanted.extend(subjects.into_iter().map(str::to_owned));
            seen.extend(self.subjects.iter().cloned());
        }
        for pair in metadata {
            let (key, _) = pair.split_once('=').unwrap();
            wanted.push(pair.to_owned());
            seen.push(format!("{key}={}", self.metadata.get(key).cloned().unwrap_or_default()));
        }
        let is_described = self.fields.iter().all(|(_, description)| goes_on_from_its_field(description));
        let is_whole = is_described && self.is_ours && !self.message.is_empty();
        if seen == wanted && is_whole { Ok(()) } else { Err(seen.join(" ")) }
    }
}
