//! The cases for a peer: one connection, or two of which the second resumes the session.

use core::fmt;

/// The side of the connection that Cairn takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Cairn's client, the peer's server.
    Client,
    /// Cairn's server, the peer's client.
    Server,
}

impl Role {
    pub(super) const BOTH: [Self; 2] = [Self::Client, Self::Server];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// The form of resumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resumption {
    /// From the server's store: by session ID (RFC 5246), or in TLS 1.3 by a ticket that is a key of the
    /// store.
    Id,
    /// By a ticket that contains the session (RFC 5077; RFC 9846 section 4.7.1).
    Ticket,
}

/// The versions of TLS that one side speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Versions {
    Tls12,
    Tls13,
    Both,
}

impl Versions {
    /// As `cairn --tls` names them.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
            Self::Both => "both",
        }
    }
}

/// Kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Rsa,
    RsaPss,
    P256,
    P384,
    P521,
    Ed25519,
}

impl Key {
    pub(super) const ALL: [Self; 6] =
        [Self::Rsa, Self::RsaPss, Self::P256, Self::P384, Self::P521, Self::Ed25519];

    /// The name of its files.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::RsaPss => "rsa-pss",
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::P521 => "p521",
            Self::Ed25519 => "ed25519",
        }
    }

    pub(super) const fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa | Self::RsaPss)
    }
}

/// The side that requests renegotiation or a KeyUpdate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asker {
    Client,
    Server,
}

/// A limit on the size of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Limit {
    /// Requested by the client (RFC 6066 section 4).
    MaxFragmentLength(u16),
    /// Sent to the peer by Cairn (RFC 8449).
    RecordSize(u16),
}

/// The sides that present a raw public key in place of a certificate (RFC 7250).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RawKeys {
    Server,
    Both,
}

/// The result of the early data of a client that resumes a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Early {
    Accepted,
    Refused,
}

/// One cell of the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    /// The versions that Cairn speaks.
    pub(super) ours: Versions,
    /// The versions that the peer speaks.
    pub(super) theirs: Versions,
    /// The IANA name of the suite to be negotiated.
    pub(super) suite: String,
    pub(super) resumption: Option<Resumption>,
    /// Whether the peer uses encrypt_then_mac.
    pub(super) etm: bool,
    /// The keys of the server's certificates.
    pub(super) keys: &'static [Key],
    /// The only group, by its IANA name.
    pub(super) group: Option<&'static str>,
    /// The only scheme of the peer besides that of the authority, by its IANA name.
    pub(super) scheme: Option<&'static str>,
    /// The client presents a certificate with such a key.
    pub(super) client_key: Option<Key>,
    pub(super) renegotiation: Option<Asker>,
    pub(super) limit: Option<Limit>,
    /// The client also offers [`FIRST_GROUP`] and sends a share of it alone; the server accepts only `group`,
    /// so that it sends a HelloRetryRequest.
    pub(super) retry: bool,
    /// The side that sends a KeyUpdate and requests one.
    pub(super) key_update: Option<Asker>,
    pub(super) raw_keys: Option<RawKeys>,
    /// The client sends early data with the second connection.
    pub(super) early_data: Option<Early>,
    /// The server asks for the client's certificate after the handshake.
    pub(super) later: bool,
    /// The only algorithm of certificate compression, by its IANA name. All certificates are compressed.
    pub(super) compression: Option<&'static str>,
    /// The handshake has an external PSK, and no certificates.
    pub(super) external_psk: bool,
}

/// The group of the share that a server rejects with HelloRetryRequest.
pub(super) const FIRST_GROUP: &str = "x25519";

/// The case with default values, which suits every cipher suite.
const RSA_AND_ECDSA: &[Key] = &[Key::Rsa, Key::P256];
/// The cipher suite of cases that are not about suites.
pub(super) const USUAL_RSA: &str = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
const USUAL_ECDSA: &str = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
/// One whose records have padding, for cases about lengths.
const USUAL_CBC: &str = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";

impl Case {
    pub(super) fn of_suite(suite: &str) -> Self {
        Self {
            ours: Versions::Tls12,
            theirs: Versions::Tls12,
            suite: suite.to_owned(),
            resumption: None,
            etm: true,
            keys: RSA_AND_ECDSA,
            group: None,
            scheme: None,
            client_key: None,
            renegotiation: None,
            limit: None,
            retry: false,
            key_update: None,
            raw_keys: None,
            early_data: None,
            later: false,
            compression: None,
            external_psk: false,
        }
    }

    /// Returns `true` if TLS 1.3 is to be negotiated: if both sides speak it.
    pub(super) fn is_tls13(&self) -> bool {
        self.ours != Versions::Tls12 && self.theirs != Versions::Tls12
    }

