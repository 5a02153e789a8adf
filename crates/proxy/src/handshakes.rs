//! The connections that have not begun to forward data. If there are too many, the oldest ends.

use alloc::{collections::BTreeMap, sync::Arc};
use core::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The unfinished handshakes of a listener, by age.
#[derive(Debug, Default)]
pub(crate) struct Handshakes(Mutex<Unfinished>);

#[derive(Debug, Default)]
struct Unfinished {
    next: u64,
    by_age: BTreeMap<u64, oneshot::Sender<()>>,
}

/// The place of one handshake. Dropping it frees the place.
#[derive(Debug)]
pub(crate) struct Place {
    handshakes: Arc<Handshakes>,
    number: u64,
    ended: oneshot::Receiver<()>,
}

impl Handshakes {
    fn lock(&self) -> MutexGuard<'_, Unfinished> {
        // A thread that panicked has left the map valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place. If `most` are taken, the oldest handshake ends.
    pub(crate) fn begin(self: &Arc<Self>, most: usize) -> Place {
        let (end, ended) = oneshot::channel();
        let mut unfinished = self.lock();
        while unfinished.by_age.len() >= most.max(1)
            && let Some((_, oldest)) = unfinished.by_age.pop_first()
        {
            // Its task may have ended meanwhile.
            let _gone = oldest.send(());
        }
        let number = unfinished.next;
        unfinished.next = number.wrapping_add(1);
        unfinished.by_age.insert(number, end);
        drop(unfinished);
        Place { handshakes: Arc::clone(self), number, ended }
    }
}

impl Place {
    /// Returns when this handshake must end in favor of a newer one.
    pub(crate) async fn is_needed(&mut self) {
        if (&mut self.ended).await.is_err() {
            // The sender is only dropped with the place.
            pending::<()>().await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.handshakes.lock().by_age.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use core::time::Duration;
    use tokio::time::timeout;

    #[tokio::test(start_paused = true)]
    async fn the_oldest_unfinished_handshake_ends_if_there_are_too_many() {
        let handshakes = Arc::new(Handshakes::default());
        let second = Duration::from_secs(1);
        let mut first = handshakes.begin(2);
        let finished = handshakes.begin(2);
        drop(finished);
        let mut third = handshakes.begin(2);
        timeout(second, first.is_needed()).await.unwrap_err();
        let mut fourth = handshakes.begin(2);
        timeout(second, first.is_needed()).await.unwrap();
        timeout(second, third.is_needed()).await.unwrap_err();
        // A smaller limit ends as many as needed.
        let _fifth = handshakes.begin(1);
        timeout(second, third.is_needed()).await.unwrap();
        timeout(second, fourth.is_needed()).await.unwrap();
        drop((first, third, fourth));
        assert_eq!(handshakes.lock().by_age.len(), 1);
    }
}
