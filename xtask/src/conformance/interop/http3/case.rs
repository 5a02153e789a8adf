//! The cases, the same for every peer. A new feature is a line in [`features`], and a field of [`Case`] if it
//! needs one.

use crate::conformance::interop::case::{Asker, Key, Resumption};
use crate::conformance::interop::case13::GROUPS;

/// The requested path: that of [`PAGE`](crate::conformance::interop::world::PAGE).
pub(super) const PATH: &str = "/page.txt";

/// The suites that QUIC permits (RFC 9001 section 5.3).
const SUITES: [&str; 4] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
];

/// The group whose share a client sends, and the one for which a server then asks.
pub(super) const RETRIED: [&str; 2] = ["x25519", "secp384r1"];

/// The kinds of keys in certificates, and the signature scheme of each. The peer chooses the hash for RSA.
const KEYS: [(Key, &str); 4] = [
    (Key::Rsa, "rsa_pss_rsae_"),
    (Key::P256, "ecdsa_secp256r1_sha256"),
    (Key::P384, "ecdsa_secp384r1_sha384"),
    (Key::Ed25519, "ed25519"),
];

/// The second connection of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Second {
    /// There is none.
    No,
    /// It resumes the session of the first one.
    Resumes(Resumption),
    /// It also has its request in early data, which the server accepts.
    EarlyAccepted,
    /// The same, but the server rejects the early data.
    EarlyRejected,
}

impl Second {
    pub(super) const fn is_early(self) -> bool {
        matches!(self, Self::EarlyAccepted | Self::EarlyRejected)
    }
}

/// The reason why a connection must fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The client does not offer the protocol h3.
    Protocol,
    /// The client does not trust the authority of the server's certificate.
    Authority,
}

impl Fault {
    /// The error code of QUIC: that of the alert, after 0x01 (RFC 9001 section 4.8).
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Protocol => "0x178",
            Self::Authority => "0x130",
        }
    }

    /// The alert.
    pub(super) const fn alert(self) -> &'static str {
        match self {
            Self::Protocol => "no_application_protocol",
            Self::Authority => "unknown_ca",
        }
    }

    /// The exit code of Cairn's client.
    pub(super) const fn exit_code(self) -> i32 {
        match self {
            Self::Protocol => 4,
            Self::Authority => 5,
        }
    }
}

/// One cell of the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    /// The only suite, by its IANA name.
    pub(super) suite: Option<&'static str>,
    /// The only group, by its IANA name.
    pub(super) group: Option<&'static str>,
    /// The key of the server's certificate, and the start of its signature scheme.
    pub(super) key: (Key, &'static str),
    /// The client presents a certificate with such a key.
    pub(super) client_key: Option<Key>,
    pub(super) second: Second,
    /// The client offers both groups of [`RETRIED`] and sends a share of the first; the server accepts only
    /// the second, so that it sends a HelloRetryRequest.
    pub(super) hello_retry: bool,
    /// The server sends a Retry packet (RFC 9000 section 8.1.2).
    pub(super) retry: bool,
    /// The side that updates its keys first (RFC 9001 section 6).
    pub(super) key_update: Option<Asker>,
    pub(super) fault: Option<Fault>,
    /// Packets are lost and reordered as this seed determines.
    pub(super) losses: Option<u64>,
}

/// A named group of cases.
#[derive(Debug)]
pub(super) struct Feature {
    pub(super) name: &'static str,
    pub(super) cases: Vec<(String, Case)>,
}

fn usual() -> Case {
    Case {
        suite: None,
        group: None,
        key: (Key::P256, "ecdsa_secp256r1_sha256"),
        client_key: None,
        second: Second::No,
        hello_retry: false,
        retry: false,
        key_update: None,
        fault: None,
        losses: None,
    }
}

/// All features.
pub(super) fn features() -> Vec<Feature> {
    let named = |name: &str, case: Case| (name.to_owned(), case);
    let feature = |name: &'static str, cases: Vec<(String, Case)>| Feature { name, cases };
    let suites = SUITES.map(|suite| named(suite, Case { suite: Some(suite), ..usual() }));
    let groups = GROUPS.map(|group| named(group, Case { group: Some(group), ..usual() }));
    let keys = KEYS.map(|key| named(key.0.name(), Case { key, ..usual() }));
    let client_keys = KEYS.map(|(key, _)| named(key.name(), Case { client_key: Some(key), ..usual() }));
    let second = |name, second| named(name, Case { second, ..usual() });
    let update = |name, asker| named(name, Case { key_update: Some(asker), ..usual() });
    let fault = |name, fault| named(name, Case { fault: Some(fault), ..usual() });
    let losses = [1, 2, 3].map(|seed| named(&format!("seed {seed}"), Case { losses: Some(seed), ..usual() }));
    vec![
        feature("1-RTT", vec![named("defaults of both sides", usual())]),
        feature("suites", suites.into()),
        feature("groups", groups.into()),
        feature("certificates", keys.into()),
        feature("HelloRetryRequest", vec![named("secp384r1", Case { hello_retry: true, ..usual() })]),
        feature("client authentication", client_keys.into()),
        feature(
            "resumption",
            vec![
                second("the server stores it", Second::Resumes(Resumption::Id)),
                second("the ticket contains it", Second::Resumes(Resumption::Ticket)),
            ],
        ),
        feature(
            "0-RTT",
            vec![second("accepted", Second::EarlyAccepted), second("rejected", Second::EarlyRejected)],
        ),
        feature("Retry", vec![named("address validation", Case { retry: true, ..usual() })]),
        feature(
            "key update",
            vec![update("by the client", Asker::Client), update("by the server", Asker::Server)],
        ),
        feature(
            "refusal",
            vec![fault("another protocol", Fault::Protocol), fault("unknown authority", Fault::Authority)],
        ),
        feature("loss and reordering", losses.into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_of_a_feature_have_names_of_their_own() {
        for feature in features() {
            let mut names: Vec<&String> = feature.cases.iter().map(|(name, _)| name).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), feature.cases.len(), "{}", feature.name);
        }
    }

    #[test]
    fn error_codes_contain_their_alerts() {
        // RFC 9846 section 6: unknown_ca is 48, no_application_protocol 120.
        for (fault, alert) in [(Fault::Protocol, 120), (Fault::Authority, 48)] {
            assert_eq!(fault.code(), format!("{:#x}", 0x100 + alert));
        }
    }
}
