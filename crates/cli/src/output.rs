//! Writing to standard output and standard error without panicking when nobody reads.

use crate::errors::{Code, Failure};
use core::fmt;
use std::io::{self, Write};

/// Writes one line to standard error. When that is gone, nobody is there to be told.
pub(crate) fn note(line: impl fmt::Display) {
    let _nobody_reads = writeln!(io::stderr().lock(), "{line}");
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
