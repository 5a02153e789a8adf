//! The answerer.

use crate::{
    metrics::Metrics,
    ring::Ring,
    store::{Consumed, Store},
    writer::Job,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_tokio::{
    Answerer, Reply,
    tls::{
        Answer, ChoosePsk, ConsumePsk, FindSession, KnownPsk, Notice, PskChoice, PskUse, Question,
        SessionAnswer, Tls13Reference, wire::SessionId,
    },
};
use tokio::sync::{mpsc, oneshot};

/// The sessions of a fleet of servers in Redis or Valkey. Clones share everything.
///
/// It is an [`Answerer`] for servers that are configured with `ask_for_sessions`. See the documentation of
/// the crate.
#[derive(Clone, Debug)]
pub struct RedisSessions {
    pub(crate) store: Arc<Store>,
    pub(crate) jobs: mpsc::Sender<Job>,
}

impl RedisSessions {
    /// The counters.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.store.counters.snapshot(self.store.link.is_open())
    }

    /// Keys for tickets that contain the sessions, for `ServerConfigBuilder::tickets`. All servers with the
    /// root key have the same keys, and rotate them together. Such tickets work even while the store does not
    /// answer, until the next epoch has ended. They can be used more than once.
    ///
    /// With `ask_for_sessions` beside `tickets`, this answerer records ClientHellos with early data, so that
    /// the fleet accepts each one once.
    #[must_use]
    pub fn ticket_keys(&self) -> Arc<dyn cairn_tokio::tls::session::TicketKeys> {
        let ring: Arc<Ring> = Arc::clone(&self.store.ring);
        ring
    }

    /// Waits until the keys have been read once, and each session that is in the queue now has been written
    /// or dropped. Call it before a server ends.
    pub async fn flush(&self) {
        let (done, is_done) = oneshot::channel();
        // The task ends only after the last sender, or with the runtime.
        if self.jobs.send(Job::Flush(done)).await.is_ok() {
            let _runtime_ended = is_done.await;
        }
    }

    /// A handshake never waits for room in the queue.
    fn enqueue(&self, job: Job) {
        if self.jobs.try_send(job).is_err() {
            self.store.counters.dropped.count();
        }
    }

    fn find(&self, id: SessionId) -> Reply {
        let store = Arc::clone(&self.store);
        Reply::later(async move {
            let found = store.find(&[id], |session| session.tls12().is_some()).await;
            let session = found.map(|(_, session)| session);
            Ok(Answer::Session(SessionAnswer { session, now: store.now() }))
        })
    }

    fn choose_psk(&self, choose: &ChoosePsk<'_>) -> Reply {
        let store = Arc::clone(&self.store);
        // The ticket of a stored session is its ID.
        let tickets = choose.identities().filter_map(|(place, identity)| {
            let id = SessionId::new(identity).ok().filter(|id| !id.is_empty())?;
            Some((place, id))
        });
        let (places, ids): (Vec<u16>, Vec<SessionId>) = tickets.unzip();
        Reply::later(async move {
            let found = store.find(&ids, |session| session.tls13().is_some()).await;
            let psk = found
                .and_then(|(index, session)| Some((places.get(index).copied()?, KnownPsk::Session(session))));
            Ok(Answer::PskChoice(PskChoice { psk, now: store.now() }))
        })
    }

    fn consume(&self, consume: &ConsumePsk<'_>) -> Reply {
        let refused = Reply::now(Answer::PskUse(PskUse::AlreadyUsed));
        let Some(tls13) = consume.session.tls13() else { return refused };
        let session = match &tls13.reference {
            Tls13Reference::Stored(id) => match self.store.base.session(id) {
                Ok(name) => Some(name),
                Err(_) => return refused,
            },
            Tls13Reference::InTicket => None,
            Tls13Reference::Ticket(_) => return refused,
        };
        let replay = match consume.early_data.then(|| self.store.base.replay(consume.binder)).transpose() {
            Ok(replay) => replay,
            Err(_) => return refused,
        };
        let store = Arc::clone(&self.store);
        Reply::later(async move { Ok(Answer::PskUse(store.consume(&Consumed { session, replay }).await)) })
    }
}

impl Answerer for RedisSessions {
    /// Answers the questions about sessions that are not in tickets. It never fails: if the store does not
    /// answer, no session is found.
    fn answer(&self, question: &Question<'_>) -> Reply {
        match question {
            Question::FindSession(FindSession::ById { session_id }) => self.find(**session_id),
            Question::ChoosePsk(choose) => self.choose_psk(choose),
            Question::ConsumePsk(consume) => self.consume(consume),
            _ => Reply::Declined,
        }
    }

    fn notice(&self, notice: &Notice) {
        match notice {
            Notice::SaveSession(session) => self.enqueue(Job::Save(Arc::clone(session))),
            Notice::ForgetSession(id) => self.enqueue(Job::Forget(*id)),
            _ => {}
        }
    }
}
