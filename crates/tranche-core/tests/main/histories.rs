//! Random histories against the model: thousands in an ordinary run, as many as wanted on demand.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::choices::Choices;
use crate::history::History;

/// Histories of an ordinary run; `TRANCHE_TEST_HISTORIES` asks for another number.
const HISTORIES: u32 = 3_000;
/// How many calls a step can send; what it cannot waits.
const CALLS: &[usize] = &[0, 1, 2, 100, 100];
/// Choices of the longest history.
const CHOICES_MAX: usize = 400;

#[test]
fn random_histories() {
    #[expect(clippy::disallowed_methods, reason = "a test's own knob")]
    let histories = std::env::var("TRANCHE_TEST_HISTORIES").ok();
    let histories = histories.map_or(HISTORIES, |text| text.parse().expect("a number"));
    let config = Config { cases: histories, failure_persistence: None, ..Config::default() };
    // Always the same histories, and more of them when more are asked for.
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let finished = Cell::new(0_u32);
    let result = runner.run(&vec(any::<u32>(), 20..CHOICES_MAX), |choices| {
        finished.set(finished.get() + u32::from(History::new(Choices::new(choices), CALLS).play()));
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(finished.get() * 3 > histories, "most histories end well: {} of {histories}", finished.get());
}
