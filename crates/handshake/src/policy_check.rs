//! Checks of policies: reports before a handshake what would make every handshake fail.

use crate::{
    ClientAuthentication, ClientPolicy, Floor, ServerPolicy,
    ext::{certificate_type, max_fragment_length, record_size_limit, supported_groups::is_for_ecdhe},
    kx::{KeyExchange, ffdhe},
    record_sizes::MAX_PLAINTEXT,
    verify::key_fits,
};
use alloc::vec::Vec;
use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, HashAlgorithm, Provider};
use cairn_schedule::{Protection, Side, Tls12Suite};
use cairn_wire::{CertificateType, CipherSuite, KeyAgreement, NamedGroup, SignatureScheme};
use core::fmt;

/// An inconsistency of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// There is no cipher suite.
    NoSuites,
    /// There is no group for ECDHE in TLS 1.2.
    NoGroups,
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
    /// A client offers a suite that no server can choose, because the client has no signature scheme for it
    /// (RFC 5246 section 7.4.3).
    SuiteWithoutScheme(CipherSuite),
    /// No handshake with a suite can satisfy the floor of the policy.
    BelowFloor(CipherSuite),
    /// The floor of a server requires client authentication, but the server requests no certificate and a
    /// suite has no pre-shared key.
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
    /// max_fragment_length is not 512, 1024, 2048 or 4096 bytes (RFC 6066 section 4).
    FragmentLength {
        /// The value in bytes.
        bytes: u16,
    },
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

/// 24 hours, in seconds (RFC 5246 appendix F.1.4).
const MAX_SESSION_LIFETIME: u32 = 86_400;
/// The maximum length of a list with a two-byte length prefix.
const MAX_LIST: usize = 0xffff;

impl ClientPolicy {
    /// Checks whether the policy can work: the provider supports all of it, each list fits into its message,
    /// and the parts are consistent.
    ///
    /// The machine does not call this; it is for the creator of a policy. With an inconsistent policy the
    /// handshake fails with `internal_error`, or because nothing is in common.
    ///
    /// # Errors
    /// [`PolicyError`]: the first inconsistency.
    pub fn check(&self) -> Result<(), PolicyError> {
        check_suites(Side::Client, &self.tls12.suites, &self.provider, &self.floor)?;
        check_groups(&self.tls12.suites, &self.groups, &self.provider)?;
        let signed = |suite: &Tls12Suite| KeyExchange::of(suite).is_some_and(|kx| kx.signed);
        if self.tls12.suites.iter().any(|suite| signed(suite)) {
            check_schemes(&self.signature_schemes, &self.provider)?;
        }
        if !self.certificate_signature_schemes.is_empty() {
            check_schemes(&self.certificate_signature_schemes, &self.provider)?;
        }
        for suite in self.tls12.suites.iter().filter(|suite| signed(suite)) {
            let served = self.provider.verifiers.iter().any(|verifier| {
                self.signature_schemes.contains(&verifier.scheme())
                    && key_fits(suite.authentication, verifier.key_kind())
            });
            if !served {
                return Err(PolicyError::SuiteWithoutScheme(suite.id));
            }
        }
        check_certificate_types(&self.server_certificate_types)?;
        check_certificate_types(&self.client_certificate_types)?;
        check_protocols(&self.alpn_protocols)?;
        if let Some(bytes) =
            self.tls12.max_fragment_length.filter(|bytes| max_fragment_length::code(*bytes).is_none())
        {
            return Err(PolicyError::FragmentLength { bytes });
        }
        check_record_size_limit(self.record_size_limit)?;
        check_lifetime(self.session_lifetime)
    }
}

impl ServerPolicy {
    /// Whether this credential's key can serve any suite of the policy.
    #[must_use]
    pub fn can_serve_with(&self, credential: &crate::Credential) -> bool {
        self.tls12.suites.iter().any(|suite| {
            KeyExchange::of(suite).is_some_and(|kx| {
                kx.certificate
                    && kx.takes_key(suite, credential.key_kind)
                    && (kx.agreement != KeyAgreement::Rsa || credential.may_decrypt)
                    && (!kx.signed || !credential.schemes.is_empty())
            })
        })
    }

    /// Whether a suite of the policy needs no credential.
    #[must_use]
    pub fn can_serve_without_credential(&self) -> bool {
        self.tls12.suites.iter().any(|suite| KeyExchange::of(suite).is_some_and(|kx| !kx.certificate))
    }

