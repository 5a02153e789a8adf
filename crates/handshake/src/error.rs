//! What can go wrong in a handshake: one error type. Which alert goes with each kind is in `verdict`, and what is said of it in
//! `words`.

use crate::{Shortfall, table::Table};
use cairn_crypto::{CryptoError, KeyKind};
use cairn_schedule::{Epoch, ScheduleError};
use cairn_wire::{
    AlertDescription, AlertLevel, CertificateStatusType, CertificateType, CipherSuite, CompressionMethod,
    DecodeError, EncodeError, ExtensionType, MaxFragmentLengthCode, NamedGroup, ProtocolVersion,
    SignatureScheme,
};
use core::fmt;

mod misuse;
mod verdict;
mod words;

pub use misuse::Misuse;

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
        self.table.expected(self.state)
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
    /// A message longer than the limit of our policy: see [`crate::Limits`]. One longer than its fields have room for is
    /// [`ErrorKind::Decode`].
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
    /// The client refused the handshake in which it was to show the certificate that the policy demands.
    RenegotiationRefused,
    /// A renegotiation was not complete in time.
    RenegotiationTimedOut {
        /// The limit in seconds: [`crate::Limits::max_renegotiation_time`].
        limit: u32,
    },
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
