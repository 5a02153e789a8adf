//! Verifies certification paths from standard input, for external test suites (x509-limbo, PKITS).
//!
//! Each line is a case. Its fields are separated by tabs; certificates are in hex, separated by commas:
//!
//! ```text
//! id  server|client  seconds since 1970  name, or nothing  leaf  others  trusted  CRLs
//! ```
//!
//! For each case the program prints a line with its id, `accepted` or `refused`, and the reason. For a server
//! without a name, names are not checked. CRLs are used only if the case has some; they then include those of
//! all issuers.
#![allow(clippy::print_stdout)]

#[path = "verdicts/folder.rs"]
mod folder;

use cairn_x509::{CertificateError, ChainVerifier, CrlPolicy, Crls, Roots, ServerName, UnknownStatus};
use core::error::Error;
use std::io::{self, BufRead};
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(folder) = std::env::args_os().nth(1) {
        return folder::judge(Path::new(&folder));
    }
    for line in io::stdin().lock().lines() {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, kind, now, name, leaf, others, trusted, crls] = fields.as_slice() else {
            return Err(format!("a case has eight fields, this has {}", fields.len()).into());
        };
        let now: u64 = now.parse()?;
        match judge(kind, now, name, leaf, others, [trusted, crls]) {
            Ok(()) => println!("{id}\taccepted\t"),
            Err(why) => println!("{id}\trefused\t{why}"),
        }
    }
    Ok(())
}

fn judge(
    kind: &str,
    now: u64,
    name: &str,
    leaf: &str,
    others: &str,
    [trusted, crls]: [&str; 2],
) -> Result<(), Box<dyn Error>> {
    let mut roots = Roots::new();
    for root in certificates(trusted)? {
        // Some roots of a case may be unusable; it matters only whether the path needs them.
        let _ = roots.add_authority_der(&root);
    }
    let mut verifier = ChainVerifier::new(&cairn_provider_aws_lc::provider(), roots);
    if !crls.is_empty() {
        let mut lists = Crls::new();
        for crl in certificates(crls)? {
            // An unusable CRL counts as missing.
            let _ = lists.add_der(&crl);
        }
        verifier = verifier.with_crls(lists, CrlPolicy::default().unknown(UnknownStatus::RefuseAny));
    }
    let chain = [certificates(leaf)?, certificates(others)?].concat();
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    if kind == "client" {
        verifier.verify_client(&chain, now)?;
        return Ok(());
    }
    if name.is_empty() {
        // Names are checked last: if only the name is wrong, everything else is valid.
        return match verifier.verify_server(&chain, &ServerName::parse("nobody.invalid")?, now) {
            Err(error)
                if !matches!(error.reason, CertificateError::NameMismatch | CertificateError::NoNames) =>
            {
                Err(error.into())
            }
            _ => Ok(()),
        };
    }
    verifier.verify_server(&chain, &ServerName::parse(name)?, now)?;
    Ok(())
}

fn certificates(list: &str) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    list.split(',').filter(|hex| !hex.is_empty()).map(bytes).collect()
}

fn bytes(hex: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let digits = hex.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return Err("an odd number of hex digits".into());
    }
    digits.chunks(2).map(|pair| Ok(u8::from_str_radix(core::str::from_utf8(pair)?, 16)?)).collect()
}
