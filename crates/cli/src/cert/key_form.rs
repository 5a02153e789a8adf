//! Converts private keys between PKCS #8, PKCS #1 and SEC 1.

use cairn_tls::{
    crypto::{PrivateKeyDer, SecretBytes},
    x509::PrivateKey,
};
use core::fmt;
use pkcs8::{
    ObjectIdentifier, PrivateKeyInfoRef,
    der::{
        Decode, Encode,
        asn1::{AnyRef, OctetStringRef},
    },
    spki::AlgorithmIdentifierRef,
};
use sec1::{EcParameters, EcPrivateKey};
use zeroize::Zeroizing;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// The reason why a key has no such form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormError {
    /// The key cannot be read.
    Malformed,
    /// The form is for RSA keys.
    NotRsa,
    /// The form is for keys on elliptic curves.
    NotEc,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the private key is malformed",
            Self::NotRsa => "PKCS #1 is a form for RSA keys, and this is another key",
            Self::NotEc => "SEC 1 is a form for ECDSA keys, and this is another key",
        })
    }
}

/// The key as `PrivateKeyInfo` (RFC 5958 section 2).
pub(super) fn to_pkcs8(key: &PrivateKey) -> Result<SecretBytes, FormError> {
    let malformed = |_| FormError::Malformed;
    let wrap = |algorithm, key: &[u8]| {
        let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(key).map_err(malformed)?);
        let der = Zeroizing::new(info.to_der().map_err(malformed)?);
        Ok(SecretBytes::from(der.as_slice()))
    };
    match key.as_der() {
        PrivateKeyDer::Pkcs8(der) => Ok(SecretBytes::from(der)),
        PrivateKeyDer::Pkcs1(der) => {
            wrap(AlgorithmIdentifierRef { oid: RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) }, der)
        }
        PrivateKeyDer::Sec1(der) => {
            // The curve is stated outside (RFC 5958 section 2).
            let ec = EcPrivateKey::from_der(der).map_err(malformed)?;
            let curve = ec.parameters.and_then(EcParameters::named_curve).ok_or(FormError::Malformed)?;
            let inner = Zeroizing::new(EcPrivateKey { parameters: None, ..ec }.to_der().map_err(malformed)?);
            let parameters = Some(AnyRef::from(&curve));
            wrap(AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters }, &inner)
        }
        _ => Err(FormError::Malformed),
    }
}

/// The key as `RSAPrivateKey` (RFC 8017 appendix A.1.2).
pub(super) fn to_pkcs1(key: &PrivateKey) -> Result<SecretBytes, FormError> {
    let pkcs8 = to_pkcs8(key)?;
    let info = PrivateKeyInfoRef::try_from(pkcs8.expose()).map_err(|_| FormError::Malformed)?;
    if info.algorithm.oid != RSA_ENCRYPTION {
        return Err(FormError::NotRsa);
    }
    Ok(SecretBytes::from(info.private_key.as_bytes()))
}

/// The key as `ECPrivateKey` with the name of its curve (RFC 5915 section 3).
pub(super) fn to_sec1(key: &PrivateKey) -> Result<SecretBytes, FormError> {
    let pkcs8 = to_pkcs8(key)?;
    let info = PrivateKeyInfoRef::try_from(pkcs8.expose()).map_err(|_| FormError::Malformed)?;
    if info.algorithm.oid != EC_PUBLIC_KEY {
        return Err(FormError::NotEc);
    }
    let curve = info.algorithm.parameters_oid().map_err(|_| FormError::Malformed)?;
    let ec = EcPrivateKey::from_der(info.private_key.as_bytes()).map_err(|_| FormError::Malformed)?;
    let ec = EcPrivateKey { parameters: Some(EcParameters::NamedCurve(curve)), ..ec };
    let der = Zeroizing::new(ec.to_der().map_err(|_| FormError::Malformed)?);
    Ok(SecretBytes::from(der.as_slice()))
}
