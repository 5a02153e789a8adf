//! The observations of a scan.

use cairn_tls::{
    ChainError,
    wire::{CertificateCompressionAlgorithm, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme},
    x509::{CertificateFacts, ocsp::Statement},
};
use core::fmt;

/// Everything that is known about a server.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// The host and port of the command line.
    pub(super) target: String,
    /// The address of all connections.
    pub(super) address: String,
    /// The expected name.
    pub(super) name: String,
    /// The number of connections.
    pub(super) connections: u64,
    /// All versions that were tried, the newest first.
    pub(super) versions: Vec<VersionFacts>,
    /// The groups for ECDHE in TLS 1.2 and before, most preferred first.
    pub(super) groups12: Vec<NamedGroup>,
    /// The groups of TLS 1.3, most preferred first.
    pub(super) groups13: Vec<NamedGroup>,
    /// The primes of finite field Diffie-Hellman in TLS 1.2 and before.
    pub(super) primes: Vec<Prime>,
    /// The signature schemes of TLS 1.2.
    pub(super) schemes12: Vec<SignatureScheme>,
    /// The signature schemes of TLS 1.3.
    pub(super) schemes13: Vec<SignatureScheme>,
    /// The application protocols, most preferred first.
    pub(super) alpn: Vec<String>,
    /// The algorithms for compressed certificates.
    pub(super) certificate_compression: Vec<CertificateCompressionAlgorithm>,
    /// Features that a server has or has not.
    pub(super) features: Features,
    /// The certificate chains.
    pub(super) chains: Vec<ChainFacts>,
    /// The test for an oracle in the RSA key exchange.
    pub(super) robot: Robot,
    /// Why some answers could not be decoded; the scan takes such an answer as a refusal.
    pub(super) malformed: Vec<String>,
    /// What could not be tested, and why.
    pub(super) not_tested: Vec<String>,
}

/// A version of TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VersionFacts {
    pub(super) version: ProtocolVersion,
    /// The accepted suites, in the order in which the server chose them; empty if there are none.
    pub(super) suites: Vec<CipherSuite>,
    /// Which side's order of suites decides.
    pub(super) order: Order,
}

/// The side whose order of cipher suites decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// The server's.
    Server,
    /// The client's.
    Client,
    /// There are not two suites to choose from.
    #[default]
    Unknown,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Unknown => "unknown",
        })
    }
}

/// The outcome of a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tested {
    Yes,
    No,
    /// The test does not apply to the server, or could not be made.
    #[default]
    Unknown,
}

impl From<bool> for Tested {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

impl fmt::Display for Tested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "not tested",
        })
    }
}

/// Features of a server. Those of TLS 1.2 also mean the versions before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Features {
    /// Records are compressed, in TLS 1.2.
    pub(super) compression: Tested,
    /// The extended master secret, in TLS 1.2.
    pub(super) extended_master_secret: Tested,
    /// Encrypt-then-MAC for suites with CBC.
    pub(super) encrypt_then_mac: Tested,
    /// A client that falls back to an older version is refused.
    pub(super) fallback_scsv: Tested,
    /// Secure renegotiation, in TLS 1.2.
    pub(super) secure_renegotiation: Tested,
    /// A renegotiation that the client begins is accepted.
    pub(super) client_renegotiation: Tested,
    /// Sessions of TLS 1.2 are resumed by their ID.
    pub(super) session_id: Tested,
    /// Sessions of TLS 1.2 are resumed with a ticket.
    pub(super) ticket: Tested,
    /// Sessions of TLS 1.3 are resumed.
    pub(super) psk: Tested,
    /// Early data is accepted.
    pub(super) early_data: Tested,
    /// The maximum size of early data that tickets state, in bytes.
    pub(super) max_early_data: u32,
    /// A certificate is asked for.
    pub(super) client_certificate: Tested,
}

/// A prime of finite field Diffie-Hellman.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prime {
    /// Its size in bits.
    pub(super) bits: usize,
    /// Its origin, if it is known.
    pub(super) origin: Option<&'static str>,
}

/// The first bytes of the primes of RFC 7919, after 64 bits that are set.
const RFC_7919: [u8; 8] = [0xad, 0xf8, 0x54, 0x58, 0xa2, 0xbb, 0x4a, 0x9a];
/// Those of RFC 2409 and RFC 3526.
const RFC_3526: [u8; 8] = [0xc9, 0x0f, 0xda, 0xa2, 0x21, 0x68, 0xc2, 0x34];

impl Prime {
    /// The facts about a prime, big-endian.
    pub(super) fn of(prime: &[u8]) -> Self {
        let zeros = prime.iter().take_while(|byte| **byte == 0).count();
        let prime = prime.get(zeros..).unwrap_or_default();
        let top = prime.first().map_or(0, |byte| byte.leading_zeros());
        let bits = prime.len().saturating_mul(8).saturating_sub(usize::try_from(top).unwrap_or(0));
        let origin = match prime.split_at_checked(8) {
            Some((head, rest)) if head.iter().all(|byte| *byte == 0xff) => {
                if rest.starts_with(&RFC_7919) {
                    Some("RFC 7919")
                } else if rest.starts_with(&RFC_3526) {
                    Some("RFC 3526")
                } else {
                    None
                }
            }
            _ => None,
        };
        Self { bits, origin }
    }
}

impl fmt::Display for Prime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bits", self.bits)?;
        self.origin.map_or(Ok(()), |origin| write!(f, " ({origin})"))
    }
}

