//! The error of a policy, and the table of its sections and messages.

use crate::record_sizes::MAX_PLAINTEXT;
use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, HashAlgorithm};
use cairn_wire::{CertificateCompressionAlgorithm, CipherSuite, NamedGroup, SignatureScheme};
use core::fmt;

/// An inconsistency of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// There is no cipher suite of any version.
    NoSuites,
    /// A client's key share is for a group that it does not offer.
    KeyShareNotInGroups(NamedGroup),
    /// There is no group for ECDHE in TLS 1.2.
    NoGroups,
    /// There is no group for TLS 1.3, and not all of its handshakes do without one.
    NoTls13Groups,
    /// A group is listed twice, with TLS 1.3.
    GroupListedTwice(NamedGroup),
    /// A client of TLS 1.3 lists a signature scheme with SHA-1 before one without it.
    Sha1SchemeNotLast(SignatureScheme),
    /// There is no certificate type, or one other than X.509 and raw public key (RFC 7250).
    CertificateTypes,
    /// There is no signature scheme, but the peer's signatures must be verified.
    NoSignatureSchemes,
    /// The provider does not support the hash of a suite's PRF, or its HMAC.
    PrfHashNotInProvider {
        /// The suite.
        suite: CipherSuite,
        /// The hash.
        hash: HashAlgorithm,
    },
    /// The provider does not support the AEAD of a suite.
    AeadNotInProvider {
        /// The suite.
        suite: CipherSuite,
        /// The cipher.
        aead: AeadAlgorithm,
    },
    /// The provider does not support the block cipher of a suite.
    BlockCipherNotInProvider {
        /// The suite.
        suite: CipherSuite,
        /// The cipher.
        cipher: BlockCipherAlgorithm,
    },
    /// The provider does not support the HMAC of a suite's records.
    MacNotInProvider {
        /// The suite.
        suite: CipherSuite,
        /// The hash of the HMAC.
        hash: HashAlgorithm,
    },
    /// The provider does not have the compression function of the hash in a suite's HMAC. It is needed to
    /// check the MAC of CBC records in constant time.
    CompressionNotInProvider {
        /// The suite.
        suite: CipherSuite,
        /// The hash.
        hash: HashAlgorithm,
    },
    /// The provider does not support finite field Diffie-Hellman, which a suite needs.
    FiniteFieldNotInProvider(CipherSuite),
    /// The provider does not support RSA encryption, which a client needs for a suite.
    RsaEncryptionNotInProvider(CipherSuite),
    /// A suite needs the cargo feature `legacy`, which this build does not have.
    NeedsLegacy(CipherSuite),
    /// A suite has an unknown key exchange.
    KeyExchangeUnknown(CipherSuite),
    /// A suite has an unknown record protection.
    ProtectionUnknown(CipherSuite),
    /// The provider does not support a group.
    GroupNotInProvider(NamedGroup),
    /// The provider cannot verify signatures of a scheme.
    SchemeNotInProvider(SignatureScheme),
    /// Delegated credentials may not use a scheme (RFC 9345 section 4).
    SchemeNotForDelegation(SignatureScheme),
    /// A client requires external PSKs together with certificates (RFC 8773), and something in its policy
    /// excludes that.
    CertificateWithPsk {
        /// The setting that excludes it.
        with: &'static str,
    },
    /// A client offers a suite that no server can choose, because the client has no signature scheme for it
    /// (RFC 5246 section 7.4.3).
    SuiteWithoutScheme(CipherSuite),
    /// No handshake with a suite can satisfy the floor of the policy.
    BelowFloor(CipherSuite),
    /// The floor of a server requires client authentication, but the server requests no certificate and in
    /// a handshake with this suite no pre-shared key authenticates the client.
    ClientsNotAuthenticated(CipherSuite),
    /// The name of an application protocol is empty or longer than 255 bytes (RFC 7301 section 3.1).
    ProtocolNameLength {
        /// Its length in bytes.
        length: usize,
    },
    /// The name of a certificate authority is empty or longer than 65,535 bytes (RFC 5246 section 7.4.4).
    AuthorityLength {
        /// Its length in bytes.
        length: usize,
    },
    /// A list is longer than its message can hold.
    ListTooLong {
        /// The name of the list.
        list: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The greatest length in bytes.
        max: usize,
    },
    /// An algorithm for the compression of certificates is listed twice (RFC 8879 section 3).
    CompressionRepeated(CertificateCompressionAlgorithm),
    /// record_size_limit is below 64 or above 16,384 bytes (RFC 8449 section 4).
    RecordSizeLimit {
        /// The value in bytes.
        bytes: u16,
    },
    /// The lifetime of sessions is longer than the limit that RFC 5246 appendix F.1.4 suggests.
    SessionLifetimeTooLong {
        /// The lifetime in seconds.
        seconds: u32,
        /// The limit in seconds: 24 hours.
        max: u32,
    },
}

/// A row of the table of errors.
struct Row<'a> {
    /// The RFC section that the policy violates, if it violates one.
    section: Option<&'static str>,
    /// The message, without the section.
    message: fmt::Arguments<'a>,
}

/// The end of a message about a primitive that a suite needs.
const MISSING: &str = "which the provider does not support: omit the suite or use another provider";

