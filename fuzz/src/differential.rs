//! Our decoder compared with `tls-parser` on the same bytes. If both accept the input, the values are equal.
//! If only one accepts it, the reason is one of those listed here; any other difference is a finding in one
//! of the two.

use crate::streams::{all_streams, clear_messages};
use cairn_wire::{
    Alert, CertificateStatusType, ClientExtension, Decode, DecodeError, DecodeErrorKind, DigitallySigned,
    Encode, Extension, ExtensionType, Extensions, HandshakeMessage, HandshakeType, ProtocolVersion, Reader,
    RecordHeader, ServerDhParams, ServerEcdhParams, ServerExtension,
};
use tls_parser::{
    ECParametersContent, TlsClientHelloContents, TlsExtension, TlsMessage, TlsMessageHandshake,
    TlsServerHelloContents, parse_dh_params, parse_digitally_signed, parse_ecdh_params,
    parse_tls_client_hello_extension, parse_tls_message_alert, parse_tls_message_handshake,
    parse_tls_record_header, parse_tls_server_hello_extension,
};

/// The first byte determines what the rest is parsed as.
///
/// # Panics
/// If the two differ for a reason that is not listed.
pub fn run(input: &[u8]) {
    let Some((what, bytes)) = input.split_first() else { return };
    match what % 6 {
        0 => handshake(bytes),
        1 => record_header(bytes),
        2 => alert(bytes),
        3 => ecdh_params(bytes),
        4 => dh_params(bytes),
        _ => digitally_signed(bytes),
    }
}

/// Parses a value and returns the number of remaining bytes.
fn ours<'a, T: Decode<'a>>(bytes: &'a [u8]) -> Result<(usize, T), DecodeError> {
    let mut r = Reader::new(bytes);
    T::decode(&mut r).map(|value| (r.remaining(), value))
}

fn record_header(bytes: &[u8]) {
    match (ours::<RecordHeader>(bytes), parse_tls_record_header(bytes)) {
        (Ok((left, ours)), Ok((rest, theirs))) => {
            assert_eq!(left, rest.len());
            assert_eq!(ours.content_type.0, theirs.record_type.0);
            assert_eq!((ours.version.0, ours.length), (theirs.version.0, theirs.len));
        }
        (Err(_), Err(_)) => {}
        other => panic!("{other:?}"),
    }
}

fn alert(bytes: &[u8]) {
    match (ours::<Alert>(bytes), parse_tls_message_alert(bytes)) {
        (Ok((left, ours)), Ok((rest, TlsMessage::Alert(theirs)))) => {
            assert_eq!(left, rest.len());
            assert_eq!((ours.level.0, ours.description.0), (theirs.severity.0, theirs.code.0));
        }
        (Err(_), Err(_)) => {}
        other => panic!("{other:?}"),
    }
}

fn ecdh_params(bytes: &[u8]) {
    match (ours::<ServerEcdhParams<'_>>(bytes), parse_ecdh_params(bytes)) {
        (Ok((left, ours)), Ok((rest, theirs))) => {
            assert_eq!((left, ours.public), (rest.len(), theirs.public.point));
            match theirs.curve_params.params_content {
                ECParametersContent::NamedGroup(group) => assert_eq!(ours.curve.0, group.0),
                ECParametersContent::ExplicitPrime(_) => panic!("{ours:?}"),
            }
        }
        (Err(_), Err(_)) => {}
        // RFC 8422 section 5.4 permits only named curves, and a point is not empty.
        (Err(error), Ok((_, theirs))) => match error.kind {
            DecodeErrorKind::IllegalValue { .. } => assert_eq!(theirs.curve_params.curve_type.0, 1),
            DecodeErrorKind::LengthOutOfRange { length: 0, .. } => assert!(theirs.public.point.is_empty()),
            _ => panic!("{error}"),
        },
        (Ok(ours), Err(error)) => panic!("{ours:?}, {error}"),
    }
}

