//! The rules of TLS 1.3 for extensions and messages: where an extension may stand, and bounds.

use cairn_wire::*;

/// Every extension of the table in RFC 9846 section 4.3, and the messages in which it may stand.
const TABLE: &[(ExtensionType, &str)] = &[
    (ExtensionType::SERVER_NAME, "CH EE CR"),
    (ExtensionType::STATUS_REQUEST, "CH CR CT"),
    (ExtensionType::SUPPORTED_GROUPS, "CH EE"),
    (ExtensionType::SIGNATURE_ALGORITHMS, "CH CR"),
    (ExtensionType::USE_SRTP, "CH EE"),
    (ExtensionType::HEARTBEAT, "CH EE"),
    (ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION, "CH EE"),
    (ExtensionType::CLIENT_CERTIFICATE_TYPE, "CH EE"),
    (ExtensionType::SERVER_CERTIFICATE_TYPE, "CH EE"),
    (ExtensionType::PADDING, "CH"),
    (ExtensionType::COMPRESS_CERTIFICATE, "CH CR"),
    (ExtensionType::RECORD_SIZE_LIMIT, "CH EE"),
    (ExtensionType::DELEGATED_CREDENTIAL, "CH CR CT"),
    (ExtensionType::SUPPORTED_EKT_CIPHERS, "CH EE"),
    (ExtensionType::PRE_SHARED_KEY, "CH SH"),
    (ExtensionType::EARLY_DATA, "CH EE NST"),
    (ExtensionType::SUPPORTED_VERSIONS, "CH SH HRR"),
    (ExtensionType::COOKIE, "CH HRR"),
    (ExtensionType::PSK_KEY_EXCHANGE_MODES, "CH"),
    (ExtensionType::CERTIFICATE_AUTHORITIES, "CH CR"),
    (ExtensionType::OID_FILTERS, "CR"),
    (ExtensionType::POST_HANDSHAKE_AUTH, "CH"),
    (ExtensionType::SIGNATURE_ALGORITHMS_CERT, "CH CR"),
    (ExtensionType::KEY_SHARE, "CH SH HRR"),
    (ExtensionType::TRANSPARENCY_INFO, "CH CR CT"),
    (ExtensionType::EXTERNAL_ID_HASH, "CH EE"),
    (ExtensionType::EXTERNAL_SESSION_ID, "CH EE"),
    (ExtensionType::QUIC_TRANSPORT_PARAMETERS, "CH EE"),
    (ExtensionType::TICKET_REQUEST, "CH EE"),
    (ExtensionType::ECH_OUTER_EXTENSIONS, "CH"),
    (ExtensionType::ENCRYPTED_CLIENT_HELLO, "CH HRR EE"),
];

fn abbreviation(message: ExtensionMessage) -> &'static str {
    match message {
        ExtensionMessage::ClientHello => "CH",
        ExtensionMessage::ServerHello => "SH",
        ExtensionMessage::HelloRetryRequest => "HRR",
        ExtensionMessage::EncryptedExtensions => "EE",
        ExtensionMessage::Certificate => "CT",
        ExtensionMessage::CertificateRequest => "CR",
        ExtensionMessage::NewSessionTicket => "NST",
    }
}

/// A block with one empty extension.
fn block(extension_type: ExtensionType) -> [u8; 6] {
    let [high, low] = extension_type.0.to_be_bytes();
    [0, 4, high, low, 0, 0]
}

/// The error of the message's block with one empty extension.
fn error_in(message: ExtensionMessage, extension_type: ExtensionType) -> Option<DecodeError> {
    let block = block(extension_type);
    match message {
        ExtensionMessage::ClientHello => {
            Extensions::<'_, ClientExtension<'_>>::decode_exact(&block).map(drop)
        }
        ExtensionMessage::ServerHello => {
            Extensions::<'_, Tls13ServerExtension<'_>>::decode_exact(&block).map(drop)
        }
        ExtensionMessage::HelloRetryRequest => {
            Extensions::<'_, HelloRetryExtension<'_>>::decode_exact(&block).map(drop)
        }
        ExtensionMessage::EncryptedExtensions => {
            Extensions::<'_, EncryptedExtension<'_>>::decode_exact(&block).map(drop)
        }
        ExtensionMessage::Certificate => {
            Extensions::<'_, CertificateEntryExtension<'_>>::decode_exact(&block).map(drop)
        }
        ExtensionMessage::CertificateRequest => {
            Extensions::<'_, CertificateRequestExtension<'_>>::decode_exact(&block).map(drop)
        }
        ExtensionMessage::NewSessionTicket => {
            Extensions::<'_, NewSessionTicketExtension<'_>>::decode_exact(&block).map(drop)
        }
    }
    .err()
}

