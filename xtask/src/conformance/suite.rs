//! The definition of a suite and its results.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::workspace::cargo;

/// The function that runs a suite. It returns rows, or the reason why it could not finish.
pub(crate) type Run = fn(&Context) -> Result<Vec<Row>, String>;

/// A suite.
#[derive(Debug)]
pub(crate) struct Suite {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// Its purpose, on one line.
    pub(crate) about: &'static str,
    /// The definition of a case, to follow the words "One case is".
    pub(crate) case: &'static str,
    /// The programs that it needs besides cargo.
    pub(crate) needs: &'static [Tool],
    /// Runs the suite. It is called only if everything that it needs is installed.
    pub(crate) run: Run,
}

/// A program that a suite needs.
#[derive(Debug)]
pub(crate) struct Tool {
    /// The name of its executable.
    pub(crate) program: &'static str,
    /// The Debian package that contains it.
    pub(crate) package: &'static str,
}

impl Tool {
    /// Returns `true` if it is on the path.
    pub(crate) fn is_there(&self) -> bool {
        let path = env::var_os("PATH").unwrap_or_default();
        let named =
            |folder: PathBuf, ending: &str| folder.join(format!("{}{ending}", self.program)).is_file();
        env::split_paths(&path)
            .any(|folder| named(folder.clone(), "") || named(folder, env::consts::EXE_SUFFIX))
    }
}

/// The environment of a suite.
#[derive(Debug)]
pub(crate) struct Context {
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    /// A folder for output, for example logs; the suite creates it if needed. The report shows the tables in
    /// it: [`tables`](super::tables).
    pub(crate) folder: PathBuf,
    /// The path of BoringSSL's test runner, if given.
    pub(crate) runner: Option<PathBuf>,
    /// The path of the certification path cases, if given.
    pub(crate) cases: Option<PathBuf>,
    /// The run time of each fuzz target, if given.
    pub(crate) seconds: Option<u32>,
    /// The only fuzz target, if given.
    pub(crate) target: Option<String>,
    /// Whether to store the inputs that fuzzing finds in the repository.
    pub(crate) keep: bool,
}

impl Context {
    /// The current cargo, with the workspace's root as working directory.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(&self.root);
        command
    }
}

/// The outcome of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// It passed.
    Passed,
    /// It does not exist here, and need not.
    NotOffered,
    /// Something that it needs is not installed on this machine. This does not count as passed.
    NotRun,
    /// It failed.
    Failed,
}

impl Outcome {
    pub(crate) const ALL: [Self; 4] = [Self::Passed, Self::NotOffered, Self::NotRun, Self::Failed];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::NotOffered => "not offered",
            Self::NotRun => "not run",
            Self::Failed => "FAILED",
        }
    }

    /// Parses the word of an outcome.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// One row of a suite's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The subject of the test.
    pub(crate) subject: String,
    pub(crate) outcome: Outcome,
    /// The number of cases that passed, if cases are counted.
    pub(crate) passed: u64,
    /// The number of cases that failed.
    pub(crate) failed: u64,
    /// Additional information, possibly several lines.
    pub(crate) detail: String,
}

impl Row {
    /// Creates a row without counts.
    pub(crate) fn new(subject: impl Into<String>, outcome: Outcome) -> Self {
        Self { subject: subject.into(), outcome, passed: 0, failed: 0, detail: String::new() }
    }

    /// Sets the counts.
    pub(crate) fn counts(self, passed: u64, failed: u64) -> Self {
        Self { passed, failed, ..self }
    }

    /// Sets the additional information.
    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// The row for a missing program.
    pub(crate) fn missing(tool: &Tool) -> Self {
        Self::new(tool.program, Outcome::NotRun)
            .detail(format!("{} is not installed: apt-get install {}", tool.program, tool.package))
    }
}
