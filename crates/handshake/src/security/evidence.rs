//! The evidence that the security of a session rests on. It comes from the full handshake and is stored with
//! the session.

use super::strength;
use crate::delegated_credential::DelegatedCredential;
use cairn_crypto::KeyKind;
use cairn_wire::{NamedGroup, SignatureScheme};

/// The evidence of the key exchange and of both sides' authentication in the full handshake of a session. It
/// is stored with the session, so that the strength of a resumed one can be reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyExchangeEvidence {
    /// The named group of the key exchange, if any.
    pub group: Option<NamedGroup>,
    /// The strength of the key exchange in bits: see [`crate::Strength::key_exchange`].
    pub key_exchange_bits: u16,
    /// The server's proof that it possesses the key of its certificate, if it sent one.
    pub server_proof: Option<Proof>,
    /// The client's proof that it possesses the key of its certificate, if it sent one.
    pub client_proof: Option<Proof>,
    /// The strength of the pre-shared key in bits, if there is one. It is its length, because the key must be
    /// random.
    pub psk_bits: Option<u16>,
    /// Whether the peer's certificate was verified.
    pub peer_verified: bool,
}

/// The proof that a side possesses a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The strength of the key in bits.
    pub key_bits: u16,
    /// The signature scheme; `None` for decryption in RSA key exchange.
    pub scheme: Option<SignatureScheme>,
    /// Whether the key is that of a delegated credential (RFC 9345), and not of the certificate. `key_bits`
    /// is then the strength of the weaker of both.
    pub delegated: bool,
}

impl Proof {
    /// A proof by a signature of this length in bytes.
    pub(crate) const fn signed(kind: KeyKind, scheme: SignatureScheme, length: usize) -> Self {
        Self { key_bits: strength::of_key(kind, length), scheme: Some(scheme), delegated: false }
    }

    /// The proof, if the key is that of this delegated credential, which rests on the signature of the
    /// certificate's key.
    pub(crate) fn by_delegation(self, delegated: &DelegatedCredential) -> Self {
        let algorithm = delegated.algorithm();
        let bits = KeyKind::for_certificate_verify(algorithm)
            .map_or(0, |kind| Self::signed(kind, algorithm, delegated.signature_len()).bits());
        Self { key_bits: self.key_bits.min(bits), delegated: true, ..self }
    }

    /// Whether a policy with these schemes accepts the proof: with a delegated credential the second list
    /// counts.
    pub(crate) fn is_taken(&self, schemes: &[SignatureScheme], delegated: &[SignatureScheme]) -> bool {
        let schemes = if self.delegated { delegated } else { schemes };
        self.scheme.is_none_or(|scheme| schemes.contains(&scheme))
    }

    /// The strength in bits: the minimum of the key's and the signed hash's.
    #[must_use]
    pub fn bits(&self) -> u16 {
        self.scheme.map_or(self.key_bits, |scheme| self.key_bits.min(strength::of_scheme(scheme)))
    }
}

impl KeyExchangeEvidence {
    /// The premaster secret was encrypted with the server's key. The server proves possession by decrypting
    /// it.
    pub(crate) const fn set_encrypted(&mut self, length: usize) {
        let bits = strength::of_modulus(length.saturating_mul(8));
        self.key_exchange_bits = bits;
        self.server_proof = Some(Proof { key_bits: bits, scheme: None, delegated: false });
    }

    /// A pre-shared key of this length in bytes is part of the premaster secret.
    pub(crate) fn set_psk(&mut self, length: usize, alone: bool) {
        let bits = strength::of_psk(length);
        self.psk_bits = Some(bits);
        if alone {
            self.key_exchange_bits = bits;
        }
    }

    /// Whether either side signed a SHA-1 hash.
    pub(crate) fn has_sha1_signature(&self) -> bool {
        let proofs = [self.server_proof, self.client_proof];
        proofs.into_iter().flatten().any(|proof| proof.scheme.is_some_and(strength::is_sha1))
    }

    /// The weakest proof in bits.
    pub(super) fn proof_bits(&self) -> Option<u16> {
        let mut weakest = self.psk_bits;
        for proof in [&self.server_proof, &self.client_proof].into_iter().flatten() {
            weakest = Some(weakest.map_or(proof.bits(), |bits| bits.min(proof.bits())));
        }
        weakest
    }
}
