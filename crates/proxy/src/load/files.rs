//! Reads the files that the settings name.

use cairn_provider_parts::pbes2::EncryptedKey;
use cairn_tokio::tls::x509::{CertificateFacts, Crls, PrivateKey, Roots, pem};
use std::{
    fs,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// A file. It may be secret, so it is zeroized when it is dropped.
pub(super) fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    fs::read(file).map(Zeroizing::new).map_err(|e| format!("{} cannot be read: {e}", file.display()))
}

/// A key file. A key that is encrypted with the passphrase in the first line of another file comes decrypted.
pub(super) fn key(file: &Path, passphrase_file: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, String> {
    let content = read(file)?;
    let at = |words: String| format!("{}: {words}", file.display());
    let Some(encrypted) = pem::encrypted_private_key(&content).map_err(|e| at(e.to_string()))? else {
        return Ok(content);
    };
    let Some(passphrase_file) = passphrase_file else {
        return Err(at(
            "the private key is encrypted: name a file with its passphrase in passphrase_file".into()
        ));
    };
    let passphrase = read(passphrase_file)?;
    let line = passphrase.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let key = EncryptedKey::from_der(&encrypted).and_then(|key| key.decrypt(line));
    let key = key.map_err(|e| at(format!("encrypted private key: {e}")))?;
    Ok(Zeroizing::new(PrivateKey::from_pkcs8(key).to_pem().as_bytes().to_vec()))
}

pub(super) fn roots(file: &Path) -> Result<Roots, String> {
    let mut roots = Roots::new();
    roots.add_pem(&read(file)?).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(roots)
}

/// Certificate revocation lists. `each` gets the file of each list and its `nextUpdate`.
pub(super) fn crls(files: &[PathBuf], mut each: impl FnMut(&Path, u64)) -> Result<Crls, String> {
    let mut all = Crls::new();
    for file in files {
        let at = |e| format!("{}: {e}", file.display());
        let bytes = read(file)?;
        let mut of_file = Crls::new();
        of_file.add_pem(&bytes).map_err(at)?;
        if let Some(end) = of_file.next_update() {
            each(file, end);
        }
        all.add_pem(&bytes).map_err(at)?;
    }
    Ok(all)
}

/// The certificates of a file with this content, in DER.
pub(super) fn chain(file: &Path, content: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let at = |words: String| format!("{}: {words}", file.display());
    let chain = pem::certificates(content).map_err(|e| at(e.to_string()))?;
    if chain.is_empty() { Err(at("there is no certificate".into())) } else { Ok(chain) }
}

/// The end of the validity of a certificate, in seconds since 1970.
pub(super) fn end_of_validity(certificate: &[u8]) -> Result<u64, String> {
    Ok(CertificateFacts::from_der(certificate).map_err(|e| e.to_string())?.not_after)
}
