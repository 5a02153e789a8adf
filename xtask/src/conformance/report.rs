//! The report: a table for the terminal, and Markdown, JSON and HTML.
//!
//! It retains the results of earlier runs for the suites that did not run this time, each with date, commit
//! and machine. Only the suites of this run determine its success.

use core::fmt::Write as _;

use serde_json::{Value, json};

use super::stamp::Stamp;
use super::suite::{Outcome, Row, Suite};
use super::tables::escape;

/// The results of the suites, of this run and of earlier ones.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) sections: Vec<Section>,
}

/// The result of one suite.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) suite: &'static Suite,
    pub(crate) rows: Vec<Row>,
    /// Additional tables in HTML.
    pub(crate) tables: Vec<String>,
    pub(crate) seconds: f64,
    pub(crate) stamp: Stamp,
    /// Whether it belongs to an earlier run.
    pub(crate) earlier: bool,
}

impl Section {
    fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }

    /// The worst outcome of a row. A suite without anything to run counts as not run.
    fn outcome(&self) -> Outcome {
        match self.rows.iter().map(|row| row.outcome).max() {
            None | Some(Outcome::Failed) => Outcome::Failed,
            Some(Outcome::NotRun | Outcome::NotOffered) if self.count(Outcome::Passed) == 0 => {
                Outcome::NotRun
            }
            Some(Outcome::NotRun) => Outcome::NotRun,
            Some(Outcome::Passed | Outcome::NotOffered) => Outcome::Passed,
        }
    }

    /// One line: the number of rows with each outcome.
    fn line(&self) -> String {
        let mut parts = Vec::new();
        for outcome in Outcome::ALL {
            let count = self.count(outcome);
            if count > 0 {
                parts.push(format!("{count} {}", outcome.word()));
            }
        }
        let passed: u64 = self.rows.iter().map(|row| row.passed).sum();
        let failed: u64 = self.rows.iter().map(|row| row.failed).sum();
        if passed + failed > 0 {
            parts.push(format!("{passed} cases passed, {failed} failed"));
        }
        parts.join(", ")
    }

    /// The time, the commit and the machine of the run.
    fn origin(&self) -> String {
        let Stamp { date, commit, machine, arguments } = &self.stamp;
        let earlier = if self.earlier { "An earlier run, of " } else { "Run of " };
        format!(
            "{earlier}{date} UTC at commit {commit}, in {:.1} s, on {machine}, asked for with `{arguments}`.",
            self.seconds
        )
    }

    /// The definition of a case.
    fn counted(&self) -> String {
        format!("One case is {}.", self.suite.case)
    }

    fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            json!({
                "subject": row.subject, "outcome": row.outcome.word(),
                "passed": row.passed, "failed": row.failed, "detail": row.detail,
            })
        });
        json!({
            "suite": self.suite.name, "about": self.suite.about, "case": self.suite.case,
            "outcome": self.outcome().word(), "seconds": self.seconds, "run": self.stamp.json(),
            "rows": rows.collect::<Vec<_>>(),
        })
    }

    /// Reads a section of an earlier report, if it is well-formed; its tables are stored elsewhere.
    pub(crate) fn from_json(value: &Value, suites: &[&'static Suite]) -> Option<Self> {
        let name = value.get("suite")?.as_str()?;
        let suite = suites.iter().find(|suite| suite.name == name)?;
        let row = |row: &Value| {
            Some(Row {
                subject: row.get("subject")?.as_str()?.to_owned(),
                outcome: Outcome::from_word(row.get("outcome")?.as_str()?)?,
                passed: row.get("passed")?.as_u64()?,
                failed: row.get("failed")?.as_u64()?,
                detail: row.get("detail")?.as_str()?.to_owned(),
            })
        };
        Some(Self {
            suite,
            rows: value.get("rows")?.as_array()?.iter().map(row).collect::<Option<_>>()?,
            tables: Vec::new(),
            seconds: value.get("seconds")?.as_f64()?,
            stamp: Stamp::from_json(value.get("run")?)?,
            earlier: true,
        })
    }

    /// The text for the terminal.
    pub(crate) fn table(&self) -> String {
        let subject = self.rows.iter().map(|row| row.subject.chars().count()).max().unwrap_or(0);
        let mut out = String::new();
        for row in &self.rows {
            let counts = if row.passed + row.failed == 0 {
                " ".repeat(15)
            } else {
                format!("{:>7} {:>7}", row.passed, row.failed)
            };
            let detail = shortened(&row.detail).replace('\n', "\n      ");
            let line = format!("  {:<subject$}  {:<11}  {counts}  {detail}", row.subject, row.outcome.word());
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(out, "{}", line.trim_end());
        }
        let _ = writeln!(out, "  {} in {:.1} s", self.line(), self.seconds);
        out
    }
}

