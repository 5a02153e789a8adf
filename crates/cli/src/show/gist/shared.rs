//! The common parts of the descriptions of both versions.

use crate::{
    names::list,
    show::{count, hex_start},
};
use cairn_tls::{
    wire::{ClientExtension, ClientHello, ExtensionType, List, ProtocolName, SessionId},
    x509::{CertificateFacts, ocsp},
};

pub(super) fn client_hello(hello: &ClientHello<'_>) -> String {
    let mut gist = vec![count(hello.cipher_suites.len(), "cipher suite")];
    let extension = |extension_type| hello.extensions.as_ref().and_then(|block| block.get(extension_type));
    if let Some(ClientExtension::SupportedGroups(groups)) = extension(ExtensionType::SUPPORTED_GROUPS) {
        gist.push(count(groups.len(), "group"));
    }
    if let Some(ClientExtension::KeyShare(shares)) = extension(ExtensionType::KEY_SHARE)
        && let Ok(shares) = shares.get()
    {
        let groups: Vec<_> = shares.client_shares.iter().map(|share| share.group).collect();
        gist.push(format!("shares of {}", list(&groups, ToString::to_string)));
    }
    if let Some(ClientExtension::ApplicationLayerProtocolNegotiation(names)) =
        extension(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION)
    {
        gist.push(format!("ALPN {}", protocols(&names)));
    }
    // The legacy_session_id of a client of TLS 1.3 names no session (RFC 9846 section 4.2.2).
    match extension(ExtensionType::SESSION_TICKET) {
        Some(ClientExtension::SessionTicket(ticket @ [_, ..])) => {
            gist.push(format!("ticket of {} bytes", ticket.len()));
        }
        _ if extension(ExtensionType::KEY_SHARE).is_some() => {}
        _ => gist.push(session(&hello.session_id)),
    }
    gist.join(", ")
}

fn protocols(names: &List<'_, ProtocolName<'_>>) -> String {
    let names: Vec<ProtocolName<'_>> = names.iter().collect();
    list(&names, |name| name.0.escape_ascii().to_string())
}

pub(super) fn session(id: &SessionId) -> String {
    if id.as_bytes().is_empty() {
        "no session".into()
    } else {
        format!("session {}", hex_start(id.as_bytes()))
    }
}

/// A chain of certificates with its first one.
pub(super) fn chain(length: usize, first: Option<&[u8]>) -> String {
    let certificates = count(length, "certificate");
    match first.and_then(|first| CertificateFacts::from_der(first).ok()) {
        Some(facts) => format!("{certificates}: {}", facts.subject),
        None => certificates,
    }
}

pub(super) fn authorities(number: usize) -> String {
    match number {
        1 => "1 authority".into(),
        many => format!("{many} authorities"),
    }
}

pub(super) fn ocsp_response(response: &[u8]) -> String {
    match ocsp::statements(response) {
        Ok(statements) => format!("OCSP: {}", list(&statements, ToString::to_string)),
        Err(error) => error.to_string(),
    }
}
