//! Descriptions of messages of TLS 1.2.

use super::shared::{authorities, chain, client_hello, ocsp_response, session};
use crate::show::count;
use cairn_tls::wire::{
    ClientKeyExchange, ExchangeKeys, ExtensionType, HandshakeMessage, KeyExchangeAlgorithm, NamedGroup,
    Reader, ServerExtension, ServerHello, ServerKeyExchange, ServerParams,
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
        HandshakeMessage::ClientKeyExchange(body) => client_key_exchange(body, key_exchange?)?,
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
    let message = ServerKeyExchange::decode(key_exchange, &mut Reader::new(body)).ok()?;
    let group = message.params().map(|params| match params {
        ServerParams::Ecdh(params) => params.curve.to_string(),
        ServerParams::Dh(params) => format!("finite field of {} bits", params.dh_p.len().saturating_mul(8)),
    });
    let signature = message.signature().map(|signature| format!("signed with {}", signature.algorithm));
    Some(group.into_iter().chain(signature).collect::<Vec<_>>().join(", "))
}

fn client_key_exchange(body: &[u8], key_exchange: KeyExchangeAlgorithm) -> Option<String> {
    let message = ClientKeyExchange::decode(key_exchange, &mut Reader::new(body)).ok()?;
    let identity = message.psk_identity.map(|identity| format!("PSK {}", identity.escape_ascii()));
    let keys = message.exchange_keys.map(|keys| {
        let length = count(keys.as_bytes().len(), "byte");
        match keys {
            ExchangeKeys::Dh(_) | ExchangeKeys::Ecdh(_) => format!("public value of {length}"),
            ExchangeKeys::Rsa(_) => format!("encrypted premaster secret of {length}"),
        }
    });
    Some(identity.into_iter().chain(keys).collect::<Vec<_>>().join(", "))
}

/// The group of the parameters in a ServerKeyExchange.
pub(super) fn server_group(body: &[u8], key_exchange: KeyExchangeAlgorithm) -> Option<NamedGroup> {
    match ServerKeyExchange::decode(key_exchange, &mut Reader::new(body)).ok()?.params()? {
        ServerParams::Ecdh(params) => Some(params.curve),
        ServerParams::Dh(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_exchanges_are_described_by_their_algorithm() {
        use KeyExchangeAlgorithm as K;
        for (key_exchange, client, expected) in [
            (K::Ecdhe, &[2, 7, 7][..], "public value of 2 bytes"),
            (K::Dhe, &[0, 3, 7, 7, 7], "public value of 3 bytes"),
            (K::Rsa, &[0, 1, 7], "encrypted premaster secret of 1 byte"),
            (K::Psk, &[0, 2, b'm', b'e'], "PSK me"),
            (K::EcdhePsk, &[0, 1, 0x1b, 1, 7], "PSK \\x1b, public value of 1 byte"),
        ] {
            let message = HandshakeMessage::ClientKeyExchange(client);
            assert_eq!(of(&message, Some(key_exchange)).as_deref(), Some(expected));
            assert_eq!(of(&message, None), None);
        }
        let signature = [4, 1, 0, 1, 9];
        for (key_exchange, server, expected) in [
            (K::Ecdhe, [&[3, 0, 29, 1, 7][..], &signature].concat(), "x25519, signed with rsa_pkcs1_sha256"),
            (
                K::Dhe,
                [&[0, 2, 0xff, 0xfb, 0, 1, 2, 0, 1, 3][..], &signature].concat(),
                "finite field of 16 bits, signed with rsa_pkcs1_sha256",
            ),
            (K::EcdhePsk, vec![0, 0, 3, 0, 29, 1, 7], "x25519"),
            (K::Psk, vec![0, 1, b'h'], ""),
        ] {
            let message = HandshakeMessage::ServerKeyExchange(&server);
            assert_eq!(of(&message, Some(key_exchange)).as_deref(), Some(expected));
        }
    }
}
