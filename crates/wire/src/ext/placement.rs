//! Which extension may stand in which message of TLS 1.3.

use core::fmt;

use crate::codes::{AlertDescription, ExtensionType};

/// A message of TLS 1.3 that has extensions (RFC 9846 section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExtensionMessage {
    /// ClientHello.
    ClientHello,
    /// ServerHello.
    ServerHello,
    /// HelloRetryRequest.
    HelloRetryRequest,
    /// EncryptedExtensions.
    EncryptedExtensions,
    /// An entry of Certificate.
    Certificate,
    /// CertificateRequest.
    CertificateRequest,
    /// NewSessionTicket.
    NewSessionTicket,
}

/// The receiver's treatment of an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The extension is allowed: process it.
    Process,
    /// The extension is not in the table, and the message is a request: ignore it.
    Ignore,
}

/// The reason why an extension must not be in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionFault {
    /// The extension is known and does not belong in the message.
    Misplaced {
        /// The extension.
        extension_type: ExtensionType,
        /// The message.
        message: ExtensionMessage,
    },
    /// The extension is a response, and the receiver did not request it.
    Unsolicited {
        /// The extension.
        extension_type: ExtensionType,
        /// The message.
        message: ExtensionMessage,
    },
}

use ExtensionMessage::{
    Certificate as CT, CertificateRequest as CR, ClientHello as CH, EncryptedExtensions as EE,
    HelloRetryRequest as HRR, NewSessionTicket as NST, ServerHello as SH,
};

/// The table of RFC 9846 section 4.3, and the extensions outside it that this crate decodes. An extension
/// that only TLS 1.2 uses may be in the ClientHello, which can offer both versions.
#[rustfmt::skip]
const fn messages_of(extension_type: ExtensionType) -> Option<&'static [ExtensionMessage]> {
    use ExtensionType as X;
    Some(match extension_type {
        X::SERVER_NAME => &[CH, EE, CR],
        X::STATUS_REQUEST => &[CH, CR, CT],
        X::SUPPORTED_GROUPS => &[CH, EE],
        X::SIGNATURE_ALGORITHMS => &[CH, CR],
        X::USE_SRTP => &[CH, EE],
        X::HEARTBEAT => &[CH, EE],
        X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION => &[CH, EE],
        X::CLIENT_CERTIFICATE_TYPE => &[CH, EE],
        X::SERVER_CERTIFICATE_TYPE => &[CH, EE],
        X::PADDING => &[CH],
        X::COMPRESS_CERTIFICATE => &[CH, CR],
        X::RECORD_SIZE_LIMIT => &[CH, EE],
        X::DELEGATED_CREDENTIAL => &[CH, CR, CT],
        X::SUPPORTED_EKT_CIPHERS => &[CH, EE],
        X::PRE_SHARED_KEY => &[CH, SH],
        X::EARLY_DATA => &[CH, EE, NST],
        X::SUPPORTED_VERSIONS => &[CH, SH, HRR],
        X::COOKIE => &[CH, HRR],
        X::PSK_KEY_EXCHANGE_MODES => &[CH],
        X::CERTIFICATE_AUTHORITIES => &[CH, CR],
        X::OID_FILTERS => &[CR],
        X::POST_HANDSHAKE_AUTH => &[CH],
        X::SIGNATURE_ALGORITHMS_CERT => &[CH, CR],
        X::KEY_SHARE => &[CH, SH, HRR],
        X::TRANSPARENCY_INFO => &[CH, CR, CT],
        X::EXTERNAL_ID_HASH => &[CH, EE],
        X::EXTERNAL_SESSION_ID => &[CH, EE],
        X::QUIC_TRANSPORT_PARAMETERS => &[CH, EE],
        X::TICKET_REQUEST => &[CH, EE],
        X::ECH_OUTER_EXTENSIONS => &[CH],
        X::ENCRYPTED_CLIENT_HELLO => &[CH, HRR, EE],
        // IANA, "TLS ExtensionType Values"; for signed_certificate_timestamp also section 4.5.1.1.
        X::MAX_FRAGMENT_LENGTH => &[CH, EE],
        X::SIGNED_CERTIFICATE_TIMESTAMP => &[CH, CR, CT],
        // RFC 8773 section 5.
        X::TLS_CERT_WITH_EXTERN_PSK => &[CH, SH],
        // Of TLS 1.2 only. Section 4.3.4 says so of trusted_ca_keys, section 4.5.1.1 of status_request_v2.
        X::TRUSTED_CA_KEYS | X::STATUS_REQUEST_V2 | X::EC_POINT_FORMATS | X::ENCRYPT_THEN_MAC
        | X::EXTENDED_MASTER_SECRET | X::SESSION_TICKET | X::RENEGOTIATION_INFO => &[CH],
        _ => return None,
    })
}