/// A certificate chain and its assessment.
#[derive(Clone, Debug)]
pub(super) struct ChainFacts {
    /// The versions in which the server sent it, the newest first.
    pub(super) versions: Vec<ProtocolVersion>,
    /// The certificates, the server's own first. Malformed ones are missing; if the server's own is
    /// malformed, there are none.
    pub(super) certificates: Vec<CertificateFacts>,
    /// The SHA-256 fingerprint of the server's own certificate, in hex.
    pub(super) fingerprint: String,
    /// Why the chain is not accepted: the reason of its verification, and another one if the server's own
    /// certificate would be refused even if it were trusted. Empty if it is accepted.
    pub(super) errors: Vec<ChainError>,
    /// The statements of the stapled OCSP response; `None` if there was no response.
    pub(super) ocsp: Option<Vec<Statement>>,
    /// The time of the check, in seconds since 1970.
    pub(super) now: u64,
}

/// The result of the test for an oracle in the RSA key exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Robot {
    /// The server has no RSA key exchange.
    NoRsa,
    /// All answers were equal.
    Equal,
    /// The answers tell whether a message has correct padding.
    Weak,
    /// The answers tell more classes of malformed messages apart.
    Strong,
    /// The answers differ, but not each time in the same way.
    Inconsistent,
    /// The test could not be made.
    #[default]
    NotTested,
}

impl Robot {
    /// The name in reports.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::NoRsa => "no RSA key exchange",
            Self::Equal => "no oracle",
            Self::Weak => "weak oracle",
            Self::Strong => "strong oracle",
            Self::Inconsistent => "inconsistent answers",
            Self::NotTested => "not tested",
        }
    }
}

impl Facts {
    /// The facts about a version, if it is accepted.
    pub(super) fn version(&self, version: ProtocolVersion) -> Option<&VersionFacts> {
        self.accepted().find(|one| one.version == version)
    }

    /// Whether a version is accepted.
    pub(super) fn accepts(&self, version: ProtocolVersion) -> bool {
        self.version(version).is_some()
    }

    /// The accepted versions, the newest first.
    pub(super) fn accepted(&self) -> impl Iterator<Item = &VersionFacts> {
        self.versions.iter().filter(|one| !one.suites.is_empty())
    }

    /// The newest accepted version before TLS 1.3.
    pub(super) fn newest_old(&self) -> Option<&VersionFacts> {
        self.accepted().find(|one| one.version < ProtocolVersion::TLS_1_3)
    }

    /// The newest version from TLS 1.0 to TLS 1.2 with accepted suites of this kind, and these suites.
    pub(super) fn newest_with(
        &self,
        is_wanted: impl Fn(CipherSuite) -> bool,
    ) -> Option<(ProtocolVersion, Vec<CipherSuite>)> {
        self.accepted()
            .filter(|known| {
                known.version < ProtocolVersion::TLS_1_3 && known.version > ProtocolVersion::SSL_3_0
            })
            .map(|known| (known.version, known.suites.iter().copied().filter(|id| is_wanted(*id)).collect()))
            .find(|(_, suites): &(_, Vec<CipherSuite>)| !suites.is_empty())
    }

    /// The suites of all versions before TLS 1.3, each once.
    pub(super) fn old_suites(&self) -> Vec<CipherSuite> {
        let mut all = Vec::new();
        for suite in self.accepted().filter(|one| one.version < ProtocolVersion::TLS_1_3) {
            for id in &suite.suites {
                if !all.contains(id) {
                    all.push(*id);
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_of_a_prime_is_that_of_its_highest_bit() {
        assert_eq!(Prime::of(&[0, 0, 1, 0]).bits, 9);
        assert_eq!(Prime::of(&[0x80; 64]).bits, 512);
        assert_eq!(Prime::of(&[]).bits, 0);
    }

    #[test]
    fn suites_of_a_kind_are_those_of_the_newest_version_that_has_some() {
        let gcm = CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256;
        let cbc = CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA;
        let versions = [
            (ProtocolVersion::TLS_1_2, vec![gcm]),
            (ProtocolVersion::TLS_1_1, Vec::new()),
            (ProtocolVersion::TLS_1_0, vec![cbc]),
            (ProtocolVersion::SSL_3_0, vec![cbc]),
        ];
        let versions =
            versions.map(|(version, suites)| VersionFacts { version, suites, order: Order::Unknown });
        let facts = Facts { versions: versions.to_vec(), ..Facts::default() };
        assert_eq!(facts.newest_with(|suite| suite == gcm), Some((ProtocolVersion::TLS_1_2, vec![gcm])));
        assert_eq!(facts.newest_with(|suite| suite == cbc), Some((ProtocolVersion::TLS_1_0, vec![cbc])));
        assert_eq!(facts.newest_with(|_| false), None);
        assert!(facts.version(ProtocolVersion::TLS_1_1).is_none());
    }

    #[test]
    fn origin_of_a_prime_is_that_of_its_first_bytes() {
        let of = |head: &[u8]| Prime::of(&[&[0xff; 8], head, &[1; 240]].concat());
        assert_eq!(of(&RFC_7919).to_string(), "2048 bits (RFC 7919)");
        assert_eq!(of(&RFC_3526).origin, Some("RFC 3526"));
        assert_eq!(of(&[1; 8]).to_string(), "2048 bits");
    }
}
