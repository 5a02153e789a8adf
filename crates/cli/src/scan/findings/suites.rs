//! Findings about cipher suites.

use super::{
    super::{
        facts::{Facts, Order, Tested},
        suite_kinds::{exchanges, has_finite_field_dhe, is_cbc, is_ephemeral},
    },
    kind::{Finding, Kind, Severity},
};
use cairn_tls::wire::{CipherSuite, ProtocolVersion};

const NULL: Kind = Kind {
    id: "null-cipher",
    severity: Severity::Critical,
    title: "suites without encryption are accepted",
    reason: "Everyone on the network can read the data.",
    reference: "RFC 9325 section 4.1",
};
const ANONYMOUS: Kind = Kind {
    id: "anonymous",
    severity: Severity::Critical,
    title: "suites without authentication are accepted",
    reason: "The server does not prove who it is, so an attacker can read and change the data.",
    reference: "RFC 5246 appendix F.1.1.1, RFC 9325 section 4.1",
};
const EXPORT: Kind = Kind {
    id: "export",
    severity: Severity::Critical,
    title: "export suites are accepted",
    reason: "Keys of 40 or 56 bits and key exchanges of 512 bits are broken in hours (FREAK, Logjam).",
    reference: "RFC 9325 section 4.1, CVE-2015-0204, CVE-2015-4000",
};
const RC4: Kind = Kind {
    id: "rc4",
    severity: Severity::High,
    title: "RC4 is accepted",
    reason: "Biases of its key stream reveal data that is sent often.",
    reference: "RFC 7465, CVE-2015-2808",
};
const DES: Kind = Kind {
    id: "single-des",
    severity: Severity::High,
    title: "DES or RC2 is accepted",
    reason: "Keys of 56 bits and less can be searched in hours.",
    reference: "RFC 9325 section 4.1, RFC 5469",
};
const TRIPLE_DES: Kind = Kind {
    id: "triple-des",
    severity: Severity::Medium,
    title: "a cipher with blocks of 64 bits is accepted",
    reason: "Blocks repeat in long connections, which reveals data (Sweet32).",
    reference: "RFC 9325 section 4.1, CVE-2016-2183",
};
const NO_SECRECY: Kind = Kind {
    id: "no-forward-secrecy",
    severity: Severity::High,
    title: "no suite has forward secrecy",
    reason: "An attacker with the key of the server can decrypt all recorded connections.",
    reference: "RFC 9325 section 4.1, RFC 10015",
};
const STATIC: Kind = Kind {
    id: "static-key-exchange",
    severity: Severity::Medium,
    title: "suites without forward secrecy are accepted",
    reason: "An attacker with the key of the server can decrypt recorded connections with these suites.",
    reference: "RFC 9325 section 4.1, RFC 10015",
};
const FINITE_FIELD: Kind = Kind {
    id: "finite-field-dhe",
    severity: Severity::Low,
    title: "suites with Diffie-Hellman over finite fields are accepted",
    reason: "A client can neither choose nor check the group, and a reused key can leak secrets (Raccoon).",
    reference: "RFC 9325 section 4.1, RFC 10015 section 3",
};
const CBC: Kind = Kind {
    id: "cbc-without-etm",
    severity: Severity::Low,
    title: "CBC is used without encrypt_then_mac",
    reason: "The order MAC, then encryption has led to padding oracles again and again (Lucky Thirteen).",
    reference: "RFC 9325 section 4.2, RFC 7366, CVE-2013-0169",
};
const NO_AEAD: Kind = Kind {
    id: "no-aead",
    severity: Severity::Medium,
    title: "TLS 1.2 has no suite with authenticated encryption",
    reason: "Clients should and often do offer such suites alone.",
    reference: "RFC 9325 section 4.2",
};
const SHORT_TAG: Kind = Kind {
    id: "short-tag",
    severity: Severity::Low,
    title: "suites with a tag of 64 bits are accepted",
    reason: "A forged record passes more easily than with a tag of 128 bits.",
    reference: "RFC 6655 section 6.1, RFC 9325 section 4.1",
};
const MD5: Kind = Kind {
    id: "md5-mac",
    severity: Severity::Low,
    title: "suites with HMAC-MD5 are accepted",
    reason: "MD5 is broken; its use in HMAC should end.",
    reference: "RFC 6151",
};
const CLIENT_ORDER: Kind = Kind {
    id: "client-order",
    severity: Severity::Low,
    title: "the client's order of suites decides, and weak suites are accepted",
    reason: "A client that lists a weak suite first gets it, although both sides have better ones.",
    reference: "RFC 9325 section 4.2.1",
};