impl Report {
    /// One line per suite.
    pub(crate) fn summary(&self) -> String {
        let width = self.sections.iter().map(|section| section.suite.name.len()).max().unwrap_or(0);
        let lines = self.sections.iter().map(|section| {
            let (name, outcome) = (section.suite.name, section.outcome().word());
            let Stamp { date, commit, .. } = &section.stamp;
            let earlier = if section.earlier { format!(" ({date}, {commit})") } else { String::new() };
            format!("{name:<width$}  {outcome:<11}  {}{earlier}", section.line())
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Succeeds if all suites of this run passed.
    ///
    /// # Errors
    ///
    /// Lists the suites that did not pass.
    pub(crate) fn verdict(&self, strict: bool) -> Result<(), String> {
        let bad = |outcome| outcome == Outcome::Failed || (strict && outcome != Outcome::Passed);
        let own = self.sections.iter().filter(|section| !section.earlier);
        let bad: Vec<_> = own.filter(|section| bad(section.outcome())).collect();
        if bad.is_empty() {
            return Ok(());
        }
        let names = bad.iter().map(|section| format!("{} {}", section.suite.name, section.outcome().word()));
        Err(format!("not conforming: {}", names.collect::<Vec<_>>().join(", ")))
    }

    pub(crate) fn json(&self) -> String {
        let sections = self.sections.iter().map(Section::json);
        format!("{:#}\n", json!({ "suites": sections.collect::<Vec<_>>() }))
    }

    pub(crate) fn markdown(&self) -> String {
        let mut out =
            String::from("# Conformance\n\n| suite | outcome | | date | commit |\n|---|---|---|---|---|\n");
        for section in &self.sections {
            let (outcome, Stamp { date, commit, .. }) = (section.outcome().word(), &section.stamp);
            let (name, line) = (section.suite.name, section.line());
            let _ = writeln!(out, "| {name} | {outcome} | {line} | {date} | {commit} |");
        }
        for section in &self.sections {
            let _ = writeln!(out, "\n## {}\n\n{}\n", section.suite.name, section.suite.about);
            let _ = writeln!(out, "{} {}\n", section.origin(), section.counted());
            out += "| subject | outcome | cases passed | failed | |\n|---|---|---:|---:|---|\n";
            for Row { subject, outcome, passed, failed, detail } in &section.rows {
                let (subject, detail) = (cell(subject), cell(detail));
                let _ = writeln!(out, "| {subject} | {} | {passed} | {failed} | {detail} |", outcome.word());
            }
        }
        out
    }

    /// A single self-contained file.
    pub(crate) fn html(&self) -> String {
        let mut out = String::from(HEAD);
        out += "<h1>Conformance</h1>\n<table>\n<tr><th>suite<th>outcome<th><th>date<th>commit\n";
        for section in &self.sections {
            let (name, outcome) = (section.suite.name, section.outcome());
            let _ = writeln!(
                out,
                "<tr class=\"{}\"><td><a href=\"#{name}\">{name}</a><td>{}<td>{}<td>{}<td>{}",
                class(outcome),
                outcome.word(),
                escape(&section.line()),
                escape(&section.stamp.date),
                escape(&section.stamp.commit)
            );
        }
        out += "</table>\n";
        for section in &self.sections {
            let (name, about) = (section.suite.name, escape(section.suite.about));
            let _ = writeln!(out, "<h2 id=\"{name}\">{name}</h2>\n<p>{about}</p>");
            let _ =
                writeln!(out, "<p>{} {}</p>\n<table>", escape(&section.origin()), escape(&section.counted()));
            out += "<tr><th>subject<th>outcome<th>cases passed<th>failed<th>\n";
            for row in &section.rows {
                let _ = writeln!(
                    out,
                    "<tr class=\"{}\"><td>{}<td>{}<td class=\"n\">{}<td class=\"n\">{}<td>{}",
                    class(row.outcome),
                    escape(&row.subject),
                    row.outcome.word(),
                    row.passed,
                    row.failed,
                    escape(&row.detail).replace('\n', "<br>")
                );
            }
            out += "</table>\n";
            for table in &section.tables {
                let _ = writeln!(out, "<figure>{table}</figure>");
            }
        }
        out
    }
}

const HEAD: &str = "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Conformance</title>\n<style>\n\
    :root { color-scheme: light dark; --passed: #bfe5c8; --failed: #fdd; --not-run: #ffd; --weak: #777; }\n\
    @media (prefers-color-scheme: dark) {\n\
    :root { --passed: #1f5a33; --failed: #5a1f1f; --not-run: #47431a; --weak: #999; }\n\
    }\n\
    body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }\n\
    table { border-collapse: collapse; }\n\
    th, td { text-align: left; padding: .15em .8em .15em 0; vertical-align: top; }\n\
    figure { margin: .5em 0 2em; overflow-x: auto; }\n\
    .n { text-align: right; }\n\
    caption { font-weight: bold; text-align: left; padding: .5em 0; }\n\
    .grid { font-size: 12px; }\n\
    .grid tbody { border-top: 1px solid var(--weak); }\n\
    .grid td { text-align: center; padding: 0 .4em; border: 1px solid Canvas; }\n\
    .grid th { padding: 0 .4em; font-weight: normal; white-space: nowrap; }\n\
    .grid .passed { background: var(--passed); }\n\
    .failed { background: var(--failed); }\n\
    .not-run { background: var(--not-run); }\n\
    .not-offered { color: var(--weak); }\n\
    </style>\n";

const fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::NotOffered => "not-offered",
        Outcome::NotRun => "not-run",
        Outcome::Failed => "failed",
    }
}

/// The first lines of a detail, for the terminal; the report has all of them.
fn shortened(detail: &str) -> String {
    let mut lines = detail.lines();
    let mut out: Vec<&str> = lines.by_ref().take(SHOWN).collect();
    let more = lines.count();
    let told = format!("and {more} lines more, in the report");
    if more > 0 {
        out.push(&told);
    }
    out.join("\n")
}

/// The maximum number of lines of a row's detail on the terminal.
const SHOWN: usize = 40;

/// Converts text to a cell of a Markdown table: one line without bars.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', "<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    static SUITE: Suite =
        Suite { name: "demo", about: "a <test>", case: "a try", needs: &[], run: |_| Ok(Vec::new()) };

