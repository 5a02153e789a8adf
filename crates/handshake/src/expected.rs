//! Checks of message headers: the expected types, and the maximum lengths of bodies.

use crate::{
    client_hello_len::{LONGEST_CLIENT_HELLO, VECTOR_16},
    error::HandshakeErrorKind,
    kx::KeyExchange,
    machine::Machine,
    raw_message::RawMessage,
    trigger::Trigger,
};
use cairn_schedule::VERIFY_DATA_LEN;
use cairn_wire::{HandshakeHeader, HandshakeType, KeyAgreement};
use core::mem::ManuallyDrop;

/// The maximum length of a client's public value for the groups of RFC 7919 in bytes, length prefix included.
const FIELD_SHARE: u32 = 2 + 8192 / 8;

/// The maximum length of an encrypted premaster secret in bytes, length prefix included: that of an RSA key
/// of 16,384 bits. A longer one fits no key, and its length is public.
const CIPHERTEXT: u32 = 2 + 16_384 / 8;

impl Machine {
    /// Checks the header of a handshake message before its body arrives, so that no memory is used for a
    /// message that would be refused: whether the state accepts the type, and whether the length is
    /// permitted. Pass this to [`crate::Joiner::next`].
    ///
    /// While a question is pending, only the length is checked.
    ///
    /// # Errors
    /// [`HandshakeErrorKind::UnexpectedMessage`] or a more specific error of the state;
    /// [`HandshakeErrorKind::Decode`] if the body is longer than its syntax allows;
    /// [`HandshakeErrorKind::MessageTooLong`] if it is longer than the [`crate::Limits`] of the policy. Pass
    /// the error to [`Machine::step`] as [`crate::Input::NotJoined`].
    pub fn check_header(&self, header: &HandshakeHeader) -> Result<(), HandshakeErrorKind> {
        if !self.is_asking() {
            self.check_type(header.msg_type)?;
        }
        header.check_length(self.longest(header.msg_type))?;
        let Some(limits) = self.limits() else { return Ok(()) };
        let limit = match header.msg_type {
            HandshakeType::CERTIFICATE | HandshakeType::COMPRESSED_CERTIFICATE => {
                limits.max_certificate_message
            }
            _ => limits.max_message,
        };
        if header.length > limit {
            return Err(HandshakeErrorKind::MessageTooLong { limit, length: header.length });
        }
        Ok(())
    }

    /// Whether the state accepts this message. A client accepts HelloRequest in every state but those of TLS
    /// 1.3, because it ignores it during a handshake (RFC 5246 section 7.4.1.1).
    fn check_type(&self, msg_type: HandshakeType) -> Result<(), HandshakeErrorKind> {
        // It owns nothing that would have to be dropped.
        let trigger = ManuallyDrop::new(Trigger::message(RawMessage { msg_type, bytes: &[] }));
        self.role().accepts(&trigger)
    }

    /// The maximum length of a body of this type. For ClientKeyExchange it depends on the negotiated key
    /// exchange.
    fn longest(&self, msg_type: HandshakeType) -> u32 {
        if self.is_tls13() {
            return longest_of_tls13(msg_type);
        }
        match msg_type {
            HandshakeType::HELLO_REQUEST | HandshakeType::SERVER_HELLO_DONE => 0,
            HandshakeType::CLIENT_HELLO => LONGEST_CLIENT_HELLO,
            // RFC 5246 section 7.4.1.3.
            HandshakeType::SERVER_HELLO => 2 + 32 + 33 + 2 + 1 + VECTOR_16,
            // RFC 5077 section 3.3.
            HandshakeType::NEW_SESSION_TICKET => 4 + VECTOR_16,
            // RFC 5246 section 7.4.4.
            HandshakeType::CERTIFICATE_REQUEST => 256 + (VECTOR_16 - 1) + VECTOR_16,
            // RFC 5246 section 7.4.8.
            HandshakeType::CERTIFICATE_VERIFY => 2 + VECTOR_16,
            HandshakeType::CLIENT_KEY_EXCHANGE => match self.role().awaited_key_exchange() {
                Some(kx) => longest_client_key_exchange(kx),
                None => VECTOR_16 + VECTOR_16,
            },
            // RFC 5246 section 7.4.9.
            HandshakeType::FINISHED => u32::try_from(VERIFY_DATA_LEN).unwrap_or(u32::MAX),
            _ => u32::MAX,
        }
    }
}

/// The maximum length of a body in TLS 1.3 (RFC 9846 sections 4.2 to 4.7).
const fn longest_of_tls13(msg_type: HandshakeType) -> u32 {
    match msg_type {
        HandshakeType::END_OF_EARLY_DATA => 0,
        HandshakeType::KEY_UPDATE => 1,
        HandshakeType::CLIENT_HELLO => LONGEST_CLIENT_HELLO,
        HandshakeType::SERVER_HELLO => 2 + 32 + 33 + 2 + 1 + VECTOR_16,
        HandshakeType::ENCRYPTED_EXTENSIONS => VECTOR_16,
        HandshakeType::CERTIFICATE_REQUEST => 256 + VECTOR_16,
        HandshakeType::CERTIFICATE_VERIFY => 2 + VECTOR_16,
        HandshakeType::NEW_SESSION_TICKET => 4 + 4 + 256 + VECTOR_16 + VECTOR_16,
        // The longest hash of a suite is SHA-384.
        HandshakeType::FINISHED => 48,
        _ => u32::MAX,
    }
}

/// RFC 5246 section 7.4.7, RFC 8422 section 5.7, RFC 4279 sections 2 to 4, RFC 5489 section 2.
const fn longest_client_key_exchange(kx: &KeyExchange) -> u32 {
    let identity = if kx.psk { VECTOR_16 } else { 0 };
    let half = match kx.agreement {
        KeyAgreement::None => 0,
        KeyAgreement::Ecdh => 1 + 0xff,
        KeyAgreement::Dh => FIELD_SHARE,
        KeyAgreement::Rsa => CIPHERTEXT,
    };
    identity + half
}
