//! The simulation: seeds that must pass, one log for one seed, lists of steps that once failed, and bugs that must be
//! found.

use std::path::Path;
use std::process::Command;

use cargo_metadata::Message;
use tranche_cli::server::core::planted::PlantedBug;
use tranche_cli::server::failpoint::Failpoint;
use tranche_tests::process::run;
use tranche_tests::simulation::{Ground, Report, Trouble, hour, play, script, script_with_outages, steps};
use tranche_tests::world::DatabaseKind;

use crate::lessons;

on_both_databases! {
    seeds_lose_and_double_nothing,
    seeds_with_outages_lose_and_double_nothing,
    an_hour_in_which_a_provider_breaks_is_its_own,
    an_hour_in_which_a_provider_hangs_is_its_own,
    one_seed_is_one_log,
    what_failed_once_passes,
}

/// Seeds of an ordinary run; `cargo run --release -p tranche-tests --bin simulate` plays as many as wanted.
const SEEDS_SQLITE: u64 = 40;
const SEEDS_POSTGRES: u64 = 16;
/// Seeds whose providers break down and are mended.
const SEEDS_WITH_OUTAGES_SQLITE: u64 = 20;
const SEEDS_WITH_OUTAGES_POSTGRES: u64 = 8;
/// Seeds that are played twice.
const SEEDS_TWICE: u64 = 4;
/// The simulation as a program.
const SIMULATE: &str = env!("CARGO_BIN_EXE_simulate");

/// Each bug that the simulation must find with a seed that does, and what is then told.
const PLANTED: &[(PlantedBug, &str, &str)] = &[
    (PlantedBug::ForgetRequestId, "0", "the provider had to refuse"),
    (PlantedBug::SkipLeaseCheck, "2", "the provider had to refuse"),
    (PlantedBug::AnswerBeforeCommit, "10", "was answered Accepted"),
    (PlantedBug::TimeoutIsRefusal, "0", "is not known here"),
    (PlantedBug::TimeoutIsDone, "1", "the provider had to refuse"),
    (PlantedBug::LoseEventsOfFailedBatch, "4", "event log of o1"),
    (PlantedBug::PlanTwiceAfterRestart, "0", "the provider had to refuse"),
    (PlantedBug::ForgetToPlan, "0", "is returned, and nobody refunds it"),
    (PlantedBug::RoundShareUp, "0", "value and its parts"),
];

fn expect_well(what: &str, report: &Report) {
    let Report { log, failures, explanation, .. } = report;
    assert!(failures.is_empty(), "{what}: {failures:#?}\n{explanation}\n{}", log.join("\n"));
}

async fn seeds_lose_and_double_nothing(database: DatabaseKind) {
    let seeds = if database == DatabaseKind::Sqlite { SEEDS_SQLITE } else { SEEDS_POSTGRES };
    let mut ground = Ground::new(database).await;
    let mut sums = Report::default();
    for seed in 0..seeds {
        let report = play(&mut ground, &script(seed)).await;
        expect_well(&format!("seed {seed}"), &report);
        sums.operations += report.operations;
        sums.faults += report.faults;
        sums.accepted += report.accepted;
    }
    println!("{seeds} seeds: {sums:?}");
    assert!(sums.faults > seeds && sums.accepted > 5 * seeds, "that was no storm: {sums:?}");
}

async fn seeds_with_outages_lose_and_double_nothing(database: DatabaseKind) {
    let seeds = if database == DatabaseKind::Sqlite {
        SEEDS_WITH_OUTAGES_SQLITE
    } else {
        SEEDS_WITH_OUTAGES_POSTGRES
    };
    let mut ground = Ground::new(database).await;
    for seed in 0..seeds {
        let report = play(&mut ground, &script_with_outages(seed)).await;
        expect_well(&format!("seed {seed} with outages"), &report);
        if seed < SEEDS_TWICE {
            assert_eq!(report, play(&mut ground, &script_with_outages(seed)).await, "seed {seed}");
        }
    }
}