impl PolicyError {
    /// The RFC section that the policy violates, or `None` if it does not violate an RFC.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.row(|row| row.section)
    }

    /// The table. Each kind has one row, which is passed to `read`.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        let row = |section, message: fmt::Arguments<'_>| read(Row { section, message });
        match self {
            Self::NoSuites => row(Some("RFC 5246 section 7.4.1.2"),
                format_args!("no usable cipher suite: the policy needs at least one")),
            Self::KeyShareNotInGroups(group) => row(Some("RFC 9846 section 4.3.8"),
                format_args!("a key share for {group}, which is not in the policy's groups: add it, or omit \
                  the share")),
            Self::NoGroups => row(Some("RFC 8422 section 5.1.1"),
                format_args!("no usable group for ECDHE in TLS 1.2: add one, or omit the ECDHE \
                  suites")),
            Self::NoTls13Groups => row(Some("RFC 9846 section 4.3.7"),
                format_args!("no usable group for the key exchange of TLS 1.3: add one, or omit its suites")),
            Self::GroupListedTwice(group) => row(Some("RFC 9846 section 4.3.7"),
                format_args!("the policy's groups have {group} twice: remove one of them")),
            Self::Sha1SchemeNotLast(scheme) => row(Some("RFC 9846 section 4.3.3"),
                format_args!("the signature scheme {scheme} uses SHA-1: list it after all schemes that do \
                  not")),
            Self::CertificateTypes => row(Some("RFC 7250 section 3"),
                format_args!("certificate types: expected X509, RawPublicKey or both")),
            Self::NoSignatureSchemes => row(Some("RFC 5246 section 7.4.1.4.1"),
                format_args!("no usable signature scheme to verify the peer's signatures: the \
                  policy \
                  needs at least one")),

            Self::PrfHashNotInProvider { suite, hash } => row(None,
                format_args!("{suite} needs {hash} and its HMAC, {MISSING}")),
            Self::AeadNotInProvider { suite, aead } => row(None,
                format_args!("{suite} needs {aead}, {MISSING}")),
            Self::BlockCipherNotInProvider { suite, cipher } => row(None,
                format_args!("{suite} needs {cipher}, {MISSING}")),
            Self::MacNotInProvider { suite, hash } => row(None,
                format_args!("{suite} needs HMAC over {hash}, {MISSING}")),
            Self::CompressionNotInProvider { suite, hash } => row(None,
                format_args!("{suite} needs the compression function of {hash}, {MISSING}")),
            Self::FiniteFieldNotInProvider(suite) => row(None,
                format_args!("{suite} needs Diffie-Hellman over finite fields, {MISSING}")),
            Self::RsaEncryptionNotInProvider(suite) => row(None,
                format_args!("{suite} needs RSA encryption, {MISSING}")),

            Self::NeedsLegacy(suite) => row(None,
                format_args!("{suite} needs the cargo feature `legacy`, which this build does \
                  not have")),
            Self::KeyExchangeUnknown(suite) => row(None,
                format_args!("{suite} has an unknown key exchange")),
            Self::ProtectionUnknown(suite) => row(None,
                format_args!("{suite} has an unknown record protection")),
            Self::GroupNotInProvider(group) => row(None,
                format_args!("the provider does not support key agreement with {group}")),
            Self::SchemeNotInProvider(scheme) => row(None,
                format_args!("the provider cannot verify signatures with {scheme}")),
            Self::SchemeNotForDelegation(scheme) => row(Some("RFC 9345 section 4"),
                format_args!("{scheme} is not allowed for delegated credentials")),
            Self::CertificateWithPsk { with } => row(Some("RFC 8773 section 4"),
                format_args!("external PSKs are required together with certificates, which cannot be \
                  combined with {with}")),
            Self::SuiteWithoutScheme(suite) => row(Some("RFC 5246 section 7.4.3"),
                format_args!("{suite} is offered, but no signature scheme for it")),
            Self::BelowFloor(suite) => row(None,
                format_args!("{suite} cannot satisfy the floor of the policy")),
            Self::ClientsNotAuthenticated(suite) => row(None,
                format_args!("clients must be authenticated, but no certificate is requested, \
                  which \
                  {suite} needs")),

            Self::ProtocolNameLength { length } => row(Some("RFC 7301 section 3.1"),
                format_args!("the name of an application protocol has {length} bytes, expected \
                  1 to 255")),
            Self::AuthorityLength { length } => row(Some("RFC 5246 section 7.4.4"),
                format_args!("the name of a certificate authority has {length} bytes, expected \
                  1 to \
                  65535")),
            Self::ListTooLong { list, length, max } => row(Some("RFC 5246 section 4.3"),
                format_args!("{list} has {length} bytes, expected at most {max}")),
            Self::CompressionRepeated(algorithm) => row(Some("RFC 8879 section 3"),
                format_args!("certificates are compressed with {algorithm}, which is listed twice")),
            Self::RecordSizeLimit { bytes } => row(Some("RFC 8449 section 4"),
                format_args!("record_size_limit is {bytes} bytes, expected 64 to {MAX_PLAINTEXT}")),
            Self::SessionLifetimeTooLong { seconds, max } => row(Some("RFC 5246 appendix F.1.4"),
                format_args!("the lifetime of sessions is {seconds} s, expected at most {max} s")),
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|row| {
            f.write_fmt(row.message)?;
            match row.section {
                Some(section) => write!(f, " ({section})"),
                None => Ok(()),
            }
        })
    }
}

impl core::error::Error for PolicyError {}
