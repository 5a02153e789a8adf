//! Describes a new certificate, and warns if its issuers do not permit it: it can be made, but is not
//! accepted.

use super::{date::Date, signing::Issuer, write::failed};
use crate::{
    failure::Failure,
    files,
    output::{note, warn},
};
use cairn_tls::{
    CertificateError, Provider, ServerName,
    x509::{CertificateFacts, ChainVerifier, Roots},
};
use std::path::Path;

/// Describes a certificate that was written to this file. Warns if the path lengths or the name constraints
/// of its issuers reject it.
pub(super) fn describe(
    path: &Path,
    certificate: &[u8],
    issuer: Option<&Issuer>,
    provider: &Provider,
) -> Result<(), Failure> {
    let facts = CertificateFacts::from_der(certificate);
    let facts = facts.map_err(|error| failed("the new certificate", error))?;
    note(format_args!("{}: {}", files::shown(path), in_words(&facts, issuer.is_none())));
    let Some(issuer) = issuer else { return Ok(()) };
    let why = if facts.is_ca {
        exceeds(&issuer.chain).then_some(CertificateError::PathTooLong)
    } else {
        forbidden(certificate, &facts, issuer, provider)?
    };
    if let Some(why) = why {
        warn(format_args!("no peer accepts this certificate: {why}"));
    }
    Ok(())
}

fn in_words(facts: &CertificateFacts, is_self_signed: bool) -> String {
    let names: Vec<String> =
        facts.dns_names.iter().cloned().chain(facts.ip_addresses.iter().map(ToString::to_string)).collect();
    let subject = if facts.subject.is_empty() { names.join(", ") } else { facts.subject.clone() };
    let issuer =
        if is_self_signed { "self-signed".into() } else { format!("issued by \"{}\"", facts.issuer) };
    let what = if facts.is_ca { "authority" } else { "certificate" };
    let (key, until) = (&facts.key_description, Date(facts.not_after));
    format!("{what} \"{subject}\", {key}, {issuer}, valid until {until}")
}

/// Whether an authority below these, the nearest first, is one too many for the path length of any of them
/// (RFC 5280 section 4.2.1.9).
fn exceeds(issuers: &[Vec<u8>]) -> bool {
    let mut below = 1_u32;
    for issuer in issuers.iter().filter_map(|der| CertificateFacts::from_der(der).ok()) {
        if issuer.path_len.is_some_and(|most| below > most) {
            return true;
        }
        // Self-issued certificates do not count.
        below = below.saturating_add(u32::from(!issuer.self_issued));
    }
    false
}

/// The rule of the issuers that forbids the certificate of a server or a client.
fn forbidden(
    certificate: &[u8],
    facts: &CertificateFacts,
    issuer: &Issuer,
    provider: &Provider,
) -> Result<Option<CertificateError>, Failure> {
    let Some(top) = issuer.chain.last() else { return Ok(None) };
    let mut roots = Roots::new();
    roots.add_der(top).map_err(|error| failed("the issuer", error))?;
    let chain: Vec<&[u8]> = [certificate].into_iter().chain(issuer.chain.iter().map(Vec::as_slice)).collect();
    let verifier = ChainVerifier::new(provider, roots);
    // Dates have a warning of their own.
    let begins = |der: &Vec<u8>| CertificateFacts::from_der(der).ok().map(|facts| facts.not_before);
    let now = issuer.chain.iter().filter_map(begins).fold(facts.not_before, u64::max);
    let is_of_server = facts.extended_key_usage.is_none_or(|usage| usage.server_auth || usage.any);
    let checked = match ServerName::parse("localhost") {
        // The name is compared last, when the rules of the issuers are kept.
        Ok(name) if is_of_server => verifier.verify_server(&chain, &name, now),
        _ => verifier.verify_client(&chain, now),
    };
    Ok(checked.err().map(|error| error.reason).filter(|reason| {
        matches!(
            reason,
            CertificateError::PathTooLong
                | CertificateError::NameConstraint
                | CertificateError::UnsupportedConstraint
        )
    }))
}
