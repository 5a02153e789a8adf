//! The settings file.

pub(crate) mod listener;
pub(crate) mod route;
pub(crate) mod sessions;
pub(crate) mod tls;

use core::time::Duration;
use listener::Listener;
use serde::Deserialize;
use sessions::Sessions;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The settings of a proxy, from a TOML file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The form of the log lines on standard error.
    #[serde(default)]
    pub log: LogForm,
    /// Whether connections that end as they should get a log line, when they are closed or idle for too long.
    /// Those that are refused or break always get one.
    #[serde(default = "yes")]
    pub log_connections: bool,
    /// The address of the HTTP server for `/metrics` and `/health`. It has no access control: use a loopback
    /// address.
    pub admin: Option<String>,
    /// The time that open connections have after SIGTERM, in seconds.
    #[serde(default = "thirty")]
    pub drain_seconds: u64,
    /// The interval in seconds at which the settings and the files that they name are checked for changes.
    /// Without it, nothing is checked.
    pub watch_seconds: Option<u64>,
    /// A store of sessions that several proxies share.
    pub sessions: Option<Sessions>,
    /// The listeners.
    #[serde(default, rename = "listener")]
    pub listeners: Vec<Listener>,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogForm {
    /// A line for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

const fn thirty() -> u64 {
    30
}

const fn yes() -> bool {
    true
}

impl Settings {
    /// Reads a file. Relative paths in it are relative to its folder.
    ///
    /// # Errors
    /// A message with the fault and its line in the file.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
        let mut settings: Self = toml::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        settings.check().map_err(|e| format!("{}: {e}", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        settings.paths_mut().for_each(|path| *path = folder.join(&*path));
        Ok(settings)
    }

    /// Checks the rules that the types do not express.
    fn check(&self) -> Result<(), String> {
        if self.watch_seconds == Some(0) {
            return Err("watch_seconds must be at least 1".into());
        }
        if let Some(sessions) = &self.sessions {
            sessions.check()?;
        }
        if self.listeners.is_empty() {
            return Err("there is no [[listener]]".into());
        }
        for (number, listener) in self.listeners.iter().enumerate() {
            let mut earlier = self.listeners.iter().take(number);
            let checked = if earlier.clone().any(|other| other.name == listener.name) {
                Err("another listener has this name".into())
            } else if earlier.any(|other| other.listen == listener.listen) {
                Err("another listener has this address".into())
            } else if listener.tls.is_some()
                && self.sessions.as_ref().is_some_and(|it| !it.fit_into(listener.handshake_seconds))
            {
                Err("handshake_seconds must be more than three times the time limit of [sessions]".into())
            } else {
                listener.check()
            };
            checked.map_err(|words| format!("listener {:?}: {words}", listener.name))?;
        }
        Ok(())
    }

    /// All files that the settings name.
    pub(crate) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let sessions = self.sessions.iter_mut().flat_map(Sessions::paths_mut);
        sessions.chain(self.listeners.iter_mut().flat_map(Listener::paths_mut))
    }

    /// The interval of the checks for changed files.
    pub(crate) fn watch_period(&self) -> Option<Duration> {
        self.watch_seconds.map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn check(text: &str) -> Result<Settings, String> {
        let settings: Settings = toml::from_str(text).map_err(|e| e.to_string())?;
        settings.check()?;
        Ok(settings)
    }

    const LISTENER: &str = "[[listener]]\nname = 'a'\nlisten = '127.0.0.1:0'\n";
    const TLS: &str = "[listener.tls]\n[[listener.tls.certificate]]\nchain = 'c.pem'\nkey = 'k.pem'\n";
    const ROUTE: &str = "[[listener.route]]\nupstream = '127.0.0.1:80'\n";

    #[test]
    fn a_file_with_defaults_is_complete() {
        let settings = check(&format!("{LISTENER}{TLS}{ROUTE}")).unwrap();
        let listener = settings.listeners.first().unwrap();
        assert_eq!(
            (settings.drain_seconds, listener.max_connections, listener.idle_seconds),
            (30, 10_000, 600)
        );
    }

    #[test]
    fn a_tenth_of_the_connections_may_be_in_their_handshakes() {
        for (max, expected) in [(10_000, 1000), (11, 1), (1, 1)] {
            let settings = check(&format!("{LISTENER}max_connections = {max}\n{ROUTE}")).unwrap();
            assert_eq!(settings.listeners.first().unwrap().max_handshakes(), expected);
        }
    }

    #[test]
    fn faults_name_the_listener_and_what_to_change() {
        for (text, words) in [
            (String::new(), "there is no [[listener]]"),
            (LISTENER.to_owned(), "listener \"a\": there is no [[listener.route]]"),
            (format!("{LISTENER}[listener.tls]\n{ROUTE}"), "needs a [[listener.tls.certificate]]"),
            (format!("{LISTENER}{ROUTE}names = ['x']\n"), "add [listener.tls], or pass = true"),
            (format!("{LISTENER}{ROUTE}{LISTENER}{ROUTE}"), "another listener has this name"),
            (format!("{LISTENER}colour = 'blue'\n"), "unknown field `colour`"),
            (
                format!("{LISTENER}{ROUTE}pass = true\n[listener.route.tls]\nca = 'ca.pem'\n"),
                "cannot have tls of its own",
            ),
            (
                format!("{LISTENER}[listener.tls]\nclient_names = ['a']\n{}{ROUTE}", &TLS[15..]),
                "client_names and client_certificate_optional need client_ca",
            ),
            (
                format!("{LISTENER}[listener.tls]\nclient_crl = ['a']\n{}{ROUTE}", &TLS[15..]),
                "client_crl needs client_ca",
            ),
            (
                format!("{LISTENER}[listener.tls]\nclient_crl_stale = 'accept'\n{}{ROUTE}", &TLS[15..]),
                "client_crl_stale needs client_crl",
            ),
            (
                format!(
                    "{LISTENER}[listener.tls]\nearly_data = true\nclient_ca = 'ca.pem'\n{}{ROUTE}",
                    &TLS[15..]
                ),
                "excludes client_ca",
            ),
            (
                format!(
                    "{LISTENER}[listener.tls]\nearly_data = true\n{}{ROUTE}[listener.route.tls]\nca = 'c'\n",
                    &TLS[15..]
                ),
                "upstream \"127.0.0.1:80\": early data comes before the client's protocol is known",
            ),
            (format!("{LISTENER}max_handshakes = 10001\n{ROUTE}"), "at most max_connections"),
            (format!("{LISTENER}max_handshakes = 0\n{ROUTE}"), "at least 1"),
            (format!("{LISTENER}max_connections_per_client = 0\n{ROUTE}"), "expected a nonzero usize"),
            (format!("{LISTENER}connections_per_second = 0\n{ROUTE}"), "expected a nonzero u32"),
            (
                format!(
                    "[sessions]\nurl = 'a'\nroot_key = 'a'\ntime_limit_milliseconds = 400\n\
                     {LISTENER}handshake_seconds = 1\n{TLS}{ROUTE}"
                ),
                "more than three times the time limit of [sessions]",
            ),
            (format!("watch_seconds = 0\n{LISTENER}{ROUTE}"), "watch_seconds must be at least 1"),
            (
                format!("{LISTENER}{}{ROUTE}", TLS.replace("k.pem", "pkcs11:token=a?pin-value=1")),
                "put it into a file, and name that in pin-source",
            ),
            (
                format!(
                    "{LISTENER}{}{ROUTE}",
                    TLS.replace("'k.pem'", "'pkcs11:token=a'\npassphrase_file = 'p'")
                ),
                "passphrase_file is for a key in a file",
            ),
        ] {
            let error = check(&text).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
