//! Every parser of `cairn-wire`, and the trees.

use crate::streams::{all_streams, clear_messages};
use cairn_wire::tree::{HandshakeTree, Negotiated, RecordTree};
use cairn_wire::*;

/// Decodes all bytes and encodes the result.
type Recode = fn(&[u8]) -> Result<Vec<u8>, DecodeError>;

macro_rules! recode {
    ($type:ty) => {
        |bytes| <$type>::decode_exact(bytes).map(|value| value.to_vec().unwrap())
    };
    ($type:ident, $algorithm:ident) => {
        |bytes| {
            $type::decode_exact(KeyExchangeAlgorithm::$algorithm, bytes).map(|value| value.to_vec().unwrap())
        }
    };
}

fn message(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut r = Reader::new(bytes);
    let message = HandshakeMessage::read_message(&mut r)?;
    r.finish("end")?;
    let mut out = Vec::new();
    message.write_message(&mut Writer::vec(&mut out)).unwrap();
    // Both visit the parts that are decoded on demand.
    assert!(!message.to_string().is_empty() && !format!("{message:?}").is_empty());
    Ok(out)
}

fn tls13_message(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut r = Reader::new(bytes);
    let message = Tls13HandshakeMessage::read_message(&mut r)?;
    r.finish("end")?;
    let mut out = Vec::new();
    message.write_message(&mut Writer::vec(&mut out)).unwrap();
    assert!(!message.to_string().is_empty() && !format!("{message:?}").is_empty());
    Ok(out)
}

