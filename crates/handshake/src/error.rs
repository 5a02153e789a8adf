//! What can go wrong in a handshake: one error type, one table from kind to alert.

use crate::{
    Shortfall,
    table::{Row, Table},
};
use cairn_crypto::{CryptoError, KeyKind};
use cairn_schedule::{Epoch, ScheduleError};
use cairn_wire::{
    AlertDescription, AlertLevel, CertificateStatusType, CertificateType, CipherSuite, CompressionMethod,
    DecodeError, EncodeError, ExtensionType, MaxFragmentLengthCode, NamedGroup, ProtocolVersion,
    SignatureScheme,
};
use core::fmt;

/// Why a handshake ended, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandshakeError {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The state the machine was in, by its name in the transition table.
    pub state: &'static str,
    /// The transition table that was in force.
    pub(crate) table: &'static Table,
}

impl HandshakeError {
    /// The alert to send, `None` when the peer ended the connection. It is fatal, unless it is `close_notify`, which is
    /// a warning in TLS 1.2 (RFC 5246 section 7.2).
    #[must_use]
    pub const fn alert(&self) -> Option<AlertDescription> {
        self.kind.alert()
    }

    /// What the table would have taken in that state, to go on from there.
    pub fn expected(&self) -> impl Iterator<Item = &'static str> {
        let state = self.state;
        let leads_on = move |row: &&Row| row.state == state && !row.next.is_empty();
        self.table.rows.iter().filter(leads_on).map(|row| row.input)
    }

    /// The section of the RFC that rules it.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        self.kind.section()
    }
}

impl HandshakeError {
    /// What went wrong and what was expected, without where and by which rule.
    pub fn kind_with_expectation(&self) -> impl fmt::Display + '_ {
        struct Expectation<'a>(&'a HandshakeError);
        impl fmt::Display for Expectation<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.kind)?;
                if matches!(self.0.kind, ErrorKind::UnexpectedMessage { .. }) {
                    for (i, input) in self.0.expected().enumerate() {
                        f.write_str(if i == 0 { ", expected " } else { " or " })?;
                        f.write_str(input)?;
                    }
                }
                Ok(())
            }
        }
        Expectation(self)
    }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (in state {}; {})", self.kind_with_expectation(), self.state, self.section())
    }
}

