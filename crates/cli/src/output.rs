//! Writes to standard output and standard error without a panic when they are closed.
//!
//! Colours are for terminals only. The environment variable NO_COLOR turns them off, CLICOLOR_FORCE on.

use crate::{
    failure::{Code, Failure},
    log_line::LogLine,
};
use anstream::{AutoStream, ColorChoice, stream::RawStream};
use clap::builder::styling::{AnsiColor, Style, Styles};
use core::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};
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

/// Whether warnings and failures are objects of JSON.
static IN_JSON: AtomicBool = AtomicBool::new(false);

/// From now on, each warning and failure is an object of JSON in one line, as in the log of `cairn serve`.
pub(crate) fn use_json() {
    IN_JSON.store(true, Ordering::Relaxed);
}

fn is_in_json() -> bool {
    IN_JSON.load(Ordering::Relaxed)
}

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
pub(crate) fn warn(words: impl fmt::Display) {
    if is_in_json() {
        let mut line = LogLine::of("warning");
        line.put("reason", words.to_string());
        note(line.text());
    } else {
        note(format_args!("cairn: {} {words}", styled(&io::stderr(), WARNING, "warning:")));
    }
}

/// Prints why a command failed, and returns its exit code.
pub(crate) fn tell(failure: &Failure) -> ExitCode {
    // A failure without a message, such as that of a closed pipe, is not reported.
    if !failure.message().is_empty() {
        if is_in_json() {
            let mut line = LogLine::of("failed");
            line.put_failure(failure);
            line.put("exit_code", failure.code().number());
            note(line.text());
        } else {
            tell_in_words(failure);
        }
    }
    failure.code().into()
}

fn tell_in_words(failure: &Failure) {
    note(format_args!("{} {}", styled(&io::stderr(), ERROR, "cairn:"), failure.message()));
    for hint in failure.hints() {
        note(format_args!("  {} {hint}", styled(&io::stderr(), HINT, "hint:")));
    }
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
