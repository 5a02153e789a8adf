//! The error type of the handshake. The alert, the section and the message of each kind are in its `table`.

use crate::{certificate_compression::DecompressionError, security::shortfall::Shortfall, transition::Table};
use cairn_crypto::{CryptoError, KeyKind};
use cairn_schedule::{Epoch, ScheduleError};
use cairn_wire::{
    AlertDescription, AlertLevel, CertificateCompressionAlgorithm, CertificateStatusType, CertificateType,
    CipherSuite, CompressionMethod, DecodeError, EncodeError, ExtensionFault, ExtensionType,
    MaxFragmentLengthCode, NamedGroup, ProtocolVersion, PskKeyExchangeMode, SignatureScheme, section_in,
};
use core::fmt;

mod misuse;
mod table;

pub use misuse::Misuse;

/// The reason why a handshake failed, and the state in which it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandshakeError {
    /// The kind of error.
    pub kind: HandshakeErrorKind,
    /// The name of the machine's state in the transition table.
    pub state: &'static str,
    /// The transition table in use.
    pub(crate) table: &'static Table,
}

impl HandshakeError {
    /// The alert to send, or `None` if the peer ended the connection. It is fatal, except for `close_notify`,
    /// which is a warning in TLS 1.2 (RFC 5246 section 7.2).
    #[must_use]
    pub fn alert(&self) -> Option<AlertDescription> {
        self.kind.alert()
    }

    /// The inputs that the table accepts in that state.
    pub fn expected(&self) -> impl Iterator<Item = &'static str> {
        self.table.expected(self.state)
    }

    /// The RFC section that the peer violated or that requires the error, for the version in use. `None` for
    /// limits and failures of our own.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.kind.section().map(|section| section_in(self.table.version, section))
    }
}

impl HandshakeError {
    /// The message without the state and the RFC section. An unexpected message is followed by the inputs
    /// that the state accepts.
    pub fn message(&self) -> impl fmt::Display + '_ {
        struct Message<'a>(&'a HandshakeError);
        impl fmt::Display for Message<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.kind)?;
                if matches!(self.0.kind, HandshakeErrorKind::UnexpectedMessage { .. }) {
                    for (i, input) in self.0.expected().enumerate() {
                        f.write_str(if i == 0 { ", expected " } else { " or " })?;
                        f.write_str(input)?;
                    }
                }
                Ok(())
            }
        }
        Message(self)
    }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (in state {}", self.message(), self.state)?;
        match self.section() {
            Some(section) => write!(f, "; {section})"),
            None => f.write_str(")"),
        }
    }
}

impl core::error::Error for HandshakeError {}

