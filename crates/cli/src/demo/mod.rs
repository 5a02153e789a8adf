//! `cairn demo`: handshakes of both versions without any setup.

mod identities;
mod scenario;
mod tls12;
mod tls13;

use crate::{
    failure::Failure,
    files,
    output::{heading, note, print},
    show::svg,
};
use identities::Identities;
use std::path::PathBuf;

/// Watch handshakes of TLS 1.3 and TLS 1.2: full, retried, resumed, with client authentication, and with
/// early data.
///
/// Generates a certification authority and certificates in memory, runs a server and a client over loopback
/// TCP, and shows every message of both directions with its size and the times at which each end sent or
/// received it. For the first handshake, the contents of the encrypted messages follow. The demo also checks
/// the result: the exit code is 0 only if everything is as expected.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Also draw the ladders as an SVG picture.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let identities = Identities::make()?;
    let mut ladders = Vec::new();
    for scenario in tls13::scenarios(&identities)?.iter().chain(&tls12::scenarios(&identities)?) {
        ladders.push(scenario::run(scenario)?);
    }
    print(
        "Cairn, client and server, over loopback TCP. Times are in microseconds since the start of each\n\
        connection, on both sides; sizes are those of the messages. Double lines are encrypted.\n\n",
    )?;
    for ladder in &ladders {
        let ladder = ladder.to_string();
        let (title, messages) = ladder.split_once('\n').unwrap_or((&ladder, ""));
        print(format_args!("{}\n{messages}\n", heading(title)))?;
    }
    print(format_args!(
        "All {} succeeded: every message is in the order of RFC 9846 section 2 or RFC 5246 section 7.3,\n\
        both ends agree on the negotiated parameters and export the same keys, and all data was echoed.\n",
        ladders.len()
    ))?;
    if let Some(path) = &args.svg {
        std::fs::write(path, svg::draw(&ladders)).map_err(|error| files::about(path, error))?;
        note(format_args!("the picture is in {}", files::shown(path)));
    }
    Ok(())
}
