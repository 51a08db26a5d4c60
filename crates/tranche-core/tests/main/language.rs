//! The tables' language: events, each with what it starts or how it is refused.
//!
//! `order 10000; pay card 10000 TOTAL ONCE; invoice A 2000 => settle card 10000; done; invoice B 1 => -`
//!
//! After `=>`: `-` for nothing, the operations started, or `!Rejection field=minor`. Without `=>` an event must be
//! accepted. `card#1` is the first operation of the payment card.
//!
//! * `order VALUE [LINE:QUANTITY]… [POLICY]…`, `pay ID AUTHORIZED [MODE] [CAPABILITY]… [minimum=VALUE] [ends=SECONDS]`,
//!   `account SETTING…`
//! * `invoice NUMBER VALUE [PAYMENT:VALUE]… [/LINE:QUANTITY]…`, `validate …` the same without writing, `return …` the same of
//!   an input invoice, `void NUMBER`, `track NUMBER COURIER`, `tracked NUMBER COURIER`
//! * `change REQUEST [+AMOUNT | -AMOUNT] [+LINE:QUANTITY]… [-LINE:QUANTITY]… [expect=VALUE] [etag=VERSION]`, `plan …` the same
//!   without writing, `cancel [etag=VERSION]`, `add …` as `pay`, `release [PAYMENT] [AMOUNT]`; but for changes, each event
//!   is a request of its own
//! * `done` all calls on the wire, `quiet` until nothing is due; `done OP [VALUE] [+SURPLUS] [@ATTEMPT]`
//! * `refused OP`, `pending OP`, `manual OP`, `unknown OP`, `no-answer OP [SECONDS]`, each with `[@ATTEMPT]`
//!   Started is also what ends unsent: `lack card 500` what nobody is asked for, `settle card 500 already` what a provider
//!   did unasked
//! * `approved OP [AUTHORIZATION] [max=VALUE]`, `denied OP`, `undecided OP [SECONDS]`, each with `[@ATTEMPT]`, of an
//!   authorization; `callback PAYMENT` and the same, or `again`; a payment with `ASKED` is to be authorized
//! * of operators: `retry OP`, `resolve OP done [VALUE] [as=ID]`, `resolve OP retry`, `resolve OP give-up`,
//!   `resolve OP move [PAYMENT]`, `resolve OP real`, `resolve OP unreal`, `adopt PAYMENT VALUE ID`
//! * `look PAYMENT` whether its authorization ends, `lease OP`, `wait SECONDS`, `calls COUNT`, `connectors PAYMENT:COUNT…` what the connector of each takes, `see …`
//!   (see `sight.rs`), `heard EVENT`
//! * `shares NUMBER => card#1 2000/2500` what each operation did for an invoice, of what it was asked for it

use std::time::Duration;

use tranche_core::account::{Allocation, RefundOrder, ReleasePolicy};
use tranche_core::change::RemovedLine;
use tranche_core::command::{ChangeOrder, Command, FollowUp, NewAuthorization, NewPayment, Resolution};
use tranche_core::connector::{Capabilities, PartialSettlement, Refunds, Remainder};
use tranche_core::decision::{ConnectorCalls, Reply};
use tranche_core::event::Event;
use tranche_core::id::{ConnectorId, LineId, PaymentId};
use tranche_core::money::Money;
use tranche_core::operation::{Operation, OperationKind, OperationState};
use tranche_core::payment::Mode;
use tranche_core::rejection::Rejection;

use crate::books::Books;
use crate::{commands, invariants, sight};

/// Plays the events of `script` and compares what they start.
pub(crate) fn check(name: &str, script: &str) {
    played(name, script);
}

