//! Archives of PKCS #12 (RFC 7292): certificates and private keys under one passphrase.

use super::passphrase::Passphrases;
use crate::failure::Failure;
use cairn_tls::x509::PrivateKey;
use std::path::Path;
#[cfg(feature = "pkcs12")]
use {
    super::read::about,
    cairn_tls::{
        crypto::SecretBytes,
        x509::pem::{self, Content, PemError},
    },
    p12_keystore::{Pkcs12Archive, error::Error},
};

/// The contents of an archive.
#[derive(Debug)]
pub(crate) struct Archive {
    /// In DER. The certificate of the first private key comes first.
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) keys: Vec<PrivateKey>,
}

/// Opens a file if it is an archive: without a passphrase if it has none, such as many collections of
/// authorities.
///
/// The library does not erase its own copies of the private keys.
#[cfg(feature = "pkcs12")]
pub(crate) fn archive(
    path: &Path,
    file: &[u8],
    passphrases: &Passphrases,
) -> Result<Option<Archive>, Failure> {
    if !matches!(pem::certificates(file), Err(PemError::Instead { found: Content::Pkcs12, .. })) {
        return Ok(None);
    }
    let opened = match Pkcs12Archive::from_pkcs12(file, "") {
        Err(error) if may_be_passphrase(&error) => {
            let passphrase = passphrases.existing(path)?;
            let passphrase = str::from_utf8(&passphrase);
            let passphrase = passphrase.map_err(|_| about(path, "the passphrase is not UTF-8"))?;
            Pkcs12Archive::from_pkcs12(file, passphrase)
        }
        other => other,
    };
    let mut found = opened.map_err(|error| failure(path, &error))?;
    if let Some(id) = found.keys.first().and_then(|bag| bag.local_key_id.as_ref()) {
        let id = Some(id.as_ref());
        found.certs.sort_by_key(|bag| bag.local_key_id.as_deref() != id);
    }
    let key = |der: &[u8]| PrivateKey::from_pkcs8(SecretBytes::from(der));
    Ok(Some(Archive {
        certificates: found.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect(),
        keys: found.keys.iter().map(|bag| key(bag.key.as_der())).collect(),
    }))
}

/// Opens no file: this program is compiled without the feature `pkcs12`.
#[cfg(not(feature = "pkcs12"))]
pub(crate) const fn archive(_: &Path, _: &[u8], _: &Passphrases) -> Result<Option<Archive>, Failure> {
    Ok(None)
}

/// Whether another passphrase may help.
#[cfg(feature = "pkcs12")]
const fn may_be_passphrase(error: &Error) -> bool {
    matches!(error, Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError)
}

/// The failure of an archive that cannot be opened.
#[cfg(feature = "pkcs12")]
fn failure(path: &Path, error: &Error) -> Failure {
    let words = match error {
        Error::MacError(_) => return about(path, "PKCS #12 archive: the passphrase is wrong"),
        Error::Pkcs5Error(_) | Error::UnpadError => {
            "the passphrase is wrong, or its encryption is not supported"
        }
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
            "its encryption or its MAC is not supported"
        }
        Error::InvalidParameters => {
            "its parameters are malformed, or ask for more than a million iterations or 1 GiB"
        }
        Error::UnsupportedContentType => "it is protected by a public key, which is not supported",
        _ => "it is malformed, or not in DER",
    };
    about(path, format_args!("PKCS #12 archive: {words}")).hint(
        "`openssl pkcs12 -in FILE -nodes -out NEW` converts what it can read (with -legacy for old ones).",
    )
}
