//! The Payment Provider Protocol: calls to requests, responses to answers.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use http::{HeaderMap, StatusCode};
use tranche_connectors::ppp::{request, response};
use tranche_core::operation::OperationKind::{Cancellation, Refund, Settlement};

use crate::calls::{call, settings};
use crate::texts::{answer, page_large, settled, settled_large};

pub(crate) fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ppp request");
    let settings = settings();
    for kind in [Settlement, Refund, Cancellation] {
        let call = call(kind);
        let request = request::build(&settings, &call).unwrap();
        assert!(request.body.contains(r#""value":19.99"#), "{request:?}");
        group.bench_function(kind.name(), |bencher| {
            bencher.iter(|| request::build(black_box(&settings), black_box(&call)));
        });
    }
    group.finish();
}

pub(crate) fn responses(criterion: &mut Criterion) {
    let pending = answer(r#""settleId":null,"value":0,"code":"pending","message":"Ask again""#);
    let refused = r#"{"status":"error","code":"51","message":"The authorization has expired"}"#.to_owned();
    let page = "<html><body>Bad gateway</body></html>".to_owned();
    let rows = [
        ("done", StatusCode::OK, settled(), "done"),
        ("refused", StatusCode::BAD_REQUEST, refused, "refused"),
        ("pending", StatusCode::OK, pending, "pending"),
        ("unreadable", StatusCode::OK, page, "unknown"),
        ("done, 64 KiB", StatusCode::OK, settled_large(), "done"),
        ("unreadable, 64 KiB", StatusCode::OK, page_large(), "unknown"),
    ];
    let mut group = criterion.benchmark_group("ppp response");
    let (call, headers) = (call(Settlement), HeaderMap::new());
    for (name, status, body, meaning) in rows {
        let answer = response::read(&call, status, &headers, body.as_bytes());
        assert_eq!(answer.meaning(), meaning, "{name}: {answer:?}");
        group.throughput(Throughput::Bytes(u64::try_from(body.len()).unwrap()));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                response::read(black_box(&call), black_box(status), &headers, black_box(body.as_bytes()))
            });
        });
    }
    group.finish();
}
