//! The data model's document says what the schema and the protos say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::expect_none;

const DOCUMENT: &str = "docs/DATA_MODEL.md";
const SCHEMA: &str = "crates/tranche-store/src/schema/initial/up.sql";
/// What the first column of a table in the document is called, by what it lists.
const COLUMNS: &str = "column";
const CONSTRAINTS: &str = "constraint";
const INDEXES: &str = "index";
/// The class of states that this release never reaches.
const UNREACHED: &str = "unreached";

/// Where the states of a diagram come from beside the proto.
enum Source {
    /// The words of this constraint.
    Stored(&'static str),
    /// The values of the enumeration that this file of the server names.
    Derived(&'static str),
}

/// Every message with states.
const MACHINES: &[(&str, &str, Source)] = &[
    ("Order", "proto/tranche/v1/order.proto", Source::Stored("orders_state")),
    ("Transaction", "proto/tranche/v1/transaction.proto", Source::Stored("orders_transaction_state")),
    (
        "Payment",
        "proto/tranche/v1/payment.proto",
        Source::Derived("crates/tranche-server/src/wire/payment.rs"),
    ),
    ("Invoice", "proto/tranche/v1/invoice.proto", Source::Stored("invoices_state")),
    ("Operation", "proto/tranche/v1/operation.proto", Source::Stored("operations_state")),
];

type Names = BTreeSet<String>;

#[test]
fn the_document_has_the_tables_of_the_schema() {
    let (document, schema) = (read(DOCUMENT), read(SCHEMA));
    let (documented, created) = (documented_columns(&document), created_columns(&schema));
    assert!(created.len() > 10 && created.values().all(|columns| !columns.is_empty()), "{created:?}");
    let mut violations = compare("tables", &keys(&documented), &keys(&created));
    for (table, columns) in &created {
        let documented = documented.get(table).cloned().unwrap_or_default();
        violations.extend(compare(&format!("the columns of {table}"), &documented, columns));
    }
    let (checks, indexes) = (table_checks(&schema), created_indexes(&schema));
    assert!(checks.len() > 10 && indexes.len() > 10, "{checks:?} {indexes:?}");
    violations.extend(compare("constraints of whole rows", &listed(&document, CONSTRAINTS), &checks));
    violations.extend(compare("indexes", &listed(&document, INDEXES), &indexes));
    expect_none(&violations);
}

#[test]
fn the_diagrams_have_the_states_of_the_protos() {
    let (document, schema) = (read(DOCUMENT), read(SCHEMA));
    let mut diagrams = diagrams(&document);
    let mut violations = Vec::new();
    for (message, proto, source) in MACHINES {
        let Some(Diagram { states, unreached }) = diagrams.remove(*message) else {
            violations.push(format!("{DOCUMENT}: no diagram says %% tranche.v1.{message}.State"));
            continue;
        };
        let of_proto = proto_states(&read(proto), message);
        assert!(!of_proto.is_empty(), "{proto} has no {message}.State");
        violations.extend(compare(&format!("{message}.State of {proto}"), &states, &of_proto));
        violations.extend(
            unreached
                .difference(&states)
                .map(|state| format!("{DOCUMENT}: {message} has no state {state} to be {UNREACHED}")),
        );
        let (whence, reached) = match source {
            Source::Stored(constraint) => (*constraint, words(&schema, constraint)),
            Source::Derived(file) => (*file, named_states(&read(file), message, &of_proto)),
        };
        assert!(!reached.is_empty(), "{whence} names no state");
        let drawn: Names = states.difference(&unreached).cloned().collect();
        violations.extend(compare(&format!("the states that {whence} reaches"), &drawn, &reached));
    }
    violations.extend(diagrams.keys().map(|name| format!("{DOCUMENT}: nothing is known of {name}.State")));
    expect_none(&violations);
}

/// Each reader on a text that has, beside what it looks for, what it must not take for that.
#[test]
fn readers_find_what_they_look_for() {
    let schema = "\
CREATE TABLE orders (
    order_id {id} NOT NULL,
    state {id} NOT NULL CONSTRAINT orders_state CHECK (
        state IN (
            'open', 'canceled'
        )
    ),
    note TEXT CONSTRAINT orders_note
        CHECK (note IN ('x')),
    CONSTRAINT orders_key PRIMARY KEY (order_id),
    CONSTRAINT orders_whole
        CHECK (state <> note)
){rows};

CREATE UNIQUE INDEX orders_page ON orders (order_id);
";
    let document = "\
### orders

| column | kind | what |
| --- | --- | --- |
| `order_id` | id | a |
| `state` | id | b |
| `note` | text? | c |

| constraint | what |
| --- | --- |
| `orders_whole` | d |

```mermaid
stateDiagram-v2
    %% tranche.v1.Order.State
    [*] --> open : e --> f
    open --> canceled
    open --> lost : later
    canceled --> [*]
    class lost unreached
```
";
    let proto = "\
message Other {
  enum State {
    STATE_ELSE = 1;
  }
}
message Order {
  enum Kind {
    KIND_A = 1;
  }
  // Never STATE_FALSE = 7;
  enum State {
    STATE_UNSPECIFIED = 0;
    // Left to canceled.
    STATE_OPEN = 1;
    STATE_CANCELED = 2;
    STATE_LOST = 3;
  }
  State state = 1;
}
";
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Names>();
    let columns = BTreeMap::from([("orders".to_owned(), names(&["order_id id", "state id", "note text?"]))]);
    assert_eq!(created_columns(schema), columns);
    assert_eq!(documented_columns(document), columns);
    assert_eq!(table_checks(schema), names(&["orders_whole"]));
    assert_eq!(listed(document, CONSTRAINTS), names(&["orders_whole"]));
    assert_eq!(created_indexes(schema), names(&["orders_page"]));
    assert_eq!(words(schema, "orders_state"), names(&["open", "canceled"]));
    assert_eq!(words(schema, "orders_stat"), names(&[]));
    let diagrams = diagrams(document);
    assert_eq!(diagrams["Order"].states, names(&["open", "canceled", "lost"]));
    assert_eq!(diagrams["Order"].unreached, names(&["lost"]));
    let states = proto_states(proto, "Order");
    assert_eq!(states, names(&["open", "canceled", "lost"]));
    let server = "pb::order::State::Open, pb::order::State::CanceledNot, pb::payment::State::Lost";
    assert_eq!(named_states(server, "Order", &states), names(&["open"]));
    assert_eq!(compare("x", &names(&["a", "b"]), &names(&["b", "c"])).len(), 2);
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path)).unwrap()
}

