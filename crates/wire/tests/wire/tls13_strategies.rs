//! Strategies for arbitrary messages of TLS 1.3.

use cairn_wire::*;
use proptest::prelude::*;

use crate::parts::{block, bytes, code, leak, list};
use crate::strategies::{client_hello, session_id, signed};
use crate::tls13_extensions::{self, algorithms, authorities, delegated_credential, oid_filters, share};

/// An extension that the message does not decode.
macro_rules! unknown {
    ($type:ident) => {
        (any::<u16>(), bytes(0, 50))
            .prop_map(|(code, data)| $type::Unknown { extension_type: ExtensionType(code), data })
            .prop_filter("decoded or misplaced", |unknown| {
                ExtensionMessage::allowed(unknown.extension_type()).is_none()
            })
    };
}

fn server_extension() -> impl Strategy<Value = Tls13ServerExtension<'static>> {
    prop_oneof![
        Just(Tls13ServerExtension::TlsCertWithExternPsk),
        any::<u16>().prop_map(Tls13ServerExtension::PreSharedKey),
        share().prop_map(Tls13ServerExtension::KeyShare),
        unknown!(Tls13ServerExtension),
    ]
}

fn hello_retry_extension() -> impl Strategy<Value = HelloRetryExtension<'static>> {
    prop_oneof![
        code!(ProtocolVersion).prop_map(HelloRetryExtension::SupportedVersions),
        bytes(1, 300).prop_map(|cookie| HelloRetryExtension::Cookie(Cookie(cookie))),
        code!(NamedGroup).prop_map(HelloRetryExtension::KeyShare),
        unknown!(HelloRetryExtension),
    ]
}

fn encrypted_extension() -> impl Strategy<Value = EncryptedExtension<'static>> {
    prop_oneof![
        Just(EncryptedExtension::ServerName),
        Just(EncryptedExtension::EarlyData),
        code!(MaxFragmentLengthCode).prop_map(EncryptedExtension::MaxFragmentLength),
        list(code!(NamedGroup), 1, 20).prop_map(EncryptedExtension::SupportedGroups),
        bytes(1, 255)
            .prop_map(|name| EncryptedExtension::ApplicationLayerProtocolNegotiation(ProtocolName(name))),
        code!(CertificateType).prop_map(EncryptedExtension::ClientCertificateType),
        code!(CertificateType).prop_map(EncryptedExtension::ServerCertificateType),
        any::<u16>().prop_map(EncryptedExtension::RecordSizeLimit),
        any::<u8>().prop_map(EncryptedExtension::TicketRequest),
        bytes(0, 100).prop_map(EncryptedExtension::QuicTransportParameters),
        unknown!(EncryptedExtension),
    ]
}

fn certificate_entry() -> impl Strategy<Value = CertificateEntry<'static>> {
    let status = bytes(1, 100)
        .prop_map(|response| CertificateStatus { status_type: CertificateStatusType::OCSP, response });
    let extension = prop_oneof![
        status.prop_map(CertificateEntryExtension::StatusRequest),
        list(bytes(1, 130).prop_map(SerializedSct), 1, 3)
            .prop_map(CertificateEntryExtension::SignedCertificateTimestamp),
        delegated_credential().prop_map(CertificateEntryExtension::DelegatedCredential),
        unknown!(CertificateEntryExtension),
    ];
    (bytes(1, 300), block(extension))
        .prop_map(|(cert_data, extensions)| CertificateEntry { cert_data, extensions })
}

fn certificate_request_extension() -> impl Strategy<Value = CertificateRequestExtension<'static>> {
    let schemes = || list(code!(SignatureScheme), 1, 30);
    prop_oneof![
        Just(CertificateRequestExtension::StatusRequest),
        Just(CertificateRequestExtension::SignedCertificateTimestamp),
        schemes().prop_map(CertificateRequestExtension::SignatureAlgorithms),
        schemes().prop_map(CertificateRequestExtension::SignatureAlgorithmsCert),
        algorithms().prop_map(CertificateRequestExtension::CompressCertificate),
        tls13_extensions::schemes().prop_map(CertificateRequestExtension::DelegatedCredential),
        authorities().prop_map(CertificateRequestExtension::CertificateAuthorities),
        oid_filters().prop_map(CertificateRequestExtension::OidFilters),
        unknown!(CertificateRequestExtension),
    ]
}

