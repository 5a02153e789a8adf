//! What a suite is, and what it gives.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::workspace::cargo;

/// How a suite runs: rows, or why it could not go on.
pub(crate) type Run = fn(&Context) -> Result<Vec<Row>, String>;

/// One suite.
#[derive(Debug)]
pub(crate) struct Suite {
    /// By which it is asked for.
    pub(crate) name: &'static str,
    /// What it shows, in one line.
    pub(crate) about: &'static str,
    /// What one case is that its figures count, to follow the words "One case is".
    pub(crate) case: &'static str,
    /// The programs that it cannot do without, beside cargo.
    pub(crate) needs: &'static [Tool],
    /// Runs it. It is called only if all that it needs is there.
    pub(crate) run: Run,
}

/// A program that a suite needs.
#[derive(Debug)]
pub(crate) struct Tool {
    /// What it is called on the path.
    pub(crate) program: &'static str,
    /// The Debian package that has it.
    pub(crate) package: &'static str,
}

impl Tool {
    /// Whether it is on the path.
    pub(crate) fn is_there(&self) -> bool {
        let path = env::var_os("PATH").unwrap_or_default();
        let named =
            |folder: PathBuf, ending: &str| folder.join(format!("{}{ending}", self.program)).is_file();
        env::split_paths(&path)
            .any(|folder| named(folder.clone(), "") || named(folder, env::consts::EXE_SUFFIX))
    }
}

/// Where a suite runs.
#[derive(Debug)]
pub(crate) struct Context {
    /// The workspace's root.
    pub(crate) root: PathBuf,
    /// A folder for what the suite wants to keep (logs, say); the suite makes it if it needs it. The report shows the
    /// pictures that are there in the end: [`pictures`](super::pictures).
    pub(crate) folder: PathBuf,
    /// BoringSSL's test runner, if the user has one.
    pub(crate) runner: Option<PathBuf>,
    /// Where cases of certification paths are, if the user has some.
    pub(crate) cases: Option<PathBuf>,
    /// How long each target is fuzzed, if the user says.
    pub(crate) seconds: Option<u32>,
    /// The one target to fuzz, if the user says.
    pub(crate) target: Option<String>,
    /// Whether what fuzzing finds is to be kept in the repository.
    pub(crate) keep: bool,
}

impl Context {
    /// The cargo that runs us, in the workspace's root.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(&self.root);
        command
    }
}

/// What came of one thing that a suite tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// It is as it must be.
    Passed,
    /// It is not there to be tried, and need not be.
    NotOffered,
    /// Something that it takes is missing on this machine. Not passed.
    NotRun,
    /// It is not as it must be.
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

    /// The outcome that this word stands for.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// One line of a suite's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// What was tried.
    pub(crate) subject: String,
    pub(crate) outcome: Outcome,
    /// How many cases passed, where cases are counted.
    pub(crate) passed: u64,
    /// How many failed.
    pub(crate) failed: u64,
    /// What a reader wants to know besides; several lines if need be.
    pub(crate) detail: String,
}

impl Row {
    /// A row without counts.
    pub(crate) fn new(subject: impl Into<String>, outcome: Outcome) -> Self {
        Self { subject: subject.into(), outcome, passed: 0, failed: 0, detail: String::new() }
    }

    /// The same with its counts.
    pub(crate) fn counts(self, passed: u64, failed: u64) -> Self {
        Self { passed, failed, ..self }
    }

    /// The same with something to say.
    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// For a program that is not there.
    pub(crate) fn missing(tool: &Tool) -> Self {
        Self::new(tool.program, Outcome::NotRun)
            .detail(format!("{} is not installed: apt-get install {}", tool.program, tool.package))
    }
}