impl core::error::Error for HandshakeError {}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The peer ended the connection with this alert.
    PeerAlert(AlertDescription),
    /// The peer closed before the handshake was complete.
    ClosedDuringHandshake,
    /// Another layer ended the connection with this alert.
    Aborted(AlertDescription),
    /// A message that the transition table does not have in this state.
    UnexpectedMessage {
        /// Its name.
        got: &'static str,
    },
    /// A message under other keys than those in force.
    WrongEpoch {
        /// Those in force.
        expected: Epoch,
        /// Those it came under.
        got: Epoch,
    },
    /// A message cut by a change of keys (RFC 5246 section 7.1).
    SplitAcrossKeyChange,
    /// A message longer than the limit.
    MessageTooLong {
        /// The limit in bytes.
        limit: u32,
        /// Its length in bytes.
        length: u32,
    },
    /// More HelloRequests than the limit.
    TooManyHelloRequests {
        /// The limit.
        limit: u8,
    },
    /// More handshakes than an epoch can count.
    TooManyHandshakes,
    /// A message that does not parse.
    Decode(DecodeError),
    /// The peer's versions and ours have none in common.
    VersionNotSupported {
        /// The peer's highest, or the one it chose.
        peer: ProtocolVersion,
    },
    /// The client says that it fell back to a lower version, and need not have (RFC 7507).
    InappropriateFallback {
        /// What it fell back to.
        peer: ProtocolVersion,
    },
    /// The suites of the client and ours have none in common that our credential, the groups and the signature
    /// schemes allow.
    NoSharedCipherSuite,
    /// The client names fields for Diffie-Hellman, of which we take none, and no suite is left that does without (RFC 7919
    /// section 4).
    NoSharedField,
    /// The application protocols of the client and ours have none in common (RFC 7301 section 3.2).
    NoSharedApplicationProtocol,
    /// The server chose a suite that we did not offer.
    CipherSuiteNotOffered(CipherSuite),
    /// The server chose a compression that we did not offer, or the client did not offer `null`.
    CompressionNotOffered(CompressionMethod),
    /// The server chose a group that we did not offer, for the key exchange or for its certificate's key.
    GroupNotOffered(NamedGroup),
    /// The server chose an application protocol that we did not offer.
    ApplicationProtocolNotOffered,
    /// A signature under a scheme that we did not offer.
    SchemeNotOffered(SignatureScheme),
    /// A signature under a scheme that does not fit the certificate's key.
    SchemeNotForKey(SignatureScheme, KeyKind),
    /// The server sent an extension that we did not send.
    ExtensionNotOffered(ExtensionType),
    /// The server sent an extension that does not belong into its hello.
    ExtensionNotAllowed(ExtensionType),
    /// A max_fragment_length of the client that RFC 6066 section 4 does not define.
    UnknownFragmentLength(MaxFragmentLengthCode),
    /// The server answers with another max_fragment_length than we asked for.
    FragmentLengthNotOffered(MaxFragmentLengthCode),
    /// The server says a max_fragment_length that the resumed session does not have (RFC 6066 sections 1.1 and 4).
    ResumedWithOtherFragmentLength(MaxFragmentLengthCode),
    /// A record_size_limit below 64 bytes (RFC 8449 section 4).
    RecordSizeLimitTooSmall {
        /// What the peer said, in bytes.
        limit: u16,
    },
    /// The server answers with both max_fragment_length and record_size_limit (RFC 8449 section 5).
    TwoRecordLimits,
    /// padding with something else than zeros in it (RFC 7685 section 3).
    PaddingNotZero,
    /// The host name in server_name is none (RFC 6066 section 3).
    BadServerName,
    /// An alert of a level that is not defined.
    BadAlertLevel(AlertLevel),
    /// ec_point_formats without `uncompressed` (RFC 8422 section 5.1.2).
    NoUncompressedPoints,
    /// The resumed session has another suite than the one the server chose now.
    ResumedWithOtherSuite(CipherSuite),
    /// The resumed session and this hello do not agree on extended_master_secret (RFC 7627 section 5.3).
    ResumedWithOtherMasterSecretRule,
    /// The resumed session has encrypt_then_mac and the server leaves it away now (RFC 7366 section 3.1).
    ResumedWithoutEncryptThenMac,
    /// The peer does not do extended_master_secret and our policy requires it (RFC 7627).
    ExtendedMasterSecretMissing,
    /// The peer does not do secure renegotiation and our policy requires it (RFC 5746).
    SecureRenegotiationMissing,
    /// renegotiation_info does not hold what it must (RFC 5746 section 3).
    WrongRenegotiationInfo,
    /// The server sent a certificate status of another type than the one that was asked for.
    StatusTypeNotOffered(CertificateStatusType),
    /// A renegotiation left away encrypt_then_mac, which was in use before (RFC 7366 section 3.1).
    EncryptThenMacDropped,
    /// A renegotiation has extended_master_secret and what was before has not, or the reverse.
    ExtendedMasterSecretChanged,
    /// A renegotiation asks for another host name than the handshake before.
    ServerNameChanged,
    /// A peer that has proved to be somebody is somebody else, or nobody, after a renegotiation.
    PeerIdentityChanged,
    /// The server chose a certificate type that we did not offer (RFC 7250).
    CertificateTypeNotOffered(CertificateType),
    /// What one side can show the other does not take: certificates, or raw public keys (RFC 7250 section 4.2).
    NoSharedCertificateType,
    /// The server sent an empty certificate list.
    EmptyCertificateList,
    /// A server that has shown no certificate asks for one.
    RequestByAnonymousServer,
    /// The client sent no certificate and our policy requires one.
    CertificateRequired,
    /// The check of the peer's chain said no, with this alert.
    PeerRejected(AlertDescription),
    /// The certificate's key does not fit the suite.
    WrongKeyForSuite(KeyKind),
    /// The certificate's key usage does not let its key sign.
    KeyMayNotSign,
    /// A signature that does not verify.
    BadSignature,
    /// A Finished that does not match the transcript.
    WrongFinished,
    /// A public value that is not valid for its group.
    BadPeerShare,
    /// A public value that is not in the range of its field (RFC 7919 section 5.1).
    BadFieldShare,
    /// The server's prime for Diffie-Hellman is shorter than the limit.
    FieldTooSmall {
        /// Its length in bits.
        bits: u32,
        /// The limit in bits.
        min: u16,
    },
    /// The server's prime for Diffie-Hellman is longer than the limit.
    FieldTooLarge {
        /// Its length in bits.
        bits: u32,
        /// The limit in bits.
        max: u16,
    },
    /// The server's key is not one for encryption, by its key usage or at all.
    KeyMayNotEncrypt,
    /// A client has no pre-shared key for this server.
    NoPsk,
    /// A server does not know the client's pre-shared key (RFC 4279 section 2).
    UnknownPskIdentity,
    /// There is no credential for this peer.
    NoCredential,
    /// A question could not be answered.
    QuestionFailed,
    /// A primitive of the provider failed.
    Crypto(CryptoError),
    /// The key schedule failed.
    Schedule(ScheduleError),
    /// Our own message could not be written: the policy asks for more than a message can hold.
    Encode(EncodeError),
    /// What was negotiated is below the least that the policy takes.
    BelowFloor(Shortfall),
    /// The policy names what its provider does not offer.
    NotInProvider,
}