fn keys(map: &BTreeMap<String, Names>) -> Names {
    map.keys().cloned().collect()
}

/// One violation for each name that only one side has.
fn compare(what: &str, documented: &Names, actual: &Names) -> Vec<String> {
    let missing = actual.difference(documented).map(|name| format!("{DOCUMENT}: {what}: lacks {name}"));
    let wrong = documented.difference(actual).map(|name| format!("{DOCUMENT}: {what}: there is no {name}"));
    missing.chain(wrong).collect()
}

/// The rows of the document's tables whose first column has this name, each with the heading that it stands under.
fn rows<'d>(document: &'d str, first_column: &str) -> Vec<(&'d str, Vec<&'d str>)> {
    let mut rows = Vec::new();
    let (mut heading, mut is_wanted) = ("", false);
    for line in document.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            heading = title;
        }
        let Some(cells) = line.strip_prefix("| ") else {
            is_wanted = false;
            continue;
        };
        let cells: Vec<&str> = cells.trim_end_matches('|').split(" | ").map(str::trim).collect();
        if cells[0] == first_column {
            is_wanted = true;
        } else if is_wanted && !cells[0].starts_with('-') {
            rows.push((heading, cells));
        }
    }
    rows
}

fn unquoted(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

/// The names in the first column of such a table.
fn listed(document: &str, first_column: &str) -> Names {
    rows(document, first_column).into_iter().map(|(_, cells)| unquoted(cells[0])).collect()
}

/// The columns that the document gives each table, with their kinds.
fn documented_columns(document: &str) -> BTreeMap<String, Names> {
    let mut tables: BTreeMap<String, Names> = BTreeMap::new();
    for (heading, cells) in rows(document, COLUMNS) {
        let column = format!("{} {}", unquoted(cells[0]), cells[1]);
        tables.entry(heading.to_owned()).or_default().insert(column);
    }
    tables
}

/// The columns that the schema gives each table, with their kinds. A column begins a line of four spaces; what follows of
/// it is indented further.
fn created_columns(schema: &str) -> BTreeMap<String, Names> {
    let mut tables: BTreeMap<String, Names> = BTreeMap::new();
    let mut table = "";
    for line in schema.lines() {
        if let Some(name) = line.strip_prefix("CREATE TABLE ") {
            table = name.trim_end_matches(" (");
        }
        let Some(column) = line.strip_prefix("    ").filter(|rest| rest.starts_with(char::is_lowercase))
        else {
            continue;
        };
        let mut parts = column.split([' ', ',']);
        let (name, kind) = (parts.next().unwrap(), parts.next().unwrap());
        let kind = kind.trim_matches(['{', '}']).to_lowercase();
        let empty = if column.contains(" NOT NULL") { "" } else { "?" };
        tables.entry(table.to_owned()).or_default().insert(format!("{name} {kind}{empty}"));
    }
    tables
}

/// The checks that stand behind a table's columns.
fn table_checks(schema: &str) -> Names {
    let constraints = schema.lines().filter_map(|line| line.strip_prefix("    CONSTRAINT "));
    let checks =
        constraints.filter(|rest| !rest.contains(" PRIMARY KEY ") && !rest.contains(" FOREIGN KEY "));
    checks.filter_map(|rest| rest.split(' ').next()).map(str::to_owned).collect()
}

fn created_indexes(schema: &str) -> Names {
    let indexes = schema.lines().filter_map(|line| {
        line.strip_prefix("CREATE INDEX ").or_else(|| line.strip_prefix("CREATE UNIQUE INDEX "))
    });
    indexes.filter_map(|rest| rest.split(' ').next()).map(str::to_owned).collect()
}

/// The words of the first list that a constraint has.
fn words(schema: &str, constraint: &str) -> Names {
    let mut constraints = schema.split("CONSTRAINT ").skip(1);
    let check =
        constraints.find(|rest| rest.split_whitespace().next() == Some(constraint)).unwrap_or_default();
    let list = check.split_once("IN (").and_then(|(_, list)| list.split_once(')'));
    let list = list.map_or("", |(list, _)| list);
    list.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The values of a message's `State`, as rows spell them.
fn proto_states(proto: &str, message: &str) -> Names {
    let body = proto.split_once(&format!("message {message} {{")).map_or("", |(_, body)| body);
    let states = body.split_once("enum State {").and_then(|(_, states)| states.split_once('}'));
    let values = states.map_or("", |(states, _)| states).lines();
    let values = values.filter_map(|line| line.trim().strip_prefix("STATE_")?.split(' ').next());
    values.filter(|value| *value != "UNSPECIFIED").map(str::to_lowercase).collect()
}

/// Those of the states that the server's source names by their values.
fn named_states(source: &str, message: &str, states: &Names) -> Names {
    let module = format!("::{}::State::", message.to_lowercase());
    let variants: BTreeSet<&str> = source
        .match_indices(&module)
        .map(|(start, found)| &source[start + found.len()..])
        .map(|rest| rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default())
        .collect();
    states.iter().filter(|state| variants.contains(&*variant(state))).cloned().collect()
}

/// The name of a state's value in Rust.
fn variant(state: &str) -> String {
    let word = |word: &str| format!("{}{}", word[..1].to_uppercase(), &word[1..]);
    state.split('_').map(word).collect()
}

/// A state machine as the document draws it.
struct Diagram {
    states: Names,
    unreached: Names,
}

/// The state diagrams of the document, by the message whose states they have.
fn diagrams(document: &str) -> BTreeMap<String, Diagram> {
    let mut diagrams = BTreeMap::new();
    for block in document.split("```mermaid\nstateDiagram-v2\n").skip(1) {
        let block = block.split_once("\n```").map_or(block, |(block, _)| block);
        let (mut message, mut states, mut unreached) = ("", Names::new(), Names::new());
        for line in block.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("%% tranche.v1.") {
                message = name.trim_end_matches(".State");
            } else if let Some((from, to)) = line.split_once(" --> ") {
                let to = to.split_once(" : ").map_or(to, |(to, _)| to);
                states.extend([from, to].into_iter().filter(|state| *state != "[*]").map(str::to_owned));
            } else if let Some(marked) =
                line.strip_prefix("class ").and_then(|rest| rest.strip_suffix(UNREACHED))
            {
                unreached.extend(marked.split(',').map(|state| state.trim().to_owned()));
            }
        }
        diagrams.insert(message.to_owned(), Diagram { states, unreached });
    }
    diagrams
}
