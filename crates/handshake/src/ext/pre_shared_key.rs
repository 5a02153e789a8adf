//! pre_shared_key, psk_key_exchange_modes and ticket_request of a ClientHello (RFC 9846 sections 4.3.9 and
//! 4.3.11, RFC 9149).

use super::ClientExtensions;
use crate::error::HandshakeErrorKind;
use cairn_wire::{ClientHello, ClientTicketRequest, ExtensionType, List, OfferedPsks, PskKeyExchangeMode};

/// The client's PSKs, after the checks that do not depend on whether one is used.
pub(crate) fn offered<'a>(
    hello: &ClientHello<'a>,
    extensions: &ClientExtensions<'a>,
) -> Result<Option<OfferedPsks<'a>>, HandshakeErrorKind> {
    let Some(psks) = extensions.pre_shared_key else { return Ok(None) };
    let psks = psks.get()?;
    // RFC 9846 section 4.3.11: "Servers MUST check that it is the last extension and otherwise fail the
    // handshake with an "illegal_parameter" alert."
    let last = hello.extensions.and_then(|extensions| extensions.types().last());
    if last != Some(ExtensionType::PRE_SHARED_KEY) {
        return Err(HandshakeErrorKind::PreSharedKeyNotLast);
    }
    if psks.identities.len() != psks.binders.len() {
        return Err(HandshakeErrorKind::WrongBinderCount);
    }
    // Section 4.3.9: "If clients offer "pre_shared_key" without a "psk_key_exchange_modes" extension, servers
    // MUST abort the handshake."
    if extensions.psk_key_exchange_modes.is_none() {
        return Err(HandshakeErrorKind::MissingExtension(ExtensionType::PSK_KEY_EXCHANGE_MODES));
    }
    Ok(Some(psks))
}

/// The modes in which the client can use PSKs, those of this hello and of later tickets.
pub(crate) fn modes<'a>(
    extensions: &ClientExtensions<'a>,
) -> Result<Option<List<'a, PskKeyExchangeMode>>, HandshakeErrorKind> {
    Ok(extensions.psk_key_exchange_modes.map(|modes| modes.get()).transpose()?.map(|modes| modes.ke_modes))
}

/// The numbers of tickets that the client requests.
pub(crate) fn ticket_request(
    extensions: &ClientExtensions<'_>,
) -> Result<Option<ClientTicketRequest>, HandshakeErrorKind> {
    Ok(extensions.ticket_request.map(|request| request.get()).transpose()?)
}