/// All kinds in this file.
#[cfg(test)]
pub(super) const KINDS: &[Kind] = &[
    NULL,
    ANONYMOUS,
    EXPORT,
    RC4,
    DES,
    TRIPLE_DES,
    NO_SECRECY,
    STATIC,
    FINITE_FIELD,
    CBC,
    NO_AEAD,
    SHORT_TAG,
    MD5,
    CLIENT_ORDER,
];

/// The suites whose names contain one of these parts.
fn with(suites: &[CipherSuite], parts: &[&str]) -> Vec<CipherSuite> {
    let has =
        |suite: &CipherSuite| suite.name().is_some_and(|name| parts.iter().any(|part| name.contains(part)));
    suites.iter().copied().filter(has).collect()
}

/// The findings.
pub(super) fn of(facts: &Facts) -> Vec<Finding> {
    let all = facts.old_suites();
    let tls13 = facts.version(ProtocolVersion::TLS_1_3).map(|known| known.suites.as_slice());
    let mut unencrypted = with(&all, &["_WITH_NULL_"]);
    unencrypted.extend(with(tls13.unwrap_or_default(), &["TLS_SHA"]));
    let mut short_tags = with(&all, &["CCM_8"]);
    short_tags.extend(with(tls13.unwrap_or_default(), &["CCM_8"]));
    let without_tls13 = !facts.accepts(ProtocolVersion::TLS_1_3);
    let is_export = |suite: &CipherSuite| suite.name().is_some_and(|name| name.contains("EXPORT"));
    let strong: Vec<CipherSuite> = all.iter().copied().filter(|suite| !is_export(suite)).collect();
    let kept: Vec<CipherSuite> = all
        .iter()
        .copied()
        .filter(|suite| !is_ephemeral(*suite) && !exchanges(*suite, &["PSK_WITH"]))
        .collect();
    let none_is_ephemeral = without_tls13 && !all.is_empty() && !all.iter().any(|suite| is_ephemeral(*suite));
    let finite_field: Vec<CipherSuite> =
        all.iter().copied().filter(|suite| has_finite_field_dhe(*suite)).collect();
    let cbc: Vec<CipherSuite> = all.iter().copied().filter(|suite| is_cbc(*suite)).collect();
    let tls12 =
        facts.version(ProtocolVersion::TLS_1_2).map(|known| known.suites.as_slice()).unwrap_or_default();
    let aead = with(tls12, &["_GCM_", "_CCM", "CHACHA20"]);
    let weak = with(&all, &["NULL", "_anon_", "EXPORT", "RC4", "DES", "RC2", "MD5"]);
    let by_client = facts
        .accepted()
        .any(|known| known.order == Order::Client && known.suites.iter().any(|suite| weak.contains(suite)));
    let single = with(&strong, &["_DES_CBC_", "_RC2_"]);
    [
        NULL.about(&unencrypted),
        ANONYMOUS.about(&with(&all, &["_anon_"])),
        EXPORT.about(&with(&all, &["EXPORT"])),
        RC4.about(&with(&strong, &["_RC4_"])),
        DES.about(&single),
        TRIPLE_DES.about(&with(&strong, &["_3DES_", "_IDEA_"])),
        if none_is_ephemeral { NO_SECRECY.when(true) } else { STATIC.about(&kept) },
        FINITE_FIELD.about(&finite_field),
        CBC.about(if facts.features.encrypt_then_mac == Tested::No { &cbc } else { &[] }),
        NO_AEAD.when(without_tls13 && !tls12.is_empty() && aead.is_empty()),
        SHORT_TAG.about(&short_tags),
        MD5.about(&with(&strong, &["_MD5"])),
        CLIENT_ORDER.when(by_client),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{super::super::facts::VersionFacts, *};

    fn ids(suites: &[CipherSuite], order: Order, encrypt_then_mac: Tested) -> Vec<&'static str> {
        let known = VersionFacts { version: ProtocolVersion::TLS_1_2, suites: suites.to_vec(), order };
        let mut facts = Facts { versions: vec![known], ..Facts::default() };
        facts.features.encrypt_then_mac = encrypt_then_mac;
        of(&facts).iter().map(|finding| finding.kind.id).collect()
    }

    #[test]
    fn modern_suites_are_no_finding() {
        let modern = [
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        ];
        assert!(ids(&modern, Order::Client, Tested::Unknown).is_empty());
    }

    #[test]
    fn each_weak_suite_has_its_finding() {
        let of = |suite| ids(&[suite], Order::Unknown, Tested::Yes);
        let ephemeral = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
        let with_good = |suite| ids(&[ephemeral, suite], Order::Server, Tested::Yes);
        assert_eq!(of(CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256), ["no-forward-secrecy"]);
        assert_eq!(with_good(CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256), ["static-key-exchange"]);
        assert_eq!(with_good(CipherSuite::TLS_ECDHE_RSA_WITH_RC4_128_SHA), ["rc4"]);
        assert_eq!(with_good(CipherSuite::TLS_ECDHE_RSA_WITH_NULL_SHA), ["null-cipher"]);
        assert_eq!(with_good(CipherSuite::TLS_DH_anon_WITH_AES_128_GCM_SHA256), ["anonymous"]);
        assert_eq!(with_good(CipherSuite::TLS_DHE_RSA_WITH_DES_CBC_SHA), ["single-des", "finite-field-dhe"]);
        assert_eq!(with_good(CipherSuite::TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA), ["triple-des"]);
        assert_eq!(with_good(CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256), ["finite-field-dhe"]);
        assert_eq!(
            with_good(CipherSuite::TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA),
            ["export", "finite-field-dhe"]
        );
        assert_eq!(with_good(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8), ["short-tag"]);
    }

    #[test]
    fn weak_suites_of_tls_1_3_are_found() {
        let suites = vec![
            CipherSuite::TLS_AES_128_GCM_SHA256,
            CipherSuite::TLS_AES_128_CCM_8_SHA256,
            CipherSuite::TLS_SHA256_SHA256,
        ];
        let known = VersionFacts { version: ProtocolVersion::TLS_1_3, suites, order: Order::Server };
        let found = of(&Facts { versions: vec![known], ..Facts::default() });
        let found: Vec<_> = found.iter().map(|one| (one.kind.id, one.detail.as_str())).collect();
        assert_eq!(found, [("null-cipher", "TLS_SHA256_SHA256"), ("short-tag", "TLS_AES_128_CCM_8_SHA256")]);
    }

    #[test]
    fn cbc_is_a_finding_without_encrypt_then_mac() {
        let suites = [
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        ];
        assert_eq!(ids(&suites, Order::Client, Tested::No), ["cbc-without-etm"]);
        assert!(ids(&suites, Order::Client, Tested::Yes).is_empty());
        assert_eq!(ids(&suites[1..], Order::Client, Tested::Yes), ["no-aead"]);
    }

    #[test]
    fn order_of_the_client_matters_with_weak_suites() {
        let suites =
            [CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, CipherSuite::TLS_ECDHE_RSA_WITH_RC4_128_SHA];
        assert_eq!(ids(&suites, Order::Client, Tested::Yes), ["rc4", "client-order"]);
        assert_eq!(ids(&suites, Order::Server, Tested::Yes), ["rc4"]);
    }
}
