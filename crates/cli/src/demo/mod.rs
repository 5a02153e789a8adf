//! `cairn demo`: three handshakes without any setup.

mod identities;
mod scenario;

use crate::{
    failure::Failure,
    files,
    output::{note, print},
    show::svg,
};
use identities::Identities;
use scenario::{Expected, scenario};
use std::path::PathBuf;

/// Watch three handshakes: a full one, a resumed one, and one with client authentication.
///
/// Generates a certification authority and certificates in memory, runs a server and a client over loopback
/// TCP, and shows every message of both directions with its size and the times at which each end sent or
/// received it. The demo also checks the result: the exit code is 0 only if everything is as expected.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Also draw the ladders as an SVG picture.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// The messages of RFC 5246 section 7.3 figure 1, then data, then the end; `>` marks those of the client.
const FULL: &[&str] = &[
    "> ClientHello",
    "< ServerHello",
    "< Certificate",
    "< ServerKeyExchange",
    "< ServerHelloDone",
    "> ClientKeyExchange",
    "> ChangeCipherSpec",
    "> Finished",
    "< ChangeCipherSpec",
    "< Finished",
    "> ApplicationData",
    "< ApplicationData",
    "> Alert",
    "< Alert",
];

/// Figure 2.
const ABBREVIATED: &[&str] = &[
    "> ClientHello",
    "< ServerHello",
    "< ChangeCipherSpec",
    "< Finished",
    "> ChangeCipherSpec",
    "> Finished",
    "> ApplicationData",
    "< ApplicationData",
    "> Alert",
    "< Alert",
];

/// Figure 1 with its optional messages.
const WITH_CLIENT: &[&str] = &[
    "> ClientHello",
    "< ServerHello",
    "< Certificate",
    "< ServerKeyExchange",
    "< CertificateRequest",
    "< ServerHelloDone",
    "> Certificate",
    "> ClientKeyExchange",
    "> CertificateVerify",
    "> ChangeCipherSpec",
    "> Finished",
    "< ChangeCipherSpec",
    "< Finished",
    "> ApplicationData",
    "< ApplicationData",
    "> Alert",
    "< Alert",
];

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let identities = Identities::make()?;
    let (client, server) = identities.configs(false)?;
    let (proving_client, demanding_server) = identities.configs(true)?;
    let ladders = [
        scenario(
            "A full handshake",
            &client,
            &server,
            &Expected { order: FULL, resumed: false, proves: false },
        )?,
        scenario(
            "The same session resumed by its ID",
            &client,
            &server,
            &Expected { order: ABBREVIATED, resumed: true, proves: false },
        )?,
        scenario(
            "A full handshake in which the client proves itself too",
            &proving_client,
            &demanding_server,
            &Expected { order: WITH_CLIENT, resumed: false, proves: true },
        )?,
    ];
    print(
        "Cairn, client and server, over loopback TCP. Times are in microseconds since the start of each\n",
    )?;
    print("connection, on both sides; sizes are those of the messages. Double lines are encrypted.\n\n")?;
    for ladder in &ladders {
        print(format_args!("{ladder}\n"))?;
    }
    print("All three succeeded: every message is in the order of RFC 5246 section 7.3, both ends\n")?;
    print("agree on the negotiated parameters and export the same keys, and all data was echoed.\n")?;
    if let Some(path) = &args.svg {
        std::fs::write(path, svg::draw(&ladders)).map_err(|error| files::about(path, error))?;
        note(format_args!("the picture is in {}", path.display()));
    }
    Ok(())
}
