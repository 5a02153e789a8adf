//! Where sessions are stored: stores or ticket keys that all configurations of a test share, or a caller that
//! offers every session.

use crate::support::{End, Pair, provider};
use cairn_tls::{
    Answer, ClientConfig, ClientConfigBuilder, Connection, FindSession, NewTicket, NotResumed, Notice,
    PeerKey, Question, ServerConfig, ServerConfigBuilder, ServerEndpoint, Session, SessionAnswer, UnixTime,
    Verified,
    session::{ClientCache, NoSessions, ServerCache, SharedKeys, TicketKey},
    x509::{CertificateFacts, raw_key},
};
use std::sync::Arc;

/// The key properties reported by a caller that verifies peers.
pub(super) type Verdict = fn(PeerKey) -> Answer;

/// Stores the sessions of a test, for all its configurations.
pub(super) struct Keeper {
    /// The name, for messages.
    pub(super) what: &'static str,
    tickets: bool,
    caller: bool,
    client_store: Arc<ClientCache>,
    server_store: Arc<ServerCache>,
    ring: Arc<SharedKeys>,
    /// Stored by the caller: the client's newest session, all sessions of the server, and those in its
    /// tickets.
    ours: Option<Arc<Session>>,
    theirs: Vec<Arc<Session>>,
    sealed: Vec<Arc<Session>>,
    /// The time that the caller supplies.
    pub(super) now: u64,
    /// The results of callers that verify peers.
    pub(super) verdict: Verdict,
}

/// One of each kind: by session ID and by ticket, in stores and with callers.
pub(super) fn keepers() -> impl Iterator<Item = Keeper> {
    let kinds = [
        ("IDs in a store", false, false),
        ("tickets of shared keys", true, false),
        ("IDs kept by the caller", false, true),
        ("tickets sealed by the caller", true, true),
    ];
    kinds.into_iter().map(|(what, tickets, caller)| {
        let key = TicketKey::generate(provider(), UnixTime::from_secs(crate::support::NOW)).unwrap();
        Keeper {
            what,
            tickets,
            caller,
            client_store: Arc::new(ClientCache::new(16)),
            server_store: Arc::new(ServerCache::new(16)),
            ring: Arc::new(SharedKeys::new([Arc::new(key)])),
            ours: None,
            theirs: Vec::new(),
            sealed: Vec::new(),
            now: crate::support::NOW,
            verdict: |key| Answer::PeerVerified(key.into()),
        }
    })
}

impl Keeper {
    /// A client whose sessions are stored here.
    pub(super) fn client(&self, builder: ClientConfigBuilder) -> ClientConfig {
        let builder = if self.tickets { builder } else { builder.no_tickets() };
        let builder = if self.caller {
            builder.ask_for_sessions()
        } else {
            builder.sessions(self.client_store.clone())
        };
        builder.build().unwrap()
    }

    /// A server whose sessions are stored here.
    pub(super) fn server(&self, builder: ServerConfigBuilder) -> ServerConfig {
        match (self.caller, self.tickets) {
            (false, false) => builder.sessions(self.server_store.clone()),
            (false, true) => builder.sessions(Arc::new(NoSessions)).tickets(self.ring.clone()),
            (true, false) => builder.ask_for_sessions(),
            (true, true) => builder.sessions(Arc::new(NoSessions)).ask_for_tickets(),
        }
        .build()
        .unwrap()
    }

    /// A connection to `server.test`.
    pub(super) fn connect(&mut self, client: &ClientConfig, server: &ServerConfig) -> Pair {
        self.connect_to(crate::support::name(), client, server)
    }

    /// A connection, run until neither side has output.
    pub(super) fn connect_to(
        &mut self,
        to: impl Into<ServerEndpoint>,
        client: &ClientConfig,
        server: &ServerConfig,
    ) -> Pair {
        let mut pair = Pair::of(Connection::client(client, to), Connection::server(server));
        loop {
            let before = (self.serve(&mut pair.client), self.serve(&mut pair.server));
            pair.run();
            if before == (false, false) && pair.client.asked.is_none() && pair.server.asked.is_none() {
                break;
            }
        }
        self.serve(&mut pair.client);
        self.serve(&mut pair.server);
        pair
    }