impl ErrorKind {
    /// The alert that says it (RFC 5246 section 7.2.2): the one table from kind to alert.
    #[must_use]
    pub const fn alert(&self) -> Option<AlertDescription> {
        Some(match self {
            Self::PeerAlert(_) => return None,
            Self::Aborted(alert) | Self::PeerRejected(alert) => *alert,
            Self::ClosedDuringHandshake => AlertDescription::CLOSE_NOTIFY,
            Self::UnexpectedMessage { .. } | Self::WrongEpoch { .. } | Self::SplitAcrossKeyChange => {
                AlertDescription::UNEXPECTED_MESSAGE
            }
            Self::Decode(error) => error.alert(),
            Self::VersionNotSupported { .. } => AlertDescription::PROTOCOL_VERSION,
            Self::InappropriateFallback { .. } => AlertDescription::INAPPROPRIATE_FALLBACK,
            Self::NoSharedCipherSuite
            | Self::ExtendedMasterSecretMissing
            | Self::ResumedWithOtherMasterSecretRule
            | Self::ResumedWithoutEncryptThenMac
            | Self::EncryptThenMacDropped
            | Self::ExtendedMasterSecretChanged
            | Self::SecureRenegotiationMissing
            | Self::WrongRenegotiationInfo
            | Self::RequestByAnonymousServer
            | Self::CertificateRequired
            | Self::BadFieldShare
            | Self::NoPsk
            | Self::NoCredential => AlertDescription::HANDSHAKE_FAILURE,
            Self::NoSharedApplicationProtocol => AlertDescription::NO_APPLICATION_PROTOCOL,
            Self::MessageTooLong { .. }
            | Self::CipherSuiteNotOffered(_)
            | Self::CompressionNotOffered(_)
            | Self::GroupNotOffered(_)
            | Self::ApplicationProtocolNotOffered
            | Self::SchemeNotOffered(_)
            | Self::SchemeNotForKey(..)
            | Self::NoUncompressedPoints
            | Self::ExtensionNotAllowed(_)
            | Self::UnknownFragmentLength(_)
            | Self::FragmentLengthNotOffered(_)
            | Self::ResumedWithOtherFragmentLength(_)
            | Self::RecordSizeLimitTooSmall { .. }
            | Self::TwoRecordLimits
            | Self::PaddingNotZero
            | Self::BadServerName
            | Self::ServerNameChanged
            | Self::PeerIdentityChanged
            | Self::BadAlertLevel(_)
            | Self::StatusTypeNotOffered(_)
            | Self::CertificateTypeNotOffered(_)
            | Self::ResumedWithOtherSuite(_)
            | Self::FieldTooLarge { .. }
            | Self::BadPeerShare => AlertDescription::ILLEGAL_PARAMETER,
            Self::NoSharedField | Self::FieldTooSmall { .. } | Self::BelowFloor(_) => {
                AlertDescription::INSUFFICIENT_SECURITY
            }
            Self::UnknownPskIdentity => AlertDescription::UNKNOWN_PSK_IDENTITY,
            Self::ExtensionNotOffered(_) => AlertDescription::UNSUPPORTED_EXTENSION,
            Self::EmptyCertificateList => AlertDescription::DECODE_ERROR,
            Self::NoSharedCertificateType
            | Self::WrongKeyForSuite(_)
            | Self::KeyMayNotSign
            | Self::KeyMayNotEncrypt => AlertDescription::UNSUPPORTED_CERTIFICATE,
            Self::BadSignature | Self::WrongFinished => AlertDescription::DECRYPT_ERROR,
            Self::TooManyHelloRequests { .. } => AlertDescription::UNEXPECTED_MESSAGE,
            Self::TooManyHandshakes
            | Self::QuestionFailed
            | Self::Crypto(_)
            | Self::Schedule(_)
            | Self::Encode(_)
            | Self::NotInProvider => AlertDescription::INTERNAL_ERROR,
        })
    }

