//! Writes to standard output and standard error without a panic when they are closed.

use crate::failure::{Code, Failure};
use core::fmt;
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Writes one line to standard error. Failures are ignored, since there is no other place to report them.
pub(crate) fn note(line: impl fmt::Display) {
    let _nobody_reads = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a warning to standard error.
pub(crate) fn warn(line: impl fmt::Display) {
    note(format_args!("cairn: warning: {line}"));
}

/// Prints why a command failed, and returns its exit code.
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

/// Standard output cannot be written to. A closed pipe, as after `head`, is not reported.
pub(crate) fn broken(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Failure::silent(Code::Local)
    } else {
        Failure::new(Code::Local, format!("standard output: {error}"))
    }
}
