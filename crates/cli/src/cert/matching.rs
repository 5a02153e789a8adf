//! `cairn cert match`: compares the keys of files.

use super::contents::Contents;
use crate::{
    failure::{Code, Failure},
    files::{Passphrases, about},
    output::print,
    provider::provider,
};
use cairn_tls::{
    Provider,
    crypto::PublicKey,
    x509::{CertificateFacts, issue::CertificateRequest, raw_key},
};
use std::path::{Path, PathBuf};

/// Say whether certificates, keys and certificate requests belong together: whether they have the same key.
///
/// The exit code is 5 if they do not. Of a chain, the first certificate counts.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The files to compare; a single one may hold a certificate and its key.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    passphrases: Passphrases,
}

const AFTER_HELP: &str = "\
Example:
  cairn cert match localhost.pem localhost.key";

/// A key, and where it was found.
struct Found {
    place: String,
    key: PublicKey,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let provider = provider()?;
    let mut all = Vec::new();
    for path in &args.files {
        all.extend(found(path, &args.passphrases, &provider)?);
    }
    let (first, others) = match all.split_first() {
        Some((first, others)) if !others.is_empty() => (first, others),
        _ => {
            return Err(Failure::new(Code::Local, "there is only one key, and nothing to compare it with")
                .hint("A certificate and its key are named one after the other."));
        }
    };
    match others.iter().find(|other| other.key != first.key) {
        None => print(format_args!("they belong together: {}\n", raw_key::describe(&first.key))),
        Some(other) => Err(Failure::new(
            Code::Certificate,
            format!(
                "they do not belong together: {} ({}) and {} ({}) have different keys",
                first.place,
                raw_key::describe(&first.key),
                other.place,
                raw_key::describe(&other.key)
            ),
        )),
    }
}

/// The keys of a file.
fn found(path: &Path, passphrases: &Passphrases, provider: &Provider) -> Result<Vec<Found>, Failure> {
    let contents = Contents::read(path, passphrases)?;
    let mut all = Vec::new();
    let mut add = |what: &str, key| {
        all.push(Found { place: format!("the {what} in {}", crate::files::shown(path)), key });
    };
    if let Some(der) = contents.certificates.first() {
        let facts = CertificateFacts::from_der(der).map_err(|error| about(path, error))?;
        let unknown = || about(path, format_args!("TLS cannot use keys of {}", facts.key_description));
        add("certificate", facts.public_key.clone().ok_or_else(unknown)?);
    }
    for der in &contents.requests {
        let request = CertificateRequest::from_der(der, provider).map_err(|error| about(path, error))?;
        add("certificate request", request.public_key().clone());
    }
    for der in &contents.public_keys {
        add("public key", raw_key::decode(der).map_err(|error| about(path, error))?);
    }
    if let Some(key) = contents.private_key(path, passphrases)? {
        let key = provider.keys.load(key.as_der());
        let key = key.map_err(|error| about(path, format_args!("private key: {error}")))?;
        add("private key", key.public_key().clone());
    }
    if all.is_empty() { Err(about(path, "there is no key or certificate in it")) } else { Ok(all) }
}