    /// The section of the RFC that rules it.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match self {
            Self::PeerAlert(_) | Self::Aborted(_) | Self::PeerRejected(_) | Self::BelowFloor(_) => {
                "RFC 5246 section 7.2.2"
            }
            Self::BadAlertLevel(_) => "RFC 5246 section 7.2",
            Self::BadServerName => "RFC 6066 section 3",
            Self::UnknownFragmentLength(_)
            | Self::FragmentLengthNotOffered(_)
            | Self::ResumedWithOtherFragmentLength(_) => "RFC 6066 section 4",
            Self::RecordSizeLimitTooSmall { .. } => "RFC 8449 section 4",
            Self::TwoRecordLimits => "RFC 8449 section 5",
            Self::PaddingNotZero => "RFC 7685 section 3",
            Self::ClosedDuringHandshake => "RFC 5246 section 7.2.1",
            Self::UnexpectedMessage { .. } => "RFC 5246 section 7.3",
            Self::WrongEpoch { .. } | Self::SplitAcrossKeyChange => "RFC 5246 section 7.1",
            Self::MessageTooLong { .. } | Self::Decode(_) | Self::Encode(_) => "RFC 5246 section 7.4",
            Self::TooManyHelloRequests { .. } | Self::TooManyHandshakes => "RFC 5246 section 7.4.1.1",
            Self::VersionNotSupported { .. } => "RFC 5246 appendix E.1",
            Self::InappropriateFallback { .. } => "RFC 7507 section 3",
            Self::NoSharedCipherSuite
            | Self::CipherSuiteNotOffered(_)
            | Self::ResumedWithOtherSuite(_)
            | Self::CompressionNotOffered(_) => "RFC 5246 section 7.4.1.3",
            Self::NoSharedApplicationProtocol | Self::ApplicationProtocolNotOffered => "RFC 7301 section 3.2",
            Self::NoSharedField => "RFC 7919 section 4",
            Self::GroupNotOffered(_) | Self::BadPeerShare => "RFC 8422 section 5.4",
            Self::NoUncompressedPoints => "RFC 8422 section 5.1.2",
            Self::SchemeNotOffered(_) | Self::SchemeNotForKey(..) => "RFC 5246 section 7.4.1.4.1",
            Self::ExtensionNotOffered(_) | Self::ExtensionNotAllowed(_) => "RFC 5246 section 7.4.1.4",
            Self::ResumedWithOtherMasterSecretRule | Self::ExtendedMasterSecretMissing => {
                "RFC 7627 section 5"
            }
            Self::ResumedWithoutEncryptThenMac | Self::EncryptThenMacDropped => "RFC 7366 section 3.1",
            Self::ExtendedMasterSecretChanged => "RFC 7627 section 1",
            Self::ServerNameChanged => "RFC 6066 section 3",
            Self::PeerIdentityChanged => "RFC 7457 section 2.11",
            Self::SecureRenegotiationMissing | Self::WrongRenegotiationInfo => "RFC 5746 section 3",
            Self::StatusTypeNotOffered(_) => "RFC 6066 section 8",
            Self::CertificateTypeNotOffered(_) | Self::NoSharedCertificateType => "RFC 7250 section 4.2",
            Self::EmptyCertificateList
            | Self::WrongKeyForSuite(_)
            | Self::KeyMayNotSign
            | Self::KeyMayNotEncrypt => "RFC 5246 section 7.4.2",
            Self::BadFieldShare | Self::FieldTooSmall { .. } | Self::FieldTooLarge { .. } => {
                "RFC 7919 section 3"
            }
            Self::NoPsk | Self::UnknownPskIdentity => "RFC 4279 section 2",
            Self::RequestByAnonymousServer => "RFC 5246 section 7.4.4",
            Self::CertificateRequired => "RFC 5246 section 7.4.6",
            Self::BadSignature => "RFC 5246 section 4.7",
            Self::WrongFinished => "RFC 5246 section 7.4.9",
            Self::NoCredential
            | Self::QuestionFailed
            | Self::Crypto(_)
            | Self::Schedule(_)
            | Self::NotInProvider => "RFC 5246 section 7.2.2",
        }
    }
}

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
                write!(f, "a handshake message of {length} bytes, the limit is {limit}")
            }
            Self::TooManyHelloRequests { limit } => write!(f, "more than {limit} HelloRequests"),
            Self::TooManyHandshakes => f.write_str("too many handshakes on one connection"),
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

