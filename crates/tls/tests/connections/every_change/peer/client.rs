//! The peer as a client (RFC 5246 section 7.3).

use super::{Peer, Stop};
use crate::support::provider;
use cairn_tls::wire::{
    CertificateVerify, DigitallySigned, HandshakeBody, HandshakeType, SignatureScheme, Writer,
};

impl Peer<'_> {
    pub(super) fn play_client(&mut self) -> Result<(), Stop> {
        let hello = self.client_hello();
        self.say("ClientHello", &hello)?;
        self.wait(|heard| heard.server_hello_done || heard.finished)?;
        if self.agreed.resumed {
            self.say_change_cipher_spec()?;
            self.say_finished()?;
            return self.wait_for_the_end();
        }
        let mut proves = false;
        if self.heard.certificate_request {
            proves = self.flow.own_identity.is_some();
            let body = self.own_certificate_body();
            self.say("Certificate", &message(HandshakeType::CERTIFICATE, &body))?;
        }
        let exchange = self.client_key_exchange();
        self.say("ClientKeyExchange", &exchange)?;
        // The last message may be withheld; the transcript contains what is sent.
        self.set_keys();
        if proves && !self.shows_nothing {
            let key = self.flow.own_identity.unwrap().signing_key();
            let algorithm = SignatureScheme::ED25519;
            let text = self.transcript.messages().unwrap();
            let signature = &*key.sign(algorithm, text, &mut provider().rng()).unwrap();
            let verify = encode(&CertificateVerify { signed: DigitallySigned { algorithm, signature } });
            self.say("CertificateVerify", &verify)?;
        }
        self.say_change_cipher_spec()?;
        self.say_finished()?;
        self.wait_for_the_end()
    }
}

/// A message with its header.
pub(super) fn message(msg_type: HandshakeType, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![msg_type.0];
    bytes.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
    bytes.extend_from_slice(body);
    bytes
}

pub(super) fn encode<M: HandshakeBody>(body: &M) -> Vec<u8> {
    let mut bytes = Vec::new();
    body.write_message(&mut Writer::vec(&mut bytes)).unwrap();
    bytes
}
