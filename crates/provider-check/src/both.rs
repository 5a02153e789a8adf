//! The two ways to check a signature, which must come to the same.

use cairn_crypto::{Algorithm, CryptoError, KeyKind, SignatureVerifier, VerifyingKey};
use cairn_wire::SignatureScheme;

/// A verifier that checks each signature with a key as bytes, and with the key read beforehand where that is offered: twice,
/// for a key that changes as it is used would serve one signature only. Where the two differ it says
/// [`CryptoError::Failed`], which no case here takes for an answer.
pub(crate) struct BothWays<'a>(pub(crate) &'a dyn SignatureVerifier);

impl Algorithm for BothWays<'_> {
    fn implementation(&self) -> &'static str {
        self.0.implementation()
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }
}

impl SignatureVerifier for BothWays<'_> {
    fn key_kind(&self) -> KeyKind {
        self.0.key_kind()
    }

    fn scheme(&self) -> SignatureScheme {
        self.0.scheme()
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let at_once = self.0.verify(public_key, message, signature);
        let read_before = match self.0.read_key(public_key) {
            Ok(None) => return at_once,
            Ok(Some(key)) => {
                let first = key.verify(message, signature);
                if key.verify(message, signature) != first {
                    return Err(CryptoError::Failed);
                }
                first
            }
            Err(error) => Err(error),
        };
        if at_once == read_before { at_once } else { Err(CryptoError::Failed) }
    }

    fn read_key(&self, public_key: &[u8]) -> Result<Option<Box<dyn VerifyingKey>>, CryptoError> {
        self.0.read_key(public_key)
    }
}