fn dh_params(bytes: &[u8]) {
    match (ours::<ServerDhParams<'_>>(bytes), parse_dh_params(bytes)) {
        (Ok((left, ours)), Ok((rest, theirs))) => {
            assert_eq!(left, rest.len());
            assert_eq!((ours.dh_p, ours.dh_g, ours.dh_ys), (theirs.dh_p, theirs.dh_g, theirs.dh_ys));
        }
        (Err(_), Err(_)) => {}
        // RFC 5246 section 7.4.3: none of the three is empty.
        (Err(error), Ok((_, theirs))) => {
            assert!(matches!(error.kind, DecodeErrorKind::LengthOutOfRange { length: 0, .. }), "{error}");
            assert!([theirs.dh_p, theirs.dh_g, theirs.dh_ys].iter().any(|number| number.is_empty()));
        }
        (Ok(ours), Err(error)) => panic!("{ours:?}, {error}"),
    }
}

fn digitally_signed(bytes: &[u8]) {
    match (ours::<DigitallySigned<'_>>(bytes), parse_digitally_signed(bytes)) {
        (Ok((left, ours)), Ok((rest, theirs))) => {
            let algorithm = theirs.alg.as_ref().map(|pair| u16::from_be_bytes([pair.hash.0, pair.sign.0]));
            assert_eq!((left, ours.signature), (rest.len(), theirs.data));
            assert_eq!(Some(ours.algorithm.0), algorithm);
        }
        (Err(_), Err(_)) => {}
        (Err(error), Ok(_)) => panic!("{error}"),
        (Ok(ours), Err(error)) => panic!("{ours:?}, {error}"),
    }
}

