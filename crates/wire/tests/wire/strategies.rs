//! Strategies for arbitrary messages. They leak the memory that the messages borrow.

use cairn_wire::*;
use proptest::prelude::*;

use crate::parts::{block, bytes, code, leak, list};
use crate::tls13_extensions as tls13;

pub(crate) type ClientBlock = Extensions<'static, ClientExtension<'static>>;
pub(crate) type ServerBlock = Extensions<'static, ServerExtension<'static>>;

fn server_names() -> impl Strategy<Value = List<'static, ServerName<'static>>> {
    proptest::collection::btree_map(any::<u8>(), bytes(1, 40), 1..4).prop_map(|names| {
        let names = names.into_iter().map(|(code, name)| ServerName { name_type: NameType(code), name });
        List::from_items(leak(names.collect()))
    })
}

pub(crate) fn status_request() -> impl Strategy<Value = CertificateStatusRequest<'static>> {
    prop_oneof![
        (list(bytes(1, 20).prop_map(ResponderId), 0, 3), bytes(0, 20)).prop_map(|(ids, extensions)| {
            CertificateStatusRequest::Ocsp(OcspStatusRequest {
                responder_id_list: ids,
                request_extensions: extensions,
            })
        }),
        (2..=255_u8, bytes(0, 20)).prop_map(|(code, request)| CertificateStatusRequest::Unknown {
            status_type: CertificateStatusType(code),
            request,
        }),
    ]
}

fn client_extension() -> impl Strategy<Value = ClientExtension<'static>> {
    let schemes = || list(code!(SignatureScheme), 1, 30);
    let certificate_types = || list(code!(CertificateType), 1, 5);
    let lists = prop_oneof![
        server_names().prop_map(ClientExtension::ServerName),
        list(code!(NamedGroup), 1, 20).prop_map(ClientExtension::SupportedGroups),
        list(code!(EcPointFormat), 1, 4).prop_map(ClientExtension::EcPointFormats),
        schemes().prop_map(ClientExtension::SignatureAlgorithms),
        schemes().prop_map(ClientExtension::SignatureAlgorithmsCert),
        list(bytes(1, 255).prop_map(ProtocolName), 1, 5)
            .prop_map(ClientExtension::ApplicationLayerProtocolNegotiation),
        certificate_types().prop_map(ClientExtension::ClientCertificateTypes),
        certificate_types().prop_map(ClientExtension::ServerCertificateTypes),
        list(code!(ProtocolVersion), 1, 127).prop_map(ClientExtension::SupportedVersions),
    ];
    let others = prop_oneof![
        code!(MaxFragmentLengthCode).prop_map(ClientExtension::MaxFragmentLength),
        status_request().prop_map(ClientExtension::StatusRequest),
        Just(ClientExtension::SignedCertificateTimestamp),
        bytes(0, 500).prop_map(ClientExtension::Padding),
        Just(ClientExtension::EncryptThenMac),
        Just(ClientExtension::ExtendedMasterSecret),
        any::<u16>().prop_map(ClientExtension::RecordSizeLimit),
        bytes(0, 100).prop_map(ClientExtension::QuicTransportParameters),
        bytes(0, 300).prop_map(ClientExtension::SessionTicket),
        bytes(0, 255).prop_map(ClientExtension::RenegotiationInfo),
    ];
    let unknown = (any::<u16>(), bytes(0, 50))
        .prop_map(|(code, data)| ClientExtension::Unknown { extension_type: ExtensionType(code), data })
        .prop_filter("laid out", |unknown| {
            let empty = &mut Reader::new(&[]);
            matches!(
                <ClientExtension<'_> as Extension<'_>>::decode_data(unknown.extension_type(), empty),
                Ok(ClientExtension::Unknown { .. })
            )
        });
    prop_oneof![lists, others, tls13::client_extension(), unknown]
}

