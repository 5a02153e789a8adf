//! The result of a handshake.

use super::end::End;
use cairn_handshake::{CertificateChain, Session, SessionState, Tls12Reference, Tls12Session, Tls12Ticket};
use cairn_schedule::{Direction, KeyChange, Keys};

/// The cipher key of a change.
pub fn cipher_key(change: &KeyChange) -> &[u8] {
    let Keys::Tls12(keys) = &change.keys else { panic!("keys of TLS 1.2") };
    keys.cipher_key()
}

/// Whether the keys are for CBC with encrypt-then-MAC.
pub fn encrypts_then_macs(change: &KeyChange) -> bool {
    let Keys::Tls12(keys) = &change.keys else { panic!("keys of TLS 1.2") };
    keys.protection().is_encrypt_then_mac()
}

/// Whether both sides are complete with the same keys and the same parameters.
pub fn agree(client: &End, server: &End) -> bool {
    let (Some(ours), Some(theirs)) = (&client.complete, &server.complete) else { return false };
    let key = |end: &End, direction| {
        let change = end.keys.iter().rfind(|change| change.direction == direction).unwrap();
        let Keys::Tls12(keys) = &change.keys else { panic!("keys of TLS 1.2") };
        let bytes = [keys.mac_key(), keys.cipher_key(), keys.fixed_iv()].concat();
        (bytes, keys.protection(), change.epoch)
    };
    key(client, Direction::Write) == key(server, Direction::Read)
        && key(client, Direction::Read) == key(server, Direction::Write)
        && ours.parameters == theirs.parameters
        && ours.group() == theirs.group()
        && ours.alpn == theirs.alpn
        && ours.record_size_limits.map(|limits| (limits.ours, limits.theirs))
            == theirs.record_size_limits.map(|limits| (limits.theirs, limits.ours))
        && ours.server_name == theirs.server_name
        && ours.is_resumed() == theirs.is_resumed()
        && (!ours.is_resumed() || ours.resumption == theirs.resumption)
        && ours.server_signature_scheme() == theirs.server_signature_scheme()
        && ours.client_signature_scheme() == theirs.client_signature_scheme()
        && ours.psk_identity == theirs.psk_identity
}

/// The body of a TLS 1.2 Certificate message.
pub fn certificate_body(chain: &CertificateChain) -> Vec<u8> {
    let mut body = Vec::new();
    chain.encode_tls12(&mut cairn_wire::Writer::vec(&mut body)).unwrap();
    assert_eq!(body.len(), chain.tls12_len());
    body
}

/// The ticket of a client's session.
pub const fn ticket_mut(session: &mut Session) -> &mut Tls12Ticket {
    match &mut tls12_mut(session).reference {
        Tls12Reference::Ticket(ticket) => ticket,
        _ => panic!("the session has no ticket"),
    }
}

/// The part of a session for TLS 1.2.
pub const fn tls12_mut(session: &mut Session) -> &mut Tls12Session {
    match &mut session.state {
        SessionState::Tls12(tls12) => tls12,
        SessionState::Tls13(_) => panic!("a session of TLS 1.3"),
    }
}
