//! The page about the sandbox, played as it stands: what it shows is what works.

use serde_json::{Value, json};
use tranche_tests::grpcurl::Grpcurl;
use tranche_tests::patience::eventually;
use tranche_tests::world::{DatabaseKind, World};

use super::call;
use crate::PROGRAM;

const PAGE: &str = include_str!("../../../docs/SANDBOX.md");
/// Where the page says that the sandbox listens.
const SANDBOX: &str = "http://127.0.0.1:50052";

/// The commands of the page's shell blocks, in their words.
fn commands(page: &str) -> Vec<Vec<String>> {
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(words).collect()
}

/// Reads what a shell would: quotes keep words together, and a line that ends with a backslash goes on.
fn words(block: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let (mut word, mut is_quoted) = (String::new(), false);
    for character in block.replace("\\\n", " ").chars() {
        match character {
            '\'' => is_quoted = !is_quoted,
            other if is_quoted || !other.is_whitespace() => word.push(other),
            space => {
                if let Some(command) = commands.last_mut().filter(|_| !word.is_empty()) {
                    command.push(std::mem::take(&mut word));
                }
                if space == '\n' {
                    commands.push(Vec::new());
                }
            }
        }
    }
    commands.retain(|command| !command.is_empty());
    commands
}

async fn explained(grpcurl: &Grpcurl) -> String {
    let told = call(grpcurl, "OrderService/ExplainOrder", &json!({ "order_id": "order-1" })).await;
    told["text"].as_str().unwrap().to_owned()
}

pub(super) async fn the_page_about_the_sandbox_is_played(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let grpcurl = Grpcurl::new(world.url().trim_start_matches("http://"));
    let played = commands(PAGE);
    for command in &played {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["curl", url, rest @ ..] => {
                let path = url.strip_prefix(SANDBOX).unwrap();
                let body: Option<Value> = rest.get(1).map(|body| serde_json::from_str(body).unwrap());
                world.provider().ask(path, body.as_ref()).await;
            }
            ["grpcurl", "-plaintext", "-d", body, _, method] => {
                grpcurl.ask(Some(&body.replace(SANDBOX, world.provider().url())), &[method]).await;
                if method.ends_with("NotifyInvoice") {
                    eventually("the provider has answered", async || {
                        let text = explained(&grpcurl).await;
                        if text.contains("being settled") { Err(text) } else { Ok(()) }
                    })
                    .await;
                }
            }
            other => panic!("no command of the page: {other:?}"),
        }
    }
    assert!(played.len() >= 10, "{played:?}");
    let text = explained(&grpcurl).await;
    for sentence in [
        "20.00 BRL is invoiced and settled on card.",
        "30.00 BRL is invoiced and was not obtained from card: the provider refused; an operator decides what follows",
    ] {
        assert!(text.contains(sentence), "{text}");
    }
}
