//! Who may know whom.

use std::collections::BTreeSet;
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};

use super::expect_none;

/// Every package with all the packages of this workspace that it depends on, in whatever way.
const ARROWS: &[(&str, &[&str])] = &[
    // The composition root reaches core, store and connectors through the server, which hands them on.
    ("tranche-cli", &["tranche-sandbox", "tranche-sdk", "tranche-server"]),
    ("tranche-connectors", &["tranche-core"]),
    ("tranche-core", &[]),
    ("tranche-proto", &[]),
    ("tranche-sandbox", &[]),
    ("tranche-sdk", &["tranche-proto"]),
    ("tranche-server", &["tranche-connectors", "tranche-core", "tranche-proto", "tranche-store"]),
    ("tranche-store", &["tranche-core"]),
    ("tranche-tests", &["tranche-cli", "tranche-sandbox", "tranche-sdk"]),
];

/// What the pure core must not even reach through others.
const NOT_IN_CORE: &[&str] = &["tokio", "serde", "sea-orm", "tonic", "prost"];

#[test]
fn packages_know_only_whom_they_may() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let listed: BTreeSet<&str> = ARROWS.iter().map(|(package, _)| *package).collect();
    let mut violations: Vec<String> = ours
        .symmetric_difference(&listed)
        .map(|package| format!("{package}: either not in the workspace or not in the list of arrows"))
        .collect();
    for package in &packages {
        let Some((name, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name.as_str()) else {
            continue;
        };
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        let actual: BTreeSet<&str> = package
            .dependencies
            .iter()
            .map(|dependency| dependency.name.as_str())
            .filter(|dependency| ours.contains(dependency))
            .collect();
        violations.extend(actual.difference(&allowed).map(|to| format!("{name} -> {to}: must not be")));
        violations.extend(allowed.difference(&actual).map(|to| format!("{name} -> {to}: is missing")));
    }
    expect_none(&violations);
}

#[test]
fn core_reaches_no_runtime_wire_or_database() {
    // cargo tree resolves the features of this package alone; the workspace's metadata would unite them all.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--locked", "-p", "tranche-core", "-e", "normal,build", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(tree.starts_with("tranche-core "), "{tree}");
    let violations: BTreeSet<String> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| NOT_IN_CORE.contains(name))
        .map(|name| format!("tranche-core -> … -> {name}: must not be"))
        .collect();
    expect_none(&Vec::from_iter(violations));
}

#[test]
fn a_package_links_at_most_one_test_binary() {
    let count =
        |package: &Package| package.targets.iter().filter(|target| target.is_kind(TargetKind::Test)).count();
    let violations: Vec<String> = metadata()
        .workspace_packages()
        .into_iter()
        .filter(|package| count(package) > 1)
        .map(|package| {
            format!("{}: {} test binaries; make them modules of one", package.name, count(package))
        })
        .collect();
    expect_none(&violations);
}

fn metadata() -> Metadata {
    MetadataCommand::new().current_dir(env!("CARGO_MANIFEST_DIR")).no_deps().exec().unwrap()
}
