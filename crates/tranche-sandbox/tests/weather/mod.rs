//! Weather, as a caller meets it: the same for the same seed, and over in the end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tranche_sandbox::SandboxConfig;
use tranche_sandbox::bounds::{DECISION_DELAY_MS_MAX, WEATHER_ATTEMPTS_MAX};

use crate::provider::Provider;

const PAYMENTS: [&str; 2] = ["p1", "p2"];
/// Each payment's settlements and cancellations, of 1.00 each.
const REQUESTS: usize = 12;

/// A payment, the kind of call, a request of it, and which attempt of that.
type Attempt = (&'static str, &'static str, usize, u32);

/// What every attempt was told; the ids that the sandbox makes follow the order of the calls, and are left out.
type Told = BTreeMap<Attempt, String>;

fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for payment in PAYMENTS {
        for kind in ["settlements", "cancellations"] {
            for request in 0..REQUESTS {
                attempts.extend((0..=WEATHER_ATTEMPTS_MAX).map(|attempt| (payment, kind, request, attempt)));
            }
        }
    }
    attempts
}

async fn told(provider: &Provider, attempts: &[Attempt]) -> Told {
    for payment in PAYMENTS {
        provider.authorize(payment, "100").await;
    }
    let mut told = Told::new();
    for asked in attempts {
        let (payment, kind, request, _) = asked;
        let body = format!(r#"{{"requestId":"{kind}-{request}","value":1.00}}"#);
        let answer = provider.try_post(&format!("/payments/{payment}/{kind}"), &body).await;
        let text = answer.map_or_else(|| "lost".to_owned(), |(status, text)| without_id(status, &text));
        told.insert(*asked, text);
    }
    told
}

fn without_id(status: u16, text: &str) -> String {
    let Ok(mut answer) = serde_json::from_str::<Value>(text) else { return format!("{status} {text}") };
    for id in ["settleId", "cancellationId"] {
        if let Some(made) = answer.get_mut(id).filter(|made| made.is_string()) {
            *made = json!("made");
        }
    }
    format!("{status} {answer}")
}

async fn run(seed: u64, attempts: &[Attempt]) -> Told {
    let fault = Some(format!("weather={seed}").parse().unwrap());
    let provider = Provider::with(SandboxConfig { fault, ..SandboxConfig::default() }).await;
    let told = told(&provider, attempts).await;
    expect_honest_books(&provider, &told).await;
    provider.stop().await;
    told
}

/// What the last attempts were told is what is booked, to the cent, and nothing is booked twice.
async fn expect_honest_books(provider: &Provider, told: &Told) {
    for payment in PAYMENTS {
        let books = provider.payment(payment).await;
        let last = told.iter().filter(|((of, kind, _, attempt), _)| {
            *of == payment && *kind == "settlements" && *attempt == WEATHER_ATTEMPTS_MAX
        });
        let values = last.map(|(attempt, text)| {
            let (status, answer) = text.split_once(' ').unwrap();
            assert_eq!(status, "200", "{attempt:?}: who repeats is served, not {text}");
            let answer: Value = serde_json::from_str(answer).unwrap();
            answer["value"].to_string().parse::<Decimal>().unwrap()
        });
        assert_eq!(books.settled, values.sum(), "{payment}");
        assert_eq!(books.canceled, Decimal::from(REQUESTS), "{payment}: cancellations of 1.00");
    }
}

#[tokio::test]
async fn a_seed_brings_the_same_weather_whatever_the_order() {
    let in_order = attempts();
    // The last payment's last request first, and all first attempts before all second ones.
    let mut otherwise = in_order.clone();
    otherwise.reverse();
    otherwise.sort_by_key(|(_, _, _, attempt)| *attempt);
    let (first, second) = tokio::join!(run(7, &in_order), run(7, &otherwise));
    assert_eq!(first, second);
    let fair = |told: &Told| told.values().filter(|text| text.starts_with("200 {")).count();
    assert!(fair(&first) < first.len(), "not every day is fair: {first:?}");
    assert_ne!(run(8, &in_order).await, first, "another seed");
}

/// Weather over authorizations: whoever repeats gets an answer in the end, the same for the same seed, and the books are
/// what it says.
#[tokio::test]
async fn a_seed_brings_the_same_authorizations() {
    async fn authorized(seed: u64, payments: &[usize]) -> BTreeMap<usize, Vec<String>> {
        // Nothing is decided by itself while the test runs.
        let config = SandboxConfig { decides_after_ms: DECISION_DELAY_MS_MAX, ..SandboxConfig::default() };
        let provider = Provider::with(config).await;
        provider.add_fault(&format!(r#"{{"fault":"weather={seed}","kind":"authorization"}}"#)).await;
        let mut told: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for _ in 0..=WEATHER_ATTEMPTS_MAX {
            for payment in payments {
                let body = format!(r#"{{"paymentId":"p{payment}","currency":"BRL","value":100}}"#);
                let answer = provider.try_post("/payments", &body).await;
                let text = answer.map_or_else(
                    || "lost".to_owned(),
                    |(status, text)| {
                        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
                        format!("{status} {}", answer["status"])
                    },
                );
                told.entry(*payment).or_default().push(text);
            }
        }
        for (payment, told) in &told {
            let status = provider.get(&format!("/books/p{payment}")).await.1["status"].clone();
            assert_eq!(told.last(), Some(&format!("200 {status}")), "p{payment}: {told:?}");
        }
        provider.stop().await;
        told
    }
    let payments: Vec<usize> = (0..60).collect();
    let backwards: Vec<usize> = payments.iter().rev().copied().collect();
    let (first, second) = tokio::join!(authorized(7, &payments), authorized(7, &backwards));
    assert_eq!(first, second);
    for word in ["lost", "200 \"approved\"", "200 \"undefined\"", "502 \"error\"", "429 \"error\""] {
        assert!(first.values().flatten().any(|told| told == word), "{word} is in none of {first:?}");
    }
    assert_ne!(authorized(8, &payments).await, first, "another seed");
}

/// Weather is a rule like any other: it hits the payment that it names, and counts the faults.
#[tokio::test]
async fn weather_comes_over_one_payment_and_passes() {
    let provider = Provider::start().await;
    provider.add_fault(r#"{"fault":"weather=7","paymentId":"p1","kind":"settlement","times":2}"#).await;
    let rules = json!([{ "paymentId": "p1", "kind": "settlement", "times": 2,
        "fault": { "weather": { "seed": 7 } } }]);
    assert_eq!(provider.get("/faults").await.1, rules);
    let told = told(&provider, &attempts()).await;
    let foul = told.iter().filter(|(_, text)| !text.starts_with("200") || text.contains("pending"));
    let foul: Vec<_> = foul.map(|((payment, kind, ..), _)| (*payment, *kind)).collect();
    assert!(foul.len() <= 2 && foul.iter().all(|of| *of == ("p1", "settlements")), "{told:?}");
    assert_eq!(provider.get("/faults").await.1, json!([]), "two faults happened");
    provider.stop().await;
}

/// A request that was booked is answered as it was, however often it is repeated.
#[tokio::test]
async fn replays_of_booked_requests_meet_no_weather() {
    let provider = Provider::start().await;
    provider.authorize("p1", "100").await;
    let first = provider.settle("p1", "s1", "20").await;
    for seed in 0..10 {
        provider.add_fault(&format!(r#"{{"fault":"weather={seed}"}}"#)).await;
        for _ in 0..3 {
            assert_eq!(provider.settle("p1", "s1", "20").await, first);
        }
        assert_eq!(provider.settle("p1", "much", "200").await.1["code"], "above-authorized");
    }
    provider.stop().await;
}
