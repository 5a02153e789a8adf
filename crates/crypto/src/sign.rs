//! Private keys.

use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use crate::rsa::DecryptingKey;
use crate::secret::SecretBytes;
use crate::verify::PublicKey;
use alloc::{sync::Arc, vec::Vec};
use cairn_wire::SignatureScheme;
use core::fmt;
use rand_core::TryCryptoRng;

/// A private key for signatures. The key may be in memory, in a hardware token, or in another process.
pub trait SigningKey: Send + Sync {
    /// The public key.
    fn public_key(&self) -> &PublicKey;

    /// The supported signature schemes, in order of preference. In TLS 1.2 `ecdsa_secp256r1_sha256` means
    /// ECDSA with SHA-256 on the curve of the key, whichever that is (RFC 9846 section 4.3.3).
    fn schemes(&self) -> &[SignatureScheme];

    /// Signs `message`, which is not hashed yet. The signature is encoded as in TLS: in DER for ECDSA, as the
    /// raw string for RSA and EdDSA.
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] for a scheme that is not in [`SigningKey::schemes`];
    /// [`CryptoError::RandomFailed`] or [`CryptoError::Failed`] if the module fails.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError>;
}

/// A private key in DER.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrivateKeyDer<'a> {
    /// `PrivateKeyInfo` or `OneAsymmetricKey` (RFC 5958): PEM label `PRIVATE KEY`.
    Pkcs8(&'a [u8]),
    /// `RSAPrivateKey` (RFC 8017 appendix A.1.2): PEM label `RSA PRIVATE KEY`.
    Pkcs1(&'a [u8]),
    /// `ECPrivateKey` (RFC 5915): PEM label `EC PRIVATE KEY`.
    Sec1(&'a [u8]),
}

impl PrivateKeyDer<'_> {
    /// The DER bytes.
    #[must_use]
    pub const fn der(&self) -> &[u8] {
        match self {
            Self::Pkcs8(der) | Self::Pkcs1(der) | Self::Sec1(der) => der,
        }
    }
}

impl fmt::Debug for PrivateKeyDer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self {
            Self::Pkcs8(_) => "Pkcs8",
            Self::Pkcs1(_) => "Pkcs1",
            Self::Sec1(_) => "Sec1",
        };
        write!(f, "{form}([{} bytes])", self.der().len())
    }
}

/// The kind of key to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeySpec {
    /// RSA with a modulus of 2048, 3072 or 4096 bits.
    Rsa {
        /// The size of the modulus in bits.
        bits: u16,
    },
    /// ECDSA on P-256.
    EcP256,
    /// ECDSA on P-384.
    EcP384,
    /// ECDSA on P-521.
    EcP521,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ML-DSA-44 (FIPS 204).
    MlDsa44,
    /// ML-DSA-65 (FIPS 204).
    MlDsa65,
    /// ML-DSA-87 (FIPS 204).
    MlDsa87,
}

/// Loads and generates private keys.
pub trait KeyStore: Algorithm {
    /// Loads a private key for signatures.
    ///
    /// # Errors
    /// [`CryptoError::BadPrivateKey`] if it is not a key that this provider can sign with.
    fn load(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError>;

    /// Loads an RSA private key that decrypts premaster secrets.
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] if this provider does not support it; [`CryptoError::BadPrivateKey`] if
    /// it is not an RSA key that may decrypt.
    fn load_decrypting(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn DecryptingKey>, CryptoError> {
        let _ = key;
        Err(CryptoError::Unsupported)
    }

    /// Generates a key and returns it as PKCS #8 (RFC 5958) in DER.
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] for an unsupported kind or size; [`CryptoError::RandomFailed`] or
    /// [`CryptoError::Failed`] if the module fails.
    fn generate(
        &self,
        spec: KeySpec,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError>;
}

/// A key store that refuses every key, as in [`crate::Provider::empty`].
#[derive(Clone, Copy, Debug)]
pub struct NoKeys;

impl Algorithm for NoKeys {
    fn implementation(&self) -> &'static str {
        "none"
    }
}

impl KeyStore for NoKeys {
    fn load(&self, _: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
        Err(CryptoError::BadPrivateKey)
    }

