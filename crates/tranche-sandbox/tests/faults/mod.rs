//! Every fault, as a caller meets it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tranche_sandbox::{Fault, FaultRule, SandboxConfig};

use crate::provider::{Provider, settlement, settlements};

/// How often a test looks whether connections are taken again.
const LOOKS_MAX: usize = 2_000;

async fn provider_with(rule: &str) -> Provider {
    let provider = Provider::start().await;
    provider.authorize("p1", "100").await;
    provider.add_fault(rule).await;
    provider
}

#[tokio::test]
async fn an_answer_is_lost_after_booking() {
    let provider = provider_with(r#"{"fault":"lose_answer_after_booking"}"#).await;
    assert_eq!(provider.try_post(&settlements("p1"), &settlement("s1", "20")).await, None);
    assert_eq!(provider.settled("p1").await, "20.00");
    let (status, answer) = provider.settle("p1", "s1", "20").await;
    assert_eq!((status, &answer["settleId"]), (200, &json!("SET-000001")), "a replay is answered");
    assert_eq!(provider.settled("p1").await, "20.00");
    let calls = provider.get("/calls").await.1;
    assert_eq!((&calls[1]["status"], &calls[1]["response"]), (&Value::Null, &Value::Null));
    provider.stop().await;
}

#[tokio::test]
async fn a_timeout_is_refused_for_good() {
    let provider = provider_with(r#"{"fault":{"timeout_then_refuse":{"delay_ms":50}},"times":1}"#).await;
    assert_eq!(provider.try_post(&settlements("p1"), &settlement("s1", "20")).await, None);
    for _ in 0..2 {
        let (status, answer) = provider.settle("p1", "s1", "20").await;
        assert_eq!((status, &answer["code"]), (400, &json!("refused-after-timeout")));
    }
    assert_eq!(provider.settled("p1").await, "0.00");
    assert_eq!(provider.settle("p1", "s2", "20").await.0, 200);
    provider.stop().await;
}

#[tokio::test]
async fn a_held_call_is_let_go_at_shutdown() {
    let provider = provider_with(r#"{"fault":"timeout_then_refuse"}"#).await;
    let held = provider.request(Method::POST, &settlements("p1")).body(settlement("s1", "20")).send();
    let held = tokio::spawn(held);
    while provider.payment("p1").await.calls.settlement == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    provider.stop().await;
    assert!(held.await.unwrap().is_err());
}

#[tokio::test]
async fn less_is_settled() {
    let provider = provider_with(r#"{"fault":"settle_less","times":1}"#).await;
    provider.add_fault(r#"{"fault":{"settle_less":{"less_by":"5.50"}},"paymentId":"p2"}"#).await;
    provider.authorize_with("p2", "100", "KWD", "MULTIPLE").await;
    assert_eq!(provider.settle("p1", "s1", "20").await.1["value"].to_string(), "19.99");
    assert_eq!(provider.settle("p1", "s2", "20").await.1["value"].to_string(), "20.00");
    assert_eq!(provider.settle("p2", "s1", "20").await.1["value"].to_string(), "14.500");
    assert_eq!(provider.settled("p1").await, "39.99");
    provider.stop().await;
}

#[tokio::test]
async fn more_is_settled() {
    let provider = provider_with(r#"{"fault":"settle_more","times":1}"#).await;
    provider.add_fault(r#"{"fault":{"settle_more":{"more_by":"5.50"}},"paymentId":"p2"}"#).await;
    provider.authorize_with("p2", "20", "KWD", "MULTIPLE").await;
    assert_eq!(provider.settle("p1", "s1", "20").await.1["value"].to_string(), "20.01");
    assert_eq!(provider.settle("p1", "s1", "20").await.1["value"].to_string(), "20.01", "so is a replay");
    assert_eq!(provider.settle("p1", "s2", "20").await.1["value"].to_string(), "20.00");
    assert_eq!(provider.settle("p2", "s1", "20").await.1["value"].to_string(), "25.500");
    assert_eq!(provider.settled("p2").await, "25.500", "even beyond the authorization");
    provider.stop().await;
}

#[tokio::test]
async fn money_moves_twice() {
    let provider = provider_with(r#"{"fault":"settle_twice"}"#).await;
    assert_eq!(provider.settle("p1", "s1", "60").await.1["settleId"], "SET-000001");
    let books = provider.payment("p1").await;
    let booked = books.settlements.iter().map(|settlement| (&*settlement.settle_id, &*settlement.request_id));
    assert_eq!(booked.collect::<Vec<_>>(), [("SET-000001", "s1"), ("SET-000002", "s1")]);
    assert_eq!(books.settled.to_string(), "120.00");
    provider.stop().await;
}

#[tokio::test]
async fn a_success_is_forgotten() {
    let provider = provider_with(r#"{"fault":"forget"}"#).await;
    let first = provider.settle("p1", "s1", "60").await;
    assert_eq!((first.0, &first.1["settleId"]), (200, &json!("SET-000001")));
    assert_eq!(provider.settle("p1", "s1", "60").await, first);
    assert_eq!(provider.settled("p1").await, "0.00");
    provider.stop().await;
}

#[tokio::test]
async fn an_answer_is_given_verbatim() {
    let answer = r#"{"fault":{"answer":{"status":501,"body":{"code":"cancel-manually","value":0.10}}},
        "kind":"cancellation"}"#;
    let provider = provider_with(answer).await;
    let text = r#"{"fault":{"answer":{"status":502,"body":"<html>"}},"kind":"settlement","times":1}"#;
    provider.add_fault(text).await;
    let canceled = provider.try_post("/payments/p1/cancellations", r#"{"requestId":"c1"}"#).await;
    assert_eq!(canceled, Some((501, r#"{"code":"cancel-manually","value":0.10}"#.to_owned())));
    let settled = provider.try_post(&settlements("p1"), &settlement("s1", "60")).await;
    assert_eq!(settled, Some((502, "<html>".to_owned())));
    assert_eq!(provider.settled("p1").await, "0.00");
    assert_eq!(provider.settle("p1", "s1", "60").await.0, 200);
    provider.stop().await;
}

#[tokio::test]
async fn an_operation_is_pending() {
    let provider = provider_with(r#"{"fault":"pending","times":2,"kind":"settlement"}"#).await;
    provider.add_fault(r#"{"fault":{"pending":{"calls":1}},"kind":"cancellation"}"#).await;
    for expected in [Value::Null, Value::Null, json!("SET-000001")] {
        let (status, answer) = provider.settle("p1", "s1", "60").await;
        assert_eq!((status, &answer["settleId"]), (200, &expected));
    }
    for expected in [Value::Null, json!("CAN-000001")] {
        let (status, answer) = provider.post("/payments/p1/cancellations", r#"{"requestId":"c1"}"#).await;
        assert_eq!((status, &answer["cancellationId"]), (200, &expected));
    }
    provider.stop().await;
}

#[tokio::test]
async fn an_answer_is_late() {
    let provider = provider_with(r#"{"fault":{"latency_ms":600000},"times":1}"#).await;
    let impatient = provider.request(Method::POST, &settlements("p1")).body(settlement("s1", "20"));
    assert!(impatient.timeout(Duration::from_millis(300)).send().await.is_err());
    assert_eq!(provider.settled("p1").await, "20.00");
    assert_eq!(provider.settle("p1", "s1", "20").await.0, 200);
    provider.stop().await;
}

/// Nobody is let in for a while, not even to see whether it is over, and then all is as before.
#[tokio::test]
async fn connections_are_refused_for_a_while() {
    let provider = provider_with(r#"{"fault":"refuse-connections-ms=2000","times":1}"#).await;
    let idle = provider.request(Method::GET, "/books").send().await.unwrap();
    assert_eq!(idle.status().as_u16(), 200);
    assert_eq!(provider.try_post(&settlements("p1"), &settlement("s1", "20")).await, None);
    let (mut refused, mut settled) = (0, None);
    for _ in 0..LOOKS_MAX {
        match provider.request(Method::POST, &settlements("p1")).body(settlement("s1", "20")).send().await {
            Ok(answer) => {
                settled = Some(answer.status().as_u16());
                break;
            }
            // The first may still meet the listener, or a connection that is just being hung up.
            Err(error) => refused += u32::from(error.is_connect()),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(settled, Some(200));
    assert!(refused > 0, "connections were refused");
    let books = provider.payment("p1").await;
    assert_eq!((books.settled.to_string(), books.calls.settlement), ("20.00".to_owned(), 2));
    provider.stop().await;
}

#[tokio::test]
async fn rules_are_listed_counted_and_cleared() {
    let config = SandboxConfig { fault: Some(Fault::SettleTwice), ..SandboxConfig::default() };
    let provider = Provider::with(config).await;
    provider.authorize("p1", "100").await;
    provider.add_fault(r#"{"fault":"settle_less","times":2,"kind":"settlement"}"#).await;
    provider.settle("p1", "s1", "20").await;
    let rules = provider.get("/faults").await.1;
    let expected = json!([
        { "kind": "settlement", "times": 1, "fault": { "settle_less": {} } },
        { "fault": "settle_twice" },
    ]);
    assert_eq!(rules, expected);
    let typed: Vec<FaultRule> = serde_json::from_value(rules).unwrap();
    assert_eq!(serde_json::to_value(typed).unwrap(), expected);

    let cleared = provider.request(Method::DELETE, "/faults").send().await.unwrap();
    assert_eq!(cleared.status().as_u16(), 204);
    assert_eq!(provider.get("/faults").await.1, json!([]));
    provider.settle("p1", "s2", "20").await;
    assert_eq!(provider.settled("p1").await, "39.99");
    provider.stop().await;
}

#[tokio::test]
async fn rules_that_cannot_be_are_refused() {
    let provider = Provider::start().await;
    for (body, message) in [
        ("7", "must be a rule or a list"),
        ("{}", "rule 0: missing field `fault`"),
        (r#"[{"fault":"forget"},{"fault":"explode"}]"#, "rule 1: there is no fault 'explode'"),
        (r#"[{"fault":"settle_twice","kind":"refund"}]"#, "rule 0: this fault hits settlements only"),
        (r#"[{"fault":"forget","times":0}]"#, "times must be above 0"),
        (r#"[{"fault":{"latency_ms":600001}}]"#, "at most 600000"),
        (r#"[{"fault":{"answer":{"status":99,"body":null}}}]"#, "200 to 599"),
        (r#"[{"fault":{"settle_less":{"less_by":0.05}}}]"#, "expected a string"),
        (r#"[{"fault":{"settle_more":{"more_by":"0"}}}]"#, "more_by must be above 0"),
        (r#"[{"fault":{"refund_less":{"less_by":"-1"}}}]"#, "less_by must be above 0"),
        (r#"[{"fault":{"refund_more":{"more_by":"1000000000000000001"}}}]"#, "at most 1000000000000000000"),
        (r#"[{"fault":"refund_more","kind":"settlement"}]"#, "this fault hits refunds only"),
        (r#"[{"fault":"cancel_manually","kind":"refund"}]"#, "this fault hits cancellations only"),
        (r#"[{"fault":"value_zero","kind":"cancellation"}]"#, "this fault hits settlements and refunds only"),
        (r#"[{"fault":"refuse=500"}]"#, "must be 400, 404, 409 or 422"),
        (r#"[{"fault":{"refuse":{"status":401}}}]"#, "must be 400, 404, 409 or 422"),
        (r#"[{"fault":"server-error=501"}]"#, "must be 500 to 599, and not 501"),
        (r#"[{"fault":{"too_many_requests":{"retry_after_seconds":86401}}}]"#, "at most 86400 seconds"),
        (r#"[{"fault":{"forbidden":{"retry_after_seconds":-1}}}]"#, "invalid number"),
        (r#"[{"fault":"latency-ms"}]"#, "needs a number"),
        (r#"[{"fault":"refuse-connections-ms"}]"#, "needs a number"),
        (r#"[{"fault":"refuse-connections-ms=600001"}]"#, "at most 600000"),
        (r#"[{"fault":"weather"}]"#, "needs a seed"),
        (r#"[{"fault":"weather=-1"}]"#, "'-1' is no number"),
        (r#"[{"fault":"unauthorized=soon"}]"#, "'soon' is no number that can follow 'unauthorized'"),
        (r#"[{"fault":"forget=7"}]"#, "nothing follows the name 'forget'"),
        (r#"[{"fault":"forget","often":1}]"#, "unknown field `often`"),
    ] {
        let (status, answer) = provider.post("/faults", body).await;
        assert_eq!((status, &answer["code"]), (400, &json!("malformed")), "{body}");
        let said = answer["message"].as_str().unwrap();
        assert!(said.contains(message), "{said}");
    }
    assert_eq!(provider.get("/faults").await.1, json!([]));
    provider.stop().await;
}

#[test]
fn faults_have_names_for_a_command_line() {
    let page = include_str!("../../../../docs/SANDBOX.md");
    for (listed, _) in Fault::NAMES {
        let name = listed
            .replace("[=STATUS]", "")
            .replace("[=SECONDS]", "=7")
            .replace("=N", "=200")
            .replace("=SEED", "=7");
        assert!(name.parse::<Fault>().is_ok(), "{name}");
        assert!(page.contains(&format!("`\"{listed}\"`")), "docs/SANDBOX.md misses {listed}");
    }
    assert_eq!("settle_twice".parse(), Ok(Fault::SettleTwice));
    assert_eq!("refuse=409".parse(), Ok(Fault::Refuse { status: 409 }));
    assert_eq!(
        r#"{"server_error":{"status":503,"booked":true}}"#.parse(),
        Ok(Fault::ServerError { status: 503, booked: true })
    );
    assert!("latency-ms=soon".parse::<Fault>().is_err());
    assert!(r#"{"server_error":{"status":501}}"#.parse::<Fault>().is_err());
    assert!("explode".parse::<Fault>().unwrap_err().to_string().contains("settle-twice"));
}
