//! What is said of an error, for people to read.

use super::ErrorKind;
use cairn_wire::ProtocolVersion;
use core::fmt;

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeerAlert(alert) => write!(f, "the peer ended the connection with {alert}"),
            Self::ClosedDuringHandshake => f.write_str("the peer closed the connection during the handshake"),
            Self::Aborted(alert) => write!(f, "the connection was ended with {alert}"),
            Self::UnexpectedMessage { got } => write!(f, "unexpected {got}"),
            Self::WrongEpoch { expected, got } => {
                write!(f, "a message under the keys of epoch {got}, expected epoch {expected}")
            }
            Self::SplitAcrossKeyChange => f.write_str("a handshake message is cut by a change of keys"),
            Self::MessageTooLong { limit, length } => {
                write!(f, "a handshake message of {length} bytes, our limit is {limit}")
            }
            Self::TooManyHelloRequests { limit } => write!(f, "more than {limit} requests for a handshake that was not wanted"),
            Self::TooManyHandshakes => f.write_str("too many handshakes on one connection"),
            Self::RenegotiationRefused => f.write_str(
                "the client refused the renegotiation in which it was to show a certificate, which the policy requires",
            ),
            Self::RenegotiationTimedOut { limit } => {
                write!(f, "the renegotiation was not complete within {limit} seconds")
            }
            Self::Decode(error) => error.fmt(f),
            Self::InappropriateFallback { peer } => {
                write!(
                    f,
                    "the client fell back to {peer}, which it need not have: somebody may be in between"
                )
            }
            Self::VersionNotSupported { peer } => {
                write!(f, "no version in common: the peer wants {peer}, we have {}", ProtocolVersion::TLS_1_2)
            }
            Self::NoSharedCipherSuite => f.write_str(
                "no cipher suite in common that our certificate, the groups and the signature schemes allow",
            ),
            Self::NoSharedField => f.write_str(
                "the client takes none of our groups for Diffie-Hellman, and no cipher suite that does without",
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
            Self::SchemeNotOffered(scheme) => write!(f, "a signature under {scheme}, which was not offered"),
            Self::SchemeNotForKey(scheme, kind) => {
                write!(f, "a signature under {scheme} with a key of kind {kind}")
            }
            Self::ExtensionNotOffered(extension) => {
                write!(f, "the server sent {extension}, which was not offered")
            }
            Self::ExtensionNotAllowed(extension) => {
                write!(f, "the server sent {extension}, which does not belong into its hello")
            }
            Self::UnknownFragmentLength(code) => {
                write!(f, "the client asks for max_fragment_length {code}, which is not defined")
            }
            Self::FragmentLengthNotOffered(code) => {
                write!(f, "the server answers with max_fragment_length {code}, which we did not ask for")
            }
            Self::ResumedWithOtherFragmentLength(code) => {
                write!(
                    f,
                    "the server resumed the session with max_fragment_length {code}, which it did not have"
                )
            }
            Self::RecordSizeLimitTooSmall { limit } => {
                write!(f, "the peer's record_size_limit is {limit} bytes, at least 64 are required")
            }
            Self::TwoRecordLimits => {
                f.write_str("the server answers with both max_fragment_length and record_size_limit")
            }
            Self::PaddingNotZero => f.write_str("the padding of the ClientHello is not all zeros"),
            Self::BadServerName => f.write_str("the host name that the client asks for is none"),
            Self::BadAlertLevel(level) => write!(f, "an alert of the undefined level {level}"),
            Self::NoUncompressedPoints => f.write_str("ec_point_formats without uncompressed"),
            Self::ResumedWithOtherSuite(suite) => {
                write!(f, "the server resumed the session with another suite, {suite}")
            }
            Self::ResumedWithOtherMasterSecretRule => {
                f.write_str("the resumed session and this hello differ in extended_master_secret")
            }
            Self::ResumedWithoutEncryptThenMac => {
                f.write_str("the server resumed the session without encrypt_then_mac, which it had")
            }
            Self::ExtendedMasterSecretMissing => {
                f.write_str("the peer does not offer extended_master_secret, which the policy requires")
            }
            Self::EncryptThenMacDropped => {
                f.write_str("a renegotiation without encrypt_then_mac, which was in use before")
            }
            Self::ExtendedMasterSecretChanged => f.write_str(
                "a renegotiation that does not agree with what was before on extended_master_secret",
            ),
            Self::ServerNameChanged => f.write_str("a renegotiation for another host name than before"),
            Self::PeerIdentityChanged => f.write_str("after a renegotiation the peer is another than before"),
            Self::SecureRenegotiationMissing => {
                f.write_str("the peer does not offer renegotiation_info, which the policy requires")
            }
            Self::WrongRenegotiationInfo => f.write_str("renegotiation_info does not hold what it must"),
            Self::StatusTypeNotOffered(status_type) => {
                write!(
                    f,
                    "the server sent a certificate status of type {status_type}, which was not asked for"
                )
            }
            Self::CertificateTypeNotOffered(certificate_type) => {
                write!(f, "the server chose certificates of type {certificate_type}, which was not offered")
            }
            Self::NoSharedCertificateType => f.write_str(
                "no certificate type in common: one side shows certificates and the other takes raw public keys, or the reverse",
            ),
            Self::EmptyCertificateList => f.write_str("the server sent an empty certificate list"),
            Self::RequestByAnonymousServer => {
                f.write_str("the server asks for a certificate and has shown none")
            }
            Self::CertificateRequired => {
                f.write_str("the client sent no certificate, which the policy requires")
            }
            Self::PeerRejected(alert) => write!(f, "the peer's certificate is not accepted: {alert}"),
            Self::WrongKeyForSuite(kind) => {
                write!(f, "the certificate's key, {kind}, does not fit the cipher suite")
            }
            Self::KeyMayNotSign => f.write_str("the certificate's key usage does not allow signatures"),
            Self::BadSignature => f.write_str("the signature does not verify"),
            Self::WrongFinished => {
                f.write_str("Finished does not match: the two sides have not seen the same handshake")
            }
            Self::BadPeerShare => f.write_str("the peer's public value is not valid for the group"),
            Self::BadFieldShare => f.write_str("the peer's public value is not in the range of its field"),
            Self::FieldTooSmall { bits, min } => {
                write!(f, "the server's prime has {bits} bits, at least {min} are required")
            }
            Self::FieldTooLarge { bits, max } => {
                write!(f, "the server's prime has {bits} bits, at most {max} are taken")
            }
            Self::KeyMayNotEncrypt => f.write_str("the certificate's key is not one for encryption"),
            Self::NoPsk => f.write_str("there is no pre-shared key for this server"),
            Self::UnknownPskIdentity => f.write_str("the client's pre-shared key is not known"),
            Self::NoCredential => f.write_str("there is no certificate for this client"),
            Self::QuestionFailed => f.write_str("a question of the handshake could not be answered"),
            Self::BelowFloor(shortfall) => shortfall.fmt(f),
            Self::Crypto(error) => write!(f, "cryptography: {error}"),
            Self::Schedule(error) => write!(f, "key schedule: {error}"),
            Self::Encode(error) => write!(f, "our own message cannot be written: {error}"),
            Self::NotInProvider => {
                f.write_str("the policy names an algorithm that the provider does not offer")
            }
        }
    }
}
