//! The alert and the RFC section of each kind of error.

use super::HandshakeErrorKind;
use cairn_wire::AlertDescription;

impl HandshakeErrorKind {
    /// The alert that reports this error (RFC 5246 section 7.2.2).
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
            | Self::RenegotiationRefused
            | Self::RenegotiationTimedOut { .. }
            | Self::BadFieldShare
            | Self::NoPsk
            | Self::NoCredential => AlertDescription::HANDSHAKE_FAILURE,
            Self::NoSharedApplicationProtocol => AlertDescription::NO_APPLICATION_PROTOCOL,
            Self::CipherSuiteNotOffered(_)
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
            // The message may be valid: the limit is ours.
            Self::MessageTooLong { .. }
            | Self::TooManyHandshakes
            | Self::QuestionFailed
            | Self::Crypto(_)
            | Self::Schedule(_)
            | Self::Encode(_)
            | Self::NotInProvider => AlertDescription::INTERNAL_ERROR,
        })
    }

    /// The RFC section that the error refers to.
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
            Self::Decode(_) | Self::Encode(_) => "RFC 5246 section 7.4",
            Self::TooManyHelloRequests { .. }
            | Self::TooManyHandshakes
            | Self::RenegotiationTimedOut { .. } => "RFC 5246 section 7.4.1.1",
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
            Self::MessageTooLong { .. }
            | Self::NoCredential
            | Self::QuestionFailed
            | Self::RenegotiationRefused
            | Self::Crypto(_)
            | Self::Schedule(_)
            | Self::NotInProvider => "RFC 5246 section 7.2.2",
        }
    }
}
