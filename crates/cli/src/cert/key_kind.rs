//! The kinds of keys on the command line.

use crate::failure::{Code, Failure};
use cairn_tls::{
    Provider,
    crypto::{KeySpec, SecretBytes},
    x509::PrivateKey,
};
use pkcs8::{
    ObjectIdentifier, PrivateKeyInfoRef,
    der::{self, Encode},
    spki::AlgorithmIdentifierRef,
};
use zeroize::Zeroizing;

/// The algorithm of a key that signs with RSASSA-PSS only. Without parameters, any hash function may be used
/// (RFC 4055 section 3.1).
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// The kind of a new key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum KeyType {
    P256,
    P384,
    P521,
    Ed25519,
    #[value(name = "rsa-2048", alias = "rsa")]
    Rsa2048,
    #[value(name = "rsa-3072")]
    Rsa3072,
    #[value(name = "rsa-4096")]
    Rsa4096,
    #[value(name = "rsa-pss-2048", alias = "rsa-pss")]
    RsaPss2048,
    #[value(name = "rsa-pss-3072")]
    RsaPss3072,
    #[value(name = "rsa-pss-4096")]
    RsaPss4096,
    #[value(name = "ml-dsa-44")]
    MlDsa44,
    #[value(name = "ml-dsa-65")]
    MlDsa65,
    #[value(name = "ml-dsa-87")]
    MlDsa87,
}

impl KeyType {
    const fn spec(self) -> KeySpec {
        match self {
            Self::P256 => KeySpec::EcP256,
            Self::P384 => KeySpec::EcP384,
            Self::P521 => KeySpec::EcP521,
            Self::Ed25519 => KeySpec::Ed25519,
            Self::Rsa2048 | Self::RsaPss2048 => KeySpec::Rsa { bits: 2048 },
            Self::Rsa3072 | Self::RsaPss3072 => KeySpec::Rsa { bits: 3072 },
            Self::Rsa4096 | Self::RsaPss4096 => KeySpec::Rsa { bits: 4096 },
            Self::MlDsa44 => KeySpec::MlDsa44,
            Self::MlDsa65 => KeySpec::MlDsa65,
            Self::MlDsa87 => KeySpec::MlDsa87,
        }
    }

    /// Generates a key of this kind.
    pub(super) fn generate(self, provider: &Provider) -> Result<PrivateKey, Failure> {
        let failed = |error: &dyn core::fmt::Display| Failure::new(Code::Local, format!("no key: {error}"));
        let key = provider.keys.generate(self.spec(), &mut provider.rng()).map_err(|error| failed(&error))?;
        let is_pss = matches!(self, Self::RsaPss2048 | Self::RsaPss3072 | Self::RsaPss4096);
        let key = if is_pss { for_pss(key.expose()).map_err(|error| failed(&error))? } else { key };
        Ok(PrivateKey::from_pkcs8(key))
    }
}

/// An RSA key in PKCS #8, marked for signatures with RSASSA-PSS only.
fn for_pss(pkcs8: &[u8]) -> der::Result<SecretBytes> {
    let info = PrivateKeyInfoRef::try_from(pkcs8).map_err(|_| der::ErrorKind::Failed)?;
    let algorithm = AlgorithmIdentifierRef { oid: RSASSA_PSS, parameters: None };
    let marked = Zeroizing::new(PrivateKeyInfoRef::new(algorithm, info.private_key).to_der()?);
    Ok(SecretBytes::from(marked.as_slice()))
}
