//! Findings about versions and features of the protocol.

use super::{
    super::facts::{Facts, Robot, Tested},
    kind::{Finding, Kind, Severity},
};
use cairn_tls::wire::ProtocolVersion;

const SSL3: Kind = Kind {
    id: "ssl3",
    severity: Severity::High,
    title: "SSL 3.0 is accepted",
    reason: "Its padding is not authenticated, so an attacker can decrypt parts of the traffic (POODLE).",
    reference: "RFC 7568, CVE-2014-3566",
};
const TLS10: Kind = Kind {
    id: "tls10",
    severity: Severity::Medium,
    title: "TLS 1.0 is accepted",
    reason: "It relies on MD5 and SHA-1, and its CBC suites have predictable initialization vectors (BEAST).",
    reference: "RFC 8996, CVE-2011-3389",
};
const TLS11: Kind = Kind {
    id: "tls11",
    severity: Severity::Medium,
    title: "TLS 1.1 is accepted",
    reason: "It relies on MD5 and SHA-1 for the handshake.",
    reference: "RFC 8996",
};
const NO_MODERN: Kind = Kind {
    id: "no-modern-version",
    severity: Severity::High,
    title: "neither TLS 1.2 nor TLS 1.3 is accepted",
    reason: "All versions that the server accepts are forbidden.",
    reference: "RFC 8996, RFC 9325 section 3.1.1",
};
const NO_TLS13: Kind = Kind {
    id: "no-tls13",
    severity: Severity::Info,
    title: "TLS 1.3 is not accepted",
    reason: "TLS 1.3 encrypts most of the handshake and has no weak suites.",
    reference: "RFC 9325 section 3.1.1",
};
const COMPRESSION: Kind = Kind {
    id: "compression",
    severity: Severity::High,
    title: "records are compressed",
    reason: "The length of compressed records reveals secrets beside data of an attacker (CRIME).",
    reference: "RFC 9325 section 3.3, CVE-2012-4929",
};
const INSECURE_RENEGOTIATION: Kind = Kind {
    id: "insecure-renegotiation",
    severity: Severity::High,
    title: "renegotiation is not secure",
    reason: "If the server renegotiates, an attacker can put own data before that of a client.",
    reference: "RFC 5746, CVE-2009-3555",
};
const CLIENT_RENEGOTIATION: Kind = Kind {
    id: "client-renegotiation",
    severity: Severity::Low,
    title: "clients can renegotiate",
    reason: "A client can make the server compute many handshakes on one connection.",
    reference: "RFC 9325 section 3.5, CVE-2011-1473",
};
const NO_EMS: Kind = Kind {
    id: "no-extended-master-secret",
    severity: Severity::Low,
    title: "there is no extended master secret",
    reason: "A server in the middle can make two sessions share a master secret (triple handshake).",
    reference: "RFC 7627, RFC 9325 section 3.5",
};
const NO_SCSV: Kind = Kind {
    id: "no-fallback-scsv",
    severity: Severity::Low,
    title: "a fallback to an older version is not detected",
    reason: "An attacker can make clients that try older versions use one of them.",
    reference: "RFC 7507",
};
const EARLY_DATA: Kind = Kind {
    id: "early-data",
    severity: Severity::Low,
    title: "early data is accepted",
    reason: "An attacker can send recorded early data again; the application must expect that.",
    reference: "RFC 9846 section 8, RFC 8470",
};
const CLIENT_CERTIFICATE: Kind = Kind {
    id: "client-certificate",
    severity: Severity::Info,
    title: "the server asks for a certificate",
    reason: "What the server shows without one may not be all that it has.",
    reference: "RFC 9846 section 4.4.2, RFC 5246 section 7.4.4",
};
const ROBOT_STRONG: Kind = Kind {
    id: "robot-strong",
    severity: Severity::Critical,
    title: "the RSA key exchange has an oracle that tells several classes of messages apart",
    reason: "With few messages, an attacker can decrypt recorded connections and sign with the key (ROBOT).",
    reference: "RFC 5246 section 7.4.7.1, CVE-2017-13099",
};
const ROBOT_WEAK: Kind = Kind {
    id: "robot-weak",
    severity: Severity::High,
    title: "the RSA key exchange has an oracle",
    reason: "With many messages, an attacker can decrypt recorded connections and sign with the key (ROBOT).",
    reference: "RFC 5246 section 7.4.7.1, CVE-2017-13099",
};
const ROBOT_UNCLEAR: Kind = Kind {
    id: "robot-inconsistent",
    severity: Severity::Info,
    title: "the answers to malformed RSA key exchanges differ at random",
    reason: "Whether there is an oracle is unknown: the answers changed when the test was repeated.",
    reference: "RFC 5246 section 7.4.7.1",
};

