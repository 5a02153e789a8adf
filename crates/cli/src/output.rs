//! Writing to standard output and standard error without panicking when nobody reads.

use crate::failure::{Code, Failure};
use core::fmt;
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Writes one line to standard error. When that is gone, nobody is there to be told.
pub(crate) fn note(line: impl fmt::Display) {
    let _nobody_reads = writeln!(io::stderr().lock(), "{line}");
}

/// Writes one line that begins with the program's name and says that something deserves a look.
pub(crate) fn warn(line: impl fmt::Display) {
    note(format_args!("cairn: warning: {line}"));
}

/// Tells people why a command failed, and gives the exit code for whoever runs this program.
pub(crate) fn tell(failure: &Failure) -> ExitCode {
    if !failure.message().is_empty() {
        note(format_args!("cairn: {}", failure.message()));
    }
    for hint in failure.hints() {
        note(format_args!("  hint: {hint}"));
    }
    failure.code().into()
}

/// Writes text to standard output.
pub(crate) fn print(text: impl fmt::Display) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).map_err(|error| broken(&error))
}

/// Standard output cannot be written to. When its reader has gone, as `head` does, that is no news for anybody.
pub(crate) fn broken(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Failure::silent(Code::Local)
    } else {
        Failure::new(Code::Local, format!("standard output: {error}"))
    }
}
