//! What a test does when its surroundings fail it, and how long it waits for what takes a while.

use std::fmt::Display;
use std::time::Duration;

/// Looks at something that is to come about; with the pause between them, 20 seconds.
pub const LOOKS_MAX: u32 = 800;
/// Pause between two looks.
pub const LOOK_PAUSE: Duration = Duration::from_millis(25);

/// The value, or the end of the test with what was tried and why it failed.
///
/// # Panics
///
/// When there is no value.
#[track_caller]
pub fn must<T, E: Display>(attempt: &str, result: Result<T, E>) -> T {
    #[expect(clippy::panic, reason = "called by tests only, and a test fails by panicking")]
    result.unwrap_or_else(|error| panic!("{attempt}: {error}"))
}

/// Looks again and again until there is a value; the error says what was seen instead.
///
/// # Panics
///
/// When the bound is reached, with what was seen last.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
    let mut seen = String::new();
    for _ in 0..LOOKS_MAX {
        match look().await {
            Ok(value) => return value,
            Err(instead) => seen = instead,
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
    must(what, Err(format!("did not come about; last seen: {seen}")))
}
