//! Points in time and durations.

use std::time::Duration;

use tranche_core::time::Timestamp;

use super::Violations;

/// 9999-12-31T23:59:59Z, the last second that a timestamp message may name.
const SECONDS_MAX: i64 = 253_402_300_799;
/// 0001-01-01T00:00:00Z, the first one.
const SECONDS_MIN: i64 = -62_135_596_800;
const MICROS_PER_SECOND: i64 = 1_000_000;
const NANOS_PER_MICRO: i32 = 1_000;

/// A point in time, exact to the microsecond.
pub(crate) fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    let nanos = i32::try_from(time.micros().rem_euclid(MICROS_PER_SECOND)).unwrap_or(0) * NANOS_PER_MICRO;
    prost_types::Timestamp { seconds: time.micros().div_euclid(MICROS_PER_SECOND), nanos }
}

/// A point in time as people and JSON write it: `2026-01-31T23:59:59.000001Z`.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    timestamp(time).to_string()
}

/// A duration.
pub(crate) fn duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or(0),
    }
}

/// A point in time out of a request, cut to the microsecond; `None` where the request names none.
pub(crate) fn parse_timestamp(
    violations: &mut Violations,
    field: &str,
    time: Option<&prost_types::Timestamp>,
) -> Option<Timestamp> {
    let time = time?;
    let is_valid =
        (SECONDS_MIN..=SECONDS_MAX).contains(&time.seconds) && (0..1_000_000_000).contains(&time.nanos);
    if !is_valid {
        violations.add(
            field,
            "is not a point in time: seconds lie within the years 1 to 9999, nanos from 0 to 999999999",
        );
        return None;
    }
    let micros = time.seconds * MICROS_PER_SECOND + i64::from(time.nanos / NANOS_PER_MICRO);
    Some(Timestamp::from_micros(micros))
}

/// A duration above zero out of a request.
pub(crate) fn parse_duration(
    violations: &mut Violations,
    field: &str,
    duration: prost_types::Duration,
    longest: Duration,
) -> Option<Duration> {
    let parsed = Duration::try_from(duration).ok();
    let valid = parsed.filter(|parsed| !parsed.is_zero() && *parsed <= longest);
    if valid.is_none() {
        violations.add(field, format!("must be above zero and at most {} seconds", longest.as_secs()));
    }
    valid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_both_ways_to_the_microsecond() {
        for (micros, seconds, nanos) in [(0, 0, 0), (1_500_000, 1, 500_000_000), (-1, -1, 999_999_000)] {
            let time = Timestamp::from_micros(micros);
            let message = prost_types::Timestamp { seconds, nanos };
            assert_eq!(timestamp(time), message);
            let mut violations = Violations::default();
            assert_eq!(parse_timestamp(&mut violations, "t", Some(&message)), Some(time));
        }
    }

    #[test]
    fn impossible_times_are_violations() {
        for (seconds, nanos) in [(SECONDS_MAX + 1, 0), (SECONDS_MIN - 1, 0), (0, -1), (0, 1_000_000_000)] {
            let mut violations = Violations::default();
            let message = prost_types::Timestamp { seconds, nanos };
            assert_eq!(parse_timestamp(&mut violations, "t", Some(&message)), None);
            assert!(violations.finish(Some(())).is_err(), "{seconds} {nanos}");
        }
    }
}
