//! Every reason that a caller may be given says what to do about it, and is given in a test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::expect_none;

/// The reasons, as the protocol documents them.
const PROTOCOL: &str = include_str!("../../../proto/tranche/v1/error_reason.proto");
/// What every value of the enum starts with, and what no status is told with.
const PREFIX: &str = "ERROR_REASON_";
/// The value that is never returned.
const UNSPECIFIED: &str = "UNSPECIFIED";
/// This file names reasons that no test gives.
const THIS_FILE: &str = "tests/tests/tidy/reasons.rs";

/// The codes of gRPC, as comments spell them.
const CODES: &[&str] = &[
    "CANCELLED",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "UNAUTHENTICATED",
];
/// The codes of what a server says about itself. No request brings it about at will, so that a unit test may be the one
/// that gives it, under the name that it has in Rust.
const CODES_OF_THE_SERVER: &[&str] =
    &["ABORTED", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "CANCELLED"];

/// Reasons that no test gives, and why.
const UNREACHED: &[(&str, &str)] = &[
    ("UNAUTHENTICATED", "No release asks yet who the caller is."),
    ("PERMISSION_DENIED", "No release asks yet what the caller may do."),
];

/// A value of the enum, with its comment's lines.
#[derive(Debug, PartialEq)]
struct Reason<'a> {
    name: &'a str,
    comment: Vec<&'a str>,
}

/// All values but the one that is never returned.
fn reasons(protocol: &str) -> Vec<Reason<'_>> {
    let mut reasons = Vec::new();
    let mut comment = Vec::new();
    for line in protocol.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("//") {
            comment.push(text.trim());
            continue;
        }
        let comment = std::mem::take(&mut comment);
        let value = line.strip_prefix(PREFIX).and_then(|value| value.split_once(" = "));
        if let Some((name, _)) = value.filter(|(name, _)| *name != UNSPECIFIED) {
            reasons.push(Reason { name, comment });
        }
    }
    reasons
}

impl<'a> Reason<'a> {
    /// The line that says the code and what to do, as both.
    fn advice(&self) -> Option<(&'a str, &'a str)> {
        let parts = self.comment.iter().filter_map(|line| line.split_once(';'));
        parts.map(|(code, advice)| (code, advice.trim())).find(|(code, _)| CODES.contains(code))
    }

    /// What its comment leaves unsaid.
    fn unsaid(&self) -> Option<&'static str> {
        let says = |line: &&str| line.starts_with("Metadata: ") && line.ends_with('.');
        match self.advice() {
            None => Some("no line `CODE; what to do`"),
            Some((_, "")) => Some("nothing after the code says what to do"),
            Some(_) if !self.comment.iter().any(says) => Some("no line `Metadata: keys.`"),
            Some(_) => None,
        }
    }

    /// Whether a test's source gives it.
    fn is_in(&self, source: &str) -> bool {
        let about_the_server = self.advice().is_some_and(|(code, _)| CODES_OF_THE_SERVER.contains(&code));
        let in_rust = format!("ErrorReason::{}", camel(self.name));
        source
            .lines()
            .filter(|line| !gives_none(line))
            .any(|line| has_word(line, self.name) || (about_the_server && has_word(line, &in_rust)))
    }
}

#[test]
fn every_reason_says_what_to_do() {
    let reasons = reasons(PROTOCOL);
    assert!(reasons.len() > 60, "only {} reasons are found", reasons.len());
    let unsaid = |reason: &Reason<'_>| Some(format!("{}: {}", reason.name, reason.unsaid()?));
    expect_none(&reasons.iter().filter_map(unsaid).collect::<Vec<_>>());
}

