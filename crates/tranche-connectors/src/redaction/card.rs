//! Numbers that look like a card's: 13 to 19 digits, in one piece or in groups, with a right check digit.

use std::ops::Range;

use super::REDACTED;

const DIGITS_MIN: usize = 13;
const DIGITS_MAX: usize = 19;

/// The text with a mark in the place of every number that looks like a card's.
pub(super) fn remove(text: &str) -> String {
    // Most texts have too few digits, and nothing to look for.
    if text.bytes().filter(u8::is_ascii_digit).count() < DIGITS_MIN {
        return text.to_owned();
    }
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for span in spans(text.as_bytes()) {
        let mut groups = span.as_slice();
        while let Some((first, rest)) = groups.split_first() {
            if let Some(end) = card_end(text.as_bytes(), groups) {
                kept.push_str(text.get(from..first.start).unwrap_or_default());
                kept.push_str(REDACTED);
                from = end;
                groups = groups
                    .iter()
                    .position(|group| group.start >= end)
                    .map_or(&[], |at| groups.split_at(at).1);
            } else {
                groups = rest;
            }
        }
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    kept
}

/// The groups of digits of a text, together where only one space or hyphen stands between them.
fn spans(bytes: &[u8]) -> Vec<Vec<Range<usize>>> {
    let mut spans: Vec<Vec<Range<usize>>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        if start == at {
            at += 1;
            continue;
        }
        let joined = start
            .checked_sub(1)
            .and_then(|before| bytes.get(before))
            .is_some_and(|byte| b" -".contains(byte));
        match spans.last_mut() {
            Some(span) if joined && span.last().is_some_and(|last| last.end + 1 == start) => {
                span.push(start..at);
            }
            _ => spans.push(std::iter::once(start..at).collect()),
        }
    }
    spans
}

/// The end of the longest card number that begins with the first group.
fn card_end(bytes: &[u8], groups: &[Range<usize>]) -> Option<usize> {
    let first = groups.first()?;
    // Digits that stand in a word are a part of some id.
    let is_word = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    if first.start.checked_sub(1).is_some_and(is_word) {
        return None;
    }
    let mut digits: Vec<u8> = Vec::new();
    let mut end = None;
    for group in groups {
        digits.extend(bytes.get(group.clone())?.iter().map(|byte| byte - b'0'));
        if digits.len() > DIGITS_MAX {
            break;
        }
        if digits.len() >= DIGITS_MIN && is_luhn(&digits) && !is_word(group.end) {
            end = Some(group.end);
        }
    }
    end
}

fn is_luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| u32::from(if place % 2 == 1 { doubled(*digit) } else { *digit }))
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_found_in_any_grouping() {
        for (text, expected) in [
            ("4444333322221111", "[redacted]"),
            ("4444 3333 2222 1111", "[redacted]"),
            ("4444-3333-2222-1111 12/28", "[redacted] 12/28"),
            ("4444 3333 2222 1111 12/28, 378282246310005", "[redacted] 12/28, [redacted]"),
            ("12 4444333322221111", "12 [redacted]"),
            ("4222222222222", "[redacted]"),
            ("4444333322221112", "4444333322221112"),
            ("AB4444333322221111", "AB4444333322221111"),
            ("op_4444333322221111f", "op_4444333322221111f"),
            ("10022005181543584603", "10022005181543584603"),
            ("0000000000000000", "0000000000000000"),
            ("2026-10-21T07:28:00", "2026-10-21T07:28:00"),
            ("é4444333322221111é", "é[redacted]é"),
        ] {
            assert_eq!(remove(text), expected, "{text}");
        }
    }
}
