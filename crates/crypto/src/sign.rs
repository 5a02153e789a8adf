//! Private keys that sign.

use crate::{Algorithm, CryptoError, DecryptingKey, PublicKey, SecretBytes};
use alloc::{sync::Arc, vec::Vec};
use cairn_wire::SignatureScheme;
use core::fmt;
use rand_core::TryCryptoRng;

/// A private key that signs. Opaque: it may be in memory, in a token, or in another process.
pub trait SigningKey: Send + Sync {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// The schemes this key can sign with, most preferred first. In TLS 1.2 an `ecdsa_secp256r1_sha256` names ECDSA
    /// with SHA-256 on whatever curve the key has (RFC 8446 section 4.2.3).
    fn schemes(&self) -> &[SignatureScheme];

    /// Signs `message` (whole, not hashed) in the encoding that TLS sends: DER for ECDSA, the bare string for RSA
    /// and EdDSA.
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] for a scheme outside [`SigningKey::schemes`]; [`CryptoError::RandomFailed`] or
    /// [`CryptoError::Failed`] when the module cannot.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError>;
}

/// An encoded private key, in DER.
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
    /// The DER bytes, whichever form they have.
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

/// Which key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeySpec {
    /// RSA with a modulus of so many bits: 2048, 3072 or 4096.
    Rsa {
        /// Size of the modulus in bits.
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
}

/// Reads and makes private keys.
pub trait KeyStore: Algorithm {
    /// Reads a private key.
    ///
    /// # Errors
    /// [`CryptoError::BadPrivateKey`] when it is not a key that this provider can sign with.
    fn load(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError>;

    /// Reads a private key that decrypts premaster secrets: an RSA key.
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] when this provider does not do that; [`CryptoError::BadPrivateKey`] when it is not
    /// such a key.
    fn load_decrypting(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn DecryptingKey>, CryptoError> {
        let _ = key;
        Err(CryptoError::Unsupported)
    }

    /// Makes a new key and returns it as PKCS#8 (RFC 5958) in DER.
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] for a kind or size that is not offered; [`CryptoError::RandomFailed`] or
    /// [`CryptoError::Failed`] when the module cannot.
    fn generate(
        &self,
        spec: KeySpec,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError>;
}

/// A key store that knows no key: for a provider that does without, and of [`crate::Provider::empty`].
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

/// Several key stores as one: each key goes to the first that takes it. So RSA keys can be one provider's and all
/// others another's.
#[derive(Clone, Debug)]
pub struct KeyStores(pub Vec<Arc<dyn KeyStore>>);

impl KeyStores {
    /// What the first store says that does not refuse; of refusals the first that is more than "not offered".
    fn first<T>(&self, ask: impl FnMut(&dyn KeyStore) -> Result<T, CryptoError>) -> Result<T, CryptoError> {
        let mut refusal = CryptoError::Unsupported;
        for answer in self.0.iter().map(|store| &**store).map(ask) {
            match answer {
                Err(CryptoError::Unsupported) => {}
                Err(CryptoError::BadPrivateKey) => refusal = CryptoError::BadPrivateKey,
                // A key, or a store that failed: another must not stand in for it.
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

    /// Only if all of them are.
    fn fips(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|store| store.fips())
    }
}

impl KeyStore for KeyStores {
    fn load(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
        match self.first(|store| store.load(key)) {
            // No store at all, say.
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

    /// Refuses or fails with one error, whatever it is asked.
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
    fn of_several_stores_the_first_that_does_not_refuse_is_asked() {
        use CryptoError::{BadPrivateKey, BadTag, Failed, Unsupported};
        // BadTag stands for a store that has an answer.
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
            let got = stores.generate(KeySpec::EcP256, &mut crate::ProviderRng(&random));
            assert_eq!(got, made, "{stores:?}");
        }
        assert_eq!(KeyStores(vec![]).load(PrivateKeyDer::Sec1(&[])).err(), Some(BadPrivateKey));
        assert!(!KeyStores(vec![]).fips());
    }

    #[test]
    fn an_encoded_private_key_is_never_printed() {
        let shown = format!("{:?}", PrivateKeyDer::Pkcs8(&[0xab, 0xcd]));
        assert_eq!(shown, "Pkcs8([2 bytes])");
    }
}
