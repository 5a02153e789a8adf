//! The reports of memcheck and their evaluation.

use alloc::collections::BTreeMap;
use std::path::Path;

use super::subject::{Place, Subject, Verdict};

/// A report of memcheck.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// The message.
    what: String,
    /// The stack trace, innermost frame first.
    frames: Vec<Frame>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Frame {
    function: String,
    /// File and line, if known.
    at: Option<(String, usize)>,
}

/// The evaluation of all reports on a subject.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Judged {
    /// Reports that no verdict permits.
    pub(super) leaks: usize,
    pub(super) detail: String,
}

impl Report {
    /// Reads memcheck's log: each line starts with `==4711== `, and an empty line follows each report.
    pub(super) fn all(log: &str) -> Result<Vec<Self>, String> {
        let lines =
            log.lines().filter_map(|line| line.strip_prefix("==")?.split_once("== ").map(|(_, line)| line));
        let mut reports: Vec<Self> = Vec::new();
        let mut errors: Option<usize> = None;
        for line in lines {
            if let Some(frame) = Frame::read(line) {
                let report = reports.last_mut().ok_or("memcheck names a place before its message")?;
                report.frames.push(frame);
            } else if let Some(summary) = line.strip_prefix("ERROR SUMMARY: ") {
                errors = summary
                    .split_once(" from ")
                    .and_then(|(_, contexts)| contexts.split(' ').next()?.parse().ok());
            } else if is_of_a_secret(line) {
                reports.push(Self { what: line.trim().to_owned(), frames: Vec::new() });
            }
        }
        // Reports with an unknown message must not be ignored.
        match errors {
            Some(contexts) if contexts == reports.len() => Ok(reports),
            Some(contexts) => {
                Err(format!("memcheck made {contexts} reports, of which {} were understood", reports.len()))
            }
            None => Err("memcheck did not finish".to_owned()),
        }
    }

    fn excuse<'s>(
        &self,
        subject: &'s Subject,
        root: &Path,
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> Option<&'s Verdict> {
        // The innermost line of this workspace is responsible for the external code that it calls. A line of
        // the external code may be permitted too.
        let ours = self.frames.iter().position(|frame| frame.is_in(root));
        let others = self.frames.get(..ours.unwrap_or(self.frames.len())).unwrap_or_default();
        let lines = self.frames.get(..=ours.unwrap_or(self.frames.len())).unwrap_or(others);
        subject.verdicts.iter().find(|verdict| match &verdict.place {
            Place::Line { file, text } => lines.iter().any(|frame| {
                let in_file = frame.at.as_ref().is_some_and(|(path, _)| Path::new(path).ends_with(file));
                in_file && frame.text(read).is_some_and(|line| line == *text)
            }),
            Place::Function(name) => others.iter().any(|frame| frame.function.contains(name)),
        })
    }

    fn told(&self) -> String {
        let frames = self.frames.iter().take(8).map(|frame| match &frame.at {
            Some((file, line)) => format!("    {} ({file}:{line})", frame.function),
            None => format!("    {}", frame.function),
        });
        [self.what.clone()].into_iter().chain(frames).collect::<Vec<_>>().join("\n")
    }
}

/// Returns `true` if a line starts a report about a secret.
fn is_of_a_secret(line: &str) -> bool {
    ["Conditional jump or move depends on", "Use of uninitialised value", "Syscall param"]
        .iter()
        .any(|start| line.starts_with(start))
}

impl Frame {
    /// Parses `   at 0x4011D6: function (/path/file.rs:17)`, or `(in /path/program)` if the line is unknown.
    fn read(line: &str) -> Option<Self> {
        let line = line.trim_start();
        let line = line.strip_prefix("at 0x").or_else(|| line.strip_prefix("by 0x"))?;
        let (_, line) = line.split_once(": ")?;
        let (function, place) = line.rsplit_once(" (")?;
        let at = place.strip_suffix(')').and_then(|place| {
            let (file, number) = place.rsplit_once(':')?;
            Some((file.to_owned(), number.parse().ok()?))
        });
        Some(Self { function: function.to_owned(), at })
    }

    /// Returns `true` for code of this workspace.
    fn is_in(&self, root: &Path) -> bool {
        self.at.as_ref().is_some_and(|(file, _)| Path::new(file).starts_with(root))
    }

    /// The text of the line.
    fn text(&self, read: &dyn Fn(&Path) -> Option<String>) -> Option<String> {
        let (file, line) = self.at.as_ref()?;
        let text = read(Path::new(file))?;
        Some(text.lines().nth(line.checked_sub(1)?)?.trim().to_owned())
    }
}

