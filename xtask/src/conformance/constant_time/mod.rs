//! What must not show a secret in its time, watched by valgrind: `cairn-constant-time` runs it, in the profile that
//! ships, and says what there is.
//!
//! Two things are held against each subject. Under callgrind, variants of a class must take the same number of
//! instructions, to the last one. Under memcheck, with secrets marked as undefined, no branch and no address may depend
//! on them but at the places that the subject names with a reason. The controls leak on purpose, and fail where they
//! are not found out.

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
    about: "CBC, premaster secrets, Finished, tickets, secrets: equal instruction counts, no branch on a secret",
    case: "an input whose instructions were counted, or whose branches and addresses were watched",
    needs: &[Tool { program: "valgrind", package: "valgrind" }],
    run,
};

const PACKAGE: &str = "cairn-constant-time";

fn run(context: &Context) -> Result<Vec<Row>, String> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        let why = "valgrind is asked in the way of x86-64 Linux only";
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

/// Where what is watched.
struct Watch {
    program: PathBuf,
    root: PathBuf,
    folder: PathBuf,
}

impl Watch {
    /// All of them, by as many threads as there are processors. Rows stand in the order of subjects.
    fn all(&self, subjects: &[Subject]) -> Vec<Row> {
        let rows = parallel::each(subjects, |subject| [self.counted(subject), self.watched(subject)]);
        rows.into_iter().flatten().collect()
    }

    /// Instructions, variant by variant.
    fn counted(&self, subject: &Subject) -> Row {
        let name = format!("{}: instructions", subject.name);
        let counted = || -> Result<Row, String> {
            let folder = self.folder.join(&subject.name);
            // What an earlier run has left must not be taken for this one's.
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
                (Leaks::InBoth, false) => format!("not found out\n{}", counts.table()),
                (Leaks::InMemoryOnly, false) => "equal, for it leaks by addresses only".to_owned(),
                (_, true) => format!("found out, as it must be\n{}", counts.table()),
            };
            Ok(row(&name, failed, passed).detail(detail))
        };
        counted().unwrap_or_else(|why| Row::new(&name, Outcome::Failed).detail(why))
    }

    /// Branches and addresses that depend on secrets.
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
                // Whole paths, so that our files are told from others of the same name.
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
                (_, false) => "found out, as it must be".to_owned(),
                (_, true) => "not found out".to_owned(),
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

/// Runs a child to its end, and tells what it said if it failed.
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
