//! The inputs of transition tables: an [`crate::Input`], classified.

use crate::{
    credential::Credential,
    input::{KnownPsk, NewTicket, PeerKey, Psk, PskUse, Verified},
    raw_message::RawMessage,
    session::Session,
    time::UnixTime,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::Secret;
use cairn_wire::{HandshakeType, KeyUpdateRequest};

macro_rules! triggers {
    (
        messages: $( $message:ident = $code:ident ),* ;
        others: $( $other:ident($type:ty) ),* ;
        answers: $( $answer:ident($answer_type:ty) ),* $(,)?
    ) => {
        pub(crate) enum Trigger<'a> {
            $( $message(RawMessage<'a>), )*
            /// An input without a row in any table, which is always unexpected.
            OtherMessage(HandshakeType),
            $( $other($type), )*
            $( $answer($answer_type), )*
        }

        /// Whether the input with this name is the answer to a question.
        pub(crate) const fn is_answer(name: &str) -> bool {
            let mut answers: &[&str] = &[$( stringify!($answer) ),*];
            while let [answer, others @ ..] = answers {
                if is_same(answer.as_bytes(), name.as_bytes()) {
                    return true;
                }
                answers = others;
            }
            false
        }

        impl<'a> Trigger<'a> {
            /// Whether this is the answer to a question.
            pub(crate) const fn is_answer(&self) -> bool {
                matches!(self, $( Self::$answer(_) )|*)
            }

            pub(crate) fn message(message: RawMessage<'a>) -> Self {
                match message.msg_type {
                    $( HandshakeType::$code => Self::$message(message), )*
                    other => Self::OtherMessage(other),
                }
            }

            pub(crate) fn name(&self) -> &'static str {
                match self {
                    $( Self::$message(_) => stringify!($message), )*
                    Self::OtherMessage(other) => {
                        other.name().unwrap_or("handshake message of an unknown type")
                    }
                    $( Self::$other(_) => stringify!($other), )*
                    $( Self::$answer(_) => stringify!($answer), )*
                }
            }
        }
    };
}

/// `==` of byte strings, for constants.
const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([a, one_rest @ ..], [b, other_rest @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (one_rest, other_rest);
    }
    one.is_empty() && other.is_empty()
}

triggers! {
    messages:
        HelloRequest = HELLO_REQUEST,
        ClientHello = CLIENT_HELLO,
        ServerHello = SERVER_HELLO,
        NewSessionTicket = NEW_SESSION_TICKET,
        EncryptedExtensions = ENCRYPTED_EXTENSIONS,
        Certificate = CERTIFICATE,
        CompressedCertificate = COMPRESSED_CERTIFICATE,
        CertificateStatus = CERTIFICATE_STATUS,
        ServerKeyExchange = SERVER_KEY_EXCHANGE,
        CertificateRequest = CERTIFICATE_REQUEST,
        ServerHelloDone = SERVER_HELLO_DONE,
        CertificateVerify = CERTIFICATE_VERIFY,
        ClientKeyExchange = CLIENT_KEY_EXCHANGE,
        Finished = FINISHED,
        EndOfEarlyData = END_OF_EARLY_DATA,
        KeyUpdate = KEY_UPDATE;
    others:
        Start(()),
        Renegotiate(()),
        NoRenegotiation(()),
        UpdateKeys(KeyUpdateRequest),
        RequestCertificate(()),
        ChangeCipherSpec(());
    answers:
        Configured(()),
        SessionFound(FoundSession),
        TicketSealed(Option<NewTicket>),
        CredentialChosen(Option<Arc<Credential>>),
        Signed(Vec<u8>),
        PremasterDecrypted(Option<Secret<48>>),
        PskFound(Option<Psk>),
        PskChosen(ChosenPsk),
        PskConsumed(PskUse),
        PeerVerified(CheckedKey),
}

/// The answer to the verification of a chain.
pub(crate) enum CheckedKey {
    /// The chain was verified.
    Verified(Verified),
    /// The chain was not verified, and the handshake continues.
    NotChecked(PeerKey),
}

impl CheckedKey {
    /// The key.
    pub(crate) const fn key(&self) -> &PeerKey {
        match self {
            Self::Verified(Verified { key, .. }) | Self::NotChecked(key) => key,
        }
    }

    /// The key, whether the chain was verified, and how long that is valid.
    pub(crate) fn into_parts(self) -> (PeerKey, bool, Option<UnixTime>) {
        match self {
            Self::Verified(Verified { key, not_after }) => (key, true, not_after),
            Self::NotChecked(key) => (key, false, None),
        }
    }
}

/// The answer to a choice among the PSKs of a TLS 1.3 client: the place of the identity and its PSK.
pub(crate) struct ChosenPsk {
    pub(crate) psk: Option<(u16, KnownPsk)>,
}

/// The answer to a session lookup.
pub(crate) struct FoundSession {
    pub(crate) session: Option<Arc<Session>>,
    /// Whether the ticket should be replaced.
    pub(crate) renew: bool,
}
