//! The callback route attacked: what is forged, foreign, cut off, huge or slow changes nothing and says so in the log.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tranche_sdk::v1::payment;
use tranche_tests::patience::{eventually, must};
use tranche_tests::shop::money;
use tranche_tests::world::{DatabaseKind, World};

use super::fixture::{Asked, Callbacks, approval, connect, requested};
use super::stands;

/// How long a connection that says nothing may live, and some.
const SILENCE_MAX: Duration = Duration::from_secs(15);

on_both_databases!(nothing_but_the_truth_is_heard);

async fn nothing_but_the_truth_is_heard(database: DatabaseKind) {
    let callbacks = Callbacks::new();
    let world = callbacks.world(database).await;
    let shop = world.shop();
    connect(&shop, "acquirer", "UNDEFINED").await;
    connect(&shop, "other", "APPROVED").await;
    shop.order("o", "100.00", "BRL").await.unwrap();
    let payments = vec![requested("gift", "acquirer", "30.00"), requested("card", "acquirer", "70.00")];
    shop.create_transaction("o", payments).await.unwrap();
    let (gift, card) = (callbacks.asked(&world, "gift").await, callbacks.asked(&world, "card").await);
    eventually("both are undecided", async || {
        let operations = shop.operations("o").await.unwrap();
        let all = operations.iter().all(|row| row.attempts >= 2);
        all.then_some(()).ok_or(format!("{operations:?}"))
    })
    .await;
    forged(&callbacks, &world, &gift, &card).await;
    malformed(&callbacks, &world, &card).await;
    let transaction = shop.see_transaction("o").await.unwrap();
    let states: Vec<_> = transaction.payments.iter().map(payment_state).collect();
    assert_eq!(states, [payment::State::Authorizing; 2]);
    assert_eq!(transaction.authorized, Some(money("0.00", "BRL")));
    let log = world.log(0);
    for reason in [
        "the signature is missing or not ours",
        "there is no such path",
        "the method is not POST",
        "its paymentId is",
        "its body is no JSON object",
        "its status is 'captured'",
        "the body is too large",
        "the body broke off",
        "the request could not be read",
    ] {
        assert!(log.contains(reason), "{reason} is not in the log");
    }
    // Whoever knows the address and tells the truth is heard all the same.
    assert_eq!(callbacks.post(&world, &card.path, &approval(&card.payment_id, "AUT-000002")).await, 200);
    stands(&shop, "o", "card", payment::State::Authorized).await;
}

fn payment_state(row: &tranche_sdk::v1::Payment) -> payment::State {
    row.state()
}

async fn forged(callbacks: &Callbacks, world: &World, gift: &Asked, card: &Asked) {
    let approved = approval(&card.payment_id, "AUT-666");
    let path = |text: &str| card.path.replace(&card.signature, text);
    let without = card.path.split('?').next().unwrap_or_default().to_owned();
    let last = if card.signature.ends_with('0') { "1" } else { "0" };
    let flipped = format!("{}{last}", &card.signature[..31]);
    for (forged, status) in [
        (path(&flipped), 403),
        (path(&gift.signature), 403),
        (path(""), 403),
        (path(&card.signature[..31]), 403),
        (path(&format!("{}0", card.signature)), 403),
        (path(&card.signature.to_uppercase().replace(|letter: char| letter.is_ascii_digit(), "A")), 403),
        (without, 403),
        (card.path.replace("/o-o/", "/o-p/"), 403),
        (card.path.replace("/a-default/", "/a-other/"), 403),
        (card.path.replace("/callbacks/", "/elsewhere/"), 404),
        ("/".to_owned(), 404),
    ] {
        assert_eq!(callbacks.post(world, &forged, &approved).await, status, "{forged}");
    }
}

async fn malformed(callbacks: &Callbacks, world: &World, card: &Asked) {
    let ours = &card.payment_id;
    for (body, status) in [
        (approval("another", "AUT-666"), 400),
        (r#"{"status":"approved","authorizationId":"AUT-666"}"#.to_owned(), 400),
        (format!(r#"{{"paymentId":"{ours}","status":"captured"}}"#), 400),
        (approval(ours, "AUT-666").replace('}', ""), 400),
        ("<html>".to_owned(), 400),
        ("x".repeat(65 * 1024), 413),
    ] {
        let shown = body.chars().take(80).collect::<String>();
        assert_eq!(callbacks.post(world, &card.path, &body).await, status, "{shown}");
    }
    let address = Callbacks::address(world);
    let say = async |text: String| {
        let mut stream = must("a connection", TcpStream::connect(address).await);
        must("a word", stream.write_all(text.as_bytes()).await);
        stream
    };
    let head = format!("POST {} HTTP/1.1\r\nhost: x\r\n", card.path);
    // Read, refused, and answered with no more than a status.
    for (text, expected) in [
        (format!("GET {} HTTP/1.1\r\nhost: x\r\n\r\n", card.path), "HTTP/1.1 404"),
        (format!("{head}content-length: 99999999999\r\n\r\n"), "HTTP/1.1 413"),
        (format!("{head}x: {}\r\n\r\n", "y".repeat(32 * 1024)), "HTTP/1.1 431"),
        (format!("{head}{}\r\n", "x: y\r\n".repeat(200)), "HTTP/1.1 431"),
        ("no HTTP at all\r\n\r\n".to_owned(), "HTTP/1.1 400"),
    ] {
        let mut stream = say(text).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(SILENCE_MAX, stream.read_to_end(&mut answer)).await;
        // The rest of a request that nobody reads may reset the connection after the answer.
        let _ = must(expected, read.map_err(|_| "no answer in time"));
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with(expected), "{expected}: {answer}");
    }
    // Cut off in the middle of the body.
    let body = approval(ours, "AUT-666");
    let cut = say(format!("{head}content-length: {}\r\n\r\n{body}", body.len() + 1)).await;
    drop(cut);
    // Silent for ever: before the end of the headers, and before the end of the body. Both are closed.
    for text in [head.clone(), format!("{head}content-length: {}\r\n\r\n{body}", body.len() + 1)] {
        let mut stream = say(text).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(SILENCE_MAX, stream.read_to_end(&mut answer)).await;
        let _ = must("a silent connection", read.map_err(|_| "it is kept"));
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}
