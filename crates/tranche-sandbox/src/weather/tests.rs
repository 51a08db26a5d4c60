//! The mixture, and that a draw depends on all that it names and on nothing else.

use std::collections::BTreeMap;
use std::mem::discriminant;

use super::*;
use CallKind::{Authorization, Cancellation, Refund, Settlement};

/// Draws of the first attempts of so many requests, counted by the fault's name; `fair` where there is none.
fn counted(seed: u64, kind: CallKind, requests: u32) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for request in 0..requests {
        let fault = draw(seed, "p", kind, &format!("r{request}"), 0);
        let name = match fault.map(|fault| serde_json::to_value(fault).unwrap()) {
            None => "fair".to_owned(),
            Some(serde_json::Value::String(name)) => name,
            Some(object) => object.as_object().unwrap().keys().next().unwrap().clone(),
        };
        *counts.entry(name).or_insert(0) += 1;
    }
    counts
}

#[test]
fn the_mixture_is_what_the_page_says() {
    assert_eq!(100 - MIXTURE.iter().map(|(share, _)| share).sum::<u64>(), 58, "fair");
    let page = include_str!("../../../../docs/SANDBOX.md");
    for (kind, fair, faults) in
        [(Settlement, 5_800, 18), (Refund, 5_800, 18), (Cancellation, 6_400, 14), (Authorization, 6_200, 16)]
    {
        let counts = counted(7, kind, 10_000);
        assert_eq!(counts.len(), faults + 1, "{kind:?} {counts:?}");
        assert!(counts["fair"].abs_diff(fair) < 250, "{kind:?} {counts:?}");
        let is_named = |name: &&String| page.contains(&format!("`{}`", name.replace('_', "-")));
        let lost = |name: &String| name == "lose_answer_after_booking" || name == "fair";
        let missing: Vec<_> = counts.keys().filter(|name| !lost(name) && !is_named(name)).collect();
        assert!(missing.is_empty(), "docs/SANDBOX.md misses {missing:?}");
    }
}

/// A draw that is known, so that a seed means the same after every change of the code.
#[test]
fn a_seed_keeps_its_meaning() {
    assert_eq!(hash(7, "p1", Settlement, "s1", 0), [1_582_795_224_113_505_920, 9_293_925_518_341_571_684]);
}

#[test]
fn a_draw_depends_on_everything_that_it_names() {
    let known = hash(7, "p1", Settlement, "s1", 0);
    for other in [
        hash(8, "p1", Settlement, "s1", 0),
        hash(7, "p2", Settlement, "s1", 0),
        hash(7, "p1", Refund, "s1", 0),
        hash(7, "p1", Settlement, "s2", 0),
        hash(7, "p1", Settlement, "s1", 1),
        hash(7, "p", Settlement, "1s1", 0),
    ] {
        assert_ne!(other, known);
    }
}

#[test]
fn callbacks_meet_the_mixture_of_the_page() {
    assert_eq!(100 - CALLBACKS.iter().map(|(share, _)| share).sum::<u64>(), 63, "fair");
    let page = include_str!("../../../../docs/SANDBOX.md");
    let drawn = |seed: u64| -> Vec<_> {
        (0..10_000).map(|payment| draw_callback(seed, &format!("p{payment}"))).collect()
    };
    let of_seven = drawn(7);
    for (share, fault) in CALLBACKS {
        let share = usize::try_from(*share).unwrap();
        let count = of_seven.iter().filter(|drawn| **drawn == Some(*fault)).count();
        assert!(count.abs_diff(share * 100) < 100, "{fault:?} {count}");
        assert!(page.contains(&format!("`callback-{}`", fault.name())), "docs/SANDBOX.md misses {fault:?}");
    }
    assert_ne!(drawn(8), of_seven, "another seed");
}

#[test]
fn who_repeats_is_served() {
    for request in 0..1_000 {
        for kind in [Authorization, Settlement] {
            assert_eq!(draw(7, "p", kind, &format!("r{request}"), WEATHER_ATTEMPTS_MAX), None);
        }
    }
}

#[test]
fn every_fault_can_hit_its_call_and_none_lies_about_the_books() {
    let lies = [Fault::SettleTwice, Fault::Forget, Fault::TimeoutThenRefuse { delay_ms: 0 }];
    for kind in [Authorization, Settlement, Refund, Cancellation] {
        for request in 0..5_000 {
            let Some(fault) = draw(11, "p", kind, &format!("r{request}"), 0) else { continue };
            assert!(fault.can_hit(kind) && fault.check().is_ok(), "{kind:?} {fault:?}");
            assert!(lies.iter().all(|lie| discriminant(lie) != discriminant(&fault)), "{fault:?}");
        }
    }
}
