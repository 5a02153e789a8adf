//! The security of a connection: the report, and the minimum that a policy accepts.

pub(crate) mod evidence;
pub(crate) mod shortfall;
pub(crate) mod strength;

pub use evidence::{KeyExchangeEvidence, Proof};
pub use shortfall::{PeerProof, Shortfall};
pub use strength::{Part, Strength};

use crate::{certificate_chain::CertificateChain, kx::KeyExchange, time::UnixTime};
use cairn_crypto::{AeadAlgorithm, HashAlgorithm};
use cairn_schedule::{MacOrder, Protection, Side, Suite, Tls12Suite, tls13::Tls13Suite};
use cairn_wire::{CipherSuite, PskKeyExchangeMode};
use core::fmt;

/// The security of a connection, as seen by one side: see [`crate::Summary::security`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Security {
    /// The peer's authentication, in this handshake or in the resumed session's full handshake.
    pub peer: PeerProof,
    /// Whether recorded traffic stays secret if long-term keys are compromised later. Resumption weakens
    /// this: as long as either side stores the session, its master secret or its ticket key decrypts all
    /// connections of the session.
    pub forward_secrecy: bool,
    /// The strength of each part.
    pub strength: Strength,
    /// The time of the resumed session's full handshake; `None` if this handshake was full.
    pub resumed_since: Option<UnixTime>,
    /// Whether the key exchange resists a quantum computer: recorded traffic stays secret if one is built
    /// later.
    pub post_quantum: bool,
    /// Whether the secrets are bound to the whole handshake: with the extended master secret (RFC 7627), and
    /// always in TLS 1.3.
    pub bound_to_handshake: bool,
    /// The protection of records against modification.
    pub integrity: Integrity,
    /// The length of the authentication tag in bits: one of 2 to this power forged records is accepted.
    pub tag_bits: u16,
    /// Whether either side authenticated with a signature over a SHA-1 hash.
    pub sha1_signature: bool,
    /// Whether the secrets rest on both a key exchange and an external pre-shared key, while certificates
    /// authenticate (RFC 8773): recorded traffic stays secret unless both are known or broken.
    pub certificate_with_psk: bool,
}

/// The protection of records against modification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Integrity {
    /// AEAD.
    Aead,
    /// A MAC over the ciphertext: encrypt-then-MAC (RFC 7366).
    EncryptThenMac,
    /// A MAC over the plaintext, the construction that padding oracle attacks target (RFC 7457 sections 2.2
    /// and 2.3).
    MacThenEncrypt,
    /// A MAC without encryption.
    MacOnly,
}

impl fmt::Display for Integrity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aead => "AEAD",
            Self::EncryptThenMac => "MAC over the ciphertext",
            Self::MacThenEncrypt => "MAC over the plaintext",
            Self::MacOnly => "MAC without encryption",
        })
    }
}

/// The minimum security that a policy accepts. A handshake below it fails with `insufficient_security` (RFC
/// 5246 section 7.2.2) before our Finished is sent, so it is complete on neither side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Floor {
    /// The peer must be authenticated: see [`PeerProof::is_authenticated`].
    pub authenticated_peer: bool,
    /// The key exchange must have forward secrecy.
    pub forward_secrecy: bool,
    /// The minimum strength in bits: see [`Strength::bits`]. 112 excludes parameters that can be attacked
    /// today; 128 also excludes RSA and finite fields of 2048 bits.
    pub bits: u16,
    /// The minimum length of an external PSK of TLS 1.3 in bits; of an imported one, that of the key it is
    /// imported from. By default 128, because RFC 9257 section 6 says: "Each PSK [...] MUST be at least 128
    /// bits long". It applies to a PSK beside certificates (RFC 8773) too. With 0, keys of any length are
    /// accepted. It does not apply to the pre-shared keys of TLS 1.2, which `bits` includes.
    pub psk_bits: u16,
}

impl Default for Floor {
    fn default() -> Self {
        Self { authenticated_peer: false, forward_secrecy: false, bits: 0, psk_bits: 128 }
    }
}

impl Floor {
    /// Whether any handshake of this side with this suite can satisfy the floor.
    #[must_use]
    pub fn admits(&self, side: Side, suite: &Tls12Suite) -> bool {
        let tells_who = match side {
            Side::Client => suite.shows_certificate() || suite.uses_psk(),
            Side::Server => suite.uses_psk() || KeyExchange::of(suite).is_some_and(|kx| kx.may_ask_client()),
        };
        let cipher_and_hash = strength::of_cipher(suite.protection).min(strength::of_hash(suite.prf_hash));
        (!self.authenticated_peer || tells_who)
            && (!self.forward_secrecy || suite.is_forward_secret())
            && cipher_and_hash >= self.bits
    }

    /// Whether any handshake with this TLS 1.3 suite can satisfy the floor.
    #[must_use]
    pub const fn admits_tls13(&self, suite: &Tls13Suite) -> bool {
        let (cipher, hash) = (strength::of_aead(suite.aead), strength::of_hash(suite.hash));
        cipher >= self.bits && hash >= self.bits
    }

    /// Checks the length in bits of the external PSK of TLS 1.3, if there is one.
    pub(crate) fn check_external_psk(&self, psk_bits: Option<u16>) -> Result<(), Shortfall> {
        match psk_bits {
            Some(got) if got < self.psk_bits => Err(Shortfall::PskTooShort { expected: self.psk_bits, got }),
            _ => Ok(()),
        }
    }

