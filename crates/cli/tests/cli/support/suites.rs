//! Suites and groups by the names of each implementation.

use super::{KINDS, Kind, Pki, Serve};

/// A suite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suite {
    pub(crate) iana: &'static str,
    pub(crate) openssl: &'static str,
    /// The cipher and the key exchange in a priority string.
    pub(crate) gnutls: (&'static str, &'static str),
}

impl Suite {
    /// Whether a key of this kind can be used with the suite.
    pub(crate) const fn fits(&self, kind: Kind) -> bool {
        matches!(self.gnutls.1.as_bytes(), b"ECDHE-RSA") == kind.is_rsa()
    }

    /// A priority string with this suite only.
    pub(crate) fn priority(&self) -> String {
        let (cipher, exchange) = self.gnutls;
        format!("NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+{cipher}:-KX-ALL:+{exchange}")
    }
}

const fn suite(
    iana: &'static str,
    openssl: &'static str,
    cipher: &'static str,
    exchange: &'static str,
) -> Suite {
    Suite { iana, openssl, gnutls: (cipher, exchange) }
}

/// All suites; a test compares them with `cairn suites`.
pub(crate) const SUITES: [Suite; 6] = [
    suite(
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "AES-128-GCM",
        "ECDHE-ECDSA",
    ),
    suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "AES-128-GCM", "ECDHE-RSA"),
    suite(
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "AES-256-GCM",
        "ECDHE-ECDSA",
    ),
    suite("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "AES-256-GCM", "ECDHE-RSA"),
    suite(
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "CHACHA20-POLY1305",
        "ECDHE-ECDSA",
    ),
    suite(
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "CHACHA20-POLY1305",
        "ECDHE-RSA",
    ),
];

/// A group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) iana: &'static str,
    pub(crate) openssl: &'static str,
}

/// All groups; a test compares them with `cairn suites`.
pub(crate) const GROUPS: [Group; 4] = [
    Group { iana: "x25519", openssl: "X25519" },
    Group { iana: "secp256r1", openssl: "P-256" },
    Group { iana: "secp384r1", openssl: "P-384" },
    Group { iana: "secp521r1", openssl: "P-521" },
];

/// Runs `client` against `cairn serve --http` with every kind of key, group and suite that fit together.
pub(crate) fn for_every_combination(client: impl Fn(&Serve, &Pki, Suite, Group)) {
    let pki = Pki::new();
    let mut combinations = 0;
    for kind in KINDS {
        // The server chooses the group; the client must also offer the curve of the certificate.
        for group in GROUPS {
            let server = Serve::start(&pki, kind, &["--http", "--groups", group.iana]);
            for suite in SUITES.into_iter().filter(|suite| suite.fits(kind)) {
                client(&server, &pki, suite, group);
                combinations += 1;
            }
        }
    }
    assert_eq!(combinations, 60);
}
