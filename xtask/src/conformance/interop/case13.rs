//! The cases about TLS 1.3, the same for every peer. A new feature is a line in [`features`], and a field of
//! [`Case`] if it needs one.

use super::case::{Asker, Case, Early, Feature, Key, RawKeys, Resumption, SCHEMES, USUAL_RSA, Versions};

/// The suite of cases that are not about suites.
pub(super) const USUAL: &str = "TLS_AES_128_GCM_SHA256";
const USUAL_SHA384: &str = "TLS_AES_256_GCM_SHA384";

/// All suites of TLS 1.3.
pub(super) const SUITES: [&str; 5] = [
    USUAL,
    USUAL_SHA384,
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
];

/// The groups of which each has a case, also over QUIC.
pub(super) const GROUPS: [&str; 8] = [
    "X25519MLKEM768",
    "SecP256r1MLKEM768",
    "SecP384r1MLKEM1024",
    "x25519",
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "ffdhe2048",
];

fn usual() -> Case {
    Case { ours: Versions::Tls13, theirs: Versions::Tls13, ..Case::of_suite(USUAL) }
}

/// A case with a HelloRetryRequest for this group.
fn retried(group: &'static str) -> Case {
    Case { group: Some(group), retry: true, ..usual() }
}

fn mixture(ours: Versions, theirs: Versions) -> (String, Case) {
    let name = format!("we {}, the peer {}", ours.name(), theirs.name());
    let case = Case { ours, theirs, ..usual() };
    let suite = if case.is_tls13() { USUAL } else { USUAL_RSA };
    (name, Case { suite: suite.to_owned(), ..case })
}

/// The features of TLS 1.3.
pub(super) fn features() -> Vec<Feature> {
    let suites = SUITES.map(|suite| (suite.to_owned(), Case { suite: suite.to_owned(), ..usual() }));
    let groups = GROUPS.map(|group| (group.to_owned(), Case { group: Some(group), ..usual() }));
    let schemes = SCHEMES.iter().filter(|(scheme, _)| !scheme.starts_with("rsa_pkcs1"));
    let schemes =
        schemes.map(|(scheme, keys)| ((*scheme).to_owned(), Case { scheme: Some(*scheme), keys, ..usual() }));
    let retries = ["secp384r1", "secp521r1", "SecP256r1MLKEM768"]
        .map(|group| (format!("a share of {group}"), retried(group)));
    let authentication =
        Key::ALL.map(|key| (key.name().to_owned(), Case { client_key: Some(key), ..usual() }));
    let (store, ticket) = (Some(Resumption::Id), Some(Resumption::Ticket));
    let sha384 = Case { suite: USUAL_SHA384.to_owned(), ..usual() };
    let resumption = [
        ("the server stores it", Case { resumption: store, ..usual() }),
        ("the ticket contains it", Case { resumption: ticket, ..usual() }),
        ("SHA-384", Case { resumption: ticket, ..sha384 }),
        ("after HelloRetryRequest", Case { resumption: ticket, ..retried("secp384r1") }),
        ("client authentication", Case { resumption: ticket, client_key: Some(Key::P256), ..usual() }),
    ];
    let resumption = resumption.map(|(name, case)| (name.to_owned(), case));
    let updates = [("client requests", Asker::Client), ("server requests", Asker::Server)]
        .map(|(name, asker)| (name.to_owned(), Case { key_update: Some(asker), ..usual() }));
    let raw_keys = [("server", RawKeys::Server), ("both", RawKeys::Both)]
        .map(|(name, sides)| (name.to_owned(), Case { raw_keys: Some(sides), ..usual() }));
    let early = |outcome| Case { resumption: ticket, early_data: Some(outcome), ..usual() };
    let early_data = [
        ("accepted", early(Early::Accepted)),
        ("refused", early(Early::Refused)),
        ("after HelloRetryRequest", Case { retry: true, group: Some("secp384r1"), ..early(Early::Refused) }),
    ];
    let early_data = early_data.map(|(name, case)| (name.to_owned(), case));
    let later = [Key::Rsa, Key::P256]
        .map(|key| (key.name().to_owned(), Case { client_key: Some(key), later: true, ..usual() }));
    let compression = ["zlib", "brotli", "zstd"].map(|algorithm| {
        let of_server = Case { compression: Some(algorithm), ..usual() };
        let of_both = Case { client_key: Some(Key::Rsa), ..of_server.clone() };
        [(algorithm.to_owned(), of_server), (format!("{algorithm}, both sides"), of_both)]
    });
    let with_psk = |case: Case| Case { external_psk: true, ..case };
    let psks = [("SHA-256", with_psk(usual())), ("after HelloRetryRequest", with_psk(retried("secp384r1")))]
        .map(|(name, case)| (name.to_owned(), case));
    let mixtures = [
        mixture(Versions::Both, Versions::Both),
        mixture(Versions::Both, Versions::Tls13),
        mixture(Versions::Tls13, Versions::Both),
        mixture(Versions::Both, Versions::Tls12),
        mixture(Versions::Tls12, Versions::Both),
    ];
    vec![
        Feature { name: "TLS 1.3 suites", cases: suites.into() },
        Feature { name: "TLS 1.3 groups", cases: groups.into() },
        Feature { name: "TLS 1.3 signature schemes", cases: schemes.collect() },
        Feature { name: "TLS 1.3 HelloRetryRequest", cases: retries.into() },
        Feature { name: "TLS 1.3 client authentication", cases: authentication.into() },
        Feature { name: "TLS 1.3 resumption by PSK", cases: resumption.into() },
        Feature { name: "TLS 1.3 KeyUpdate", cases: updates.into() },
        Feature { name: "TLS 1.3 raw public keys", cases: raw_keys.into() },
        Feature { name: "TLS 1.3 early data", cases: early_data.into() },
        Feature { name: "TLS 1.3 authentication after the handshake", cases: later.into() },
        Feature { name: "TLS 1.3 certificate compression", cases: compression.concat() },
        Feature { name: "TLS 1.3 external PSK", cases: psks.into() },
        Feature { name: "versions", cases: mixtures.into() },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mixture_expects_the_highest_common_version() {
        let features = features();
        let mixtures = &features.last().unwrap().cases;
        assert_eq!(mixtures.len(), 5);
        for (name, case) in mixtures {
            let old = [case.ours, case.theirs].contains(&Versions::Tls12);
            assert_eq!(case.is_tls13(), !old, "{name}");
            assert_eq!(SUITES.contains(&case.suite.as_str()), !old, "{name}");
            assert!(case.concerns_tls13(), "{name}");
        }
    }

    #[test]
    fn no_case_of_tls13_expects_a_pkcs1_signature() {
        for feature in features() {
            assert!(!feature.cases.is_empty(), "{}", feature.name);
            for (name, case) in feature.cases {
                assert!(!case.scheme.is_some_and(|scheme| scheme.contains("pkcs1")), "{name}");
            }
        }
    }
}
