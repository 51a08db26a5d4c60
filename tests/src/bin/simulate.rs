//! `simulate`: plays seeds on a real database until one fails, and then says how little it takes.

use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use tranche_cli::server::core::planted::plant;
use tranche_tests::patience::must;
use tranche_tests::simulation::{Ground, Report, Step, play, script, script_with_outages, shrink, steps};
use tranche_tests::world::DatabaseKind;

/// Threads, each with a database of its own.
const JOBS_DEFAULT: usize = 2;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

/// Plays lists of steps from seeds, with faults, on a real database, and compares all books at the end of each.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// On which database.
    #[arg(long, value_enum, default_value_t = Database::Sqlite)]
    database: Database,
    /// How many at once.
    #[arg(long, default_value_t = JOBS_DEFAULT)]
    jobs: usize,
    /// A bug to plant first, by its name: then a seed is expected to fail.
    #[arg(long)]
    plant: Option<String>,
    /// Plays the steps of this file, one a line, instead of seeds.
    #[arg(long)]
    steps: Option<std::path::PathBuf>,
    /// Has providers break down and mended in between.
    #[arg(long)]
    outages: bool,
    /// Prints what happens, step by step.
    #[arg(long)]
    log: bool,
    /// Prints a failure as it is, without cutting it down first.
    #[arg(long)]
    whole: bool,
}

/// What the threads share.
struct Shared {
    seeds: Mutex<VecDeque<u64>>,
    sums: Mutex<Sums>,
    bar: ProgressBar,
}

#[derive(Clone, Debug, Default)]
struct Sums {
    seeds: u64,
    operations: u64,
    faults: u64,
    accepted: u64,
    failed: Option<(u64, Vec<Step>, Report)>,
}

fn main() -> ExitCode {
    let arguments = Arc::new(Arguments::parse());
    if let Some(name) = &arguments.plant
        && plant(name).is_none()
    {
        eprintln!("there is no bug '{name}' to plant");
        return ExitCode::from(2);
    }
    // A list of steps is played once.
    let count = if arguments.steps.is_some() { 1 } else { arguments.seeds };
    let bar = ProgressBar::new(count);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} seeds, {eta} left") {
        bar.set_style(style);
    }
    let seeds = (arguments.from..arguments.from.saturating_add(count)).collect();
    let shared = Arc::new(Shared { seeds: Mutex::new(seeds), sums: Mutex::default(), bar });
    let threads: Vec<_> = (0..arguments.jobs.max(1))
        .map(|_| {
            let (arguments, shared) = (Arc::clone(&arguments), Arc::clone(&shared));
            std::thread::spawn(move || work(&arguments, &shared))
        })
        .collect();
    let all_ended = threads.into_iter().all(|thread| thread.join().is_ok());
    shared.bar.finish_and_clear();
    let sums = shared.sums.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((seed, steps, report)) = &sums.failed {
        print_failure(*seed, steps, report);
        return ExitCode::FAILURE;
    }
    if !all_ended {
        return ExitCode::FAILURE;
    }
    let Sums { seeds, operations, faults, accepted, .. } = sums;
    println!("{accepted} requests were accepted");
    println!("simulate: ok - {seeds} seeds, {operations} operations, {faults} faults, 0 lost, 0 doubled");
    ExitCode::SUCCESS
}

fn print_failure(seed: u64, steps: &[Step], report: &Report) {
    println!("simulate: seed {seed} failed; it takes these {} steps:\n", steps.len());
    for step in steps {
        println!("{step}");
    }
    println!("\nwhat happened:\n");
    for line in &report.log {
        println!("{line}");
    }
    println!("\nwhat is wrong:\n");
    for failure in &report.failures {
        println!("{failure}");
    }
    println!("\nwhere the money is:\n\n{}", report.explanation);
}

#[tokio::main(flavor = "current_thread")]
async fn work(arguments: &Arguments, shared: &Shared) {
    let kind = match arguments.database {
        Database::Sqlite => DatabaseKind::Sqlite,
        Database::Postgres => DatabaseKind::Postgres,
    };
    let mut ground = Ground::new(kind).await;
    loop {
        let next = shared.seeds.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(seed) = next else { return };
        let list = match &arguments.steps {
            Some(file) => steps(&must("the steps", std::fs::read_to_string(file))),
            None if arguments.outages => script_with_outages(seed),
            None => script(seed),
        };
        let report = play(&mut ground, &list).await;
        if arguments.log {
            shared.bar.suspend(|| {
                println!("seed {seed}");
                report.log.iter().for_each(|line| println!("{line}"));
            });
        }
        let mut failed = None;
        if !report.failures.is_empty() {
            // Nobody begins another seed.
            shared.seeds.lock().unwrap_or_else(PoisonError::into_inner).clear();
            let (list, report) = if arguments.whole {
                (list, report.clone())
            } else {
                shrink(&mut ground, &list, report.clone()).await
            };
            failed = Some((seed, list, report));
        }
        let mut sums = shared.sums.lock().unwrap_or_else(PoisonError::into_inner);
        sums.seeds += 1;
        sums.operations += report.operations;
        sums.faults += report.faults;
        sums.accepted += report.accepted;
        sums.failed = sums.failed.take().or(failed);
        drop(sums);
        shared.bar.inc(1);
    }
}
