//! Explains why a peer's certificates were rejected, and what may help.

use crate::{files::Trusted, names::list};
use cairn_tls::{
    CertificateError, ChainError, ServerName, Side,
    x509::{CertificateFacts, Position, facts::shortened},
};

/// The circumstances of the rejection.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    /// Our side.
    pub(crate) side: Side,
    /// The peer's chain, its own certificate first.
    pub(crate) chain: &'a [Vec<u8>],
    /// The expected name.
    pub(crate) name: Option<&'a ServerName>,
    /// The trusted roots.
    pub(crate) trusted: &'a Trusted,
    /// The peer is connected; otherwise a chain in a file is judged.
    pub(crate) is_connected: bool,
}

impl Case<'_> {
    fn facts(&self, place: usize) -> Option<CertificateFacts> {
        CertificateFacts::from_der(self.chain.get(place)?).ok()
    }

    /// The option that adds authorities, and a word for the peer.
    const fn option_and_peer(&self) -> (&'static str, &'static str) {
        match self.side {
            Side::Client => ("--ca FILE", "server"),
            // `cairn cert check` has one option for both sides.
            Side::Server if !self.is_connected => ("--ca FILE", "client"),
            Side::Server => ("--client-ca FILE", "client"),
        }
    }
}

/// Hints in addition to the error: the certificate at fault, and what to do.
pub(crate) fn hints(error: &ChainError, case: &Case<'_>) -> Vec<String> {
    let reason = error.reason;
    let mut hints = Vec::new();
    let at = match error.certificate {
        Some(Position::Chain(place)) => Some(usize::from(place)),
        Some(Position::Authority(number)) => {
            hints.extend(authority(usize::from(number), case));
            None
        }
        _ => None,
    };
    match at.and_then(|place| Some((place, case.facts(place)?))) {
        // The names are listed below.
        Some(_) if matches!(reason, CertificateError::NameMismatch | CertificateError::NoNames) => {}
        Some((place, facts)) => hints.extend(untrusted(reason, place, &facts, case).or_else(|| {
            let number = place.saturating_add(1);
            let (subject, count) = (subject(&facts), case.chain.len());
            Some(format!(
                "Certificate {number} of {count} is that of {subject}, with a key of {}.",
                facts.key_description
            ))
        })),
        None if at.is_none() && error.certificate.is_none() => {
            hints.extend(case.facts(0).and_then(|facts| untrusted(reason, 0, &facts, case)));
        }
        None => {}
    }
    hints.extend(advice(reason, error.certificate, case));
    hints
}

/// Advice for a reason.
fn advice(reason: CertificateError, certificate: Option<Position>, case: &Case<'_>) -> Option<String> {
    let (option, peer) = case.option_and_peer();
    let is_authority = matches!(certificate, Some(Position::Authority(_)));
    let is_intermediate = matches!(certificate, Some(Position::Chain(place)) if place > 0);
    Some(match reason {
        CertificateError::NameMismatch | CertificateError::NoNames => return names(case),
        CertificateError::Expired { .. } if is_authority => format!(
            "{option} needs the authority's current certificate, unless the clock of this machine is wrong."
        ),
        CertificateError::Expired { .. } if is_intermediate => format!(
            "The operator of the {peer} must put the authority's current certificate into the chain, unless \
            the clock of this machine is wrong."
        ),
        CertificateError::Expired { .. } => {
            format!("The {peer} needs a renewed certificate, unless the clock of this machine is wrong.")
        }
        CertificateError::NotYetValid { .. } => {
            "The clock of this machine may be slow, or the clock of the machine that made the certificate \
            fast."
                .into()
        }
        CertificateError::KeyTooWeak { .. } => weak_key(),
        CertificateError::NotForThisUse => {
            let usage = match case.side {
                Side::Client => "serverAuth",
                Side::Server => "clientAuth",
            };
            if is_authority || is_intermediate {
                format!(
                    "An authority with an extendedKeyUsage issues certificates for its purposes only; \
                    {usage} is not among them."
                )
            } else {
                format!("A {peer}'s certificate has {usage} in its extendedKeyUsage, or no such extension.")
            }
        }
        CertificateError::NotCa => {
            "Only a certificate with basicConstraints CA:TRUE and keyCertSign in its keyUsage may issue \
            others."
                .into()
        }
        CertificateError::ChainTooLong { .. } => {
            format!(
                "The {peer} sends more certificates than a path needs; its own and the intermediates are \
            enough."
            )
        }
        CertificateError::TooComplex => {
            format!(
                "The {peer} sends certificates that are not part of a path; its own and the intermediates \
                are enough."
            )
        }
        CertificateError::Crl(_) => {
            "--crl FILE names a current list of each issuer in the chain; without it, revocation is not \
            checked."
                .into()
        }
        CertificateError::Delegation(_) => {
            "Without --delegated-credentials the server signs with the key of its certificate.".into()
        }
        CertificateError::BadEncoding
        | CertificateError::UnknownCriticalExtension
        | CertificateError::BadValidity
        | CertificateError::BadSignature
        | CertificateError::PathTooLong
        | CertificateError::NameConstraint
        | CertificateError::UnsupportedConstraint
        | CertificateError::NoValidPolicy => {
            let shown = match case.side {
                Side::Client if case.is_connected => {
                    "; --show-cert prints the whole chain, and --save-chain FILE keeps it"
                }
                _ => "",
            };
            format!("The {peer} needs a certificate without this fault from its authority{shown}.")
        }
        CertificateError::Revoked { .. } => {
            format!("The {peer} needs a new certificate; the old one must not be trusted any more.")
        }
        _ => return None,
    })
}

