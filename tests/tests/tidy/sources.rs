//! What the sources may contain, and what files may be called.

use std::fs;
use std::path::Path;

use super::expect_none;

/// Lines of a Rust file; split earlier by moving a noun out.
const LINES_MAX: usize = 600;
/// Files that are read as sources, by extension; `test` and `run` are shell scripts without one.
const SOURCES: &[&str] = &["rs", "proto", "toml", "yaml", "yml", "sh", "test", "run"];
/// Folders that hold nothing of ours.
const FOREIGN: &[&str] = &["target", ".git", "node_modules"];
/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "v2"];
/// What makes a status. Spelt without the type, so that these lines break no rule themselves.
const STATUS_MAKERS: &[&str] = &[
    "new",
    "with_details",
    "with_metadata",
    "with_details_and_metadata",
    "with_error_details",
    "with_error_details_vec",
    "from_error",
    "ok",
    "cancelled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
];

/// A rule looks at one file, path relative to the root, and says what is wrong, if it is.
type Rule = fn(path: &str, text: &str) -> Option<String>;

#[test]
fn sources_keep_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    walk(root, root, &mut files);
    assert!(files.iter().any(|(path, _)| path == "tests/tests/tidy/sources.rs"), "the walk misses this file");
    let rules: &[Rule] = &[short, named, sql_in_the_store, status_in_one_file, exact_numbers, finished];
    let mut violations = Vec::new();
    for (path, text) in &files {
        let found = rules.iter().filter_map(|rule| rule(path, text));
        violations.extend(found.map(|violation| format!("{path}: {violation}")));
    }
    expect_none(&violations);
}

/// Each rule on a line that breaks it and on the nearest one that does not.
#[test]
fn rules_find_what_they_look_for() {
    let marker = concat!("// TO", "DO: later");
    let long = "\n".repeat(LINES_MAX + 1);
    #[rustfmt::skip]
    let rows: &[(Rule, &str, &str, bool)] = &[
        (short, "crates/a/src/b.rs", &long, true),
        (short, "crates/a/src/b.rs", &long[1..], false),
        (named, "crates/a/src/utils.rs", "", true),
        (named, "crates/a/src/helpers/b.rs", "", true),
        (named, "crates/a/src/order_manager.rs", "", true),
        (named, "crates/a/src/b.rs", "pub(crate) mod common;", true),
        (named, "crates/a/src/b.rs", "mod utility;", false),
        (sql_in_the_store, "crates/tranche-server/src/b.rs", "\"SELECT 1\"", true),
        (sql_in_the_store, "crates/tranche-store/src/b.rs", "\"SELECT 1\"", false),
        (sql_in_the_store, "tests/tests/b.rs", "\"SELECT 1\"", false),
        (status_in_one_file, "crates/tranche-server/src/b.rs", "tonic::Status::internal(text)", true),
        (status_in_one_file, "crates/tranche-server/src/b.rs", "map_err(Status::from_error)", true),
        (status_in_one_file, "crates/tranche-server/src/b.rs", "ServingStatus::unknown(), Status::code(s)", false),
        (status_in_one_file, "crates/tranche-server/src/status.rs", "Status::new(a, b)", false),
        (exact_numbers, "crates/tranche-core/src/b.rs", "let a: f64 = 1.0;", true),
        (exact_numbers, "crates/tranche-core/src/b.rs", "// never an f64\nlet elf64 = 1;", false),
        (exact_numbers, "crates/tranche-server/src/b.rs", "let a: f64 = 1.0;", false),
        (finished, "proto/a.proto", marker, true),
        (finished, "proto/a.proto", "// MASTODON", false),
    ];
    for (rule, path, text, broken) in rows {
        assert_eq!(rule(path, text).is_some(), *broken, "{path}: {}", text.trim());
    }
}

fn short(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (is_rust(path) && lines > LINES_MAX).then(|| format!("{lines} lines, more than {LINES_MAX}"))
}

fn named(path: &str, text: &str) -> Option<String> {
    let of_path = path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    let of_modules = text.lines().filter(|_| is_rust(path)).filter_map(|line| {
        let (visibility, name) = line.trim().split_once("mod ")?;
        (visibility.is_empty() || visibility.starts_with("pub"))
            .then(|| name.trim_end_matches([';', '{', ' ']))
    });
    let name = of_path
        .chain(of_modules)
        .find(|name| name.split(['_', '-']).any(|word| EMPTY_NAMES.contains(&word)))?;
    Some(format!("the name `{name}` does not say what is inside"))
}

fn sql_in_the_store(path: &str, text: &str) -> Option<String> {
    let exempt = path.starts_with("crates/tranche-store/")
        || path.split('/').any(|part| part == "tests" || part == "benches");
    if exempt || !is_rust(path) {
        return None;
    }
    let found = ["SELECT ", "INSERT INTO"].into_iter().find(|keyword| text.contains(keyword))?;
    Some(format!("`{found}`: only the store knows SQL"))
}

fn status_in_one_file(path: &str, text: &str) -> Option<String> {
    let inside = path.strip_prefix("crates/tranche-server/src/")?;
    if inside == "status.rs" || inside.starts_with("status/") {
        return None;
    }
    let found = STATUS_MAKERS.iter().find(|maker| contains_word(text, &format!("Status::{maker}")))?;
    Some(format!("`Status::{found}`: only status.rs makes a status"))
}

fn exact_numbers(path: &str, text: &str) -> Option<String> {
    let exact = ["crates/tranche-core/", "crates/tranche-connectors/", "crates/tranche-store/"];
    if !is_rust(path) || !exact.iter().any(|folder| path.starts_with(folder)) {
        return None;
    }
    let code = text.lines().filter_map(|line| line.split("//").next());
    let found = code.flat_map(|line| ["f32", "f64"].map(|word| (line, word)));
    let (_, word) = found.into_iter().find(|(line, word)| contains_word(line, word))?;
    Some(format!("`{word}`: numbers are exact here"))
}

fn finished(_path: &str, text: &str) -> Option<String> {
    let markers = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("HA", "CK")];
    let found = markers.into_iter().find(|marker| contains_word(text, marker))?;
    Some(format!("`{found}`: finish it or write it where work is kept"))
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

/// Whether the text holds the word with nothing of an identifier on either side.
fn contains_word(text: &str, word: &str) -> bool {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(word).any(|(start, found)| {
        !text[..start].ends_with(part_of_word) && !text[start + found.len()..].starts_with(part_of_word)
    })
}

/// Collects the sources below a folder, path relative to the root and text.
fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_symlink() || FOREIGN.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files);
        } else if SOURCES.iter().any(|kind| name.rsplit('.').next() == Some(kind)) {
            let relative = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.push((relative, fs::read_to_string(&path).unwrap()));
        }
    }
}