/// As [`check`], and the books as they are afterwards.
pub(crate) fn played(name: &str, script: &str) -> Books {
    let mut scene = Scene::new();
    for row in script.split(';').map(str::trim).filter(|row| !row.is_empty()) {
        let (event, expected) = match row.split_once("=>") {
            Some((event, expected)) => (event.trim(), Some(expected.trim())),
            None => (row, None),
        };
        let words: Vec<&str> = event.split_whitespace().collect();
        let seen = scene.play(&words);
        match (&seen, expected) {
            (Ok(_), None) => {}
            (Err(rejection), Some(expected)) if is_like(rejection, expected) => {}
            (Ok(started), Some(expected)) if started.join(", ") == expected.trim_start_matches('-') => {}
            _ => panic!("{name}: {row}\n    saw {seen:?}"),
        }
        invariants::check(&scene.books, &format!("{name}: {row}"));
    }
    scene.books
}

fn is_like(rejection: &Rejection, expected: &str) -> bool {
    let text = format!("{rejection:?}").replace("Some(Money", "Money");
    let mut words = expected.split_whitespace();
    let is_named = words.next().and_then(|word| word.strip_prefix('!'));
    let is_named = is_named.is_some_and(|name| text.split([' ', '(']).next() == Some(name));
    is_named
        && words.all(|word| match word.split_once('=') {
            Some((field, minor)) => {
                text.contains(&format!("{field}: Money {{ currency: BRL, minor: {minor} }}"))
            }
            None => text.contains(word),
        })
}

/// Names, each with a number.
type Named<'a> = Vec<(&'a str, i64)>;

/// The lines and the legs of an invoice.
fn parts<'a>(words: &[&'a str]) -> (Named<'a>, Named<'a>) {
    let (lines, legs): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.starts_with('/'));
    (lines.iter().map(|word| pair(&word[1..])).collect(), legs.into_iter().map(pair).collect())
}

fn change(request: &str, words: &[&str]) -> ChangeOrder {
    let mut change = commands::change(request);
    for word in words {
        let (sign, rest) = word.split_at(1);
        match (sign, rest.split_once(':'), word.split_once('=')) {
            (_, _, Some(("expect", value))) => change.expected_value = Some(value.parse().unwrap()),
            (_, _, Some(("etag", version))) => change.etag = Some(version.to_owned()),
            ("+", Some((line, quantity)), _) => {
                change.added_lines.push(commands::line(line, quantity.parse().unwrap(), 1));
            }
            ("-", Some((line, quantity)), _) => {
                let (line_id, quantity) = (LineId::trusted(line), quantity.parse().unwrap());
                change.removed_lines.push(RemovedLine { line_id, quantity });
            }
            ("+", None, _) => change.manual_increment = rest.parse().unwrap(),
            ("-", None, _) => change.manual_discount = rest.parse().unwrap(),
            _ => panic!("'{word}' is not of a change"),
        }
    }
    change.content = commands::content(&words);
    change
}

/// `name:number` as a pair.
fn pair(word: &str) -> (&str, i64) {
    let (name, number) = word.split_once(':').unwrap_or_else(|| panic!("'{word}' is not name:number"));
    (name, number.parse().unwrap())
}

/// An order and its books, as they are after the events so far.
pub(crate) struct Scene {
    pub(crate) books: Books,
    payments: Vec<NewPayment>,
    events: Vec<Event>,
    requests: u32,
}

impl Scene {
    /// Nothing has happened yet.
    pub(crate) fn new() -> Self {
        Self { books: Books::new(), payments: Vec::new(), events: Vec::new(), requests: 0 }
    }

