//! The handshakes of TLS 1.2: a full one, a resumed one, and one with client authentication.

use super::{
    identities::{Identities, Setup},
    scenario::{Expected, Scenario},
};
use cairn_tls::{ConfigError, Versions, wire::ProtocolVersion};

/// The messages of RFC 5246 section 7.3 figure 1, then data, then the end; `>` marks those of the client.
const FULL: &[&str] = &[
    "> ClientHello",
    "< ServerHello",
    "< Certificate",
    "< ServerKeyExchange",
    "< ServerHelloDone",
    "> ClientKeyExchange",
    "> ChangeCipherSpec",
    "> Finished",
    "< ChangeCipherSpec",
    "< Finished",
    "> ApplicationData",
    "< ApplicationData",
    "> Alert",
    "< Alert",
];

/// Figure 2.
const ABBREVIATED: &[&str] = &[
    "> ClientHello",
    "< ServerHello",
    "< ChangeCipherSpec",
    "< Finished",
    "> ChangeCipherSpec",
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
    "< Certificate",
    "< ServerKeyExchange",
    "< CertificateRequest",
    "< ServerHelloDone",
    "> Certificate",
    "> ClientKeyExchange",
    "> CertificateVerify",
    "> ChangeCipherSpec",
    "> Finished",
    "< ChangeCipherSpec",
    "< Finished",
    "> ApplicationData",
    "< ApplicationData",
    "> Alert",
    "< Alert",
];

/// The scenarios, in order: the second resumes the session of the first.
pub(super) fn scenarios(identities: &Identities) -> Result<Vec<Scenario>, ConfigError> {
    let setup = Setup::of(Versions::Tls12);
    let (client, server) = identities.configs(&setup)?;
    let (proving_client, demanding_server) =
        identities.configs(&Setup { client_authenticates: true, ..setup })?;
    let full = Expected {
        order: FULL,
        version: ProtocolVersion::TLS_1_2,
        retried: false,
        resumed: false,
        early_data: false,
        client_authenticates: false,
    };
    Ok(Vec::from([
        Scenario {
            title: "TLS 1.2: a full handshake",
            client: client.clone(),
            server: server.clone(),
            opens_messages: false,
            expected: Expected { ..full },
        },
        Scenario {
            title: "TLS 1.2: the same session resumed by its ID",
            client,
            server,
            opens_messages: false,
            expected: Expected { order: ABBREVIATED, resumed: true, ..full },
        },
        Scenario {
            title: "TLS 1.2: a full handshake with client authentication",
            client: proving_client,
            server: demanding_server,
            opens_messages: false,
            expected: Expected { order: WITH_CLIENT, client_authenticates: true, ..full },
        },
    ]))
}
