//! Reading files, with messages that name them.

mod credential;
mod trusted;

pub(crate) use credential::Pair;
pub(crate) use trusted::Trusted;

use crate::failure::{Code, Failure};
use cairn_tls::{ConfigError, KeyLogFile};
use core::fmt;
use std::{fs, path::Path};

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| about(path, error))
}

/// Something is wrong with a file.
pub(crate) fn about(path: &Path, error: impl fmt::Display) -> Failure {
    Failure::new(Code::Local, format!("{}: {error}", path.display()))
}

/// A configuration does not take what is in a file.
pub(crate) fn refused(path: &Path, error: &ConfigError) -> Failure {
    match error {
        ConfigError::Pem(error) => about(path, error),
        ConfigError::Trust(error) => about(path, error),
        error => about(path, error),
    }
}

/// The key log that the environment names, for who asked for one.
pub(crate) fn key_log() -> Result<KeyLogFile, Failure> {
    KeyLogFile::from_env()
        .map_err(|error| Failure::new(Code::Local, format!("the key log: {error}")))?
        .ok_or_else(|| Failure::new(Code::Local, "--key-log needs the environment variable SSLKEYLOGFILE"))
}
