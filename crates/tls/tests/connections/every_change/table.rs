//! The tables: `table/*.md` state the required result of each change, and the RFC section.

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    /// The message, the field and the change; each may be a list, and `*` matches anything.
    what: [Vec<&'static str>; 3],
    pub(crate) outcome: &'static str,
    /// The line in the file.
    pub(crate) line: usize,
}

/// The rows of a file in order.
pub(crate) fn rows(text: &'static str) -> Vec<Row> {
    let mut rows = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        // `| message | field | change | outcome | RFC | why |`
        let ["", message, field, change, outcome, rule, why, ""] = cells[..] else { continue };
        if message == "message" || message.starts_with("--") {
            continue;
        }
        assert!(rule.starts_with(|c: char| c.is_ascii_digit()), "line {}: no RFC: {line}", i + 1);
        assert!(!why.is_empty(), "line {}: no reason: {line}", i + 1);
        let what = [message, field, change].map(|cell| cell.split(", ").collect());
        rows.push(Row { what, outcome, line: i + 1 });
    }
    rows
}

impl Row {
    pub(crate) fn matches(&self, message: &str, field: &str, change: &str) -> bool {
        let field = if field.is_empty() { "-" } else { field };
        self.what
            .iter()
            .zip([message, field, change])
            .all(|(patterns, text)| patterns.iter().any(|pattern| fits(pattern, text)))
    }
}

/// Whether a text matches a pattern, in which `*` matches anything.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(begin) else { return false };
    if rest.is_empty() {
        return true;
    }
    loop {
        if fits(rest, text) {
            return true;
        }
        let mut rest_of_text = text.chars();
        if rest_of_text.next().is_none() {
            return false;
        }
        text = rest_of_text.as_str();
    }
}

#[test]
fn patterns_match_with_wildcards() {
    for (pattern, text, expected) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("*", "", true),
        ("a*", "ab", true),
        ("*b", "ab", true),
        ("*b", "abc", false),
        ("a*c*", "abcd", true),
        ("a*d*e", "abcd", false),
    ] {
        assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
    }
}
