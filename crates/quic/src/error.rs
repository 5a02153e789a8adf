//! The errors of packet protection.

use cairn_crypto::{AeadAlgorithm, CryptoError, HeaderProtectionAlgorithm};
use cairn_schedule::ScheduleError;
use cairn_wire::CipherSuite;
use core::fmt;

/// The transport error code INTERNAL_ERROR (RFC 9000 section 20.1).
pub(crate) const INTERNAL_ERROR: u64 = 0x01;
/// The transport error code KEY_UPDATE_ERROR (RFC 9000 section 20.1).
const KEY_UPDATE_ERROR: u64 = 0x0e;
/// The transport error code AEAD_LIMIT_REACHED (RFC 9000 section 20.1).
const AEAD_LIMIT_REACHED: u64 = 0x0f;

/// An error of the sender of a packet, or of the derivation of keys. The peer causes none of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtectionError {
    /// The key schedule failed.
    Schedule(ScheduleError),
    /// A primitive failed.
    Crypto(CryptoError),
    /// The provider does not support HMAC with SHA-256, from which Initial keys are derived.
    HmacNotOffered,
    /// The provider does not support this AEAD.
    AeadNotOffered(AeadAlgorithm),
    /// The provider does not support this header protection.
    HeaderProtectionNotOffered(HeaderProtectionAlgorithm),
    /// QUIC has no header protection for this cipher suite, so it must not be negotiated.
    SuiteNotAllowed(CipherSuite),
    /// The secrets of the two directions have different cipher suites.
    OtherSuite {
        /// The suite of the local secret.
        expected: CipherSuite,
        /// The suite of the remote secret.
        got: CipherSuite,
    },
    /// A connection ID is longer than 20 bytes.
    ConnectionIdLength {
        /// Its length in bytes.
        length: usize,
    },
    /// The packet is too short for its tag or for the sample of header protection: it needs padding.
    PacketTooShort {
        /// The number of bytes that are necessary.
        expected: usize,
        /// The number of bytes of the packet.
        got: usize,
    },
    /// The packet number is larger than 2^62 - 1.
    PacketNumberTooLarge {
        /// The packet number.
        number: u64,
    },
    /// The packet number is not larger than that of the packet before.
    PacketNumberNotIncreasing {
        /// The packet number of the packet before.
        last: u64,
        /// The packet number.
        number: u64,
    },
    /// No more packets can be sealed: the key has reached its confidentiality limit, and a key update is not
    /// possible. See [`ProtectionError::connection_error`].
    AeadLimitReached {
        /// The confidentiality limit in packets.
        limit: u64,
    },
}

/// An error in the processing of a received packet: see [`OpenError::connection_error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// A 1-RTT packet came before the handshake was complete. It is unchanged.
    HandshakeNotComplete,
    /// The packet is too short for a sample of header protection or for a tag.
    TooShort {
        /// The number of bytes that are necessary.
        expected: usize,
        /// The number of bytes of the packet.
        got: usize,
    },
    /// The packet does not authenticate: it was changed or forged, its keys are not available, or its packet
    /// number was decoded incorrectly because it is very late.
    DoesNotOpen,
    /// The peer has violated a rule of key updates.
    KeyUpdate(KeyUpdateViolation),
    /// More packets failed to authenticate than the integrity limit permits.
    AeadLimitReached {
        /// The integrity limit in packets.
        limit: u64,
    },
    /// A primitive failed.
    Crypto(CryptoError),
}

/// A violation of the rules of key updates (RFC 9001 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyUpdateViolation {
    /// A packet has older keys than a packet with a lower packet number.
    OldKeys {
        /// The packet number of the packet with older keys.
        older: u64,
        /// The packet number of the packet with newer keys.
        newer: u64,
    },
    /// The peer has updated its keys twice without a packet from us in between.
    TwiceWithoutPacket,
    /// An acknowledgment of a packet with newer keys came in a packet with older keys.
    AcknowledgedWithOldKeys {
        /// The packet number that is acknowledged.
        acknowledged: u64,
    },
}

/// The reason why a key update cannot be initiated yet (RFC 9001 sections 6.1 and 6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateRefused {
    /// The handshake is not confirmed.
    HandshakeNotConfirmed,
    /// No packet with the current keys has been acknowledged.
    NotAcknowledged,
    /// The last key update was completed less than three times the PTO ago.
    TooSoon {
        /// The time from which on an update is possible, in milliseconds.
        from: u64,
    },
    /// The next keys could not be derived.
    Failed(ProtectionError),
}

/// A row of the tables of errors.
struct Row<'a> {
    /// The RFC section that applies, if there is one.
    section: Option<&'static str>,
    /// The code with which the connection ends, if it does.
    code: Option<u64>,
    /// The message, without the section.
    message: fmt::Arguments<'a>,
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(self.message)?;
        match self.section {
            Some(section) => write!(f, " ({section})"),
            None => Ok(()),
        }
    }
}

