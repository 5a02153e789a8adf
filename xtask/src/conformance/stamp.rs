//! The time, commit and machine of a run.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, thread};

use serde_json::{Value, json};

/// The origin of a result. A report contains results of several runs, so each has its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// In UTC, to the minute: `2026-01-31 23:59`.
    pub(crate) date: String,
    /// The commit, and whether there were uncommitted changes.
    pub(crate) commit: String,
    /// Architecture, system, processor and compiler.
    pub(crate) machine: String,
    /// The arguments of the run.
    pub(crate) arguments: String,
}

impl Stamp {
    /// The stamp of a run that starts now. Values that cannot be determined are unknown.
    pub(crate) fn now(root: &Path) -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self {
            date: date(seconds),
            commit: commit(root).unwrap_or_else(|| "unknown".to_owned()),
            machine: machine(root),
            arguments: env::args().skip(2).collect::<Vec<_>>().join(" "),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let Self { date, commit, machine, arguments } = self;
        json!({ "date": date, "commit": commit, "machine": machine, "arguments": arguments })
    }

    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        let text = |field| value.get(field).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            date: text("date")?,
            commit: text("commit")?,
            machine: text("machine")?,
            arguments: text("arguments")?,
        })
    }
}

/// The first line of a command's output, if it succeeds.
fn said(root: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).current_dir(root).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.lines().next().unwrap_or_default().to_owned())
}

fn commit(root: &Path) -> Option<String> {
    let commit = said(root, "git", &["rev-parse", "--short=12", "HEAD"])?;
    let changes = said(root, "git", &["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changes.is_empty() { commit } else { format!("{commit} with changes") })
}

fn machine(root: &Path) -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.trim().to_owned());
    let count = thread::available_parallelism().map_or(1, usize::from);
    let rustc = said(root, "rustc", &["--version"]).unwrap_or_else(|| "unknown compiler".to_owned());
    format!("{} {}, {count} x {model}, {rustc}", env::consts::ARCH, env::consts::OS)
}

/// Converts seconds since 1970 to a Gregorian date and a time of day, in UTC.
fn date(seconds: u64) -> String {
    let (mut days, minutes) = (seconds / 86_400, seconds % 86_400 / 60);
    let mut year = 1970;
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let february = if leap { 29 } else { 28 };
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, length) in (1..).zip(months) {
            if days < length {
                let day = days + 1;
                return format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60);
            }
            days -= length;
        }
        year += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_gregorian_calendar() {
        assert_eq!(date(0), "1970-01-01 00:00");
        assert_eq!(date(951_782_399), "2000-02-28 23:59");
        assert_eq!(date(951_868_740), "2000-02-29 23:59");
        assert_eq!(date(4_107_542_400), "2100-03-01 00:00");
    }

    #[test]
    fn stamp_round_trips_through_the_report() {
        let stamp = Stamp::now(Path::new(env!("CARGO_MANIFEST_DIR")));
        assert_eq!(Stamp::from_json(&stamp.json()), Some(stamp));
        assert_eq!(Stamp::from_json(&json!({ "date": "2026-01-01 00:00" })), None);
    }
}