#[test]
fn every_reason_is_given_in_a_test() {
    let sources = test_sources();
    let is_given = |reason: &Reason<'_>| sources.iter().any(|source| reason.is_in(source));
    let listed: BTreeSet<&str> = UNREACHED.iter().map(|(name, _)| *name).collect();
    let reasons = reasons(PROTOCOL);
    let known: BTreeSet<&str> = reasons.iter().map(|reason| reason.name).collect();
    let mut violations: Vec<String> = Vec::new();
    for reason in &reasons {
        match (is_given(reason), listed.contains(reason.name)) {
            (false, false) => violations.push(format!("{}: no test gives it", reason.name)),
            (true, true) => violations.push(format!("{}: given, and listed as unreached", reason.name)),
            _ => {}
        }
    }
    let foreign = listed.difference(&known).map(|name| format!("{name}: listed, and not in the protocol"));
    violations.extend(foreign);
    assert_eq!(listed.len(), UNREACHED.len(), "a reason is listed twice");
    expect_none(&violations);
}

/// Each rule on what breaks it and on the nearest that does not.
#[test]
fn rules_find_what_they_look_for() {
    let written = |advice: &str, metadata: &str| {
        format!("// It is wrong.\n//\n// {advice}\n// {metadata}\nERROR_REASON_WRONG_ALL_OVER = 1;\n")
    };
    for (advice, metadata, is_said) in [
        ("NOT_FOUND; create it first.", "Metadata: orderId.", true),
        ("NOT_FOUND;", "Metadata: orderId.", false),
        ("NOT_FOUND, create it first.", "Metadata: orderId.", false),
        ("MISSING; create it first.", "Metadata: orderId.", false),
        ("NOT_FOUND; create it first.", "Its metadata are none.", false),
    ] {
        let text = written(advice, metadata);
        let found = reasons(&text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].unsaid().is_none(), is_said, "{advice} {metadata}");
    }
    for (advice, source, is_given) in [
        ("NOT_FOUND; wait.", "\"NotFound WRONG_ALL_OVER orderId=1\"", true),
        ("NOT_FOUND; wait.", "\"NotFound WRONG_ALL_OVER_AGAIN\"", false),
        ("NOT_FOUND; wait.", "ErrorReason::WrongAllOver", false),
        ("ABORTED; wait.", "ErrorReason::WrongAllOver,", true),
        ("ABORTED; wait.", "ErrorReason::WrongAllOverAgain", false),
        ("ABORTED; wait.", "Code::WrongAllOver => \"WRONG_ALL_OVER\",", false),
        ("ABORTED; wait.", "// WRONG_ALL_OVER", false),
    ] {
        let text = written(advice, "Metadata: none.");
        assert_eq!(reasons(&text)[0].is_in(source), is_given, "{advice} {source}");
    }
    assert_eq!(reasons("// Never returned.\nERROR_REASON_UNSPECIFIED = 0;\n"), []);
}

/// Whether a line gives no reason: it is a comment, or about a code of gRPC, two of which are called like reasons.
fn gives_none(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("//") || (line.starts_with("Code::") && line.contains("=>"))
}

/// Whether the line holds the word with nothing of an identifier on either side.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(start, found)| {
        !line[..start].ends_with(part_of_word) && !line[start + found.len()..].starts_with(part_of_word)
    })
}

/// The name as Rust spells the value of an enum.
fn camel(name: &str) -> String {
    let word = |word: &str| format!("{}{}", &word[..1], word[1..].to_lowercase());
    name.split('_').map(word).collect()
}

/// The sources of the tests: those from outside, those of a package, and the unit tests of the server.
fn test_sources() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = Vec::new();
    collect(&root.join("tests/tests"), root, &mut sources, |path| path != THIS_FILE);
    for package in fs::read_dir(root.join("crates")).unwrap() {
        collect(&package.unwrap().path().join("tests"), root, &mut sources, |_| true);
    }
    let server = root.join("crates/tranche-server/src");
    collect(&server, root, &mut sources, |path| path.split('/').any(|part| part.starts_with("tests")));
    assert!(sources.len() > 50, "only {} sources are found", sources.len());
    sources
}

/// Reads the Rust files below a folder, if there is one, whose path from the root is wanted.
fn collect(folder: &Path, root: &Path, sources: &mut Vec<String>, is_wanted: fn(&str) -> bool) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, root, sources, is_wanted);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let relative = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            if is_wanted(&relative) {
                sources.push(fs::read_to_string(&path).unwrap());
            }
        }
    }
}
