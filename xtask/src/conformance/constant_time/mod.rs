//! Checks with valgrind that timing does not reveal secrets: `cairn-constant-time` runs the code, in the
//! release profile, and lists the subjects.
//!
//! Each subject is checked in two ways. Under callgrind, all variants of a class must execute the same number
//! of instructions. Under memcheck, with secrets marked as undefined, no branch and no address may depend on
//! them, except where the subject lists the place with a reason. The controls leak on purpose and fail if
//! they are not detected.

mod counts;
mod reports;
mod subject;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::parallel;
use super::suite::{Context, Outcome, Row, Suite, Tool};
use crate::workspace;
use counts::Counts;
use reports::{Report, judge};
use subject::{Leaks, Subject};

pub(super) const SUITE: Suite = Suite {
    name: "constant-time",
    about: "CBC, premaster secrets, Finished, tickets, secrets: equal instruction counts, no \
            branch on a secret",
    case: "an input whose instructions were counted, or whose branches and addresses were watched",
    needs: &[Tool { program: "valgrind", package: "valgrind" }],
    run,
};

const PACKAGE: &str = "cairn-constant-time";

fn run(context: &Context) -> Result<Vec<Row>, String> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        let why = "the client requests of valgrind are implemented only for x86-64 Linux";
        return Ok(vec![Row::new("all", Outcome::NotRun).detail(why)]);
    }
    let status = context
        .cargo()
        .args(["build", "--quiet", "--release", "--package", PACKAGE])
        .status()
        .map_err(|e| format!("cargo could not be started: {e}"))?;
    if !status.success() {
        return Err(format!("{PACKAGE} could not be built ({status})"));
    }
    let (_, target) = workspace::folders()?;
    let watch = Watch {
        program: target.join("release").join(format!("{PACKAGE}{}", env::consts::EXE_SUFFIX)),
        root: context.root.clone(),
        folder: context.folder.clone(),
    };
    fs::create_dir_all(&watch.folder)
        .map_err(|e| format!("{} cannot be made: {e}", watch.folder.display()))?;
    let listed = finish(Command::new(&watch.program).arg("list"))?;
    let subjects = Subject::all(&String::from_utf8_lossy(&listed.stdout))?;
    Ok(watch.all(&subjects))
}

/// Paths of the program and its output.
struct Watch {
    program: PathBuf,
    root: PathBuf,
    folder: PathBuf,
}

impl Watch {
    /// Runs all subjects on as many threads as there are processors. Rows are in the order of the subjects.
    fn all(&self, subjects: &[Subject]) -> Vec<Row> {
        let rows = parallel::each(subjects, |subject| [self.counted(subject), self.watched(subject)]);
        rows.into_iter().flatten().collect()
    }

    /// Counts the instructions of each variant.
    fn counted(&self, subject: &Subject) -> Row {
        let name = format!("{}: instructions", subject.name);
        let counted = || -> Result<Row, String> {
            let folder = self.folder.join(&subject.name);
            // Files of a previous run must not be mistaken for those of this run.
            let _not_there = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
            let out = format!("--callgrind-out-file={}", folder.join("counts").display());
            finish(
                Command::new("valgrind")
                    .args(["--tool=callgrind", "--collect-atstart=no", "--quiet", &out])
                    .arg(&self.program)
                    .args(["run", &subject.name]),
            )?;
            let counts = Counts::read(&folder, subject)?;
            let differ = counts.differ();
            let failed = match subject.leaks {
                Leaks::No => differ,
                Leaks::InBoth => !differ,
                Leaks::InMemoryOnly => false,
            };
            let passed = u64::try_from(counts.len()).unwrap_or(u64::MAX);
            let detail = match (subject.leaks, differ) {
                (Leaks::No, _) => counts.table(),
                (Leaks::InBoth, false) => format!("not detected\n{}", counts.table()),
                (Leaks::InMemoryOnly, false) => "equal, because it leaks only through addresses".to_owned(),
                (_, true) => format!("detected, as expected\n{}", counts.table()),
            };
            Ok(row(&name, failed, passed).detail(detail))
        };
        counted().unwrap_or_else(|why| Row::new(&name, Outcome::Failed).detail(why))
    }

    /// Checks branches and addresses that depend on secrets.
    fn watched(&self, subject: &Subject) -> Row {
        let name = format!("{}: branches and addresses", subject.name);
        let watched = || -> Result<Row, String> {
            let log = self.folder.join(format!("{}.memcheck.log", subject.name));
            let to_log = format!("--log-file={}", log.display());
            let memcheck = [
                "--tool=memcheck",
                "--error-limit=no",
                "--leak-check=no",
                "--undef-value-errors=yes",
                "--read-inline-info=yes",
                "--num-callers=40",
                // Entire paths, to distinguish the workspace's files from others with the same name.
                "--fullpath-after=",
                &to_log,
            ];
            finish(Command::new("valgrind").args(memcheck).arg(&self.program).args(["once", &subject.name]))?;
            let text = fs::read_to_string(&log).map_err(|e| format!("{}: {e}", log.display()))?;
            let reports = Report::all(&text)?;
            let judged = judge(&reports, subject, &self.root, &|path| read(path));
            let failed = match subject.leaks {
                Leaks::No => judged.leaks > 0,
                Leaks::InBoth | Leaks::InMemoryOnly => judged.leaks == 0,
            };
            let detail = match (subject.leaks, failed) {
                (Leaks::No, _) => judged.detail,
                (_, false) => "detected, as expected".to_owned(),
                (_, true) => "not detected".to_owned(),
            };
            Ok(row(&name, failed, 1).detail(detail))
        };
        watched().unwrap_or_else(|why| Row::new(&name, Outcome::Failed).detail(why))
    }
}

fn row(name: &str, failed: bool, cases: u64) -> Row {
    if failed {
        Row::new(name, Outcome::Failed).counts(0, 1)
    } else {
        Row::new(name, Outcome::Passed).counts(cases, 0)
    }
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Runs a child process and returns its output, or an error if it fails.
fn finish(command: &mut Command) -> Result<Output, String> {
    let name = command.get_program().display().to_string();
    let output =
        command.stdin(Stdio::null()).output().map_err(|e| format!("{name} could not be started: {e}"))?;
    if output.status.success() {
        Ok(output)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{name} ended with {}: {}", output.status, said.trim()))
    }
}