    /// Answers a side's questions, and executes its notices.
    pub(super) fn serve(&mut self, end: &mut End) -> bool {
        let mut asked = false;
        while let Some((id, question)) = end.conn.question() {
            let answer = self.answer(&question);
            end.asked = None;
            end.conn.answer(id, answer, &mut end.outbox).unwrap();
            end.take(&[]);
            asked = true;
        }
        let is_client = end.conn.reader().side() == cairn_tls::Side::Client;
        while let Some(notice) = end.conn.reader_mut().next_notice() {
            match notice {
                Notice::SaveSession(session) if is_client => self.ours = Some(session),
                Notice::SaveSession(session) => self.theirs.push(session),
                Notice::ForgetSession(id) if is_client => {
                    self.ours.take_if(|session| *session.tls12().unwrap().session_id() == id);
                }
                Notice::ForgetSession(id) => {
                    self.theirs.retain(|session| *session.tls12().unwrap().session_id() != id);
                }
                other => panic!("{other:?}"),
            }
        }
        asked
    }

    fn answer(&mut self, question: &Question<'_>) -> Answer {
        let session = |session: Option<&Arc<Session>>| {
            Answer::Session(SessionAnswer { session: session.cloned(), now: UnixTime::from_secs(self.now) })
        };
        match question {
            Question::FindSession(FindSession::ForServer { .. }) => session(self.ours.as_ref()),
            Question::FindSession(FindSession::ById { session_id }) => session(
                self.theirs.iter().find(|session| *session.tls12().unwrap().session_id() == **session_id),
            ),
            Question::FindSession(FindSession::ByTicket { ticket }) => {
                let place = ticket.strip_prefix(b"ticket ").map(|place| usize::from(place[0]));
                session(place.and_then(|place| self.sealed.get(place)))
            }
            Question::SealTicket(seal) => {
                let ticket = [&b"ticket "[..], &[u8::try_from(self.sealed.len()).unwrap()]].concat();
                self.sealed.push(Arc::new(seal.session.clone()));
                Answer::Ticket(Some(NewTicket { ticket, lifetime_hint: 0 }))
            }
            Question::VerifyPeer(peer) => {
                let public_key = match peer.chain.as_raw_public_key() {
                    Some(spki) => raw_key::decode(spki).unwrap(),
                    None => CertificateFacts::from_der(peer.chain.end_entity().unwrap())
                        .unwrap()
                        .public_key
                        .unwrap(),
                };
                (self.verdict)(PeerKey { public_key, may_sign: true, may_encrypt: true, only_scheme: None })
            }
            other => panic!("{other:?}"),
        }
    }

    /// A full handshake under the first pair of configurations, then an attempt to resume under the second:
    /// the reason why it fails, as seen by the client and by the server.
    pub(super) fn outcome(
        &mut self,
        before: (&ClientConfig, &ServerConfig),
        after: (&ClientConfig, &ServerConfig),
    ) -> Outcome {
        let first = self.connect(before.0, before.1);
        assert!(first.complete(), "{}: {} / {}", self.what, first.client.fault(), first.server.fault());
        assert!(!first.client.summary().is_resumed(), "{}", self.what);
        self.again(after.0, after.1)
    }

    /// An attempt to resume a stored session.
    pub(super) fn again(&mut self, client: &ClientConfig, server: &ServerConfig) -> Outcome {
        let pair = self.connect(client, server);
        assert!(pair.complete(), "{}: {} / {}", self.what, pair.client.fault(), pair.server.fault());
        let (client, server) = (pair.client.summary(), pair.server.summary());
        assert_eq!(client.is_resumed(), server.is_resumed(), "{}", self.what);
        if client.is_resumed() {
            assert_eq!(client.resumption, server.resumption, "{}", self.what);
            return RESUMED;
        }
        Outcome::Full { client: client.resumption.not_resumed(), server: server.resumption.not_resumed() }
    }

    /// The expected result for a client with a session of another configuration: it does not find it in the
    /// shared store, and does not offer one from the caller.
    pub(super) fn client_passes_over(&self, reason: NotResumed) -> Outcome {
        Outcome::Full { client: self.caller.then_some(reason), server: None }
    }
}

/// The result of an attempt to resume a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Resumed,
    /// A full handshake, with the reason that each side sees.
    Full {
        client: Option<NotResumed>,
        server: Option<NotResumed>,
    },
}

pub(super) const RESUMED: Outcome = Outcome::Resumed;

/// The server finds the reason, and the client sees a full handshake.
pub(super) const fn server_finds(reason: NotResumed) -> Outcome {
    Outcome::Full { client: Some(NotResumed::DeclinedByServer), server: Some(reason) }
}

/// A verdict that holds until this second.
pub(super) const fn until(key: PeerKey, not_after: u64) -> Answer {
    Answer::PeerVerified(Verified { key, not_after: Some(UnixTime::from_secs(not_after)) })
}