/// The kind of a handshake error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandshakeErrorKind {
    /// The peer ended the connection with this alert.
    PeerAlert(AlertDescription),
    /// The peer closed before the handshake was complete.
    ClosedDuringHandshake,
    /// Another layer ended the connection with this alert.
    Aborted(AlertDescription),
    /// A message that the transition table does not accept in this state.
    UnexpectedMessage {
        /// The name of the message.
        got: &'static str,
    },
    /// A message protected with other keys than those in force.
    WrongEpoch {
        /// The epoch in force.
        expected: Epoch,
        /// The epoch of the message.
        got: Epoch,
    },
    /// A message that a change of keys splits (RFC 5246 section 7.1).
    SplitAcrossKeyChange,
    /// A message that is longer than the limit of our policy: see [`crate::Limits`]. A message that is longer
    /// than its syntax allows is [`HandshakeErrorKind::Decode`].
    MessageTooLong {
        /// The limit in bytes.
        limit: u32,
        /// Its length in bytes.
        length: u32,
    },
    /// More HelloRequest messages than the limit allows.
    TooManyHelloRequests {
        /// The limit.
        limit: u8,
    },
    /// More handshakes than an epoch can count.
    TooManyHandshakes,
    /// The client refused a renegotiation in which our policy requires its certificate.
    RenegotiationRefused,
    /// A renegotiation took too long.
    RenegotiationTimedOut {
        /// The limit in seconds: [`crate::RenegotiationLimits::max_duration`].
        limit: u32,
    },
    /// A malformed message.
    Decode(DecodeError),
    /// The peer supports none of our versions.
    VersionNotSupported {
        /// The peer's highest version, or the version that the server chose.
        peer: ProtocolVersion,
    },
    /// The client signals a fallback to a lower version although we support a higher one (RFC 7507).
    InappropriateFallback {
        /// The version that it fell back to.
        peer: ProtocolVersion,
    },
    /// No cipher suite in common that our credential, the groups and the signature schemes permit.
    NoSharedCipherSuite,
    /// The client lists groups of RFC 7919, but none that we accept, and no suite in common works without one
    /// (RFC 7919 section 4).
    NoSharedField,
    /// No application protocol in common (RFC 7301 section 3.2).
    NoSharedApplicationProtocol,
    /// The server chose a cipher suite that we did not offer.
    CipherSuiteNotOffered(CipherSuite),
    /// The server chose a compression method that we did not offer (RFC 5246 section 7.4.1.3).
    CompressionNotOffered(CompressionMethod),
    /// The client did not offer the compression method `null` (RFC 5246 section 7.4.1.2).
    NullCompressionMissing,
    /// The server chose a group for the key exchange that we did not offer (RFC 8422 section 5.4).
    GroupNotOffered(NamedGroup),
    /// The key of the server's certificate is on a curve that we did not offer (RFC 8422 section 5.3).
    CertificateCurveNotOffered(NamedGroup),
    /// The server chose an application protocol that we did not offer.
    ApplicationProtocolNotOffered,
    /// A signature with a scheme that we did not offer.
    SchemeNotOffered(SignatureScheme),
    /// A signature with a scheme that does not fit the key of the certificate.
    SchemeNotForKey(SignatureScheme, KeyKind),
    /// The server sent an extension that we did not send.
    ExtensionNotOffered(ExtensionType),
    /// The server sent an extension that is not permitted in ServerHello.
    ExtensionNotAllowed(ExtensionType),
    /// The client sent an undefined code of max_fragment_length (RFC 6066 section 4).
    UnknownFragmentLength(MaxFragmentLengthCode),
    /// The server's max_fragment_length differs from our request.
    FragmentLengthNotOffered(MaxFragmentLengthCode),
    /// The server's max_fragment_length differs from that of the resumed session (RFC 6066 sections 1.1 and
    /// 4).
    ResumedWithOtherFragmentLength(MaxFragmentLengthCode),
    /// A record_size_limit below 64 bytes (RFC 8449 section 4).
    RecordSizeLimitTooSmall {
        /// The peer's limit in bytes.
        limit: u16,
    },
    /// The server sent both max_fragment_length and record_size_limit (RFC 8449 section 5).
    TwoRecordLimits,
    /// A padding extension with bytes other than zero (RFC 7685 section 3).
    PaddingNotZero,
    /// Invalid host name in server_name (RFC 6066 section 3).
    BadServerName,
    /// An alert with an undefined level.
    BadAlertLevel(AlertLevel),
    /// ec_point_formats without `uncompressed` (RFC 8422 section 5.1.2).
    NoUncompressedPoints,
    /// The server resumes a session that does not exist: it repeats a session ID that we made up for TLS 1.3.
    UnknownSessionResumed,
    /// The server chose another cipher suite than that of the resumed session.
    ResumedWithOtherSuite(CipherSuite),
    /// The resumed session and the hello differ in extended_master_secret (RFC 7627 section 5.3).
    ResumedWithOtherMasterSecretRule,
    /// The resumed session used encrypt_then_mac and the server now omits it (RFC 7366 section 3.1).
    ResumedWithoutEncryptThenMac,
    /// The peer does not support extended_master_secret, which our policy requires (RFC 7627).
    ExtendedMasterSecretMissing,
    /// The peer does not support secure renegotiation, which our policy requires (RFC 5746).
    SecureRenegotiationMissing,
    /// renegotiation_info does not have the required value (RFC 5746 section 3).
    WrongRenegotiationInfo,
    /// The server sent a certificate status of another type than requested.
    StatusTypeNotOffered(CertificateStatusType),
    /// A renegotiation omits encrypt_then_mac, which was in use before (RFC 7366 section 3.1).
    EncryptThenMacDropped,
    /// A renegotiation uses extended_master_secret and the handshake before it did not, or the reverse.
    ExtendedMasterSecretChanged,
    /// A renegotiation requests another host name than the handshake before it.
    ServerNameChanged,
    /// An authenticated peer presented another identity, or none, in a renegotiation; or another one in an
    /// authentication after the handshake.
    PeerIdentityChanged,
    /// The server chose a certificate type that we did not offer (RFC 7250).
    CertificateTypeNotOffered(CertificateType),
    /// The two sides have no certificate type in common: X.509 certificates or raw public keys (RFC 7250
    /// section 4.2).
    NoSharedCertificateType,
    /// The server's Certificate message is empty.
    EmptyCertificateList,
    /// An anonymous server sent CertificateRequest.
    RequestByAnonymousServer,
    /// The client's Certificate message is empty and our policy requires a certificate.
    CertificateRequired,
    /// The peer's chain was rejected, with this alert.
    PeerRejected(AlertDescription),
    /// The key of the certificate does not fit the cipher suite.
    WrongKeyForSuite(KeyKind),
    /// The key usage of the certificate does not permit signatures.
    KeyMayNotSign,
    /// An invalid signature.
    BadSignature,
    /// The verify_data of Finished does not match the handshake.
    WrongFinished,
    /// A public value that is invalid for its group.
    BadPeerShare,
    /// A Diffie-Hellman public value that is outside the range of its field (RFC 7919 section 5.1).
    BadFieldShare,
    /// The server's Diffie-Hellman prime is shorter than the limit.
    FieldTooSmall {
        /// The length of the prime in bits.
        bits: u32,
        /// The limit in bits.
        min: u16,
    },
    /// The server's Diffie-Hellman prime is longer than the limit.
    FieldTooLarge {
        /// The length of the prime in bits.
        bits: u32,
        /// The limit in bits.
        max: u16,
    },
    /// The server's key cannot encrypt, because of its key usage or its algorithm.
    KeyMayNotEncrypt,
    /// The client has no pre-shared key for this server.
    NoPsk,
    /// The server does not know the client's PSK identity (RFC 4279 section 2).
    UnknownPskIdentity,
    /// No credential is suitable for this peer.
    NoCredential,
    /// A question could not be answered.
    QuestionFailed,
    /// A primitive of the provider failed.
    Crypto(CryptoError),
    /// The key schedule failed.
    Schedule(ScheduleError),
    /// Our own message could not be encoded: the policy has more values than the message can hold.
    Encode(EncodeError),
    /// The negotiated parameters are below the policy's floor.
    BelowFloor(Shortfall),
    /// The policy uses something that its provider does not support.
    NotInProvider,
    /// A TLS 1.3 message without an extension that it must have (RFC 9846 section 9.2).
    MissingExtension(ExtensionType),
    /// An extension in a TLS 1.3 message in which it is not permitted, or that was not requested.
    Extension(ExtensionFault),
    /// legacy_session_id_echo is not the client's legacy_session_id (RFC 9846 section 4.2.3).
    SessionIdNotEchoed,
    /// A server that supports TLS 1.3 says in its random that it chose TLS 1.2, although we offered TLS 1.3
    /// (RFC 9846 section 4.2.3).
    Downgraded,
    /// legacy_version of a TLS 1.3 hello is not TLS 1.2 (RFC 9846 sections 4.2.2 and 4.2.3).
    WrongLegacyVersion(ProtocolVersion),
    /// supported_versions of ServerHello or HelloRetryRequest has a version that we did not offer, or one
    /// before TLS 1.3 (RFC 9846 section 4.3.1).
    VersionNotOffered {
        /// The version.
        peer: ProtocolVersion,
    },
    /// HelloRetryRequest would not change our ClientHello (RFC 9846 section 4.2.4).
    RetryWithoutChange,
    /// The server changed the version after HelloRetryRequest.
    VersionChangedAfterRetry,
    /// The server changed the cipher suite after HelloRetryRequest.
    SuiteChangedAfterRetry(CipherSuite),
    /// The second ClientHello differs from the first in more than it may (RFC 9846 section 4.2.2).
    ClientHelloChanged,
    /// A TLS 1.3 ClientHello with other compression methods than `null` (RFC 9846 section 4.2.2).
    CompressionOffered,
    /// No group in common for the key exchange (RFC 9846 section 4.2.1).
    NoSharedGroup,
    /// A key share for a group that ClientHello does not list, or a second one for a group (RFC 9846 section
    /// 4.3.8).
    KeyShareNotInGroups(NamedGroup),
    /// The key share is for another group than HelloRetryRequest asked for.
    KeyShareNotRequested(NamedGroup),
    /// No signature scheme in common that our credential permits (RFC 9846 section 4.3.3).
    NoSharedSignatureScheme,
    /// The client sent no certificate, which our policy requires (RFC 9846 section 4.5.1).
    ClientCertificateMissing,
    /// A Certificate message with several raw public keys (RFC 9846 section 4.5.1).
    SeveralRawPublicKeys,
    /// certificate_request_context is not the one of the request (RFC 9846 section 4.5.1).
    WrongRequestContext,
    /// pre_shared_key is not the last extension of ClientHello (RFC 9846 section 4.3.11).
    PreSharedKeyNotLast,
    /// pre_shared_key does not have one binder for each identity (RFC 9846 section 4.3.11).
    WrongBinderCount,
    /// The binder of the selected PSK is wrong: the client does not have the key, or the hello was changed
    /// (RFC 9846 section 4.3.11).
    WrongBinder,
    /// The server selected a PSK identity that we did not offer (RFC 9846 section 4.3.11).
    WrongPskIdentity(u16),
    /// The server selected a cipher suite with another hash than that of the PSK (RFC 9846 section 4.3.11).
    SuiteNotForPsk(CipherSuite),
    /// The server chose TLS 1.2 although we have offered early data (RFC 9846 appendix E.3).
    EarlyDataWithOlderVersion,
    /// The server accepts early data although it has selected another PSK, suite or application protocol than
    /// that of the early data (RFC 9846 sections 4.3.10 and 4.3.11).
    EarlyDataNotAcceptable,
    /// The server selected a PSK with a key share or without one, and we did not offer that mode (RFC 9846
    /// section 4.3.11).
    PskModeNotOffered(PskKeyExchangeMode),
    /// CompressedCertificate, although we did not send compress_certificate (RFC 8879 section 4).
    CompressedCertificateNotOffered,
    /// CompressedCertificate with an algorithm that our compress_certificate does not list (RFC 8879 section
    /// 4).
    CertificateCompressionNotOffered(CertificateCompressionAlgorithm),
    /// The message in CompressedCertificate cannot be decompressed (RFC 8879 section 4).
    CertificateNotDecompressed(DecompressionError),
    /// A delegated credential whose dc_cert_verify_algorithm is not in our delegated_credential (RFC 9345
    /// section 4.1).
    DelegatedSchemeNotOffered(SignatureScheme),
    /// A delegated credential that is signed with a scheme that is not in our signature_algorithms (RFC 9345
    /// section 4.1).
    DelegationAlgorithmNotOffered(SignatureScheme),
    /// CertificateVerify with another scheme than dc_cert_verify_algorithm of the delegated credential (RFC
    /// 9345 section 4.1.3).
    OtherDelegatedScheme(SignatureScheme),
    /// A delegated credential with a raw public key, which cannot issue one (RFC 9345 section 4.2).
    DelegatedByRawPublicKey,
    /// ClientHello has both tls_cert_with_extern_psk and early_data (RFC 8773 section 4).
    EarlyDataWithCertificate,
    /// ClientHello has tls_cert_with_extern_psk and psk_key_exchange_modes without `psk_dhe_ke` (RFC 8773
    /// section 5.1).
    PskModesWithoutKeyExchange,
    /// ClientHello has tls_cert_with_extern_psk, and its PSKs include that of a session (RFC 8773 section
    /// 5.1).
    SessionWithCertificate,
    /// The binder of the external PSK is wrong in a handshake with tls_cert_with_extern_psk (RFC 8773 section
    /// 5.1).
    WrongExternalBinder,
    /// The server does not use an external PSK together with its certificate, as our policy requires (RFC
    /// 8773 section 4).
    CertificateWithPskRefused,
    /// The transport is QUIC, and no application protocol was negotiated (RFC 9001 section 8.1).
    NoApplicationProtocol,
    /// quic_transport_parameters in a ClientHello, and the transport is not QUIC (RFC 9001 section 8.2).
    TransportParametersWithoutQuic,
    /// legacy_session_id of a ClientHello is not empty, and the transport is QUIC (RFC 9001 section 8.4).
    SessionIdInQuic,
    /// max_early_data_size of a ticket is not 0xffffffff, and the transport is QUIC (RFC 9001 section 4.6.1).
    EarlyDataSizeInQuic(u32),
    /// More KeyUpdate messages without application data in between than our limit.
    TooManyKeyUpdates {
        /// The limit.
        limit: u8,
    },
    /// certificate_request_context of a request after the handshake is empty, or that of an earlier request
    /// (RFC 9846 section 4.4.2).
    RequestContextNotUnique,
    /// More CertificateRequest messages after the handshake, without application data in between, than our
    /// limit.
    TooManyCertificateRequests {
        /// The limit: [`crate::Limits::max_certificate_requests`].
        limit: u8,
    },
}

impl From<DecodeError> for HandshakeErrorKind {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<ExtensionFault> for HandshakeErrorKind {
    fn from(fault: ExtensionFault) -> Self {
        Self::Extension(fault)
    }
}

impl From<EncodeError> for HandshakeErrorKind {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl From<CryptoError> for HandshakeErrorKind {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::BadPeerShare => Self::BadPeerShare,
            CryptoError::BadSignature => Self::BadSignature,
            other => Self::Crypto(other),
        }
    }
}

impl From<ScheduleError> for HandshakeErrorKind {
    fn from(error: ScheduleError) -> Self {
        match error {
            ScheduleError::Crypto(error) => Self::Crypto(error),
            other => Self::Schedule(other),
        }
    }
}
