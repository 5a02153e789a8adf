//! Reads and writes files, with error messages that name the file.

mod archive;
mod credential;
mod passphrase;
mod private_key;
mod read;
mod trusted;
mod write;

pub(crate) use archive::{Archive, archive};
pub(crate) use credential::Pair;
pub(crate) use passphrase::Passphrases;
pub(crate) use private_key::{encrypt, key_file, private_key};
pub(crate) use read::{about, crls, key_log, key_log_at, read, refused, shown};
pub(crate) use trusted::Trusted;
#[cfg(unix)]
pub(crate) use write::replace_by;
pub(crate) use write::{create, replace};