/// All parsers. The first byte of an input selects one, so the order must not change and new parsers come
/// last.
const PARSERS: &[(&str, Recode)] = &[
    ("handshake message", message),
    ("RecordHeader", recode!(RecordHeader)),
    ("Alert", recode!(Alert)),
    ("ChangeCipherSpec", recode!(ChangeCipherSpec)),
    ("HandshakeHeader", recode!(HandshakeHeader)),
    ("HelloRequest", recode!(HelloRequest)),
    ("ClientHello", recode!(ClientHello<'_>)),
    ("ServerHello", recode!(ServerHello<'_>)),
    ("Certificate", recode!(Certificate<'_>)),
    ("CertificateRequest", recode!(CertificateRequest<'_>)),
    ("CertificateVerify", recode!(CertificateVerify<'_>)),
    ("CertificateStatus", recode!(CertificateStatus<'_>)),
    ("Finished", recode!(Finished<'_>)),
    ("NewSessionTicket", recode!(NewSessionTicket<'_>)),
    ("ServerHelloDone", recode!(ServerHelloDone)),
    ("ServerKeyExchange Rsa", recode!(ServerKeyExchange, Rsa)),
    ("ServerKeyExchange Dhe", recode!(ServerKeyExchange, Dhe)),
    ("ServerKeyExchange DhAnon", recode!(ServerKeyExchange, DhAnon)),
    ("ServerKeyExchange Ecdhe", recode!(ServerKeyExchange, Ecdhe)),
    ("ServerKeyExchange EcdhAnon", recode!(ServerKeyExchange, EcdhAnon)),
    ("ServerKeyExchange Psk", recode!(ServerKeyExchange, Psk)),
    ("ServerKeyExchange DhePsk", recode!(ServerKeyExchange, DhePsk)),
    ("ServerKeyExchange RsaPsk", recode!(ServerKeyExchange, RsaPsk)),
    ("ServerKeyExchange EcdhePsk", recode!(ServerKeyExchange, EcdhePsk)),
    ("ClientKeyExchange Rsa", recode!(ClientKeyExchange, Rsa)),
    ("ClientKeyExchange Dhe", recode!(ClientKeyExchange, Dhe)),
    ("ClientKeyExchange DhAnon", recode!(ClientKeyExchange, DhAnon)),
    ("ClientKeyExchange Ecdhe", recode!(ClientKeyExchange, Ecdhe)),
    ("ClientKeyExchange EcdhAnon", recode!(ClientKeyExchange, EcdhAnon)),
    ("ClientKeyExchange Psk", recode!(ClientKeyExchange, Psk)),
    ("ClientKeyExchange DhePsk", recode!(ClientKeyExchange, DhePsk)),
    ("ClientKeyExchange RsaPsk", recode!(ClientKeyExchange, RsaPsk)),
    ("ClientKeyExchange EcdhePsk", recode!(ClientKeyExchange, EcdhePsk)),
    ("client extensions", recode!(Extensions<'_, ClientExtension<'_>>)),
    ("server extensions", recode!(Extensions<'_, ServerExtension<'_>>)),
    ("list of suites", recode!(List<'_, CipherSuite>)),
    ("list of certificates", recode!(List<'_, Asn1Cert<'_>>)),
    ("CertificateStatusRequest", recode!(CertificateStatusRequest<'_>)),
    ("DigitallySigned", recode!(DigitallySigned<'_>)),
    ("TLS 1.3 handshake message", tls13_message),
    ("AnyServerHello", recode!(AnyServerHello<'_>)),
    ("EncryptedExtensions", recode!(EncryptedExtensions<'_>)),
    ("Tls13Certificate", recode!(Tls13Certificate<'_>)),
    ("Tls13CertificateRequest", recode!(Tls13CertificateRequest<'_>)),
    ("Tls13NewSessionTicket", recode!(Tls13NewSessionTicket<'_>)),
    ("CompressedCertificate", recode!(CompressedCertificate<'_>)),
    ("KeyShareClientHello", recode!(KeyShareClientHello<'_>)),
    ("OfferedPsks", recode!(OfferedPsks<'_>)),
    ("PskKeyExchangeModes", recode!(PskKeyExchangeModes<'_>)),
    ("CertificateAuthorities", recode!(CertificateAuthorities<'_>)),
    ("OidFilters", recode!(OidFilters<'_>)),
    ("CertificateCompressionAlgorithms", recode!(CertificateCompressionAlgorithms<'_>)),
    ("DelegatedCredential", recode!(DelegatedCredential<'_>)),
];

/// Runs one parser on the bytes after the first: the encoding of the result equals the input, and the offset
/// of an error is within the input.
///
/// # Panics
/// If that does not hold.
pub fn messages(input: &[u8]) {
    let Some((number, bytes)) = input.split_first() else { return };
    let (name, recode) = PARSERS[usize::from(*number) % PARSERS.len()];
    match recode(bytes) {
        Ok(again) => assert_eq!(again, bytes, "{name}: encoding does not restore the decoded bytes"),
        Err(error) => {
            assert!(error.offset <= bytes.len(), "{name}: {error}");
            assert!(!error.to_string().is_empty() && error.alert().name().is_some());
        }
    }
}

/// A stream as records and as handshake messages: the trees print any input, their output is linear in its
/// length, and they report it as well-formed only if every message decodes.
///
/// # Panics
/// When that does not hold.
pub fn streams(input: &[u8]) {
    // The first byte determines what was negotiated in the other direction.
    let Some((number, bytes)) = input.split_first() else { return };
    let negotiated = match KEY_EXCHANGES.get(usize::from(*number)) {
        Some(key_exchange) => Negotiated::Tls12(Some(*key_exchange)),
        None if *number == TLS13 => Negotiated::Tls13,
        None => Negotiated::Unknown,
    };
    let records = RecordTree::new(bytes).after(negotiated);
    let handshake = HandshakeTree::new(bytes).after(negotiated);
    for text in [records.to_string(), handshake.to_string()] {
        // The longest output per byte: deeply nested lists of one-byte code points, one per line.
        assert!(text.len() <= 1024 + 128 * bytes.len(), "{} bytes print {}", bytes.len(), text.len());
    }
    if let Err(error) = records.check() {
        assert!(error.offset <= bytes.len(), "{error}");
    }
    if let Err(error) = handshake.check() {
        assert!(error.offset <= bytes.len(), "{error}");
    }
    for negotiated in [Negotiated::Tls12(None), Negotiated::Tls13] {
        let read = read_all(bytes, negotiated == Negotiated::Tls13);
        match HandshakeTree::new(bytes).after(negotiated).check() {
            Ok(()) => assert_eq!(read, Ok(())),
            // It also decodes key exchanges, so it may find more errors, and earlier ones.
            Err(error) => assert!(error.offset <= read.map_or_else(|error| error.offset, |()| bytes.len())),
        }
    }
}

/// The first byte of an input that starts after TLS 1.3 was negotiated; larger ones state nothing.
const TLS13: u8 = 9;

const KEY_EXCHANGES: [KeyExchangeAlgorithm; 9] = [
    KeyExchangeAlgorithm::Rsa,
    KeyExchangeAlgorithm::Dhe,
    KeyExchangeAlgorithm::DhAnon,
    KeyExchangeAlgorithm::Ecdhe,
    KeyExchangeAlgorithm::EcdhAnon,
    KeyExchangeAlgorithm::Psk,
    KeyExchangeAlgorithm::DhePsk,
    KeyExchangeAlgorithm::RsaPsk,
    KeyExchangeAlgorithm::EcdhePsk,
];

fn read_all(bytes: &[u8], mut is_tls13: bool) -> Result<(), DecodeError> {
    let mut r = Reader::new(bytes);
    while let Some(msg_type) = r.peek().first() {
        // ServerHello says which version the messages after it have.
        if is_tls13 || HandshakeType(*msg_type) == HandshakeType::SERVER_HELLO {
            if let Tls13HandshakeMessage::ServerHello(hello) = Tls13HandshakeMessage::read_message(&mut r)? {
                is_tls13 = !matches!(hello, AnyServerHello::Tls12(_));
            }
        } else {
            HandshakeMessage::read_message(&mut r)?;
        }
    }
    Ok(())
}

/// Each message with its header, and its body for the parser of its type, from all streams; small inputs for
/// the other parsers.
#[must_use]
pub fn message_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let number = |wanted: &str| PARSERS.iter().position(|(name, _)| *name == wanted);
    let mut put = |name: &str, bytes: &[u8]| {
        if let Some(number) = number(name) {
            seeds.push([&[u8::try_from(number).unwrap()], bytes].concat());
        }
    };
    for message in all_streams().iter().flat_map(|stream| clear_messages(stream)) {
        let body = &message[4..];
        put("handshake message", &message);
        put("HandshakeHeader", &message[..4]);
        match HandshakeMessage::read_message(&mut Reader::new(&message)) {
            Ok(HandshakeMessage::ClientHello(hello)) => {
                put("ClientHello", body);
                put("list of suites", &hello.cipher_suites.to_vec().unwrap());
                if let Some(extensions) = hello.extensions {
                    put("client extensions", &extensions.to_vec().unwrap());
                    if let Some(ClientExtension::StatusRequest(request)) =
                        extensions.get(ExtensionType::STATUS_REQUEST)
                    {
                        put("CertificateStatusRequest", &request.to_vec().unwrap());
                    }
                }
            }
            Ok(HandshakeMessage::ServerHello(hello)) => {
                put("ServerHello", body);
                if let Some(extensions) = hello.extensions {
                    put("server extensions", &extensions.to_vec().unwrap());
                }
            }
            Ok(HandshakeMessage::Certificate(certificate)) => {
                put("Certificate", body);
                put("list of certificates", &certificate.certificate_list.to_vec().unwrap());
            }
            Ok(HandshakeMessage::CertificateVerify(verify)) => {
                put("CertificateVerify", body);
                put("DigitallySigned", &verify.signed.to_vec().unwrap());
            }
            Ok(HandshakeMessage::CertificateRequest(_)) => put("CertificateRequest", body),
            Ok(HandshakeMessage::CertificateStatus(_)) => put("CertificateStatus", body),
            Ok(HandshakeMessage::NewSessionTicket(_)) => put("NewSessionTicket", body),
            Ok(HandshakeMessage::ServerKeyExchange(_)) => {
                PARSERS
                    .iter()
                    .filter(|(name, _)| name.starts_with("ServerKeyExchange"))
                    .for_each(|(name, _)| put(name, body));
            }
            Ok(HandshakeMessage::ClientKeyExchange(_)) => {
                PARSERS
                    .iter()
                    .filter(|(name, _)| name.starts_with("ClientKeyExchange"))
                    .for_each(|(name, _)| put(name, body));
            }
            _ => {}
        }
    }
    put("RecordHeader", &[22, 3, 3, 0, 4]);
    put("Alert", &[2, 40]);
    put("ChangeCipherSpec", &[1]);
    put("HelloRequest", &[]);
    put("Finished", &[7; 12]);
    put("ServerHelloDone", &[]);
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

/// All streams as records, and their messages without records.
#[must_use]
pub fn stream_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for stream in all_streams() {
        for number in [0xff, 0, 1, 3, 5, 8] {
            let stream = &stream[..stream.len().min(6000)];
            seeds.push([&[number], stream].concat());
            seeds.push([&[number][..], &clear_messages(stream).concat()].concat());
        }
    }
    seeds
}
