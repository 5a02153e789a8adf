//! The two ways to verify a signature, which must agree.

use cairn_crypto::{Algorithm, CryptoError, KeyKind, SignatureVerifier, VerifyingKey};
use cairn_wire::SignatureScheme;

/// A verifier that checks each signature both with the encoded key and with a decoded
/// [`VerifyingKey`], if the verifier supports that. It uses the decoded key
/// twice, because a key that changes with use would verify only one signature. If the results differ, it
/// returns [`CryptoError::Failed`], which no case accepts.
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
