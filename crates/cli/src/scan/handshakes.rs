//! Whole handshakes, for what a server only shows with keys.

use super::{probe::Probe, suite_kinds::is_tls13};
use crate::{
    failure::{Code, Failure},
    net::{LINGER, Transport},
    provider::provider_for,
};
use alloc::sync::Arc;
use cairn_tls::{
    ClientConfig, ClientConfigBuilder, Connection, Direction, Epoch, Policy, Protection, Renegotiation,
    SUITES, ServerName, Stream, Summary, TLS13_SUITES, Trace, Traced, Versions,
    wire::{
        CertificateEntryExtension, CipherSuite, Decode, ExtensionType, HandshakeType, NewSessionTicket,
        NewSessionTicketExtension, ProtocolVersion, SignatureScheme, Tls13Certificate, Tls13NewSessionTicket,
    },
};
use std::{
    io,
    sync::{Mutex, PoisonError},
};

/// The maximum number of messages that are recorded of a connection, and their maximum size.
const MAX_MESSAGES: usize = 64;
const MAX_MESSAGE: usize = 1 << 18;
/// The sizes of primes with which handshakes are completed, in bits: small ones too, to see what the server
/// does then.
const PRIMES: core::ops::RangeInclusive<u16> = 512..=8192;

/// Records the handshake messages of a server.
#[derive(Debug, Default)]
pub(super) struct Witness(Mutex<Vec<(HandshakeType, Vec<u8>)>>);

impl Trace for Witness {
    fn trace(&self, direction: Direction, _: Epoch, message: Traced<'_>) {
        let Traced::Handshake { msg_type, message } = message else { return };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if direction == Direction::Read && all.len() < MAX_MESSAGES && message.len() <= MAX_MESSAGE {
            // Without the header.
            all.push((msg_type, message.get(4..).unwrap_or_default().to_vec()));
        }
    }
}

impl Witness {
    /// The bodies of the messages of a type.
    fn bodies(&self, wanted: HandshakeType) -> Vec<Vec<u8>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|(kind, _)| *kind == wanted).map(|(_, body)| body.clone()).collect()
    }

    /// Whether there was a message of a type.
    pub(super) fn has(&self, wanted: HandshakeType) -> bool {
        !self.bodies(wanted).is_empty()
    }

    /// The scheme of CertificateVerify.
    pub(super) fn scheme(&self) -> Option<SignatureScheme> {
        let bodies = self.bodies(HandshakeType::CERTIFICATE_VERIFY);
        let scheme = bodies.first()?.first_chunk::<2>()?;
        Some(SignatureScheme(u16::from_be_bytes(*scheme)))
    }

    /// The certificates of TLS 1.3, and the OCSP response of the first, if they were not compressed.
    pub(super) fn chain13(&self) -> (Vec<Vec<u8>>, Option<Vec<u8>>) {
        let bodies = self.bodies(HandshakeType::CERTIFICATE);
        let message = bodies.first().and_then(|body| Tls13Certificate::decode_exact(body).ok());
        let Some(message) = message else { return (Vec::new(), None) };
        let ocsp = message.certificate_list.first().and_then(|entry| {
            match entry.extensions.get(ExtensionType::STATUS_REQUEST) {
                Some(CertificateEntryExtension::StatusRequest(status)) => Some(status.response.to_vec()),
                _ => None,
            }
        });
        (message.certificate_list.iter().map(|entry| entry.cert_data.to_vec()).collect(), ocsp)
    }

    /// The ticket of TLS 1.2.
    pub(super) fn ticket12(&self) -> Option<Vec<u8>> {
        let bodies = self.bodies(HandshakeType::NEW_SESSION_TICKET);
        let ticket = NewSessionTicket::decode_exact(bodies.first()?).ok()?.ticket.to_vec();
        (!ticket.is_empty()).then_some(ticket)
    }

    /// The maximum size of early data that the tickets of TLS 1.3 state.
    pub(super) fn max_early_data(&self) -> u32 {
        let bodies = self.bodies(HandshakeType::NEW_SESSION_TICKET);
        let of = |body: &Vec<u8>| {
            let ticket = Tls13NewSessionTicket::decode_exact(body).ok()?;
            match ticket.extensions.get(ExtensionType::EARLY_DATA)? {
                NewSessionTicketExtension::EarlyData(size) => Some(size),
                NewSessionTicketExtension::Unknown { .. } => None,
                _ => None,
            }
        };
        bodies.iter().filter_map(of).max().unwrap_or(0)
    }
}