fn server_extension() -> impl Strategy<Value = ServerExtension<'static>> {
    let empty = prop_oneof![
        Just(ServerExtension::ServerName),
        Just(ServerExtension::StatusRequest),
        Just(ServerExtension::EncryptThenMac),
        Just(ServerExtension::ExtendedMasterSecret),
        Just(ServerExtension::SessionTicket),
    ];
    let others = prop_oneof![
        code!(MaxFragmentLengthCode).prop_map(ServerExtension::MaxFragmentLength),
        list(code!(NamedGroup), 1, 20).prop_map(ServerExtension::SupportedGroups),
        list(code!(EcPointFormat), 1, 4).prop_map(ServerExtension::EcPointFormats),
        bytes(1, 255)
            .prop_map(|name| ServerExtension::ApplicationLayerProtocolNegotiation(ProtocolName(name))),
        list(bytes(1, 130).prop_map(SerializedSct), 1, 3)
            .prop_map(ServerExtension::SignedCertificateTimestamp),
        code!(CertificateType).prop_map(ServerExtension::ClientCertificateType),
        code!(CertificateType).prop_map(ServerExtension::ServerCertificateType),
        any::<u16>().prop_map(ServerExtension::RecordSizeLimit),
        code!(ProtocolVersion).prop_map(ServerExtension::SupportedVersions),
        bytes(0, 255).prop_map(ServerExtension::RenegotiationInfo),
    ];
    let unknown = (any::<u16>(), bytes(0, 50))
        .prop_map(|(code, data)| ServerExtension::Unknown { extension_type: ExtensionType(code), data })
        .prop_filter("laid out", |unknown| {
            let empty = &mut Reader::new(&[]);
            matches!(
                <ServerExtension<'_> as Extension<'_>>::decode_data(unknown.extension_type(), empty),
                Ok(ServerExtension::Unknown { .. })
            )
        });
    prop_oneof![empty, others, unknown]
}

pub(crate) fn client_block() -> impl Strategy<Value = ClientBlock> {
    block(client_extension())
}

pub(crate) fn server_block() -> impl Strategy<Value = ServerBlock> {
    block(server_extension())
}

pub(crate) fn session_id() -> impl Strategy<Value = SessionId> {
    bytes(0, 32).prop_map(|bytes| SessionId::new(bytes).unwrap())
}

pub(crate) fn client_hello() -> impl Strategy<Value = ClientHello<'static>> {
    (
        code!(ProtocolVersion),
        any::<[u8; 32]>().prop_map(Random),
        session_id(),
        list(code!(CipherSuite), 1, 40),
        list(code!(CompressionMethod), 1, 4),
        proptest::option::of(client_block()),
    )
        .prop_map(
            |(client_version, random, session_id, cipher_suites, compression_methods, extensions)| {
                ClientHello {
                    client_version,
                    random,
                    session_id,
                    cipher_suites,
                    compression_methods,
                    extensions,
                }
            },
        )
}

pub(crate) fn server_hello() -> impl Strategy<Value = ServerHello<'static>> {
    (
        code!(ProtocolVersion),
        any::<[u8; 32]>().prop_map(Random),
        session_id(),
        code!(CipherSuite),
        code!(CompressionMethod),
        proptest::option::of(server_block()),
    )
        .prop_map(
            |(server_version, random, session_id, cipher_suite, compression_method, extensions)| {
                ServerHello {
                    server_version,
                    random,
                    session_id,
                    cipher_suite,
                    compression_method,
                    extensions,
                }
            },
        )
}

pub(crate) fn signed() -> impl Strategy<Value = DigitallySigned<'static>> {
    (code!(SignatureScheme), bytes(0, 300))
        .prop_map(|(algorithm, signature)| DigitallySigned { algorithm, signature })
}