    fn stamp() -> Stamp {
        let text = |text: &str| text.to_owned();
        Stamp {
            date: text("2026-01-31 23:59"),
            commit: text("abc"),
            machine: text("a machine"),
            arguments: text("demo"),
        }
    }

    fn report(outcomes: &[Outcome]) -> Report {
        let rows = outcomes.iter().map(|outcome| Row::new("a|b", *outcome).counts(3, 1).detail("x < y\nz"));
        Report {
            sections: vec![Section {
                suite: &SUITE,
                rows: rows.collect(),
                tables: Vec::new(),
                seconds: 1.0,
                stamp: stamp(),
                earlier: false,
            }],
        }
    }

    #[test]
    fn rows_that_did_not_run_are_never_passed() {
        use Outcome::{Failed, NotOffered, NotRun, Passed};
        for (outcomes, outcome, lax, strict) in [
            (&[Passed][..], Passed, true, true),
            (&[Passed, NotOffered], Passed, true, true),
            (&[Passed, NotRun], NotRun, true, false),
            (&[NotOffered], NotRun, true, false),
            (&[NotRun], NotRun, true, false),
            (&[Passed, Failed, NotRun], Failed, false, false),
            (&[], Failed, false, false),
        ] {
            let report = report(outcomes);
            assert_eq!(report.sections[0].outcome(), outcome, "{outcomes:?}");
            assert_eq!(report.verdict(false).is_ok(), lax, "{outcomes:?}");
            assert_eq!(report.verdict(true).is_ok(), strict, "{outcomes:?}");
        }
    }

    #[test]
    fn all_formats_agree_and_escape_special_characters() {
        let report = report(&[Outcome::Failed]);
        assert!(report.markdown().contains("| a\\|b | FAILED | 3 | 1 | x < y<br>z |"));
        assert!(
            report.html().contains("<td>a|b<td>FAILED<td class=\"n\">3<td class=\"n\">1<td>x &lt; y<br>z")
        );
        assert!(report.html().contains("a &lt;test&gt;"));
        let json: Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["suites"][0]["rows"][0]["detail"], "x < y\nz");
        assert_eq!(json["suites"][0]["outcome"], "FAILED");
        assert!(report.sections[0].table().contains("a|b  FAILED"));
        assert_eq!(report.summary(), "demo  FAILED       1 FAILED, 3 cases passed, 1 failed");
    }

    #[test]
    fn earlier_section_is_read_back_and_does_not_affect_the_outcome() {
        let json: Value = serde_json::from_str(&report(&[Outcome::Failed]).json()).unwrap();
        let section = Section::from_json(&json["suites"][0], &[&SUITE]).unwrap();
        assert!(Section::from_json(&json["suites"][0], &[]).is_none());
        let earlier = Report { sections: vec![section] };
        assert_eq!(earlier.verdict(true), Ok(()));
        assert_eq!(
            earlier.summary(),
            "demo  FAILED       1 FAILED, 3 cases passed, 1 failed (2026-01-31 23:59, abc)"
        );
        let page = earlier.markdown();
        assert!(page.contains("| a\\|b | FAILED | 3 | 1 | x < y<br>z |"), "{page}");
        assert!(
            page.contains("| demo | FAILED | 1 FAILED, 3 cases passed, 1 failed | 2026-01-31 23:59 | abc |")
        );
        let told = "An earlier run, of 2026-01-31 23:59 UTC at commit abc, in 1.0 s, on a machine, asked for \
                    with `demo`. One case is a try.";
        assert!(page.contains(told) && earlier.html().contains(told), "{page}");
    }

    #[test]
    fn long_detail_is_shortened_for_the_terminal() {
        let lines: Vec<String> = (0..SHOWN + 2).map(|line| line.to_string()).collect();
        assert!(shortened(&lines.join("\n")).ends_with("39\nand 2 lines more, in the report"));
        assert_eq!(shortened("a\nb"), "a\nb");
    }

    #[test]
    fn tables_are_in_the_page_below_the_rows_of_their_suite() {
        let mut report = report(&[Outcome::Passed]);
        report.sections[0].tables = vec!["<table>a &lt; b</table>".to_owned()];
        let page = report.html();
        assert!(page.ends_with("</table>\n<figure><table>a &lt; b</table></figure>\n"), "{page}");
    }
}
