//! Reading files, with messages that name them.

mod credential;
mod read;
mod trusted;

pub(crate) use credential::Pair;
pub(crate) use read::{about, crls, key_log, read, refused};
pub(crate) use trusted::Trusted;
