//! Accounts, connectors and the mode that a payment gets.

use tranche_core::command::Command;
use tranche_core::connector::PartialSettlement;
use tranche_core::decision::Reply;
use tranche_core::id::RequestId;
use tranche_core::payment::Mode;

use crate::books::Books;
use crate::commands::{account, capabilities, connector, content};
use crate::language::check;

/// The rejection's name, or `ok`.
fn play(books: &mut Books, command: &Command) -> String {
    match books.play(command) {
        Ok(_) => "ok".to_owned(),
        Err(rejection) => format!("{rejection:?}").split([' ', '(']).next().unwrap().to_owned(),
    }
}

#[test]
fn modes() {
    check(
        "the default is what the connector can do",
        "order 100; pay a 50; pay b 50 ONCE; pay c 50 NONE; pay d 50 max=2; see a mode=Partial; see b mode=Total; see c mode=Total; see d mode=Partial",
    );
    check(
        "the account may choose hold for legacy connectors",
        "account HOLD; heard AccountUpdated; order 100; pay a 50; pay b 50 ONCE; pay c 50 NONE TOTAL; see a mode=Partial; see b mode=Hold; see c mode=Total",
    );
    check(
        "partial needs a connector that can",
        "order 100; pay a 100 PARTIAL ONCE; see a mode=Partial => !ModeNotSupported",
    );
    check("the account may turn it off", "account WHOLE; order 100; pay a 100; see a mode=Total");
    check(
        "partial needs a connector that settles below the authorization",
        "order 100; pay a 100 PARTIAL NONE; see a mode=Partial => !ModeNotSupported",
    );
    for mode in ["PARTIAL", "HOLD", "PARTIAL ONCE", "HOLD NONE"] {
        check(
            "then nothing else can be had, whatever the connector can do",
            &format!(
                "account WHOLE; order 100; pay a 100 {mode}; see a mode=Total => !PartialSettlementDisabled"
            ),
        );
    }
}

#[test]
fn connectors() {
    let several = capabilities(PartialSettlement::Multiple { max: None });
    let once = capabilities(PartialSettlement::Once);
    let written = |request: &str, etag: Option<&str>| {
        let mut command = connector("c", None, once);
        command.request_id = Some(RequestId::trusted(request));
        command.content = content(&(request, etag));
        command.etag = etag.map(str::to_owned);
        Command::WriteConnector(command)
    };
    let mut books = Books::new();
    for (command, expected) in [
        (written("1", None), "ConnectorNotFound"),
        (Command::WriteConnector(connector("c", Some(Mode::Partial), once)), "ModeNotSupported"),
        (Command::WriteConnector(connector("c", Some(Mode::Partial), several)), "ok"),
        (Command::WriteConnector(connector("c", Some(Mode::Partial), several)), "ok"),
        (Command::WriteConnector(connector("c", None, several)), "AlreadyExists"),
        (Command::WriteConnector(connector("c", Some(Mode::Partial), once)), "AlreadyExists"),
        (written("2", Some("7")), "EtagMismatch"),
        (written("2", Some("1")), "ok"),
        (written("2", Some("1")), "ok"),
        (written("2", None), "RequestIdReused"),
        (written("3", None), "ok"),
    ] {
        assert_eq!(play(&mut books, &command), expected, "{command:?}");
    }
    // Each accepted write is told once, and no refused one.
    let told: Vec<String> = books.all.events.iter().map(|event| format!("{:?}", event.kind)).collect();
    let names: Vec<&str> = told.iter().filter_map(|event| event.split(' ').next()).collect();
    assert_eq!(names, ["ConnectorCreated", "ConnectorUpdated", "ConnectorUpdated"]);
}

#[test]
fn accounts() {
    let mut books = Books::new();
    let mut first = account("1");
    first.legacy_mode = Some(Mode::Hold);
    let mut stale = account("2");
    stale.etag = Some("0".to_owned());
    stale.partial_settlement = Some(false);
    let mut other = account("1");
    other.content = content(&"other");
    assert_eq!(play(&mut books, &Command::UpdateAccount(first.clone())), "ok");
    assert_eq!(play(&mut books, &Command::UpdateAccount(stale.clone())), "EtagMismatch");
    assert_eq!(play(&mut books, &Command::UpdateAccount(other)), "RequestIdReused");
    stale.etag = Some("1".to_owned());
    let Ok(Reply::Account(row)) = books.play(&Command::UpdateAccount(stale)).map(|decision| decision.reply)
    else {
        panic!("an account is answered");
    };
    assert_eq!(
        (row.legacy_mode, row.partial_settlement, row.version),
        (Mode::Hold, false, 2),
        "what is absent stays"
    );
    assert_eq!(play(&mut books, &Command::UpdateAccount(first)), "ok", "a replay does not mind the version");
}