const MALFORMED: Kind = Kind {
    id: "malformed-answer",
    severity: Severity::Info,
    title: "answers could not be decoded",
    reason: "The scan takes such an answer as a refusal, so it may have missed something.",
    reference: "RFC 5246 section 7.4, RFC 9846 section 4",
};

/// All kinds in this file.
#[cfg(test)]
pub(super) const KINDS: &[Kind] = &[
    SSL3,
    TLS10,
    TLS11,
    NO_MODERN,
    NO_TLS13,
    COMPRESSION,
    INSECURE_RENEGOTIATION,
    CLIENT_RENEGOTIATION,
    NO_EMS,
    NO_SCSV,
    EARLY_DATA,
    CLIENT_CERTIFICATE,
    ROBOT_STRONG,
    ROBOT_WEAK,
    ROBOT_UNCLEAR,
    MALFORMED,
];

/// The findings.
pub(super) fn of(facts: &Facts) -> impl Iterator<Item = Finding> {
    let accepts = |version| facts.accepts(version);
    let (new, old) = (accepts(ProtocolVersion::TLS_1_3), accepts(ProtocolVersion::TLS_1_2));
    let features = &facts.features;
    // Only a version before TLS 1.2 makes a fallback dangerous.
    let falls = facts.accepted().any(|known| known.version < ProtocolVersion::TLS_1_2);
    [
        SSL3.when(accepts(ProtocolVersion::SSL_3_0)),
        TLS10.when(accepts(ProtocolVersion::TLS_1_0)),
        TLS11.when(accepts(ProtocolVersion::TLS_1_1)),
        NO_MODERN.when(!new && !old),
        NO_TLS13.when(!new),
        COMPRESSION.when(features.compression == Tested::Yes),
        INSECURE_RENEGOTIATION.when(features.secure_renegotiation == Tested::No),
        CLIENT_RENEGOTIATION.when(features.client_renegotiation == Tested::Yes),
        NO_EMS.when(features.extended_master_secret == Tested::No),
        NO_SCSV.when(falls && features.fallback_scsv == Tested::No),
        EARLY_DATA.when(features.early_data == Tested::Yes),
        CLIENT_CERTIFICATE.when(features.client_certificate == Tested::Yes),
        ROBOT_STRONG.when(facts.robot == Robot::Strong),
        ROBOT_WEAK.when(facts.robot == Robot::Weak),
        ROBOT_UNCLEAR.when(facts.robot == Robot::Inconsistent),
        MALFORMED.about(&facts.malformed),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::{super::super::facts::VersionFacts, *};
    use cairn_tls::wire::CipherSuite;

    fn facts(versions: &[ProtocolVersion]) -> Facts {
        let suites = vec![CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA];
        let versions = versions.iter().map(|version| VersionFacts {
            version: *version,
            suites: suites.clone(),
            order: Default::default(),
        });
        Facts { versions: versions.collect(), ..Facts::default() }
    }

    fn ids(facts: &Facts) -> Vec<&'static str> {
        of(facts).map(|finding| finding.kind.id).collect()
    }

    #[test]
    fn modern_server_has_no_finding() {
        assert!(ids(&facts(&[ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2])).is_empty());
        assert_eq!(ids(&facts(&[ProtocolVersion::TLS_1_2])), ["no-tls13"]);
    }

    #[test]
    fn old_versions_are_found() {
        let found = ids(&facts(&[ProtocolVersion::TLS_1_0, ProtocolVersion::SSL_3_0]));
        assert_eq!(found, ["ssl3", "tls10", "no-modern-version", "no-tls13"]);
    }

    #[test]
    fn features_that_were_not_tested_are_no_finding() {
        let mut facts = facts(&[ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_1]);
        assert_eq!(ids(&facts), ["tls11"]);
        facts.features.secure_renegotiation = Tested::No;
        facts.features.fallback_scsv = Tested::No;
        facts.features.extended_master_secret = Tested::No;
        facts.features.compression = Tested::Yes;
        facts.robot = Robot::Weak;
        facts.malformed.push("why".into());
        assert_eq!(
            ids(&facts),
            [
                "tls11",
                "compression",
                "insecure-renegotiation",
                "no-extended-master-secret",
                "no-fallback-scsv",
                "robot-weak",
                "malformed-answer"
            ]
        );
    }
}
