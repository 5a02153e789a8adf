//! Opening a ticket: deriving its key and opening its AEAD (RFC 5077 section 4).
//!
//! The secret is that of the ticket key. The content of a ticket that opens is not checked, because the
//! server itself created it.

use crate::subject::{Fault, Subject, Trial, Variant, function, line};
use crate::valgrind;
use cairn_crypto::{Provider, Secret};
use cairn_handshake::{
    KeyExchangeEvidence, Session, SessionSide, SessionState, Tls12Reference, Tls12Session, UnixTime,
};
use cairn_schedule::{MasterSecret, SUITES};
use cairn_session::{TicketAead, TicketKey, TicketKeyName, open_ticket, seal_ticket};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn key(aead: TicketAead, hidden: bool) -> Result<TicketKey, Fault> {
    let mut secret = [9; 32];
    if hidden {
        valgrind::hide(&mut secret);
    }
    Ok(TicketKey::from_parts(TicketKeyName([7; 16]), aead, Secret::from(&secret), NOW)?)
}

fn session() -> Session {
    Session {
        psk_identity: None,
        server_name: Some(b"example.com"[..].into()),
        alpn: Some(b"h2"[..].into()),
        peer_chain: None,
        evidence: KeyExchangeEvidence::default(),
        authenticated_at: NOW,
        not_after: None,
        context: Default::default(),
        verified_with: Default::default(),
        side: SessionSide::Server { tls_server_end_point: None },
        state: SessionState::Tls12(Tls12Session {
            reference: Tls12Reference::InTicket,
            suite: &SUITES[0],
            protection: SUITES[0].protection,
            master_secret: MasterSecret::from(Secret::from(&[5; 48])),
            extended_master_secret: true,
            max_fragment_length: None,
        }),
    }
}

struct Opening {
    provider: Provider,
    key: TicketKey,
    ticket: Vec<u8>,
    opens: bool,
    opened: bool,
}

impl Trial for Opening {
    fn run(&mut self) {
        self.opened = open_ticket(&self.provider, &self.key, &self.ticket).is_some();
    }

    fn check(&mut self) -> Result<(), Fault> {
        valgrind::reveal(&mut self.opened);
        if self.opened == self.opens { Ok(()) } else { Err("wrong result".into()) }
    }
}

/// The modified bytes, by their distance from the end.
const VARIANTS: [(&str, &[usize]); 6] = [
    ("first byte of the tag", &[16]),
    ("last byte of the tag", &[1]),
    ("all of the tag", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    ("last byte of the session", &[17]),
    ("first bytes of the session", &[70, 71, 72]),
    ("nothing", &[]),
];

fn subject(name: &str, aead: TicketAead) -> Subject {
    let variant = |(name, wrong): (&'static str, &'static [usize])| {
        let opens = wrong.is_empty();
        let new = Variant::new(name, if opens { "taken" } else { "refused" }, move || {
            let provider = cairn_provider_aws_lc::provider();
            let mut ticket = seal_ticket(&provider, &key(aead, false)?, &session())?;
            let end = ticket.len();
            for from_end in wrong {
                ticket[end - from_end] ^= 0x80;
            }
            Ok(Opening { provider, key: key(aead, true)?, ticket, opens, opened: !opens })
        });
        Variant { watched: !opens, ..new }
    };
    Subject {
        name: format!("ticket-{name}"),
        about: format!("a ticket opened that is sealed with {name}"),
        variants: VARIANTS.map(variant).into(),
        verdicts: vec![
            line(
                "crates/session/src/ticket_key.rs",
                "if ct_eq(secret.expose(), &[0; Self::SECRET_LEN]) {",
                "a secret of zeros is rejected when the key is created",
            ),
            function(
                "aead_aes_gcm_open",
                "AWS-LC's verdict on the tag: the server then establishes a new session",
            ),
            function("aead_chacha20_poly1305_open", "the same"),
        ],
        leaks: None,
    }
}

pub(crate) fn subjects() -> Vec<Subject> {
    vec![
        subject("AES-256-GCM", TicketAead::Aes256Gcm),
        subject("ChaCha20-Poly1305", TicketAead::ChaCha20Poly1305),
    ]
}