impl From<DecodeError> for ErrorKind {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<EncodeError> for ErrorKind {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl From<CryptoError> for ErrorKind {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::BadPeerShare => Self::BadPeerShare,
            CryptoError::BadSignature => Self::BadSignature,
            other => Self::Crypto(other),
        }
    }
}

impl From<ScheduleError> for ErrorKind {
    fn from(error: ScheduleError) -> Self {
        match error {
            ScheduleError::Crypto(error) => Self::Crypto(error),
            other => Self::Schedule(other),
        }
    }
}

/// The caller did what the machine's contract forbids. Nothing has happened, and nothing is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// [`crate::Input::Start`] a second time, or another input before it.
    NotStartedOnce,
    /// A message or ChangeCipherSpec of the peer while a question is pending.
    QuestionPending,
    /// An answer to a question that is not pending.
    StaleAnswer,
    /// An answer of another kind than the pending question's.
    WrongAnswer {
        /// The question's name.
        question: &'static str,
    },
    /// The machine has failed before; it takes nothing more.
    Failed(HandshakeError),
    /// The handshake is not complete yet.
    NotComplete,
    /// The policy has no renegotiation.
    NoRenegotiation,
    /// The peer does not do secure renegotiation (RFC 5746).
    NoSecureRenegotiation,
    /// As many renegotiations as the limit allows are through.
    TooManyRenegotiations {
        /// The limit.
        limit: u8,
    },
    /// Where the policy has renegotiation there is no tls-exporter (RFC 9266 section 2).
    NotWithRenegotiation,
    /// Without the extended master secret neither an exporter nor tls-unique binds the handshake (RFC 7627 sections 1
    /// and 5.4): who is in between can bring two connections to the same secrets.
    NoExtendedMasterSecret,
    /// The key schedule refused.
    Schedule(ScheduleError),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStartedOnce => f.write_str("a machine must be started, once"),
            Self::QuestionPending => f.write_str("a question is pending: nothing of the peer's can be taken but an alert"),
            Self::StaleAnswer => f.write_str("the answer is to a question that is not pending"),
            Self::WrongAnswer { question } => write!(f, "the answer is not of the kind that {question} asks for"),
            Self::Failed(error) => write!(f, "the handshake has failed before: {error}"),
            Self::NotComplete => f.write_str("the handshake is not complete"),
            Self::NoRenegotiation => f.write_str("the policy has no renegotiation"),
            Self::NotWithRenegotiation => f.write_str(
                "tls-exporter is not defined for a connection that may renegotiate (RFC 9266 section 2)",
            ),
            Self::NoSecureRenegotiation => {
                f.write_str("the peer does not do secure renegotiation (RFC 5746)")
            }
            Self::TooManyRenegotiations { limit } => {
                write!(f, "there have been {limit} renegotiations, as many as the limit allows")
            }
            Self::NoExtendedMasterSecret => {
                f.write_str("without the extended master secret neither exporters nor tls-unique bind the handshake (RFC 7627 section 5.4)")
            }
            Self::Schedule(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Misuse {}