fn handshake(bytes: &[u8]) {
    let mut r = Reader::new(bytes);
    let ours = HandshakeMessage::read_message(&mut r);
    let theirs = parse_tls_message_handshake(bytes);
    match (ours, theirs) {
        (Ok(ours), Ok((rest, TlsMessage::Handshake(theirs)))) => {
            assert_eq!(r.remaining(), rest.len());
            same(&ours, &theirs);
        }
        (Err(_), Err(_)) => {}
        (Ok(ours), Err(_)) => assert!(they_do_not_know(&ours), "{ours}"),
        (Err(error), Ok((_, TlsMessage::Handshake(theirs)))) => {
            assert!(they_are_laxer(&theirs, &error), "{error}: {theirs:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// Inputs that `tls-parser` rejects and we accept.
fn they_do_not_know(ours: &HandshakeMessage<'_>) -> bool {
    match ours {
        // We keep unknown content as bytes.
        HandshakeMessage::Unknown { .. } => true,
        // It depends on the version; our decoder does not reject other versions.
        HandshakeMessage::ServerHello(hello) => {
            hello.server_version.0 >> 8 != 3 || hello.server_version > ProtocolVersion::TLS_1_2
        }
        // It applies the OCSP layout to all types of status.
        HandshakeMessage::CertificateStatus(status) => status.status_type != CertificateStatusType::OCSP,
        _ => false,
    }
}

/// Inputs that `tls-parser` accepts and we reject. It has no lower bounds for vectors, ignores trailing bytes
/// of a list or a message, and decodes extensions only on request.
fn they_are_laxer(theirs: &TlsMessageHandshake<'_>, error: &DecodeError) -> bool {
    use DecodeErrorKind as Kind;
    use TlsMessageHandshake as Message;
    let extensions = match theirs {
        Message::ClientHello(hello) => hello.ext.is_some(),
        Message::ServerHello(hello) => hello.ext.is_some(),
        _ => false,
    };
    let too_short = matches!(error.kind, Kind::LengthOutOfRange { length, min, .. } if length < min);
    match theirs {
        // Trailing bytes, and the content of what should be empty, are ignored.
        Message::HelloRequest | Message::ServerDone(_) => matches!(error.kind, Kind::TrailingBytes { .. }),
        Message::ClientHello(_) | Message::ServerHello(_) if extensions => {
            // Bytes after the block are ignored too.
            let within = error.what != "session_id" && !error.what.starts_with("ServerHello.");
            within && !matches!(error.kind, Kind::NotInKeyExchange)
        }
        Message::ClientHello(hello) => {
            (too_short && (hello.ciphers.is_empty() || hello.comp.is_empty()))
                // Truncated extensions count as none.
                || error.what == "extensions"
        }
        Message::ServerHello(hello) => error.what == "extensions" || (hello.version.0 == 0x300),
        // The version of a draft, with its own layout.
        Message::ServerHelloV13Draft18(_) => true,
        Message::Certificate(_) => {
            too_short || matches!(error.kind, Kind::TrailingBytes { .. } | Kind::Truncated { .. })
        }
        Message::CertificateRequest(request) => {
            too_short
                || matches!(
                    error.kind,
                    Kind::TrailingBytes { .. } | Kind::Truncated { .. } | Kind::LengthNotMultiple { .. }
                )
                || request.sig_hash_algs.is_none()
        }
        // It treats these as bytes: a ticket and its length, a signature and its algorithm, verify_data of
        // any length.
        Message::NewSessionTicket(_) | Message::CertificateVerify(_) | Message::Finished(_) => true,
        Message::CertificateStatus(_) => too_short || matches!(error.kind, Kind::TrailingBytes { .. }),
        _ => false,
    }
}

fn same(ours: &HandshakeMessage<'_>, theirs: &TlsMessageHandshake<'_>) {
    use HandshakeMessage as Ours;
    use TlsMessageHandshake as Theirs;
    match (ours, theirs) {
        (Ours::HelloRequest(_), Theirs::HelloRequest)
        | (Ours::ServerHelloDone(_), Theirs::ServerDone([])) => {}
        (Ours::ClientHello(ours), Theirs::ClientHello(theirs)) => same_client_hello(ours, theirs),
        (Ours::ServerHello(ours), Theirs::ServerHello(theirs)) => same_server_hello(ours, theirs),
        // It has its own layout for a version that we treat like any other.
        (Ours::ServerHello(ours), Theirs::ServerHelloV13Draft18(_)) => {
            assert_eq!(ours.server_version.0, 0x7f12)
        }
        (Ours::Certificate(ours), Theirs::Certificate(theirs)) => {
            let list = ours.certificate_list.iter().map(|certificate| certificate.0);
            assert!(list.eq(theirs.cert_chain.iter().map(|certificate| certificate.data)));
        }
        (Ours::ServerKeyExchange(ours), Theirs::ServerKeyExchange(theirs)) => {
            assert_eq!(*ours, theirs.parameters)
        }
        (Ours::CertificateRequest(ours), Theirs::CertificateRequest(theirs)) => {
            assert!(ours.certificate_types.iter().map(|code| code.0).eq(theirs.cert_types.iter().copied()));
            let schemes = ours.supported_signature_algorithms.iter().map(|scheme| scheme.0);
            assert!(schemes.eq(theirs.sig_hash_algs.clone().expect("there are some")));
            let names = ours.certificate_authorities.iter().map(|name| name.0);
            assert!(names.eq(theirs.unparsed_ca.iter().copied()));
        }
        (Ours::CertificateVerify(ours), Theirs::CertificateVerify(theirs)) => {
            assert_eq!(ours.to_vec().unwrap(), *theirs);
        }
        (Ours::ClientKeyExchange(ours), Theirs::ClientKeyExchange(theirs)) => {
            assert_eq!(*theirs, tls_parser::TlsClientKeyExchangeContents::Unknown(ours));
        }
        (Ours::Finished(ours), Theirs::Finished(theirs)) => assert_eq!(ours.verify_data, *theirs),
        (Ours::NewSessionTicket(ours), Theirs::NewSessionTicket(theirs)) => {
            assert_eq!(ours.ticket_lifetime_hint, theirs.ticket_lifetime_hint);
            // It treats the length as a part of the ticket.
            assert_eq!(ours.ticket, &theirs.ticket[2..]);
        }
        (Ours::CertificateStatus(ours), Theirs::CertificateStatus(theirs)) => {
            assert_eq!(ours.status_type.0, theirs.status_type);
            if ours.status_type == CertificateStatusType::OCSP {
                assert_eq!(ours.response, theirs.blob);
            }
        }
        (Ours::Unknown { msg_type, .. }, _) => assert!(
            msg_type.name().is_none()
                || matches!(
                    *msg_type,
                    HandshakeType(5) | HandshakeType(6) | HandshakeType(24) | HandshakeType(67)
                ),
            "{msg_type}"
        ),
        other => panic!("{other:?}"),
    }
}

fn same_client_hello(ours: &cairn_wire::ClientHello<'_>, theirs: &TlsClientHelloContents<'_>) {
    assert_eq!((ours.client_version.0, &ours.random.0[..]), (theirs.version.0, theirs.random));
    assert_eq!(ours.session_id.as_bytes(), theirs.session_id.unwrap_or_default());
    assert!(ours.cipher_suites.iter().map(|suite| suite.0).eq(theirs.ciphers.iter().map(|suite| suite.0)));
    assert!(
        ours.compression_methods.iter().map(|method| method.0).eq(theirs.comp.iter().map(|method| method.0))
    );
    same_extensions(&ours.extensions, theirs.ext, same_client_extension);
}

fn same_server_hello(ours: &cairn_wire::ServerHello<'_>, theirs: &TlsServerHelloContents<'_>) {
    assert_eq!((ours.server_version.0, &ours.random.0[..]), (theirs.version.0, theirs.random));
    assert_eq!(ours.session_id.as_bytes(), theirs.session_id.unwrap_or_default());
    assert_eq!((ours.cipher_suite.0, ours.compression_method.0), (theirs.cipher.0, theirs.compression.0));
    // It expects none in a ServerHello of SSL 3.0.
    if theirs.version.0 != 0x300 {
        same_extensions(&ours.extensions, theirs.ext, same_server_extension);
    }
}

/// The messages in order, each with its bytes and its header.
fn same_extensions<'a, E: Extension<'a>>(
    ours: &Option<Extensions<'a, E>>,
    theirs: Option<&[u8]>,
    same: impl Fn(&E, &[u8], &[u8]),
) {
    let encoded = ours.map(|block| block.to_vec().unwrap());
    assert_eq!(encoded.as_deref().map(|block| &block[2..]), theirs);
    let (Some(block), Some(theirs)) = (ours, theirs) else { return };
    let mut rest = theirs;
    for (typed, raw) in block.iter().zip(block.raw().expect("from the wire")) {
        assert_eq!(typed.extension_type(), raw.extension_type);
        let (whole, behind) = rest.split_at(4 + raw.data.len());
        same(&typed, whole, raw.data);
        rest = behind;
    }
    assert!(rest.is_empty());
}

fn same_client_extension(ours: &ClientExtension<'_>, whole: &[u8], data: &[u8]) {
    use ClientExtension as Ours;
    use TlsExtension as Theirs;
    let parsed = parse_tls_client_hello_extension(whole);
    // The result for content without a layout of ours does not matter, nor that of content which is decoded
    // only for TLS 1.3.
    if let Ours::Unknown { .. }
    | Ours::CompressCertificate(_)
    | Ours::TlsCertWithExternPsk(_)
    | Ours::DelegatedCredential(_)
    | Ours::PreSharedKey(_)
    | Ours::EarlyData(_)
    | Ours::Cookie(_)
    | Ours::PskKeyExchangeModes(_)
    | Ours::CertificateAuthorities(_)
    | Ours::PostHandshakeAuth(_)
    | Ours::KeyShare(_)
    | Ours::TicketRequest(_) = ours
    {
        return unknown(ours.extension_type(), data, parsed.map(|(_, theirs)| theirs).ok());
    }
    let (_, theirs) = parsed.unwrap_or_else(|error| panic!("{ours:?}: {error}"));
    match (ours, &theirs) {
        (Ours::ServerName(ours), Theirs::SNI(theirs)) => {
            assert!(
                ours.iter()
                    .map(|name| (name.name_type.0, name.name))
                    .eq(theirs.iter().map(|(kind, name)| (kind.0, *name)))
            );
        }
        (Ours::MaxFragmentLength(ours), Theirs::MaxFragmentLength(theirs)) => assert_eq!(ours.0, *theirs),
        (Ours::StatusRequest(ours), Theirs::StatusRequest(Some((kind, request)))) => {
            assert_eq!(ours.to_vec().unwrap(), [&[kind.0], *request].concat());
        }
        (Ours::SupportedGroups(ours), Theirs::EllipticCurves(theirs)) => {
            assert!(ours.iter().map(|group| group.0).eq(theirs.iter().map(|group| group.0)));
        }
        (Ours::EcPointFormats(ours), Theirs::EcPointFormats(theirs)) => {
            assert!(ours.iter().map(|format| format.0).eq(theirs.iter().copied()));
        }
        (Ours::SignatureAlgorithms(ours), Theirs::SignatureAlgorithms(theirs)) => {
            assert!(ours.iter().map(|scheme| scheme.0).eq(theirs.iter().copied()));
        }
        (Ours::ApplicationLayerProtocolNegotiation(ours), Theirs::ALPN(theirs)) => {
            assert!(ours.iter().map(|name| name.0).eq(theirs.iter().copied()));
        }
        (Ours::RecordSizeLimit(ours), Theirs::RecordSizeLimit(theirs)) => assert_eq!(ours, theirs),
        (Ours::SupportedVersions(ours), Theirs::SupportedVersions(theirs)) => {
            assert!(ours.iter().map(|version| version.0).eq(theirs.iter().map(|version| version.0)));
        }
        (Ours::Padding(ours), Theirs::Padding(theirs))
        | (Ours::SessionTicket(ours), Theirs::SessionTicket(theirs))
        | (Ours::RenegotiationInfo(ours), Theirs::RenegotiationInfo(theirs)) => assert_eq!(ours, theirs),
        (Ours::SignedCertificateTimestamp, Theirs::SignedCertificateTimestamp(None))
        | (Ours::EncryptThenMac, Theirs::EncryptThenMac)
        | (Ours::ExtendedMasterSecret, Theirs::ExtendedMasterSecret) => {}
        // It has no layout for them.
        (
            Ours::SignatureAlgorithmsCert(_)
            | Ours::ClientCertificateTypes(_)
            | Ours::ServerCertificateTypes(_)
            | Ours::QuicTransportParameters(_),
            Theirs::Unknown(_, theirs),
        ) => assert_eq!(*theirs, data),
        other => panic!("{other:?}"),
    }
}

fn same_server_extension(ours: &ServerExtension<'_>, whole: &[u8], data: &[u8]) {
    use ServerExtension as Ours;
    use TlsExtension as Theirs;
    let parsed = parse_tls_server_hello_extension(whole);
    if let Ours::Unknown { extension_type, .. } = ours {
        return unknown(*extension_type, data, parsed.map(|(_, theirs)| theirs).ok());
    }
    let (_, theirs) = parsed.unwrap_or_else(|error| panic!("{ours:?}: {error}"));
    match (ours, &theirs) {
        (Ours::ServerName, Theirs::SNI(names)) => assert!(names.is_empty()),
        (Ours::StatusRequest, Theirs::StatusRequest(None))
        | (Ours::ExtendedMasterSecret, Theirs::ExtendedMasterSecret)
        | (Ours::SessionTicket, Theirs::SessionTicket([])) => {}
        (Ours::MaxFragmentLength(ours), Theirs::MaxFragmentLength(theirs)) => assert_eq!(ours.0, *theirs),
        (Ours::EcPointFormats(ours), Theirs::EcPointFormats(theirs)) => {
            assert!(ours.iter().map(|format| format.0).eq(theirs.iter().copied()));
        }
        (Ours::ApplicationLayerProtocolNegotiation(ours), Theirs::ALPN(theirs)) => {
            assert_eq!(*theirs, [ours.0])
        }
        (Ours::SignedCertificateTimestamp(_), Theirs::SignedCertificateTimestamp(Some(theirs))) => {
            assert_eq!(*theirs, &data[2..]);
        }
        (Ours::RecordSizeLimit(ours), Theirs::RecordSizeLimit(theirs)) => assert_eq!(ours, theirs),
        (Ours::SupportedVersions(ours), Theirs::SupportedVersions(theirs)) => {
            assert!(theirs.iter().map(|version| version.0).eq([ours.0]));
        }
        (Ours::RenegotiationInfo(ours), Theirs::RenegotiationInfo(theirs)) => assert_eq!(ours, theirs),
        // It has no layout for them in a ServerHello; it expects encrypt_then_mac under the number of
        // padding.
        (
            Ours::SupportedGroups(_)
            | Ours::ClientCertificateType(_)
            | Ours::ServerCertificateType(_)
            | Ours::EncryptThenMac,
            Theirs::Unknown(_, theirs),
        ) => assert_eq!(*theirs, data),
        other => panic!("{other:?}"),
    }
}

/// Content that both treat as bytes is equal.
fn unknown(extension_type: ExtensionType, data: &[u8], theirs: Option<TlsExtension<'_>>) {
    match theirs {
        Some(TlsExtension::Unknown(kind, bytes)) => assert_eq!((kind.0, bytes), (extension_type.0, data)),
        Some(TlsExtension::Grease(kind, bytes)) => assert_eq!((kind, bytes), (extension_type.0, data)),
        _ => {}
    }
}

/// The messages of all streams, and their parts.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![vec![1, 22, 3, 3, 0, 4], vec![2, 2, 40]];
    for message in all_streams().iter().flat_map(|stream| clear_messages(stream)) {
        if message.len() < 4000 {
            seeds.push([&[0], message.as_slice()].concat());
        }
        let body = &message[4..];
        match HandshakeType(message[0]) {
            HandshakeType::SERVER_KEY_EXCHANGE => {
                for what in [3, 4] {
                    seeds.push([&[what], body].concat());
                    // After a hint.
                    if let Some(rest) = body.get(2 + usize::from(body[1])..) {
                        seeds.push([&[what], rest].concat());
                    }
                }
            }
            HandshakeType::CERTIFICATE_VERIFY => seeds.push([&[5], body].concat()),
            _ => {}
        }
    }
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

#[cfg(test)]
mod tests {
    use super::{ExtensionType, HandshakeType, run};

    /// A ClientHello or ServerHello with one extension, after the byte that selects handshake messages.
    fn hello_with(message: HandshakeType, extension: ExtensionType, content: &[u8]) -> Vec<u8> {
        let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
        // The cipher suites and compression methods of a client, those that a server has selected.
        let selection: &[u8] =
            if message == HandshakeType::CLIENT_HELLO { &[0, 2, 0xc0, 0x2b, 1, 0] } else { &[0xc0, 0x2b, 0] };
        let extension = [&extension.0.to_be_bytes()[..], &length(content), content].concat();
        let body =
            [&[3, 3][..], &[7; 32], &[0], selection, &length(&extension), extension.as_slice()].concat();
        [&[0, message.0, 0][..], &length(&body), body.as_slice()].concat()
    }

    #[test]
    fn every_extension_that_our_decoder_knows_is_compared() {
        const CONTENTS: [&[u8]; 12] = [
            &[],
            &[0],
            &[1],
            &[4],
            &[1, 0],
            &[1, 1],
            &[3, 4],
            &[0, 0],
            &[2, 3, 4],
            &[0, 2, 0, 23],
            &[0, 3, 2, b'h', b'2'],
            &[1, 0, 0, 0, 0],
        ];
        for message in [HandshakeType::CLIENT_HELLO, HandshakeType::SERVER_HELLO] {
            for number in 0..=u16::MAX {
                for content in CONTENTS {
                    run(&hello_with(message, ExtensionType(number), content));
                }
            }
        }
    }
}
