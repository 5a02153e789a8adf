//! `cairn cert show`: prints certificates, requests and keys.

use super::contents::{Contents, Key};
use crate::{
    failure::Failure,
    files::{Passphrases, about},
    output::{heading, print},
    provider::provider,
    show::{certificate::full, count},
};
use cairn_tls::{
    Provider,
    x509::{CertificateFacts, issue::CertificateRequest, raw_key},
};
use core::fmt::Write;
use std::path::{Path, PathBuf};

/// Print what is in files: certificates, certificate requests, public and private keys, and CRLs.
///
/// Certificates are printed in full, with all extensions and fingerprints. Of a private key only its kind is
/// printed; the passphrase is needed for that, and for archives of PKCS #12.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The files, in PEM or DER.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    passphrases: Passphrases,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let provider = provider()?;
    for path in &args.files {
        let contents = Contents::read(path, &args.passphrases)?;
        if args.files.len() > 1 {
            print(format_args!("{}:\n", crate::files::shown(path)))?;
        }
        print(text(path, &contents, &args.passphrases, &provider)?)?;
    }
    Ok(())
}

fn text(
    path: &Path,
    contents: &Contents,
    passphrases: &Passphrases,
    provider: &Provider,
) -> Result<String, Failure> {
    let mut text = String::new();
    for (number, der) in (1..).zip(&contents.certificates) {
        CertificateFacts::from_der(der)
            .map_err(|error| about(path, format_args!("certificate {number}: {error}")))?;
    }
    let of = contents.certificates.len();
    for (number, der) in (1..).zip(&contents.certificates) {
        let title = if of > 1 { format!("certificate {number} of {of}") } else { "certificate".into() };
        section(&mut text, &title, &full(der));
    }
    for (number, der) in (1..).zip(&contents.requests) {
        let request = CertificateRequest::from_der(der, provider)
            .map_err(|error| about(path, format_args!("certificate request {number}: {error}")))?;
        let names: Vec<String> = request.names().collect();
        let names = if names.is_empty() { "none".into() } else { names.join(" ") };
        let lines = format!(
            "subject:    {}\nkey:        {}\nnames:      {names}\nsignature:  made with this key",
            request.subject(),
            raw_key::describe(request.public_key())
        );
        section(&mut text, "certificate request", &lines);
    }
    for der in &contents.public_keys {
        let key = raw_key::decode(der).map_err(|error| about(path, format_args!("public key: {error}")))?;
        section(&mut text, "public key", &format!("key:        {}", raw_key::describe(&key)));
    }
    if matches!(contents.key, Key::Encrypted) && !passphrases.are_given() {
        section(&mut text, "private key", "key:        encrypted");
    } else if let Some(key) = contents.private_key(path, passphrases)? {
        let key = provider.keys.load(key.as_der());
        let key = key.map_err(|error| about(path, format_args!("private key: {error}")))?;
        let line = format!("key:        {}", raw_key::describe(key.public_key()));
        section(&mut text, "private key", &line);
    }
    if !contents.crls.is_empty() {
        section(&mut text, "certificate revocation lists", &count(contents.crls.len(), "list"));
    }
    Ok(text)
}

/// A title, and indented lines.
fn section(text: &mut String, title: &str, lines: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", heading(title));
    for line in lines.lines() {
        let _ = writeln!(text, "  {}", line.strip_prefix("  ").unwrap_or(line));
    }
}
