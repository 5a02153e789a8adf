//! Modifies messages in transit.

use super::{End, Wire};
use cairn_handshake::RawMessage;
use cairn_wire::{
    CipherSuite, ClientExtension, ClientHello, CompressionMethod, Decode, ExtensionType, Extensions,
    HandshakeBody, HandshakeType, List, ServerExtension, ServerHello, SessionId, Writer,
};

/// The parts of a ClientHello.
pub struct ClientParts<'a> {
    pub hello: ClientHello<'a>,
    pub suites: Vec<CipherSuite>,
    pub compression: Vec<CompressionMethod>,
    pub extensions: Vec<ClientExtension<'a>>,
}

impl ClientParts<'_> {
    pub fn remove(&mut self, extension_type: ExtensionType) {
        self.extensions.retain(|extension| extension.extension_type() != extension_type);
    }
}

/// Rewrites a ClientHello.
pub fn client_hello(wire: &mut Wire, edit: impl for<'a> FnOnce(&mut ClientParts<'a>)) {
    let Some(bytes) = body_of(wire, HandshakeType::CLIENT_HELLO) else { return };
    let hello = ClientHello::decode_exact(&bytes).unwrap();
    let mut parts = ClientParts {
        suites: hello.cipher_suites.iter().collect(),
        compression: hello.compression_methods.iter().collect(),
        extensions: hello.extensions.iter().flat_map(|extensions| extensions.iter()).collect(),
        hello,
    };
    edit(&mut parts);
    let hello = ClientHello {
        cipher_suites: List::from_items(&parts.suites),
        compression_methods: List::from_items(&parts.compression),
        extensions: (!parts.extensions.is_empty()).then(|| Extensions::from_items(&parts.extensions)),
        ..parts.hello
    };
    replace(wire, &hello);
}

/// The parts of a ServerHello.
pub struct ServerParts<'a> {
    pub hello: ServerHello<'a>,
    pub extensions: Vec<ServerExtension<'a>>,
}

impl ServerParts<'_> {
    pub fn remove(&mut self, extension_type: ExtensionType) {
        self.extensions.retain(|extension| extension.extension_type() != extension_type);
    }

    pub fn types(&self) -> Vec<ExtensionType> {
        self.extensions.iter().map(ServerExtension::extension_type).collect()
    }
}

/// Rewrites a ServerHello.
pub fn server_hello(wire: &mut Wire, edit: impl for<'a> FnOnce(&mut ServerParts<'a>)) {
    let Some(bytes) = body_of(wire, HandshakeType::SERVER_HELLO) else { return };
    let hello = ServerHello::decode_exact(&bytes).unwrap();
    let mut parts = ServerParts {
        extensions: hello.extensions.iter().flat_map(|extensions| extensions.iter()).collect(),
        hello,
    };
    edit(&mut parts);
    let hello = ServerHello {
        extensions: (!parts.extensions.is_empty()).then(|| Extensions::from_items(&parts.extensions)),
        ..parts.hello
    };
    replace(wire, &hello);
}

/// Rewrites the body of a message of this type, and adjusts its length.
pub fn body(wire: &mut Wire, msg_type: HandshakeType, edit: impl FnOnce(&mut Vec<u8>)) {
    if let Some(mut body) = body_of(wire, msg_type) {
        edit(&mut body);
        set_bytes(wire, message(msg_type, &body));
    }
}

/// The body of a message, if it is of this type.
pub fn body_of(wire: &Wire, msg_type: HandshakeType) -> Option<Vec<u8>> {
    match wire {
        Wire::Handshake(_, bytes) if bytes[0] == msg_type.0 => Some(bytes[RawMessage::HEADER_LEN..].to_vec()),
        _ => None,
    }
}

/// A message of this type with this body.
pub fn message(msg_type: HandshakeType, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![msg_type.0];
    bytes.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
    bytes.extend_from_slice(body);
    bytes
}

/// A message with its header.
pub fn encode<M: HandshakeBody>(body: &M) -> Vec<u8> {
    let mut bytes = Vec::new();
    body.write_message(&mut Writer::vec(&mut bytes)).unwrap();
    bytes
}

fn replace<M: HandshakeBody>(wire: &mut Wire, body: &M) {
    set_bytes(wire, encode(body));
}

fn set_bytes(wire: &mut Wire, new: Vec<u8>) {
    if let Wire::Handshake(_, bytes) = wire {
        *bytes = new;
    }
}

/// The session ID and ticket that a client offers.
pub struct Offered {
    pub session_id: SessionId,
    pub ticket_length: usize,
}

/// The session ID and ticket in the first message of a client.
pub fn offered_in_hello(client: &End) -> Offered {
    let body = body_of(client.out.front().unwrap(), HandshakeType::CLIENT_HELLO).unwrap();
    let hello = ClientHello::decode_exact(&body).unwrap();
    let ticket_length = match hello.extensions.unwrap().get(ExtensionType::SESSION_TICKET) {
        Some(ClientExtension::SessionTicket(ticket)) => ticket.len(),
        _ => 0,
    };
    Offered { session_id: hello.session_id, ticket_length }
}
