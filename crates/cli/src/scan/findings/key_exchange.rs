//! Findings about primes, groups and signature schemes.

use super::{
    super::facts::Facts,
    kind::{Finding, Kind, Severity},
};
use cairn_tls::wire::{NamedGroup, ProtocolVersion, SignatureScheme};

const DH_BROKEN: Kind = Kind {
    id: "dh-broken",
    severity: Severity::Critical,
    title: "Diffie-Hellman uses a prime of less than 1024 bits",
    reason: "Such key exchanges are broken in practice (Logjam).",
    reference: "CVE-2015-4000, RFC 9325 section 4.5",
};
const DH_SMALL: Kind = Kind {
    id: "dh-small",
    severity: Severity::High,
    title: "Diffie-Hellman uses a prime of less than 2048 bits",
    reason: "States can break groups of 1024 bits, and then every exchange that uses the same group.",
    reference: "RFC 9325 section 4.5, CVE-2015-4000",
};
const GROUP_SMALL: Kind = Kind {
    id: "group-small",
    severity: Severity::Medium,
    title: "groups of less than 224 bits are accepted",
    reason: "They have a strength of less than 112 bits.",
    reference: "RFC 9325 section 4.5, RFC 8422 section 5.1.1",
};
const GROUP_OBSOLETE: Kind = Kind {
    id: "group-obsolete",
    severity: Severity::Low,
    title: "groups with a draft of Kyber are accepted",
    reason: "Clients no longer offer them, and their code is not maintained.",
    reference: "draft-ietf-tls-ecdhe-mlkem",
};
const NO_POST_QUANTUM: Kind = Kind {
    id: "no-post-quantum",
    severity: Severity::Info,
    title: "no group resists a quantum computer",
    reason: "What is recorded today can be decrypted when there is one.",
    reference: "RFC 9954, draft-ietf-tls-ecdhe-mlkem",
};
const MD5_SIGNATURE: Kind = Kind {
    id: "md5-signature",
    severity: Severity::High,
    title: "handshakes are signed over MD5",
    reason: "Collisions of MD5 are computed in seconds (SLOTH).",
    reference: "RFC 9155, CVE-2015-7575",
};
const SHA1_SIGNATURE: Kind = Kind {
    id: "sha1-signature",
    severity: Severity::Medium,
    title: "handshakes are signed over SHA-1",
    reason: "Collisions of SHA-1 have been computed; clients must not accept such signatures.",
    reference: "RFC 9155",
};

/// All kinds in this file.
#[cfg(test)]
pub(super) const KINDS: &[Kind] =
    &[DH_BROKEN, DH_SMALL, GROUP_SMALL, GROUP_OBSOLETE, NO_POST_QUANTUM, MD5_SIGNATURE, SHA1_SIGNATURE];

/// Whether a group has less than 224 bits: the curves of 160 to 193 bits.
const fn is_small(group: NamedGroup) -> bool {
    matches!(group.0, 1..=5 | 15..=19)
}

/// The findings.
pub(super) fn of(facts: &Facts) -> Vec<Finding> {
    let primes = |from: usize, to: usize| -> Vec<String> {
        facts
            .primes
            .iter()
            .filter(|prime| (from..to).contains(&prime.bits))
            .map(ToString::to_string)
            .collect()
    };
    let groups: Vec<NamedGroup> = facts.groups12.iter().chain(&facts.groups13).copied().collect();
    let small: Vec<NamedGroup> = groups.iter().copied().filter(|group| is_small(*group)).collect();
    let drafts = [NamedGroup::X25519KYBER768DRAFT00, NamedGroup::SECP256R1KYBER768DRAFT00];
    let obsolete: Vec<NamedGroup> = groups.iter().copied().filter(|group| drafts.contains(group)).collect();
    let of_schemes = |wanted: &[SignatureScheme]| -> Vec<SignatureScheme> {
        facts.schemes12.iter().copied().filter(|scheme| wanted.contains(scheme)).collect()
    };
    let speaks_tls13 = facts.accepts(ProtocolVersion::TLS_1_3);
    [
        DH_BROKEN.about(&primes(0, 1024)),
        DH_SMALL.about(&primes(1024, 2048)),
        GROUP_SMALL.about(&small),
        GROUP_OBSOLETE.about(&obsolete),
        NO_POST_QUANTUM.when(speaks_tls13 && !groups.iter().any(|group| group.is_post_quantum())),
        MD5_SIGNATURE.about(&of_schemes(&[SignatureScheme::RSA_PKCS1_MD5])),
        SHA1_SIGNATURE.about(&of_schemes(&[
            SignatureScheme::RSA_PKCS1_SHA1,
            SignatureScheme::ECDSA_SHA1,
            SignatureScheme::DSA_SHA1,
        ])),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{super::super::facts::Prime, *};

    fn ids(facts: &Facts) -> Vec<&'static str> {
        of(facts).iter().map(|finding| finding.kind.id).collect()
    }

    #[test]
    fn small_primes_are_found_by_their_size() {
        for (bits, expected) in
            [(512, Some("dh-broken")), (1023, Some("dh-broken")), (1024, Some("dh-small")), (2048, None)]
        {
            let facts = Facts { primes: vec![Prime { bits, origin: None }], ..Facts::default() };
            assert_eq!(ids(&facts).first().copied(), expected, "{bits}");
        }
    }

    #[test]
    fn small_groups_and_weak_signatures_are_found() {
        let facts = Facts {
            groups12: vec![NamedGroup::SECP192R1, NamedGroup::SECP224R1, NamedGroup::SECT163K1],
            schemes12: vec![SignatureScheme::RSA_PKCS1_SHA256, SignatureScheme::RSA_PKCS1_SHA1],
            ..Facts::default()
        };
        let found = of(&facts);
        assert_eq!(ids(&facts), ["group-small", "sha1-signature"]);
        assert_eq!(found.first().map(|finding| finding.detail.as_str()), Some("secp192r1, sect163k1"));
    }
}