    /// Plays an event, and says what it starts or why it is refused.
    pub(crate) fn play(&mut self, words: &[&str]) -> Result<Vec<String>, Rejection> {
        if words[0] != "pay" && !self.payments.is_empty() {
            let payments = std::mem::take(&mut self.payments);
            self.send(&Command::CreateTransaction(commands::transaction("t", payments)))?;
        }
        match words {
            ["order", value, rest @ ..] => self.order(value.parse().unwrap(), rest),
            ["pay", id, authorized, rest @ ..] => self.pay(id, authorized.parse().unwrap(), rest),
            ["account", settings @ ..] => self.account(settings),
            [verb @ ("invoice" | "validate"), number, value, rest @ ..] => {
                let (lines, legs) = parts(rest);
                let mut invoice = commands::invoice(number, value.parse().unwrap(), &legs, &lines);
                invoice.validate_only = *verb == "validate";
                self.send(&Command::NotifyInvoice(Box::new(invoice)))
            }
            ["return", number, value, rest @ ..] => {
                let (lines, legs) = parts(rest);
                let invoice = commands::input(number, value.parse().unwrap(), &legs, &lines);
                self.send(&Command::NotifyInvoice(Box::new(invoice)))
            }
            ["void", number] => {
                let request = self.request();
                let started = self.send(&Command::VoidInvoice(commands::void(number, &request)))?;
                let invoices = self.books.invoices();
                let voided = invoices.iter().find(|row| row.invoice_number.as_str() == *number);
                assert_eq!(voided.map(|row| row.update_time), Some(self.books.now), "its row says when");
                Ok(started)
            }
            [verb @ ("change" | "plan"), request, rest @ ..] => {
                let mut change = change(request, rest);
                change.validate_only = *verb == "plan";
                self.send(&Command::ChangeOrder(Box::new(change)))
            }
            ["cancel", rest @ ..] => {
                let mut cancel = commands::cancel(&self.request());
                cancel.etag = rest.first().map(|word| word.trim_start_matches("etag=").to_owned());
                self.send(&Command::CancelOrder(cancel))
            }
            ["add", id, authorized, rest @ ..] => {
                let payment = self.connected(id, authorized.parse().unwrap(), rest)?;
                let request = self.request();
                self.send(&Command::AddPayment(Box::new(commands::add(&request, payment))))
            }
            ["release", rest @ ..] => {
                let amount = rest.last().and_then(|word| word.parse().ok());
                let payment = rest.first().filter(|word| word.parse::<i64>().is_err()).copied();
                let release = commands::release(&self.request(), payment, amount);
                self.send(&Command::ReleaseRemainder(release))
            }
            ["retry" | "resolve" | "adopt", ..] => self.operate(words),
            ["track", number, courier] => {
                let before = (self.books.order(), self.books.payments(), self.books.operations());
                let tracking = commands::tracking(number, courier, courier);
                let started = self.send(&Command::UpdateTracking(tracking))?;
                let after = (self.books.order(), self.books.payments(), self.books.operations());
                assert_eq!(before, after, "tracking never touches money");
                Ok(started)
            }
            ["tracked", number, courier] => {
                let invoices = self.books.invoices();
                let tracked = invoices.iter().find(|row| row.invoice_number.as_str() == *number);
                let kept = tracked.map(|row| row.tracking.courier.as_str());
                assert_eq!(kept, Some(*courier), "tracking is kept");
                Ok(Vec::new())
            }
            ["done"] => self.done(),
            ["quiet"] => self.quiet(),
            ["lease", operation] => self.send(&commands::lease(&self.operation(operation))),
            ["look", payment] => self.send(&commands::observe(payment)),
            ["wait", seconds] => {
                self.books.pass(Duration::from_secs(seconds.parse().unwrap()));
                Ok(Vec::new())
            }
            ["connectors", of @ ..] => {
                let key = |payment: &str| {
                    let connector_id = ConnectorId::trusted(&format!("{payment}'s"));
                    (Books::key().account_id, connector_id)
                };
                let of = of.iter().map(|word| pair(word));
                let of = of.map(|(payment, calls)| (key(payment), usize::try_from(calls).unwrap()));
                self.books.connectors = ConnectorCalls::of(of.collect());
                Ok(Vec::new())
            }
            ["calls", count] => {
                self.books.calls_available = count.parse().unwrap();
                Ok(Vec::new())
            }
            [verb @ ("heard" | "unheard"), event] => {
                let told = format!("{:?}", self.events);
                assert_eq!(told.contains(event), *verb == "heard", "{event} in {told}");
                Ok(Vec::new())
            }
            ["see", what, expected @ ..] => {
                sight::see(&self.books, what, expected);
                Ok(Vec::new())
            }
            ["shares", number] => Ok(sight::shares_of(&self.books, number)),
            ["callback" | "approved" | "denied" | "undecided", ..] => self.authorize(words),
            [answer, operation, rest @ ..] => self.answer(answer, operation, rest),
            _ => panic!("'{words:?}' is not an event"),
        }
    }

