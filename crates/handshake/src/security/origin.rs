//! What the security of a session rests on: found in its first handshake, and kept with it.

use super::strength;
use cairn_crypto::KeyKind;
use cairn_wire::{NamedGroup, SignatureScheme};

/// What the first handshake of a session found of its key exchange and of the proofs of its ends. It is kept with the
/// session, so that a resumed one can say how strong it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The group of the key exchange, where it has a name.
    pub group: Option<NamedGroup>,
    /// How strong the key exchange is, in bits: see [`crate::Strength::key_exchange`].
    pub key_exchange_bits: u16,
    /// How the server proved to have the key of its certificate, if it showed one.
    pub server_proof: Option<Proof>,
    /// How the client did, if it showed one.
    pub client_proof: Option<Proof>,
    /// How strong the pre-shared key is, in bits, where there is one: its length, for it must be random.
    pub psk_bits: Option<u16>,
    /// Whether somebody has vouched that the peer's key is the peer's.
    pub peer_verified: bool,
}

/// How an end proved to have a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How strong the key is, in bits.
    pub key_bits: u16,
    /// What it signed with; `None` where it decrypted instead, with the RSA key exchange.
    pub scheme: Option<SignatureScheme>,
}

impl Proof {
    /// By a signature of so many bytes.
    pub(crate) const fn signed(kind: KeyKind, scheme: SignatureScheme, length: usize) -> Self {
        Self { key_bits: strength::of_key(kind, length), scheme: Some(scheme) }
    }

    /// How strong it is, in bits: the lesser of its key and the hash that was signed.
    #[must_use]
    pub fn bits(&self) -> u16 {
        self.scheme.map_or(self.key_bits, |scheme| self.key_bits.min(strength::of_scheme(scheme)))
    }
}

impl Origin {
    /// The premaster secret was encrypted under the server's key, which proves it by decrypting.
    pub(crate) const fn set_encrypted(&mut self, length: usize) {
        let bits = strength::of_modulus(length.saturating_mul(8));
        self.key_exchange_bits = bits;
        self.server_proof = Some(Proof { key_bits: bits, scheme: None });
    }

    /// A pre-shared key of so many bytes went into the premaster secret, perhaps alone.
    pub(crate) fn set_psk(&mut self, length: usize, alone: bool) {
        let bits = strength::of_psk(length);
        self.psk_bits = Some(bits);
        if alone {
            self.key_exchange_bits = bits;
        }
    }

    /// Whether an end signed a SHA-1 hash.
    pub(crate) fn has_sha1_signature(&self) -> bool {
        let proofs = [self.server_proof, self.client_proof];
        proofs.into_iter().flatten().any(|proof| proof.scheme.is_some_and(strength::is_sha1))
    }

    /// The weakest proof, in bits.
    pub(super) fn proof_bits(&self) -> Option<u16> {
        let proofs = [self.server_proof, self.client_proof];
        proofs.into_iter().flatten().map(|proof| proof.bits()).chain(self.psk_bits).min()
    }
}
