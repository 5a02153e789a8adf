//! A private key from a file.

use super::encode::encode;
use alloc::string::String;
use cairn_crypto::{PrivateKeyDer, SecretBytes};
use zeroize::Zeroizing;

/// A private key in the form of a key file. Its bytes are zeroized on drop and never printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateKey {
    form: Form,
    der: SecretBytes,
}

/// The structure of a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `PrivateKeyInfo` (RFC 5958 section 2).
    Pkcs8,
    /// `RSAPrivateKey` (RFC 8017 appendix A.1.2).
    Pkcs1,
    /// `ECPrivateKey` (RFC 5915 section 3).
    Sec1,
}

impl Form {
    /// The form that the label of a block announces.
    pub(super) fn of_label(label: &[u8]) -> Option<Self> {
        [Self::Pkcs8, Self::Pkcs1, Self::Sec1].into_iter().find(|form| form.label().as_bytes() == label)
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Pkcs8 => "PRIVATE KEY",
            Self::Pkcs1 => "RSA PRIVATE KEY",
            Self::Sec1 => "EC PRIVATE KEY",
        }
    }
}

impl PrivateKey {
    pub(super) const fn new(form: Form, der: SecretBytes) -> Self {
        Self { form, der }
    }

    /// A key in PKCS #8, as [`cairn_crypto::KeyStore::generate`] returns it.
    #[must_use]
    pub const fn from_pkcs8(der: SecretBytes) -> Self {
        Self { form: Form::Pkcs8, der }
    }

    /// An RSA key as `RSAPrivateKey` (RFC 8017 appendix A.1.2).
    #[must_use]
    pub const fn from_pkcs1(der: SecretBytes) -> Self {
        Self { form: Form::Pkcs1, der }
    }

    /// A key on an elliptic curve as `ECPrivateKey`, which names its curve (RFC 5915 section 3).
    #[must_use]
    pub const fn from_sec1(der: SecretBytes) -> Self {
        Self { form: Form::Sec1, der }
    }

    /// The key in the form that [`cairn_crypto::KeyStore::load`] takes.
    #[must_use]
    pub fn as_der(&self) -> PrivateKeyDer<'_> {
        let der = self.der.expose();
        match self.form {
            Form::Pkcs8 => PrivateKeyDer::Pkcs8(der),
            Form::Pkcs1 => PrivateKeyDer::Pkcs1(der),
            Form::Sec1 => PrivateKeyDer::Sec1(der),
        }
    }

    /// The key as a PEM block. The caller must keep the result secret.
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(encode(self.form.label(), self.der.expose()))
    }
}
