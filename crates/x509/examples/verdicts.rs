//! Judges certification paths that come on standard input, for suites of cases that others made (x509-limbo, PKITS).
//!
//! Each line is a case, its fields between tabs, certificates in hex with commas between several:
//!
//! ```text
//! id  server|client  seconds since 1970  name, or nothing  leaf  others  trusted  CRLs
//! ```
//!
//! For each comes a line with its id, `accepted` or `refused`, and why. For a server without a name its names are
//! not looked at. CRLs are consulted only where there are some; they are then those of all issuers.
#![allow(clippy::print_stdout)]

use cairn_x509::{CertificateError, ChainVerifier, Roots, ServerName};
use std::error::Error;
use std::io::{self, BufRead};

fn main() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, kind, now, name, leaf, others, trusted, _crls] = fields.as_slice() else {
            return Err(format!("a case has eight fields, this has {}", fields.len()).into());
        };
        let now: u64 = now.parse()?;
        match judge(kind, now, name, leaf, others, trusted) {
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
    trusted: &str,
) -> Result<(), Box<dyn Error>> {
    let mut roots = Roots::new();
    for root in certificates(trusted)? {
        // Cases with several roots have some that cannot be used; what matters is whether the path needs them.
        let _ = roots.add_authority_der(&root);
    }
    let verifier = ChainVerifier::new(&cairn_provider_aws_lc::provider(), roots);
    let chain = [certificates(leaf)?, certificates(others)?].concat();
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    if kind == "client" {
        verifier.verify_client(&chain, now)?;
        return Ok(());
    }
    if name.is_empty() {
        // Names are the last thing that is looked at: when only they are wrong, all else is right.
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
    if digits.len() % 2 != 0 {
        return Err("an odd number of hex digits".into());
    }
    digits.chunks(2).map(|pair| Ok(u8::from_str_radix(core::str::from_utf8(pair)?, 16)?)).collect()
}
