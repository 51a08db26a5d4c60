//! The language of the scenarios: text into steps and expectations.

/// A scenario.
pub(super) struct Table {
    /// What each column is called; for most the mode of its payments.
    pub(super) columns: Vec<String>,
    /// The steps, in order.
    pub(super) rows: Vec<Row>,
}

/// A step with what is expected of it.
pub(super) struct Row {
    /// The line, for people.
    pub(super) text: String,
    /// What is done.
    pub(super) step: String,
    /// What is expected, one cell a column; empty when the row says nothing.
    pub(super) cells: Vec<String>,
}

impl Table {
    pub(super) fn parse(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let header = lines.next().expect("a header");
        let columns: Vec<String> = header.split('|').skip(1).map(|name| name.trim().to_owned()).collect();
        assert!(!columns.is_empty(), "the header names no column: {header}");
        let rows = lines.map(|line| row(line, columns.len())).collect();
        Self { columns, rows }
    }

    /// Whether a step makes the provider misbehave, so that calls are to be given up soon.
    pub(super) fn has_faults(&self) -> bool {
        self.rows.iter().any(|row| row.step.starts_with("fault "))
    }
}

fn row(line: &str, columns: usize) -> Row {
    let (step, cells) = match (line.split_once("=>"), line.split_once('|')) {
        (Some((step, cell)), _) => (step, vec![cell.trim().to_owned(); columns]),
        (None, Some((step, cells))) => (step, cells.split('|').map(|cell| cell.trim().to_owned()).collect()),
        (None, None) => (line, vec![String::new(); columns]),
    };
    assert_eq!(cells.len(), columns, "one cell for each column, or =>: {line}");
    Row { text: line.to_owned(), step: step.trim().to_owned(), cells }
}

/// `key=value` words as pairs.
pub(super) fn fields(cell: &str) -> Vec<(String, String)> {
    let pair = |word: &str| {
        let (key, value) =
            word.split_once('=').unwrap_or_else(|| panic!("`{word}` is not key=value: {cell}"));
        (key.to_owned(), value.to_owned())
    };
    cell.split_whitespace().map(pair).collect()
}

/// A refusal that is expected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: String,
    /// Metadata that must be there; there may be more.
    pub(super) metadata: Vec<(String, String)>,
    /// All fields that are complained about.
    pub(super) violations: Vec<String>,
}

impl Refusal {
    /// Reads `refused REASON key=value at path path`; none if the cell expects something else.
    pub(super) fn parse(cell: &str) -> Option<Self> {
        let rest = cell.strip_prefix("refused ")?;
        let (rest, violations) = rest.split_once(" at ").unwrap_or((rest, ""));
        let (reason, metadata) = rest.split_once(' ').unwrap_or((rest, ""));
        let violations = violations.split_whitespace().map(str::to_owned).collect();
        Some(Self { reason: reason.to_owned(), metadata: fields(metadata), violations })
    }
}

#[test]
fn a_table_has_a_cell_for_each_column() {
    let table =
        Table::parse("step | A | B\norder 1.00\ninvoice 1 => -\ninvoice 2 | x | refused R a=1 at b.c");
    assert_eq!(table.columns, ["A", "B"]);
    let cells: Vec<&[String]> = table.rows.iter().map(|row| row.cells.as_slice()).collect();
    assert_eq!(cells, [["", ""], ["-", "-"], ["x", "refused R a=1 at b.c"]]);
    let refusal = Refusal::parse(&table.rows[2].cells[1]).unwrap();
    assert_eq!((refusal.reason.as_str(), refusal.violations), ("R", vec!["b.c".to_owned()]));
    assert_eq!(refusal.metadata, [("a".to_owned(), "1".to_owned())]);
}
