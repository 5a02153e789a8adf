//! Reads the files that the settings name.

use cairn_tokio::tls::x509::{CertificateFacts, Crls, Roots, pem};
use std::{
    fs,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// A file. It may be secret, so it is zeroized when it is dropped.
pub(super) fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    fs::read(file).map(Zeroizing::new).map_err(|e| format!("{} cannot be read: {e}", file.display()))
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