/// A connection after an attempt of a handshake.
pub(super) struct Shaken {
    /// The messages of the server.
    pub(super) witness: Arc<Witness>,
    /// The stream; its summary is present if the handshake was complete.
    pub(super) tls: Stream<Transport>,
    /// Whether the handshake was complete.
    pub(super) is_complete: bool,
    /// The bytes of early data that were sent.
    pub(super) early: usize,
}

impl Shaken {
    /// The negotiated parameters.
    pub(super) fn summary(&self) -> Option<&Summary> {
        self.tls.summary().filter(|_| self.is_complete)
    }

    /// Closes the connection, and reads what the server still sends, such as tickets.
    pub(super) fn close(&mut self) {
        self.tls.transport_mut().set_deadline(Some(LINGER));
        // Many servers close without close_notify.
        let _told: io::Result<()> = self.tls.close();
    }
}

/// The suites among these with which Cairn can complete a handshake that shows a certificate. RSA_PSK shows
/// one too, but needs a key that a scan does not have.
pub(super) fn implemented(suites: &[CipherSuite]) -> Vec<CipherSuite> {
    let old = |id: CipherSuite| {
        let suite = SUITES.iter().find(|suite| suite.id == id)?;
        let is_null = matches!(suite.protection, Protection::Null { .. });
        (suite.shows_certificate() && !suite.uses_psk() && !is_null).then_some(id)
    };
    let new = |id: CipherSuite| TLS13_SUITES.iter().find(|suite| suite.id == id).map(|suite| suite.id);
    suites.iter().filter_map(|id| if is_tls13(*id) { new(*id) } else { old(*id) }).collect()
}

/// The usual configuration: every certificate is accepted, because the chain is judged later. `None` if none
/// of the suites is implemented, or if such a configuration is not possible: then the probe notes what is not
/// tested, and the scan goes on.
pub(super) fn config(
    probe: &mut Probe,
    suites: &[CipherSuite],
    version: ProtocolVersion,
    change: impl FnOnce(ClientConfigBuilder) -> ClientConfigBuilder,
) -> Option<ClientConfig> {
    let suites = implemented(suites);
    if suites.is_empty() {
        return None;
    }
    let noted = |failure: Failure| {
        probe.not_tested(format!("whole handshakes of {version}: {}", failure.message()));
    };
    configured(&suites, version, change).map_err(noted).ok()
}

fn configured(
    suites: &[CipherSuite],
    version: ProtocolVersion,
    change: impl FnOnce(ClientConfigBuilder) -> ClientConfigBuilder,
) -> Result<ClientConfig, Failure> {
    let versions = if version == ProtocolVersion::TLS_1_3 { Versions::Tls13 } else { Versions::Tls12 };
    let builder = ClientConfig::builder_with(provider_for(Some(Policy::Legacy))?)
        .danger_accept_any_certificate()
        .allow_insecure_renegotiation_peers()
        .finite_field_bits(PRIMES)
        .renegotiation(Renegotiation::Requested)
        .versions(versions)
        .suites(suites)?;
    Ok(change(builder).build()?)
}

/// Connects, sends early data if there is any, and attempts a handshake.
pub(super) fn shake(
    probe: &mut Probe,
    config: &ClientConfig,
    name: &ServerName,
    early_data: &[u8],
) -> Result<Shaken, Failure> {
    let transport = probe.open()?;
    let port = transport.tcp().peer_addr().map(|address| address.port()).unwrap_or_default();
    let mut connection = Connection::client(config, (name.clone(), port));
    let witness = Arc::new(Witness::default());
    let trace: Arc<dyn Trace> = witness.clone();
    connection.set_trace(&trace);
    let mut tls = Stream::new(connection, transport)
        .map_err(|error| Failure::new(Code::Local, format!("no handshake: {error}")))?;
    let early = if early_data.is_empty() { 0 } else { tls.write_early(early_data).unwrap_or(0) };
    let is_complete = matches!(tls.handshake(), Ok(cairn_tls::Handshake::Complete));
    Ok(Shaken { witness, tls, is_complete, early })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_handshakes_use_no_suite_that_needs_a_key() {
        let offer = [
            CipherSuite::TLS_RSA_PSK_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_AES_128_GCM_SHA256,
        ];
        assert!(SUITES.iter().any(|suite| suite.id == offer[0]), "it is implemented, but needs a key");
        assert_eq!(implemented(&offer), offer[1..]);
        assert!(
            SUITES.iter().filter(|suite| suite.uses_psk()).all(|suite| implemented(&[suite.id]).is_empty())
        );
    }
}