    /// What a provider says of an authorization.
    fn authorize(&mut self, words: &[&str]) -> Result<Vec<String>, Rejection> {
        match words {
            ["callback", payment, "again"] => self.send(&commands::callback(payment, None)),
            ["callback", payment, words @ ..] => {
                self.send(&commands::callback(payment, Some(commands::of_authorization(words))))
            }
            [answer, operation, rest @ ..] => {
                let operation = self.operation(operation);
                let attempt = rest.iter().find_map(|word| word.strip_prefix('@'));
                let attempt = attempt.map_or(operation.attempts, |attempt| attempt.parse().unwrap());
                let mut words = vec![*answer];
                words.extend(rest.iter().filter(|word| !word.starts_with('@')));
                self.send(&commands::outcome(&operation, attempt, commands::of_authorization(&words)))
            }
            _ => panic!("'{words:?}' says nothing of an authorization"),
        }
    }

    /// An operator's act.
    fn operate(&mut self, words: &[&str]) -> Result<Vec<String>, Rejection> {
        let request = self.request();
        let command = match words {
            ["retry", name] => Command::RetryOperation(commands::retry(&self.operation(name), &request)),
            ["resolve", name, resolution @ ..] => {
                let operation = self.operation(name);
                let resolution = resolution_of(&operation, resolution);
                Command::ResolveOperation(commands::resolve(&operation, &request, resolution))
            }
            ["adopt", payment, value, provider_id, beyond @ ..] => {
                let (value, is_beyond) = (value.parse().unwrap(), beyond == ["beyond"]);
                let adopt = commands::adopt(&request, payment, value, provider_id, is_beyond);
                Command::AdoptMovement(Box::new(adopt))
            }
            _ => panic!("'{words:?}' is not an act"),
        };
        self.send(&command)
    }

    /// The id of a request that was never made.
    fn request(&mut self) -> String {
        self.requests += 1;
        format!("request {}", self.requests)
    }

    /// Decides a command and says what it starts, or would.
    fn send(&mut self, command: &Command) -> Result<Vec<String>, Rejection> {
        let known: Vec<_> = self.books.operations().into_iter().map(|row| row.operation_id).collect();
        let decision = self.books.play(command)?;
        self.events.clone_from(&decision.rows.events);
        let rows = decision.rows.operations.iter();
        let mut started: Vec<String> =
            rows.filter(|row| !known.contains(&row.operation_id)).map(|row| self.words(row)).collect();
        if let Reply::Invoice(_, _, planned) | Reply::Changed(_, _, _, planned) = &decision.reply {
            let told =
                planned.iter().map(|plan| format!("{} {} {}", verb(plan.kind), plan.payment_id, plan.value));
            started.extend(told);
        }
        Ok(started)
    }

    fn words(&self, row: &Operation) -> String {
        if let OperationState::Refused { .. } = &row.state {
            return format!("lack {} {}", row.payment_id, row.value);
        }
        let unsent = match &row.state {
            OperationState::Manual => " by hand",
            OperationState::Done { .. } => " already",
            _ => "",
        };
        let target = row.refund.as_ref().map(|refund| {
            let settlement = self.books.all.operation(&row.order, &refund.operation_id).unwrap();
            let is_target = matches!(&settlement.state, OperationState::Done { provider_id, .. } if *provider_id == refund.settle_id);
            assert!(is_target, "a refund names the provider's id of its settlement: {refund:?}");
            format!("#{}", settlement.ordinal)
        });
        let target = target.unwrap_or_default();
        format!("{} {}{target} {}{unsent}", verb(row.kind), row.payment_id, row.value)
    }

    fn operation(&self, name: &str) -> Operation {
        let (payment, ordinal) =
            name.split_once('#').unwrap_or_else(|| panic!("'{name}' is not an operation"));
        self.books.operation(payment, ordinal.parse().unwrap())
    }

