//! server_name (RFC 6066 section 3).
//!
//! The client sends the name of the host, never an IP address. The server acknowledges it with an empty
//! extension, in full handshakes only.

use super::ClientExtensions;
use crate::{error::HandshakeErrorKind, tls12::established::Tls12Established};
use alloc::sync::Arc;
use cairn_wire::{ClientExtension, List, NameType, ServerExtension, ServerName};

/// The maximum length of a DNS name in text form (RFC 1035 section 2.3.4).
const MAX_HOST_NAME: usize = 255;

/// The client's offer.
pub(crate) fn offer<'a>(names: &'a [ServerName<'a>]) -> Option<ClientExtension<'a>> {
    (!names.is_empty()).then(|| ClientExtension::ServerName(List::from_items(names)))
}

/// Reads the host name that the client requests.
///
/// The name is stored with the connection and its session and passed to the application. A name that cannot
/// be a DNS name is therefore refused: more than 255 bytes, or bytes that are not printable ASCII.
pub(crate) fn requested(extensions: &ClientExtensions<'_>) -> Result<Option<Arc<[u8]>>, HandshakeErrorKind> {
    let names = extensions.server_name.iter().flat_map(List::iter);
    match names.into_iter().find(|name| name.name_type == NameType::HOST_NAME) {
        Some(host) if host.name.len() > MAX_HOST_NAME || !host.name.iter().all(u8::is_ascii_graphic) => {
            Err(HandshakeErrorKind::BadServerName)
        }
        host => Ok(host.map(|host| host.name.into())),
    }
}

/// The server's response in a full handshake.
pub(crate) fn response(requested: Option<&[u8]>) -> Option<ServerExtension<'static>> {
    requested.map(|_| ServerExtension::ServerName)
}

/// A renegotiation must not request another host name: the peer's identity was established for the first one.
pub(crate) fn check_kept(
    last: Option<&Tls12Established>,
    requested: Option<&[u8]>,
) -> Result<(), HandshakeErrorKind> {
    match last {
        Some(last) if !last.is_for(requested) => Err(HandshakeErrorKind::ServerNameChanged),
        _ => Ok(()),
    }
}