/// The other provider's invoices are settled before the next one comes; the one in trouble is called about once a minute,
/// and when it is mended by one, two, four at once.
async fn is_its_own(database: DatabaseKind, trouble: Trouble) {
    let mut ground = Ground::new(database).await;
    let outage = hour(&mut ground, trouble).await;
    expect_well(&format!("{trouble:?}"), &outage.report);
    assert_eq!((outage.invoices, outage.settled), (60, 60));
    println!("{trouble:?}: {} calls, {} at once, then {:?}", outage.calls, outage.at_once, outage.returning);
    assert!((20..=100).contains(&outage.calls), "{} calls", outage.calls);
    assert!(outage.at_once <= 12, "{} at once", outage.at_once);
    assert!(outage.returning.len() > 1, "{:?}", outage.returning);
    let is_step = |(round, calls): (u32, &usize)| *calls <= 1 << round;
    assert!((0..).zip(&outage.returning).all(is_step), "it comes in a herd: {:?}", outage.returning);
}

async fn an_hour_in_which_a_provider_breaks_is_its_own(database: DatabaseKind) {
    is_its_own(database, Trouble::Breaks).await;
}

async fn an_hour_in_which_a_provider_hangs_is_its_own(database: DatabaseKind) {
    is_its_own(database, Trouble::Hangs).await;
}

async fn one_seed_is_one_log(database: DatabaseKind) {
    let mut ground = Ground::new(database).await;
    for seed in 0..SEEDS_TWICE {
        let first = play(&mut ground, &script(seed)).await;
        let second = play(&mut ground, &script(seed)).await;
        assert_eq!(first, second, "seed {seed}");
    }
}

/// Lists that once failed, each cut down to what it takes.
async fn what_failed_once_passes(database: DatabaseKind) {
    let mut ground = Ground::new(database).await;
    for (name, list) in [
        (
            "a change before its order's creation was known",
            "order 74 392 253
             fail-at 286 699 293
             order 731 111 196
             invoice 170 42 848
             change 23 798 161",
        ),
        (
            "a cancellation that was refused, and is accepted when it is repeated without an answer",
            "order 479 542 245
             invoice 869 899 333
             cancel 699 253 702
             void 772 83 305
             fail-at 656 784 328
             repeat 3 437 752",
        ),
        (
            "an authorization that ends, and an operator who gave up refunding what is ahead on it",
            "order 283 859 249
             invoice 225 847 560
             deliver 917 245 315
             change 282 615 112
             deliver 460 21 989
             change 498 640 712
             deliver 281 354 781
             wait 399 36 96",
        ),
        (
            "an operator who has asked for ever what the provider refuses for ever",
            "order 42 519 799
             pay 500 40 248
             deliver-all 406 63 22
             invoice 286 59 756
             deliver 469 620 922",
        ),
        (
            "a surplus, said to be real while another settlement was under way that was not made",
            "order 569 996 311
             invoice 168 476 866
             wait 117 990 667
             invoice 461 729 208
             invoice 24 695 767
             deliver 30 503 249
             deliver 637 492 152",
        ),
        (
            "a release that was made, and refused when it was asked for again after the authorization's end",
            "order 422 596 519
             cancel 91 216 169
             kill 957 443 254
             deliver-all 736 194 923
             invoice 95 789 655
             wait 398 595 571
             tick 94 506 771
             deliver 161 406 756",
        ),
        (
            "authorizations that end after an operator gave up releasing them",
            "order 594 218 958
             invoice 731 33 187
             order 492 780 542
             cancel 799 492 269
             deliver 775 429 387
             wait 691 401 438
             deliver 124 547 690
             tick 233 182 629
             wait 99 908 353
             deliver-all 808 29 704
             operate 795 923 954
             tick 923 288 730
             operate 12 442 277
             wait 819 269 223",
        ),
        (
            "a surplus, said to be real while a release was under way that was not made",
            "order 844 859 518
             invoice 98 954 916
             order 859 91 170
             change 501 130 708
             wait 198 737 463
             invoice 193 758 532
             deliver 485 191 213
             die-at 782 915 245
             change 955 793 588
             return 630 561 899",
        ),
    ] {
        let report = play(&mut ground, &steps(list)).await;
        expect_well(name, &report);
    }
}

