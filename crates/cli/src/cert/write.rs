//! Writes certificates and keys to files.

use crate::{
    failure::{Code, Failure},
    files::{self, about},
};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Where results go.
#[derive(Debug, clap::Args)]
pub(super) struct Overwrite {
    /// Overwrite existing files.
    #[arg(long)]
    pub(super) force: bool,
}

/// The readers of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Everybody, as far as the umask permits.
    All,
    /// The owner alone.
    Owner,
}

impl Overwrite {
    /// Checks that nothing would be overwritten, before any work is done.
    pub(super) fn check(&self, paths: &[&Path]) -> Result<(), Failure> {
        let exists = |path: &&&Path| !is_device(path) && fs::symlink_metadata(path).is_ok();
        match paths.iter().find(exists) {
            Some(path) if !self.force => {
                Err(about(path, "the file exists").hint("--force overwrites existing files."))
            }
            _ => Ok(()),
        }
    }

    /// Writes a file. It is made anew, so that its permissions are the wanted ones.
    pub(super) fn write(&self, path: &Path, contents: &[u8], readers: Readers) -> Result<(), Failure> {
        self.check(&[path])?;
        let mode = match readers {
            Readers::All => 0o644,
            Readers::Owner => 0o600,
        };
        let written = if is_device(path) {
            OpenOptions::new().write(true).open(path).and_then(|mut file| file.write_all(contents))
        } else if self.force {
            files::replace(path, contents, mode)
        } else {
            files::create(path, contents, mode)
        };
        written.map_err(|error| about(path, error))
    }
}

/// Whether it is a device or a pipe, or a link to one, which is written to and not replaced.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// A file with this beginning and this end.
pub(super) fn with_end(prefix: &Path, end: &str) -> PathBuf {
    let mut name = prefix.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// A file's beginning that is made from a name.
pub(super) fn prefix(name: &str) -> PathBuf {
    let plain = name.replace('*', "wildcard").replace(|c: char| !is_plain(c), "_");
    // A leading period would hide the file, a leading hyphen would look like an option.
    let plain = plain.trim_start_matches(['.', '-']);
    PathBuf::from(if plain.is_empty() { "certificate" } else { plain })
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@')
}

/// Writes to a file, or to standard output if there is none.
pub(super) fn file_or_stdout(
    path: Option<&Path>,
    overwrite: &Overwrite,
    contents: &[u8],
    readers: Readers,
) -> Result<(), Failure> {
    match path {
        Some(path) => overwrite.write(path, contents, readers),
        None => {
            let mut out = io::stdout().lock();
            let written = out.write_all(contents).and_then(|()| out.flush());
            written.map_err(|error| crate::output::broken(&error))
        }
    }
}

/// The failure of a step that needs no file.
pub(super) fn failed(what: &str, error: impl core::fmt::Display) -> Failure {
    Failure::new(Code::Local, format!("{what}: {error}"))
}

/// A private key as the contents of a PEM file; encrypted if there is a passphrase source.
pub(super) fn key_pem(
    key: &cairn_tls::x509::PrivateKey,
    path: &Path,
    passphrases: Option<&files::Passphrases>,
    provider: &cairn_tls::Provider,
) -> Result<zeroize::Zeroizing<Vec<u8>>, Failure> {
    let Some(passphrases) = passphrases else {
        return Ok(zeroize::Zeroizing::new(key.to_pem().as_bytes().to_vec()));
    };
    let passphrase = passphrases.new_key(path)?;
    let pkcs8 = super::key_form::to_pkcs8(key).map_err(|error| about(path, error))?;
    let encrypted = files::encrypt(pkcs8.expose(), &passphrase, provider)?;
    let pem = cairn_tls::x509::pem::encode_encrypted_private_key(&encrypted);
    Ok(zeroize::Zeroizing::new(pem.into_bytes()))
}
