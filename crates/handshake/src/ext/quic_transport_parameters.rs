//! quic_transport_parameters (RFC 9001 section 8.2). Both sides send it if the transport is QUIC, and neither
//! sends it otherwise.

use super::ClientExtensions;
use crate::{error::HandshakeErrorKind, quic::Quic};
use cairn_wire::{ClientExtension, EncryptedExtension};

/// The client's parameters.
pub(crate) fn offer(quic: Option<&Quic>) -> Option<ClientExtension<'_>> {
    quic.map(|quic| ClientExtension::QuicTransportParameters(&quic.ours.transport_parameters))
}

/// The server's parameters.
pub(crate) fn response(quic: Option<&Quic>) -> Option<EncryptedExtension<'_>> {
    quic.map(|quic| EncryptedExtension::QuicTransportParameters(&quic.ours.transport_parameters))
}

/// The parameters in ClientHello.
pub(crate) const fn of_client<'a>(extensions: &ClientExtensions<'a>) -> Option<&'a [u8]> {
    extensions.quic_transport_parameters
}

/// Checks that a ClientHello over TCP has none. RFC 9001 section 8.2: "A fatal unsupported_extension alert
/// MUST be sent by an implementation that supports this extension if the extension is received when the
/// transport is not QUIC."
pub(crate) const fn check_absent(extensions: &ClientExtensions<'_>) -> Result<(), HandshakeErrorKind> {
    match extensions.quic_transport_parameters {
        None => Ok(()),
        Some(_) => Err(HandshakeErrorKind::TransportParametersWithoutQuic),
    }
}