    fn answer(&mut self, answer: &str, name: &str, rest: &[&str]) -> Result<Vec<String>, Rejection> {
        let operation = self.operation(name);
        let (mut value, mut surplus, mut attempt) = (None, 0, operation.attempts);
        for word in rest {
            match word.split_at(1) {
                ("+", number) => surplus = number.parse().unwrap(),
                ("@", number) => attempt = number.parse().unwrap(),
                _ => value = Some(word.parse::<i64>().unwrap()),
            }
        }
        let answer = match answer {
            "done" => commands::done(&operation, value.unwrap_or(operation.value), surplus),
            other => {
                commands::no_money(other, value.map(|seconds| Duration::from_secs(seconds.unsigned_abs())))
            }
        };
        self.send(&commands::outcome(&operation, attempt, answer))
    }

    /// Answers DONE to what is on the wire.
    fn done(&mut self) -> Result<Vec<String>, Rejection> {
        let mut started = Vec::new();
        for row in self.books.operations() {
            if matches!(row.state, OperationState::Sent { .. }) {
                let answer = commands::done(&row, row.value, 0);
                started.extend(self.send(&commands::outcome(&row, row.attempts, answer))?);
            }
        }
        Ok(started)
    }

    /// Answers DONE until nothing is on the wire and nothing is due.
    fn quiet(&mut self) -> Result<Vec<String>, Rejection> {
        let is_sent = |row: &Operation| matches!(row.state, OperationState::Sent { .. });
        let mut started = Vec::new();
        for _ in 0..100 {
            let before = self.books.operations();
            // Also those that have ended: one at the head of a queue is laid to rest when it is looked at.
            for row in before.iter().filter(|row| row.due_time.is_some() && !is_sent(row)) {
                self.send(&commands::lease(row))?;
            }
            let after = self.books.operations();
            if !after.iter().any(is_sent) && after == before {
                return Ok(started);
            }
            started.extend(self.done()?);
        }
        panic!("it never ends");
    }

    fn order(&mut self, value: i64, words: &[&str]) -> Result<Vec<String>, Rejection> {
        let lines: Vec<_> = words.iter().filter(|word| word.contains(':')).map(|word| pair(word)).collect();
        let mut order = commands::order(value, &lines);
        for word in words {
            match *word {
                "PROPORTIONAL" => order.allocation = Some(Allocation::Proportional),
                "CREATED_FIRST" => order.allocation = Some(Allocation::CreatedFirst),
                "REFUND_CREATED_FIRST" => order.refund_order = Some(RefundOrder::CreatedFirst),
                "REFUND_PROPORTIONAL" => order.refund_order = Some(RefundOrder::Proportional),
                "MANUAL" => order.release_policy = Some(ReleasePolicy::Manual),
                "IMMEDIATELY" => order.release_policy = Some(ReleasePolicy::Immediately),
                _ => assert!(word.contains(':'), "'{word}' is not of an order"),
            }
        }
        self.send(&Command::CreateOrder(order))
    }

    fn account(&mut self, words: &[&str]) -> Result<Vec<String>, Rejection> {
        let mut account = commands::account(&words.join(" "));
        for word in words {
            match *word {
                "WHOLE" => account.partial_settlement = Some(false),
                "HOLD" => account.legacy_mode = Some(Mode::Hold),
                "PROPORTIONAL" => account.allocation = Some(Allocation::Proportional),
                "REFUND_CREATED_FIRST" => account.refund_order = Some(RefundOrder::CreatedFirst),
                "IMMEDIATELY" => account.release_policy = Some(ReleasePolicy::Immediately),
                other => match other.split_once('=') {
                    Some(("lead", time)) => account.authorization_lead_time = Some(seconds(time)),
                    _ => panic!("'{other}' is not of an account"),
                },
            }
        }
        self.send(&Command::UpdateAccount(account))
    }

    fn pay(&mut self, id: &str, authorized: i64, words: &[&str]) -> Result<Vec<String>, Rejection> {
        let payment = self.connected(id, authorized, words)?;
        self.payments.push(payment);
        Ok(Vec::new())
    }

