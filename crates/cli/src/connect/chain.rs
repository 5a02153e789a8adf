//! Writes the chain of the server to a file: `--save-chain`.

use crate::{failure::Failure, files, output::note, show::count};
use cairn_tls::x509::pem;
use std::{fs, path::Path};

/// Writes the certificates in PEM, in the order of the server.
pub(super) fn save<'a>(
    path: &Path,
    chain: impl IntoIterator<Item = &'a [u8]>,
    quiet: bool,
) -> Result<(), Failure> {
    let blocks: Vec<String> = chain.into_iter().map(pem::encode_certificate).collect();
    if blocks.is_empty() {
        return Err(files::about(path, "the server sent no certificate, so the file is not written"));
    }
    fs::write(path, blocks.concat()).map_err(|error| files::about(path, error))?;
    if !quiet {
        note(format_args!("{} written to {}", count(blocks.len(), "certificate"), files::shown(path)));
    }
    Ok(())
}
