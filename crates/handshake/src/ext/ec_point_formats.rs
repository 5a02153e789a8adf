//! ec_point_formats (RFC 8422 section 5.1.2): only `uncompressed` is left, and whoever sends the list must have it.

use super::{ClientExtensions, ServerExtensions};
use crate::ErrorKind;
use cairn_wire::{ClientExtension, EcPointFormat, List, ServerExtension};

const UNCOMPRESSED: List<'static, EcPointFormat> = List::from_items(&[EcPointFormat::UNCOMPRESSED]);

/// What a client offers.
pub(crate) const fn offer() -> ClientExtension<'static> {
    ClientExtension::EcPointFormats(UNCOMPRESSED)
}

/// Reads the client's list: whether it sent one, and an error when it cannot take uncompressed points.
pub(crate) fn check_client(extensions: &ClientExtensions<'_>) -> Result<bool, ErrorKind> {
    let formats = super::client(extensions, |extension| match extension {
        ClientExtension::EcPointFormats(formats) => Some(formats),
        _ => None,
    });
    check(formats.as_ref())
}

/// What a server answers to a client that sent a list.
pub(crate) fn answer(client_sent: bool) -> Option<ServerExtension<'static>> {
    client_sent.then_some(ServerExtension::EcPointFormats(UNCOMPRESSED))
}

/// Reads the server's list.
pub(crate) fn check_server(extensions: &ServerExtensions<'_>) -> Result<(), ErrorKind> {
    let formats = super::server(extensions, |extension| match extension {
        ServerExtension::EcPointFormats(formats) => Some(formats),
        _ => None,
    });
    check(formats.as_ref()).map(|_| ())
}

fn check(formats: Option<&List<'_, EcPointFormat>>) -> Result<bool, ErrorKind> {
    match formats {
        Some(formats) if !formats.contains(&EcPointFormat::UNCOMPRESSED) => {
            Err(ErrorKind::NoUncompressedPoints)
        }
        formats => Ok(formats.is_some()),
    }
}
