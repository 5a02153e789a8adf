//! The layout of ServerKeyExchange and ClientKeyExchange in each key exchange, byte by byte.

use cairn_wire::{
    ClientKeyExchange, DecodeErrorKind, DigitallySigned, Encode, ExchangeKeys, KeyAgreement,
    KeyExchangeAlgorithm as Kx, NamedGroup, Reader, ServerDhParams, ServerEcdhParams, ServerKeyExchange,
    ServerParams, SignatureScheme,
};

const HINT: &[u8] = &[0, 2, b'h', b'i'];
const NO_HINT: &[u8] = &[0, 0];
const DH: &[u8] = &[0, 2, 0, 23, 0, 1, 5, 0, 1, 8];
const ECDH: &[u8] = &[3, 0, 29, 2, 7, 7];
const SIGNATURE: &[u8] = &[8, 7, 0, 3, 1, 2, 3];

const DH_PARAMS: ServerParams<'_> =
    ServerParams::Dh(ServerDhParams { dh_p: &[0, 23], dh_g: &[5], dh_ys: &[8] });
const ECDH_PARAMS: ServerParams<'_> =
    ServerParams::Ecdh(ServerEcdhParams { curve: NamedGroup::X25519, public: &[7, 7] });
const SIGNED: DigitallySigned<'_> =
    DigitallySigned { algorithm: SignatureScheme::ED25519, signature: &[1, 2, 3] };

/// The key exchanges with the encoded parts of ServerKeyExchange, in order, and its fields (RFC 5246 section
/// 7.4.3, RFC 8422 section 5.4, RFC 4279 sections 2 to 4, RFC 5489 section 2).
type Layout = (Kx, &'static [&'static [u8]], ServerKeyExchange<'static>);

const DH_AFTER_HINT: ServerKeyExchange<'_> =
    ServerKeyExchange::HintAndParams { psk_identity_hint: b"hi", params: DH_PARAMS };
const ECDH_AFTER_HINT: ServerKeyExchange<'_> =
    ServerKeyExchange::HintAndParams { psk_identity_hint: b"", params: ECDH_PARAMS };

const LAYOUTS: [Layout; 9] = [
    (Kx::Dhe, &[DH, SIGNATURE], ServerKeyExchange::SignedParams { params: DH_PARAMS, signature: SIGNED }),
    (Kx::DhAnon, &[DH], ServerKeyExchange::Params(DH_PARAMS)),
    (
        Kx::Ecdhe,
        &[ECDH, SIGNATURE],
        ServerKeyExchange::SignedParams { params: ECDH_PARAMS, signature: SIGNED },
    ),
    (Kx::EcdhAnon, &[ECDH], ServerKeyExchange::Params(ECDH_PARAMS)),
    (Kx::Psk, &[HINT], ServerKeyExchange::Hint(b"hi")),
    (Kx::Psk, &[NO_HINT], ServerKeyExchange::Hint(b"")),
    (Kx::DhePsk, &[HINT, DH], DH_AFTER_HINT),
    (Kx::RsaPsk, &[HINT], ServerKeyExchange::Hint(b"hi")),
    (Kx::EcdhePsk, &[NO_HINT, ECDH], ECDH_AFTER_HINT),
];

#[test]
fn server_key_exchange_has_the_parts_of_its_key_exchange() {
    for (kx, parts, message) in LAYOUTS {
        let bytes = parts.concat();
        assert_eq!(ServerKeyExchange::decode_exact(kx, &bytes), Ok(message), "{kx:?}");
        assert_eq!(message.to_vec().unwrap(), bytes, "{kx:?}");
        // One part less, or one more.
        for fewer in 0..parts.len() {
            assert!(ServerKeyExchange::decode_exact(kx, &parts[..fewer].concat()).is_err(), "{kx:?}");
        }
        let more = [&bytes, SIGNATURE].concat();
        let error = ServerKeyExchange::decode_exact(kx, &more).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::TrailingBytes { count: SIGNATURE.len() }, "{kx:?}");
    }
}

#[test]
fn rsa_key_exchange_has_no_server_key_exchange() {
    for bytes in [&[][..], HINT, DH] {
        let error = ServerKeyExchange::decode(Kx::Rsa, &mut Reader::new(bytes)).unwrap_err();
        assert_eq!((error.kind, error.offset), (DecodeErrorKind::NotInKeyExchange, 0));
    }
}

#[test]
fn client_key_exchange_has_the_parts_of_its_key_exchange() {
    let identity: &[u8] = &[0, 2, b'm', b'e'];
    let (long, short): (&[u8], &[u8]) = (&[0, 1, 9], &[1, 9]);
    let keys = |agreement| ExchangeKeys::new(agreement, &[9]);
    let layouts: [(Kx, &[&[u8]], KeyAgreement); 9] = [
        (Kx::Rsa, &[long], KeyAgreement::Rsa),
        (Kx::Dhe, &[long], KeyAgreement::Dh),
        (Kx::DhAnon, &[long], KeyAgreement::Dh),
        (Kx::Ecdhe, &[short], KeyAgreement::Ecdh),
        (Kx::EcdhAnon, &[short], KeyAgreement::Ecdh),
        (Kx::Psk, &[identity], KeyAgreement::None),
        (Kx::DhePsk, &[identity, long], KeyAgreement::Dh),
        (Kx::RsaPsk, &[identity, long], KeyAgreement::Rsa),
        (Kx::EcdhePsk, &[identity, short], KeyAgreement::Ecdh),
    ];
    assert_eq!(layouts.map(|(kx, ..)| kx), Kx::ALL);
    for (kx, parts, agreement) in layouts {
        let bytes = parts.concat();
        let psk_identity = (parts[0] == identity).then_some(&b"me"[..]);
        let message = ClientKeyExchange { psk_identity, exchange_keys: keys(agreement) };
        assert_eq!(ClientKeyExchange::decode_exact(kx, &bytes), Ok(message), "{kx:?}");
        assert_eq!(message.to_vec().unwrap(), bytes, "{kx:?}");
        for fewer in 0..parts.len() {
            assert!(ClientKeyExchange::decode_exact(kx, &parts[..fewer].concat()).is_err(), "{kx:?}");
        }
        let error = ClientKeyExchange::decode_exact(kx, &[&bytes[..], &[0]].concat()).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::TrailingBytes { count: 1 }, "{kx:?}");
    }
}
