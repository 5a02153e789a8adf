//! `cairn cert check`: verifies a chain.

use super::{contents::certificates, date::Date};
use crate::{
    explain::certificates::{Case, hints},
    failure::{Code, Failure},
    files::{self, Trusted},
    names,
    output::print,
    provider::provider,
};
use cairn_tls::{
    CertificateError, Clock, ServerName, Side, SystemClock,
    x509::{ChainVerifier, CrlPolicy},
};
use std::path::PathBuf;

/// Check whether a client would accept a server's chain for a name, or a server a client's chain.
///
/// The checks are those of a TLS connection: the path to a trusted authority, signatures, dates, names,
/// constraints and purposes. The exit code is 5 if the chain is not accepted.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The chain: the certificate to check first, then those of its issuers.
    #[arg(value_name = "FILE")]
    chain: PathBuf,
    /// Further certificates that may lead to a trusted authority.
    #[arg(long, value_name = "FILE")]
    untrusted: Vec<PathBuf>,
    /// The name of the server.
    #[arg(long, value_parser = names::server, required_unless_present = "client")]
    name: Option<ServerName>,
    /// Check it as a client's chain, which has no expected name.
    #[arg(long, conflicts_with = "name")]
    client: bool,
    /// Trust the certificates in this file, and not those of the platform.
    #[arg(long, value_name = "FILE")]
    ca: Vec<PathBuf>,
    /// Check it at this time in UTC, such as 2026-01-31 or 2026-01-31T12:00:00Z, and not now.
    #[arg(long, value_name = "DATE")]
    at: Option<Date>,
    /// Refuse certificates that are revoked by the CRL in this file, or that no given CRL covers.
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  cairn cert check localhost.pem --ca ca.pem --name localhost
  cairn cert check me.pem --ca ca.pem --client --at 2030-01-01";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let provider = provider()?;
    let mut chain = certificates(&args.chain)?;
    for path in &args.untrusted {
        chain.extend(certificates(path)?);
    }
    let trusted =
        if args.ca.is_empty() { Trusted::from_platform()? } else { Trusted::from_files(&args.ca, &[])? };
    let mut verifier = ChainVerifier::new(&provider, trusted.roots.clone());
    if !args.crl.is_empty() {
        verifier = verifier.with_crls(files::crls(&args.crl)?, CrlPolicy::default());
    }
    let now = args.at.map_or_else(|| SystemClock.now().as_secs(), |date| date.0);
    let ders: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    let (checked, side) = match &args.name {
        Some(name) => (verifier.verify_server(&ders, name, now), Side::Client),
        None => (verifier.verify_client(&ders, now), Side::Server),
    };
    let peer = checked.map_err(|error| {
        let failure =
            Failure::new(Code::Certificate, format!("{}: not accepted: {error}", files::shown(&args.chain)));
        // The hints about dates blame the clock of this machine, which --at replaces.
        let is_about_dates =
            matches!(error.reason, CertificateError::Expired { .. } | CertificateError::NotYetValid { .. });
        if args.at.is_some() && is_about_dates {
            return failure;
        }
        let name = args.name.as_ref();
        let case = Case { side, chain: &chain, name, trusted: &trusted, is_connected: false };
        hints(&error, &case).into_iter().fold(failure, Failure::hint)
    })?;
    let until = Date(peer.not_after);
    match &args.name {
        Some(name) => print(format_args!("accepted for {name}, until {until}\n")),
        None => print(format_args!("accepted as a client's chain, until {until}\n")),
    }
}
