//! The table of errors: the alert, the RFC section and the message of each kind.

use super::HandshakeErrorKind;
use cairn_wire::{AlertDescription as A, ProtocolVersion};
use core::fmt;

/// A row of the table.
struct Row<'a> {
    /// The alert to send, or `None` if the peer has ended the connection.
    alert: Option<A>,
    /// The section that the peer violated or that requires the error, if there is one.
    section: Option<&'static str>,
    /// The message, without the section.
    message: fmt::Arguments<'a>,
}

impl HandshakeErrorKind {
    /// The alert that reports this error (RFC 5246 section 7.2.2), or `None` if the peer ended the
    /// connection.
    #[must_use]
    pub fn alert(&self) -> Option<A> {
        self.row(|row| row.alert)
    }

    /// The RFC section that the peer violated or that requires the error. For a rule of both versions it is
    /// that of TLS 1.2, and [`section_in`](cairn_wire::section_in) finds its successor. `None` for limits and
    /// failures of our own.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.row(|row| row.section)
    }

    /// The table. Each kind has one row, which is passed to `read`.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        let row = |alert, section, message: fmt::Arguments<'_>| read(Row { alert, section, message });
        match self {
            // Alerts and the end of the connection.
            Self::PeerAlert(alert) => row(None, Some("RFC 5246 section 7.2.2"),
                format_args!("the peer ended the connection with {alert}")),
            Self::ClosedDuringHandshake =>
                row(Some(A::CLOSE_NOTIFY), Some("RFC 5246 section 7.2.1"),
                format_args!("the peer closed the connection during the handshake")),
            Self::Aborted(alert) => row(Some(*alert), None,
                format_args!("the connection was ended with {alert}")),
            Self::BadAlertLevel(level) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 5246 section 7.2"),
                format_args!("an alert of the undefined level {level}")),

            // The order and the form of messages.
            Self::UnexpectedMessage { got } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 5246 section 7.3"),
                format_args!("unexpected {got}")),
            Self::WrongEpoch { expected, got } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 5246 section 7.1"),
                format_args!("a message with the keys of epoch {got}, expected epoch {expected}")),
            Self::SplitAcrossKeyChange =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 5246 section 7.1"),
                format_args!("a handshake message spans a change of keys")),
            // The message may be valid: the limit is ours.
            Self::MessageTooLong { limit, length } => row(Some(A::INTERNAL_ERROR), None,
                format_args!("a handshake message has {length} bytes, our limit is {limit}")),
            Self::Decode(error) => row(Some(error.alert()), Some(error.section()),
                format_args!("{error}")),

            // Renegotiation.
            Self::TooManyHelloRequests { limit } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 5246 section 7.4.1.1"),
                format_args!("more than {limit} requests for a renegotiation that did not take \
                  place")),
            Self::TooManyHandshakes => row(Some(A::INTERNAL_ERROR), None,
                format_args!("too many handshakes on one connection")),
            Self::RenegotiationRefused =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 5246 section 7.2.2"),
                format_args!("the client refused the renegotiation in which it must authenticate")),
            Self::RenegotiationTimedOut { limit } =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 5246 section 7.4.1.1"),
                format_args!("the renegotiation was not complete within {limit} seconds")),
            Self::SecureRenegotiationMissing =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 5746 section 4"),
                format_args!("the peer does not support renegotiation_info, which the policy \
                  requires")),
            Self::WrongRenegotiationInfo =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 5746 section 3"),
                format_args!("renegotiation_info has a wrong value")),
            Self::EncryptThenMacDropped =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 7366 section 3.1"),
                format_args!("a renegotiation omits encrypt_then_mac, which was in use before")),
            Self::ExtendedMasterSecretChanged =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 7627 section 1"),
                format_args!("a renegotiation differs from the handshake before it in \
                  extended_master_secret")),
            Self::ServerNameChanged => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 6066 section 3"),
                format_args!("a renegotiation requests another host name than before")),
            Self::PeerIdentityChanged =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 7457 section 2.11"),
                format_args!("the peer's identity changed during the connection")),

            // Version, cipher suite and resumption.
            Self::VersionNotSupported { peer } =>
                row(Some(A::PROTOCOL_VERSION), Some("RFC 5246 appendix E.1"),
                format_args!("no version in common: the peer requests {peer}, which the policy does not \
                  permit")),
            Self::InappropriateFallback { peer } =>
                row(Some(A::INAPPROPRIATE_FALLBACK), Some("RFC 7507 section 3"),
                format_args!("the client fell back to {peer} unnecessarily: an attacker may have \
                  interfered")),
            Self::NoSharedCipherSuite =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 5246 section 7.4.1.3"),
                format_args!("no cipher suite in common that our certificate, the groups and the \
                  signature schemes permit")),
            Self::CipherSuiteNotOffered(suite) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 5246 section 7.4.1.3"),
                format_args!("the server chose {suite}, which was not offered")),
            Self::CompressionNotOffered(method) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 5246 section 7.4.1.3"),
                format_args!("the server chose the compression method {method}, which was not \
                  offered")),
            Self::NullCompressionMissing =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 5246 section 7.4.1.2"),
                format_args!("the client does not offer the compression method null, which every \
                  ClientHello must contain")),
            Self::UnknownSessionResumed =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 5246 section 7.4.1.3"),
                format_args!("the server resumes a session that does not exist: it repeats our \
                  random legacy_session_id")),
            Self::ResumedWithOtherSuite(suite) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 5246 section 7.4.1.3"),
                format_args!("the server resumed the session with another suite, {suite}")),
            Self::ResumedWithOtherMasterSecretRule =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 7627 section 5.3"),
                format_args!("the resumed session and the hello differ in extended_master_secret")),
            Self::ResumedWithoutEncryptThenMac =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 7366 section 3.1"),
                format_args!("the server resumed the session without encrypt_then_mac, which the \
                  session uses")),

            // Extensions.
            Self::ExtensionNotOffered(extension) =>
                row(Some(A::UNSUPPORTED_EXTENSION), Some("RFC 5246 section 7.4.1.4"),
                format_args!("the server sent {extension}, which was not offered")),
            Self::ExtensionNotAllowed(extension) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 5246 section 7.4.1.4"),
                format_args!("the server sent {extension}, which is not permitted in ServerHello")),
            Self::BadServerName => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 6066 section 3"),
                format_args!("invalid host name in server_name")),
            Self::UnknownFragmentLength(code) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 6066 section 4"),
                format_args!("the client requests the undefined max_fragment_length code {code}")),
            Self::FragmentLengthNotOffered(code) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 6066 section 4"),
                format_args!("the server sent the max_fragment_length code {code}, which was not \
                  requested")),
            Self::ResumedWithOtherFragmentLength(code) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 6066 section 4"),
                format_args!("the server resumed the session with the max_fragment_length code \
                  {code}, expected that of the session")),
            Self::RecordSizeLimitTooSmall { limit } =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8449 section 4"),
                format_args!("the peer's record_size_limit is {limit} bytes, expected at least \
                  64")),
            Self::TwoRecordLimits => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8449 section 5"),
                format_args!("the server sent both max_fragment_length and record_size_limit")),
            Self::PaddingNotZero => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 7685 section 3"),
                format_args!("the padding extension of ClientHello is not all zeros")),
            Self::NoUncompressedPoints =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8422 section 5.1.2"),
                format_args!("ec_point_formats does not include uncompressed")),
            Self::ExtendedMasterSecretMissing =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 7627 section 5.2"),
                format_args!("the peer does not support extended_master_secret, which the policy \
                  requires")),
            Self::NoSharedApplicationProtocol =>
                row(Some(A::NO_APPLICATION_PROTOCOL), Some("RFC 7301 section 3.2"),
                format_args!("no application protocol in common")),
            Self::ApplicationProtocolNotOffered =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 7301 section 3.2"),
                format_args!("the server chose an application protocol that was not offered")),
            Self::StatusTypeNotOffered(status_type) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 6066 section 8"),
                format_args!("the server sent a certificate status of type {status_type}, which \
                  was not requested")),

            // Certificates.
            Self::CertificateTypeNotOffered(certificate_type) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 7250 section 4.2"),
                format_args!("the server chose certificates of type {certificate_type}, which was \
                  not offered")),
            Self::NoSharedCertificateType =>
                row(Some(A::UNSUPPORTED_CERTIFICATE), Some("RFC 7250 section 4.2"),
                format_args!("no certificate type in common: one side has X.509 certificates and \
                  the other accepts raw public keys, or the reverse")),
            Self::EmptyCertificateList => row(Some(A::DECODE_ERROR), Some("RFC 5246 section 7.4.2"),
                format_args!("the server's Certificate message is empty")),
            Self::RequestByAnonymousServer =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 5246 section 7.4.4"),
                format_args!("an anonymous server sent CertificateRequest")),
            Self::CertificateRequired =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 5246 section 7.4.6"),
                format_args!("the client sent no certificate, which the policy requires")),
            Self::PeerRejected(alert) => row(Some(*alert), Some("RFC 5246 section 7.2.2"),
                format_args!("the peer's certificate is not accepted: {alert}")),
            Self::WrongKeyForSuite(kind) =>
                row(Some(A::UNSUPPORTED_CERTIFICATE), Some("RFC 5246 section 7.4.2"),
                format_args!("the certificate's key, {kind}, does not fit the cipher suite")),
            Self::KeyMayNotSign =>
                row(Some(A::UNSUPPORTED_CERTIFICATE), Some("RFC 5246 section 7.4.2"),
                format_args!("the certificate's key usage does not permit signatures")),
            Self::KeyMayNotEncrypt =>
                row(Some(A::UNSUPPORTED_CERTIFICATE), Some("RFC 5246 section 7.4.2"),
                format_args!("the certificate's key cannot be used for encryption")),
            Self::NoCredential => row(Some(A::HANDSHAKE_FAILURE), Some("RFC 5246 section 7.4.1.3"),
                format_args!("no certificate for this client")),

            // Signatures and Finished.
            Self::SchemeNotOffered(scheme) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 5246 section 7.4.1.4.1"),
                format_args!("a signature with {scheme}, which was not offered")),
            Self::SchemeNotForKey(scheme, kind) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 5246 section 7.4.1.4.1"),
                format_args!("a signature with {scheme}, which does not fit a key of kind {kind}")),
            Self::BadSignature => row(Some(A::DECRYPT_ERROR), Some("RFC 5246 section 4.7"),
                format_args!("invalid signature")),
            Self::WrongFinished => row(Some(A::DECRYPT_ERROR), Some("RFC 5246 section 7.4.9"),
                format_args!("wrong verify_data in Finished: the two sides have not seen the same \
                  handshake")),

            // Key exchange.
            Self::GroupNotOffered(group) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8422 section 5.4"),
                format_args!("the server uses the group {group}, which was not offered")),
            Self::CertificateCurveNotOffered(curve) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8422 section 5.3"),
                format_args!("the key of the server's certificate is on the curve {curve}, which \
                  was not offered")),
            Self::BadPeerShare => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8422 section 5.11"),
                format_args!("the peer's public value is invalid for the group")),
            Self::NoSharedField => row(Some(A::INSUFFICIENT_SECURITY), Some("RFC 7919 section 4"),
                format_args!("no finite field group in common, and no cipher suite in common \
                  works without one")),
            Self::BadFieldShare => row(Some(A::HANDSHAKE_FAILURE), Some("RFC 7919 section 5.1"),
                format_args!("the peer's public value is outside the range of its finite field")),
            Self::FieldTooSmall { bits, min } =>
                row(Some(A::INSUFFICIENT_SECURITY), Some("RFC 7919 section 3"),
                format_args!("the server's prime has {bits} bits, expected at least {min}")),
            Self::FieldTooLarge { bits, max } =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 7919 section 3"),
                format_args!("the server's prime has {bits} bits, expected at most {max}")),
            Self::NoPsk => row(Some(A::HANDSHAKE_FAILURE), Some("RFC 4279 section 2"),
                format_args!("no pre-shared key for this server")),
            Self::UnknownPskIdentity =>
                row(Some(A::UNKNOWN_PSK_IDENTITY), Some("RFC 4279 section 2"),
                format_args!("unknown PSK identity of the client")),

            // TLS 1.3.
            Self::MissingExtension(extension) =>
                row(Some(A::MISSING_EXTENSION), Some("RFC 9846 section 9.2"),
                format_args!("the message has no {extension}, which it must have")),
            Self::Extension(fault) => row(Some(fault.alert()), Some(fault.section()),
                format_args!("{fault}")),
            Self::SessionIdNotEchoed => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.2.3"),
                format_args!("legacy_session_id_echo is not the legacy_session_id that we sent")),
            Self::Downgraded => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.2.3"),
                format_args!("the server supports TLS 1.3 and chose TLS 1.2: an attacker may have \
                  changed our ClientHello")),
            Self::WrongLegacyVersion(version) =>
                row(Some(A::PROTOCOL_VERSION), Some("RFC 9846 section 4.2"),
                format_args!("legacy_version of a TLS 1.3 hello is {version}, expected {}",
                    ProtocolVersion::TLS_1_2)),
            Self::VersionNotOffered { peer } =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.3.1"),
                format_args!("the server chose {peer} in supported_versions, which was not offered \
                  there")),
            Self::RetryWithoutChange => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.2.4"),
                format_args!("HelloRetryRequest asks for nothing that ClientHello did not have")),
            Self::VersionChangedAfterRetry =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.2.4"),
                format_args!("the server changed the version after HelloRetryRequest")),
            Self::SuiteChangedAfterRetry(suite) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.2.4"),
                format_args!("the server chose {suite}, another suite than in HelloRetryRequest")),
            Self::ClientHelloChanged => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.2.2"),
                format_args!("the second ClientHello differs from the first in more than it may")),
            Self::CompressionOffered => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.2.2"),
                format_args!("the compression methods of a TLS 1.3 ClientHello are not exactly \
                  null")),
            Self::NoSharedGroup => row(Some(A::HANDSHAKE_FAILURE), Some("RFC 9846 section 4.2.1"),
                format_args!("no group for the key exchange in common")),
            Self::KeyShareNotInGroups(group) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.3.8"),
                format_args!("a key share for {group}, which supported_groups does not list or \
                  which has another share")),
            Self::KeyShareNotRequested(group) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.3.8"),
                format_args!("a key share for {group}, which is not the group of \
                  HelloRetryRequest")),
            Self::NoSharedSignatureScheme =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 9846 section 4.3.3"),
                format_args!("no signature scheme in common that our certificate permits")),
            Self::ClientCertificateMissing =>
                row(Some(A::CERTIFICATE_REQUIRED), Some("RFC 9846 section 4.5.1.3"),
                format_args!("the client sent no certificate, which the policy requires")),
            Self::SeveralRawPublicKeys => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.5.1"),
                format_args!("a Certificate message with more than one raw public key")),
            Self::WrongRequestContext => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.5.1"),
                format_args!("certificate_request_context is not that of the request")),
            Self::PreSharedKeyNotLast =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.3.11"),
                format_args!("pre_shared_key is not the last extension of ClientHello")),
            Self::WrongBinderCount =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.3.11"),
                format_args!("pre_shared_key does not have one binder for each identity")),
            Self::WrongBinder =>
                row(Some(A::DECRYPT_ERROR), Some("RFC 9846 section 4.3.11"),
                format_args!("the binder of the selected PSK is wrong")),
            Self::WrongPskIdentity(index) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.3.11"),
                format_args!("the server selected PSK identity {index}, which was not offered")),
            Self::SuiteNotForPsk(suite) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.3.11"),
                format_args!("the server selected {suite}, which has another hash than the PSK")),
            Self::EarlyDataWithOlderVersion =>
                row(Some(A::PROTOCOL_VERSION), Some("RFC 9846 appendix E.3"),
                format_args!("the server chose TLS 1.2 although early data was offered")),
            Self::EarlyDataNotAcceptable =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.3.10"),
                format_args!("the server accepts early data with another PSK, suite or application \
                  protocol than its own")),
            Self::PskModeNotOffered(mode) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.3.11"),
                format_args!("the server selected a PSK in the mode {mode}, which was not offered")),
            Self::CompressedCertificateNotOffered =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 8879 section 4"),
                format_args!("unexpected CompressedCertificate: we did not send compress_certificate")),
            Self::CertificateCompressionNotOffered(algorithm) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8879 section 4"),
                format_args!("CompressedCertificate with {algorithm}, which was not offered")),
            Self::CertificateNotDecompressed(error) =>
                row(Some(A::BAD_CERTIFICATE), Some("RFC 8879 section 4"),
                format_args!("the certificate cannot be decompressed: {error}")),
            Self::DelegatedSchemeNotOffered(scheme) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9345 section 4.1"),
                format_args!("a delegated credential for {scheme}, which was not offered for them")),
            Self::DelegationAlgorithmNotOffered(scheme) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9345 section 4.1"),
                format_args!("a delegated credential signed with {scheme}, which was not offered")),
            Self::OtherDelegatedScheme(scheme) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9345 section 4.1.3"),
                format_args!("CertificateVerify with {scheme}, which is not the scheme of the \
                  delegated credential")),
            Self::DelegatedByRawPublicKey =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9345 section 4.2"),
                format_args!("a delegated credential with a raw public key in place of a certificate")),
            Self::EarlyDataWithCertificate =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8773 section 4"),
                format_args!("ClientHello has tls_cert_with_extern_psk and early_data")),
            Self::PskModesWithoutKeyExchange =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8773 section 5.1"),
                format_args!("ClientHello has tls_cert_with_extern_psk without the mode psk_dhe_ke")),
            Self::SessionWithCertificate =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8773 section 5.1"),
                format_args!("ClientHello has tls_cert_with_extern_psk and the PSK of a session")),
            Self::WrongExternalBinder =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 8773 section 5.1"),
                format_args!("the binder of the external PSK is wrong")),
            Self::CertificateWithPskRefused =>
                row(Some(A::HANDSHAKE_FAILURE), Some("RFC 8773 section 4"),
                format_args!("the server does not use an external PSK together with its certificate, \
                  which the policy requires")),
            Self::NoApplicationProtocol =>
                row(Some(A::NO_APPLICATION_PROTOCOL), Some("RFC 9001 section 8.1"),
                format_args!("no application protocol was negotiated, which QUIC requires")),
            Self::TransportParametersWithoutQuic =>
                row(Some(A::UNSUPPORTED_EXTENSION), Some("RFC 9001 section 8.2"),
                format_args!("quic_transport_parameters in ClientHello, and the transport is not QUIC")),
            // In QUIC the next two are PROTOCOL_VIOLATION, which is no alert.
            Self::SessionIdInQuic => row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9001 section 8.4"),
                format_args!("legacy_session_id of ClientHello is not empty, as QUIC requires")),
            Self::EarlyDataSizeInQuic(size) =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9001 section 4.6.1"),
                format_args!("max_early_data_size of a ticket is {size}, expected 4294967295 in \
                  QUIC")),
            Self::TooManyKeyUpdates { limit } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 9846 section 4.7.3"),
                format_args!("more than {limit} KeyUpdate messages without application data in \
                  between")),

            Self::RequestContextNotUnique =>
                row(Some(A::ILLEGAL_PARAMETER), Some("RFC 9846 section 4.4.2"),
                format_args!("certificate_request_context of a CertificateRequest after the handshake \
                  is empty or was used before")),
            Self::TooManyCertificateRequests { limit } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 9846 section 4.7.2"),
                format_args!("more than {limit} CertificateRequest messages after the handshake \
                  without application data in between")),

            // Our own side.
            Self::BelowFloor(shortfall) =>
                row(Some(A::INSUFFICIENT_SECURITY), Some("RFC 5246 section 7.2.2"),
                format_args!("{shortfall}")),
            Self::QuestionFailed => row(Some(A::INTERNAL_ERROR), None,
                format_args!("a question of the handshake could not be answered")),
            Self::Crypto(error) => row(Some(A::INTERNAL_ERROR), None,
                format_args!("cryptography: {error}")),
            Self::Schedule(error) => row(Some(A::INTERNAL_ERROR), error.section(),
                format_args!("key schedule: {}", error.message())),
            Self::Encode(error) => row(Some(A::INTERNAL_ERROR), None,
                format_args!("our own message cannot be encoded: {error}")),
            Self::NotInProvider => row(Some(A::INTERNAL_ERROR), None,
                format_args!("the policy uses an algorithm that the provider does not support")),
        }
    }
}

impl fmt::Display for HandshakeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|row| f.write_fmt(row.message))
    }
}