impl ProtectionError {
    /// The RFC section that applies, or `None` if the error is not a matter of an RFC.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.row(|row| row.section)
    }

    /// The transport error code with which to close the connection, or `None` if the call was wrong and the
    /// connection is still sound.
    #[must_use]
    pub fn connection_error(&self) -> Option<u64> {
        self.row(|row| row.code)
    }

    /// The table. Each kind has one row, which is passed to `read`.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        let row = |section, code, message: fmt::Arguments<'_>| read(Row { section, code, message });
        match self {
            Self::Schedule(error) => row(error.section(), Some(INTERNAL_ERROR),
                format_args!("{}", error.message())),
            Self::Crypto(error) => row(None, Some(INTERNAL_ERROR),
                format_args!("{error}")),
            Self::HmacNotOffered => row(Some("RFC 9001 section 5.2"), Some(INTERNAL_ERROR),
                format_args!("the provider does not support HMAC with SHA-256, which Initial packets need")),
            Self::AeadNotOffered(aead) => row(Some("RFC 9001 section 5.3"), Some(INTERNAL_ERROR),
                format_args!("the provider does not support {aead}")),
            Self::HeaderProtectionNotOffered(protection) => row(
                Some("RFC 9001 section 5.4"), Some(INTERNAL_ERROR),
                format_args!("the provider does not support {protection}")),
            Self::SuiteNotAllowed(suite) => row(Some("RFC 9001 section 5.3"), Some(INTERNAL_ERROR),
                format_args!("QUIC does not permit {suite}: remove it from the policy")),
            Self::OtherSuite { expected, got } => row(None, Some(INTERNAL_ERROR),
                format_args!("the local secret is for {expected}, but the remote one for {got}")),
            Self::ConnectionIdLength { length } => row(Some("RFC 9000 section 17.2"), None,
                format_args!("the connection ID has {length} bytes, expected at most 20")),
            Self::PacketTooShort { expected, got } => row(Some("RFC 9001 section 5.4.2"), None,
                format_args!("the packet has {got} bytes, expected at least {expected}: add PADDING frames")),
            Self::PacketNumberTooLarge { number } => row(Some("RFC 9000 section 12.3"), None,
                format_args!("the packet number is {number}, expected at most 2^62 - 1")),
            Self::PacketNumberNotIncreasing { last, number } => row(Some("RFC 9000 section 12.3"), None,
                format_args!("the packet number is {number}, expected more than the last one, {last}")),
            Self::AeadLimitReached { limit } => row(
                Some("RFC 9001 section 6.6"), Some(AEAD_LIMIT_REACHED),
                format_args!("{limit} packets were sealed with one key, and no key update is possible")),
        }
    }
}

impl OpenError {
    /// The RFC section that applies, or `None` if the error is not a matter of an RFC.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.row(|row| row.section)
    }

    /// The transport error code with which to close the connection (RFC 9000 section 20.1), or `None` if only
    /// the packet is discarded.
    #[must_use]
    pub fn connection_error(&self) -> Option<u64> {
        self.row(|row| row.code)
    }

    /// The table. Each kind has one row, which is passed to `read`.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        let row = |section, code, message: fmt::Arguments<'_>| read(Row { section, code, message });
        match self {
            Self::HandshakeNotComplete => row(Some("RFC 9001 section 5.7"), None,
                format_args!("the handshake is not complete: 1-RTT packets have to wait")),
            Self::TooShort { expected, got } => row(Some("RFC 9001 section 5.4.2"), None,
                format_args!("the packet has {got} bytes, expected at least {expected}: it is discarded")),
            Self::DoesNotOpen => row(Some("RFC 9001 section 5.5"), None,
                format_args!("the packet does not authenticate: it is discarded")),
            Self::KeyUpdate(KeyUpdateViolation::OldKeys { older, newer }) => row(
                Some("RFC 9001 section 6.4"), Some(KEY_UPDATE_ERROR),
                format_args!("packet {older} has older keys than packet {newer}")),
            Self::KeyUpdate(KeyUpdateViolation::TwiceWithoutPacket) => row(
                Some("RFC 9001 section 6.2"), Some(KEY_UPDATE_ERROR),
                format_args!("the peer has updated its keys twice without confirmation of the first update")),
            Self::KeyUpdate(KeyUpdateViolation::AcknowledgedWithOldKeys { acknowledged }) => row(
                Some("RFC 9001 section 6.2"), Some(KEY_UPDATE_ERROR),
                format_args!("packet {acknowledged} has newer keys than its acknowledgment")),
            Self::AeadLimitReached { limit } => row(
                Some("RFC 9001 section 6.6"), Some(AEAD_LIMIT_REACHED),
                format_args!("more than {limit} packets failed to authenticate")),
            Self::Crypto(error) => row(None, Some(INTERNAL_ERROR),
                format_args!("{error}")),
        }
    }
}

impl fmt::Display for ProtectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|row| row.fmt(f))
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|row| row.fmt(f))
    }
}

impl fmt::Display for UpdateRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HandshakeNotConfirmed => {
                f.write_str("no key update before the handshake is confirmed (RFC 9001 section 6.1)")
            }
            Self::NotAcknowledged => f.write_str(
                "no key update before a packet with the current keys is acknowledged (RFC 9001 section 6.1)",
            ),
            Self::TooSoon { from } => write!(
                f,
                "no key update before {from} ms, three PTOs after the last one (RFC 9001 section 6.5)"
            ),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ProtectionError {}

impl core::error::Error for OpenError {}

impl core::error::Error for UpdateRefused {}

impl From<ScheduleError> for ProtectionError {
    fn from(error: ScheduleError) -> Self {
        Self::Schedule(error)
    }
}

impl From<CryptoError> for ProtectionError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}
