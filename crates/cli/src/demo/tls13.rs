//! The handshakes of TLS 1.3: a full one, one with HelloRetryRequest, one with client authentication, one
//! that resumes a session, and one with early data.

use super::{
    identities::{Identities, Setup},
    scenario::{Expected, Scenario},
};
use alloc::sync::Arc;
use cairn_tls::{
    ConfigError, Versions,
    session::ClientCache,
    wire::{NamedGroup, ProtocolVersion},
};

/// The messages of RFC 9846 section 2 figure 1, with the ChangeCipherSpec of appendix E.4, then data with a
/// ticket before the echo, then the end; `>` marks those of the client.
const FULL: &[&str] = &[
    "> ClientHello",
    "< ServerHello",
    "> ChangeCipherSpec",
    "< ChangeCipherSpec",
    "< EncryptedExtensions",
    "< Certificate",
    "< CertificateVerify",
    "< Finished",
    "> Finished",
    "> ApplicationData",
    "< NewSessionTicket",
    "< ApplicationData",
    "> Alert",
    "< Alert",
];

/// Figure 2.
const RETRIED: &[&str] = &[
    "> ClientHello",
    "< HelloRetryRequest",
    "> ChangeCipherSpec",
    "> ClientHello",
    "< ChangeCipherSpec",
    "< ServerHello",
    "< EncryptedExtensions",
    "< Certificate",
    "< CertificateVerify",
    "< Finished",
    "> Finished",
    "> ApplicationData",
    "< ApplicationData",
    "> Alert",
    "< Alert",
];

/// Figure 1 with its optional messages.
const WITH_CLIENT: &[&str] = &[
    "> ClientHello",
    "< ServerHello",
    "> ChangeCipherSpec",
    "< ChangeCipherSpec",
    "< EncryptedExtensions",
    "< CertificateRequest",
    "< Certificate",
    "< CertificateVerify",
    "< Finished",
    "> Certificate",
    "> CertificateVerify",
    "> Finished",
    "> ApplicationData",
    "< ApplicationData",
    "> Alert",
    "< Alert",
];

/// Figure 3. The session has a new ticket, as that of figure 1 has.
const RESUMED: &[&str] = &[
    "> ClientHello",
    "< ServerHello",
    "> ChangeCipherSpec",
    "< ChangeCipherSpec",
    "< EncryptedExtensions",
    "< Finished",
    "> Finished",
    "> ApplicationData",
    "< NewSessionTicket",
    "< ApplicationData",
    "> Alert",
    "< Alert",
];

/// Figure 4.
const EARLY: &[&str] = &[
    "> ClientHello",
    "> ChangeCipherSpec",
    "> ApplicationData",
    "< ServerHello",
    "< ChangeCipherSpec",
    "< EncryptedExtensions",
    "< Finished",
    "> EndOfEarlyData",
    "> Finished",
    "< NewSessionTicket",
    "< ApplicationData",
    "> Alert",
    "< Alert",
];

/// The client sends no share of this group at first.
const OTHER_GROUPS: &[NamedGroup] = &[NamedGroup::SECP384R1];

/// Enough sessions for the client.
const SESSIONS: usize = 8;

/// The scenarios, in order: the last two resume the session of the first.
pub(super) fn scenarios(identities: &Identities) -> Result<Vec<Scenario>, ConfigError> {
    let setup = Setup::of(Versions::Tls13);
    let sessions = Arc::new(ClientCache::new(SESSIONS));
    let resuming = Setup { sessions: Some(&sessions), ..setup };
    let (client, server) = identities.configs(&resuming)?;
    let (early_client, _) = identities.configs(&Setup { offers_early_data: true, ..resuming })?;
    let (retrying_client, asking_server) =
        identities.configs(&Setup { server_groups: Some(OTHER_GROUPS), ..setup })?;
    let (proving_client, demanding_server) =
        identities.configs(&Setup { client_authenticates: true, ..setup })?;
    let full = Expected {
        order: FULL,
        version: ProtocolVersion::TLS_1_3,
        retried: false,
        resumed: false,
        early_data: false,
        client_authenticates: false,
    };
    Ok(Vec::from([
        Scenario {
            title: "TLS 1.3: a full handshake",
            client: client.clone(),
            server: server.clone(),
            opens_messages: true,
            expected: Expected { ..full },
        },
        Scenario {
            title: "TLS 1.3: the client's key shares do not suit the server",
            client: retrying_client,
            server: asking_server,
            opens_messages: false,
            expected: Expected { order: RETRIED, retried: true, ..full },
        },
        Scenario {
            title: "TLS 1.3: a full handshake with client authentication",
            client: proving_client,
            server: demanding_server,
            opens_messages: false,
            expected: Expected { order: WITH_CLIENT, client_authenticates: true, ..full },
        },
        Scenario {
            title: "TLS 1.3: the session of the first handshake, resumed by PSK",
            client,
            server: server.clone(),
            opens_messages: false,
            expected: Expected { order: RESUMED, resumed: true, ..full },
        },
        Scenario {
            title: "TLS 1.3: the session again, with data before the handshake (0-RTT)",
            client: early_client,
            server,
            opens_messages: false,
            expected: Expected { order: EARLY, resumed: true, early_data: true, ..full },
        },
    ]))
}
