//! The recorded connections.

use cairn_crypto::AeadAlgorithm;
use cairn_tls::{Versions, wire::NamedGroup};

/// A connection to record.
pub(crate) struct Case {
    /// Its subject.
    pub(crate) name: &'static str,
    pub(crate) versions: Versions,
    /// The AEAD of the provider, which determines the suite.
    pub(crate) aead: AeadAlgorithm,
    /// The groups of the server.
    pub(crate) server_groups: &'static [NamedGroup],
    pub(crate) retried: bool,
    pub(crate) client_authenticates: bool,
    /// Whether each side updates its keys, and asks for it, between its data.
    pub(crate) key_updates: bool,
}

const TLS13: Case = Case {
    name: "TLS 1.3",
    versions: Versions::Tls13,
    aead: AeadAlgorithm::Aes128Gcm,
    server_groups: &[NamedGroup::X25519],
    retried: false,
    client_authenticates: false,
    key_updates: false,
};

const TLS12: Case = Case { name: "TLS 1.2", versions: Versions::Tls12, ..TLS13 };

pub(crate) const CASES: &[Case] = &[
    Case { name: "TLS 1.2 with AES-128-GCM", ..TLS12 },
    Case { name: "TLS 1.3 with AES-128-GCM", ..TLS13 },
    Case { name: "TLS 1.2 with AES-256-GCM", aead: AeadAlgorithm::Aes256Gcm, ..TLS12 },
    Case { name: "TLS 1.2 with ChaCha20-Poly1305", aead: AeadAlgorithm::ChaCha20Poly1305, ..TLS12 },
    Case { name: "TLS 1.2 with client authentication", client_authenticates: true, ..TLS12 },
    Case { name: "TLS 1.3 with AES-256-GCM", aead: AeadAlgorithm::Aes256Gcm, ..TLS13 },
    Case { name: "TLS 1.3 with ChaCha20-Poly1305", aead: AeadAlgorithm::ChaCha20Poly1305, ..TLS13 },
    Case { name: "TLS 1.3 with a hybrid group", server_groups: &[NamedGroup::X25519MLKEM768], ..TLS13 },
    Case {
        name: "TLS 1.3 with HelloRetryRequest",
        server_groups: &[NamedGroup::SECP384R1],
        retried: true,
        ..TLS13
    },
    Case { name: "TLS 1.3 with client authentication", client_authenticates: true, ..TLS13 },
    Case { name: "TLS 1.3 with KeyUpdate", key_updates: true, ..TLS13 },
    Case {
        name: "TLS 1.3 with KeyUpdate and AES-256-GCM",
        aead: AeadAlgorithm::Aes256Gcm,
        key_updates: true,
        ..TLS13
    },
];

impl Case {
    pub(crate) fn is_tls13(&self) -> bool {
        self.versions == Versions::Tls13
    }

    /// The length in bytes of the secrets in the log.
    pub(crate) fn secret_len(&self) -> usize {
        match (self.is_tls13(), self.aead) {
            (false, _) => 48,
            (true, AeadAlgorithm::Aes256Gcm) => 48,
            (true, _) => 32,
        }
    }

    /// A name for files.
    pub(crate) fn file_name(&self) -> String {
        self.name.replace(' ', "-")
    }

    /// The types of all handshake messages in order, without NewSessionTicket: whether there are tickets does
    /// not matter here.
    pub(crate) fn handshake_types(&self) -> Vec<u8> {
        const CLIENT_HELLO: u8 = 1;
        const SERVER_HELLO: u8 = 2;
        const ENCRYPTED_EXTENSIONS: u8 = 8;
        const CERTIFICATE: u8 = 11;
        const SERVER_KEY_EXCHANGE: u8 = 12;
        const CERTIFICATE_REQUEST: u8 = 13;
        const SERVER_HELLO_DONE: u8 = 14;
        const CERTIFICATE_VERIFY: u8 = 15;
        const CLIENT_KEY_EXCHANGE: u8 = 16;
        const FINISHED: u8 = 20;
        const KEY_UPDATE: u8 = 24;
        let requested = |wanted: bool, types: &'static [u8]| if wanted { types } else { &[] };
        if !self.is_tls13() {
            return [
                &[CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, SERVER_KEY_EXCHANGE][..],
                requested(self.client_authenticates, &[CERTIFICATE_REQUEST]),
                &[SERVER_HELLO_DONE],
                requested(self.client_authenticates, &[CERTIFICATE]),
                &[CLIENT_KEY_EXCHANGE],
                requested(self.client_authenticates, &[CERTIFICATE_VERIFY]),
                &[FINISHED, FINISHED],
            ]
            .concat();
        }
        [
            requested(self.retried, &[CLIENT_HELLO, SERVER_HELLO]),
            &[CLIENT_HELLO, SERVER_HELLO, ENCRYPTED_EXTENSIONS],
            requested(self.client_authenticates, &[CERTIFICATE_REQUEST]),
            &[CERTIFICATE, CERTIFICATE_VERIFY, FINISHED],
            requested(self.client_authenticates, &[CERTIFICATE, CERTIFICATE_VERIFY]),
            &[FINISHED],
            // Each side asks once, and the other answers.
            requested(self.key_updates, &[KEY_UPDATE; 4]),
        ]
        .concat()
    }
}
