//! Descriptions of messages of TLS 1.2.

use super::shared::{authorities, chain, client_hello, ocsp_response, session};
use crate::show::count;
use cairn_tls::wire::{
    ExtensionType, HandshakeMessage, KeyExchangeAlgorithm, NamedGroup, Reader, ServerExtension, ServerHello,
    ServerKeyExchange, ServerParams,
};

pub(super) fn of(
    message: &HandshakeMessage<'_>,
    key_exchange: Option<KeyExchangeAlgorithm>,
) -> Option<String> {
    Some(match message {
        HandshakeMessage::ClientHello(hello) => client_hello(hello),
        HandshakeMessage::ServerHello(hello) => server_hello(hello),
        HandshakeMessage::Certificate(message) => {
            let list = &message.certificate_list;
            chain(list.len(), list.first().map(|first| first.0))
        }
        HandshakeMessage::CertificateStatus(message) => ocsp_response(message.response),
        HandshakeMessage::ServerKeyExchange(body) => server_key_exchange(body, key_exchange?)?,
        HandshakeMessage::CertificateRequest(request) => format!(
            "{}, {}",
            count(request.supported_signature_algorithms.len(), "signature scheme"),
            authorities(request.certificate_authorities.len())
        ),
        HandshakeMessage::NewSessionTicket(message) => format!("ticket of {} bytes", message.ticket.len()),
        HandshakeMessage::CertificateVerify(message) => format!("signed with {}", message.signed.algorithm),
        HandshakeMessage::ClientKeyExchange(body) => {
            format!("public value of {} bytes", body.len().saturating_sub(1))
        }
        HandshakeMessage::Finished(finished) => {
            format!("verify_data of {} bytes", finished.verify_data.len())
        }
        _ => String::new(),
    })
}

fn server_hello(hello: &ServerHello<'_>) -> String {
    let mut gist = vec![hello.cipher_suite.to_string()];
    let alpn =
        hello.extensions.and_then(|block| block.get(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION));
    if let Some(ServerExtension::ApplicationLayerProtocolNegotiation(name)) = alpn {
        gist.push(format!("ALPN {}", name.0.escape_ascii()));
    }
    gist.push(session(&hello.session_id));
    gist.join(", ")
}

fn server_key_exchange(body: &[u8], key_exchange: KeyExchangeAlgorithm) -> Option<String> {
    match ServerKeyExchange::decode(key_exchange, &mut Reader::new(body)).ok()? {
        ServerKeyExchange::SignedParams { params: ServerParams::Ecdh(params), signature } => {
            Some(format!("{}, signed with {}", params.curve, signature.algorithm))
        }
        _ => None,
    }
}

/// The group of the parameters in a ServerKeyExchange.
pub(super) fn server_group(body: &[u8], key_exchange: KeyExchangeAlgorithm) -> Option<NamedGroup> {
    match ServerKeyExchange::decode(key_exchange, &mut Reader::new(body)).ok()?.params()? {
        ServerParams::Ecdh(params) => Some(params.curve),
        ServerParams::Dh(_) => None,
    }
}
