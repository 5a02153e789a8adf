//! Encoded sessions, tickets, and ticket keys.

use crate::scenarios::scenarios;
use crate::world::{NOW, provider, rewind, ticket_key};
use cairn_session::{
    SharedKeys, TicketKey, Tickets, decode_session, encode_session, open_ticket, seal_ticket, ticket_key_name,
};
use cairn_tls::{Side, Tls12Reference};
use std::sync::Arc;

/// The first byte determines what the rest is parsed as.
///
/// # Panics
/// If a decoded value has another encoding than the input, or a forged ticket opens.
pub fn run(input: &[u8]) {
    rewind();
    let Some((what, bytes)) = input.split_first() else { return };
    let provider = provider(Side::Server);
    match what % 4 {
        0 => match decode_session(bytes) {
            Ok(session) => {
                let again = encode_session(&session).unwrap();
                assert_eq!(again.expose(), bytes);
                // A server's session can be sealed into a ticket, unless it is too long.
                if let Ok(ticket) = seal_ticket(provider, &ticket_key(), &session) {
                    let opened = open_ticket(provider, &ticket_key(), &ticket).unwrap();
                    assert_eq!(opened.suite().id(), session.suite().id());
                    if let (Some(opened), Some(session)) = (opened.tls12(), session.tls12()) {
                        assert_eq!(opened.master_secret, session.master_secret);
                        assert_eq!(opened.reference, Tls12Reference::InTicket);
                    }
                    if let (Some(opened), Some(session)) = (opened.tls13(), session.tls13()) {
                        assert_eq!(opened.psk, session.psk);
                    }
                    assert_eq!(opened.tls13().is_some(), session.tls13().is_some());
                }
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        },
        1 => {
            let name = ticket_key_name(bytes);
            assert!(open_ticket(provider, &ticket_key(), bytes).is_none(), "it was never sealed");
            let keys = Arc::new(SharedKeys::new([ticket_key()]));
            assert!(Tickets::new(Arc::new(provider.clone()), keys).open(bytes, NOW).is_none());
            assert!(name.is_none_or(|name| bytes.starts_with(&name.0)));
        }
        2 => {
            if let Ok(key) = TicketKey::decode(bytes) {
                assert_eq!(key.encode().expose(), bytes);
            }
        }
        // A ticket of ours with one changed byte.
        _ => {
            let [scenario, high, low, by, ..] = *bytes else { return };
            let scenarios = scenarios();
            let scenario = &scenarios[usize::from(scenario) % scenarios.len()];
            let Some(session) = scenario.session(Side::Server) else { return };
            let mut ticket = seal_ticket(provider, &ticket_key(), &session).unwrap();
            let at = usize::from(u16::from_be_bytes([high, low])) % ticket.len();
            ticket[at] ^= by;
            assert_eq!(open_ticket(provider, &ticket_key(), &ticket).is_some(), by == 0);
        }
    }
}

/// The sessions of our scenarios, a key, and tickets.
///
/// # Panics
/// Never: our sessions can be encoded.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![[&[2], ticket_key().encode().expose()].concat()];
    for (place, scenario) in scenarios().iter().enumerate() {
        for session in [Side::Client, Side::Server].into_iter().filter_map(|side| scenario.session(side)) {
            seeds.push([&[0], encode_session(&session).unwrap().expose()].concat());
            let Ok(ticket) = seal_ticket(provider(Side::Server), &ticket_key(), &session) else { continue };
            // Unchanged it would open.
            let cut = &ticket[..ticket.len() - 20];
            seeds.push([&[1], cut].concat());
            seeds.push(vec![3, u8::try_from(place).unwrap(), 0, 40, 1]);
        }
    }
    seeds
}
