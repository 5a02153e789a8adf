//! Reads files, with error messages that name the file.

mod credential;
mod read;
mod trusted;

pub(crate) use credential::Pair;
pub(crate) use read::{about, crls, key_log, key_log_at, read, refused};
pub(crate) use trusted::Trusted;