#[test]
fn table_is_that_of_the_rfc() {
    for (extension_type, allowed) in TABLE {
        for message in ExtensionMessage::ALL {
            let is_allowed = allowed.split(' ').any(|each| each == abbreviation(message));
            let judgement = message.judge(*extension_type, true);
            if is_allowed {
                assert_eq!(judgement, Ok(Judgement::Process), "{extension_type} in {message}");
            } else {
                let fault = judgement.unwrap_err();
                assert_eq!(fault, ExtensionFault::Misplaced { extension_type: *extension_type, message });
                assert_eq!(fault.alert(), AlertDescription::ILLEGAL_PARAMETER);
                assert_eq!(fault.section(), "RFC 9846 section 4.3");
            }
        }
    }
}

#[test]
fn misplaced_extension_is_illegal_parameter_when_decoded() {
    for extension_type in ExtensionType::KNOWN {
        let allowed = ExtensionMessage::allowed(*extension_type);
        for message in ExtensionMessage::ALL {
            let error = error_in(message, *extension_type);
            let is_misplaced =
                matches!(error, Some(DecodeError { kind: DecodeErrorKind::MisplacedExtension { .. }, .. }));
            // A ClientHello is decoded before its version is known.
            let expected = message != ExtensionMessage::ClientHello
                && allowed.is_some_and(|messages| !messages.contains(&message));
            assert_eq!(is_misplaced, expected, "{extension_type} in {message}");
            if let (true, Some(error)) = (is_misplaced, error) {
                assert_eq!((error.offset, error.alert()), (2, AlertDescription::ILLEGAL_PARAMETER));
                assert_eq!(error.section(), "RFC 9846 section 4.3");
            }
        }
    }
}

#[test]
fn unsolicited_response_is_unsupported_extension() {
    for extension_type in ExtensionType::KNOWN.iter().copied().chain([ExtensionType(0x5555)]) {
        for message in ExtensionMessage::ALL {
            let judgement = message.judge(extension_type, false);
            let known = ExtensionMessage::allowed(extension_type);
            if known.is_some_and(|allowed| !allowed.contains(&message)) {
                assert!(matches!(judgement, Err(ExtensionFault::Misplaced { .. })));
            } else if !message.is_response() || extension_type == ExtensionType::COOKIE {
                let expected = if known.is_some() { Judgement::Process } else { Judgement::Ignore };
                assert_eq!(judgement, Ok(expected), "{extension_type} in {message}");
            } else {
                let fault = judgement.unwrap_err();
                assert_eq!(fault, ExtensionFault::Unsolicited { extension_type, message });
                let expected = match extension_type {
                    ExtensionType::DELEGATED_CREDENTIAL => AlertDescription::UNEXPECTED_MESSAGE,
                    _ => AlertDescription::UNSUPPORTED_EXTENSION,
                };
                assert_eq!(fault.alert(), expected, "{fault}");
            }
        }
    }
}

#[test]
fn grease_is_ignored_in_requests_and_unsolicited_in_responses() {
    let grease = ExtensionType(0x3a3a);
    for message in ExtensionMessage::ALL {
        let judgement = message.judge(grease, true);
        if message.is_response() {
            assert_eq!(judgement, Err(ExtensionFault::Unsolicited { extension_type: grease, message }));
        } else {
            assert_eq!(judgement, Ok(Judgement::Ignore));
        }
        // It is no error for the decoder, which does not know the offer.
        assert_eq!(error_in(message, grease), None);
    }
}

#[test]
fn malformed_content_of_tls_1_3_is_no_error_until_it_is_used() {
    // key_share with a list that is longer than the content.
    let bytes = [0, 6, 0, 51, 0, 2, 0xff, 0xff];
    let block = Extensions::<'_, ClientExtension<'_>>::decode(&mut Reader::at(100, &bytes)).unwrap();
    let Some(ClientExtension::KeyShare(content)) = block.get(ExtensionType::KEY_SHARE) else {
        panic!("no key_share")
    };
    let error = content.get().unwrap_err();
    assert_eq!((error.offset, error.alert()), (108, AlertDescription::DECODE_ERROR));
    assert_eq!(block.to_vec().unwrap(), bytes);
    assert!(block.iter().next().unwrap().to_string().contains("error: "));

    // early_data that is not empty.
    let bytes = [0, 5, 0, 42, 0, 1, 9];
    let block = Extensions::<'_, ClientExtension<'_>>::decode_exact(&bytes).unwrap();
    let Some(ClientExtension::EarlyData(content)) = block.get(ExtensionType::EARLY_DATA) else {
        panic!("no early_data")
    };
    assert_eq!(content.get().unwrap_err().kind, DecodeErrorKind::TrailingBytes { count: 1 });
}

