//! How good a connection is: the report, and the least that a caller takes.

mod origin;
pub(crate) mod strength;

pub use origin::{Origin, Proof};
pub use strength::{Part, Strength};

use crate::{CertificateChain, Session, UnixTime, kx::KeyExchange, negotiated::Negotiated};
use cairn_schedule::{Protection, Side, Suite};
use cairn_wire::CipherSuite;
use core::fmt;

/// How good a connection is, as one end sees it: see [`crate::Summary::security`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Security {
    /// How the peer proved who it is, in this handshake or in the resumed session's first.
    pub peer: PeerProof,
    /// Whether what was said stays secret when long-term keys become known later. A session can be resumed for as long
    /// as either end keeps it, and who gets its master secret (or the key of its ticket) reads all its connections: a
    /// resumed session is as secret as the place where it is kept.
    pub forward_secrecy: bool,
    /// How strong its parts are.
    pub strength: Strength,
    /// When the resumed session had its first handshake; `None` where this was it.
    pub resumed_since: Option<UnixTime>,
    /// Whether the master secret is bound to the handshake it came of (RFC 7627).
    pub extended_master_secret: bool,
    /// What keeps records from being changed.
    pub integrity: Integrity,
    /// How long that is, in bits: a forged record is taken once in two to this power.
    pub tag_bits: u16,
    /// Whether an end proved itself by a signature over a SHA-1 hash.
    pub sha1_signature: bool,
}

/// How a peer proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PeerProof {
    /// It did not.
    None,
    /// It has the key of a certificate that nobody has checked.
    Unchecked,
    /// It has the key of a certificate that was found good.
    Certificate,
    /// It has a raw public key that is trusted (RFC 7250).
    RawPublicKey,
    /// It has the pre-shared key (RFC 4279).
    Psk,
}

impl PeerProof {
    /// Whether we know who it is.
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Certificate | Self::RawPublicKey | Self::Psk)
    }
}

impl fmt::Display for PeerProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "not authenticated",
            Self::Unchecked => "not authenticated: its certificate was not checked",
            Self::Certificate => "authenticated by certificate",
            Self::RawPublicKey => "authenticated by raw public key",
            Self::Psk => "authenticated by pre-shared key",
        })
    }
}

/// What keeps records from being changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Integrity {
    /// The cipher itself.
    Aead,
    /// A MAC over the ciphertext (RFC 7366).
    EncryptThenMac,
    /// A MAC over the text, which attacks on padding are about (RFC 7457 sections 2.2 and 2.3).
    MacThenEncrypt,
    /// A MAC; nothing is encrypted.
    MacOnly,
}

impl fmt::Display for Integrity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aead => "AEAD",
            Self::EncryptThenMac => "MAC over the ciphertext",
            Self::MacThenEncrypt => "MAC over the text",
            Self::MacOnly => "MAC, and nothing is encrypted",
        })
    }
}

/// The least that a caller takes. A handshake that would end below it fails with `insufficient_security` (RFC 5246
/// section 7.2.2) before its Finished is sent, so that neither end ever counts it as complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Floor {
    /// The peer must be authenticated: see [`PeerProof::is_authenticated`].
    pub authenticated_peer: bool,
    /// There must be forward secrecy.
    pub forward_secrecy: bool,
    /// So many bits of strength, at least: see [`Strength::bits`]. 112 leaves out what is in reach today, 128 leaves out
    /// RSA and finite fields of 2048 bits besides.
    pub bits: u16,
}

/// In what a connection is below the [`Floor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shortfall {
    /// The peer is not authenticated.
    PeerNotAuthenticated {
        /// What it proved instead.
        got: PeerProof,
    },
    /// There is no forward secrecy.
    NoForwardSecrecy {
        /// The suite.
        suite: CipherSuite,
    },
    /// It is too weak.
    TooWeak {
        /// The least that is taken, in bits.
        expected: u16,
        /// How strong the weakest part is, in bits.
        got: u16,
        /// Which part that is.
        part: Part,
    },
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeerNotAuthenticated { got } => {
                write!(f, "the peer must be authenticated, and is {got}")
            }
            Self::NoForwardSecrecy { suite } => {
                write!(f, "forward secrecy is required, and {suite} has none")
            }
            Self::TooWeak { expected, got, part } => {
                write!(f, "at least {expected} bits of strength are required, and {} has {got}", part.name())
            }
        }
    }
}

