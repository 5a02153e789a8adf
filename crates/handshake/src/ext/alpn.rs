//! application_layer_protocol_negotiation (RFC 7301).
//!
//! It is negotiated in the same way if a session is resumed: "the previous contents of this extension are
//! irrelevant, and only the values in the new handshake messages are considered" (section 3.1).

use super::{ClientExtensions, ServerExtensions};
use crate::error::HandshakeErrorKind;
use alloc::{sync::Arc, vec::Vec};
use cairn_wire::{ClientExtension, List, ProtocolName, ServerExtension};

/// The client's offer.
pub(crate) fn offer<'a>(protocols: &'a [ProtocolName<'a>]) -> Option<ClientExtension<'a>> {
    (!protocols.is_empty())
        .then(|| ClientExtension::ApplicationLayerProtocolNegotiation(List::from_items(protocols)))
}

/// Chooses the first of the server's protocols that the client offers. Returns `None` if either side does not
/// use the extension.
///
/// RFC 7301 section 3.2: "In the event that the server supports no protocols that the client advertises, then
/// the server SHALL respond with a fatal 'no_application_protocol' alert."
pub(crate) fn choose(
    ours: &[Vec<u8>],
    extensions: &ClientExtensions<'_>,
) -> Result<Option<Arc<[u8]>>, HandshakeErrorKind> {
    match extensions.application_layer_protocol_negotiation {
        Some(theirs) if !ours.is_empty() => ours
            .iter()
            .find(|protocol| theirs.contains(&ProtocolName(protocol)))
            .map(|protocol| Some(protocol.as_slice().into()))
            .ok_or(HandshakeErrorKind::NoSharedApplicationProtocol),
        _ => Ok(None),
    }
}

/// The server's response.
pub(crate) fn response(chosen: Option<&[u8]>) -> Option<ServerExtension<'_>> {
    chosen.map(|protocol| ServerExtension::ApplicationLayerProtocolNegotiation(ProtocolName(protocol)))
}

/// Returns the server's choice, which must be one that the client offered (RFC 7301 section 3.2: "will only
/// select a protocol if the client supports it").
pub(crate) fn accept(
    ours: &[Vec<u8>],
    extensions: &ServerExtensions<'_>,
) -> Result<Option<Arc<[u8]>>, HandshakeErrorKind> {
    let chosen = extensions.application_layer_protocol_negotiation;
    match chosen {
        Some(protocol) => ours
            .iter()
            .find(|ours| ours.as_slice() == protocol.0)
            .map(|protocol| Some(protocol.as_slice().into()))
            .ok_or(HandshakeErrorKind::ApplicationProtocolNotOffered),
        None => Ok(None),
    }
}
