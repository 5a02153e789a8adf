//! Requests of the caller to the handshake.

use super::{End, Reader};
#[cfg(doc)]
use super::{Notice, Progress};
use crate::error::{Error, ErrorKind};
use alloc::sync::Arc;
use cairn_config::{ConnectionConfig, ServerConfig};
#[cfg(doc)]
use cairn_handshake::Question;
use cairn_handshake::{Answer, Input, Misuse, QuestionId};
use cairn_wire::{AlertDescription, KeyUpdateRequest};

impl Reader {
    /// Requests a renegotiation (RFC 5246 section 7.4.1.1): a client sends ClientHello, a server sends
    /// HelloRequest. Our application data is held back from our hello until the handshake is complete; the
    /// peer's is still received. The peer may refuse ([`Notice::RenegotiationRefused`]) or not respond.
    /// [`crate::RenegotiationLimits::max_duration`] limits the duration: [`Reader::receive`] checks the
    /// clock, so call it from time to time even if nothing is received.
    ///
    /// If [`Reader::set_server_config`] has set a configuration that requires a client certificate, the
    /// handshake is mandatory: the connection ends with an error if the client refuses it or closes.
    ///
    /// # Errors
    /// [`Misuse`] if the configuration does not permit renegotiation, the peer does not support it securely
    /// (RFC 5746), the limit is reached, or a handshake is in progress. The connection is unchanged.
    /// [`Reader::receive`] reports later failures.
    pub fn renegotiate(&mut self) -> Result<(), Misuse> {
        let next =
            self.machine.step(Input::Renegotiate { now: self.config.now() }, &mut self.tasks.flight)?;
        self.refused = false;
        let _reported_by_receive = self.follow(next);
        Ok(())
    }

    /// Updates the keys for writing, in TLS 1.3 (RFC 9846 section 4.7.3): sends KeyUpdate under the old keys
    /// and uses new ones from then on. With [`KeyUpdateRequest::UpdateRequested`] the peer shall update its
    /// keys too; while it has not answered an earlier request, no other is made.
    ///
    /// This is not needed to respect the usage limits of keys: writing updates them in time.
    ///
    /// # Errors
    /// [`Misuse::NoKeyUpdate`] before the handshake is complete, and in TLS 1.2. [`Misuse::Failed`] if the
    /// connection has failed. The connection is unchanged. [`Reader::receive`] reports later failures.
    pub fn update_keys(&mut self, request_update: KeyUpdateRequest) -> Result<(), Misuse> {
        let next = self.machine.step(Input::UpdateKeys { request_update }, &mut self.tasks.flight)?;
        let _reported_by_receive = self.follow(next);
        Ok(())
    }

    /// Requests a certificate from the client after the handshake of TLS 1.3, as a server (RFC 9846 section
    /// 4.7.2). The configuration must permit it, and the client must have offered it:
    /// [`cairn_config::ServerConfigBuilder::request_client_certificates_later`].
    ///
    /// The client may answer at any time: application data passes meanwhile in both directions. The answer is
    /// [`Progress::ClientAuthentication`], and a [`Notice`] has its content. The summary has the client's new
    /// chain from then on. A client that has authenticated before keeps its identity: another certificate
    /// ends the connection.
    ///
    /// # Errors
    /// [`Misuse::NoPostHandshakeAuthentication`] if the request is not possible, and
    /// [`Misuse::TooManyCertificateRequests`]. The connection is unchanged. [`Reader::receive`] reports later
    /// failures.
    pub fn request_client_certificate(&mut self) -> Result<(), Misuse> {
        let next = self.machine.step(Input::RequestCertificate, &mut self.tasks.flight)?;
        self.declined = false;
        let _reported_by_receive = self.follow(next);
        Ok(())
    }

    /// Sets the configuration for a server's later handshakes, for example one that requests a client
    /// certificate. While [`Question::ChooseConfiguration`] is pending, it is used for the first handshake.
    /// Its record limits do not apply to this connection.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`] for a client, while a handshake is in progress, and while a client has not
    /// answered [`Reader::request_client_certificate`]: the configuration that asks also judges the answer.
    pub fn set_server_config(&mut self, config: &ServerConfig) -> Result<(), Misuse> {
        if self.machine.outstanding_certificate_requests() > 0 {
            return Err(Misuse::NotComplete);
        }
        self.machine.set_server_policy(Arc::clone(config.policy()))?;
        self.config = ConnectionConfig::server(config);
        self.tasks.provider = Some(Arc::clone(self.config.provider()));
        Ok(())
    }

    /// Answers the pending question and continues with the data that was held back.
    ///
    /// # Errors
    /// [`Misuse`] if the answer does not fit. The connection is unchanged. [`Reader::receive`] reports the
    /// consequences of the answer, errors included.
    pub fn answer(&mut self, id: QuestionId, answer: Answer) -> Result<(), Misuse> {
        let answer = self.config.complete_answer(answer);
        let length = self.tasks.flight.bytes().len();
        let next = self.machine.step(Input::Answer(id, answer), &mut self.tasks.flight)?;
        self.asked = None;
        let followed = self.follow(next);
        self.turned |= self.tasks.flight.bytes().len() > length;
        if followed.is_ok() && self.asked.is_none() {
            let _reported_by_receive = self.take_handshake(self.epoch, &[]);
        }
        Ok(())
    }

    /// Reports the end of the transport, and distinguishes truncation from an orderly close (RFC 5246 section
    /// 7.2.1).
    ///
    /// # Errors
    /// [`Error`] with [`ErrorKind::Truncated`] if close_notify was not received, or the error that ended the
    /// connection earlier.
    pub fn transport_ended(&mut self) -> Result<(), Error> {
        match self.end {
            Some(End::Closed) => Ok(()),
            Some(End::Failed(error)) => Err(error),
            None => {
                let (state, version) = (self.machine.state(), self.machine.version());
                let error = Error::new(ErrorKind::Truncated, state, version);
                self.end = Some(End::Failed(error));
                if !self.machine.is_established() {
                    // The handshake cannot continue, so its secrets are dropped.
                    self.abort(AlertDescription::CLOSE_NOTIFY);
                }
                Err(error)
            }
        }
    }
}