/// All messages except hellos.
pub(crate) fn other_message() -> impl Strategy<Value = HandshakeMessage<'static>> {
    prop_oneof![
        Just(HandshakeMessage::HelloRequest(HelloRequest)),
        Just(HandshakeMessage::ServerHelloDone(ServerHelloDone)),
        (any::<u32>(), bytes(0, 300)).prop_map(|(ticket_lifetime_hint, ticket)| {
            HandshakeMessage::NewSessionTicket(NewSessionTicket { ticket_lifetime_hint, ticket })
        }),
        list(bytes(1, 300).prop_map(Asn1Cert), 0, 4)
            .prop_map(|certificate_list| { HandshakeMessage::Certificate(Certificate { certificate_list }) }),
        bytes(0, 100).prop_map(HandshakeMessage::ServerKeyExchange),
        bytes(0, 100).prop_map(HandshakeMessage::ClientKeyExchange),
        (
            list(code!(ClientCertificateType), 1, 5),
            list(code!(SignatureScheme), 1, 20),
            list(bytes(1, 100).prop_map(DistinguishedName), 0, 4)
        )
            .prop_map(
                |(certificate_types, supported_signature_algorithms, certificate_authorities)| {
                    HandshakeMessage::CertificateRequest(CertificateRequest {
                        certificate_types,
                        supported_signature_algorithms,
                        certificate_authorities,
                    })
                }
            ),
        signed().prop_map(|signed| HandshakeMessage::CertificateVerify(CertificateVerify { signed })),
        bytes(0, 64).prop_map(|verify_data| HandshakeMessage::Finished(Finished { verify_data })),
        (code!(CertificateStatusType), bytes(1, 300)).prop_map(|(status_type, response)| {
            HandshakeMessage::CertificateStatus(CertificateStatus { status_type, response })
        }),
        (30..=253_u8, bytes(0, 100))
            .prop_map(|(code, body)| HandshakeMessage::Unknown { msg_type: HandshakeType(code), body }),
    ]
}

fn ecdh() -> impl Strategy<Value = ServerEcdhParams<'static>> {
    (code!(NamedGroup), bytes(1, 255)).prop_map(|(curve, public)| ServerEcdhParams { curve, public })
}

fn dh() -> impl Strategy<Value = ServerDhParams<'static>> {
    (bytes(1, 300), bytes(1, 4), bytes(1, 300)).prop_map(|(dh_p, dh_g, dh_ys)| ServerDhParams {
        dh_p,
        dh_g,
        dh_ys,
    })
}

/// Part of a message that the key exchange has or has not.
fn part<T: core::fmt::Debug + Clone + 'static>(
    is_there: bool,
    part: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Option<T>> {
    if is_there { part.prop_map(Some).boxed() } else { Just(None).boxed() }
}

fn key_exchange() -> impl Strategy<Value = KeyExchangeAlgorithm> {
    proptest::sample::select(&KeyExchangeAlgorithm::ALL[..])
}

/// A ServerKeyExchange and its key exchange. RSA has none.
pub(crate) fn server_key_exchange()
-> impl Strategy<Value = (KeyExchangeAlgorithm, ServerKeyExchange<'static>)> {
    key_exchange().prop_filter("RSA", |it| *it != KeyExchangeAlgorithm::Rsa).prop_flat_map(|algorithm| {
        let parts = algorithm.parts();
        let params = match parts.agreement {
            KeyAgreement::Dh => dh().prop_map(|params| Some(ServerParams::Dh(params))).boxed(),
            KeyAgreement::Ecdh => ecdh().prop_map(|params| Some(ServerParams::Ecdh(params))).boxed(),
            KeyAgreement::None | KeyAgreement::Rsa => Just(None).boxed(),
        };
        (Just(algorithm), bytes(0, 40), params, signed()).prop_map(|(algorithm, hint, params, signature)| {
            let message = match params {
                None => ServerKeyExchange::Hint(hint),
                Some(params) if algorithm.parts().psk => {
                    ServerKeyExchange::HintAndParams { psk_identity_hint: hint, params }
                }
                Some(params) if algorithm.parts().signed => {
                    ServerKeyExchange::SignedParams { params, signature }
                }
                Some(params) => ServerKeyExchange::Params(params),
            };
            (algorithm, message)
        })
    })
}

/// A ClientKeyExchange and its key exchange.
pub(crate) fn client_key_exchange()
-> impl Strategy<Value = (KeyExchangeAlgorithm, ClientKeyExchange<'static>)> {
    key_exchange().prop_flat_map(|algorithm| {
        let parts = algorithm.parts();
        let agreement = parts.agreement;
        let shortest = usize::from(agreement != KeyAgreement::Rsa);
        let longest = if agreement == KeyAgreement::Ecdh { 255 } else { 300 };
        (Just(algorithm), part(parts.psk, bytes(0, 40)), bytes(shortest, longest)).prop_map(
            move |(algorithm, psk_identity, keys)| {
                let exchange_keys = ExchangeKeys::new(agreement, keys);
                (algorithm, ClientKeyExchange { psk_identity, exchange_keys })
            },
        )
    })
}
