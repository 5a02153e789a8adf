//! What the messages of a connection tell about it.

use super::sides::{From, Sides};
use crate::show::gist;
use cairn_tls::{
    wire::{
        AnyServerHello, CipherSuite, ClientExtension, ClientHello, Decode, EncryptedExtension,
        EncryptedExtensions, ExtensionType, HandshakeType, NameType, NamedGroup, ProtocolVersion,
        ServerExtension, Tls13ServerExtension, tree::Negotiated,
    },
    x509::CertificateFacts,
};

/// The facts of a connection. Each is `None` until a message tells it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) client_random: Option<[u8; 32]>,
    pub(crate) server_random: Option<[u8; 32]>,
    pub(crate) version: Option<ProtocolVersion>,
    pub(crate) suite: Option<CipherSuite>,
    pub(crate) group: Option<NamedGroup>,
    pub(crate) server_name: Option<String>,
    /// The protocols that the client offers.
    pub(crate) offered_protocols: Vec<String>,
    pub(crate) protocol: Option<String>,
    pub(crate) encrypt_then_mac: bool,
    pub(crate) offers_early_data: bool,
    pub(crate) accepts_early_data: bool,
    pub(crate) retried: bool,
    /// The certificates of each side, in DER.
    pub(crate) certificates: Sides<Vec<Vec<u8>>>,
    /// The first ClientHello and the ServerHello, with their headers.
    pub(crate) client_hello: Option<Vec<u8>>,
    pub(crate) server_hello: Option<Vec<u8>>,
}

impl Facts {
    /// Adds what a ClientHello tells.
    pub(super) fn client_hello(&mut self, message: &[u8]) {
        // The first one has the fingerprint; a renegotiation or a retry sends another.
        self.client_hello.get_or_insert_with(|| message.to_vec());
        let Some(hello) = message.get(4..).and_then(|body| ClientHello::decode_exact(body).ok()) else {
            return;
        };
        self.client_random = Some(hello.random.0);
        let extension = |kind| hello.extensions.as_ref().and_then(|block| block.get(kind));
        if let Some(ClientExtension::ServerName(names)) = extension(ExtensionType::SERVER_NAME) {
            let mut hosts = names.iter().filter(|name| name.name_type == NameType::HOST_NAME);
            self.server_name = hosts.next().map(|host| host.name.escape_ascii().to_string());
        }
        if let Some(ClientExtension::ApplicationLayerProtocolNegotiation(names)) =
            extension(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION)
        {
            self.offered_protocols = names.iter().map(|name| name.0.escape_ascii().to_string()).collect();
        }
        self.offers_early_data = extension(ExtensionType::EARLY_DATA).is_some();
    }

    /// Adds what a ServerHello or HelloRetryRequest tells.
    pub(super) fn server_hello(&mut self, message: &[u8], hello: &AnyServerHello<'_>) {
        match hello {
            AnyServerHello::Tls12(hello) => {
                self.server_hello = Some(message.to_vec());
                (self.version, self.suite) = (Some(hello.server_version), Some(hello.cipher_suite));
                self.server_random = Some(hello.random.0);
                let extension = |kind| hello.extensions.as_ref().and_then(|block| block.get(kind));
                self.encrypt_then_mac = extension(ExtensionType::ENCRYPT_THEN_MAC).is_some();
                if let Some(ServerExtension::ApplicationLayerProtocolNegotiation(name)) =
                    extension(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION)
                {
                    self.protocol = Some(name.0.escape_ascii().to_string());
                }
            }
            AnyServerHello::Tls13(hello) => {
                self.server_hello = Some(message.to_vec());
                (self.version, self.suite) = (Some(ProtocolVersion::TLS_1_3), Some(hello.cipher_suite));
                self.server_random = Some(hello.random.0);
                if let Some(Tls13ServerExtension::KeyShare(share)) =
                    hello.extensions.get(ExtensionType::KEY_SHARE)
                {
                    self.group = Some(share.group);
                }
            }
            AnyServerHello::HelloRetryRequest(_) => self.retried = true,
        }
    }

    /// Adds what another message tells. `message` has its header.
    pub(super) fn other(
        &mut self,
        from: From,
        msg_type: HandshakeType,
        message: &[u8],
        negotiated: Negotiated,
    ) {
        match msg_type {
            HandshakeType::CERTIFICATE | HandshakeType::COMPRESSED_CERTIFICATE => {
                *self.certificates.of_mut(from) = gist::certificates(message, negotiated);
            }
            HandshakeType::ENCRYPTED_EXTENSIONS => {
                let body = message.get(4..).unwrap_or_default();
                let Ok(message) = EncryptedExtensions::decode_exact(body) else { return };
                self.accepts_early_data = message.extensions.contains(ExtensionType::EARLY_DATA);
                if let Some(EncryptedExtension::ApplicationLayerProtocolNegotiation(name)) =
                    message.extensions.get(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION)
                {
                    self.protocol = Some(name.0.escape_ascii().to_string());
                }
            }
            HandshakeType::SERVER_KEY_EXCHANGE => {
                if let Some(group) = gist::server_group(message, negotiated) {
                    self.group = Some(group);
                }
            }
            _ => {}
        }
    }

    /// The subject of the first certificate of a side.
    pub(crate) fn subject(&self, from: From) -> Option<String> {
        let first = self.certificates.of(from).first()?;
        CertificateFacts::from_der(first).ok().map(|facts| facts.subject)
    }
}