    fn generate(
        &self,
        _: KeySpec,
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError> {
        Err(CryptoError::Unsupported)
    }
}

/// Combines several key stores. Each key is passed to the first store that accepts it, so that for example
/// RSA keys can be handled by one provider and all others by another.
#[derive(Clone, Debug)]
pub struct KeyStores(pub Vec<Arc<dyn KeyStore>>);

impl KeyStores {
    /// The result of the first store that does not refuse. If all refuse, `BadPrivateKey` takes precedence
    /// over `Unsupported`.
    fn first<T>(&self, ask: impl FnMut(&dyn KeyStore) -> Result<T, CryptoError>) -> Result<T, CryptoError> {
        let mut refusal = CryptoError::Unsupported;
        for answer in self.0.iter().map(|store| &**store).map(ask) {
            match answer {
                Err(CryptoError::Unsupported) => {}
                Err(CryptoError::BadPrivateKey) => refusal = CryptoError::BadPrivateKey,
                // A key, or a failure of the store, which another store must not mask.
                answer => return answer,
            }
        }
        Err(refusal)
    }
}

impl Algorithm for KeyStores {
    fn implementation(&self) -> &'static str {
        "several"
    }

    /// Returns `true` if all stores do.
    fn fips(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|store| store.fips())
    }
}

impl KeyStore for KeyStores {
    fn load(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
        match self.first(|store| store.load(key)) {
            // There may be no store at all.
            Err(CryptoError::Unsupported) => Err(CryptoError::BadPrivateKey),
            answer => answer,
        }
    }

    fn load_decrypting(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn DecryptingKey>, CryptoError> {
        self.first(|store| store.load_decrypting(key))
    }

    fn generate(
        &self,
        spec: KeySpec,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError> {
        self.first(|store| store.generate(spec, rng))
    }
}

impl fmt::Debug for dyn SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?})", self.public_key().kind)
    }
}

impl fmt::Debug for dyn KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyStore by {}", self.implementation())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, vec};

    /// A store whose operations return one error.
    struct Says(CryptoError);

    impl Algorithm for Says {
        fn implementation(&self) -> &'static str {
            "test"
        }
    }

    impl KeyStore for Says {
        fn load(&self, _: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
            Err(self.0)
        }

        fn generate(
            &self,
            _: KeySpec,
            _: &mut dyn TryCryptoRng<Error = CryptoError>,
        ) -> Result<SecretBytes, CryptoError> {
            if self.0 == CryptoError::BadTag { Ok(SecretBytes::new(vec![1])) } else { Err(self.0) }
        }
    }

    #[test]
    fn first_key_store_that_accepts_is_used() {
        use CryptoError::{BadPrivateKey, BadTag, Failed, Unsupported};
        // `BadTag` stands for a store that succeeds.
        for (stores, made) in [
            (&[][..], Err(Unsupported)),
            (&[Unsupported], Err(Unsupported)),
            (&[Unsupported, BadPrivateKey, Unsupported], Err(BadPrivateKey)),
            (&[Unsupported, BadTag], Ok(SecretBytes::new(vec![1]))),
            (&[BadPrivateKey, BadTag, Failed], Ok(SecretBytes::new(vec![1]))),
            (&[Unsupported, Failed, BadTag], Err(Failed)),
        ] {
            let stores = stores.iter().map(|error| -> Arc<dyn KeyStore> { Arc::new(Says(*error)) });
            let stores = KeyStores(stores.collect());
            let random = crate::random::tests::nothing();
            let got = stores.generate(KeySpec::EcP256, &mut crate::random::ProviderRng(&random));
            assert_eq!(got, made, "{stores:?}");
        }
        assert_eq!(KeyStores(vec![]).load(PrivateKeyDer::Sec1(&[])).err(), Some(BadPrivateKey));
        assert!(!KeyStores(vec![]).fips());
    }

    #[test]
    fn encoded_private_keys_are_not_printed() {
        let shown = format!("{:?}", PrivateKeyDer::Pkcs8(&[0xab, 0xcd]));
        assert_eq!(shown, "Pkcs8([2 bytes])");
    }
}
