//! Failures: a message, hints, and an exit code.

use cairn_tls::ConfigError;
use core::fmt;
use std::process::ExitCode;

/// Exit codes, as listed in the help text and `docs/cli.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// A local fault: a file, the output, a self-check.
    Local,
    /// No connection: no such host, refused, timed out.
    Unreachable,
    /// The TLS connection failed.
    Tls,
    /// The peer's certificate was rejected.
    Certificate,
    /// The transport ended without close_notify.
    Truncated,
    /// Malformed bytes.
    Malformed,
    /// Sessions were not resumed.
    NotResumed,
    /// The server was silent for too long and did not close.
    GaveUp,
    /// A scan has findings of the severity that the command line does not permit.
    Findings,
}

impl Code {
    /// The exit code. 2 is reserved for command-line errors, which clap reports.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Local => 1,
            Self::Unreachable => 3,
            Self::Tls => 4,
            Self::Certificate => 5,
            Self::Truncated => 6,
            Self::Malformed => 7,
            Self::NotResumed => 8,
            Self::GaveUp => 9,
            Self::Findings => 10,
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.number())
    }
}

/// The failure of a command.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    code: Code,
    /// The cause; empty for a silent failure.
    message: String,
    /// Remedies for the user.
    hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hints: Vec::new() }
    }

    /// A failure without a message.
    pub(crate) const fn silent(code: Code) -> Self {
        Self { code, message: String::new(), hints: Vec::new() }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The failure with these words before its message.
    #[must_use]
    pub(crate) fn after(mut self, words: impl fmt::Display) -> Self {
        self.message = format!("{words}: {}", self.message);
        self
    }

    /// The failure with another exit code.
    #[must_use]
    pub(crate) const fn with_code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    pub(crate) const fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }
}

/// One line, for a server's log.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hints.iter().try_for_each(|hint| write!(f, "; hint: {hint}"))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Code::Local, error.to_string())
    }
}
