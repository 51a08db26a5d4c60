//! A row of a table of answers, out of its text.

/// What a provider is told to answer, and what must come of it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The line, for people.
    pub(super) text: String,
    /// What the provider does, call by call.
    pub(super) told: Told,
    /// What each call said, as `unknown done`; with a `+` once or several times.
    calls: Vec<String>,
    /// What becomes of the operations, as `DONE 20.00`: of one that is not done what was asked of it.
    pub(super) becomes: Vec<String>,
    /// What waits for an operator, as `UNKNOWN 20.00`.
    pub(super) cases: Vec<String>,
    /// What becomes of them once the provider behaves again, where that is something else.
    pub(super) finally: Vec<String>,
}

/// What a provider does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Takes no connection, until it was called once.
    Closed,
    /// Goes wrong by these faults, one after another, each for so many calls, or for ever.
    Faults(Vec<(String, Option<u32>)>),
}

impl Row {
    /// The rows of a table. Its first line names the columns, as every table has the same.
    pub(super) fn parse_all(table: &str) -> Vec<Self> {
        let mut lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
        let header: Vec<&str> = lines.next().unwrap_or_default().split('|').map(str::trim).collect();
        assert_eq!(
            header,
            ["the provider is told", "calls", "becomes", "waits for an operator", "in the end"]
        );
        lines.map(Self::parse).collect()
    }

    fn parse(line: &str) -> Self {
        let row: Vec<&str> = line.split('|').map(str::trim).collect();
        let [told, calls, becomes, cases, finally] = row.as_slice() else { panic!("five cells: {line}") };
        let list = |cell: &str| match cell {
            "-" => Vec::new(),
            cell => cell.split(", ").map(str::to_owned).collect(),
        };
        let becomes = list(becomes);
        let finally = if *finally == "-" { becomes.clone() } else { list(finally) };
        Self {
            text: line.to_owned(),
            told: Told::parse(told),
            calls: calls.split_whitespace().map(str::to_owned).collect(),
            becomes,
            cases: list(cases),
            finally,
        }
    }

    /// Whether these are the calls.
    pub(super) fn has_calls(&self, seen: &[String]) -> bool {
        let mut rest = seen;
        for expected in &self.calls {
            let (word, is_many) =
                expected.strip_suffix('+').map_or((expected.as_str(), false), |word| (word, true));
            let same = rest.iter().take_while(|call| call.as_str() == word).count();
            let taken = if is_many { same } else { same.min(1) };
            if taken == 0 {
                return false;
            }
            rest = &rest[taken..];
        }
        rest.is_empty()
    }
}

impl Told {
    /// `-` for nothing, `closed`, or faults such as `server-error then refuse*`, with a `*` for ever.
    fn parse(cell: &str) -> Self {
        let fault = |text: &str| match text.strip_suffix('*') {
            Some(name) => (name.to_owned(), None),
            None => (text.to_owned(), Some(1)),
        };
        match cell {
            "-" => Self::Faults(Vec::new()),
            "closed" => Self::Closed,
            cell => Self::Faults(cell.split(" then ").map(fault).collect()),
        }
    }
}

#[test]
fn rows_are_read() {
    let table = "the provider is told | calls | becomes | waits for an operator | in the end\n\
                 server-error then refuse* | unknown refused+ | UNKNOWN 1.00 | UNKNOWN 1.00 | DONE 1.00\n\
                 - | done | DONE 1.00 | - | -";
    let rows = Row::parse_all(table);
    let faults = vec![("server-error".to_owned(), Some(1)), ("refuse".to_owned(), None)];
    assert_eq!(rows[0].told, Told::Faults(faults));
    assert_eq!((&rows[0].finally, &rows[1].finally), (&rows[1].becomes, &rows[1].becomes));
    let calls = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for (seen, fits) in [
        ("unknown refused", true),
        ("unknown refused refused", true),
        ("unknown", false),
        ("unknown unknown refused", false),
        ("unknown refused done", false),
        ("", false),
    ] {
        assert_eq!(rows[0].has_calls(&calls(seen)), fits, "{seen}");
    }
}
