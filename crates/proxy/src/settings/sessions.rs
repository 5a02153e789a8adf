//! `[sessions]`.

#[cfg(feature = "redis")]
use core::time::Duration;
use serde::Deserialize;
use std::path::PathBuf;

/// A store of sessions in Redis or Valkey, which several proxies share. It is used by all listeners with TLS;
/// listeners of the same name share their sessions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// The URL of the store, `redis://host:port/` or `redis+unix:///path`. It has no password.
    pub url: String,
    /// The authorities of the store, in PEM. With them, the connection to the store is encrypted, and the
    /// store's certificate must be valid for the host of the URL.
    pub ca: Option<PathBuf>,
    /// A file with the password of the store in its first line.
    pub password_file: Option<PathBuf>,
    /// A file with the root key: 32 random bytes that all proxies have.
    pub root_key: PathBuf,
    /// The first part of the names of all records.
    #[serde(default = "cairn")]
    pub prefix: String,
    /// The lifetime of a session in seconds, at most a day.
    #[serde(default = "day")]
    pub lifetime_seconds: u32,
    /// The time limit of each operation of the store, in milliseconds, at most 3,000. A handshake waits for
    /// at most three, which must be less than `handshake_seconds` of each listener with TLS.
    #[serde(default = "fifty")]
    pub time_limit_milliseconds: u64,
}

fn cairn() -> String {
    "cairn".into()
}

const fn day() -> u32 {
    24 * 60 * 60
}

const fn fifty() -> u64 {
    50
}

impl Sessions {
    /// Checks the rules that the types do not express.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.url.starts_with("rediss:") {
            return Err("[sessions]: TLS is set by ca, and url begins with redis://".into());
        }
        if self.lifetime_seconds == 0 || self.lifetime_seconds > day() {
            return Err("[sessions]: lifetime_seconds must be at least 1 and at most 86400".into());
        }
        // The questions of a connection have a time limit of 10 seconds, and need at most two operations.
        if self.time_limit_milliseconds == 0 || self.time_limit_milliseconds > 3000 {
            return Err("[sessions]: time_limit_milliseconds must be at least 1 and at most 3000".into());
        }
        Ok(())
    }

    /// Whether a handshake with this time limit is complete although the store does not answer.
    pub(super) const fn fit_into(&self, handshake_seconds: u64) -> bool {
        self.time_limit_milliseconds.saturating_mul(3) < handshake_seconds.saturating_mul(1000)
    }

    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        [&mut self.root_key].into_iter().chain(&mut self.password_file).chain(&mut self.ca)
    }

    /// The time limit of each operation.
    #[cfg(feature = "redis")]
    pub(crate) const fn time_limit(&self) -> Duration {
        Duration::from_millis(self.time_limit_milliseconds)
    }
}