/// Compares reports with the verdicts of a subject. `read` returns the text of a file.
pub(super) fn judge(
    reports: &[Report],
    subject: &Subject,
    root: &Path,
    read: &dyn Fn(&Path) -> Option<String>,
) -> Judged {
    let mut excused: BTreeMap<String, usize> = BTreeMap::new();
    let mut told = Vec::new();
    for report in reports {
        match report.excuse(subject, root, read) {
            Some(verdict) => *excused.entry(verdict_line(verdict)).or_default() += 1,
            None => told.push(report.told()),
        }
    }
    let leaks = told.len();
    let mut lines = vec![match leaks {
        0 => "nothing depends on a secret except where permitted".to_owned(),
        leaks => format!("{leaks} reports:"),
    }];
    lines.extend(told);
    lines.extend(excused.into_iter().map(|(verdict, times)| format!("{times} x {verdict}")));
    Judged { leaks, detail: lines.join("\n") }
}

fn verdict_line(verdict: &Verdict) -> String {
    match &verdict.place {
        Place::Line { file, text } => format!("`{text}` in {file}: {}", verdict.why),
        Place::Function(name) => format!("{name}: {}", verdict.why),
    }
}

#[cfg(test)]
mod tests {
    use super::super::subject::Leaks;
    use super::*;

    const LOG: &str = "\
==1== Memcheck, a memory error detector
==1== Command: x once a
==1==
==1== Conditional jump or move depends on uninitialised value(s)
==1==    at 0x11F2A0: subtle::from (/elsewhere/subtle/lib.rs:9)
==1==    by 0x11F2A0: open (/house/crates/record/src/cbc.rs:2)
==1==    by 0x11F1B1: main (/house/constant-time/src/main.rs:1)
==1==
==1== Use of uninitialised value of size 8
==1==    at 0x11F2A9: des::des::Des::round (in /house/target/release/x)
==1==    by 0x11F2A0: open (/house/crates/record/src/cbc.rs:1)
==1==
==1== HEAP SUMMARY:
==1==     in use at exit: 0 bytes in 0 blocks
==1==
==1== ERROR SUMMARY: 7 errors from 2 contexts (suppressed: 0 from 0)
";

    fn subject(places: &[Place]) -> Subject {
        let verdict = |place: &Place| Verdict {
            place: match place {
                Place::Line { file, text } => Place::Line { file: file.clone(), text: text.clone() },
                Place::Function(name) => Place::Function(name.clone()),
            },
            why: "so".to_owned(),
        };
        let verdicts = places.iter().map(verdict).collect();
        Subject { name: "a".to_owned(), variants: Vec::new(), verdicts, leaks: Leaks::No }
    }

    fn leaks(places: &[Place]) -> usize {
        let read = |path: &Path| {
            (path == Path::new("/house/crates/record/src/cbc.rs"))
                .then(|| "decrypt(x);\n    if right {\n".to_owned())
        };
        judge(&Report::all(LOG).unwrap(), &subject(places), Path::new("/house"), &read).leaks
    }

    fn line(file: &str, text: &str) -> Place {
        Place::Line { file: file.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn permitted_line_permits_only_what_happens_there() {
        const FILE: &str = "crates/record/src/cbc.rs";
        assert_eq!(leaks(&[]), 2);
        assert_eq!(leaks(&[line(FILE, "if right {")]), 1);
        assert_eq!(leaks(&[line(FILE, "if wrong {")]), 2);
        assert_eq!(leaks(&[line("crates/record/src/other.rs", "if right {")]), 2);
        // The innermost line of this workspace counts, not its caller.
        assert_eq!(leaks(&[line("constant-time/src/main.rs", "decrypt(x);")]), 2);
    }

    #[test]
    fn permitted_external_function_permits_what_happens_inside() {
        assert_eq!(leaks(&[Place::Function("des::".to_owned())]), 1);
        assert_eq!(leaks(&[Place::Function("subtle::from".to_owned())]), 1);
        // A line of this workspace must be permitted itself.
        assert_eq!(leaks(&[Place::Function("open".to_owned()), Place::Function("main".to_owned())]), 2);
    }

    #[test]
    fn log_that_is_not_understood_is_not_a_success() {
        assert!(Report::all("").is_err());
        assert!(Report::all(&LOG.replace("from 2 contexts", "from 3 contexts")).is_err());
        assert!(Report::all(&LOG.replace("Use of uninitialised value", "Invalid read")).is_err());
        let clean = Report::all("==1== ERROR SUMMARY: 0 errors from 0 contexts (suppressed: 0 from 0)\n");
        assert_eq!(clean, Ok(Vec::new()));
    }
}
