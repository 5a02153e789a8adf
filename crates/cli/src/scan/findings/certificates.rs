//! Findings about certificates.

use super::{
    super::facts::{ChainFacts, Facts},
    kind::{Finding, Kind, Severity},
};
use cairn_tls::{CertificateError, wire::SignatureScheme, x509::facts::shortened};

const DAY: u64 = 86_400;
/// The longest validity of public certificates in days.
const LONGEST: u64 = 398;

const EXPIRED: Kind = Kind {
    id: "certificate-expired",
    severity: Severity::High,
    title: "a certificate has expired",
    reason: "Clients refuse it; those that do not check cannot know whether its key is still safe.",
    reference: "RFC 5280 section 4.1.2.5",
};
const NOT_YET: Kind = Kind {
    id: "certificate-not-yet-valid",
    severity: Severity::High,
    title: "a certificate is not valid yet",
    reason: "Clients refuse it.",
    reference: "RFC 5280 section 4.1.2.5",
};
const SOON_LOW: Kind = Kind {
    id: "certificate-expires-soon",
    severity: Severity::Low,
    title: "a certificate expires within 30 days",
    reason: "It must be renewed.",
    reference: "RFC 5280 section 4.1.2.5",
};
const SOON_MEDIUM: Kind = Kind {
    id: "certificate-expires-very-soon",
    severity: Severity::Medium,
    title: "a certificate expires within 7 days",
    reason: "It must be renewed now.",
    reference: "RFC 5280 section 4.1.2.5",
};
const NAME: Kind = Kind {
    id: "certificate-name",
    severity: Severity::High,
    title: "the certificate is not for the name of the server",
    reason: "Clients refuse it.",
    reference: "RFC 9525 section 6",
};
const UNTRUSTED: Kind = Kind {
    id: "certificate-untrusted",
    severity: Severity::High,
    title: "the chain does not lead to a trusted authority",
    reason: "Clients cannot tell the server from an attacker on the network.",
    reference: "RFC 5280 section 6.1",
};
const INCOMPLETE: Kind = Kind {
    id: "chain-incomplete",
    severity: Severity::High,
    title: "the issuer of the last certificate is neither sent nor trusted",
    reason: "The server leaves out an intermediate certificate, or the authority is not trusted.",
    reference: "RFC 5246 section 7.4.2, RFC 9846 section 4.5.1",
};
const REVOKED: Kind = Kind {
    id: "certificate-revoked",
    severity: Severity::Critical,
    title: "the certificate is revoked",
    reason: "Its authority says that it must not be trusted any more.",
    reference: "RFC 6960 section 2.2",
};
const STAPLE: Kind = Kind {
    id: "ocsp-staple",
    severity: Severity::Medium,
    title: "the OCSP response is missing although it is promised, or it is not valid",
    reason: "Clients that check it refuse the server.",
    reference: "RFC 7633, RFC 6066 section 8",
};
const INVALID: Kind = Kind {
    id: "certificate-invalid",
    severity: Severity::High,
    title: "the chain is not valid",
    reason: "Clients refuse it.",
    reference: "RFC 5280 section 6.1",
};
const WEAK_KEY: Kind = Kind {
    id: "certificate-weak-key",
    severity: Severity::High,
    title: "a certificate has a key that is too small",
    reason: "RSA keys of less than 2048 bits have a strength of less than 112 bits.",
    reference: "RFC 9325 section 4.5",
};
const WEAK_HASH: Kind = Kind {
    id: "certificate-weak-hash",
    severity: Severity::High,
    title: "a certificate is signed over MD5 or SHA-1",
    reason: "With collisions, an attacker can get a forged certificate.",
    reference: "RFC 9846 section 4.5.1.3, RFC 6194",
};
const LONG: Kind = Kind {
    id: "certificate-long-validity",
    severity: Severity::Info,
    title: "the certificate is valid for more than 398 days",
    reason: "Public authorities may not issue such certificates, and some clients refuse them.",
    reference: "CA/Browser Forum Baseline Requirements section 6.3.2",
};
const ROOT_SENT: Kind = Kind {
    id: "root-sent",
    severity: Severity::Info,
    title: "the chain has a self-issued root",
    reason: "A client must have it anyway, so it only makes handshakes longer.",
    reference: "RFC 5246 section 7.4.2, RFC 9846 section 4.5.1",
};

/// All kinds in this file.
#[cfg(test)]
pub(super) const KINDS: &[Kind] = &[
    EXPIRED,
    NOT_YET,
    SOON_LOW,
    SOON_MEDIUM,
    NAME,
    UNTRUSTED,
    INCOMPLETE,
    REVOKED,
    STAPLE,
    INVALID,
    WEAK_KEY,
    WEAK_HASH,
    LONG,
    ROOT_SENT,
];

