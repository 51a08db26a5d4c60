//! One call after the other: the ledger, the faults that hit a call, and the log. No I/O: a reply says what the server
//! has to do with the connection.

mod strike;

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use crate::answer::Answer;
use crate::books::Call;
use crate::bounds::{CALLS_KEPT_MAX, FAULT_DELAY_MS_MAX, PAGE_ROWS_MAX};
use crate::fault::{Fault, Faults};
use crate::ledger::{Distortion, Ledger};
use crate::page::Table;
use crate::protocol::{self, OperationKind};
use crate::terms::{Authorizations, Terms};

/// What happens to a call: after `delay`, the answer, or a dropped connection without one.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) answer: Option<Answer>,
    pub(crate) delay: Duration,
}

impl Reply {
    pub(crate) fn now(answer: Answer) -> Self {
        Self { answer: Some(answer), delay: Duration::ZERO }
    }

    fn after(answer: Option<Answer>, delay_ms: u64) -> Self {
        Self { answer, delay: Duration::from_millis(delay_ms.min(FAULT_DELAY_MS_MAX)) }
    }
}

/// Everything that the sandbox knows.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) ledger: Ledger,
    pub(crate) faults: Faults,
    defaults: Terms,
    calls: Option<VecDeque<Call>>,
}

impl Desk {
    pub(crate) fn new(defaults: Terms, fault: Option<Fault>, keep_calls: bool) -> Self {
        Self {
            ledger: Ledger::default(),
            faults: Faults::configured(fault),
            defaults,
            calls: keep_calls.then(VecDeque::new),
        }
    }

    /// `POST /payments`
    pub(crate) fn authorize(&mut self, body: &Value) -> Reply {
        let authorized = protocol::authorization(body, self.defaults).and_then(|asked| {
            let (ordinal, approved) = self.ledger.authorize(&asked)?;
            let asks = self.ledger.payment(&asked.payment_id).map_or(0, |payment| payment.calls.payment);
            let is_undefined = match asked.terms.authorizations {
                Authorizations::Approved | Authorizations::Denied => false,
                Authorizations::UndefinedOnce => asks == 1,
                Authorizations::Undefined => true,
            };
            let answer = Answer::authorized(&asked.payment_id, ordinal, approved);
            Ok(if is_undefined { answer.undefined() } else { answer })
        });
        Reply::now(authorized.unwrap_or_else(|refusal| Answer::error(&refusal)))
    }

    /// `POST /payments/{id}/settlements`, `/refunds`, `/cancellations`
    pub(crate) fn operate(&mut self, kind: OperationKind, payment_id: &str, body: &Value) -> Reply {
        let operation = match protocol::operation(kind, payment_id, body) {
            Ok(operation) => operation,
            Err(refusal) => return Reply::now(Answer::refused(kind, payment_id, request_id(body), &refusal)),
        };
        self.ledger.count(payment_id, kind);
        let books = self.ledger.would_book(payment_id, &operation);
        let found = self.faults.find(payment_id, kind, books);
        let hit = found.and_then(|(source, fault)| Some((source, self.come(fault, payment_id, &operation)?)));
        let Some((source, fault)) = hit else {
            return Reply::now(self.perform(payment_id, &operation, Distortion::Honest).0);
        };
        let (reply, happened) = self.strike(fault, payment_id, &operation);
        if happened {
            self.faults.spend(source);
        }
        reply
    }

    /// Keeps a call in the log, if there is one; the oldest makes room.
    pub(crate) fn log(&mut self, method: &str, path: &str, request: Option<&Value>, reply: &Reply) {
        let Some(calls) = &mut self.calls else { return };
        if calls.len() >= CALLS_KEPT_MAX {
            calls.pop_front();
        }
        let mut request = request.cloned().unwrap_or_default();
        if let Value::Object(fields) = &mut request {
            fields.remove("card");
        }
        calls.push_back(Call {
            method: method.to_owned(),
            path: path.to_owned(),
            request_id: request_id(&request).map(str::to_owned),
            request,
            status: reply.answer.as_ref().map(|answer| answer.status.as_u16()),
            response: reply.answer.as_ref().map(|answer| answer.body.clone()).unwrap_or_default(),
        });
    }

    /// The tables of the page: the newest of the books and of the log.
    pub(crate) fn tables(&self) -> Vec<Table> {
        let calls = self.calls.as_ref();
        let newest = calls.into_iter().flatten().rev().take(PAGE_ROWS_MAX);
        let mut tables = self.ledger.tables();
        tables.push(Table {
            title: "Calls kept",
            columns: &["method", "path", "request", "status", "response"],
            rows: newest.map(call_cells).collect(),
            total: calls.map_or(0, VecDeque::len),
        });
        tables
    }

    /// The log, oldest first.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.iter().flatten().cloned().collect()
    }
}

fn call_cells(call: &Call) -> Vec<String> {
    let body = |body: &Value| match body {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let status = call.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    vec![call.method.clone(), call.path.clone(), body(&call.request), status, body(&call.response)]
}

/// The request's id, for the answer to a request that could not be read otherwise.
pub(crate) fn request_id(body: &Value) -> Option<&str> {
    body.get("requestId").and_then(Value::as_str)
}