fn server_hello() -> impl Strategy<Value = AnyServerHello<'static>> {
    // With supported_versions in front, which every ServerHello of TLS 1.3 has.
    let extensions = proptest::collection::vec(server_extension(), 0..6).prop_map(|mut extensions| {
        extensions.insert(0, Tls13ServerExtension::SupportedVersions(ProtocolVersion::TLS_1_3));
        let mut seen = std::collections::HashSet::new();
        extensions.retain(|extension| seen.insert(extension.extension_type()));
        Extensions::from_items(leak(extensions))
    });
    (code!(ProtocolVersion), any::<[u8; 32]>(), session_id(), code!(CipherSuite), extensions).prop_map(
        |(legacy_version, random, legacy_session_id_echo, cipher_suite, extensions)| {
            AnyServerHello::Tls13(Tls13ServerHello {
                legacy_version,
                random: Random(random),
                legacy_session_id_echo,
                cipher_suite,
                legacy_compression_method: CompressionMethod::NULL,
                extensions,
            })
        },
    )
}

fn hello_retry_request() -> impl Strategy<Value = AnyServerHello<'static>> {
    let extensions = block(hello_retry_extension())
        .prop_filter("at least 6 bytes", |block| block.to_vec().unwrap().len() >= 2 + 6);
    (code!(ProtocolVersion), session_id(), code!(CipherSuite), code!(CompressionMethod), extensions).prop_map(
        |(legacy_version, legacy_session_id_echo, cipher_suite, legacy_compression_method, extensions)| {
            AnyServerHello::HelloRetryRequest(HelloRetryRequest {
                legacy_version,
                legacy_session_id_echo,
                cipher_suite,
                legacy_compression_method,
                extensions,
            })
        },
    )
}

fn new_session_ticket() -> impl Strategy<Value = Tls13NewSessionTicket<'static>> {
    let extension = prop_oneof![
        any::<u32>().prop_map(NewSessionTicketExtension::EarlyData),
        unknown!(NewSessionTicketExtension)
    ];
    (any::<u32>(), any::<u32>(), bytes(0, 255), bytes(1, 300), block(extension)).prop_map(
        |(ticket_lifetime, ticket_age_add, ticket_nonce, ticket, extensions)| Tls13NewSessionTicket {
            ticket_lifetime,
            ticket_age_add,
            ticket_nonce,
            ticket,
            extensions,
        },
    )
}

/// All messages of TLS 1.3.
pub(crate) fn tls13_message() -> impl Strategy<Value = Tls13HandshakeMessage<'static>> {
    use Tls13HandshakeMessage as Message;
    let requests = vec![KeyUpdateRequest::UpdateNotRequested, KeyUpdateRequest::UpdateRequested];
    prop_oneof![
        client_hello().prop_map(Message::ClientHello),
        server_hello().prop_map(Message::ServerHello),
        hello_retry_request().prop_map(Message::ServerHello),
        new_session_ticket().prop_map(Message::NewSessionTicket),
        Just(Message::EndOfEarlyData(EndOfEarlyData)),
        block(encrypted_extension())
            .prop_map(|extensions| Message::EncryptedExtensions(EncryptedExtensions { extensions })),
        (bytes(0, 255), list(certificate_entry(), 0, 4)).prop_map(
            |(certificate_request_context, certificate_list)| {
                Message::Certificate(Tls13Certificate { certificate_request_context, certificate_list })
            }
        ),
        (bytes(0, 255), block(certificate_request_extension())).prop_map(
            |(certificate_request_context, extensions)| {
                Message::CertificateRequest(Tls13CertificateRequest {
                    certificate_request_context,
                    extensions,
                })
            }
        ),
        signed().prop_map(|signed| Message::CertificateVerify(CertificateVerify { signed })),
        bytes(0, 64).prop_map(|verify_data| Message::Finished(Finished { verify_data })),
        proptest::sample::select(requests)
            .prop_map(|request_update| Message::KeyUpdate(KeyUpdate { request_update })),
        (code!(CertificateCompressionAlgorithm), 0..0x100_0000_u32, bytes(1, 300)).prop_map(
            |(algorithm, uncompressed_length, compressed_certificate_message)| {
                Message::CompressedCertificate(CompressedCertificate {
                    algorithm,
                    uncompressed_length,
                    compressed_certificate_message,
                })
            }
        ),
        (30..=253_u8, bytes(0, 100))
            .prop_map(|(code, body)| Message::Unknown { msg_type: HandshakeType(code), body }),
    ]
}
