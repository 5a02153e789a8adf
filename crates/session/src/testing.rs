//! Sessions for tests.

use alloc::{sync::Arc, vec, vec::Vec};
use cairn_crypto::Secret;
use cairn_handshake::{CertificateChain, Session, UnixTime};
use cairn_schedule::{MasterSecret, SUITES};
use cairn_wire::SessionId;

/// When [`session`] was authenticated.
pub(crate) const NOW: UnixTime = UnixTime(1_800_000_000);

pub(crate) fn id(n: u32) -> SessionId {
    SessionId::new(&n.to_be_bytes()).unwrap()
}

pub(crate) fn session(n: u32) -> Session {
    Session {
        session_id: id(n),
        suite: &SUITES[0],
        master_secret: MasterSecret::from(Secret::from(&[n.to_be_bytes()[3]; 48])),
        extended_master_secret: true,
        encrypt_then_mac: false,
        server_name: Some(b"example.com"[..].into()),
        alpn: Some(b"h2".to_vec()),
        max_fragment_length: Some(4096),
        peer_chain: None,
        authenticated_at: NOW,
        context_id: b"context".to_vec(),
    }
}

/// A chain of one certificate so long that the body of its message has `length` bytes.
pub(crate) fn chain(length: usize) -> Arc<CertificateChain> {
    let certificate: Vec<u8> = vec![0xce; length - 6];
    Arc::new(CertificateChain::new(&[&certificate]).unwrap())
}
