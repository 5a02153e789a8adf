//! A server's side of a connection: the answers to the machine's questions, and the server's sessions.

use super::{ClientTrust, Inner, ServerCredentials};
use crate::{
    answered::{Answered, certificates, found, premaster, signature, verdict, verified},
    delegated,
    sessions::Sessions,
};
use alloc::sync::Arc;
use cairn_handshake::{
    Answer, ChoosePsk, ChooseServerCredential, ConsumePsk, FindPsk, FindSession, KnownPsk, Machine,
    PskChoice, PskUse, Question, Session, SessionAnswer, Tls13Reference, UnixTime, VerifyPeer,
};
use cairn_session::{Opened, Tickets};
use cairn_wire::SessionId;
use cairn_x509::Holder;

impl Inner {
    pub(crate) fn machine(&self) -> Machine {
        Machine::server(Arc::clone(&self.policy))
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// The answer to a question; `None` if the caller must answer.
    pub(crate) fn answer(&self, question: &Question<'_>) -> Option<Answered> {
        match question {
            Question::Sign(sign) => signature(sign, &self.provider),
            Question::DecryptPremaster(decrypt) => premaster(decrypt, &self.provider),
            Question::FindPsk(find) => self.psk(find),
            Question::FindSession(FindSession::ById { session_id }) => self.session(session_id),
            Question::FindSession(FindSession::ByTicket { ticket }) => {
                Some(self.open(self.tickets.as_ref()?, ticket))
            }
            Question::SealTicket(seal) => {
                Some(Answer::Ticket(self.tickets.as_ref()?.seal(seal.session, self.now())).into())
            }
            Question::ChoosePsk(choose) => self.choose_psk(choose),
            Question::ConsumePsk(consume) => self.consume_psk(consume),
            Question::ChooseServerCredential(choose) => self.credential(choose),
            Question::VerifyPeer(peer) => self.verdict(peer),
            _ => None,
        }
    }

    fn psk(&self, find: &FindPsk<'_>) -> Option<Answered> {
        let found = if self.hide_psk_identities {
            self.psks.find_or_make_up(find, &self.provider)
        } else {
            Ok(self.psks.find(find))
        };
        Some(match found {
            Ok(found) => Answer::Psk(found?).into(),
            Err(_) => Answer::Failed.into(),
        })
    }

    fn session(&self, id: &SessionId) -> Option<Answered> {
        match &self.sessions {
            Sessions::Ask => None,
            Sessions::None => Some(found(None, self.now())),
            Sessions::Store(store) => {
                let now = self.now();
                Some(found(store.get(id, now), now))
            }
        }
    }

    /// The first PSK of a TLS 1.3 client that is known: a ticket, the key of a stored session, or an external
    /// PSK.
    fn choose_psk(&self, choose: &ChoosePsk<'_>) -> Option<Answered> {
        let now = self.now();
        let in_tickets = self.policy.resumption.is_some_and(|resumption| resumption.tickets);
        let find = |identity: &[u8]| match (&self.tickets, &self.sessions) {
            (Some(tickets), _) if in_tickets => Some(tickets.open(identity, now)?.session),
            (_, Sessions::Store(store)) => store.get(&SessionId::new(identity).ok()?, now),
            _ => None,
        };
        let is_asked =
            if in_tickets { self.tickets.is_none() } else { matches!(self.sessions, Sessions::Ask) };
        if is_asked {
            return None;
        }
        let psk = choose.identities().find_map(|(index, identity)| {
            let session = find(identity).filter(|session| session.tls13().is_some());
            let external = || self.external_psks.get(identity).cloned().map(KnownPsk::External);
            Some((index, session.map(KnownPsk::Session).or_else(external)?))
        });
        if psk.is_none() && self.ask_for_external_psks {
            return None;
        }
        Some(Answer::PskChoice(PskChoice { psk, now }).into())
    }

    /// A stored session is used once, and so is its early data. A ticket can be used until it expires,
    /// because the server stores nothing about it, so the hellos with early data are remembered: by the
    /// caller, if the caller has a store.
    fn consume_psk(&self, consume: &ConsumePsk<'_>) -> Option<Answered> {
        let used = match (consume.session.tls13().map(|tls13| &tls13.reference), &self.sessions) {
            (Some(Tls13Reference::Stored(id)), Sessions::Store(store)) if store.remove(id) => {
                PskUse::Permitted
            }
            (Some(Tls13Reference::Stored(_)), Sessions::Ask) => return None,
            (Some(Tls13Reference::InTicket), _) if !consume.early_data => PskUse::Permitted,
            (Some(Tls13Reference::InTicket), Sessions::Ask) => return None,
            (Some(Tls13Reference::InTicket), _) if self.is_first_hello(consume.binder) => PskUse::Permitted,
            (Some(Tls13Reference::InTicket), _) => PskUse::WithoutEarlyData,
            _ => PskUse::AlreadyUsed,
        };
        Some(Answer::PskUse(used).into())
    }

    /// Whether the hello with this binder comes for the first time, as far as this server remembers.
    #[cfg(feature = "std")]
    fn is_first_hello(&self, binder: &[u8]) -> bool {
        self.replay_window.as_ref().is_some_and(|window| window.record(binder, self.now()))
    }

    /// Nothing is remembered without `std`.
    #[cfg(not(feature = "std"))]
    const fn is_first_hello(&self, _binder: &[u8]) -> bool {
        false
    }

    fn open(&self, tickets: &Tickets, ticket: &[u8]) -> Answered {
        let now = self.now();
        match tickets.open(ticket, now) {
            Some(Opened { session, renew: false }) => found(Some(session), now),
            Some(Opened { session, renew: true }) => {
                Answer::SessionWithOldTicket(SessionAnswer { session: Some(session), now }).into()
            }
            None => found(None, now),
        }
    }

    fn credential(&self, choose: &ChooseServerCredential<'_>) -> Option<Answered> {
        let ServerCredentials::Own(credentials) = &self.credentials else { return None };
        // If none is suitable, the machine reports the reason.
        let unsuitable = || credentials.iter().find(|credential| !choose.suits(credential)).cloned();
        Some(Answer::Credential(credentials.for_client(choose, self.now()).or_else(unsuitable)).into())
    }

    fn verdict(&self, peer: &VerifyPeer<'_>) -> Option<Answered> {
        let ClientTrust::Known { verifier, raw_keys } = &self.client_trust else { return None };
        if let Some(spki) = peer.chain.as_raw_public_key() {
            return Some(verified(raw_keys.check(spki, None).map(Into::into)));
        }
        let (certificates, now) = (certificates(peer.chain), self.now());
        let result = verifier.verify_client(&certificates, now.as_secs());
        // RFC 9345 section 4.1.3: the chain is validated first.
        let result = result.and_then(|of_chain| {
            let delegated =
                delegated::key(peer.delegated, &certificates, Holder::Client, &self.provider, now)?;
            Ok(delegated::combined(verdict(of_chain), delegated))
        });
        Some(verified(result))
    }

    /// Saves a session, or returns it if the caller stores sessions.
    pub(crate) fn save_session(&self, session: Arc<Session>) -> Option<Arc<Session>> {
        match &self.sessions {
            Sessions::Store(store) => store.put(session, self.now()),
            Sessions::Ask => return Some(session),
            Sessions::None => {}
        }
        None
    }

    /// Removes a session, or returns its ID if the caller stores sessions.
    pub(crate) fn forget_session(&self, id: SessionId) -> Option<SessionId> {
        match &self.sessions {
            Sessions::Store(store) => {
                store.remove(&id);
            }
            Sessions::Ask => return Some(id),
            Sessions::None => {}
        }
        None
    }
}
