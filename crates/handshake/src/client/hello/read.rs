//! ServerHello as received (RFC 5246 section 7.4.1.3), before the version is known.

use crate::{
    error::HandshakeErrorKind,
    ext::{ExtensionSet, ServerExtensions},
    raw_message::{self, RawMessage},
};
use cairn_wire::{ExtensionType, ServerHello};

/// A ServerHello with its extensions.
pub(crate) struct Received<'a> {
    /// As received.
    pub(crate) message: RawMessage<'a>,
    pub(crate) hello: ServerHello<'a>,
    pub(crate) extensions: ServerExtensions<'a>,
    /// The error for the first extension that it must not have in TLS 1.2.
    pub(crate) not_allowed: Option<HandshakeErrorKind>,
}

impl<'a> Received<'a> {
    /// Decodes ServerHello and its extensions. `offered` are the extensions of ClientHello.
    pub(crate) fn read(message: RawMessage<'a>, offered: ExtensionSet) -> Result<Self, HandshakeErrorKind> {
        let mut extensions = ServerExtensions::default();
        let mut not_allowed = None;
        let hello = raw_message::read_with(message, |reader| {
            ServerHello::decode_each(reader, |extension| {
                not_allowed =
                    not_allowed.or_else(|| check_extension(extension.extension_type(), offered).err());
                extensions.take(extension);
            })
        })?;
        Ok(Self { message, hello, extensions, not_allowed })
    }
}

/// The parts of a ClientHello that ServerHello does not repeat: signature_algorithms (RFC 5246 section
/// 7.4.1.4.1), signature_algorithms_cert, padding (RFC 7685 section 3), and those that belong to TLS 1.3
/// alone.
const NEVER_ANSWERED: [ExtensionType; 15] = [
    ExtensionType::SIGNATURE_ALGORITHMS,
    ExtensionType::SIGNATURE_ALGORITHMS_CERT,
    ExtensionType::PADDING,
    ExtensionType::KEY_SHARE,
    ExtensionType::PSK_KEY_EXCHANGE_MODES,
    ExtensionType::TICKET_REQUEST,
    ExtensionType::PRE_SHARED_KEY,
    ExtensionType::EARLY_DATA,
    ExtensionType::COOKIE,
    ExtensionType::CERTIFICATE_AUTHORITIES,
    ExtensionType::OID_FILTERS,
    ExtensionType::POST_HANDSHAKE_AUTH,
    // RFC 8879 section 3, RFC 9345 section 4.1 and RFC 8773 section 4.
    ExtensionType::COMPRESS_CERTIFICATE,
    ExtensionType::DELEGATED_CREDENTIAL,
    ExtensionType::TLS_CERT_WITH_EXTERN_PSK,
];

/// "An extension type MUST NOT appear in the ServerHello unless the same extension type appeared in the
/// corresponding ClientHello" (RFC 5246 section 7.4.1.4). supported_groups is permitted because no RFC
/// forbids it and some servers send it; it is ignored.
fn check_extension(extension_type: ExtensionType, offered: ExtensionSet) -> Result<(), HandshakeErrorKind> {
    if !offered.contains(extension_type) {
        return Err(HandshakeErrorKind::ExtensionNotOffered(extension_type));
    }
    if NEVER_ANSWERED.contains(&extension_type) {
        return Err(HandshakeErrorKind::ExtensionNotAllowed(extension_type));
    }
    Ok(())
}
