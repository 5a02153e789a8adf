//! `bogo-shim`: what BoringSSL's test runner ("BoGo") drives to test this stack.
//!
//! The runner is a TLS peer that misbehaves on purpose. For each test it starts this program with flags that say what
//! the test is about; the program connects to the runner's port, says which test it is, and speaks TLS as told, as client
//! or as server, once or several times. How it ends is the answer:
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | all went as the flags demand |
//! | 1 | a connection failed; standard error says why |
//! | 89 | a flag asks for what this stack does not do |
//! | 90 | a fault of the stack itself: never what a test expects |
//!
//! Nothing here makes up for what the stack does: what it does is what the runner sees. `config.json` maps the runner's
//! names of errors to ours, and says which tests are left out and why.

extern crate alloc;

mod answers;
mod checks;
mod ciphers;
mod config;
mod credentials;
mod encoding;
mod exchange;
mod flags;
mod link;
mod messages;
mod outcome;
mod sessions;

use std::process::ExitCode;

use crate::{flags::Options, outcome::Failure, sessions::Kept};

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let outcome = run(&arguments);
    if let Err(failure) = &outcome {
        eprintln!("{failure}");
    }
    // What stands after this line is not ours: the runner takes it for the complaint of a tool.
    eprintln!("--- DONE ---");
    outcome.map_or_else(|failure| failure.exit_code(), |()| ExitCode::SUCCESS)
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    if arguments.iter().any(|argument| argument == "-is-handshaker-supported") {
        println!("No");
        return Ok(());
    }
    let options = Options::parse(arguments)?;
    let mut kept = Kept::new()?;
    for count in 0..=options.first.resume_count {
        let options = if count == 0 { &options.first } else { &options.resumed };
        exchange::run(options, count > 0, &mut kept)
            .map_err(|failure| failure.in_connection(count.saturating_add(1)))?;
        kept.advance_clock(options.resumption_delay);
    }
    Ok(())
}