#[test]
fn key_update_has_two_values() {
    for (value, request_update) in
        [(0, KeyUpdateRequest::UpdateNotRequested), (1, KeyUpdateRequest::UpdateRequested)]
    {
        assert_eq!(KeyUpdate::decode_exact(&[value]), Ok(KeyUpdate { request_update }));
        assert_eq!(KeyUpdate { request_update }.to_vec().unwrap(), [value]);
    }
    for value in 2..=255 {
        let error = KeyUpdate::decode_exact(&[value]).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::IllegalValue { value: value.into() });
        assert_eq!((error.offset, error.alert()), (0, AlertDescription::ILLEGAL_PARAMETER));
    }
    for bytes in [&[][..], &[0, 0]] {
        assert_eq!(KeyUpdate::decode_exact(bytes).unwrap_err().alert(), AlertDescription::DECODE_ERROR);
    }
}

#[test]
fn vectors_have_the_bounds_of_the_rfc() {
    fn length<'a, T: Decode<'a> + core::fmt::Debug>(bytes: &'a [u8]) -> (usize, usize) {
        match T::decode_exact(bytes).unwrap_err().kind {
            DecodeErrorKind::LengthOutOfRange { min, max, .. } => (min, max),
            kind => panic!("{kind:?}"),
        }
    }
    assert_eq!(length::<PskKeyExchangeModes<'_>>(&[0]), (1, 255));
    assert_eq!(length::<OfferedPsks<'_>>(&[0, 6, 0, 0, 0, 0, 0, 0]), (7, 0xffff));
    assert_eq!(length::<OfferedPsks<'_>>(&[0, 7, 0, 1, 9, 0, 0, 0, 0, 0, 32]), (33, 0xffff));
    assert_eq!(length::<PskBinderEntry<'_>>(&[31]), (32, 255));
    assert_eq!(length::<PskIdentity<'_>>(&[0, 0]), (1, 0xffff));
    assert_eq!(length::<KeyShareEntry<'_>>(&[0, 29, 0, 0]), (1, 0xffff));
    assert_eq!(length::<Cookie<'_>>(&[0, 0]), (1, 0xffff));
    assert_eq!(length::<CertificateAuthorities<'_>>(&[0, 2, 0, 0]), (3, 0xffff));
    assert_eq!(length::<OidFilter<'_>>(&[0]), (1, 255));
    assert_eq!(length::<CertificateCompressionAlgorithms<'_>>(&[0]), (2, 254));
    assert_eq!(length::<CertificateCompressionAlgorithms<'_>>(&[255]), (2, 254));
    assert_eq!(length::<CompressedCertificate<'_>>(&[0, 1, 0, 0, 9, 0, 0, 0]), (1, 0xff_ffff));
    assert_eq!(length::<Tls13NewSessionTicket<'_>>(&[0; 11]), (1, 0xffff));
    assert_eq!(length::<Tls13Certificate<'_>>(&[0, 0, 0, 3, 0, 0, 0]), (1, 0xff_ffff));
    assert_eq!(length::<Tls13ServerHello<'_>>(&[[0; 38].as_slice(), &[0, 5]].concat()), (6, 0xffff));
    // An empty list of shares asks for a HelloRetryRequest.
    assert!(KeyShareClientHello::decode_exact(&[0, 0]).unwrap().client_shares.is_empty());
    assert!(OidFilters::decode_exact(&[0, 0]).unwrap().filters.is_empty());
}

#[test]
fn server_hello_without_extensions_does_not_encode() {
    let hello = Tls13ServerHello {
        legacy_version: ProtocolVersion::TLS_1_2,
        random: Random([1; 32]),
        legacy_session_id_echo: SessionId::EMPTY,
        cipher_suite: CipherSuite::TLS_AES_128_GCM_SHA256,
        legacy_compression_method: CompressionMethod::NULL,
        extensions: Extensions::default(),
    };
    assert_eq!(hello.to_vec(), Err(EncodeError::TooShort { what: "extensions", length: 0, min: 6 }));
}
