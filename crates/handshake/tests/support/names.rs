//! The names of inputs in the transition tables.

use cairn_handshake::{Answer, Input};
use cairn_wire::{AlertDescription, HandshakeType};

/// The handshake messages by their names in the tables.
pub const MESSAGES: [(HandshakeType, &str); 16] = [
    (HandshakeType::HELLO_REQUEST, "HelloRequest"),
    (HandshakeType::CLIENT_HELLO, "ClientHello"),
    (HandshakeType::SERVER_HELLO, "ServerHello"),
    (HandshakeType::NEW_SESSION_TICKET, "NewSessionTicket"),
    (HandshakeType::ENCRYPTED_EXTENSIONS, "EncryptedExtensions"),
    (HandshakeType::CERTIFICATE, "Certificate"),
    (HandshakeType::COMPRESSED_CERTIFICATE, "CompressedCertificate"),
    (HandshakeType::CERTIFICATE_STATUS, "CertificateStatus"),
    (HandshakeType::SERVER_KEY_EXCHANGE, "ServerKeyExchange"),
    (HandshakeType::CERTIFICATE_REQUEST, "CertificateRequest"),
    (HandshakeType::SERVER_HELLO_DONE, "ServerHelloDone"),
    (HandshakeType::CERTIFICATE_VERIFY, "CertificateVerify"),
    (HandshakeType::CLIENT_KEY_EXCHANGE, "ClientKeyExchange"),
    (HandshakeType::FINISHED, "Finished"),
    (HandshakeType::END_OF_EARLY_DATA, "EndOfEarlyData"),
    (HandshakeType::KEY_UPDATE, "KeyUpdate"),
];

/// The name of an input in the tables.
pub fn input_name(input: &Input<'_>) -> &'static str {
    match input {
        Input::Start { .. } => "Start",
        Input::Message { message, .. } => MESSAGES
            .iter()
            .find(|(msg_type, _)| *msg_type == message.msg_type)
            .map_or("another message", |(_, name)| name),
        Input::ChangeCipherSpec => "ChangeCipherSpec",
        Input::Alert(alert) if alert.description == AlertDescription::NO_RENEGOTIATION => "NoRenegotiation",
        Input::Alert(_) => "Alert",
        Input::Renegotiate { .. } => "Renegotiate",
        Input::UpdateKeys { .. } => "UpdateKeys",
        Input::RequestCertificate => "RequestCertificate",
        Input::Time { .. } => "Time",
        Input::Answer(_, Answer::Configured) => "Configured",
        Input::Answer(_, Answer::Session(_) | Answer::SessionWithOldTicket(_)) => "SessionFound",
        Input::Answer(_, Answer::Ticket(_)) => "TicketSealed",
        Input::Answer(_, Answer::Credential(_)) => "CredentialChosen",
        Input::Answer(_, Answer::Signature(_)) => "Signed",
        Input::Answer(_, Answer::PeerVerified(_) | Answer::PeerNotChecked(_)) => "PeerVerified",
        Input::Answer(_, Answer::Premaster(_)) => "PremasterDecrypted",
        Input::Answer(_, Answer::Psk(_)) => "PskFound",
        Input::Answer(_, Answer::PskChoice(_)) => "PskChosen",
        Input::Answer(_, Answer::PskUse(_)) => "PskConsumed",
        Input::Answer(_, _) => "an answer that says no",
        Input::Abort(_) => "Abort",
        Input::NotJoined(_) => "NotJoined",
    }
}
