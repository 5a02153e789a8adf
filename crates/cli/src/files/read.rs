//! Reads single files.

use crate::{
    failure::{Code, Failure},
    show::printable,
};
use cairn_tls::{ConfigError, KeyLogFile, x509::Crls};
use core::fmt;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| about(path, error))
}

/// The CRLs in these files.
pub(crate) fn crls(paths: &[PathBuf]) -> Result<Crls, Failure> {
    let mut crls = Crls::new();
    for path in paths {
        crls.add_pem(&read(path)?).map_err(|error| about(path, error))?;
    }
    Ok(crls)
}

/// The name of a file, safe to print on a terminal: control characters are escaped.
pub(crate) fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

/// A failure that concerns a file.
pub(crate) fn about(path: &Path, error: impl fmt::Display) -> Failure {
    Failure::new(Code::Local, format!("{}: {error}", shown(path)))
}

/// A configuration error caused by the contents of a file.
pub(crate) fn refused(path: &Path, error: &ConfigError) -> Failure {
    match error {
        ConfigError::Pem(error) => about(path, error),
        ConfigError::Trust(error) => about(path, error),
        error => about(path, error),
    }
}

/// The key log at this path. Lines are added at its end.
pub(crate) fn key_log_at(path: &Path) -> Result<KeyLogFile, Failure> {
    warn_of_readers(path);
    KeyLogFile::open(path).map_err(|error| about(path, error))
}

/// The key log file that the environment names.
pub(crate) fn key_log() -> Result<KeyLogFile, Failure> {
    if let Some(path) = std::env::var_os("SSLKEYLOGFILE") {
        warn_of_readers(Path::new(&path));
    }
    KeyLogFile::from_env()
        .map_err(|error| Failure::new(Code::Local, format!("the key log: {error}")))?
        .ok_or_else(|| Failure::new(Code::Local, "--key-log needs the environment variable SSLKEYLOGFILE"))
}

/// Warns if the key log exists already and others can read it. A new one is for its owner alone.
#[cfg(unix)]
fn warn_of_readers(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(about) = fs::metadata(path) else { return };
    if about.is_file() && about.permissions().mode() & 0o044 != 0 {
        let path = shown(path);
        crate::output::warn(format_args!(
            "{path}: other users can read this file, and with the keys in it they can decrypt the \
            connections; `chmod 600 {path}` leaves it to its owner"
        ));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_path: &Path) {}