impl Floor {
    /// Whether this side's handshake with this suite can reach it at all, whatever else is negotiated.
    #[must_use]
    pub fn admits(&self, side: Side, suite: &Suite) -> bool {
        let tells_who = match side {
            Side::Client => suite.shows_certificate() || suite.uses_psk(),
            Side::Server => suite.uses_psk() || KeyExchange::of(suite).is_some_and(|kx| kx.may_ask_client()),
        };
        let cipher_and_hash = strength::of_cipher(suite.protection).min(strength::of_hash(suite.prf_hash));
        (!self.authenticated_peer || tells_who)
            && (!self.forward_secrecy || suite.is_forward_secret())
            && cipher_and_hash >= self.bits
    }

    fn check(&self, basis: &Basis<'_>) -> Result<(), Shortfall> {
        let peer = basis.peer();
        if self.authenticated_peer && !peer.is_authenticated() {
            return Err(Shortfall::PeerNotAuthenticated { got: peer });
        }
        if self.forward_secrecy && !basis.suite.is_forward_secret() {
            return Err(Shortfall::NoForwardSecrecy { suite: basis.suite.id });
        }
        match basis.strength().weakest() {
            (part, got) if got < self.bits => Err(Shortfall::TooWeak { expected: self.bits, got, part }),
            _ => Ok(()),
        }
    }

    /// Whether what was negotiated is good enough.
    pub(crate) fn check_negotiated(&self, negotiated: &Negotiated) -> Result<(), Shortfall> {
        self.check(&Basis {
            side: negotiated.side,
            suite: negotiated.suite,
            origin: &negotiated.origin,
            chain: negotiated.peer_chain.as_deref(),
        })
    }

    /// Whether a session is good enough to be resumed.
    pub(crate) fn takes_session(&self, side: Side, session: &Session) -> bool {
        let Session { suite, ref origin, ref peer_chain, .. } = *session;
        self.check(&Basis { side, suite, origin, chain: peer_chain.as_deref() }).is_ok()
    }
}

/// What the report and the floor are made of.
pub(crate) struct Basis<'a> {
    pub(crate) side: Side,
    pub(crate) suite: &'static Suite,
    pub(crate) origin: &'a Origin,
    /// What the peer has shown.
    pub(crate) chain: Option<&'a CertificateChain>,
}

impl Basis<'_> {
    pub(crate) fn peer(&self) -> PeerProof {
        let Self { side, origin, chain, .. } = *self;
        let proved = match side {
            Side::Client => origin.server_proof,
            Side::Server => origin.client_proof,
        };
        let shown = chain.is_some() && proved.is_some();
        if shown && origin.peer_verified {
            if chain.is_some_and(|chain| chain.as_raw_public_key().is_some()) {
                PeerProof::RawPublicKey
            } else {
                PeerProof::Certificate
            }
        } else if origin.psk_bits.is_some() {
            PeerProof::Psk
        } else if shown {
            PeerProof::Unchecked
        } else {
            PeerProof::None
        }
    }

    pub(crate) fn strength(&self) -> Strength {
        Strength {
            cipher: strength::of_cipher(self.suite.protection),
            key_exchange: self.origin.key_exchange_bits,
            hash: strength::of_hash(self.suite.prf_hash),
            proof: self.origin.proof_bits(),
        }
    }
}

/// What keeps records of this protection from being changed, and how long that is, in bits.
pub(crate) fn integrity(protection: Protection, encrypt_then_mac: bool) -> (Integrity, u16) {
    let bits = |bytes: usize| u16::try_from(bytes.saturating_mul(8)).unwrap_or(u16::MAX);
    match protection {
        Protection::Aead { algorithm, .. } => (Integrity::Aead, bits(algorithm.tag_len())),
        Protection::Cbc { mac, .. } if encrypt_then_mac => {
            (Integrity::EncryptThenMac, bits(mac.output_len()))
        }
        Protection::Cbc { mac, .. } => (Integrity::MacThenEncrypt, bits(mac.output_len())),
        Protection::Null { mac } => (Integrity::MacOnly, bits(mac.output_len())),
        _ => (Integrity::MacOnly, 0),
    }
}

#[cfg(test)]
mod tests;
