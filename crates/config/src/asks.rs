//! The questions that a configuration leaves to its caller.

use crate::{
    client::{ClientConfig, ClientCredentials, Trust},
    server::{ClientTrust, ServerConfig, ServerCredentials},
    sessions::Sessions,
};
use alloc::vec::Vec;

/// The names of the settings that are in use.
fn names(settings: &[(bool, &'static str)]) -> Vec<&'static str> {
    settings.iter().filter(|(is_used, _)| *is_used).map(|(_, name)| *name).collect()
}

impl ClientConfig {
    /// The settings by which this configuration leaves questions to the caller, as methods of the builder.
    /// Without any, it answers all questions itself, so that a handshake waits for nothing but the peer.
    #[must_use]
    pub fn asks(&self) -> Vec<&'static str> {
        let inner = &self.inner;
        let (asks_for_credentials, is_elsewhere) = match &inner.credentials {
            ClientCredentials::Own { credentials, .. } => (false, credentials.any_is_elsewhere()),
            ClientCredentials::Ask => (true, false),
        };
        names(&[
            (matches!(inner.trust, Trust::Ask), "ask_for_verification"),
            (asks_for_credentials, "ask_for_credentials"),
            (is_elsewhere, "credential_elsewhere"),
            (matches!(inner.sessions, Sessions::Ask), "ask_for_sessions"),
        ])
    }
}

impl ServerConfig {
    /// The settings by which this configuration leaves questions to the caller, as methods of the builder.
    /// Without any, it answers all questions itself, so that a handshake waits for nothing but the peer.
    #[must_use]
    pub fn asks(&self) -> Vec<&'static str> {
        let inner = &self.inner;
        let (asks_for_credentials, is_elsewhere) = match &inner.credentials {
            ServerCredentials::Own(credentials) => (false, credentials.any_is_elsewhere()),
            ServerCredentials::Ask => (true, false),
        };
        let issues_tickets = inner.policy.resumption.is_some_and(|resumption| resumption.tickets);
        names(&[
            (inner.policy.ask_for_configuration, "ask_for_configuration"),
            (asks_for_credentials, "ask_for_credentials"),
            (is_elsewhere, "credential_elsewhere"),
            (matches!(inner.client_trust, ClientTrust::Ask), "ask_for_client_verification"),
            (matches!(inner.sessions, Sessions::Ask), "ask_for_sessions"),
            (issues_tickets && inner.tickets.is_none(), "ask_for_tickets"),
            (inner.ask_for_external_psks, "ask_for_external_psks"),
        ])
    }
}
