//! The task that writes sessions, so that no handshake waits for it, and keeps the keys of the ring current.

use crate::store::Store;
use alloc::{sync::Arc, vec::Vec};
use cairn_tokio::tls::{Session, wire::SessionId};
use core::time::Duration;
use redis::{Pipeline, Value};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

/// The number of jobs that are written at once.
const BATCH: usize = 64;

/// The time after which the keys are read again if one is missing.
const RETRY: Duration = Duration::from_secs(1);

/// The maximum time after which the keys are read again.
pub(crate) const REFRESH: Duration = Duration::from_secs(60);

/// A job of the task.
#[derive(Debug)]
pub(crate) enum Job {
    Save(Arc<Session>),
    Forget(SessionId),
    /// Reports that all earlier jobs are done.
    Flush(oneshot::Sender<()>),
}

/// Runs until all senders of jobs are gone, and all jobs are done.
pub(crate) async fn run(store: Arc<Store>, mut jobs: mpsc::Receiver<Job>, refresh: Duration) {
    let mut batch = Vec::new();
    let mut next = Instant::now();
    let mut soon = next;
    loop {
        // The keys come first: without them no session can be sealed.
        if Instant::now() >= next {
            let now = store.now();
            store.ring.refresh(&store.link, now).await;
            store.refresh_marker().await;
            soon = Instant::now() + RETRY.min(refresh);
            next = if store.ring.sealing(now).is_some() { Instant::now() + refresh } else { soon };
        }
        tokio::select! {
            () = sleep_until(next) => {}
            () = store.ring.unknown_key() => next = next.min(soon),
            count = jobs.recv_many(&mut batch, BATCH) => {
                if count == 0 {
                    return;
                }
                if !write(&store, &mut batch).await {
                    next = next.min(soon);
                }
            }
        }
    }
}

/// Writes the jobs. Returns `false` if the store has lost the key that seals, or has another one.
async fn write(store: &Store, batch: &mut Vec<Job>) -> bool {
    let now = store.now();
    let mut commands = Pipeline::new();
    store.ring.ask(now, &mut commands);
    let (mut saves, mut flushed) = (Vec::new(), Vec::new());
    for job in batch.drain(..) {
        let (is_save, is_ready) = match job {
            Job::Save(session) => (true, store.save(&session, now, &mut commands)),
            Job::Forget(id) => (false, store.forget(&id, &mut commands)),
            Job::Flush(done) => {
                flushed.push(done);
                continue;
            }
        };
        if is_ready {
            saves.push(is_save);
        } else {
            store.counters.dropped.count();
        }
    }
    let mut is_current = true;
    if !saves.is_empty() {
        let mut values = store.link.run(&commands).await.unwrap_or_default().into_iter();
        is_current = values.next().is_none_or(|salt| store.ring.is_current(now, &salt));
        for is_save in saves {
            match values.next() {
                Some(Value::Okay) if is_save => store.counters.stored.count(),
                Some(Value::Int(_)) if !is_save => {}
                _ => store.counters.dropped.count(),
            }
        }
    }
    for done in flushed {
        let _caller_is_gone = done.send(());
    }
    is_current
}
