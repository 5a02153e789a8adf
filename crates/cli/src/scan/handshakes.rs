//! Whole handshakes, for what a server only shows with keys.

use super::{facts::VersionFacts, probe::Probe, suite_kinds::is_tls13};
use crate::{failure::Failure, net::Transport};
use alloc::sync::Arc;
use cairn_tls::{
    ClientConfig, ClientConfigBuilder, ConfigError, Connection, Direction, Epoch, Handshake, Protection,
    Provider, Renegotiation, SUITES, Stream, Summary, TLS13_SUITES, Trace, Traced, Versions,
    wire::{
        CertificateEntryExtension, CipherSuite, Decode, ExtensionType, HandshakeType, NewSessionTicket,
        NewSessionTicketExtension, ProtocolVersion, SignatureScheme, Tls13Certificate, Tls13NewSessionTicket,
    },
};
use core::{fmt, time::Duration};
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

    /// Closes the connection, and reads what the server still sends, such as tickets, until it closes too or
    /// the time is over.
    pub(super) fn close(&mut self, timeout: Duration) {
        self.tls.transport_mut().set_deadline(Some(timeout));
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

/// A client for whole handshakes in one version.
pub(super) struct Client {
    config: ClientConfig,
    version: ProtocolVersion,
}

impl Client {
    /// A client that offers the accepted suites of a version. It accepts every certificate, because the
    /// chain is judged later. `None` if Cairn implements none of the suites, or if such a configuration is
    /// not possible: then the probe notes what is not tested, and the scan goes on.
    pub(super) fn new(
        probe: &mut Probe,
        known: &VersionFacts,
        change: impl FnOnce(ClientConfigBuilder) -> ClientConfigBuilder,
    ) -> Option<Self> {
        let (suites, version) = (implemented(&known.suites), known.version);
        if suites.is_empty() {
            return None;
        }
        match config(&probe.provider, &suites, version, change) {
            Ok(config) => Some(Self { config, version }),
            Err(error) => {
                not_tested(probe, version, &error);
                None
            }
        }
    }

    /// Connects, sends early data if there is any, and attempts a handshake. `None` if the handshake cannot
    /// start because the provider fails: then the probe notes what is not tested, and the scan goes on.
    pub(super) fn shake(&self, probe: &mut Probe, early_data: &[u8]) -> Result<Option<Shaken>, Failure> {
        let transport = probe.open()?;
        let port = transport.tcp().peer_addr().map(|address| address.port()).unwrap_or_default();
        let mut connection = Connection::client(&self.config, (probe.name.clone(), port));
        let witness = Arc::new(Witness::default());
        let trace: Arc<dyn Trace> = witness.clone();
        connection.set_trace(&trace);
        let mut tls = match Stream::new(connection, transport) {
            Ok(tls) => tls,
            Err(error) => {
                not_tested(probe, self.version, &error);
                return Ok(None);
            }
        };
        let early = if early_data.is_empty() { 0 } else { tls.write_early(early_data).unwrap_or(0) };
        let is_complete = matches!(tls.handshake(), Ok(Handshake::Complete));
        Ok(Some(Shaken { witness, tls, is_complete, early }))
    }
}

/// One handshake that resumes no session, with a configuration of its own. `None` as for [`Client`].
pub(super) fn shake(
    probe: &mut Probe,
    known: &VersionFacts,
    change: impl FnOnce(ClientConfigBuilder) -> ClientConfigBuilder,
) -> Result<Option<Shaken>, Failure> {
    match Client::new(probe, known, |builder| change(builder.no_resumption())) {
        Some(client) => client.shake(probe, &[]),
        None => Ok(None),
    }
}

fn not_tested(probe: &mut Probe, version: ProtocolVersion, error: &dyn fmt::Display) {
    probe.not_tested(format!("whole handshakes of {version}: {error}"));
}

fn config(
    provider: &Provider,
    suites: &[CipherSuite],
    version: ProtocolVersion,
    change: impl FnOnce(ClientConfigBuilder) -> ClientConfigBuilder,
) -> Result<ClientConfig, ConfigError> {
    let versions = if version == ProtocolVersion::TLS_1_3 { Versions::Tls13 } else { Versions::Tls12 };
    let builder = ClientConfig::builder_with(provider.clone())
        .danger_accept_any_certificate()
        .allow_insecure_renegotiation_peers()
        .finite_field_bits(PRIMES)
        .renegotiation(Renegotiation::Requested)
        .versions(versions)
        .suites(suites)?;
    change(builder).build()
}

#[cfg(all(test, any(feature = "aws-lc", feature = "rustcrypto")))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{
        super::{facts::Order, pace::Pace},
        *,
    };
    use crate::net;
    use cairn_tls::{
        ServerName,
        crypto::{CryptoError, RandomSource},
    };
    use std::net::TcpListener;

    /// A source of randomness that fails.
    struct Broken;

    impl RandomSource for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), CryptoError> {
            Err(CryptoError::RandomFailed)
        }
    }

    #[test]
    fn handshake_that_cannot_start_is_not_tested() {
        let provider = Provider { random: Arc::new(Broken), ..cairn_tls::default_provider() };
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let timeout = Duration::from_secs(60);
        let first = net::connect_to(listener.local_addr().unwrap(), timeout).unwrap();
        let name = ServerName::parse("localhost").unwrap();
        let mut probe = Probe::new(&first, &name, None, provider, timeout, Pace::new(0, 1)).unwrap();
        for (version, suite) in [
            (ProtocolVersion::TLS_1_2, CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
            (ProtocolVersion::TLS_1_3, CipherSuite::TLS_AES_128_GCM_SHA256),
        ] {
            let known = VersionFacts { version, suites: vec![suite], order: Order::Unknown };
            let client = Client::new(&mut probe, &known, |builder| builder).unwrap();
            assert!(client.shake(&mut probe, &[]).unwrap().is_none());
            let last = probe.not_tested.last().unwrap();
            assert!(last.starts_with(&format!("whole handshakes of {version}: ")), "{last}");
        }
    }

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
