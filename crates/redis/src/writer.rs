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

/// The time after which missing keys are looked for again.
const RETRY: Duration = Duration::from_secs(1);

/// The maximum time between two looks at the keys.
pub(crate) const REFRESH: Duration = Duration::from_secs(60);

/// What the task does.
#[derive(Debug)]
pub(crate) enum Job {
    Save(Arc<Session>),
    Forget(SessionId),
    /// Says when all earlier jobs are done.
    Flush(oneshot::Sender<()>),
}

/// Runs until all senders of jobs are gone, and all jobs are done.
pub(crate) async fn run(store: Arc<Store>, mut jobs: mpsc::Receiver<Job>, refresh: Duration) {
    let mut batch = Vec::new();
    let mut next = Instant::now();
    loop {
        // The keys come first: without them no session can be sealed.
        if Instant::now() >= next {
            let now = store.now();
            store.ring.refresh(&store.link, now).await;
            store.refresh_marker().await;
            let has_key = store.ring.sealing(now).is_some();
            next = Instant::now() + if has_key { refresh } else { RETRY.min(refresh) };
        }
        tokio::select! {
            () = sleep_until(next) => {}
            count = jobs.recv_many(&mut batch, BATCH) => {
                if count == 0 {
                    return;
                }
                write(&store, &mut batch).await;
            }
        }
    }
}

async fn write(store: &Store, batch: &mut Vec<Job>) {
    let mut commands = Pipeline::new();
    let (mut saves, mut flushed) = (Vec::new(), Vec::new());
    for job in batch.drain(..) {
        let (is_save, is_ready) = match job {
            Job::Save(session) => (true, store.save(&session, &mut commands)),
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
    if !commands.is_empty() {
        let values = store.link.run(&commands).await.unwrap_or_default();
        let mut values = values.into_iter();
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
}
