//! Why a peer's certificates were not accepted: which one, and what would help.

use super::Role;
use crate::{files::Trusted, names::list};
use cairn_tls::{
    CertificateError, ServerName,
    x509::{CertificateFacts, issuer_name},
};

/// What there is to look at.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    /// Which end we are.
    pub(crate) role: Role,
    /// What the peer showed, its own certificate first.
    pub(crate) chain: &'a [Vec<u8>],
    /// The name that was looked for.
    pub(crate) name: Option<&'a ServerName>,
    /// Who was trusted.
    pub(crate) trusted: &'a Trusted,
}

/// A certificate of the chain: its place, and what it says.
type Place<'a> = (usize, &'a [u8], CertificateFacts);

/// What to say besides the error: which certificate it is, and what to do.
pub(crate) fn hints(error: CertificateError, case: &Case<'_>) -> Vec<String> {
    let places: Vec<Place<'_>> = case
        .chain
        .iter()
        .enumerate()
        .filter_map(|(place, der)| {
            CertificateFacts::from_der(der).ok().map(|facts| (place, der.as_slice(), facts))
        })
        .collect();
    let mut hints = Vec::new();
    hints.extend(culprit(error, case, &places));
    match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            hints.extend(untrusted(error, case, &places));
        }
        CertificateError::NameMismatch => hints.extend(names(case, &places)),
        CertificateError::Expired { .. } | CertificateError::NotYetValid { .. } => {
            hints.push(match case.role {
                Role::Client => "The server needs a new certificate, unless the clock of this machine is wrong.".into(),
                Role::Server => "The client needs a new certificate, unless the clock of this machine is wrong.".into(),
            });
        }
        CertificateError::CaUsedAsEndEntity if case.role == Role::Client => hints.push(
            "--ca FILE with this very certificate in it trusts it as it is.".into(),
        ),
        CertificateError::KeyTooWeak { .. } => hints.push(weak_key()),
        CertificateError::NotForThisUse => hints.push(match case.role {
            Role::Client => "The certificate must be one for servers: extendedKeyUsage with serverAuth, or without that extension.".into(),
            Role::Server => "The certificate must be one for clients: extendedKeyUsage with clientAuth, or without that extension.".into(),
        }),
        _ => {}
    }
    hints
}

/// What to do about a key that is too weak.
pub(crate) fn weak_key() -> String {
    "A new key and certificate are needed, of RSA with 2048 bits or of ECDSA; no option accepts the old one."
        .into()
}

/// Which certificate the error is about, where the error itself does not say.
fn culprit(error: CertificateError, case: &Case<'_>, places: &[Place<'_>]) -> Option<String> {
    let named = |found: &Place<'_>, field: String| {
        let (place, _, facts) = found;
        format!("It is certificate {} of {}, {}{field}.", place + 1, case.chain.len(), subject(facts))
    };
    let first = |is_it: &dyn Fn(&CertificateFacts) -> bool| places.iter().find(|(_, _, facts)| is_it(facts));
    match error {
        CertificateError::Expired { not_after, .. } => {
            Some(named(first(&|facts| facts.not_after == not_after)?, String::new()))
        }
        CertificateError::NotYetValid { not_before, .. } => {
            Some(named(first(&|facts| facts.not_before == not_before)?, String::new()))
        }
        CertificateError::BadValidity => {
            Some(named(first(&|facts| facts.not_after < facts.not_before)?, String::new()))
        }
        CertificateError::KeyTooWeak { bits, .. } => {
            Some(named(first(&|facts| facts.rsa_bits() == Some(bits))?, String::new()))
        }
        CertificateError::UnsupportedAlgorithm => {
            let found = first(&|facts| facts.public_key.is_none() || facts.signature_scheme.is_none())?;
            let (_, _, facts) = found;
            let what = format!(
                ", with a key of {} and signed with {}",
                facts.key_description, facts.signature_algorithm
            );
            Some(named(found, what))
        }
        CertificateError::NotCa => {
            let found =
                places.iter().skip(1).find(|(_, _, facts)| !facts.is_ca || !facts.key_usage.key_cert_sign)?;
            Some(named(found, String::new()))
        }
        CertificateError::BadEncoding => {
            let readable = |place: usize| places.iter().any(|(at, _, _)| *at == place);
            let place = (0..case.chain.len()).find(|place| !readable(*place))?;
            Some(format!("It is certificate {} of {}.", place + 1, case.chain.len()))
        }
        _ => None,
    }
}

