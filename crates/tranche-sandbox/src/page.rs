//! The books as a page for people: tables of plain HTML, with neither scripts nor anything from elsewhere.
//!
//! Every id and text came from a caller and is hostile: it is cut to a length, escaped, and shown as text. A page is at
//! most [`PAGE_ROWS_MAX`](crate::bounds::PAGE_ROWS_MAX) rows of each table, whatever the books hold.

use std::fmt::Write;

use crate::bounds::PAGE_CELL_CHARS_MAX;

/// What the page may load and run: nothing, but its own style.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEAD: &str = "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>The sandbox's books</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; color-scheme: light dark; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #8886; padding: 0.2em 0.8em; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; font-family: ui-monospace, monospace; }
</style>
</head>
<body>
<h1>The sandbox's books</h1>
<p>Amounts are in major units; the newest comes first. The same for programs, and all of it: <a href=\"/books\">/books</a>,
<a href=\"/calls\">/calls</a>, <a href=\"/faults\">/faults</a>.</p>
";

/// One table of the page.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) title: &'static str,
    pub(crate) columns: &'static [&'static str],
    /// Each as long as `columns`, the newest first.
    pub(crate) rows: Vec<Vec<String>>,
    /// How many there are, shown or not.
    pub(crate) total: usize,
}

/// The page.
pub(crate) fn render(tables: &[Table]) -> String {
    let mut page = HEAD.to_owned();
    for table in tables {
        table.write(&mut page);
    }
    page.push_str("</body>\n</html>\n");
    page
}

impl Table {
    fn write(&self, page: &mut String) {
        let Self { title, columns, rows, total } = self;
        // Writing to a string never fails.
        let _ = writeln!(page, "<h2>{title}: {total}</h2>");
        if rows.is_empty() {
            page.push_str("<p>None.</p>\n");
            return;
        }
        page.push_str("<table>\n<tr>");
        for column in *columns {
            let _ = write!(page, "<th>{column}</th>");
        }
        page.push_str("</tr>\n");
        for row in rows {
            page.push_str("<tr>");
            for cell in row {
                page.push_str("<td>");
                write_text(page, cell);
                page.push_str("</td>");
            }
            page.push_str("</tr>\n");
        }
        page.push_str("</table>\n");
        let more = total.saturating_sub(rows.len());
        if more > 0 {
            let _ = writeln!(page, "<p>And {more} more.</p>");
        }
    }
}

/// Writes a text so that it is nothing but text: markup is escaped, and characters that show as nothing or turn the line
/// around show as a sign that something is there.
fn write_text(page: &mut String, text: &str) {
    let mut characters = text.chars();
    for character in characters.by_ref().take(PAGE_CELL_CHARS_MAX) {
        match character {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {
                page.push('\u{fffd}');
            }
            control if control.is_control() => page.push('\u{fffd}'),
            other => page.push(other),
        }
    }
    let cut = characters.count();
    if cut > 0 {
        let _ = write!(page, "… ({cut} more)");
    }
}
