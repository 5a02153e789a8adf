//! server_name (RFC 6066 section 3).
//!
//! The client names the host it wants, never an IP address. The server says with an empty extension that it made use
//! of the name, and only in a full handshake.

use super::ClientExtensions;
use alloc::boxed::Box;
use cairn_wire::{ClientExtension, List, NameType, ServerExtension, ServerName};

/// What a client offers.
pub(crate) fn offer<'a>(names: &'a [ServerName<'a>]) -> Option<ClientExtension<'a>> {
    (!names.is_empty()).then(|| ClientExtension::ServerName(List::from_items(names)))
}

/// The host name that a client asks for.
pub(crate) fn requested(extensions: &ClientExtensions<'_>) -> Option<Box<[u8]>> {
    super::client(extensions, |extension| match extension {
        ClientExtension::ServerName(names) => names.iter().find(|name| name.name_type == NameType::HOST_NAME),
        _ => None,
    })
    .map(|host| host.name.into())
}

/// What a server answers in a full handshake.
pub(crate) fn answer(requested: Option<&[u8]>) -> Option<ServerExtension<'static>> {
    requested.map(|_| ServerExtension::ServerName)
}
