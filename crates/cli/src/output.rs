//! Writes to standard output and standard error without a panic when they are closed.
//!
//! Colours are for terminals only. The environment variable NO_COLOR turns them off, CLICOLOR_FORCE on.

use crate::failure::{Code, Failure};
use anstream::{AutoStream, ColorChoice, stream::RawStream};
use clap::builder::styling::{AnsiColor, Style, Styles};
use core::fmt;
use std::{
    io::{self, Write},
    process::ExitCode,
};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();
const HEADING: Style = Style::new().bold();

/// The styles of help texts.
pub(crate) const HELP: Styles = Styles::styled()
    .header(HEADING)
    .usage(HEADING)
    .literal(AnsiColor::Cyan.on_default())
    .error(ERROR)
    .invalid(WARNING);

/// A text in a style, or without it if the stream shows no colours.
fn styled(stream: &impl RawStream, style: Style, text: &str) -> String {
    match AutoStream::choice(stream) {
        ColorChoice::Never => text.to_owned(),
        _ => format!("{style}{text}{style:#}"),
    }
}

/// A heading on standard output.
pub(crate) fn heading(text: &str) -> String {
    styled(&io::stdout(), HEADING, text)
}

/// Writes one line to standard error. Failures are ignored, since there is no other place to report them.
pub(crate) fn note(line: impl fmt::Display) {
    let _nobody_reads = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a warning to standard error.
pub(crate) fn warn(line: impl fmt::Display) {
    note(format_args!("cairn: {} {line}", styled(&io::stderr(), WARNING, "warning:")));
}

/// Prints why a command failed, and returns its exit code.
pub(crate) fn tell(failure: &Failure) -> ExitCode {
    if !failure.message().is_empty() {
        note(format_args!("{} {}", styled(&io::stderr(), ERROR, "cairn:"), failure.message()));
    }
    for hint in failure.hints() {
        note(format_args!("  {} {hint}", styled(&io::stderr(), HINT, "hint:")));
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
