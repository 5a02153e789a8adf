//! Key agreement, with the interface of a KEM.

use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use crate::secret::SecretBytes;
use alloc::{boxed::Box, vec::Vec};
use cairn_wire::NamedGroup;
use core::fmt;
use rand_core::TryCryptoRng;

/// Key agreement in one group.
///
/// One side calls [`KeyAgreement::generate`] and sends its share. The other calls
/// [`KeyAgreement::encapsulate`] and sends the resulting share, from which the first computes the secret with
/// [`EphemeralKey::agree`]. The interface suits Diffie-Hellman over curves and finite fields as well as KEMs
/// such as ML-KEM and hybrids. In TLS 1.2 the server generates, in TLS 1.3 the client.
///
/// Shares are encoded as in TLS: as in RFC 8422 section 5.4.1 for curves (uncompressed points; the
/// u-coordinate for X25519), as in RFC 7919 for finite fields; for ML-KEM the encapsulation key and the
/// ciphertext of FIPS 203; for [`crate::Hybrid`] groups the concatenation of both.
///
/// [`CryptoError::BadPeerShare`] is always the fault of the peer (in TLS 1.3 an `illegal_parameter` alert),
/// and every other error is a fault of this side (`internal_error`).
pub trait KeyAgreement: Algorithm {
    /// The group.
    fn group(&self) -> NamedGroup;

    /// Generates an ephemeral key.
    ///
    /// # Errors
    /// [`CryptoError::RandomFailed`] if `rng` fails; [`CryptoError::Failed`] if the module fails.
    fn generate(
        &self,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError>;

    /// Computes our share and the shared secret from the peer's share.
    ///
    /// The default is correct for Diffie-Hellman: it generates an ephemeral key and agrees with it.
    ///
    /// # Errors
    /// [`CryptoError::BadPeerShare`] if the peer's share is not valid, as in [`EphemeralKey::agree`]; for
    /// ML-KEM, if the encapsulation key fails the checks of FIPS 203 section 7.2; and the errors of
    /// [`KeyAgreement::generate`].
    fn encapsulate(
        &self,
        peer_share: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Encapsulated, CryptoError> {
        let key = self.generate(rng)?;
        let share = key.share().to_vec();
        Ok(Encapsulated { share, secret: key.agree(peer_share)? })
    }
}

/// The result of [`KeyAgreement::encapsulate`].
#[derive(Debug)]
pub struct Encapsulated {
    /// Our share (for a KEM: the ciphertext), which is sent to the peer.
    pub share: Vec<u8>,
    /// The shared secret, with the fixed length of the group.
    pub secret: SecretBytes,
}

/// An ephemeral private key for a single agreement.
pub trait EphemeralKey: Send + Sync {
    /// Our share (for a KEM: the public key), which is sent to the peer.
    fn share(&self) -> &[u8];

    /// Computes the shared secret from the peer's share and consumes the key. The secret has the fixed length
    /// of the group, including leading zeros. For finite fields in TLS 1.2 the key exchange strips them later
    /// (RFC 5246 section 8.1.2).
    ///
    /// # Errors
    /// [`CryptoError::BadPeerShare`] if the share has the wrong length, is not on the curve or leads to an
    /// all-zero secret (RFC 8422 section 5.11), or is not from 2 to p - 2 (RFC 7919 section 5.1). For ML-KEM
    /// only the length of a ciphertext can be wrong: FIPS 203 answers every other invalid one with a secret
    /// that the peer does not know (implicit rejection).
    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError>;

    /// The key of this group inside a hybrid key, which can also be sent as a share of its own. The default
    /// is correct for keys that are not hybrid: `None`.
    fn component(&self, group: NamedGroup) -> Option<&dyn EphemeralKey> {
        let _ = group;
        None
    }

    /// As [`EphemeralKey::component`], by value: the key is then used for this group alone, and the rest of
    /// the hybrid key is dropped.
    fn into_component(self: Box<Self>, group: NamedGroup) -> Option<Box<dyn EphemeralKey>> {
        let _ = group;
        None
    }
}

impl fmt::Debug for dyn KeyAgreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.group(), self.implementation())
    }
}

impl fmt::Debug for dyn EphemeralKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EphemeralKey")
    }
}