/// Advice for a key that is too weak.
pub(crate) fn weak_key() -> String {
    "A new key and certificate are needed, of RSA with 2048 bits or of ECDSA; no option accepts the old one."
        .into()
}

/// A hint about a trusted authority that is itself at fault.
fn authority(number: usize, case: &Case<'_>) -> Option<String> {
    let authority = case.trusted.authority(number)?;
    let facts = &authority.facts;
    Some(format!(
        "It is the authority {} in {}, with a key of {}.",
        subject(facts),
        authority.place,
        facts.key_description
    ))
}

/// A hint for a chain that does not lead to a trusted authority.
fn untrusted(
    reason: CertificateError,
    place: usize,
    facts: &CertificateFacts,
    case: &Case<'_>,
) -> Option<String> {
    let (option, peer) = case.option_and_peer();
    let exactly = match case.side {
        Side::Client => "--trust-cert FILE",
        Side::Server => "--trust-client-cert FILE",
    };
    let (number, places) = (place.saturating_add(1), case.trusted.place_names());
    let issuer = &shortened(&facts.issuer);
    if matches!(reason, CertificateError::UnknownIssuer | CertificateError::UnknownAuthority)
        && let Some(barred) = case.trusted.barred_named(&facts.issuer)
    {
        let what = format!(
            "Certificate {number}, that of {}, was issued by \"{issuer}\". Certificate {} in {} has that \
            name",
            subject(facts),
            barred.number,
            barred.place
        );
        return Some(if barred.is_exact {
            format!("{what} and is trusted exactly, by {exactly}. {option} trusts authorities.")
        } else {
            let why = barred.reason();
            format!(
                "{what} and may not issue others: {why}. {option} needs a certificate of the authority with \
                basicConstraints CA:TRUE, and keyCertSign in its keyUsage."
            )
        });
    }
    Some(match reason {
        CertificateError::SelfSigned if !case.is_connected => format!(
            "The certificate of {} is self-signed: no authority vouches for it. If it is the right one, \
            {option} with this certificate in it trusts it.",
            subject(facts)
        ),
        CertificateError::SelfSigned => format!(
            "The certificate of {} is self-signed: no authority vouches for it. If it is the right one, \
            {exactly} with this certificate in it trusts it; {option} does too, and also accepts \
            certificates issued with it if it is an authority's.",
            subject(facts)
        ),
        CertificateError::UnknownAuthority => format!(
            "The chain ends in the authority \"{issuer}\", which is not trusted: {places} does not have it. \
            If it deserves trust, name its certificate with {option}."
        ),
        CertificateError::OtherAuthorityKey => {
            let holder = case.trusted.authority_named(&facts.issuer);
            let holder = holder.map_or(places, |authority| authority.place.into());
            format!(
                "Certificate {number} says that \"{issuer}\" issued it, and the authority of this name in \
                {holder} has another key. If the authority was renewed, its new certificate belongs in \
                {option}; if not, the certificate is damaged or forged."
            )
        }
        CertificateError::UnknownIssuer => format!(
            "Certificate {number}, that of {}, was issued by \"{issuer}\": the {peer} sent no certificate of \
            that name, and {places} does not have it. Either the {peer} leaves out an intermediate \
            certificate, which its operator must add to the chain, or \"{issuer}\" is an authority to name \
            with {option}.",
            subject(facts)
        ),
        CertificateError::UnsupportedAlgorithm | CertificateError::WeakHash => format!(
            "Certificate {number}, that of {}, has a key of {} and is signed with {}.",
            subject(facts),
            facts.key_description,
            facts.signature_algorithm
        ),
        _ => return None,
    })
}

/// The names in the certificate, and the expected one.
fn names(case: &Case<'_>) -> Option<String> {
    let facts = &case.facts(0)?;
    let wanted = case.name?;
    let mut present = facts.dns_names.clone();
    present.extend(facts.ip_addresses.iter().map(ToString::to_string));
    let entry = match wanted {
        ServerName::Dns(_) => "DNS",
        ServerName::Ip(_) => "IP",
    };
    if present.is_empty() {
        return Some(format!(
            "The certificate names no host: it has no subjectAltName with a DNS name or an address, and the \
            common name in its subject, {}, is not looked at (RFC 9525 section 2). It needs \
            `subjectAltName={entry}:{wanted}`; --name cannot help.",
            subject(facts)
        ));
    }
    let text = wanted.to_string();
    if entry == "IP" && facts.dns_names.contains(&text) {
        return Some(format!(
            "The certificate has {wanted} as a DNS name, and an address must be an iPAddress (RFC 5280 \
            section 4.2.1.6). It needs `subjectAltName=IP:{wanted}`."
        ));
    }
    let shown = present.get(..20).map_or_else(
        || list(&present, |name| shortened(name)),
        |some| format!("{} and {} more", list(some, |name| shortened(name)), present.len() - some.len()),
    );
    Some(format!("The certificate is for {shown}; {wanted} was expected. --name NAME expects another name."))
}

/// The subject in quotes.
fn subject(facts: &CertificateFacts) -> String {
    match facts.subject.is_empty() {
        true => "without a subject".into(),
        false => format!("\"{}\"", shortened(&facts.subject)),
    }
}