impl ExtensionMessage {
    /// All messages that have extensions.
    pub const ALL: [Self; 7] = [CH, SH, HRR, EE, CT, CR, NST];

    /// The messages in which RFC 9846 section 4.3 allows the extension, or `None` if this crate does not know
    /// the extension.
    #[must_use]
    pub const fn allowed(extension_type: ExtensionType) -> Option<&'static [Self]> {
        messages_of(extension_type)
    }

    /// Returns `true` if the extensions of the message are responses to those of an earlier message.
    #[must_use]
    pub const fn is_response(self) -> bool {
        match self {
            SH | HRR | EE | CT => true,
            CH | CR | NST => false,
        }
    }

    /// Returns `true` if the extension is known and does not belong in the message.
    pub(super) fn is_misplaced(self, extension_type: ExtensionType) -> bool {
        messages_of(extension_type).is_some_and(|allowed| !allowed.contains(&self))
    }

    /// Judges an extension of the message. `is_requested` says whether the receiver sent an extension of this
    /// type in the message that this one answers: for ServerHello, HelloRetryRequest, EncryptedExtensions and
    /// a server's Certificate the ClientHello, for a client's Certificate the CertificateRequest. It does not
    /// matter for other messages.
    ///
    /// # Errors
    ///
    /// [`ExtensionFault`].
    pub fn judge(
        self,
        extension_type: ExtensionType,
        is_requested: bool,
    ) -> Result<Judgement, ExtensionFault> {
        if self.is_misplaced(extension_type) {
            return Err(ExtensionFault::Misplaced { extension_type, message: self });
        }
        // "with the exception of the "cookie" extension in the HelloRetryRequest".
        let may_be_unsolicited =
            !self.is_response() || (self == HRR && extension_type == ExtensionType::COOKIE);
        // RFC 8701 section 3.1: a GREASE value in a response is as an unknown one, although it was offered.
        let is_requested = is_requested && !extension_type.is_grease();
        if !may_be_unsolicited && !is_requested {
            return Err(ExtensionFault::Unsolicited { extension_type, message: self });
        }
        // "Clients MUST ignore unrecognized extensions" (sections 4.4.2 and 4.7.1); servers likewise those of
        // ClientHello (section 4.2.2).
        Ok(match messages_of(extension_type) {
            None if !self.is_response() => Judgement::Ignore,
            _ => Judgement::Process,
        })
    }
}

impl fmt::Display for ExtensionMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            CH => "ClientHello",
            SH => "ServerHello",
            HRR => "HelloRetryRequest",
            EE => "EncryptedExtensions",
            CT => "Certificate",
            CR => "CertificateRequest",
            NST => "NewSessionTicket",
        })
    }
}

impl ExtensionFault {
    /// The alert to send: `illegal_parameter` for a misplaced extension, `unsupported_extension` for an
    /// unsolicited one (RFC 9846 section 4.3), but `unexpected_message` for an unsolicited
    /// `delegated_credential` (RFC 9345 sections 4.1.1 and 4.1.2).
    #[must_use]
    pub const fn alert(&self) -> AlertDescription {
        match *self {
            Self::Misplaced { .. } => AlertDescription::ILLEGAL_PARAMETER,
            Self::Unsolicited { extension_type: ExtensionType::DELEGATED_CREDENTIAL, .. } => {
                AlertDescription::UNEXPECTED_MESSAGE
            }
            Self::Unsolicited { .. } => AlertDescription::UNSUPPORTED_EXTENSION,
        }
    }

    /// The RFC section that the message violates.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match *self {
            Self::Unsolicited { extension_type: ExtensionType::DELEGATED_CREDENTIAL, .. } => {
                "RFC 9345 section 4.1"
            }
            _ => "RFC 9846 section 4.3",
        }
    }
}

impl fmt::Display for ExtensionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misplaced { extension_type, message } => {
                write!(f, "the extension {extension_type} does not belong in {message}")
            }
            Self::Unsolicited { extension_type, message } => {
                write!(f, "{message} has the extension {extension_type}, which was not requested")
            }
        }
    }
}

impl core::error::Error for ExtensionFault {}
