//! Key agreement, in the shape of a KEM.

use crate::{Algorithm, CryptoError, SecretBytes};
use alloc::{boxed::Box, vec::Vec};
use cairn_wire::NamedGroup;
use core::fmt;
use rand_core::TryCryptoRng;

/// Key agreement in one group.
///
/// One side calls [`KeyAgreement::generate`] and sends its share, the other answers with
/// [`KeyAgreement::encapsulate`], and the first ends with [`EphemeralKey::agree`]. Diffie-Hellman over curves and
/// over finite fields fits, and so does a KEM such as ML-KEM or a hybrid. In TLS 1.2 the server generates, in TLS 1.3
/// the client does.
///
/// Shares are in the encoding that TLS sends: RFC 8422 section 5.4.1 for curves (uncompressed points; the bare
/// u-coordinate for X25519), RFC 7919 for finite fields.
pub trait KeyAgreement: Algorithm {
    /// Which group.
    fn group(&self) -> NamedGroup;

    /// Makes an ephemeral key.
    ///
    /// # Errors
    /// [`CryptoError::RandomFailed`] when `rng` does; [`CryptoError::Failed`] when the module cannot.
    fn generate(
        &self,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError>;

    /// Answers a peer's share with a share of our own and the secret that both sides now have.
    ///
    /// The default is what Diffie-Hellman does: an ephemeral key of our own, agreed at once.
    ///
    /// # Errors
    /// [`CryptoError::BadPeerShare`] when the peer's share is not valid; else as [`KeyAgreement::generate`].
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

/// What [`KeyAgreement::encapsulate`] gives.
#[derive(Debug)]
pub struct Encapsulated {
    /// Our share (for a KEM: the ciphertext), to be sent.
    pub share: Vec<u8>,
    /// The shared secret, at the group's fixed width.
    pub secret: SecretBytes,
}

/// An ephemeral private key, good for one agreement.
pub trait EphemeralKey: Send + Sync {
    /// Our share (for a KEM: the public key), to be sent.
    fn share(&self) -> &[u8];

    /// The shared secret with a peer's share, at the group's fixed width: leading zeros are kept, for the key
    /// schedule to strip where TLS 1.2 wants it (RFC 5246 section 8.1.2). It consumes the key: an ephemeral is used
    /// once.
    ///
    /// # Errors
    /// [`CryptoError::BadPeerShare`] when the share has the wrong length, is not on the curve or in range, or makes
    /// an all-zero secret (RFC 7748 section 6.1).
    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError>;
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
