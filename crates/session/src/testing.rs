//! Sessions for tests.

use crate::ticket_key::{TicketAead, TicketKey, TicketKeyName};
use alloc::{sync::Arc, vec, vec::Vec};
use cairn_crypto::{CryptoError, Provider, RandomSource, Secret};
use cairn_handshake::{
    CertificateChain, Digest, Endpoint, KeyExchangeEvidence, MaxFragmentLength, Session, SessionSide,
    SessionState, Tls12Reference, Tls12Session, Tls12Ticket, UnixTime,
};
use cairn_schedule::{MasterSecret, SUITES};
use cairn_wire::SessionId;
use core::{num::NonZeroU16, time::Duration};

/// The authentication time of [`session`].
pub(crate) const NOW: UnixTime = UnixTime::from_millis(1_800_000_000_250);

/// The time `seconds` after [`NOW`].
pub(crate) fn after(seconds: u64) -> UnixTime {
    NOW.saturating_add(Duration::from_secs(seconds))
}

pub(crate) fn id(n: u32) -> SessionId {
    SessionId::new(&n.to_be_bytes()).unwrap()
}

/// A server's session.
pub(crate) fn session(n: u32) -> Session {
    Session {
        psk_identity: None,
        server_name: Some(b"example.com"[..].into()),
        alpn: Some(b"h2"[..].into()),
        peer_chain: None,
        evidence: KeyExchangeEvidence::default(),
        authenticated_at: NOW,
        not_after: Some(after(1_000_000)),
        context: Digest([0xc0; 16]),
        verified_with: Digest([0xbe; 16]),
        side: SessionSide::Server { tls_server_end_point: None },
        state: SessionState::Tls12(Tls12Session {
            reference: Tls12Reference::SessionId(id(n)),
            suite: &SUITES[0],
            protection: SUITES[0].protection,
            master_secret: MasterSecret::from(Secret::from(&[n.to_be_bytes()[3]; 48])),
            extended_master_secret: true,
            max_fragment_length: Some(MaxFragmentLength::Bytes4096),
        }),
    }
}

/// A client's session with a ticket, for example.com.
pub(crate) fn client_session(n: u32, ticket: Tls12Ticket) -> Session {
    let endpoint = Endpoint { host: b"example.com"[..].into(), port: NonZeroU16::new(443) };
    let session = Session { side: SessionSide::Client { endpoint: Some(endpoint) }, ..session(n) };
    with_tls12(session, |tls12| tls12.reference = Tls12Reference::Ticket(ticket))
}

/// The session with another part for TLS 1.2.
pub(crate) fn with_tls12(mut session: Session, change: impl FnOnce(&mut Tls12Session)) -> Session {
    let SessionState::Tls12(tls12) = &mut session.state else { panic!("a session of TLS 1.3") };
    change(tls12);
    session
}

/// The session as opening a ticket returns it.
pub(crate) fn without_id(session: Session) -> Session {
    with_tls12(session, |tls12| tls12.reference = Tls12Reference::InTicket)
}

/// A chain of one certificate whose message body has `length` bytes.
pub(crate) fn chain(length: usize) -> Arc<CertificateChain> {
    let certificate: Vec<u8> = vec![0xce; length - 6];
    Arc::new(CertificateChain::new(&[&certificate]).unwrap())
}

/// The default provider.
pub(crate) fn provider() -> Arc<Provider> {
    Arc::new(cairn_provider_aws_lc::provider())
}

/// The default provider with another source of randomness.
pub(crate) fn provider_with(random: impl RandomSource + 'static) -> Arc<Provider> {
    Arc::new(Provider { random: Arc::new(random), ..cairn_provider_aws_lc::provider() })
}

/// The nth key, created at [`NOW`].
pub(crate) fn ticket_key(n: u8) -> Arc<TicketKey> {
    let (name, secret) = (TicketKeyName([n; 16]), Secret::from(&[n.wrapping_add(1); 32]));
    Arc::new(TicketKey::from_parts(name, TicketAead::Aes256Gcm, secret, NOW).unwrap())
}

/// Returns the same byte again and again.
pub(crate) struct Always(pub(crate) u8);

impl RandomSource for Always {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.fill(self.0);
        Ok(())
    }
}

/// Always fails.
pub(crate) struct NoRandom;

impl RandomSource for NoRandom {
    fn fill(&self, _out: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::RandomFailed)
    }
}