/// Why the chain leads to nobody who is trusted.
fn untrusted(error: CertificateError, case: &Case<'_>, places: &[Place<'_>]) -> Option<String> {
    let (option, peer) = match case.role {
        Role::Client => ("--ca FILE", "server"),
        Role::Server => ("--client-ca FILE", "client"),
    };
    let whom = case.trusted.whom();
    let (place, der, top) = top(places)?;
    let (number, issuer) = (place + 1, &top.issuer);
    if let Some(holder) = issuer_name(der).ok().and_then(|name| case.trusted.holder_of(name)) {
        let what = if top.self_issued { "It is another one" } else { "It did not sign this one" };
        return Some(format!(
            "Certificate {number} says that \"{issuer}\" issued it, and {holder} has an authority of this name, but with another key. {what}: the authority may have been renewed, and its new certificate belongs in {option}."
        ));
    }
    if error == CertificateError::BadSignature {
        return None;
    }
    Some(match (top.self_issued, places.len()) {
        (true, 1) => format!(
            "The certificate is self-signed: nobody but its owner vouches for it. If it is the right one, {option} with this very certificate in it trusts it."
        ),
        (true, _) => format!(
            "The chain ends in the authority \"{issuer}\", and {whom} does not have it. If it deserves trust, name its certificate with {option}."
        ),
        (false, _) => format!(
            "Certificate {number}, {}, was issued by \"{issuer}\": the {peer} sent no certificate of that name, and {whom} does not have it either. Either the {peer} leaves out an intermediate certificate, which its operator must add to its chain, or \"{issuer}\" is an authority to name with {option}.",
            subject(top)
        ),
    })
}

/// The last certificate on the way from the peer's own towards a root.
fn top<'a>(places: &'a [Place<'a>]) -> Option<&'a Place<'a>> {
    let mut at = places.first()?;
    for _ in 0..places.len() {
        let issuer = |other: &&Place<'_>| other.0 != at.0 && other.2.subject == at.2.issuer;
        match places.iter().find(issuer).filter(|_| !at.2.self_issued) {
            Some(next) => at = next,
            None => break,
        }
    }
    Some(at)
}

/// Which names there are, and which one was wanted.
fn names(case: &Case<'_>, places: &[Place<'_>]) -> Option<String> {
    let (_, _, facts) = places.first()?;
    let wanted = case.name?;
    let mut present = facts.dns_names.clone();
    present.extend(facts.ip_addresses.iter().map(ToString::to_string));
    if present.is_empty() {
        return Some(format!(
            "The certificate names no host: it has no subjectAltName with a DNS name or an address, and the common name in its subject, {}, is not looked at (RFC 9525 section 2). It needs `subjectAltName=DNS:{wanted}`, or IP: for an address; --name cannot help.",
            subject(facts)
        ));
    }
    let shown = present.get(..20).map_or_else(
        || list(&present, String::clone),
        |some| format!("{} and {} more", list(some, String::clone), present.len() - some.len()),
    );
    Some(format!(
        "The certificate is for {shown}; {wanted} was looked for. --name NAME looks for another name."
    ))
}

/// Whose certificate it is, in quotes.
fn subject(facts: &CertificateFacts) -> String {
    match facts.subject.is_empty() {
        true => "without a subject".into(),
        false => format!("\"{}\"", facts.subject),
    }
}