    pub(crate) fn check(&self, basis: &Basis<'_>) -> Result<(), Shortfall> {
        let peer = basis.peer();
        if self.authenticated_peer && !peer.is_authenticated() {
            return Err(Shortfall::PeerNotAuthenticated { got: peer });
        }
        if self.forward_secrecy && !basis.suite.forward_secrecy {
            return Err(Shortfall::NoForwardSecrecy { suite: basis.suite.id });
        }
        self.check_external_psk(basis.evidence.psk_bits.filter(|_| basis.suite.has_external_psks))?;
        match basis.strength().weakest() {
            (part, got) if got < self.bits => Err(Shortfall::TooWeak { expected: self.bits, got, part }),
            _ => Ok(()),
        }
    }
}

/// The properties of a suite of any version, for the report and the floor.
#[derive(Clone, Copy)]
pub(crate) struct SuiteFacts {
    id: CipherSuite,
    /// The strength of the cipher in bits.
    cipher: u16,
    /// The hash of the PRF or of HKDF, and of the transcript.
    hash: HashAlgorithm,
    /// Whether its key exchange is ephemeral.
    pub(crate) forward_secrecy: bool,
    /// Whether pre-shared keys are external PSKs of TLS 1.3.
    has_external_psks: bool,
}

impl SuiteFacts {
    /// For the resumption of a session. In TLS 1.3 its mode is not known yet.
    pub(crate) const fn of(suite: Suite) -> Self {
        match suite {
            Suite::Tls12(suite) => Self::of_tls12(suite),
            Suite::Tls13(suite) => Self::of_tls13(suite, None),
        }
    }

    pub(crate) const fn of_tls12(suite: &Tls12Suite) -> Self {
        let cipher = strength::of_cipher(suite.protection);
        let forward_secrecy = suite.is_forward_secret();
        Self { id: suite.id, cipher, hash: suite.prf_hash, forward_secrecy, has_external_psks: false }
    }

    /// With the mode in which a PSK is used. Every key exchange of TLS 1.3 is ephemeral, but psk_ke has
    /// none. RFC 9846 section 2.2: "PSKs can be used with asymmetric key exchange to provide forward secrecy
    /// in combination with shared keys, or can be used alone, at the cost of losing forward secrecy for the
    /// application data."
    pub(crate) const fn of_tls13(suite: &Tls13Suite, psk: Option<PskKeyExchangeMode>) -> Self {
        let cipher = strength::of_aead(suite.aead);
        let forward_secrecy = !matches!(psk, Some(PskKeyExchangeMode::PSK_KE));
        Self { id: suite.id, cipher, hash: suite.hash, forward_secrecy, has_external_psks: true }
    }
}

/// The input of the report and of the floor.
pub(crate) struct Basis<'a> {
    pub(crate) side: Side,
    pub(crate) suite: SuiteFacts,
    pub(crate) evidence: &'a KeyExchangeEvidence,
    /// The certificates of the peer.
    pub(crate) chain: Option<&'a CertificateChain>,
}

impl Basis<'_> {
    pub(crate) fn peer(&self) -> PeerProof {
        let Self { side, evidence, chain, .. } = *self;
        let proved = match side {
            Side::Client => evidence.server_proof,
            Side::Server => evidence.client_proof,
        };
        let shown = chain.is_some() && proved.is_some();
        if shown && evidence.peer_verified {
            if proved.is_some_and(|proof| proof.delegated) {
                PeerProof::DelegatedCredential
            } else if chain.is_some_and(|chain| chain.as_raw_public_key().is_some()) {
                PeerProof::RawPublicKey
            } else {
                PeerProof::Certificate
            }
        } else if evidence.psk_bits.is_some() {
            PeerProof::Psk
        } else if shown {
            PeerProof::Unchecked
        } else {
            PeerProof::None
        }
    }

    pub(crate) fn strength(&self) -> Strength {
        Strength {
            cipher: self.suite.cipher,
            key_exchange: self.evidence.key_exchange_bits,
            hash: strength::of_hash(self.suite.hash),
            proof: self.evidence.proof_bits(),
        }
    }
}

/// The integrity protection of records, and its length in bits.
pub(crate) fn integrity(protection: Protection) -> (Integrity, u16) {
    match protection {
        Protection::Aead { algorithm, .. } => aead_integrity(algorithm),
        Protection::Cbc { mac, order: MacOrder::EncryptThenMac, .. } => {
            (Integrity::EncryptThenMac, bits(mac.output_len()))
        }
        Protection::Cbc { mac, order: MacOrder::MacThenEncrypt, .. } => {
            (Integrity::MacThenEncrypt, bits(mac.output_len()))
        }
        Protection::Null { mac } => (Integrity::MacOnly, bits(mac.output_len())),
        _ => (Integrity::MacOnly, 0),
    }
}

/// As [`integrity`], with an AEAD.
pub(crate) fn aead_integrity(aead: AeadAlgorithm) -> (Integrity, u16) {
    (Integrity::Aead, bits(aead.tag_len()))
}

fn bits(bytes: usize) -> u16 {
    u16::try_from(bytes.saturating_mul(8)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
