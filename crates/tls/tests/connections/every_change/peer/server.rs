//! The peer as a server (RFC 5246 section 7.3).

use super::{
    Peer, Stop,
    client::{encode, message},
};
use cairn_tls::wire::{
    CertificateRequest, CertificateStatus, CertificateStatusType, ClientCertificateType, DistinguishedName,
    HandshakeType, List, NewSessionTicket, SignatureScheme,
};

impl Peer<'_> {
    pub(super) fn play_server(&mut self) -> Result<(), Stop> {
        self.listen()?;
        self.wait(|heard| heard.hello)?;
        let hello = self.server_hello();
        self.say("ServerHello", &hello)?;
        if self.flow.memory.is_some() {
            // Whether or not the client accepts this.
            self.agreed.resumed = true;
            self.set_keys();
            self.say_new_session_ticket()?;
            self.say_change_cipher_spec()?;
            self.say_finished()?;
            return self.wait_for_the_end();
        }
        if self.suite().shows_certificate() {
            let body = self.own_certificate_body();
            self.say("Certificate", &message(HandshakeType::CERTIFICATE, &body))?;
            if let Some(response) = &self.flow.staple {
                let status = CertificateStatus { status_type: CertificateStatusType::OCSP, response };
                self.say("CertificateStatus", &encode(&status))?;
            }
        }
        if let Some(exchange) = self.server_key_exchange() {
            self.say("ServerKeyExchange", &exchange)?;
        }
        if self.flow.requests {
            let request = CertificateRequest {
                certificate_types: List::from_items(&[ClientCertificateType::ECDSA_SIGN]),
                supported_signature_algorithms: List::from_items(&[
                    SignatureScheme::ED25519,
                    SignatureScheme::ECDSA_SECP384R1_SHA384,
                ]),
                certificate_authorities: List::from_items(&[DistinguishedName(&[0x30, 0])]),
            };
            self.say("CertificateRequest", &encode(&request))?;
        }
        self.say("ServerHelloDone", &message(HandshakeType::SERVER_HELLO_DONE, &[]))?;
        self.wait(|heard| heard.finished)?;
        self.say_new_session_ticket()?;
        self.say_change_cipher_spec()?;
        self.say_finished()?;
        self.wait_for_the_end()
    }

    /// RFC 5077 section 3.3, if ServerHello has announced it.
    fn say_new_session_ticket(&mut self) -> Result<(), Stop> {
        if !self.agreed.ticket_promised {
            return Ok(());
        }
        self.ticket = b"a ticket".to_vec();
        let ticket = NewSessionTicket { ticket_lifetime_hint: 7200, ticket: b"a ticket" };
        self.say("NewSessionTicket", &encode(&ticket))
    }
}