/// The findings of all chains, each once.
pub(super) fn of(facts: &Facts) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for finding in facts.chains.iter().flat_map(of_chain) {
        if !all.contains(&finding) {
            all.push(finding);
        }
    }
    all
}

/// The kind for the reason why a chain is refused.
const fn kind(reason: &CertificateError) -> Kind {
    use CertificateError as E;
    match reason {
        E::Expired { .. } => EXPIRED,
        E::NotYetValid { .. } => NOT_YET,
        E::NameMismatch | E::NoNames => NAME,
        E::SelfSigned | E::UnknownAuthority | E::OtherAuthorityKey => UNTRUSTED,
        E::UnknownIssuer => INCOMPLETE,
        E::Revoked { .. } => REVOKED,
        E::Ocsp(_) => STAPLE,
        E::KeyTooWeak { .. } => WEAK_KEY,
        E::WeakHash => WEAK_HASH,
        _ => INVALID,
    }
}

fn of_chain(chain: &ChainFacts) -> Vec<Finding> {
    let mut all = Vec::new();
    let mut refused: Vec<Finding> = Vec::new();
    for error in &chain.errors {
        let kind = kind(&error.reason);
        if refused.iter().all(|finding| finding.kind != kind) {
            refused.push(kind.with(error.to_string()));
        }
    }
    let has = |kind: Kind| refused.iter().any(|finding| finding.kind == kind);
    let subject = |place: usize| {
        let facts = chain.certificates.get(place);
        facts.map(|facts| shortened(&facts.subject)).unwrap_or_default()
    };
    for (place, facts) in chain.certificates.iter().enumerate() {
        let left = facts.not_after.checked_sub(chain.now);
        match left {
            None if !has(EXPIRED) => all.push(EXPIRED.with(subject(place))),
            Some(left) if left < 7 * DAY => all.push(SOON_MEDIUM.with(subject(place))),
            Some(left) if left < 30 * DAY => all.push(SOON_LOW.with(subject(place))),
            _ => {}
        }
        if let Some(bits) = facts.rsa_bits().filter(|bits| *bits < 2048)
            && !has(WEAK_KEY)
        {
            all.push(WEAK_KEY.with(format!("{}: RSA, {bits} bits", subject(place))));
        }
        // The signature of a root is not used.
        if is_weak(facts.signature_scheme, &facts.signature_algorithm)
            && !facts.self_issued
            && !has(WEAK_HASH)
        {
            all.push(WEAK_HASH.with(format!("{}: {}", subject(place), facts.signature_algorithm)));
        }
        if place == 0 && facts.not_after.saturating_sub(facts.not_before) > LONGEST * DAY {
            all.push(LONG.with(subject(place)));
        }
        if place > 0 && facts.self_issued {
            all.push(ROOT_SENT.with(subject(place)));
        }
    }
    all.extend(refused);
    all
}

/// Whether a signature is over MD5 or SHA-1.
fn is_weak(scheme: Option<SignatureScheme>, algorithm: &str) -> bool {
    use SignatureScheme as S;
    matches!(scheme, Some(S::RSA_PKCS1_MD5 | S::RSA_PKCS1_SHA1 | S::ECDSA_SHA1 | S::DSA_SHA1))
        || algorithm.to_ascii_lowercase().contains("md5")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_finding() {
        for (reason, id) in [
            (CertificateError::Expired { not_after: 1, now: 2 }, "certificate-expired"),
            (CertificateError::NotYetValid { not_before: 2, now: 1 }, "certificate-not-yet-valid"),
            (CertificateError::NameMismatch, "certificate-name"),
            (CertificateError::SelfSigned, "certificate-untrusted"),
            (CertificateError::UnknownIssuer, "chain-incomplete"),
            (CertificateError::Revoked { since: 1 }, "certificate-revoked"),
            (CertificateError::KeyTooWeak { bits: 1024, minimum: 2048 }, "certificate-weak-key"),
            (CertificateError::BadSignature, "certificate-invalid"),
        ] {
            assert_eq!(kind(&reason).id, id);
        }
    }

    #[test]
    fn weak_hashes_are_recognized() {
        assert!(is_weak(Some(SignatureScheme::RSA_PKCS1_SHA1), ""));
        assert!(is_weak(None, "md5WithRSAEncryption"));
        assert!(!is_weak(Some(SignatureScheme::ECDSA_SECP256R1_SHA256), "ecdsa-with-SHA256"));
    }
}
