//! All decoders of the crate, with a common signature.

use cairn_wire::*;

/// Decodes all bytes and encodes the value again.
pub(crate) type Recode = fn(&[u8]) -> Result<Vec<u8>, DecodeError>;

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
    // Printing decodes the parts that `read_message` does not.
    assert!(!message.to_string().is_empty());
    Ok(out)
}

fn tls13_message(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut r = Reader::new(bytes);
    let message = Tls13HandshakeMessage::read_message(&mut r)?;
    r.finish("end")?;
    let mut out = Vec::new();
    message.write_message(&mut Writer::vec(&mut out)).unwrap();
    assert!(!message.to_string().is_empty());
    Ok(out)
}

/// All decoders.
pub(crate) const ALL: &[(&str, Recode)] = &[
    ("RecordHeader", recode!(RecordHeader)),
    ("Alert", recode!(Alert)),
    ("ChangeCipherSpec", recode!(ChangeCipherSpec)),
    ("HandshakeHeader", recode!(HandshakeHeader)),
    ("handshake message", message),
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
    ("ClientKeyExchange Ecdhe", recode!(ClientKeyExchange, Ecdhe)),
    ("ClientKeyExchange Psk", recode!(ClientKeyExchange, Psk)),
    ("ClientKeyExchange DhePsk", recode!(ClientKeyExchange, DhePsk)),
    ("ClientKeyExchange RsaPsk", recode!(ClientKeyExchange, RsaPsk)),
    ("ClientKeyExchange EcdhePsk", recode!(ClientKeyExchange, EcdhePsk)),
    ("client extensions", recode!(Extensions<'_, ClientExtension<'_>>)),
    ("server extensions", recode!(Extensions<'_, ServerExtension<'_>>)),
    ("list of suites", recode!(List<'_, CipherSuite>)),
    ("list of certificates", recode!(List<'_, Asn1Cert<'_>>)),
    ("CertificateStatusRequest", recode!(CertificateStatusRequest<'_>)),
    ("TLS 1.3 handshake message", tls13_message),
    ("AnyServerHello", recode!(AnyServerHello<'_>)),
    ("Tls13ServerHello", recode!(Tls13ServerHello<'_>)),
    ("HelloRetryRequest", recode!(HelloRetryRequest<'_>)),
    ("EncryptedExtensions", recode!(EncryptedExtensions<'_>)),
    ("Tls13Certificate", recode!(Tls13Certificate<'_>)),
    ("Tls13CertificateRequest", recode!(Tls13CertificateRequest<'_>)),
    ("Tls13NewSessionTicket", recode!(Tls13NewSessionTicket<'_>)),
    ("EndOfEarlyData", recode!(EndOfEarlyData)),
    ("KeyUpdate", recode!(KeyUpdate)),
    ("CompressedCertificate", recode!(CompressedCertificate<'_>)),
    ("KeyShareClientHello", recode!(KeyShareClientHello<'_>)),
    ("OfferedPsks", recode!(OfferedPsks<'_>)),
    ("PskKeyExchangeModes", recode!(PskKeyExchangeModes<'_>)),
    ("Cookie", recode!(Cookie<'_>)),
    ("CertificateAuthorities", recode!(CertificateAuthorities<'_>)),
    ("OidFilters", recode!(OidFilters<'_>)),
    ("CertificateCompressionAlgorithms", recode!(CertificateCompressionAlgorithms<'_>)),
    ("DelegatedCredential", recode!(DelegatedCredential<'_>)),
    ("SignatureSchemeList", recode!(SignatureSchemeList<'_>)),
    ("ClientTicketRequest", recode!(ClientTicketRequest)),
];

/// Checks the properties that hold for any input: a decoded value encodes to the same bytes, and the offset
/// of an error is within the input. Returns `true` if `bytes` decode.
pub(crate) fn check(name: &str, recode: Recode, bytes: &[u8]) -> bool {
    match recode(bytes) {
        Ok(again) => {
            assert_eq!(again, bytes, "{name}: encoding does not restore the decoded bytes");
            true
        }
        Err(error) => {
            assert!(error.offset <= bytes.len(), "{name}: {error}");
            assert!(error.to_string().contains("offset"));
            assert!(error.alert().name().is_some());
            false
        }
    }
}