    /// Checks whether the policy can work: the provider supports all of it, each list fits into its message,
    /// and the parts are consistent.
    ///
    /// The machine does not call this; it is for the creator of a policy. With an inconsistent policy the
    /// handshake fails with `internal_error`, or because nothing is in common.
    ///
    /// # Errors
    /// [`PolicyError`]: the first inconsistency.
    pub fn check(&self) -> Result<(), PolicyError> {
        check_suites(Side::Server, &self.tls12.suites, &self.provider, &self.floor)?;
        if self.floor.authenticated_peer
            && self.client_authentication == ClientAuthentication::None
            && let Some(suite) = self.tls12.suites.iter().find(|suite| !suite.uses_psk())
        {
            return Err(PolicyError::ClientsNotAuthenticated(suite.id));
        }
        check_groups(&self.tls12.suites, &self.groups, &self.provider)?;
        check_certificate_types(&self.client_certificate_types)?;
        if let Some(authorities) = self.client_authentication.authorities() {
            check_schemes(&self.signature_schemes, &self.provider)?;
            for name in authorities {
                if name.is_empty() || name.len() > MAX_LIST {
                    return Err(PolicyError::AuthorityLength { length: name.len() });
                }
            }
            check_list(
                "certificate_authorities",
                authorities.iter().map(|name| name.len().saturating_add(2)),
            )?;
        }
        check_protocols(&self.alpn_protocols)?;
        check_record_size_limit(self.record_size_limit)?;
        check_lifetime(self.session_lifetime)
    }
}