    /// Returns `true` if the case is about TLS 1.3: if either side speaks it.
    pub(super) fn concerns_tls13(&self) -> bool {
        self.ours != Versions::Tls12 || self.theirs != Versions::Tls12
    }

    /// Returns `true` if records have a separate MAC, which may follow the encryption.
    pub(super) fn is_cbc(&self) -> bool {
        self.suite.contains("_CBC_")
    }

    pub(super) fn uses_psk(&self) -> bool {
        self.suite.contains("PSK")
    }

    /// Returns `true` if Cairn's server stores sessions, instead of putting them into tickets. With tickets
    /// it refuses early data in its first seconds, because it knows no earlier hellos.
    pub(super) fn is_stored(&self) -> bool {
        match self.early_data {
            Some(early) => early == Early::Accepted,
            None => self.resumption == Some(Resumption::Id),
        }
    }

    /// Returns `true` if the server sends a certificate.
    pub(super) fn shows_certificate(&self) -> bool {
        !self.external_psk
            && !self.suite.contains("_anon_")
            && (!self.uses_psk() || self.suite.contains("RSA_PSK"))
    }
}

/// A feature other than cipher suites: its name, and its cases with their names.
pub(super) struct Feature {
    pub(super) name: &'static str,
    pub(super) cases: Vec<(String, Case)>,
}

pub(super) const SCHEMES: [(&str, &[Key]); 13] = [
    ("rsa_pkcs1_sha256", &[Key::Rsa]),
    ("rsa_pkcs1_sha384", &[Key::Rsa]),
    ("rsa_pkcs1_sha512", &[Key::Rsa]),
    ("rsa_pss_rsae_sha256", &[Key::Rsa]),
    ("rsa_pss_rsae_sha384", &[Key::Rsa]),
    ("rsa_pss_rsae_sha512", &[Key::Rsa]),
    ("rsa_pss_pss_sha256", &[Key::RsaPss]),
    ("rsa_pss_pss_sha384", &[Key::RsaPss]),
    ("rsa_pss_pss_sha512", &[Key::RsaPss]),
    ("ecdsa_secp256r1_sha256", &[Key::P256]),
    ("ecdsa_secp384r1_sha384", &[Key::P384]),
    ("ecdsa_secp521r1_sha512", &[Key::P521]),
    ("ed25519", &[Key::Ed25519]),
];

/// The features, the same for every peer.
pub(super) fn features() -> Vec<Feature> {
    let usual = Case::of_suite(USUAL_RSA);
    let groups = ["x25519", "secp256r1", "secp384r1", "secp521r1"];
    let groups = groups.map(|group| (group.to_owned(), Case { group: Some(group), ..usual.clone() }));
    let schemes = SCHEMES.map(|(scheme, keys)| {
        let rsa = keys.iter().all(|key| key.is_rsa());
        let suite = if rsa { USUAL_RSA } else { USUAL_ECDSA };
        (scheme.to_owned(), Case { scheme: Some(scheme), keys, ..Case::of_suite(suite) })
    });
    let authentication =
        Key::ALL.map(|key| (key.name().to_owned(), Case { client_key: Some(key), ..usual.clone() }));
    let resumption = [("ID", Resumption::Id), ("ticket", Resumption::Ticket)]
        .map(|(name, by)| (name.to_owned(), Case { resumption: Some(by), ..usual.clone() }));
    let renegotiation = [("client requests", Asker::Client), ("server asks", Asker::Server)]
        .map(|(name, asker)| (name.to_owned(), Case { renegotiation: Some(asker), ..usual.clone() }));
    let limited = |limit: Limit| {
        [("GCM", USUAL_RSA), ("CBC", USUAL_CBC)].map(|(cipher, suite)| {
            (format!("{limit} {cipher}"), Case { limit: Some(limit), ..Case::of_suite(suite) })
        })
    };
    let fragments = [512, 1024, 2048, 4096].map(Limit::MaxFragmentLength).map(limited);
    let sizes = [64, 512, 4096].map(Limit::RecordSize).map(limited);
    vec![
        Feature { name: "groups", cases: groups.into() },
        Feature { name: "signature schemes", cases: schemes.into() },
        Feature { name: "client authentication", cases: authentication.into() },
        Feature { name: "resumption", cases: resumption.into() },
        Feature { name: "renegotiation", cases: renegotiation.into() },
        Feature { name: "max_fragment_length", cases: fragments.concat() },
        Feature { name: "record_size_limit", cases: sizes.concat() },
    ]
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MaxFragmentLength(bytes) | Self::RecordSize(bytes) => write!(f, "{bytes}"),
        }
    }
}
