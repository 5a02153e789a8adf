//! The peer's hellos, and how it processes its own and received ones.

use super::{Peer, client::encode};
use crate::every_change::{messages, shape::Shape};
use cairn_schedule::{Protection, suite};
use cairn_tls::{
    Side,
    wire::{
        CertificateStatusRequest, CertificateType, CipherSuite, ClientExtension as C, ClientHello,
        CompressionMethod, Decode, EcPointFormat, ExtensionType, Extensions, HandshakeType, List,
        MaxFragmentLengthCode, NameType, NamedGroup, ProtocolName, ProtocolVersion, Random, SerializedSct,
        ServerExtension as S, ServerHello, ServerName, SessionId, SignatureScheme,
    },
};

const CLIENT_RANDOM: [u8; 32] = [0xc1; 32];
const SERVER_RANDOM: [u8; 32] = [0x5e; 32];
const OFFERED_SCHEMES: [SignatureScheme; 3] =
    [SignatureScheme::ECDSA_SECP256R1_SHA256, SignatureScheme::RSA_PKCS1_SHA256, SignatureScheme::ED25519];

impl Peer<'_> {
    pub(super) fn client_hello(&self) -> Vec<u8> {
        let flow = self.flow;
        let ticket = flow.memory.as_ref().map_or(&[][..], |memory| &memory.ticket);
        let session_id = match &flow.memory {
            // The server repeats it if it accepts the ticket (RFC 5077 section 3.4).
            Some(_) if !ticket.is_empty() => vec![9; 32],
            Some(memory) => memory.session_id.clone(),
            None => vec![],
        };
        let names = [ServerName { name_type: NameType::HOST_NAME, name: b"server.test" }];
        let groups = [flow.group, NamedGroup::FFDHE2048];
        let mut extensions = vec![
            C::ServerName(List::from_items(&names)),
            C::ExtendedMasterSecret,
            C::EncryptThenMac,
            C::RenegotiationInfo(&self.verify_data[0]),
            C::SupportedGroups(List::from_items(&groups)),
            C::EcPointFormats(List::from_items(&[EcPointFormat::UNCOMPRESSED])),
            C::SignatureAlgorithms(List::from_items(&OFFERED_SCHEMES)),
        ];
        let protocols = [ProtocolName(b"h2"), ProtocolName(b"http/1.1")];
        if flow.everything {
            extensions.extend([
                C::StatusRequest(CertificateStatusRequest::OCSP),
                C::SignedCertificateTimestamp,
                C::ApplicationLayerProtocolNegotiation(List::from_items(&protocols)),
                C::RecordSizeLimit(0x4001),
                C::SupportedVersions(List::from_items(&[ProtocolVersion::TLS_1_2])),
                C::SignatureAlgorithmsCert(List::from_items(&OFFERED_SCHEMES)),
                C::Padding(&[0; 4]),
                C::Unknown { extension_type: ExtensionType(0xabcd), data: b"?" },
            ]);
        }
        if flow.tickets {
            extensions.push(C::SessionTicket(ticket));
        }
        if flow.short {
            extensions.push(C::MaxFragmentLength(MaxFragmentLengthCode(2)));
        }
        let raw = [CertificateType::RAW_PUBLIC_KEY];
        if flow.raw {
            extensions.push(C::ClientCertificateTypes(List::from_items(&raw)));
            extensions.push(C::ServerCertificateTypes(List::from_items(&[CertificateType::X509])));
        }
        encode(&ClientHello {
            client_version: ProtocolVersion::TLS_1_2,
            random: Random(CLIENT_RANDOM),
            session_id: SessionId::new(&session_id).unwrap(),
            cipher_suites: List::from_items(&[flow.suite, CipherSuite(0x1a1a)]),
            compression_methods: List::from_items(&[CompressionMethod::NULL]),
            extensions: Some(Extensions::from_items(&extensions)),
        })
    }

    pub(super) fn server_hello(&self) -> Vec<u8> {
        let flow = self.flow;
        // The client's session ID shows that the session is resumed.
        let session_id = if flow.memory.is_some() { self.agreed.offered.clone() } else { vec![8; 32] };
        let renegotiated = self.verify_data.concat();
        let mut extensions = vec![S::ExtendedMasterSecret, S::RenegotiationInfo(&renegotiated)];
        let (one, other) = (SerializedSct(b"one"), SerializedSct(b"another"));
        let timestamps = [one, other];
        if flow.everything {
            extensions.extend([
                S::ServerName,
                S::SignedCertificateTimestamp(List::from_items(&timestamps)),
                S::RecordSizeLimit(0x4000),
                S::EcPointFormats(List::from_items(&[EcPointFormat::UNCOMPRESSED])),
                S::ApplicationLayerProtocolNegotiation(ProtocolName(b"h2")),
            ]);
        }
        if flow.staple.is_some() {
            extensions.push(S::StatusRequest);
        }
        if flow.tickets {
            extensions.push(S::SessionTicket);
        }
        if flow.short {
            extensions.push(S::MaxFragmentLength(MaxFragmentLengthCode(2)));
        }
        if flow.raw {
            extensions.push(S::ServerCertificateType(CertificateType::RAW_PUBLIC_KEY));
        }
        if suite(flow.suite).is_some_and(|suite| matches!(suite.protection, Protection::Cbc { .. })) {
            extensions.push(S::EncryptThenMac);
        }
        encode(&ServerHello {
            server_version: ProtocolVersion::TLS_1_2,
            random: Random(SERVER_RANDOM),
            session_id: SessionId::new(&session_id).unwrap(),
            cipher_suite: flow.suite,
            compression_method: CompressionMethod::NULL,
            extensions: Some(Extensions::from_items(&extensions)),
        })
    }

    /// Adopts the parameters in a message, including the peer's own, as far as it can be parsed.
    pub(super) fn understand(&mut self, message: &[u8]) {
        let Some(body) = message.get(4..) else { return };
        match HandshakeType(message[0]) {
            HandshakeType::CLIENT_HELLO => {
                if let Ok(hello) = ClientHello::decode_exact(body) {
                    self.agreed.client_random = hello.random.0;
                    self.agreed.offered = hello.session_id.as_bytes().to_vec();
                }
            }
            HandshakeType::SERVER_HELLO => {
                if let Ok(hello) = ServerHello::decode_exact(body) {
                    self.understand_server_hello(&hello);
                }
            }
            // A side without a certificate sends no CertificateVerify.
            HandshakeType::CERTIFICATE => self.shows_nothing = body == [0, 0, 0],
            _ => {}
        }
    }

    fn understand_server_hello(&mut self, hello: &ServerHello<'_>) {
        let has = |extension| hello.extensions.is_some_and(|extensions| extensions.contains(extension));
        let agreed = &mut self.agreed;
        agreed.server_random = hello.random.0;
        agreed.suite = suite(hello.cipher_suite).or(agreed.suite);
        agreed.extended_master_secret = has(ExtensionType::EXTENDED_MASTER_SECRET);
        agreed.encrypt_then_mac = has(ExtensionType::ENCRYPT_THEN_MAC);
        agreed.ticket_promised = has(ExtensionType::SESSION_TICKET);
        self.session_id = hello.session_id.as_bytes().to_vec();
        if let Some(memory) = &self.flow.memory {
            agreed.resumed =
                self.side == Side::Client && !self.session_id.is_empty() && self.session_id == agreed.offered;
            self.master = Some(memory.master.clone());
        }
    }

    /// The structure of the next message.
    pub(super) fn shape_of(&self, content_type: u8, message: &[u8]) -> Shape {
        match (content_type, HandshakeType(message[0])) {
            (20, _) => messages::CHANGE_CIPHER_SPEC,
            (21, _) => messages::ALERT,
            (_, HandshakeType::CLIENT_HELLO) => messages::CLIENT_HELLO,
            (_, HandshakeType::SERVER_HELLO) => messages::SERVER_HELLO,
            (_, HandshakeType::CERTIFICATE) if self.flow.raw => messages::RAW_PUBLIC_KEY,
            (_, HandshakeType::CERTIFICATE) => messages::CERTIFICATE,
            (_, HandshakeType::CERTIFICATE_STATUS) => messages::CERTIFICATE_STATUS,
            (_, HandshakeType::SERVER_KEY_EXCHANGE) => messages::server_key_exchange(self.kx()),
            (_, HandshakeType::CERTIFICATE_REQUEST) => messages::CERTIFICATE_REQUEST,
            (_, HandshakeType::CLIENT_KEY_EXCHANGE) => messages::client_key_exchange(self.kx()),
            (_, HandshakeType::CERTIFICATE_VERIFY) => messages::CERTIFICATE_VERIFY,
            (_, HandshakeType::NEW_SESSION_TICKET) => messages::NEW_SESSION_TICKET,
            (_, HandshakeType::FINISHED) => messages::FINISHED,
            _ => messages::EMPTY,
        }
    }
}