async fn simulate(seed: &str, bug: Option<PlantedBug>) -> (bool, String) {
    let mut arguments = vec!["--from", seed, "--seeds", "1", "--jobs", "1", "--whole"];
    arguments.extend(bug.iter().flat_map(|bug| ["--plant", bug.name()]));
    let ended = run(Path::new(SIMULATE), &arguments).await;
    (ended.success, format!("{}{}", ended.stdout, ended.stderr))
}

/// A bug that nobody looks for proves nothing.
#[test]
fn every_planted_bug_has_who_must_find_it() {
    let by_lessons = lessons::PLANTED.iter().flat_map(|(_, bugs)| bugs.iter().map(|(bug, _)| *bug));
    let looked_for: Vec<PlantedBug> = PLANTED.iter().map(|(bug, _, _)| *bug).chain(by_lessons).collect();
    for bug in PlantedBug::ALL {
        assert!(looked_for.contains(&bug), "nobody looks for {}", bug.name());
    }
}

#[tokio::test]
async fn every_planted_bug_is_found() {
    for &(bug, seed, told) in PLANTED {
        let (is_well, said) = simulate(seed, None).await;
        assert!(is_well && said.contains("simulate: ok - 1 seeds"), "seed {seed} without a bug: {said}");
        let (is_well, said) = simulate(seed, Some(bug)).await;
        let is_found = said.contains(&format!("simulate: seed {seed} failed")) && said.contains(told);
        assert!(!is_well && is_found, "{} is not found by seed {seed}: {said}", bug.name());
    }
}

/// What a failure prints is cut down, says what is wrong and where the money is, and can be played again.
#[tokio::test]
async fn a_failure_is_cut_down_and_can_be_played_again() {
    let arguments = ["--from", "0", "--seeds", "1", "--jobs", "1", "--plant", "round-share-up"];
    let ended = run(Path::new(SIMULATE), &arguments).await;
    assert!(!ended.success);
    for part in ["what happened:", "what is wrong:", "where the money is:", "Order o1 of "] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
    let (_, list) = ended.stdout.split_once("steps:\n\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    assert!(list.lines().count() < 20, "it takes few steps: {list}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("steps.txt");
    std::fs::write(&file, list).unwrap();
    let file = file.display().to_string();
    let arguments = ["--seeds", "1", "--jobs", "1", "--whole", "--steps", &file];
    assert!(run(Path::new(SIMULATE), &arguments).await.success, "without the bug they pass");
    let arguments = [&arguments[..], &["--plant", "round-share-up"]].concat();
    assert!(!run(Path::new(SIMULATE), &arguments).await.success, "with it they fail");
}

/// The program that people get has no bug to plant and no step to die at: not even their names.
#[test]
fn a_release_has_none() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // What a test is told about its own build would have everything built again.
    let is_of_tests = |name: &str| {
        name.starts_with("CARGO") || name.starts_with("NEXTEST") || name.ends_with("LIBRARY_PATH")
    };
    for (name, _) in std::env::vars().filter(|(name, _)| is_of_tests(name) && name != "CARGO_HOME") {
        build.env_remove(name);
    }
    let build = build
        .args(["build", "--release", "--locked", "--message-format", "json"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let executables =
        Message::parse_stream(build.stdout.as_slice()).filter_map(|message| match message.unwrap() {
            Message::CompilerArtifact(artifact) => artifact.executable,
            _ => None,
        });
    let [executable]: [_; 1] = executables.collect::<Vec<_>>().try_into().unwrap();
    let has = |path: &Path, name: &str| {
        let grep = Command::new("grep").args(["-q", "-a", "-F", "-e", name]).arg(path).status().unwrap();
        grep.code().filter(|code| *code < 2).expect("grep can read it") == 0
    };
    let bugs = PlantedBug::ALL.map(PlantedBug::name);
    // Names that are no words of anything else.
    let steps = [Failpoint::CommandsTaken, Failpoint::CallersAnswered, Failpoint::OutcomeRecorded]
        .map(Failpoint::name);
    for name in bugs.into_iter().chain(steps) {
        assert!(!has(executable.as_std_path(), name), "{executable} has {name}");
        assert!(has(Path::new(SIMULATE), name), "{name} is nowhere, so that this test proves nothing");
    }
}
