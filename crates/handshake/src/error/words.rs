//! The messages of errors.

use super::HandshakeErrorKind;
use cairn_wire::ProtocolVersion;
use core::fmt;

impl fmt::Display for HandshakeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeerAlert(alert) => write!(f, "the peer ended the connection with {alert}"),
            Self::ClosedDuringHandshake => f.write_str("the peer closed the connection during the handshake"),
            Self::Aborted(alert) => write!(f, "the connection was ended with {alert}"),
            Self::UnexpectedMessage { got } => write!(f, "unexpected {got}"),
            Self::WrongEpoch { expected, got } => {
                write!(f, "a message with the keys of epoch {got}, expected epoch {expected}")
            }
            Self::SplitAcrossKeyChange => f.write_str("a handshake message spans a change of keys"),
            Self::MessageTooLong { limit, length } => {
                write!(f, "a handshake message has {length} bytes, our limit is {limit}")
            }
            Self::TooManyHelloRequests { limit } => {
                write!(f, "more than {limit} requests for a renegotiation that did not take place")
            }
            Self::TooManyHandshakes => f.write_str("too many handshakes on one connection"),
            Self::RenegotiationRefused => {
                f.write_str("the client refused the renegotiation in which it must authenticate")
            }
            Self::RenegotiationTimedOut { limit } => {
                write!(f, "the renegotiation was not complete within {limit} seconds")
            }
            Self::Decode(error) => error.fmt(f),
            Self::InappropriateFallback { peer } => {
                write!(f, "the client fell back to {peer} unnecessarily: an attacker may have interfered")
            }
            Self::VersionNotSupported { peer } => {
                write!(
                    f,
                    "no version in common: the peer requests {peer}, we support {}",
                    ProtocolVersion::TLS_1_2
                )
            }
            Self::NoSharedCipherSuite => f.write_str(
                "no cipher suite in common that our certificate, the groups and the signature schemes permit",
            ),
            Self::NoSharedField => f.write_str(
                "no finite field group in common, and no cipher suite in common works without one",
            ),
            Self::NoSharedApplicationProtocol => f.write_str("no application protocol in common"),
            Self::CipherSuiteNotOffered(suite) => {
                write!(f, "the server chose {suite}, which was not offered")
            }
            Self::CompressionNotOffered(method) => {
                write!(f, "compression {method} was chosen or null was not offered")
            }
            Self::GroupNotOffered(group) => {
                write!(f, "the server uses the group {group}, which was not offered")
            }
            Self::ApplicationProtocolNotOffered => {
                f.write_str("the server chose an application protocol that was not offered")
            }
            Self::SchemeNotOffered(scheme) => write!(f, "a signature with {scheme}, which was not offered"),
            Self::SchemeNotForKey(scheme, kind) => {
                write!(f, "a signature with {scheme}, which does not fit a key of kind {kind}")
            }
            Self::ExtensionNotOffered(extension) => {
                write!(f, "the server sent {extension}, which was not offered")
            }
            Self::ExtensionNotAllowed(extension) => {
                write!(f, "the server sent {extension}, which is not permitted in ServerHello")
            }
            Self::UnknownFragmentLength(code) => {
                write!(f, "the client requests the undefined max_fragment_length code {code}")
            }
            Self::FragmentLengthNotOffered(code) => {
                write!(f, "the server sent the max_fragment_length code {code}, which was not requested")
            }
            Self::ResumedWithOtherFragmentLength(code) => {
                write!(
                    f,
                    "the server resumed the session with the max_fragment_length code {code}, \
                     expected that of the session"
                )
            }
            Self::RecordSizeLimitTooSmall { limit } => {
                write!(f, "the peer's record_size_limit is {limit} bytes, expected at least 64")
            }
            Self::TwoRecordLimits => {
                f.write_str("the server sent both max_fragment_length and record_size_limit")
            }
            Self::PaddingNotZero => f.write_str("the padding extension of ClientHello is not all zeros"),
            Self::BadServerName => f.write_str("invalid host name in server_name"),
            Self::BadAlertLevel(level) => write!(f, "an alert of the undefined level {level}"),
            Self::NoUncompressedPoints => f.write_str("ec_point_formats does not include uncompressed"),
            Self::ResumedWithOtherSuite(suite) => {
                write!(f, "the server resumed the session with another suite, {suite}")
            }
            Self::ResumedWithOtherMasterSecretRule => {
                f.write_str("the resumed session and the hello differ in extended_master_secret")
            }
            Self::ResumedWithoutEncryptThenMac => {
                f.write_str("the server resumed the session without encrypt_then_mac, which the session uses")
            }
            Self::ExtendedMasterSecretMissing => {
                f.write_str("the peer does not support extended_master_secret, which the policy requires")
            }
            Self::EncryptThenMacDropped => {
                f.write_str("a renegotiation omits encrypt_then_mac, which was in use before")
            }
            Self::ExtendedMasterSecretChanged => {
                f.write_str("a renegotiation differs from the handshake before it in extended_master_secret")
            }
            Self::ServerNameChanged => f.write_str("a renegotiation requests another host name than before"),
            Self::PeerIdentityChanged => f.write_str("the peer's identity changed in a renegotiation"),
            Self::SecureRenegotiationMissing => {
                f.write_str("the peer does not support renegotiation_info, which the policy requires")
            }
            Self::WrongRenegotiationInfo => f.write_str("renegotiation_info has a wrong value"),
            Self::StatusTypeNotOffered(status_type) => {
                write!(
                    f,
                    "the server sent a certificate status of type {status_type}, which was not requested"
                )
            }
            Self::CertificateTypeNotOffered(certificate_type) => {
                write!(f, "the server chose certificates of type {certificate_type}, which was not offered")
            }
            Self::NoSharedCertificateType => f.write_str(
                "no certificate type in common: one side has X.509 certificates and the other accepts \
                 raw public keys, or the reverse",
            ),
            Self::EmptyCertificateList => f.write_str("the server's Certificate message is empty"),
            Self::RequestByAnonymousServer => f.write_str("an anonymous server sent CertificateRequest"),
            Self::CertificateRequired => {
                f.write_str("the client sent no certificate, which the policy requires")
            }
            Self::PeerRejected(alert) => write!(f, "the peer's certificate is not accepted: {alert}"),
            Self::WrongKeyForSuite(kind) => {
                write!(f, "the certificate's key, {kind}, does not fit the cipher suite")
            }
            Self::KeyMayNotSign => f.write_str("the certificate's key usage does not permit signatures"),
            Self::BadSignature => f.write_str("invalid signature"),
            Self::WrongFinished => {
                f.write_str("wrong verify_data in Finished: the two sides have not seen the same handshake")
            }
            Self::BadPeerShare => f.write_str("the peer's public value is invalid for the group"),
            Self::BadFieldShare => {
                f.write_str("the peer's public value is outside the range of its finite field")
            }
            Self::FieldTooSmall { bits, min } => {
                write!(f, "the server's prime has {bits} bits, expected at least {min}")
            }
            Self::FieldTooLarge { bits, max } => {
                write!(f, "the server's prime has {bits} bits, expected at most {max}")
            }
            Self::KeyMayNotEncrypt => f.write_str("the certificate's key cannot be used for encryption"),
            Self::NoPsk => f.write_str("no pre-shared key for this server"),
            Self::UnknownPskIdentity => f.write_str("unknown PSK identity of the client"),
            Self::NoCredential => f.write_str("no certificate for this client"),
            Self::QuestionFailed => f.write_str("a question of the handshake could not be answered"),
            Self::BelowFloor(shortfall) => shortfall.fmt(f),
            Self::Crypto(error) => write!(f, "cryptography: {error}"),
            Self::Schedule(error) => write!(f, "key schedule: {error}"),
            Self::Encode(error) => write!(f, "our own message cannot be encoded: {error}"),
            Self::NotInProvider => {
                f.write_str("the policy uses an algorithm that the provider does not support")
            }
        }
    }
}
