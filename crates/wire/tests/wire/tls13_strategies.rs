//! Strategies for arbitrary messages of TLS 1.3.

use cairn_wire::*;
use proptest::prelude::*;

use crate::strategies::{block, bytes, client_hello, code, leak, list, session_id, signed};

/// Content of a ClientHello's extension.
fn deferred<T>(content: impl Strategy<Value = T>) -> impl Strategy<Value = Deferred<'static, T>>
where
    T: Decode<'static> + Clone + core::fmt::Debug + 'static,
{
    content.prop_map(|content| Deferred::new(Box::leak(Box::new(content))))
}

fn empty() -> impl Strategy<Value = Deferred<'static, Empty>> {
    deferred(Just(Empty))
}

fn share() -> impl Strategy<Value = KeyShareEntry<'static>> {
    (code!(NamedGroup), bytes(1, 100)).prop_map(|(group, key_exchange)| KeyShareEntry { group, key_exchange })
}

pub(crate) fn offered_psks() -> impl Strategy<Value = OfferedPsks<'static>> {
    let identity = (bytes(1, 100), any::<u32>())
        .prop_map(|(identity, obfuscated_ticket_age)| PskIdentity { identity, obfuscated_ticket_age });
    (list(identity, 1, 4), list(bytes(32, 255).prop_map(PskBinderEntry), 1, 4))
        .prop_map(|(identities, binders)| OfferedPsks { identities, binders })
}

fn authorities() -> impl Strategy<Value = CertificateAuthorities<'static>> {
    list(bytes(1, 60).prop_map(DistinguishedName), 1, 4)
        .prop_map(|authorities| CertificateAuthorities { authorities })
}

fn algorithms() -> impl Strategy<Value = CertificateCompressionAlgorithms<'static>> {
    list(code!(CertificateCompressionAlgorithm), 1, 127)
        .prop_map(|algorithms| CertificateCompressionAlgorithms { algorithms })
}

fn oid_filters() -> impl Strategy<Value = OidFilters<'static>> {
    let filter = (bytes(1, 255), bytes(0, 60)).prop_map(|(oid, values)| OidFilter {
        certificate_extension_oid: oid,
        certificate_extension_values: values,
    });
    list(filter, 0, 4).prop_map(|filters| OidFilters { filters })
}

/// The extensions of a ClientHello that only TLS 1.3 uses.
pub(crate) fn client_extension() -> impl Strategy<Value = ClientExtension<'static>> {
    let modes = list(code!(PskKeyExchangeMode), 1, 255).prop_map(|ke_modes| PskKeyExchangeModes { ke_modes });
    let shares = list(share(), 0, 4).prop_map(|client_shares| KeyShareClientHello { client_shares });
    let tickets = any::<(u8, u8)>().prop_map(|(new_session_count, resumption_count)| ClientTicketRequest {
        new_session_count,
        resumption_count,
    });
    prop_oneof![
        deferred(algorithms()).prop_map(ClientExtension::CompressCertificate),
        empty().prop_map(ClientExtension::TlsCertWithExternPsk),
        deferred(offered_psks()).prop_map(ClientExtension::PreSharedKey),
        empty().prop_map(ClientExtension::EarlyData),
        deferred(bytes(1, 300).prop_map(Cookie)).prop_map(ClientExtension::Cookie),
        deferred(modes).prop_map(ClientExtension::PskKeyExchangeModes),
        deferred(authorities()).prop_map(ClientExtension::CertificateAuthorities),
        empty().prop_map(ClientExtension::PostHandshakeAuth),
        deferred(shares).prop_map(ClientExtension::KeyShare),
        deferred(tickets).prop_map(ClientExtension::TicketRequest),
    ]
}

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
        schemes().prop_map(CertificateRequestExtension::DelegatedCredential),
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
