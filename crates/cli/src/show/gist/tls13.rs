//! Descriptions of messages of TLS 1.3.

use super::{
    compressed,
    shared::{authorities, chain, client_hello, ocsp_response},
};
use crate::show::count;
use cairn_tls::wire::{
    AnyServerHello, CertificateEntryExtension, CertificateRequestExtension, CompressedCertificate, Decode,
    EncryptedExtension, EncryptedExtensions, ExtensionType, HelloRetryExtension, HelloRetryRequest,
    KeyUpdateRequest, NewSessionTicketExtension, Tls13Certificate, Tls13CertificateRequest,
    Tls13HandshakeMessage, Tls13NewSessionTicket, Tls13ServerExtension, Tls13ServerHello,
};

pub(super) fn of(message: &Tls13HandshakeMessage<'_>) -> Option<String> {
    Some(match message {
        Tls13HandshakeMessage::ClientHello(hello) => client_hello(hello),
        Tls13HandshakeMessage::ServerHello(AnyServerHello::Tls13(hello)) => server_hello(hello),
        Tls13HandshakeMessage::ServerHello(AnyServerHello::HelloRetryRequest(request)) => retry(request),
        Tls13HandshakeMessage::EncryptedExtensions(message) => encrypted_extensions(message),
        Tls13HandshakeMessage::Certificate(message) => certificate(message),
        Tls13HandshakeMessage::CompressedCertificate(message) => compressed_certificate(message),
        Tls13HandshakeMessage::CertificateRequest(message) => certificate_request(message),
        Tls13HandshakeMessage::CertificateVerify(message) => {
            format!("signed with {}", message.signed.algorithm)
        }
        Tls13HandshakeMessage::Finished(finished) => {
            format!("verify_data of {} bytes", finished.verify_data.len())
        }
        Tls13HandshakeMessage::NewSessionTicket(message) => new_session_ticket(message),
        Tls13HandshakeMessage::KeyUpdate(message) => match message.request_update {
            KeyUpdateRequest::UpdateRequested => "new keys from here on, and the peer's wanted too".into(),
            KeyUpdateRequest::UpdateNotRequested => "new keys from here on".into(),
        },
        _ => return None,
    })
}

fn server_hello(hello: &Tls13ServerHello<'_>) -> String {
    let mut gist = vec![hello.cipher_suite.to_string()];
    if let Some(Tls13ServerExtension::KeyShare(share)) = hello.extensions.get(ExtensionType::KEY_SHARE) {
        gist.push(format!("share of {}", share.group));
    }
    if let Some(Tls13ServerExtension::PreSharedKey(index)) =
        hello.extensions.get(ExtensionType::PRE_SHARED_KEY)
    {
        gist.push(format!("the client's pre-shared key {index}"));
    }
    gist.join(", ")
}

fn retry(request: &HelloRetryRequest<'_>) -> String {
    let mut gist = vec![request.cipher_suite.to_string()];
    if let Some(HelloRetryExtension::KeyShare(group)) = request.extensions.get(ExtensionType::KEY_SHARE) {
        gist.push(format!("wants a share of {group}"));
    }
    if let Some(HelloRetryExtension::Cookie(_)) = request.extensions.get(ExtensionType::COOKIE) {
        gist.push("wants its cookie back".into());
    }
    gist.join(", ")
}

fn encrypted_extensions(message: &EncryptedExtensions<'_>) -> String {
    let mut gist = vec![count(message.extensions.len(), "extension")];
    if let Some(EncryptedExtension::ApplicationLayerProtocolNegotiation(name)) =
        message.extensions.get(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION)
    {
        gist.push(format!("ALPN {}", name.0.escape_ascii()));
    }
    if let Some(EncryptedExtension::EarlyData) = message.extensions.get(ExtensionType::EARLY_DATA) {
        gist.push("early data accepted".into());
    }
    gist.join(", ")
}

fn certificate(message: &Tls13Certificate<'_>) -> String {
    let first = message.certificate_list.first();
    let chain = chain(message.certificate_list.len(), first.map(|first| first.cert_data));
    match first.and_then(|first| first.extensions.get(ExtensionType::STATUS_REQUEST)) {
        Some(CertificateEntryExtension::StatusRequest(status)) => {
            format!("{chain}, {}", ocsp_response(status.response))
        }
        _ => chain,
    }
}

fn compressed_certificate(message: &CompressedCertificate<'_>) -> String {
    let compression = format!("{}, {} bytes uncompressed", message.algorithm, message.uncompressed_length);
    let body = compressed::certificate(message);
    match body.as_deref().map(Tls13Certificate::decode_exact) {
        Some(Ok(message)) => format!("{compression}, {}", certificate(&message)),
        _ => compression,
    }
}

fn certificate_request(message: &Tls13CertificateRequest<'_>) -> String {
    let mut gist = Vec::new();
    if let Some(CertificateRequestExtension::SignatureAlgorithms(schemes)) =
        message.extensions.get(ExtensionType::SIGNATURE_ALGORITHMS)
    {
        gist.push(count(schemes.len(), "signature scheme"));
    }
    if let Some(CertificateRequestExtension::CertificateAuthorities(names)) =
        message.extensions.get(ExtensionType::CERTIFICATE_AUTHORITIES)
    {
        gist.push(authorities(names.authorities.len()));
    }
    gist.join(", ")
}

fn new_session_ticket(message: &Tls13NewSessionTicket<'_>) -> String {
    let ticket = format!("ticket of {} bytes, for {} s", message.ticket.len(), message.ticket_lifetime);
    match message.extensions.get(ExtensionType::EARLY_DATA) {
        Some(NewSessionTicketExtension::EarlyData(bytes)) => {
            format!(
                "{ticket}, with {} of early data",
                count(usize::try_from(bytes).unwrap_or(usize::MAX), "byte")
            )
        }
        _ => ticket,
    }
}
