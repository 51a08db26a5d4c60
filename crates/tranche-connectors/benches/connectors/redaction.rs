//! What is kept of a response: its body and its headers, without the secrets of the call and whatever looks like one.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use http::HeaderMap;
use tranche_connectors::bounds::EXCHANGE_BODY_BYTES_MAX;
use tranche_connectors::redaction::Redaction;

use crate::texts::{answer, names_large, page_large, secrets_large, settled, settled_large};

pub(crate) fn measure(criterion: &mut Criterion) {
    let secrets = ["key-of-the-shop-0001", "token-of-the-shop-00000000000001"];
    let redaction = Redaction::of(secrets.map(str::to_owned));
    let card = answer(r#""settleId":"settle-0000000001","value":19.99,"message":"4444 3333 2222 1111""#);
    let rows = [
        ("body", settled(), false),
        ("body, with a card", card, true),
        ("body, 64 KiB", settled_large(), false),
        ("page, 64 KiB", page_large(), false),
        ("secrets, 64 KiB", secrets_large(), true),
        ("names, 64 KiB", names_large(), false),
    ];
    let mut group = criterion.benchmark_group("redaction");
    for (name, body, is_changed) in rows {
        let kept = redaction.body(body.as_bytes());
        assert!(kept.len() <= EXCHANGE_BODY_BYTES_MAX, "{name}: {} bytes", kept.len());
        assert_eq!(kept.contains("[redacted]"), is_changed, "{name}: {kept}");
        group.throughput(Throughput::Bytes(u64::try_from(body.len()).unwrap()));
        group.bench_function(name, |bencher| {
            bencher.iter(|| redaction.body(black_box(body.as_bytes())));
        });
    }
    group.finish();
    headers(criterion, &redaction);
}

fn headers(criterion: &mut Criterion, redaction: &Redaction) {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("content-length", "250"),
        ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("server", "nginx"),
        ("set-cookie", "session=1f0c; Path=/; HttpOnly"),
        ("x-request-id", "019b7a3e-4c00-7000-8000-000000000001"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    let kept = redaction.headers(&headers);
    assert!(kept.contains("set-cookie: [redacted]"), "{kept}");
    criterion.bench_function("redaction/headers", |bencher| {
        bencher.iter(|| redaction.headers(black_box(&headers)));
    });
}
