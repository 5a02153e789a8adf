//! `bogo-shim`: the program that BoringSSL's test runner ("BoGo") starts to test this stack.
//!
//! The runner is a TLS peer that misbehaves on purpose. For each test it starts this program with flags that
//! describe the test. The program connects to the runner's port, identifies the test, and then acts as TLS
//! client or server in one or more connections. Its exit code is the result:
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | everything went as the flags demand |
//! | 1 | a connection failed; standard error says why |
//! | 89 | a flag needs a feature that this stack lacks |
//! | 90 | the stack itself is faulty, which no test expects |
//!
//! The shim does not compensate for anything: the runner sees the behavior of the stack. `config.json` maps
//! the runner's error names to those of this stack, and lists disabled tests with the reasons.

extern crate alloc;

mod answers;
mod certificate_compression;
mod checks;
mod ciphers;
mod config;
mod credentials;
mod encoding;
mod flags;
mod link;
mod messages;
mod outcome;
mod quic;
mod sessions;
mod tcp;

use std::process::ExitCode;

use crate::{flags::Options, outcome::Failure, sessions::PersistentState};

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let outcome = run(&arguments);
    if let Err(failure) = &outcome {
        eprintln!("{failure}");
    }
    // The runner takes everything after this line as output of a sanitizer.
    eprintln!("--- DONE ---");
    outcome.map_or_else(|failure| failure.exit_code(), |()| ExitCode::SUCCESS)
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    if arguments.iter().any(|argument| argument == "-is-handshaker-supported") {
        println!("No");
        return Ok(());
    }
    let options = Options::parse(arguments)?;
    let mut persistent = PersistentState::new()?;
    for count in 0..=options.first.resume_count {
        let is_resume = count > 0;
        let (now, retried) =
            if is_resume { (&options.resumed, &options.retried) } else { (&options.first, &options.first) };
        let run = if now.quic { quic::run } else { tcp::run };
        run(now, retried, is_resume, &mut persistent)
            .map_err(|failure| failure.in_connection(count.saturating_add(1)))?;
        persistent.advance_clock(now.resumption_delay);
    }
    Ok(())
}