fn check_suites(
    side: Side,
    suites: &[&'static Tls12Suite],
    provider: &Provider,
    floor: &Floor,
) -> Result<(), PolicyError> {
    if suites.is_empty() {
        return Err(PolicyError::NoSuites);
    }
    check_list("cipher_suites", suites.iter().map(|_| 2))?;
    if let Some(suite) = suites.iter().find(|suite| !floor.admits(side, suite)) {
        return Err(PolicyError::BelowFloor(suite.id));
    }
    suites.iter().try_for_each(|suite| check_suite(side, suite, provider))
}

/// Checks whether the provider supports all that this side needs for a suite.
///
/// A server with RSA key exchange also needs a key that decrypts, which is part of its credential.
///
/// # Errors
/// [`PolicyError`]: the first missing primitive.
pub fn check_suite(side: Side, suite: &Tls12Suite, provider: &Provider) -> Result<(), PolicyError> {
    let id = suite.id;
    if suite.is_legacy() && !cfg!(feature = "legacy") {
        return Err(PolicyError::NeedsLegacy(id));
    }
    let hash = suite.prf_hash;
    if provider.hash(hash).is_none() || provider.hmac(hash).is_none() {
        return Err(PolicyError::PrfHashNotInProvider { suite: id, hash });
    }
    match suite.protection {
        Protection::Aead { algorithm: aead, .. } => {
            if provider.aead(aead).is_none() {
                return Err(PolicyError::AeadNotInProvider { suite: id, aead });
            }
        }
        Protection::Cbc { cipher, mac: hash, .. } => {
            if provider.block_cipher(cipher).is_none() {
                return Err(PolicyError::BlockCipherNotInProvider { suite: id, cipher });
            }
            if provider.hmac(hash).is_none() {
                return Err(PolicyError::MacNotInProvider { suite: id, hash });
            }
            if provider.hash(hash).and_then(|hash| hash.compression()).is_none() {
                return Err(PolicyError::CompressionNotInProvider { suite: id, hash });
            }
        }
        Protection::Null { mac: hash } => {
            if provider.hmac(hash).is_none() {
                return Err(PolicyError::MacNotInProvider { suite: id, hash });
            }
        }
        _ => return Err(PolicyError::ProtectionUnknown(id)),
    }
    match KeyExchange::of(suite).ok_or(PolicyError::KeyExchangeUnknown(id))?.agreement {
        KeyAgreement::Dh if provider.finite_field.is_none() => Err(PolicyError::FiniteFieldNotInProvider(id)),
        KeyAgreement::Rsa if side == Side::Client && provider.rsa_encryption.is_none() => {
            Err(PolicyError::RsaEncryptionNotInProvider(id))
        }
        _ => Ok(()),
    }
}

fn check_groups(
    suites: &[&'static Tls12Suite],
    groups: &[NamedGroup],
    provider: &Provider,
) -> Result<(), PolicyError> {
    let needs_curve = suites
        .iter()
        .any(|suite| KeyExchange::of(suite).is_some_and(|kx| kx.agreement == KeyAgreement::Ecdh));
    if needs_curve && !groups.iter().any(|group| is_for_ecdhe(*group)) {
        return Err(PolicyError::NoGroups);
    }
    check_list("supported_groups", groups.iter().map(|_| 2))?;
    let offered = |group: NamedGroup| {
        provider.group(group).is_some()
            || (ffdhe::by_name(group).is_some() && provider.finite_field.is_some())
    };
    match groups.iter().find(|group| !offered(**group)) {
        Some(group) => Err(PolicyError::GroupNotInProvider(*group)),
        None => Ok(()),
    }
}

fn check_schemes(schemes: &[SignatureScheme], provider: &Provider) -> Result<(), PolicyError> {
    if schemes.is_empty() {
        return Err(PolicyError::NoSignatureSchemes);
    }
    check_list("signature_algorithms", schemes.iter().map(|_| 2))?;
    let known = |scheme| provider.verifiers.iter().any(|verifier| verifier.scheme() == scheme);
    match schemes.iter().find(|scheme| !known(**scheme)) {
        Some(scheme) => Err(PolicyError::SchemeNotInProvider(*scheme)),
        None => Ok(()),
    }
}

fn check_certificate_types(types: &[CertificateType]) -> Result<(), PolicyError> {
    if certificate_type::are_known(types) { Ok(()) } else { Err(PolicyError::CertificateTypes) }
}

fn check_protocols(protocols: &[Vec<u8>]) -> Result<(), PolicyError> {
    for name in protocols {
        if name.is_empty() || name.len() > 0xff {
            return Err(PolicyError::ProtocolNameLength { length: name.len() });
        }
    }
    check_list("protocol_name_list", protocols.iter().map(|name| name.len().saturating_add(1)))
}

const fn check_record_size_limit(limit: Option<u16>) -> Result<(), PolicyError> {
    match limit {
        Some(bytes) if bytes < record_size_limit::MIN || bytes > MAX_PLAINTEXT => {
            Err(PolicyError::RecordSizeLimit { bytes })
        }
        _ => Ok(()),
    }
}

const fn check_lifetime(seconds: u32) -> Result<(), PolicyError> {
    if seconds > MAX_SESSION_LIFETIME {
        return Err(PolicyError::SessionLifetimeTooLong { seconds, max: MAX_SESSION_LIFETIME });
    }
    Ok(())
}

fn check_list(list: &'static str, lengths: impl Iterator<Item = usize>) -> Result<(), PolicyError> {
    // The shortest limit is 2^16 - 2; lists of pairs cannot use one byte of the other limits.
    let max = MAX_LIST - 1;
    let length = lengths.fold(0, usize::saturating_add);
    if length > max { Err(PolicyError::ListTooLong { list, length, max }) } else { Ok(()) }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuites => f.write_str("no usable cipher suite"),
            Self::NoGroups => f.write_str("no usable group for ECDHE in TLS 1.2"),
            Self::CertificateTypes => f.write_str("certificate types: expected X509, RawPublicKey or both"),
            Self::NoSignatureSchemes => {
                f.write_str("no usable signature scheme to verify the peer's signatures")
            }
            Self::PrfHashNotInProvider { suite, hash } => {
                write!(f, "{suite} needs {hash} and its HMAC, which the provider does not support")
            }
            Self::AeadNotInProvider { suite, aead } => {
                write!(f, "{suite} needs {aead}, which the provider does not support")
            }
            Self::BlockCipherNotInProvider { suite, cipher } => {
                write!(f, "{suite} needs {cipher}, which the provider does not support")
            }
            Self::MacNotInProvider { suite, hash } => {
                write!(f, "{suite} needs HMAC over {hash}, which the provider does not support")
            }
            Self::CompressionNotInProvider { suite, hash } => {
                write!(
                    f,
                    "{suite} needs the compression function of {hash}, which the provider does not support"
                )
            }
            Self::FiniteFieldNotInProvider(suite) => {
                write!(
                    f,
                    "{suite} needs Diffie-Hellman over finite fields, which the provider does not support"
                )
            }
            Self::RsaEncryptionNotInProvider(suite) => {
                write!(f, "{suite} needs RSA encryption, which the provider does not support")
            }
            Self::NeedsLegacy(suite) => {
                write!(f, "{suite} needs the cargo feature `legacy`, which this build does not have")
            }
            Self::KeyExchangeUnknown(suite) => write!(f, "{suite} has an unknown key exchange"),
            Self::ProtectionUnknown(suite) => write!(f, "{suite} has an unknown record protection"),
            Self::GroupNotInProvider(group) => {
                write!(f, "the provider does not support key agreement with {group}")
            }
            Self::SchemeNotInProvider(scheme) => {
                write!(f, "the provider cannot verify signatures with {scheme}")
            }
            Self::SuiteWithoutScheme(suite) => {
                write!(f, "{suite} is offered, but no signature scheme for it")
            }
            Self::BelowFloor(suite) => write!(f, "{suite} cannot satisfy the floor of the policy"),
            Self::ClientsNotAuthenticated(suite) => {
                write!(
                    f,
                    "clients must be authenticated, but no certificate is requested, which {suite} needs"
                )
            }
            Self::ProtocolNameLength { length } => {
                write!(f, "the name of an application protocol has {length} bytes, expected 1 to 255")
            }
            Self::AuthorityLength { length } => {
                write!(f, "the name of a certificate authority has {length} bytes, expected 1 to 65535")
            }
            Self::ListTooLong { list, length, max } => {
                write!(f, "{list} has {length} bytes, expected at most {max}")
            }
            Self::FragmentLength { bytes } => {
                write!(f, "max_fragment_length is {bytes} bytes, expected 512, 1024, 2048 or 4096")
            }
            Self::RecordSizeLimit { bytes } => {
                write!(f, "record_size_limit is {bytes} bytes, expected 64 to {MAX_PLAINTEXT}")
            }
            Self::SessionLifetimeTooLong { seconds, max } => {
                write!(
                    f,
                    "the lifetime of sessions is {seconds} s, expected at most {max} s (RFC 5246 appendix F.1.4)"
                )
            }
        }
    }
}

impl core::error::Error for PolicyError {}
