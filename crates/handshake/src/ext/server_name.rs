//! server_name (RFC 6066 section 3).
//!
//! The client names the host it wants, never an IP address. The server says with an empty extension that it made use
//! of the name, and only in a full handshake.

use super::ClientExtensions;
use crate::{ErrorKind, established::Established};
use alloc::sync::Arc;
use cairn_wire::{ClientExtension, List, NameType, ServerExtension, ServerName};

/// No DNS name is longer, written out (RFC 1035 section 2.3.4).
const MAX_HOST_NAME: usize = 255;

/// What a client offers.
pub(crate) fn offer<'a>(names: &'a [ServerName<'a>]) -> Option<ClientExtension<'a>> {
    (!names.is_empty()).then(|| ClientExtension::ServerName(List::from_items(names)))
}

/// The host name that a client asks for.
///
/// It is kept with the connection and its session and handed to the application, so what no DNS name can be is refused
/// here: more than 255 bytes, or bytes other than those that print in ASCII.
pub(crate) fn requested(extensions: &ClientExtensions<'_>) -> Result<Option<Arc<[u8]>>, ErrorKind> {
    let names = extensions.server_name.iter().flat_map(List::iter);
    match names.into_iter().find(|name| name.name_type == NameType::HOST_NAME) {
        Some(host) if host.name.len() > MAX_HOST_NAME || !host.name.iter().all(u8::is_ascii_graphic) => {
            Err(ErrorKind::BadServerName)
        }
        host => Ok(host.map(|host| host.name.into())),
    }
}

/// What a server answers in a full handshake.
pub(crate) fn answer(requested: Option<&[u8]>) -> Option<ServerExtension<'static>> {
    requested.map(|_| ServerExtension::ServerName)
}

/// A client that asks for another host in a renegotiation would have it on the standing that it has with the first.
pub(crate) fn check_kept(last: Option<&Established>, requested: Option<&[u8]>) -> Result<(), ErrorKind> {
    match last {
        Some(last) if !last.is_for(requested) => Err(ErrorKind::ServerNameChanged),
        _ => Ok(()),
    }
}
