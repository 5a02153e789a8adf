//! What goes wrong: a message that says what happened, what to do about it, and an exit code.

use cairn_tls::ConfigError;
use core::fmt;
use std::process::ExitCode;

/// Exit codes. The help text and `docs/cli.md` have the same table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Something on this side: a file, the output, a self-check.
    Local,
    /// No connection: no such host, refused, timed out.
    Unreachable,
    /// The TLS connection failed.
    Tls,
    /// The peer's certificate is not accepted.
    Certificate,
    /// The transport ended without close_notify.
    Truncated,
    /// Malformed bytes.
    Malformed,
    /// Sessions were not resumed.
    NotResumed,
    /// The server was silent for too long, and has not closed.
    GaveUp,
}

impl From<Code> for ExitCode {
    /// 2 is the command line's, which clap parses.
    fn from(code: Code) -> Self {
        Self::from(match code {
            Code::Local => 1,
            Code::Unreachable => 3,
            Code::Tls => 4,
            Code::Certificate => 5,
            Code::Truncated => 6,
            Code::Malformed => 7,
            Code::NotResumed => 8,
            Code::GaveUp => 9,
        })
    }
}

/// Why a command failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    code: Code,
    /// What happened; empty when nobody is to be told.
    message: String,
    /// What to do about it.
    hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hints: Vec::new() }
    }

    /// A failure that there is no need to speak of.
    pub(crate) const fn silent(code: Code) -> Self {
        Self { code, message: String::new(), hints: Vec::new() }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
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

/// In one line, for a server's log.
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