    /// A payment on a connector of its own.
    fn connected(&mut self, id: &str, authorized: i64, words: &[&str]) -> Result<NewPayment, Rejection> {
        let (minimums, words): (Vec<&str>, Vec<&str>) =
            words.iter().partition(|word| word.starts_with("minimum="));
        let (ends, words): (Vec<&str>, Vec<&str>) =
            words.into_iter().partition(|word| word.starts_with("ends="));
        let (asked, words): (Vec<&str>, Vec<&str>) = words.into_iter().partition(|word| *word == "ASKED");
        let (mode, capabilities) = able(&words);
        let mut connector = commands::connector(&format!("{id}'s"), None, capabilities);
        let minimum = |word: &&str| {
            let minor = word.trim_start_matches("minimum=").parse().unwrap();
            Money { currency: commands::currency("BRL"), minor }
        };
        connector.configuration.minimum_amounts = minimums.iter().map(minimum).collect();
        self.send(&Command::WriteConnector(connector))?;
        let mut payment = commands::payment(id, &format!("{id}'s"), authorized, mode);
        let end = ends.first().map(|word| self.books.now.after(seconds(word.trim_start_matches("ends="))));
        if let NewAuthorization::Adopted(adopted) = &mut payment.authorization {
            adopted.expire_time = end;
        }
        if !asked.is_empty() {
            payment.authorization = commands::requested();
        }
        Ok(payment)
    }
}

fn seconds(word: &str) -> Duration {
    Duration::from_secs(word.parse().unwrap())
}

fn verb(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Authorization => "authorize",
        OperationKind::Settlement => "settle",
        OperationKind::Refund => "refund",
        OperationKind::Cancellation => "cancel",
    }
}

fn resolution_of(operation: &Operation, words: &[&str]) -> Resolution {
    match words {
        ["done", rest @ ..] => {
            let amount = rest.iter().find_map(|word| word.parse().ok());
            let amount = amount.map(|minor| Money { currency: commands::currency("BRL"), minor });
            let id = rest.iter().find_map(|word| word.strip_prefix("as="));
            let own = format!("provider's {}#{}", operation.payment_id, operation.ordinal);
            Resolution::Done { amount, provider_id: id.map_or(own, str::to_owned) }
        }
        ["retry"] => Resolution::NotDone(FollowUp::Retry),
        ["give-up"] => Resolution::NotDone(FollowUp::GiveUp),
        ["move"] => Resolution::NotDone(FollowUp::Move(None)),
        ["move", payment] => Resolution::NotDone(FollowUp::Move(Some(PaymentId::trusted(payment)))),
        ["real"] => Resolution::Surplus { is_real: true },
        ["unreal"] => Resolution::Surplus { is_real: false },
        _ => panic!("'{words:?}' is no resolution"),
    }
}

fn able(words: &[&str]) -> (Option<Mode>, Capabilities) {
    let mut mode = None;
    let mut able = commands::capabilities(PartialSettlement::Multiple { max: None });
    for word in words {
        match *word {
            "TOTAL" => mode = Some(Mode::Total),
            "HOLD" => mode = Some(Mode::Hold),
            "PARTIAL" => mode = Some(Mode::Partial),
            "NONE" => able.partial_settlement = PartialSettlement::None,
            "ONCE" => able.partial_settlement = PartialSettlement::Once,
            "RELEASED" => able.remainder = Remainder::Released,
            "FULL_REFUNDS" => able.refunds = Refunds::Full,
            "NO_REFUNDS" => able.refunds = Refunds::None,
            "SENT_ONCE" => able.replay_safe = false,
            "CANCELS_PARTS" => able.partial_cancellation = true,
            other => match other.split_once('=') {
                Some(("max", max)) => {
                    able.partial_settlement = PartialSettlement::Multiple { max: Some(max.parse().unwrap()) }
                }
                Some(("window", time)) => able.replay_window = seconds(time),
                Some(("life", time)) => able.authorization_lifetime = Some(seconds(time)),
                _ => panic!("'{other}' is not of a payment"),
            },
        }
    }
    (mode, able)
}
