//! The handshakes of TLS 1.3: a full one, one with HelloRetryRequest, and one with client authentication.

use super::{
    identities::{Identities, Setup},
    scenario::{Expected, Scenario},
};
use cairn_tls::{
    ConfigError, Versions,
    wire::{NamedGroup, ProtocolVersion},
};

/// The messages of RFC 9846 section 2 figure 1, with the ChangeCipherSpec of appendix E.4, then data, then
/// the end; `>` marks those of the client.
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

/// The client sends no share of this group at first.
const OTHER_GROUPS: &[NamedGroup] = &[NamedGroup::SECP384R1];

/// The scenarios, in order.
pub(super) fn scenarios(identities: &Identities) -> Result<Vec<Scenario>, ConfigError> {
    let setup = Setup::of(Versions::Tls13);
    let (client, server) = identities.configs(&setup)?;
    let (retrying_client, asking_server) =
        identities.configs(&Setup { server_groups: Some(OTHER_GROUPS), ..setup })?;
    let (proving_client, demanding_server) =
        identities.configs(&Setup { client_authenticates: true, ..setup })?;
    let full = Expected {
        order: FULL,
        version: ProtocolVersion::TLS_1_3,
        retried: false,
        resumed: false,
        client_authenticates: false,
    };
    Ok(Vec::from([
        Scenario {
            title: "TLS 1.3: a full handshake",
            client,
            server,
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
            title: "TLS 1.3: a full handshake in which the client proves itself too",
            client: proving_client,
            server: demanding_server,
            opens_messages: false,
            expected: Expected { order: WITH_CLIENT, client_authenticates: true, ..full },
        },
    ]))
}
